/* SPDX-License-Identifier: BSD-2-Clause */
#include "crypto_test.h"

#include <openssl/x509.h>

#include "crypto/cert.h"

/*
 * openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes
 * -days 3650 -subj "/C=DE/O=Test/CN=cert" -outform DER
 */
#define CERT "308201aa30820150a00302010202134b" \
	"06c70fafeff43e8b93dd0941dd68c700" \
	"25e0300a06082a8648ce3d040302302b310b3009060355040613024445310d30" \
	"0b060355040a0c0454657374310d300b06035504030c0463657274301e170d32" \
	"36313132323133343733385a170d3336313131393133343733385a302b310b30" \
	"09060355040613024445310d300b060355040a0c0454657374310d300b060355" \
	"04030c04636572743059301306072a8648ce3d020106082a8648ce3d03010703" \
	"42000421607d6455196fac8a2ee7159b299c3f340d357b7c5f1d70b577ac003e" \
	"a3dde52bdad70c78bd00b4955eb9087f827ac8ad1e1add40fb2dbb8b427199d9" \
	"4e241da3533051301d0603551d0e041604143569e29e70d07ee4d7079b198cf8" \
	"f7fcdb92ff06301f0603551d230418301680143569e29e70d07ee4d7079b198c" \
	"f8f7fcdb92ff06300f0603551d130101ff040530030101ff300a06082a8648ce" \
	"3d040302034800304502202cc41e8015d77378c4960d0e9e5542ae34881c2c3f" \
	"4d5637d8d83415151aa69d022100e600489ea9977808430e7e68cfdfac7e9c2d" \
	"6aa77856eb3b3f7e358ddd7b081e"

/* As openssl asn1parse -strparse cuts them out of it. */
#define NAME "302b310b300906035504061302444531" \
	"0d300b060355040a0c0454657374310d" \
	"300b06035504030c0463657274"
#define SERIAL "02134b06c70fafeff43e8b93dd0941dd68c70025e0"
#define INFO "3059301306072a8648ce3d020106082a" \
	"8648ce3d0301070342000421607d6455" \
	"196fac8a2ee7159b299c3f340d357b7c5f1d70b577ac003ea3dde52bdad70c78" \
	"bd00b4955eb9087f827ac8ad1e1add40fb2dbb8b427199d94e241d"

static void
parts_are_those_of_the_certificate(void **state)
{
	struct buf der = hex(CERT);
	struct cert_parts p;

	(void)state;
	assert_int_equal(cert_read(buf_view(&der), &p), CKR_OK);
	assert_hex(&p.subject, NAME);
	assert_hex(&p.issuer, NAME);
	assert_hex(&p.serial, SERIAL);
	assert_hex(&p.public_key_info, INFO);
	cert_parts_free(&p);
	assert_null(p.subject.data);
	cert_parts_free(&p);
	buf_free(&der);
}

/* Subject and issuer differ, and there is no [0] version: X.509 v1. */
static void
a_version_1_certificate_is_read(void **state)
{
	X509 *x = X509_new();
	X509_NAME *name = X509_NAME_new();
	EVP_PKEY *k = EVP_EC_gen("P-384");
	struct cert_parts p;
	uint8_t *der = NULL, *own = NULL;
	int len;

	(void)state;
	X509_set_version(x, X509_VERSION_1);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
	    (const uint8_t *)"issuer", -1, -1, 0);
	X509_set_issuer_name(x, name);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
	    (const uint8_t *)"subject", -1, -1, 0);
	X509_set_subject_name(x, name);
	ASN1_INTEGER_set(X509_get_serialNumber(x), 200);
	X509_gmtime_adj(X509_getm_notBefore(x), 0);
	X509_gmtime_adj(X509_getm_notAfter(x), 60);
	X509_set_pubkey(x, k);
	assert_true(X509_sign(x, k, EVP_sha256()) > 0);
	len = i2d_X509(x, &der);
	assert_int_equal(cert_read(view_of(der, (size_t)len), &p), CKR_OK);
	assert_hex(&p.serial, "020200c8");
	len = i2d_X509_NAME(name, &own);
	assert_view(buf_view(&p.subject), view_of(own, (size_t)len));
	OPENSSL_free(own);
	own = NULL;
	len = i2d_X509_NAME(X509_get_issuer_name(x), &own);
	assert_view(buf_view(&p.issuer), view_of(own, (size_t)len));
	OPENSSL_free(own);
	own = NULL;
	len = i2d_PUBKEY(k, &own);
	assert_view(buf_view(&p.public_key_info), view_of(own, (size_t)len));
	OPENSSL_free(own);
	OPENSSL_free(der);
	cert_parts_free(&p);
	X509_NAME_free(name);
	EVP_PKEY_free(k);
	X509_free(x);
}

static void
a_cut_or_longer_certificate_is_none(void **state)
{
	struct buf der = hex(CERT);
	struct cert_parts p;
	size_t i;

	(void)state;
	for (i = 0; i < der.len; i++) {
		/* on its own, so that the sanitizer sees a step too far */
		struct buf cut = BUF_EMPTY;

		assert_int_equal(buf_set(&cut, view_of(der.data, i)), CKR_OK);
		assert_int_equal(cert_read(buf_view(&cut), &p),
		    CKR_ATTRIBUTE_VALUE_INVALID);
		buf_free(&cut);
	}
	assert_int_equal(buf_append(&der, view_of("", 1)), CKR_OK);
	assert_int_equal(cert_read(buf_view(&der), &p),
	    CKR_ATTRIBUTE_VALUE_INVALID);
	buf_free(&der);
}

/* Whatever a changed length says, nothing outside is read. */
static void
no_changed_byte_leads_outside(void **state)
{
	static const uint8_t values[] = { 0, 1, 0x30, 0x7f, 0x80, 0x81, 0x84,
		0x88, 0xff };
	struct buf der = hex(CERT);
	struct cert_parts p;
	size_t i, j;

	(void)state;
	for (i = 0; i < der.len; i++) {
		uint8_t was = der.data[i];

		for (j = 0; j < sizeof(values); j++) {
			der.data[i] = values[j];
			if (cert_read(buf_view(&der), &p) == CKR_OK)
				cert_parts_free(&p);
		}
		der.data[i] = was;
	}
	buf_free(&der);
}

static void
other_der_is_no_certificate(void **state)
{
	struct buf info = hex(INFO), name = hex(NAME);
	struct cert_parts p;

	(void)state;
	assert_int_equal(cert_read(buf_view(&info), &p),
	    CKR_ATTRIBUTE_VALUE_INVALID);
	assert_int_equal(cert_read(buf_view(&name), &p),
	    CKR_ATTRIBUTE_VALUE_INVALID);
	assert_int_equal(cert_read(VIEW_EMPTY, &p),
	    CKR_ATTRIBUTE_VALUE_INVALID);
	assert_int_equal(cert_read(view_str("-----BEGIN CERTIFICATE"), &p),
	    CKR_ATTRIBUTE_VALUE_INVALID);
	/* lengths in BER's indefinite form */
	assert_int_equal(cert_read(view_of("\x30\x80\x30\x80\0\0\0\0", 8),
	    &p), CKR_ATTRIBUTE_VALUE_INVALID);
	buf_free(&info);
	buf_free(&name);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parts_are_those_of_the_certificate),
		cmocka_unit_test(a_version_1_certificate_is_read),
		cmocka_unit_test(a_cut_or_longer_certificate_is_none),
		cmocka_unit_test(no_changed_byte_leads_outside),
		cmocka_unit_test(other_der_is_no_certificate),
	};

	return RUN_CRYPTO(tests);
}

/* SPDX-License-Identifier: BSD-2-Clause */
#include "crypto/digest.h"

#include "crypto/internal.h"
#include "util/mem.h"

#define INFO(s) { (const uint8_t *)(s), sizeof(s) - 1 }
/* The DigestInfo of a hash in NIST's arc, 2.16.840.1.101.3.4.2.n. */
#define INFO_NIST(total, n, size) \
	INFO("\x30" total "\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02" \
	    n "\x05\x00\x04" size)

const struct hash hashes[HASH_COUNT] = {
	{ CKM_SHA_1, "SHA1", 20, 64, CKG_MGF1_SHA1,
	    INFO("\x30\x21\x30\x09\x06\x05\x2b\x0e\x03\x02\x1a\x05\x00\x04"
	    "\x14") },
	{ CKM_SHA224, "SHA2-224", 28, 64, CKG_MGF1_SHA224,
	    INFO_NIST("\x2d", "\x04", "\x1c") },
	{ CKM_SHA256, "SHA2-256", 32, 64, CKG_MGF1_SHA256,
	    INFO_NIST("\x31", "\x01", "\x20") },
	{ CKM_SHA384, "SHA2-384", 48, 128, CKG_MGF1_SHA384,
	    INFO_NIST("\x41", "\x02", "\x30") },
	{ CKM_SHA512, "SHA2-512", 64, 128, CKG_MGF1_SHA512,
	    INFO_NIST("\x51", "\x03", "\x40") },
	{ CKM_SHA512_224, "SHA2-512/224", 28, 128, 0,
	    INFO_NIST("\x2d", "\x05", "\x1c") },
	{ CKM_SHA512_256, "SHA2-512/256", 32, 128, 0,
	    INFO_NIST("\x31", "\x06", "\x20") },
	{ CKM_SHA3_224, "SHA3-224", 28, 144, CKG_MGF1_SHA3_224,
	    INFO_NIST("\x2d", "\x07", "\x1c") },
	{ CKM_SHA3_256, "SHA3-256", 32, 136, CKG_MGF1_SHA3_256,
	    INFO_NIST("\x31", "\x08", "\x20") },
	{ CKM_SHA3_384, "SHA3-384", 48, 104, CKG_MGF1_SHA3_384,
	    INFO_NIST("\x41", "\x09", "\x30") },
	{ CKM_SHA3_512, "SHA3-512", 64, 72, CKG_MGF1_SHA3_512,
	    INFO_NIST("\x51", "\x0a", "\x40") },
};

struct digest {
	const struct hash *hash;
	EVP_MD_CTX *ctx;
};

const struct hash *
hash_by_mech(CK_MECHANISM_TYPE mech)
{
	size_t i;

	for (i = 0; i < HASH_COUNT; i++)
		if (hashes[i].mech == mech)
			return &hashes[i];
	return NULL;
}

const struct hash *
hash_by_mgf(CK_RSA_PKCS_MGF_TYPE mgf)
{
	size_t i;

	/* 0 in the table says that PKCS#11 has no such MGF. */
	for (i = 0; mgf != 0 && i < HASH_COUNT; i++)
		if (hashes[i].mgf == mgf)
			return &hashes[i];
	return NULL;
}

static CK_RV
digest_alloc(const struct hash *hash, struct digest **out)
{
	struct digest *d = mem_alloc(1, sizeof(*d));

	if (d == NULL || (d->ctx = EVP_MD_CTX_new()) == NULL) {
		mem_free(d);
		return CKR_HOST_MEMORY;
	}
	d->hash = hash;
	*out = d;
	return CKR_OK;
}

CK_RV
digest_new(const struct hash *hash, struct digest **out)
{
	struct digest *d = NULL;
	CK_RV rv;

	errors_enter();
	if ((rv = digest_alloc(hash, &d)) != CKR_OK)
		goto out;
	if (!EVP_DigestInit_ex2(d->ctx, library_md(hash), NULL)) {
		rv = errors_rc(hash->name, CKR_GENERAL_ERROR);
		goto out;
	}
	*out = d;
	d = NULL;
out:
	digest_free(&d);
	errors_leave();
	return rv;
}

CK_RV
digest_copy(const struct digest *from, struct digest **out)
{
	struct digest *d = NULL;
	CK_RV rv;

	errors_enter();
	if ((rv = digest_alloc(from->hash, &d)) != CKR_OK)
		goto out;
	if (!EVP_MD_CTX_copy_ex(d->ctx, from->ctx)) {
		rv = errors_rc(from->hash->name, CKR_GENERAL_ERROR);
		goto out;
	}
	*out = d;
	d = NULL;
out:
	digest_free(&d);
	errors_leave();
	return rv;
}

CK_RV
digest_update(struct digest *d, struct view in)
{
	CK_RV rv = CKR_OK;

	errors_enter();
	if (!EVP_DigestUpdate(d->ctx, in.data, in.len))
		rv = errors_rc(d->hash->name, CKR_GENERAL_ERROR);
	errors_leave();
	return rv;
}

CK_RV
digest_final(struct digest *d, struct buf *out)
{
	struct buf value = BUF_EMPTY;
	CK_RV rv;

	errors_enter();
	if ((rv = buf_resize(&value, d->hash->size)) != CKR_OK)
		goto out;
	if (!EVP_DigestFinal_ex(d->ctx, value.data, NULL)) {
		rv = errors_rc(d->hash->name, CKR_GENERAL_ERROR);
		goto out;
	}
	buf_move(out, &value);
out:
	buf_free(&value);
	errors_leave();
	return rv;
}

void
digest_free(struct digest **d)
{
	if (*d == NULL)
		return;
	EVP_MD_CTX_free((*d)->ctx);
	mem_free(*d);
	*d = NULL;
}

CK_RV
digest_bytes(const struct hash *hash, const struct view *parts, size_t count,
    uint8_t *out)
{
	EVP_MD_CTX *ctx;
	CK_RV rv = CKR_OK;
	size_t i;
	int ok;

	errors_enter();
	ok = (ctx = EVP_MD_CTX_new()) != NULL &&
	    EVP_DigestInit_ex2(ctx, library_md(hash), NULL);
	for (i = 0; ok && i < count; i++)
		ok = EVP_DigestUpdate(ctx, parts[i].data, parts[i].len);
	if (!ok || !EVP_DigestFinal_ex(ctx, out, NULL))
		rv = errors_rc(hash->name, CKR_GENERAL_ERROR);
	EVP_MD_CTX_free(ctx);
	errors_leave();
	return rv;
}

CK_RV
digest_once(const struct hash *hash, const struct view *parts, size_t count,
    struct buf *out)
{
	struct buf value = BUF_EMPTY;
	CK_RV rv;

	if ((rv = buf_resize(&value, hash->size)) != CKR_OK ||
	    (rv = digest_bytes(hash, parts, count, value.data)) != CKR_OK)
		goto out;
	buf_move(out, &value);
out:
	buf_free(&value);
	return rv;
}

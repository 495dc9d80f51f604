/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mechanisms.md, from the table of mechanisms. Run with the argument "print"
 * this writes the page (make mechanisms.md); test/check/mechanisms.sh holds
 * the committed one against it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/crypto.h"
#include "mech/mech.h"
#include "util/cryptoki_names.h"

#include <cmocka.h>

/* A TPM that has all that a TPM may have, and one that has nothing; software
 * keys are denied to both. */
static const struct tpm_caps full = {
	.curves = 0x3e,		/* P-192 to P-521 */
	.rsa_bits = { 1024, 2048, 3072, 4096 },
	.aes_bits = { 128, 192, 256 },
	.hashes = UINT32_MAX,
	.cipher_modes = UINT32_MAX,
	.encrypt_decrypt2 = true,
	.hmac = true,
	.hmac_sequence = true,
	.cmac = true,
	.import = true,
	.input_buffer = 1024,
	.max_digest = 64,
};
static const struct tpm_caps none;

static const struct {
	CK_FLAGS flag;
	const char *name;
} functions[] = {
	{ CKF_DIGEST, "digest" },
	{ CKF_ENCRYPT, "encrypt" },
	{ CKF_DECRYPT, "decrypt" },
	{ CKF_SIGN, "sign" },
	{ CKF_SIGN_RECOVER, "sign and recover" },
	{ CKF_VERIFY, "verify" },
	{ CKF_VERIFY_RECOVER, "verify and recover" },
	{ CKF_GENERATE, "generate" },
	{ CKF_GENERATE_KEY_PAIR, "generate a pair" },
	{ CKF_WRAP, "wrap" },
	{ CKF_UNWRAP, "unwrap" },
	{ CKF_DERIVE, "derive" },
	{ CKF_ENCAPSULATE, "encapsulate" },
	{ CKF_DECAPSULATE, "decapsulate" },
	{ CKF_MULTI_MESSAGE, "messages" },
};

/* What a mechanism is where TPM and configuration allow the most. */
static CK_MECHANISM_INFO
info_at(CK_MECHANISM_TYPE type, const struct tpm_caps *tpm, bool software)
{
	struct tpm_caps caps = *tpm;
	CK_MECHANISM_INFO info = { 0, 0, 0 };
	const struct mech *m;

	caps.software = software;
	if ((m = mech_find(type, &caps)) != NULL)
		mech_info(m, &caps, &info);
	return info;
}

static void
print_functions(FILE *f, CK_FLAGS flags)
{
	const char *between = "";
	size_t i;

	for (i = 0; i < sizeof(functions) / sizeof(functions[0]); i++)
		if ((flags & functions[i].flag) != 0) {
			fprintf(f, "%s%s", between, functions[i].name);
			between = ", ";
		}
}

static void
print_sizes(FILE *f, const CK_MECHANISM_INFO *info)
{
	if (info->ulMaxKeySize == 0)
		fprintf(f, "–");
	else if (info->ulMinKeySize == info->ulMaxKeySize)
		fprintf(f, "%lu", info->ulMaxKeySize);
	else
		fprintf(f, "%lu to %lu", info->ulMinKeySize,
		    info->ulMaxKeySize);
}

/* Software keys need leave, what is in software anyway does not. */
static const char *
place(CK_MECHANISM_TYPE type)
{
	CK_FLAGS full_tpm = info_at(type, &full, false).flags;
	CK_FLAGS no_tpm = info_at(type, &none, false).flags;
	CK_FLAGS soft = info_at(type, &none, true).flags;

	if ((full_tpm & CKF_HW) == 0)
		return no_tpm != 0 ? "software" : "software keys";
	if (no_tpm != 0)
		return "TPM, software";
	return soft != 0 ? "TPM, software keys" : "TPM";
}

static void
print_row(FILE *f, const struct mech *m)
{
	CK_MECHANISM_TYPE type = mech_type(m);
	CK_MECHANISM_INFO all = info_at(type, &full, true);
	CK_MECHANISM_INFO tpm = info_at(type, &full, false);
	CK_MECHANISM_INFO soft = info_at(type, &none, true);
	bool hardware = (tpm.flags & CKF_HW) != 0;

	fprintf(f, "| %s | ", ckm_name(type));
	print_functions(f, all.flags);
	fprintf(f, " | ");
	print_sizes(f, hardware ? &tpm : &soft);
	if (hardware && soft.flags != 0 &&
	    info_at(type, &none, false).flags == 0) {
		fprintf(f, "; ");
		print_sizes(f, &soft);
	}
	fprintf(f, " | %s | %s |\n", place(type), mech_clause(m));
}

static const char head[] =
"# Mechanisms\n"
"\n"
"Made from the table of the module (`src/mech/table.c`) by\n"
"`make mechanisms.md`; `test/check/mechanisms.sh` holds this page against\n"
"it.\n"
"\n"
"What a token really has, C_GetMechanismList tells: it leaves out what its\n"
"TPM cannot do. The key sizes are those of a TPM that can do all; they are\n"
"in the unit of CK_MECHANISM_INFO, bits or bytes, as the clause has it.\n"
"Where it runs:\n"
"\n"
"- **TPM**: what needs the private or secret key runs inside the TPM. The\n"
"  other half of a pair (verify, encrypt) and hashing run in the module.\n"
"- **software**: in the module: with no key, or with one whose value is\n"
"  known.\n"
"- **software keys**: in the module, with keys that the TPM cannot have, if\n"
"  the configuration says `software_keys: allow`; the sizes after the\n"
"  semicolon.\n"
"\n"
"The clause is that of PKCS#11 3.1.\n"
"\n"
"| mechanism | functions | key sizes | runs in | clause |\n"
"|---|---|---|---|---|\n";

static size_t
all_mechanisms(CK_MECHANISM_TYPE **list)
{
	struct tpm_caps caps = full;

	caps.software = true;
	*list = calloc(mech_count(), sizeof(**list));
	return *list == NULL ? 0 : mech_list(&caps, *list);
}

static int
print_page(FILE *f)
{
	CK_MECHANISM_TYPE *list;
	size_t i, n = all_mechanisms(&list);

	(void)fputs(head, f);
	for (i = 0; i < n; i++)
		print_row(f, mech_find(list[i], NULL));
	free(list);
	return fflush(f) == 0 && n > 0 ? 0 : 1;
}

static void
every_mechanism_has_a_clause_and_a_name(void **state)
{
	CK_MECHANISM_TYPE *list;
	size_t i, n = all_mechanisms(&list);

	(void)state;
	assert_int_equal(n, mech_count());
	for (i = 0; i < n; i++) {
		const struct mech *m = mech_find(list[i], NULL);

		assert_non_null(ckm_name(list[i]));
		if (mech_clause(m) == NULL)
			fail_msg("%s has no clause", ckm_name(list[i]));
	}
	free(list);
}

static void
every_mechanism_is_in_one_row(void **state)
{
	CK_MECHANISM_TYPE *list;
	size_t i, len, n = all_mechanisms(&list);
	char *text = NULL, row[80];
	const char *at;
	FILE *f = open_memstream(&text, &len);

	(void)state;
	assert_int_equal(print_page(f), 0);
	(void)fclose(f);
	for (i = 0; i < n; i++) {
		(void)snprintf(row, sizeof(row), "\n| %s | ",
		    ckm_name(list[i]));
		at = strstr(text, row);
		assert_non_null(at);
		assert_null(strstr(at + 1, row));
	}
	free(text);
	free(list);
}

static void
rows_say_where_it_runs(void **state)
{
	(void)state;
	assert_string_equal(place(CKM_SHA256), "software");
	assert_string_equal(place(CKM_ECDSA), "TPM");
	assert_string_equal(place(CKM_RSA_PKCS), "TPM, software keys");
	assert_string_equal(place(CKM_EDDSA), "software keys");
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_mechanism_has_a_clause_and_a_name),
		cmocka_unit_test(every_mechanism_is_in_one_row),
		cmocka_unit_test(rows_say_where_it_runs),
	};
	int failed;

	if (crypto_start() != CKR_OK)
		return 1;
	failed = argc == 2 && strcmp(argv[1], "print") == 0 ?
	    print_page(stdout) :
	    cmocka_run_group_tests(tests, NULL, NULL);
	crypto_stop();
	return failed;
}

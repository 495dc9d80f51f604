/* SPDX-License-Identifier: BSD-2-Clause */
#include "tpm/pcr.h"

#include <stdio.h>

#include "tpm/policy.h"

/* In the order of the text that tpm_pcrs_format makes. */
static const struct bank {
	const char *name;
	TPM2_ALG_ID hash;
} banks[TPM_PCR_BANKS] = {
	{ "sha1", TPM2_ALG_SHA1 },
	{ "sha256", TPM2_ALG_SHA256 },
	{ "sha384", TPM2_ALG_SHA384 },
	{ "sha512", TPM2_ALG_SHA512 },
};

/* What is before the next mark, which is taken too; false: no mark follows. */
static bool
take_word(struct view *in, char mark, struct view *word)
{
	size_t len = 0;
	bool found;

	while (len < in->len && in->data[len] != (uint8_t)mark)
		len++;
	found = len < in->len;
	*word = view_sub(*in, 0, len);
	*in = view_sub(*in, len + found, in->len);
	return found;
}

/* 0 to 23, without a leading zero. */
static CK_RV
parse_register(struct view word, uint32_t *registers)
{
	uint32_t n = 0;
	size_t i;

	if (word.len == 0 || word.len > 2 ||
	    (word.len > 1 && word.data[0] == '0'))
		return CKR_DATA_INVALID;
	for (i = 0; i < word.len; i++) {
		if (word.data[i] < '0' || word.data[i] > '9')
			return CKR_DATA_INVALID;
		n = n * 10 + word.data[i] - '0';
	}
	if (n >= TPM_PCR_COUNT || (*registers >> n & 1) != 0)
		return CKR_DATA_INVALID;
	*registers |= UINT32_C(1) << n;
	return CKR_OK;
}

static CK_RV
parse_hash(struct view word, uint16_t *hash)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(banks); i++)
		if (view_equal(word, view_str(banks[i].name))) {
			*hash = banks[i].hash;
			return CKR_OK;
		}
	return CKR_DATA_INVALID;
}

static uint32_t
registers_of(const struct tpm_pcrs *pcrs, uint16_t hash)
{
	size_t i;

	for (i = 0; i < pcrs->count; i++)
		if (pcrs->banks[i].hash == hash)
			return pcrs->banks[i].registers;
	return 0;
}

static CK_RV
parse_bank(struct view text, struct tpm_pcrs *pcrs)
{
	uint32_t registers = 0;
	struct view word;
	uint16_t hash;
	bool more;
	CK_RV rv;

	if (!take_word(&text, ':', &word))
		return CKR_DATA_INVALID;
	if ((rv = parse_hash(word, &hash)) != CKR_OK)
		return rv;
	if (registers_of(pcrs, hash) != 0)
		return CKR_DATA_INVALID;
	do {
		more = take_word(&text, ',', &word);
		if ((rv = parse_register(word, &registers)) != CKR_OK)
			return rv;
	} while (more);
	pcrs->banks[pcrs->count].hash = hash;
	pcrs->banks[pcrs->count++].registers = registers;
	return CKR_OK;
}

CK_RV
tpm_pcrs_parse(struct view text, struct tpm_pcrs *out)
{
	struct tpm_pcrs pcrs = TPM_PCRS_NONE;
	struct view bank;
	bool more;
	CK_RV rv;

	do {
		more = take_word(&text, '+', &bank);
		if ((rv = parse_bank(bank, &pcrs)) != CKR_OK)
			return rv;
	} while (more);
	*out = pcrs;
	return CKR_OK;
}

static CK_RV
append_text(struct buf *out, const char *text)
{
	return buf_append(out, view_str(text));
}

static CK_RV
append_bank(struct buf *out, const struct bank *bank, uint32_t registers)
{
	const char *mark = ":";
	char number[16];
	unsigned i;
	CK_RV rv;

	if ((out->len > 0 && (rv = append_text(out, "+")) != CKR_OK) ||
	    (rv = append_text(out, bank->name)) != CKR_OK)
		return rv;
	for (i = 0; i < TPM_PCR_COUNT; i++) {
		if ((registers >> i & 1) == 0)
			continue;
		(void)snprintf(number, sizeof(number), "%s%u", mark, i);
		if ((rv = append_text(out, number)) != CKR_OK)
			return rv;
		mark = ",";
	}
	return CKR_OK;
}

CK_RV
tpm_pcrs_format(const struct tpm_pcrs *pcrs, struct buf *text)
{
	struct buf made = BUF_EMPTY;
	uint32_t registers;
	size_t i;
	CK_RV rv = CKR_OK;

	for (i = 0; i < ARRAY_LEN(banks); i++) {
		registers = registers_of(pcrs, banks[i].hash);
		if (registers != 0 &&
		    (rv = append_bank(&made, &banks[i], registers)) != CKR_OK)
			goto out;
	}
	if ((rv = buf_append(&made, view_of("", 1))) != CKR_OK)
		goto out;
	made.len--;
	buf_move(text, &made);
out:
	buf_free(&made);
	return rv;
}

/* One text, one selection: the order is that of our table. */
CK_RV
pcrs_selection(const struct tpm_pcrs *pcrs, TPML_PCR_SELECTION *out)
{
	TPMS_PCR_SELECTION *s;
	uint32_t registers;
	size_t i, octet;

	*out = (TPML_PCR_SELECTION){ .count = 0 };
	for (i = 0; i < ARRAY_LEN(banks); i++) {
		if ((registers = registers_of(pcrs, banks[i].hash)) == 0)
			continue;
		s = &out->pcrSelections[out->count++];
		s->hash = banks[i].hash;
		s->sizeofSelect = TPM_PCR_COUNT / 8;
		for (octet = 0; octet < s->sizeofSelect; octet++)
			s->pcrSelect[octet] =
			    (uint8_t)(registers >> (8 * octet));
	}
	return out->count > 0 ? CKR_OK : CKR_DATA_INVALID;
}

/* SPDX-License-Identifier: BSD-2-Clause */
#include "fake_tpm_mac.h"

#include <openssl/rand.h>

#include "crypto/cmac.h"
#include "crypto/mac.h"
#include "fake_tpm_key.h"
#include "tpm/import.h"
#include "tpm/mac.h"
#include "util/mem.h"

CK_RV fake_tpm_mac_rv = CKR_OK;

struct tpm_mac {
	struct tpm_key *key;
	const struct hash *hash;
	struct buf text;
};

CK_RV
fake_tpm_secret(struct view value, struct tpm_blob *out)
{
	const uint8_t area[] = { TPM_USE_SIGN | TPM_USE_DECRYPT, 'H' };
	CK_RV rv;

	if ((rv = buf_set(&out->private_area, value)) != CKR_OK ||
	    (rv = buf_set(&out->public_area, view_of(area, sizeof(area)))) !=
	    CKR_OK)
		return rv;
	return buf_set(&out->auth, view_str("the key's authValue"));
}

CK_RV
tpm_create_hmac(struct tpm *t, const struct tpm_parent *parent,
    const struct hash *hash, size_t size, struct tpm_blob *out)
{
	uint8_t value[128];

	(void)t;
	(void)parent;
	(void)hash;
	fake_tpm_commands++;
	if (size > sizeof(value))
		return CKR_KEY_SIZE_RANGE;
	if (RAND_bytes(value, (int)size) != 1)
		return CKR_DEVICE_ERROR;
	return fake_tpm_secret(view_of(value, size), out);
}

CK_RV
tpm_import_hmac(struct tpm *t, const struct tpm_parent *parent,
    const struct hash *hash, struct view value, struct tpm_blob *out)
{
	(void)t;
	(void)parent;
	(void)hash;
	fake_tpm_commands++;
	return fake_tpm_secret(value, out);
}

CK_RV
tpm_mac_new(struct tpm_key *k, const struct hash *hash, struct tpm_mac **out)
{
	struct tpm_mac *m;

	if (hash != NULL && !tpm_caps_hash(&fake_tpm_caps, hash->mech))
		return CKR_MECHANISM_INVALID;
	if ((m = mem_alloc(1, sizeof(*m))) == NULL)
		return CKR_HOST_MEMORY;
	m->key = tpm_key_ref(k);
	m->hash = hash;
	*out = m;
	return CKR_OK;
}

CK_RV
tpm_mac_update(struct tpm_mac *m, struct view in)
{
	return buf_append(&m->text, in);
}

static CK_RV
run(const struct tpm_mac *m, uint8_t *mac)
{
	const struct aes_key aes = { .value = fake_tpm_value(m->key) };
	const struct view text = buf_view(&m->text);

	return m->hash != NULL ?
	    hmac_once(m->hash, fake_tpm_value(m->key), &text, 1, mac) :
	    cmac_once(&aes, &text, 1, mac);
}

CK_RV
tpm_mac_final(struct tpm_mac *m, struct buf *out)
{
	uint8_t mac[64];
	CK_RV rv = fake_tpm_mac_rv;

	fake_tpm_mac_rv = CKR_OK;
	fake_tpm_commands++;
	if (rv != CKR_OK || (rv = run(m, mac)) != CKR_OK)
		return rv;
	return buf_set(out, view_of(mac, m->hash != NULL ? m->hash->size :
	    CMAC_LEN));
}

void
tpm_mac_free(struct tpm_mac **m)
{
	if (*m == NULL)
		return;
	tpm_key_unref(&(*m)->key);
	buf_free(&(*m)->text);
	mem_free(*m);
	*m = NULL;
}

CK_RV
tpm_key_mac(struct tpm_key *k, const struct hash *hash, struct view in,
    struct buf *out)
{
	struct tpm_mac *m = NULL;
	CK_RV rv;

	if ((rv = tpm_mac_new(k, hash, &m)) == CKR_OK &&
	    (rv = tpm_mac_update(m, in)) == CKR_OK)
		rv = tpm_mac_final(m, out);
	tpm_mac_free(&m);
	return rv;
}

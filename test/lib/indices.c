/* SPDX-License-Identifier: BSD-2-Clause */
#include "indices.h"

#include <stdlib.h>

#include "crypto/crypto.h"
#include "token/indices.h"

static bool
is_in(struct view area, const struct store_token *rows, size_t count)
{
	struct view areas[INDICES_MAX];
	size_t i, n;

	for (i = 0; i < count; i++) {
		n = indices_of(&rows[i], areas);
		while (n-- > 0)
			if (view_equal(area, areas[n]))
				return true;
	}
	return false;
}

static void
compare(const struct store_token *rows, size_t count,
    const struct tpm_index *list, size_t has)
{
	struct view areas[INDICES_MAX];
	size_t i, named = 0;

	for (i = 0; i < has; i++)
		if (!is_in(buf_view(&list[i].public_area), rows, count))
			fail_msg("the index 0x%08x is an orphan",
			    (unsigned)list[i].handle);
	for (i = 0; i < count; i++)
		named += indices_of(&rows[i], areas);
	assert_int_equal(has, named);
}

void
indices_agree(void)
{
	struct tpm_index *list = NULL;
	struct store_token *rows = NULL;
	struct store *store = NULL;
	struct tpm *tpm = NULL;
	struct config config;
	size_t has = 0, count = 0;

	assert_ok(crypto_start());
	assert_ok(config_load(&config));
	assert_ok(tpm_new((const char *)config.tcti.data, &tpm));
	assert_ok(tpm_index_list(tpm, &list, &has));
	assert_ok(store_open(&config, false, &store));
	assert_ok(store_tokens(store, &rows, &count));
	compare(rows, count, list, has);
	store_tokens_free(&rows, count);
	tpm_index_list_free(&list, has);
	store_close(&store);
	tpm_free(&tpm);
	config_free(&config);
	crypto_stop();
}

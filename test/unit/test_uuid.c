/* SPDX-License-Identifier: BSD-2-Clause */
#include "crypto_test.h"

#include "crypto/uuid.h"

/* By Python: uuid.uuid5(UUID("0ed8b1aa-..."), name). */
static const struct known {
	const char *name;
	const char *uuid;
} known[] = {
	{ "", "a886c711-81c5-52e1-b0d3-809a36b186ce" },
	{ "tpm2-cryptoki", "71d784c6-c543-52fe-9958-da9c1812995a" },
	{ "0123456789abcdef0123456789abcdef",
	    "0504d3d4-a53e-50c5-8253-c88e18bd9587" },
};

static void
uuids_are_those_of_the_projects_name_space(void **state)
{
	struct buf text = BUF_EMPTY;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(known); i++) {
		assert_int_equal(uuid_v5(view_str(known[i].name), &text),
		    CKR_OK);
		assert_int_equal(text.len, 36);
		assert_view(buf_view(&text), view_str(known[i].uuid));
	}
	buf_free(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(uuids_are_those_of_the_projects_name_space),
	};

	return RUN_CRYPTO(tests);
}

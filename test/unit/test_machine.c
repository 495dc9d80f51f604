/* SPDX-License-Identifier: BSD-2-Clause */
#include "config_test.h"
#include "token/machine.h"

/* What the machine keeps without asking the TPM. */

static void
assert_owner_auth(struct machine *m, const char *want)
{
	struct buf auth = BUF_EMPTY;

	assert_int_equal(machine_owner_auth(m, &auth), CKR_OK);
	assert_int_equal(auth.len, strlen(want));
	if (auth.len > 0)
		assert_memory_equal(auth.data, want, auth.len);
	buf_free(&auth);
}

static void
configured_password_is_the_owners(void **state)
{
	struct machine *m = NULL;
	char text[400], path[300];
	struct config c;

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/owner", base);
	(void)snprintf(text, sizeof(text), "owner_auth_file: %s", path);
	write_text(path, "of the file\n");
	assert_int_equal(load(text, &c), CKR_OK);
	assert_int_equal(machine_new(&c, &m), CKR_OK);
	assert_ptr_equal(machine_config(m), &c);
	assert_owner_auth(m, "of the file");
	/* the file is read when the password is needed */
	write_text(path, "another");
	assert_owner_auth(m, "another");
	assert_int_equal(machine_set_owner_auth(m, view_str("given")), CKR_OK);
	assert_owner_auth(m, "given");
	/* an empty password is one too */
	assert_int_equal(machine_set_owner_auth(m, VIEW_EMPTY), CKR_OK);
	assert_owner_auth(m, "");
	machine_free(&m);
	config_free(&c);
}

static void
without_one_it_is_empty(void **state)
{
	struct machine *m = NULL;
	struct config c;

	(void)state;
	assert_int_equal(load("", &c), CKR_OK);
	assert_int_equal(machine_new(&c, &m), CKR_OK);
	assert_owner_auth(m, "");
	machine_free(&m);
	config_free(&c);
}

static void
password_that_cannot_be_read_is_no_password(void **state)
{
	struct buf auth = BUF_EMPTY;
	struct machine *m = NULL;
	struct config c;

	(void)state;
	assert_int_equal(load("owner_auth_file: /nonexistent", &c), CKR_OK);
	assert_int_equal(machine_new(&c, &m), CKR_OK);
	log_set(LOG_LEVEL_NONE);
	assert_int_equal(machine_owner_auth(m, &auth), CKR_FUNCTION_FAILED);
	assert_null(auth.data);
	machine_free(&m);
	config_free(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		config_test(configured_password_is_the_owners),
		config_test(without_one_it_is_empty),
		config_test(password_that_cannot_be_read_is_no_password),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

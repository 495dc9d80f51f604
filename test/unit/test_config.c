/* SPDX-License-Identifier: BSD-2-Clause */
#include <grp.h>

#include "config_test.h"
#include "util/mem.h"

/* What the keys may be, and what else may stand in the file. */

static void
assert_said(const char *want)
{
	char line[1200];

	(void)snprintf(line, sizeof(line), "tpm2-cryptoki: error: %s:%s\n",
	    file, want);
	assert_string_equal(said, line);
}

/* text is refused with these words, after the path; *c is whole. */
static void
refused(const char *text, const char *want)
{
	struct config c;

	assert_int_equal(load(text, &c), CKR_FUNCTION_FAILED);
	assert_said(want);
	assert_default(&c);
	config_free(&c);
}

static void
taken(const char *text, struct config *c)
{
	CK_RV rv = load(text, c);

	if (rv != CKR_OK || said[0] != '\0')
		fail_msg("%s: 0x%lx, %s", text, rv, said);
	assert_text(&c->file, file);
}

static const char all_keys[] =
	"# all of them\n"
	"tcti: swtpm:path=/run/x,y\n"
	"store: /srv/keys\n"
	"group: 'root'\n"
	"log: error\n"
	"owner_auth_file: \"/etc/owner\\x20auth\"\n"
	"srk: 0x817FFFff\n"
	"pin_guard: lockout\n"
	"so_tries: 255\n"
	"user_tries: 1\n"
	"\n"
	"rollback: off\n"
	"pcrs: sha256:0,2,7\n"
	"software_keys: allow\n"
	"wrap_and_decrypt: allow\n";

static void
every_key_has_the_value_of_the_file(void **state)
{
	struct config c;

	(void)state;
	taken(all_keys, &c);
	assert_text(&c.tcti, "swtpm:path=/run/x,y");
	assert_text(&c.store, "/srv/keys");
	assert_text(&c.group, "root");
	assert_int_equal(c.gid, 0);
	assert_int_equal(c.log, LOG_LEVEL_ERROR);
	assert_text(&c.owner_auth_file, "/etc/owner auth");
	assert_int_equal(c.srk, 0x817fffff);
	assert_int_equal(c.pin_guard, GUARD_LOCKOUT);
	assert_int_equal(c.so_tries, 255);
	assert_int_equal(c.user_tries, 1);
	assert_false(c.rollback);
	assert_text(&c.pcrs, "sha256:0,2,7");
	assert_true(c.software_keys);
	assert_true(c.wrap_and_decrypt);
	config_free(&c);
}

static void
values_come_back_as_text_with_their_origin(void **state)
{
	static const char *const values[CONFIG_KEYS] = {
		"swtpm:path=/run/x,y", "/srv/keys", "root", "error",
		"/etc/owner auth", "0x817fffff", "lockout", "255", "1", "off",
		"sha256:0,2,7", "allow", "allow"
	};
	struct config c;
	unsigned i;

	(void)state;
	taken(all_keys, &c);
	for (i = 0; i < CONFIG_KEYS; i++) {
		assert_value(&c, (enum config_key)i, values[i]);
		assert_int_equal(c.origin[i].source, CONFIG_FILE);
		assert_int_equal(c.origin[i].line, i + (i < 9 ? 2 : 3));
	}
	config_free(&c);
}

static void
names_are_those_of_the_file(void **state)
{
	static const char *const names[CONFIG_KEYS] = { "tcti", "store",
		"group", "log", "owner_auth_file", "srk", "pin_guard",
		"so_tries", "user_tries", "rollback", "pcrs",
		"software_keys", "wrap_and_decrypt" };
	unsigned i;

	(void)state;
	for (i = 0; i < CONFIG_KEYS; i++)
		assert_string_equal(config_name((enum config_key)i),
		    names[i]);
	assert_string_equal(config_variable(CONFIG_TCTI),
	    "TPM2_CRYPTOKI_TCTI");
	assert_string_equal(config_variable(CONFIG_STORE),
	    "TPM2_CRYPTOKI_STORE");
	assert_string_equal(config_variable(CONFIG_LOG), "TPM2_CRYPTOKI_LOG");
	assert_null(config_variable(CONFIG_SRK));
}

static void
nothing_is_a_configuration(void **state)
{
	static const char *const texts[] = { "", "\n", "# nothing\n",
		"---\n", "---\n...\n", "{}", "--- {}\n" };
	struct config c;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(texts); i++) {
		taken(texts[i], &c);
		buf_free(&c.file);
		assert_default(&c);
		config_free(&c);
	}
}

static void
a_flow_mapping_will_do(void **state)
{
	struct config c;

	(void)state;
	taken("--- {srk: transient, \"so_tries\": '3',\n user_tries: 4}", &c);
	assert_int_equal(c.srk, 0);
	assert_value(&c, CONFIG_SRK, "transient");
	assert_int_equal(c.so_tries, 3);
	assert_int_equal(c.user_tries, 4);
	assert_int_equal(c.origin[CONFIG_SO_TRIES].line, 1);
	assert_int_equal(c.origin[CONFIG_USER_TRIES].line, 2);
	config_free(&c);
}

static void
an_empty_text_is_as_none(void **state)
{
	struct config c;

	(void)state;
	taken("tcti:\nstore: ''\ngroup: \"\"\nowner_auth_file:\npcrs:\n", &c);
	assert_text(&c.tcti, "");
	assert_text(&c.store, "");
	assert_int_equal(c.gid, -1);
	assert_int_equal(c.origin[CONFIG_STORE].line, 2);
	config_free(&c);
}

#define A_LINE "a line of text, such as "
#define A_PATH "an absolute path, written from / on"
#define A_GROUP "the name of a group of this machine"
#define A_LEVEL "one of none, error, info, debug, trace"
#define A_HANDLE "0x81000000 to 0x817fffff, or transient"
#define A_COUNT "a number from 1 to 255"

static const struct {
	const char *text;
	const char *want;	/* with a key and its value: place alone */
	const char *right;
} bad_values[] = {
	{ "tcti: \"a\\0b\"", "1:7: tcti: ", A_LINE "device:/dev/tpmrm0" },
	{ "tcti: \"a\\nb\"", "1:7: tcti: ", A_LINE "device:/dev/tpmrm0" },
	{ "\n\n  tcti: \"\\e[m\"", "3:9: tcti: ",
	    A_LINE "device:/dev/tpmrm0" },
	{ "tcti: |\n  two\n  lines\n", "1:7: tcti: ",
	    A_LINE "device:/dev/tpmrm0" },
	{ "store: keys", "1:8: store: ", A_PATH },
	{ "store:    ./keys", "1:11: store: ", A_PATH },
	{ "store: ~/keys", "1:8: store: ", A_PATH },
	{ "store: \"/a\\tb\"", "1:8: store: ", A_PATH },
	{ "owner_auth_file: x", "1:18: owner_auth_file: ", A_PATH },
	{ "group: no such group", "1:8: group: ", A_GROUP },
	{ "group: 0", "1:8: group: ", A_GROUP },
	{ "log: all", "1:6: log: ", A_LEVEL },
	{ "log: Error", "1:6: log: ", A_LEVEL },
	{ "log:", "1:5: log: ", A_LEVEL },
	{ "srk: 0x80ffffff", "1:6: srk: ", A_HANDLE },
	{ "srk: 0x81800000", "1:6: srk: ", A_HANDLE },
	{ "srk: 0x8100000g", "1:6: srk: ", A_HANDLE },
	{ "srk: 0x810000010", "1:6: srk: ", A_HANDLE },
	{ "srk: 2164260865", "1:6: srk: ", A_HANDLE },
	{ "srk: 81000001", "1:6: srk: ", A_HANDLE },
	{ "srk: 0X81000001", "1:6: srk: ", A_HANDLE },
	{ "srk: Transient", "1:6: srk: ", A_HANDLE },
	{ "srk: \"transient\\0\"", "1:6: srk: ", A_HANDLE },
	{ "pin_guard: none", "1:12: pin_guard: ", "one of index, lockout" },
	{ "pin_guard: [index]", "1:12: pin_guard: ",
	    "one of index, lockout" },
	{ "pin_guard: {index: x}", "1:12: pin_guard: ",
	    "one of index, lockout" },
	{ "so_tries: 0", "1:11: so_tries: ", A_COUNT },
	{ "so_tries: 256", "1:11: so_tries: ", A_COUNT },
	{ "so_tries: -1", "1:11: so_tries: ", A_COUNT },
	{ "so_tries: +1", "1:11: so_tries: ", A_COUNT },
	{ "so_tries: 010", "1:11: so_tries: ", A_COUNT },
	{ "so_tries: 0x10", "1:11: so_tries: ", A_COUNT },
	{ "so_tries: a", "1:11: so_tries: ", A_COUNT },
	{ "so_tries: 1 0", "1:11: so_tries: ", A_COUNT },
	{ "so_tries:", "1:10: so_tries: ", A_COUNT },
	{ "user_tries: 4294967297", "1:13: user_tries: ", A_COUNT },
	{ "user_tries: 00000000001", "1:13: user_tries: ", A_COUNT },
	{ "rollback: true", "1:11: rollback: ", "one of on, off" },
	{ "rollback: On", "1:11: rollback: ", "one of on, off" },
	{ "pcrs: \"a\\x7f\"", "1:7: pcrs: ", A_LINE "sha256:0,2,7" },
	{ "software_keys: yes", "1:16: software_keys: ",
	    "one of deny, allow" },
	/* a letter is one column, whatever its bytes are */
	{ "{tcti: \"\u00e4\u20ac\", log: x}", "1:19: log: ", A_LEVEL },
};

static void
a_wrong_value_is_refused_with_its_place(void **state)
{
	char want[200];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(bad_values); i++) {
		(void)snprintf(want, sizeof(want), "%s%s",
		    bad_values[i].want, bad_values[i].right);
		refused(bad_values[i].text, want);
	}
}

#define NO_MAPPING "no mapping of keys to values, such as \"log: error\""
#define NO_KEY "no key: a word without tag, anchor or brackets"
#define KEYS "not one of tcti, store, group, log, owner_auth_file, srk, " \
	"pin_guard, so_tries, user_tries, rollback, pcrs, software_keys, " \
	"wrap_and_decrypt"

static const struct {
	const char *text;
	const char *want;
} bad_files[] = {
	{ "tcti", "1:1: " NO_MAPPING },
	{ "# x\n- tcti\n", "2:1: " NO_MAPPING },
	{ "[]", "1:1: " NO_MAPPING },
	{ "''", "1:1: " NO_MAPPING },
	{ "!!map {}", "1:1: " NO_MAPPING },
	{ "&a {}", "1:1: " NO_MAPPING },
	{ "so_trys: 3\n", "1:1: unknown key \"so_trys\", " KEYS },
	{ "log: info\nLog: none\n", "2:1: unknown key \"Log\", " KEYS },
	{ "\"log\\0\": none\n", "1:1: unknown key \"log?\", " KEYS },
	{ "'': x\n", "1:1: unknown key \"\", " KEYS },
	{ "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeee: none\n",
	    "1:1: unknown key \"aaaaaaaaaabbbbbbbbbbccccccccccdddddddddd\", "
	    KEYS },
	{ "log: info\nsrk: transient\nlog: info\n",
	    "3:1: a key that stands twice" },
	{ "so_tries: 3\n\"so_tries\": 3\n", "2:1: a key that stands twice" },
	{ "[log]: none\n", "1:1: " NO_KEY },
	{ "? {log: x}\n: none\n", "1:3: " NO_KEY },
	{ "&a log: info\n", "1:1: " NO_KEY },
	{ "!x log: info\n", "1:1: " NO_KEY },
	{ "!!str log: info\n", "1:1: " NO_KEY },
	{ "log: &a none\n", "1:6: log: " A_LEVEL },
	{ "log: !!str none\n", "1:6: log: " A_LEVEL },
	{ "log: ! none\n", "1:6: log: " A_LEVEL },
	{ "log: *a\n", "1:6: log: " A_LEVEL },
	{ "log: info\n---\nlog: info\n",
	    "2:1: a second document; all keys go into one" },
	{ "---\n---\n", "2:1: a second document; all keys go into one" },
	{ "%YAML 1.1\n---\nlog: info\n",
	    "1:1: a directive; there is no use for one" },
	{ "%TAG ! x:\n---\nlog: info\n",
	    "1:1: a directive; there is no use for one" },
	/* libyaml's own words */
	{ "tcti: x\n  srk: transient\n",
	    "2:6: mapping values are not allowed in this context" },
	{ "{log: info", "2:1: did not find expected ',' or '}'" },
	{ "log: 'none", "1:11: found unexpected end of stream" },
	{ "log: info\n\tsrk: x\n", "2:1: found " },
	{ "log: info # \x01\n", "1:13: control characters are not allowed" },
	{ "log: info\n# \xc3\xa4 \xff\n",
	    "2:5: invalid leading UTF-8 octet" },
};

static void
a_file_that_is_no_such_mapping_is_refused(void **state)
{
	struct config c;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(bad_files); i++) {
		assert_int_equal(load(bad_files[i].text, &c),
		    CKR_FUNCTION_FAILED);
		if (strstr(said, bad_files[i].want) == NULL)
			fail_msg("%s\nis refused by\n%sand not by\n%s",
			    bad_files[i].text, said, bad_files[i].want);
		assert_default(&c);
		config_free(&c);
	}
}

/* Each beginning of a good file is taken or refused in words, and what is
 * refused leaves the defaults. */
static void
every_beginning_of_a_file_is_read_or_refused(void **state)
{
	char text[sizeof(all_keys)];
	struct config c;
	size_t len, good = 0;

	(void)state;
	for (len = 0; len < sizeof(all_keys); len++) {
		memcpy(text, all_keys, len);
		text[len] = '\0';
		if (load(text, &c) == CKR_OK) {
			good++;
		} else {
			assert_non_null(strstr(said, file));
			assert_default(&c);
		}
		config_free(&c);
	}
	assert_in_range(good, CONFIG_KEYS, sizeof(all_keys));
}

/* A byte of a good file is another one: the seed is the position. */
static void
every_byte_may_be_another(void **state)
{
	char text[sizeof(all_keys)];
	unsigned i, j;
	struct config c;

	(void)state;
	(void)setenv("TPM2_CRYPTOKI_CONFIG", file, 1);
	for (i = 0; i + 1 < sizeof(all_keys); i++)
		for (j = 0; j < 8; j++) {
			memcpy(text, all_keys, sizeof(all_keys));
			text[i] = (char)((unsigned char)text[i] ^ 1U << j);
			write_bytes(file, view_of(text, sizeof(text) - 1));
			if (load_any(&c) != CKR_OK) {
				assert_non_null(strstr(said, file));
				assert_default(&c);
			}
			config_free(&c);
		}
}

static void
junk_is_refused(void **state)
{
	uint8_t bytes[4096];
	uint32_t seed;
	size_t i;
	struct config c;

	(void)state;
	(void)setenv("TPM2_CRYPTOKI_CONFIG", file, 1);
	for (seed = 1; seed <= 200; seed++) {
		uint32_t x = seed;

		for (i = 0; i < sizeof(bytes); i++) {
			x = x * 1664525U + 1013904223U;
			bytes[i] = (uint8_t)(x >> 24);
		}
		write_bytes(file, view_of(bytes, 1 + seed * 20));
		if (load_any(&c) != CKR_FUNCTION_FAILED ||
		    strstr(said, file) == NULL)
			fail_msg("seed %u: %s", (unsigned)seed, said);
		config_free(&c);
	}
}

/* Brackets in brackets, and one line without an end. */
static void
deep_and_long_texts_are_refused(void **state)
{
	static const char parts[] = "[{:,&*'\"?- #|>%@!";
	char text[60000];
	struct config c;
	size_t i;

	(void)state;
	for (i = 0; i + 1 < sizeof(parts); i++) {
		memset(text, parts[i], sizeof(text));
		text[sizeof(text) - 1] = '\0';
		if (load(text, &c) != CKR_OK)
			assert_non_null(strstr(said, file));
		else
			assert_non_null(strchr(" #-", parts[i]));
		config_free(&c);
	}
}

/* The commented keys of the sample, as one text. */
static void
uncomment(char *text, size_t room)
{
	static const char here[] = "test/unit/test_config.c";
	char line[200], path[400];
	size_t used = 0;
	FILE *f;

	(void)snprintf(path, sizeof(path), "%.*slib/config.yaml.sample",
	    (int)(strlen(__FILE__) - strlen(here)), __FILE__);
	f = fopen(path, "r");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f) != NULL) {
		if (line[0] != '#' || line[1] < 'a' || line[1] > 'z')
			continue;
		assert_true(used + strlen(line) < room);
		memcpy(text + used, line + 1, strlen(line));
		used += strlen(line) - 1;
	}
	(void)fclose(f);
}

static void
sample_has_every_key_with_its_default(void **state)
{
	struct config c, is;
	char text[4096] = "";
	unsigned i;

	(void)state;
	uncomment(text, sizeof(text));
	assert_int_equal(config_defaults(&is), CKR_OK);
	taken(text, &c);
	for (i = 0; i < CONFIG_KEYS; i++) {
		struct buf want = BUF_EMPTY;

		if (c.origin[i].source != CONFIG_FILE)
			fail_msg("no %s", config_name((enum config_key)i));
		assert_int_equal(config_value(&is, (enum config_key)i,
		    &want), CKR_OK);
		assert_value(&c, (enum config_key)i, (char *)want.data);
		buf_free(&want);
	}
	config_free(&is);
	config_free(&c);
}

static void
without_memory_nothing_is_kept(void **state)
{
	struct config c;
	size_t n;
	CK_RV rv = CKR_HOST_MEMORY;

	(void)state;
	for (n = 1; rv != CKR_OK; n++) {
		write_text(file, all_keys);
		(void)setenv("TPM2_CRYPTOKI_CONFIG", file, 1);
		mem_fail_at(n);
		rv = load_any(&c);
		mem_fail_at(0);
		if (rv != CKR_OK)
			assert_int_equal(rv, CKR_HOST_MEMORY);
		config_free(&c);
	}
	assert_in_range(n, CONFIG_KEYS, 200);
	for (n = 1, rv = CKR_HOST_MEMORY; rv != CKR_OK; n++) {
		mem_fail_at(n);
		rv = config_defaults(&c);
		mem_fail_at(0);
		config_free(&c);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		config_test(every_key_has_the_value_of_the_file),
		config_test(values_come_back_as_text_with_their_origin),
		config_test(names_are_those_of_the_file),
		config_test(nothing_is_a_configuration),
		config_test(a_flow_mapping_will_do),
		config_test(an_empty_text_is_as_none),
		config_test(a_wrong_value_is_refused_with_its_place),
		config_test(a_file_that_is_no_such_mapping_is_refused),
		config_test(every_beginning_of_a_file_is_read_or_refused),
		config_test(every_byte_may_be_another),
		config_test(junk_is_refused),
		config_test(deep_and_long_texts_are_refused),
		config_test(sample_has_every_key_with_its_default),
		config_test(without_memory_nothing_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

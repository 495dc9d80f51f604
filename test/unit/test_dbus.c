/* SPDX-License-Identifier: BSD-2-Clause */
#include "../lib/fake_bus.h"

static const struct dbus_call hello = {
	.destination = "org.freedesktop.DBus",
	.path = "/org/freedesktop/DBus",
	.interface = "org.freedesktop.DBus",
	.member = "Hello"
};

/* A reply with all fields that are read, and a body. */
static const struct fake_message reply = {
	.type = DBUS_RETURN, .answers = 3, .signature = "t", .fds = 1
};

static struct fake_message
reply_with(struct view body)
{
	struct fake_message m = reply;

	m.body = body;
	return m;
}

static CK_RV
read_bytes(const struct fake_bytes *b, struct dbus_message *out)
{
	/* In memory of its own length, so that a sanitizer sees the end. */
	uint8_t *copy = malloc(b->len);
	CK_RV rv;

	assert_non_null(copy);
	memcpy(copy, b->data, b->len);
	rv = dbus_read(view_of(copy, b->len), out);
	if (rv == CKR_OK)
		assert_true(dbus_text(out).len <= out->body.len);
	free(copy);
	return rv;
}

static CK_RV
read_message(const struct fake_message *m)
{
	struct fake_bytes b = fake_write(m);
	struct dbus_message out;

	return read_bytes(&b, &out);
}

static void
a_call_is_written_as_the_standard_has_it(void **state)
{
	static const char bytes[] =
	    "l\1\0\1" "\0\0\0\0" "\7\0\0\0" "\156\0\0\0"
	    "\1\1o\0" "\25\0\0\0" "/org/freedesktop/DBus\0\0\0"
	    "\6\1s\0" "\24\0\0\0" "org.freedesktop.DBus\0\0\0\0"
	    "\2\1s\0" "\24\0\0\0" "org.freedesktop.DBus\0\0\0\0"
	    "\3\1s\0" "\5\0\0\0" "Hello\0\0\0";
	struct buf out = BUF_EMPTY;
	size_t len;

	(void)state;
	assert_int_equal(dbus_write(&hello, 7, &out), CKR_OK);
	assert_int_equal(out.len, sizeof(bytes) - 1);
	assert_memory_equal(out.data, bytes, out.len);
	assert_int_equal(dbus_length(view_sub(buf_view(&out), 0, 16), &len),
	    CKR_OK);
	assert_int_equal(len, out.len);
	buf_free(&out);
}

static void
a_second_call_is_aligned_by_its_own_start(void **state)
{
	struct buf one = BUF_EMPTY, two = BUF_EMPTY;

	(void)state;
	assert_int_equal(dbus_write(&hello, 7, &one), CKR_OK);
	assert_int_equal(buf_append(&two, view_str("abc")), CKR_OK);
	assert_int_equal(dbus_write(&hello, 7, &two), CKR_OK);
	assert_true(view_equal(view_sub(buf_view(&two), 3, two.len),
	    buf_view(&one)));
	buf_free(&one);
	buf_free(&two);
}

static void
an_answer_is_read_in_either_order_of_bytes(void **state)
{
	struct fake_message m = { .type = DBUS_RETURN, .answers = 0x01020304,
	    .signature = "aht", .fds = 1,
	    .body = view_of("\0\0\0\4\0\0\0\0abcdefgh", 16) };
	struct dbus_message out;
	struct fake_bytes b;
	int big;

	(void)state;
	for (big = 0; big < 2; big++) {
		m.big = big != 0;
		b = fake_write(&m);
		assert_int_equal(dbus_read(view_of(b.data, b.len), &out),
		    CKR_OK);
		assert_int_equal(out.type, DBUS_RETURN);
		assert_int_equal(out.answers, 0x01020304);
		assert_int_equal(out.fds, 1);
		assert_true(dbus_is(out.signature, "aht"));
		assert_int_equal(out.body.len, 16);
		assert_int_equal(dbus_u32(&out, 0), big ? 4 : 0x04000000);
		assert_int_equal(dbus_u32(&out, 8), big ? 0x61626364 :
		    0x64636261);
	}
}

static void
an_error_has_a_name_and_perhaps_a_text(void **state)
{
	struct fake_message m = { .type = DBUS_ERROR, .answers = 2,
	    .error = "org.example.No", .signature = "su",
	    .body = view_of("\3\0\0\0why\0\1\0\0\0", 12) };
	struct dbus_message out;
	struct fake_bytes b = fake_write(&m);

	(void)state;
	assert_int_equal(dbus_read(view_of(b.data, b.len), &out), CKR_OK);
	assert_true(dbus_is(out.error, "org.example.No"));
	assert_true(dbus_is(dbus_text(&out), "why"));

	m.body = view_of("\377\377\377\377why\0\1\0\0\0", 12);
	b = fake_write(&m);
	assert_int_equal(dbus_read(view_of(b.data, b.len), &out), CKR_OK);
	assert_int_equal(dbus_text(&out).len, 0);

	m.signature = "us";
	m.body = view_of("\1\0\0\0\3\0\0\0why\0", 12);
	b = fake_write(&m);
	assert_int_equal(dbus_read(view_of(b.data, b.len), &out), CKR_OK);
	assert_int_equal(dbus_text(&out).len, 0);

	m.signature = NULL;
	m.body = VIEW_EMPTY;
	b = fake_write(&m);
	assert_int_equal(dbus_read(view_of(b.data, b.len), &out), CKR_OK);
	assert_int_equal(dbus_text(&out).len, 0);
}

/* What a field is, as bytes; all but the first of them break a rule. */
static void
fields_are_taken_strictly(void **state)
{
	static const struct {
		const char *why;
		struct { const char *data; size_t len; } field;
		CK_RV rv;
	} rows[] = {
		{ "none", { "", 0 }, CKR_OK },
		{ "a field of later", { "\12\1o\0\1\0\0\0/\0", 10 }, CKR_OK },
		{ "sender", { "\7\1s\0\2\0\0\0:1\0", 11 }, CKR_OK },
		{ "code 0", { "\0\1s\0\2\0\0\0:1\0", 11 }, CKR_DATA_INVALID },
		{ "wrong type", { "\7\1u\0\2\0\0\0", 8 }, CKR_DATA_INVALID },
		{ "unknown type", { "\13\1x\0\0\0\0\0\0\0\0\0\0\0\0\0", 16 },
		    CKR_DATA_INVALID },
		{ "two types", { "\13\2uu\0\0\0\0\0\0\0\0\0\0\0\0", 16 },
		    CKR_DATA_INVALID },
		{ "no type", { "\13\0\0", 3 }, CKR_DATA_INVALID },
		{ "signature's NUL", { "\7\1ss\2\0\0\0:1\0", 11 },
		    CKR_DATA_INVALID },
		{ "string's NUL", { "\7\1s\0\2\0\0\0:1x", 11 },
		    CKR_DATA_INVALID },
		{ "NUL inside", { "\7\1s\0\2\0\0\0:\0\0", 11 },
		    CKR_DATA_INVALID },
		{ "too long", { "\7\1s\0\4\0\0\0:1\0", 11 },
		    CKR_DATA_INVALID },
		{ "huge", { "\7\1s\0\377\377\377\377:1\0", 11 },
		    CKR_DATA_INVALID },
		{ "nearly huge", { "\7\1s\0\377\377\377\177:1\0", 11 },
		    CKR_DATA_INVALID },
		{ "twice", { "\11\1u\0\1\0\0\0", 8 }, CKR_DATA_INVALID },
		{ "cut off", { "\7", 1 }, CKR_DATA_INVALID },
		{ "padding", { "\7\1s\0\2\0\0\0:1\0xxxxx\12\1u\0\0\0\0\0", 24 },
		    CKR_DATA_INVALID },
	};
	struct fake_message m = reply_with(view_of("12345678", 8));
	size_t i;
	CK_RV rv;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		m.extra = view_of(rows[i].field.data, rows[i].field.len);
		if ((rv = read_message(&m)) != rows[i].rv)
			fail_msg("%s: 0x%lx", rows[i].why, rv);
	}
}

static void
what_a_type_needs_is_there(void **state)
{
	struct fake_message m = reply;

	(void)state;
	assert_int_equal(read_message(&m), CKR_OK);
	m.answers = 0;
	assert_int_equal(read_message(&m), CKR_DATA_INVALID);
	m.type = DBUS_ERROR;
	m.error = "a.b";
	assert_int_equal(read_message(&m), CKR_DATA_INVALID);
	m.answers = 1;
	assert_int_equal(read_message(&m), CKR_OK);
	m.error = NULL;
	assert_int_equal(read_message(&m), CKR_DATA_INVALID);
	m.type = DBUS_SIGNAL;
	m.answers = 0;
	assert_int_equal(read_message(&m), CKR_OK);
	m.body = view_of("1234", 4);
	assert_int_equal(read_message(&m), CKR_OK);
	m.signature = NULL;
	assert_int_equal(read_message(&m), CKR_DATA_INVALID);
	m = reply;
	m.type = 0;
	assert_int_equal(read_message(&m), CKR_DATA_INVALID);
}

struct head {
	uint8_t order, version;
	uint32_t body, serial, fields;
	CK_RV rv;
	size_t len;
};

static void
a_length_is_bounded(void **state)
{
	static const struct head rows[] = {
		{ 'l', 1, 0, 1, 0, CKR_OK, 16 },
		{ 'l', 1, 5, 1, 1, CKR_OK, 29 },
		{ 'l', 1, 65520, 1, 0, CKR_OK, 65536 },
		{ 'l', 1, 65521, 1, 0, CKR_DATA_INVALID, 0 },
		{ 'l', 1, 65512, 1, 1, CKR_OK, 65536 },
		{ 'l', 1, 65513, 1, 1, CKR_DATA_INVALID, 0 },
		{ 'l', 1, 0, 1, 65536, CKR_DATA_INVALID, 0 },
		{ 'l', 1, 0xffffffff, 1, 1, CKR_DATA_INVALID, 0 },
		{ 'l', 1, 1, 1, 0xffffffff, CKR_DATA_INVALID, 0 },
		{ 'l', 1, 0xffffffff, 1, 0xffffffff, CKR_DATA_INVALID, 0 },
		{ 'l', 1, 0x80000000, 1, 0x7ffffff0, CKR_DATA_INVALID, 0 },
		{ 'l', 1, 0, 0, 0, CKR_DATA_INVALID, 0 },
		{ 'l', 2, 0, 1, 0, CKR_DATA_INVALID, 0 },
		{ 'x', 1, 0, 1, 0, CKR_DATA_INVALID, 0 },
		{ 0, 1, 0, 1, 0, CKR_DATA_INVALID, 0 },
	};
	uint8_t data[16] = { 0, DBUS_SIGNAL };
	uint32_t numbers[3];
	size_t i, len = 0;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		data[0] = rows[i].order;
		data[3] = rows[i].version;
		numbers[0] = htole32(rows[i].body);
		numbers[1] = htole32(rows[i].serial);
		numbers[2] = htole32(rows[i].fields);
		memcpy(data + 4, numbers, sizeof(numbers));
		assert_int_equal(dbus_length(view_of(data, 16), &len),
		    rows[i].rv);
		if (rows[i].rv == CKR_OK)
			assert_int_equal(len, rows[i].len);
	}
	assert_int_equal(dbus_length(view_of(data, 15), &len),
	    CKR_DATA_INVALID);
}

static void
a_message_is_whole_or_none(void **state)
{
	struct fake_message m = reply_with(view_of("12345678", 8));
	struct fake_bytes b = fake_write(&m);
	struct dbus_message out;
	size_t whole = b.len;

	(void)state;
	assert_int_equal(read_bytes(&b, &out), CKR_OK);
	for (b.len = 0; b.len < whole; b.len++)
		assert_int_equal(read_bytes(&b, &out), CKR_DATA_INVALID);
	b.len = whole + 1;
	assert_int_equal(read_bytes(&b, &out), CKR_DATA_INVALID);
}

/* Only a sanitizer or a crash can tell; the seed makes it the same again. */
static void
nothing_but_memory_of_the_message_is_read(void **state)
{
	struct fake_message m = { .type = DBUS_ERROR, .answers = 1,
	    .error = "a.b.c", .signature = "s", .fds = 1,
	    .body = view_of("\3\0\0\0why\0", 8) };
	struct fake_bytes good = fake_write(&m), b;
	struct dbus_message out;
	size_t i, read = 0;
	int round, n;

	(void)state;
	srandom(1);
	for (round = 0; round < 200000; round++) {
		b = good;
		for (n = 0; n <= round % 3; n++) {
			i = (size_t)random() % b.len;
			b.data[i] = (uint8_t)(random() % 5 == 0 ? random() :
			    b.data[i] ^ 1 << random() % 8);
		}
		read += read_bytes(&b, &out) == CKR_OK;
	}
	assert_true(read > 1000);
}

/* "path", "@name" in the abstract, or NULL at the list's end. */
static void
addresses_are_read(void **state)
{
	static const struct {
		const char *list;
		const char *sockets[3];
	} rows[] = {
		{ "unix:path=/run/bus", { "/run/bus" } },
		{ "unix:path=/run/bus,guid=0123", { "/run/bus" } },
		{ "unix:guid=0123,path=/run/bus", { "/run/bus" } },
		{ "unix:abstract=/tmp/x", { "@/tmp/x" } },
		{ "unix:path=/a;unix:abstract=b", { "/a", "@b" } },
		{ ";;unix:path=/a;", { "/a" } },
		{ "tcp:host=localhost,port=1;unix:path=/a", { "/a" } },
		{ "autolaunch:;unix:path=/a", { "/a" } },
		{ "autolaunch:", { NULL } },
		{ "unixexec:path=/bin/sh", { NULL } },
		{ "unix:path=/a%20b%2Fc%3d", { "/a b/c=" } },
		{ "unix:path=/a=b", { "/a=b" } },
		{ "unix:path=/a%2", { NULL } },
		{ "unix:path=/a%", { NULL } },
		{ "unix:path=/a%zz", { NULL } },
		{ "unix:path=/a%00b;unix:path=/c", { "/c" } },
		{ "unix:path=relative", { NULL } },
		{ "unix:path=", { NULL } },
		{ "unix:path", { NULL } },
		{ "unix:", { NULL } },
		{ "unix", { NULL } },
		{ "", { NULL } },
		{ "unix:path=/a,abstract=/b", { NULL } },
		{ "unix:path=/a,path=/b", { NULL } },
		{ "unix:tmpdir=/tmp;unix:dir=/tmp", { NULL } },
	};
	struct sockaddr_un sun;
	struct view list;
	socklen_t len;
	size_t i, n;
	CK_RV rv;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		list = view_str(rows[i].list);
		for (n = 0; (rv = dbus_address(&list, &sun, &len)) == CKR_OK;
		    n++) {
			assert_non_null(rows[i].sockets[n]);
			assert_int_equal(len, offsetof(struct sockaddr_un,
			    sun_path) + strlen(rows[i].sockets[n]) +
			    (sun.sun_path[0] != '\0'));
			if (sun.sun_path[0] == '\0')
				sun.sun_path[0] = '@';
			assert_string_equal(sun.sun_path,
			    rows[i].sockets[n]);
		}
		assert_int_equal(rv, CKR_NO_EVENT);
		assert_null(rows[i].sockets[n]);
	}
}

static void
a_path_fits_a_socket_s_name_or_is_none(void **state)
{
	char list[200] = "unix:path=/";
	size_t room = sizeof(((struct sockaddr_un *)NULL)->sun_path);
	struct sockaddr_un sun;
	struct view v;
	socklen_t len;

	(void)state;
	memset(list + 11, 'a', room - 2);
	v = view_str(list);
	assert_int_equal(dbus_address(&v, &sun, &len), CKR_OK);
	assert_int_equal(strnlen(sun.sun_path, room), room - 1);
	assert_int_equal(len, sizeof(sun));
	list[11 + room - 2] = 'a';
	v = view_str(list);
	assert_int_equal(dbus_address(&v, &sun, &len), CKR_NO_EVENT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_call_is_written_as_the_standard_has_it),
		cmocka_unit_test(a_second_call_is_aligned_by_its_own_start),
		cmocka_unit_test(an_answer_is_read_in_either_order_of_bytes),
		cmocka_unit_test(an_error_has_a_name_and_perhaps_a_text),
		cmocka_unit_test(fields_are_taken_strictly),
		cmocka_unit_test(what_a_type_needs_is_there),
		cmocka_unit_test(a_length_is_bounded),
		cmocka_unit_test(a_message_is_whole_or_none),
		cmocka_unit_test(nothing_but_memory_of_the_message_is_read),
		cmocka_unit_test(addresses_are_read),
		cmocka_unit_test(a_path_fits_a_socket_s_name_or_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-2-Clause */
#include "bench.h"

#include <string.h>

/* id, title, how, op, size, threads, processes */
const struct test tests[] = {
	{ "ecdsa_p256", "ECDSA P-256 sign", RATE, OP_ECDSA, 32, 1, 1 },
	{ "rsa2048_sign", "RSA-2048 sign", RATE, OP_RSA_SIGN, 51, 1, 1 },
	{ "rsa2048_decrypt", "RSA-2048 decrypt", RATE, OP_RSA_DECRYPT, 16, 1,
	    1 },
	{ "ecdh_p256", "ECDH P-256", RATE, OP_ECDH, 32, 1, 1 },
	{ "aes_cbc_1k", "AES-CBC 1 KiB", RATE, OP_AES, 1024, 1, 1 },
	{ "aes_cbc_64k", "AES-CBC 64 KiB", RATE, OP_AES, 65536, 1, 1 },
	{ "hmac_sha256", "HMAC-SHA256 256 B", RATE, OP_HMAC, 256, 1, 1 },
	{ "random_32", "random 32 B", RATE, OP_RANDOM, 32, 1, 1 },
	{ "random_1k", "random 1 KiB", RATE, OP_RANDOM, 1024, 1, 1 },
	{ "tls13", "TLS 1.3 handshake", RATE, OP_TLS, 0, 1, 1 },
	{ "threads_1", "ECDSA, 1 thread", RATE, OP_ECDSA, 32, 1, 1 },
	{ "threads_2", "ECDSA, 2 threads", RATE, OP_ECDSA, 32, 2, 1 },
	{ "threads_8", "ECDSA, 8 threads", RATE, OP_ECDSA, 32, 8, 1 },
	{ "processes_1", "ECDSA, 1 process", RATE, OP_ECDSA, 32, 1, 1 },
	{ "processes_4", "ECDSA, 4 processes", RATE, OP_ECDSA, 32, 1, 4 },
	{ "cold", "cold cycle", COLD, OP_ECDSA, 32, 1, 1 },
	{ "start", "start and login", START, OP_ECDSA, 32, 1, 1 },
	{ "search", "search by label", RATE, OP_SEARCH, 0, 1, 1 },
	{ "cpu_ecdsa_p256", "CPU of an ECDSA", CPU, OP_ECDSA, 32, 1, 1 },
	{ "cpu_tcti", "CPU of the TCTI alone", CPU, OP_TCTI, 0, 1, 1 },
	{ "memory_rss", "memory after login", RSS, OP_ECDSA, 32, 1, 1 },
	{ "memory_peak", "memory at most", PEAK, OP_ECDSA, 32, 1, 1 },
	{ "memory_growth", "memory kept by use", GROWTH, OP_ECDSA, 32, 1, 1 },
	{ "commands_ecdsa_p256", "commands of ECDSA", COMMANDS, OP_ECDSA, 32,
	    1, 1 },
	{ "commands_rsa2048_sign", "commands of RSA sign", COMMANDS,
	    OP_RSA_SIGN, 51, 1, 1 },
	{ "commands_rsa2048_decrypt", "commands of RSA decrypt", COMMANDS,
	    OP_RSA_DECRYPT, 16, 1, 1 },
	{ "commands_ecdh_p256", "commands of ECDH", COMMANDS, OP_ECDH, 32, 1,
	    1 },
	{ "commands_aes_cbc_64k", "commands of AES 64 KiB", COMMANDS, OP_AES,
	    65536, 1, 1 },
	{ "commands_random_32", "commands of random 32 B", COMMANDS,
	    OP_RANDOM, 32, 1, 1 },
	{ "commands_random_1k", "commands of random 1 KiB", COMMANDS,
	    OP_RANDOM, 1024, 1, 1 },
	{ "commands_cold", "commands of a cold cycle", COMMANDS_COLD,
	    OP_ECDSA, 32, 1, 1 },
	{ NULL, NULL, RATE, OP_ECDSA, 0, 0, 0 }
};

const char *const who_names[CONTESTANTS] = { "floor", "module", "other" };

const struct test *
test_find(const char *id)
{
	const struct test *t;

	for (t = tests; t->id != NULL; t++)
		if (strcmp(t->id, id) == 0)
			return t;
	die("no test is called %s", id);
}

enum who
who_find(const char *name)
{
	enum who who;

	for (who = FLOOR; who < CONTESTANTS; who++)
		if (strcmp(who_names[who], name) == 0)
			return who;
	die("no contestant is called %s", name);
}

const char *
test_unit(const struct test *t)
{
	static const char *const units[] = {
		[RATE] = "1/s", [COLD] = "1/s", [CPU] = "us",
		[COMMANDS] = "commands", [COMMANDS_COLD] = "commands",
		[START] = "ms", [RSS] = "KiB", [PEAK] = "KiB",
		[GROWTH] = "KiB",
	};

	return units[t->how];
}

bool
test_more_is_better(const struct test *t)
{
	return t->how == RATE || t->how == COLD;
}

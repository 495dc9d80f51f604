/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

/*
 * What is measured, and by whom. Three contestants do the same work on the
 * same TPM in turn, in short rounds, each time in a process of its own: the
 * TPM alone through ESAPI (the floor), our module, another module. What
 * goes wrong ends the process; its contestant then has no figure.
 */

#include <stdbool.h>
#include <stddef.h>

#define BENCH_LABEL "bench"	/* the token */
#define BENCH_PIN "123456"
#define BENCH_SO_PIN "12345678"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum who { FLOOR, MODULE, OTHER, CONTESTANTS };

enum op {
	OP_ECDSA,	/* P-256 over 32 bytes */
	OP_RSA_SIGN,	/* 2048 bits, PKCS #1 v1.5 */
	OP_RSA_DECRYPT,
	OP_ECDH,	/* P-256, to the value */
	OP_AES,		/* CBC of size bytes */
	OP_HMAC,	/* SHA-256 over size bytes */
	OP_RANDOM,	/* size bytes */
	OP_TLS,		/* a handshake; test/bench/tls */
	OP_TCTI,	/* the bytes of a Sign command; the floor alone */
	OP_SEARCH	/* for the P-256 key by class and label */
};

enum how {
	RATE,		/* operations a second */
	COLD,		/* whole processes a second, one operation in each */
	CPU,		/* microseconds of the process's CPU an operation */
	COMMANDS,	/* TPM commands an operation */
	COMMANDS_COLD,	/* TPM commands of a whole process */
	START,		/* milliseconds from loading the module to the login */
	RSS,		/* KiB resident after login and one operation */
	PEAK,		/* KiB, the most that was resident until then */
	GROWTH		/* KiB that many operations add to it */
};

struct test {
	const char *id;
	const char *title;
	enum how how;
	enum op op;
	size_t size;
	unsigned threads;
	unsigned processes;
};

/* How to do an operation. open is called once in a process, thread in each
 * of its threads, before the clock starts. */
struct contestant {
	void (*open)(const struct test *t);
	void *(*thread)(void);
	void (*run)(void *thread);
	void (*close)(void);
};

/* tests.c */
extern const struct test tests[];
const struct test *test_find(const char *id);
const char *test_unit(const struct test *t);
bool test_more_is_better(const struct test *t);
extern const char *const who_names[CONTESTANTS];
enum who who_find(const char *name);

/* main.c or tls.c: NULL when who cannot do that. */
const struct contestant *contestant_for(enum who who, const struct test *t);

/* floor.c; the last two are for the key of a TLS server. */
extern const struct contestant floor_contestant;
void floor_make_keys(void);
void floor_flush(void);
void floor_unlock(void);
void floor_public(unsigned char x[32], unsigned char y[32]);
void floor_sign(const unsigned char digest[32], unsigned char r[32],
    unsigned char s[32]);

/* module.c; the module is the one that BENCH_MODULE names. */
extern const struct contestant module_contestant;

/* provision.c: the token, one of its keys, objects beside them. */
void make_token(void);
void make_key(const char *name);
void fill_token(unsigned long from, unsigned long to);
/* C_Initialize and C_Finalize between two system calls that fail, which
 * show where in a trace they are. */
void initialize_marked(void);

/* worker.c: a contestant's process; its value goes to standard output. */
void work(enum who who, const struct test *t);

/* rounds.c: prints a line of the report. */
void compare(const struct test *t, const char *path, const char *suffix);

/* util.c */
void die(const char *format, ...)
    __attribute__((noreturn, format(printf, 1, 2)));
/* A number from the environment, or what it is without. */
unsigned long setting(const char *name, unsigned long otherwise);
const char *need_env(const char *name);
double seconds(void);		/* of a clock that only goes forward */
double median(double *v, size_t n);
unsigned long count_lines(const char *path);

#endif

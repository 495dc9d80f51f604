/* SPDX-License-Identifier: BSD-2-Clause */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

#define ROUNDS_MAX 99
#define PROCESSES_MAX 8

struct worker {
	pid_t pid;
	int to;		/* its standard input */
	int from;	/* its standard output */
};

/* Rounds of one test: a value for each contestant and round. */
struct rounds {
	const struct test *t;
	bool flush;	/* what a contestant left is in the others' way */
	unsigned n;
	bool takes_part[CONTESTANTS];
	double value[CONTESTANTS][ROUNDS_MAX];
};

/* The TPM's trace goes before each contestant's own TCTI. */
static void
set_traced(const char *name)
{
	const char *tcti = getenv(name), *lib = need_env("TCTI_TRACE_LIB");
	char traced[512];

	if (tcti == NULL)
		return;
	(void)snprintf(traced, sizeof(traced), "%s:%s", lib, tcti);
	(void)setenv(name, traced, 1);
}

static void
become_worker(enum who who, const struct test *t)
{
	char program[512];

	(void)snprintf(program, sizeof(program), "%s/%s",
	    need_env("BENCH_PROGRAMS"), t->op == OP_TLS ? "tls" : "bench");
	(void)setenv("BENCH_MODULE", need_env(who == OTHER ? "BENCH_OTHER" :
	    "P11_MODULE"), 1);
	if (t->how == COMMANDS || t->how == COMMANDS_COLD) {
		set_traced("TPM2_CRYPTOKI_TCTI");
		set_traced("TPM2_PKCS11_TCTI");
	}
	(void)execl(program, program, "work", who_names[who], t->id,
	    (char *)NULL);
	_exit(127);
}

static void
start(struct worker *w, enum who who, const struct test *t)
{
	int in[2], out[2];

	if (pipe(in) != 0 || pipe(out) != 0 || (w->pid = fork()) < 0)
		die("no process for a worker");
	if (w->pid == 0) {
		(void)dup2(in[0], STDIN_FILENO);
		(void)dup2(out[1], STDOUT_FILENO);
		(void)close(in[0]);
		(void)close(in[1]);
		(void)close(out[0]);
		(void)close(out[1]);
		become_worker(who, t);
	}
	(void)close(in[0]);
	(void)close(out[1]);
	w->to = in[1];
	w->from = out[0];
}

/* Its value, after its last byte; false when it failed. */
static bool
finish(struct worker *w, double *value)
{
	char text[64];
	size_t len = 0;
	ssize_t n;
	int status;

	while (len < sizeof(text) - 1 &&
	    (n = read(w->from, text + len, sizeof(text) - 1 - len)) > 0)
		len += (size_t)n;
	text[len] = '\0';
	(void)close(w->to);
	(void)close(w->from);
	*value = strtod(text, NULL);
	return waitpid(w->pid, &status, 0) == w->pid && status == 0;
}

static bool
one(enum who who, const struct test *t, double *value)
{
	struct worker w;

	start(&w, who, t);
	return finish(&w, value);
}

static void
flush(void)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		char program[512];

		(void)snprintf(program, sizeof(program), "%s/bench",
		    need_env("BENCH_PROGRAMS"));
		(void)execl(program, program, "flush", (char *)NULL);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0)
		die("the TPM cannot be flushed");
}

/* All begin when all are ready; their rates add up. */
static bool
together(enum who who, const struct test *t, double *sum)
{
	struct worker w[PROCESSES_MAX];
	bool good = true;
	double value;
	unsigned i;
	char byte;

	for (i = 0; i < t->processes; i++)
		start(&w[i], who, t);
	for (i = 0; i < t->processes; i++)
		good &= read(w[i].from, &byte, 1) == 1;
	for (i = 0; i < t->processes; i++)
		good &= write(w[i].to, "+", 1) == 1;
	*sum = 0;
	for (i = 0; i < t->processes; i++) {
		good &= finish(&w[i], &value);
		*sum += value;
	}
	return good;
}

/* What is done between two processes is not counted. */
static bool
cold(const struct rounds *r, enum who who, double *rate)
{
	double limit = (double)setting("BENCH_SLICE", 250) / 1e3;
	double sum = 0, begin, value;
	unsigned n = 0;

	do {
		begin = seconds();
		if (!one(who, r->t, &value))
			return false;
		sum += seconds() - begin;
		n++;
		if (r->flush && who == OTHER)
			flush();
	} while (sum < limit);
	*rate = n / sum;
	return true;
}

static bool
commands_cold(enum who who, const struct test *t, double *n)
{
	const char *trace = need_env("TCTI_TRACE_FILE");
	double value;

	if (truncate(trace, 0) != 0 || !one(who, t, &value))
		return false;
	*n = (double)count_lines(trace);
	return true;
}

static bool
one_round(const struct rounds *r, enum who who, double *value)
{
	bool good;

	switch (r->t->how) {
	case RATE:
		good = together(who, r->t, value);
		break;
	case COLD:
		good = cold(r, who, value);
		break;
	case COMMANDS_COLD:
		good = commands_cold(who, r->t, value);
		break;
	default:
		good = one(who, r->t, value);
		break;
	}
	if (r->flush)
		flush();
	return good;
}

/* Does who have a module, and is it wanted? */
static bool
plays(enum who who, const struct test *t)
{
	const char *list = getenv("BENCH_CONTESTANTS");

	if (list != NULL && strstr(list, who_names[who]) == NULL)
		return false;
	return (who != OTHER || getenv("BENCH_OTHER") != NULL) &&
	    (t->op == OP_TLS ? true : contestant_for(who, t) != NULL);
}

/* Each round begins with another, so that no one always follows the same. */
static void
play(struct rounds *r)
{
	unsigned round, i;
	enum who who;

	for (who = FLOOR; who < CONTESTANTS; who++)
		r->takes_part[who] = plays(who, r->t);
	for (round = 0; round < r->n; round++)
		for (i = 0; i < CONTESTANTS; i++) {
			who = (enum who)((round + i) % CONTESTANTS);
			if (r->takes_part[who] &&
			    !one_round(r, who, &r->value[who][round]))
				r->takes_part[who] = false;
		}
}

static void
print_median(const struct rounds *r, enum who who)
{
	double copy[ROUNDS_MAX];

	if (!r->takes_part[who]) {
		(void)printf("\t-");
		return;
	}
	memcpy(copy, r->value[who], sizeof(copy));
	(void)printf("\t%.6g", median(copy, r->n));
}

/* How many times as good as whom our module is, by the median round. */
static void
print_ratio(const struct rounds *r, enum who whom)
{
	double ratio[ROUNDS_MAX], ours, theirs;
	unsigned i;

	for (i = 0; i < r->n; i++) {
		ours = r->value[MODULE][i];
		theirs = r->value[whom][i];
		if (!r->takes_part[MODULE] || !r->takes_part[whom] ||
		    ours <= 0 || theirs <= 0) {
			(void)printf("\t-");
			return;
		}
		ratio[i] = test_more_is_better(r->t) ? ours / theirs :
		    theirs / ours;
	}
	(void)printf("\t%.4g", median(ratio, r->n));
}

static unsigned
rounds_of(const struct test *t)
{
	unsigned n = (unsigned)setting("BENCH_ROUNDS", 7);

	switch (t->how) {
	case COMMANDS:
	case COMMANDS_COLD:
	case RSS:
	case PEAK:
	case GROWTH:
		return 1;
	default:
		return n < 1 || n > ROUNDS_MAX ? 1 : n;
	}
}

void
compare(const struct test *t, const char *path, const char *suffix)
{
	struct rounds r = { .t = t, .n = rounds_of(t) };
	enum who who;

	(void)signal(SIGPIPE, SIG_IGN);
	r.flush = strcmp(path, "direct") == 0;
	if (r.flush)
		flush();
	play(&r);
	(void)printf("%s%s\t%s\t%s\t%s", t->id, suffix, path, test_unit(t),
	    t->title);
	for (who = FLOOR; who < CONTESTANTS; who++)
		print_median(&r, who);
	print_ratio(&r, FLOOR);
	print_ratio(&r, OTHER);
	(void)printf("\t%u\n", r.n);
	(void)fflush(stdout);
}

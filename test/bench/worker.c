/* SPDX-License-Identifier: BSD-2-Clause */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "bench.h"

#define THREADS_MAX 16
#define LIMIT_SECONDS 240	/* nobody hangs longer */

struct runner {
	const struct contestant *c;
	void *state;
	unsigned long done;
	pthread_t thread;
};

static atomic_bool stop;

static void
repeat(const struct contestant *c, void *state, unsigned long n)
{
	while (n-- > 0)
		c->run(state);
}

static void *
run_until_stopped(void *arg)
{
	struct runner *r = arg;

	while (!atomic_load(&stop)) {
		r->c->run(r->state);
		r->done++;
	}
	return NULL;
}

/* The others begin their rounds when this one is as far. */
static void
wait_for_start(void)
{
	char byte;

	if (write(STDOUT_FILENO, "+", 1) != 1 ||
	    read(STDIN_FILENO, &byte, 1) != 1)
		die("nobody starts the round");
}

static void
prepare(struct runner *r, const struct contestant *c, unsigned n)
{
	unsigned i;

	for (i = 0; i < n; i++) {
		r[i] = (struct runner){ .c = c, .state = c->thread() };
		repeat(c, r[i].state, 2);
	}
}

static double
rate(const struct contestant *c, const struct test *t)
{
	unsigned long slice = setting("BENCH_SLICE", 250), done = 0;
	struct runner r[THREADS_MAX];
	double begin;
	unsigned i;

	prepare(r, c, t->threads);
	wait_for_start();
	begin = seconds();
	for (i = 1; i < t->threads; i++)
		if (pthread_create(&r[i].thread, NULL, run_until_stopped,
		    &r[i]) != 0)
			die("no thread");
	do {
		c->run(r[0].state);
		r[0].done++;
	} while (seconds() - begin < (double)slice / 1e3);
	atomic_store(&stop, true);
	for (i = 0; i < t->threads; i++) {
		if (i > 0)
			(void)pthread_join(r[i].thread, NULL);
		done += r[i].done;
	}
	return (double)done / (seconds() - begin);
}

static double
cpu_time(void)
{
	struct rusage u;

	(void)getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	    (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static double
cpu(const struct contestant *c)
{
	unsigned long n = setting("BENCH_CPU", 1000);
	void *state = c->thread();
	double begin;

	repeat(c, state, 20);
	begin = cpu_time();
	repeat(c, state, n);
	return (cpu_time() - begin) * 1e6 / (double)n;
}

static double
commands(const struct contestant *c)
{
	const char *trace = need_env("TCTI_TRACE_FILE");
	void *state = c->thread();
	unsigned long before;

	repeat(c, state, 1);
	before = count_lines(trace);
	repeat(c, state, 10);
	return (double)(count_lines(trace) - before) / 10;
}

/* A line of /proc/self/status, in KiB. */
static double
memory(const char *name)
{
	FILE *f = fopen("/proc/self/status", "r");
	char line[128];
	double kib = -1;

	if (f == NULL)
		die("no /proc");
	while (fgets(line, sizeof(line), f) != NULL)
		if (strncmp(line, name, strlen(name)) == 0)
			kib = strtod(line + strlen(name) + 1, NULL);
	(void)fclose(f);
	if (kib < 0)
		die("/proc says nothing of %s", name);
	return kib;
}

static double
memory_after(const struct contestant *c, const char *name)
{
	repeat(c, c->thread(), 1);
	return memory(name);
}

static double
growth(const struct contestant *c)
{
	unsigned long n = setting("BENCH_GROWTH", 10000);
	void *state = c->thread();
	double before;

	repeat(c, state, n / 10);
	before = memory("VmRSS");
	repeat(c, state, n);
	return memory("VmRSS") - before;
}

static double
measure(const struct contestant *c, const struct test *t)
{
	switch (t->how) {
	case RATE:
		return rate(c, t);
	case CPU:
		return cpu(c);
	case COMMANDS:
		return commands(c);
	case RSS:
		return memory_after(c, "VmRSS");
	case PEAK:
		return memory_after(c, "VmHWM");
	case GROWTH:
		return growth(c);
	case COLD:
	case COMMANDS_COLD:
		repeat(c, c->thread(), 1);
		return 0;
	default:
		return 0;
	}
}

void
work(enum who who, const struct test *t)
{
	const struct contestant *c = contestant_for(who, t);
	double begin = seconds(), value;

	if (c == NULL)
		die("%s does not do %s", who_names[who], t->id);
	(void)alarm(LIMIT_SECONDS);
	c->open(t);
	value = t->how == START ? (seconds() - begin) * 1e3 : measure(c, t);
	c->close();
	(void)printf("%.9g\n", value);
}

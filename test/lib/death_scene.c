/* SPDX-License-Identifier: BSD-2-Clause */
#include "death_scene.h"

#include <sys/mman.h>

static struct {
	unsigned round;
	bool done;
} *shared;

void
death_begin(void)
{
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(shared != MAP_FAILED);
}

unsigned
death_round(void)
{
	return shared->round;
}

void
death_was_done(bool done)
{
	shared->done = done;
}

static bool
one_round(const struct death_scene *scene, unsigned n, enum death when)
{
	bool died;

	shared->round++;
	if (scene->prepare != NULL)
		p11_in_child(scene->prepare);
	died = death_at(n, when, scene->call);
	shared->done = false;
	p11_in_child(scene->look);
	if (!died)
		assert_true(shared->done);
	return died;
}

unsigned
death_at_all_points(const struct death_scene *scene)
{
	unsigned n, points = 0, done = 0, first = 0;

	for (n = 1; one_round(scene, n, DEATH_BEFORE); n++, points++) {
		done += shared->done;
		if (first == 0 && shared->done)
			first = n;
	}
	for (n = 1; one_round(scene, n, DEATH_AFTER); n++, points++)
		done += shared->done;
	print_message("%s: %u deaths, after %u of them it was done\n",
	    scene->name, points, done);
	assert_true(points > 10);
	assert_true(done > 0);
	return first;
}

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_DEATH_SCENE_H
#define LIB_DEATH_SCENE_H

#include "death.h"

/*
 * A call that dies at each of its points in turn. Each function runs in a
 * process of its own; each round begins with what the last one left.
 */
struct death_scene {
	const char *name;
	void (*prepare)(void);	/* may be NULL */
	void (*call)(void);	/* dies after death_may_come */
	void (*look)(void);	/* at what it left; ends with all as before,
				 * so that there can be another round */
};

/* Of the group's setup. */
void death_begin(void);
/* Counts up with each round; to name things by. */
unsigned death_round(void);
/* By look: did the call come about in spite of all? */
void death_was_done(bool done);
/*
 * All points, before and after each, and once without a death; prints how
 * many there were. Returns the first one before which the call had come
 * about.
 */
unsigned death_at_all_points(const struct death_scene *scene);

#endif

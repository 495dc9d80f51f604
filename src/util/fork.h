/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef UTIL_FORK_H
#define UTIL_FORK_H

/*
 * How often this process line has forked since the library was loaded: a
 * value noted in the parent differs from the one seen in the child, so a
 * child knows that what it inherited is its parent's.
 */
unsigned fork_count(void);

/*
 * before is called in the parent ahead of each fork, after in the parent and
 * in the child behind it. Set once; NULL for none.
 */
void fork_hooks(void (*before)(void), void (*after)(void));

#endif

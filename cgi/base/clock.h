/*
 * How long things take, in milliseconds.  What time it is in the world is for
 * the database to say (app_now()).
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

/* Since some moment in the past; never goes back. */
int64_t clock_ms(void);

#endif

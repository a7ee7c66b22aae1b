/*
 * The clock that never goes back.  Must not be asked what time it is.
 */
#include "base/clock.h"

int64_t clock_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

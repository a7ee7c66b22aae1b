/*
 * Bars lying one under the other, for template part_bars: where each begins
 * and how long it is.  Knows no colour, and not what is counted.
 */
#ifndef VIEW_CHART_H
#define VIEW_CHART_H

#include "view/value.h"

/*
 * A bar, and what stands beside its end.  A label begins a group; those after
 * it without one (absent) belong to the same.  hatched: the second of the two
 * ways in which bars are filled.
 */
struct chart_bar {
	struct str label;
	struct str beside;
	int64_t amount; /* not negative */
	bool hatched;
};

/*
 * An object with height (of all, in em) and bars, a list: label, label_y,
 * beside, bar_y, beside_y (in em), width (in percent; the longest leaves room
 * beside it) and hatched.  All bars begin at zero.  In the arena.
 */
struct value chart_bars(struct arena *a, const struct chart_bar *bars,
			int count);

#endif

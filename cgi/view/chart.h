/*
 * Bars lying one under the other, for template part_bars, and a line over the
 * time, for part_line: where everything begins and how long it is.  Knows no
 * colour, and not what is counted.
 */
#ifndef VIEW_CHART_H
#define VIEW_CHART_H

#include "data/db.h"
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

/*
 * The same of rows that count people: columns what, people, and percent, which
 * may be null.
 */
struct value chart_counts(struct arena *a, const struct rows *rows);

/*
 * Where a line over the time is then.  What is not known is a gap in it.
 * below: what stands below the first and the last.  beside: what stands over
 * the last one that is known, and over the highest and the lowest when there
 * is room.
 */
struct chart_point {
	struct str below;
	struct str beside;
	int64_t amount; /* from 0 to most */
	bool known;
};

/*
 * An object with height, top_y (of most), base_y (of zero) and below_y (in em);
 * first and last, what stands below; lines, a list: x1, x2 (in percent), y1
 * and y2 (in em); dots, a list: x, y, beside (absent without room), beside_y
 * and anchor.  In the arena.
 */
struct value chart_line(struct arena *a, const struct chart_point *points,
			int count, int64_t most);

/*
 * A day of a calendar.  weekday: 0 for Monday to 6.  filled: it has a mark;
 * beside: what stands under it in words, or absent.
 */
struct chart_day {
	struct str number;
	struct str beside;
	int64_t weekday;
	bool filled;
};

/*
 * A calendar with a line a week, for template part_calendar, of days that
 * follow each other: an object with height (in em) and days, a list: number,
 * x (in percent), number_y, mark_y, beside_y (in em), beside and filled.  In
 * the arena.
 */
struct value chart_calendar(struct arena *a, const struct chart_day *days,
			    int count);

#endif

/*
 * Lays out charts.  Must not know what they stand for, nor how they are drawn.
 */
#include "view/chart.h"

#include "base/buf.h"

#include <stdlib.h>

/* In hundredths of an em: everything grows with the reader's letters. */
enum {
	LABEL_DOWN = 100, /* from a label's top to its base line */
	LABEL_ROOM = 135,
	BAR_ROOM = 130,
	BESIDE_DOWN = 88, /* from a bar's top to the base line beside it */
	GROUP_GAP = 45,
	LINE_TOP = 170, /* room for what stands over the highest */
	LINE_ROOM = 800,
	LINE_BELOW = 150,
	DOT_UP = 60,	/* from a dot to what stands over it */
	DOT_DOWN = 130, /* or under it */
	WEEK_TOP = 160, /* room for the names of the days */
	WEEK_ROOM = 300,
	NUMBER_DOWN = 90, /* from a week's top */
	MARK_DOWN = 145,
	UNDER_MARK_DOWN = 262,
};

/* Of the whole width, in hundredths of a percent. */
#define LONGEST 6500
#define MARGIN 300
#define WIDE 10000
/*
 * So that what stands over two dots does not touch on a phone, where the last
 * stands left of its dot; and how near the edge a dot is for that.
 */
#define APART 3000
#define EDGE 1000

static struct value decimal(struct arena *a, int64_t hundredths)
{
	struct str text =
		str_printf(a, "%lld.%02d", (long long)(hundredths / 100),
			   (int)(hundredths % 100));
	return value_text(&text);
}

static int64_t longest(const struct chart_bar *bars, int count)
{
	int64_t most = 1;

	for (int i = 0; i < count; i++)
		most = bars[i].amount > most ? bars[i].amount : most;
	return most;
}

static int64_t width_of(int64_t amount, int64_t most)
{
	return (int64_t)((double)amount / (double)most * LONGEST);
}

static const struct value_field *keep(struct arena *a,
				      const struct value_field *fields, int n)
{
	struct value_field *kept = ARENA_ARRAY(a, n, struct value_field);

	for (int i = 0; i < n; i++)
		kept[i] = fields[i];
	return kept;
}

/* One bar, no higher than *y, which moves to where the next may begin. */
static struct value lay(struct arena *a, const struct chart_bar *bar,
			int64_t most, int64_t *y)
{
	bool begins = !str_is_absent(bar->label);
	int64_t top = *y + (begins && *y > 0 ? GROUP_GAP : 0);
	int64_t at = top + (begins ? LABEL_ROOM : 0);
	const struct value_field fields[] = {
		{"label", value_text(&bar->label)},
		{"label_y", decimal(a, top + LABEL_DOWN)},
		{"beside", value_text(&bar->beside)},
		{"bar_y", decimal(a, at)},
		{"beside_y", decimal(a, at + BESIDE_DOWN)},
		{"width", decimal(a, width_of(bar->amount, most))},
		{"hatched", value_bool(bar->hatched)},
		{.name = NULL},
	};

	*y = at + BAR_ROOM;
	return value_object(keep(a, fields, 8));
}

struct value chart_bars(struct arena *a, const struct chart_bar *bars,
			int count)
{
	struct value *items = ARENA_ARRAY(a, count, struct value);
	int64_t most = longest(bars, count);
	int64_t y = 0;

	for (int i = 0; i < count; i++)
		items[i] = lay(a, &bars[i], most, &y);

	const struct value_field fields[] = {
		{"height", decimal(a, y)},
		{"bars", value_list(items, count)},
		{.name = NULL},
	};
	return value_object(keep(a, fields, 3));
}

/* "12 (34 %)" */
static struct str count_text(struct arena *a, struct str people,
			     struct str percent)
{
	if (str_is_absent(percent))
		return people;
	return str_printf(a, "%.*s (%.*s %%)", STR_ARG(people),
			  STR_ARG(percent));
}

struct value chart_counts(struct arena *a, const struct rows *rows)
{
	struct chart_bar *bars =
		ARENA_ARRAY(a, rows_count(rows) + 1, struct chart_bar);
	int count = 0;

	for (; count < rows_count(rows); count++) {
		struct str people = rows_named(rows, count, "people");
		struct chart_bar *bar = &bars[count];

		*bar = (struct chart_bar){
			.label = rows_named(rows, count, "what"),
			.beside = count_text(
				a, people, rows_named(rows, count, "percent")),
		};
		str_read_int(people, &bar->amount);
	}
	return chart_bars(a, bars, count);
}

/* --- a line --- */

static int64_t across(int i, int count)
{
	if (count < 2)
		return WIDE / 2;
	return MARGIN + (int64_t)(WIDE - 2 * MARGIN) * i / (count - 1);
}

static int64_t down(int64_t amount, int64_t most)
{
	double share = (double)amount / (double)(most > 0 ? most : 1);

	return LINE_TOP + LINE_ROOM - (int64_t)(share * LINE_ROOM);
}

static const char *anchor_at(int64_t x)
{
	if (x < EDGE)
		return "start";
	return x > WIDE - EDGE ? "end" : "middle";
}

/* The last one that is known, and the highest or the lowest: -1 for none. */
static int last_known(const struct chart_point *points, int count)
{
	for (int i = count - 1; i >= 0; i--)
		if (points[i].known)
			return i;
	return -1;
}

static int utmost(const struct chart_point *points, int count, int sign)
{
	int found = -1;

	for (int i = 0; i < count; i++)
		if (points[i].known &&
		    (found < 0 ||
		     sign * points[i].amount > sign * points[found].amount))
			found = i;
	return found;
}

/* Which are told in words: no two so near that they would touch. */
static bool is_told(const struct chart_point *points, int count, int which)
{
	const int wanted[] = {last_known(points, count),
			      utmost(points, count, 1),
			      utmost(points, count, -1)};
	int told[3];
	int n = 0;

	for (int i = 0; i < 3; i++) {
		bool near = wanted[i] < 0;

		for (int k = 0; k < n; k++)
			near = near || llabs(across(wanted[i], count) -
					     across(told[k], count)) < APART;
		if (!near)
			told[n++] = wanted[i];
	}
	for (int k = 0; k < n; k++)
		if (told[k] == which)
			return true;
	return false;
}

/* Over the dot, but where the line of the most would go through it. */
static int64_t beside_at(int64_t y)
{
	bool crosses = y > LINE_TOP + DOT_UP / 2 && y < LINE_TOP + 140;

	return crosses ? y + DOT_DOWN : y - DOT_UP;
}

static struct value dot(struct arena *a, const struct chart_point *points,
			int count, int64_t most, int i)
{
	int64_t x = across(i, count);
	int64_t y = down(points[i].amount, most);
	struct str anchor = str_of(anchor_at(x));
	struct str beside =
		is_told(points, count, i) ? points[i].beside : STR_ABSENT;
	const struct value_field fields[] = {
		{"x", decimal(a, x)},
		{"y", decimal(a, y)},
		{"beside", value_text(&beside)},
		{"beside_y", decimal(a, beside_at(y))},
		{"anchor", value_text(&anchor)},
		{.name = NULL},
	};

	return value_object(keep(a, fields, 6));
}

static struct value stroke(struct arena *a, const struct chart_point *points,
			   int count, int64_t most, int i)
{
	const struct value_field fields[] = {
		{"x1", decimal(a, across(i - 1, count))},
		{"y1", decimal(a, down(points[i - 1].amount, most))},
		{"x2", decimal(a, across(i, count))},
		{"y2", decimal(a, down(points[i].amount, most))},
		{.name = NULL},
	};

	return value_object(keep(a, fields, 5));
}

struct value chart_line(struct arena *a, const struct chart_point *points,
			int count, int64_t most)
{
	struct value *dots = ARENA_ARRAY(a, count, struct value);
	struct value *lines = ARENA_ARRAY(a, count, struct value);
	struct str first = count > 0 ? points[0].below : STR_ABSENT;
	struct str last = count > 1 ? points[count - 1].below : STR_ABSENT;
	int n = 0;
	int m = 0;

	for (int i = 0; i < count; i++) {
		if (points[i].known)
			dots[n++] = dot(a, points, count, most, i);
		if (i > 0 && points[i].known && points[i - 1].known)
			lines[m++] = stroke(a, points, count, most, i);
	}
	const struct value_field fields[] = {
		{"height", decimal(a, LINE_TOP + LINE_ROOM + LINE_BELOW + 40)},
		{"top_y", decimal(a, LINE_TOP)},
		{"base_y", decimal(a, LINE_TOP + LINE_ROOM)},
		{"below_y", decimal(a, LINE_TOP + LINE_ROOM + LINE_BELOW)},
		{"first", value_text(&first)},
		{"last", value_text(&last)},
		{"lines", value_list(lines, m)},
		{"dots", value_list(dots, n)},
		{.name = NULL},
	};
	return value_object(keep(a, fields, 9));
}

/* --- a calendar --- */

#define WEEK 7

static struct value lay_day(struct arena *a, const struct chart_day *day,
			    int week)
{
	int64_t top = WEEK_TOP + (int64_t)week * WEEK_ROOM;
	int64_t x = WIDE * (2 * day->weekday + 1) / (2 * WEEK);
	const struct value_field fields[] = {
		{"number", value_text(&day->number)},
		{"x", decimal(a, x)},
		{"number_y", decimal(a, top + NUMBER_DOWN)},
		{"mark_y", decimal(a, top + MARK_DOWN)},
		{"beside_y", decimal(a, top + UNDER_MARK_DOWN)},
		{"beside", value_text(&day->beside)},
		{"filled", value_bool(day->filled)},
		{.name = NULL},
	};

	return value_object(keep(a, fields, 8));
}

struct value chart_calendar(struct arena *a, const struct chart_day *days,
			    int count)
{
	struct value *items = ARENA_ARRAY(a, count + 1, struct value);
	int week = 0;

	for (int i = 0; i < count; i++) {
		week += i > 0 && days[i].weekday == 0;
		items[i] = lay_day(a, &days[i], week);
	}
	const struct value_field fields[] = {
		{"height",
		 decimal(a, WEEK_TOP + (int64_t)(week + 1) * WEEK_ROOM)},
		{"days", value_list(items, count)},
		{.name = NULL},
	};
	return value_object(keep(a, fields, 3));
}

/*
 * A calendar's own time zone, read line by line.  Must not look a name up.
 */
#include "base/calendar_zone.h"

#include "base/buf.h"
#include "base/calendar_rule.h"
#include "base/date.h"

/* What one that can be used takes at least. */
#define OBSERVANCE_BYTES 80
#define OFFSET_MAX (16 * 3600)
#define YEAR_SECONDS ((int64_t)366 * DAY_SECONDS)

/* How an observance comes back each year. */
enum yearly {
	YEARLY_NOT, /* only at its start and the onsets named */
	YEARLY_SAID,
	YEARLY_ODD /* in a way that POSIX cannot say */
};

/* STANDARD or DAYLIGHT.  Local times are those before the change. */
struct observance {
	bool daylight;
	bool has_start;
	int64_t start;
	int from, to; /* seconds east of UTC */
	int offsets;  /* how many of the two were there */
	struct str rule;
	enum yearly yearly;
	bool has_until;
	int64_t until; /* UTC */
	int month;
	int week;    /* 5: the last */
	int weekday; /* 0 is Monday */
	int shift;   /* days after that weekday */
	int onset_count;
	int onset_room;
	int64_t *onsets; /* RDATE */
};

struct calendar_zone {
	struct str name;
	int count;
	struct observance *observances;
};

/* --- lines -------------------------------------------------------------------
 */

static struct str piece_take(struct str *rest)
{
	struct str piece = str_cut(*rest, '\n', rest);

	if (str_ends(piece, STR("\r")))
		piece.n--;
	return piece;
}

/* A line that goes on begins again with a blank. */
static bool goes_on(struct str rest)
{
	return str_starts(rest, STR(" ")) || str_starts(rest, STR("\t"));
}

/* The next line, put together where it was folded, without its end. */
static struct str line_take(struct arena *a, struct str *rest)
{
	struct str line = piece_take(rest);
	struct str more = *rest;
	ptrdiff_t n = line.n;
	char *p;

	if (!goes_on(more))
		return str_trim(line);
	while (goes_on(more))
		n += piece_take(&more).n - 1;
	p = arena_get_text(a, (size_t)n);
	memcpy(p, line.p, (size_t)line.n);
	for (n = line.n; goes_on(*rest); n += line.n) {
		line = str_from(piece_take(rest), 1);
		memcpy(p + n, line.p, (size_t)line.n);
	}
	return str_trim(str_at(p, n));
}

/* NAME;PARAMETERS:VALUE; a parameter in quotes may hold a colon. */
static struct str line_divide(struct str line, struct str *value)
{
	bool quoted = false;
	ptrdiff_t colon = 0;
	struct str parameters;

	while (colon < line.n && (quoted || line.p[colon] != ':'))
		quoted ^= line.p[colon++] == '"';
	*value = str_from(line, colon + 1);
	return str_cut(str_first(line, colon), ';', &parameters);
}

static struct str text_plain(struct arena *a, struct str escaped)
{
	struct buf out = buf_init(a, escaped.n);

	for (ptrdiff_t i = 0; i < escaped.n; i++) {
		if (escaped.p[i] == '\\' && i + 1 < escaped.n)
			i++;
		buf_add_byte(&out, escaped.p[i]);
	}
	return buf_str(&out);
}

/* +0100, or with seconds +001930. */
static bool read_offset(struct str text, int *seconds)
{
	int digits[6] = {0};
	int n = 0;

	if (text.n != 5 && text.n != 7)
		return false;
	for (ptrdiff_t i = 1; i < text.n; i++) {
		if (text.p[i] < '0' || text.p[i] > '9')
			return false;
		digits[n++] = text.p[i] - '0';
	}
	*seconds = (digits[0] * 10 + digits[1]) * 3600 +
		   (digits[2] * 10 + digits[3]) * 60 + digits[4] * 10 +
		   digits[5];
	if (text.p[0] == '-')
		*seconds = -*seconds;
	return (text.p[0] == '+' || text.p[0] == '-') &&
	       *seconds >= -OFFSET_MAX && *seconds <= OFFSET_MAX;
}

static void add_onset(struct arena *a, struct observance *o, int64_t at)
{
	if (o->onset_count == o->onset_room) {
		int room = o->onset_room > 0 ? 2 * o->onset_room : 4;
		int64_t *bigger = ARENA_ARRAY(a, room, int64_t);

		if (o->onset_count > 0)
			memcpy(bigger, o->onsets,
			       (size_t)o->onset_count * sizeof(bigger[0]));
		o->onsets = bigger;
		o->onset_room = room;
	}
	o->onsets[o->onset_count++] = at;
}

static void read_onsets(struct arena *a, struct observance *o, struct str value)
{
	while (!str_is_absent(value)) {
		int64_t at;

		if (date_read_basic(str_cut(value, ',', &value), &at))
			add_onset(a, o, at);
	}
}

/* --- rules -------------------------------------------------------------------
 */

/* The time of day at which it begins, in seconds. */
static int observance_time(const struct observance *o)
{
	return (int)(o->start - date_days_of_local(o->start) * DAY_SECONDS);
}

/* BYDAY=-1SU: the last Sunday. */
static bool rule_says_nth(struct observance *o, const struct rule_day *day)
{
	o->week = day->nth == -1 ? 5 : day->nth;
	o->weekday = day->weekday;
	return day->nth == -1 || (day->nth >= 1 && day->nth <= 4);
}

/*
 * BYDAY=SU;BYMONTHDAY=9,10,11,12,13,14,15: the Sunday from the 9th on, which
 * is the day after the second Saturday.
 */
static bool rule_says_from(struct observance *o,
			   const struct calendar_rule *rule)
{
	int last = date_month_days(2026, o->month);
	int first = 32;
	uint32_t days = 0;

	for (int i = 0; i < rule->month_days.n; i++) {
		int day = rule->month_days.values[i];

		if (day < 1)
			return false;
		days |= UINT32_C(1) << day;
		first = day < first ? day : first;
	}
	if (first + 6 > last || days != UINT32_C(127) << first)
		return false;
	o->shift = first + 6 == last && o->month != 2 ? 0 : (first - 1) % 7;
	o->week = first + 6 == last && o->month != 2 ? 5 : (first - 1) / 7 + 1;
	o->weekday = (rule->days[0].weekday - o->shift + 7) % 7;
	return true;
}

static bool says_only(const struct rule_list *list, int value)
{
	return list->n == 0 || (list->n == 1 && list->values[0] == value);
}

/* Some write the time of day again, which the start has. */
static bool time_is_start(const struct observance *o,
			  const struct calendar_rule *rule)
{
	int time = observance_time(o);

	return says_only(&rule->hours, time / 3600) &&
	       says_only(&rule->minutes, time / 60 % 60) &&
	       says_only(&rule->seconds, time % 60);
}

static bool rule_is_said(struct observance *o, const struct calendar_rule *rule)
{
	o->month = rule->months.n == 1
			   ? rule->months.values[0]
			   : date_of_days(date_days_of_local(o->start)).month;
	if (rule->frequency != RULE_YEARLY || rule->interval != 1 ||
	    rule->count > 0 || rule->months.n > 1 || rule->day_count != 1 ||
	    rule->weeks.n > 0 || rule->year_days.n > 0 ||
	    rule->positions.n > 0 || !time_is_start(o, rule))
		return false;
	if (rule->days[0].nth != 0)
		return rule->month_days.n == 0 &&
		       rule_says_nth(o, &rule->days[0]);
	return rule->month_days.n == 7 && rule_says_from(o, rule);
}

static void rule_read(struct arena *a, struct observance *o)
{
	struct str until = calendar_rule_part(o->rule, STR("UNTIL"));
	struct calendar_rule rule = {.count = 0};
	struct str why = STR_ABSENT;

	if (o->rule.n == 0)
		return;
	o->has_until = until.n > 0 && date_read_basic(until, &o->until);
	o->yearly = calendar_rule_read(
			    a, calendar_rule_without(a, o->rule, STR("UNTIL")),
			    &rule, &why) &&
				    rule_is_said(o, &rule)
			    ? YEARLY_SAID
			    : YEARLY_ODD;
}

/* --- the whole text ----------------------------------------------------------
 */

static void observance_line(struct arena *a, struct observance *o,
			    struct str name, struct str value)
{
	if (str_equal_nocase(name, STR("DTSTART")))
		o->has_start = date_read_basic(value, &o->start);
	else if (str_equal_nocase(name, STR("TZOFFSETFROM")))
		o->offsets += read_offset(value, &o->from);
	else if (str_equal_nocase(name, STR("TZOFFSETTO")))
		o->offsets += read_offset(value, &o->to);
	else if (str_equal_nocase(name, STR("RRULE")))
		o->rule = value;
	else if (str_equal_nocase(name, STR("RDATE")))
		read_onsets(a, o, value);
}

static void observance_ends(struct arena *a, struct calendar_zone *zone,
			    struct observance *o)
{
	if (!o->has_start || o->offsets != 2)
		return;
	rule_read(a, o);
	zone->observances[zone->count++] = *o;
}

const struct calendar_zone *calendar_zone_read(struct arena *a, struct str text)
{
	struct calendar_zone *zone = ARENA_NEW(a, struct calendar_zone);
	struct observance one = {0};
	bool inside = false;
	int room;

	room = (int)(text.n / OBSERVANCE_BYTES + 1);
	zone->observances = ARENA_ARRAY(a, room, struct observance);
	while (!str_is_absent(text) && zone->count < room) {
		struct str value;
		struct str name = line_divide(line_take(a, &text), &value);
		bool daylight = str_equal_nocase(value, STR("DAYLIGHT"));
		bool part =
			daylight || str_equal_nocase(value, STR("STANDARD"));

		if (part && str_equal_nocase(name, STR("BEGIN"))) {
			one = (struct observance){.daylight = daylight};
			inside = true;
		} else if (part && str_equal_nocase(name, STR("END"))) {
			observance_ends(a, zone, &one);
			inside = false;
		} else if (inside) {
			observance_line(a, &one, name, value);
		} else if (str_equal_nocase(name, STR("TZID"))) {
			zone->name = text_plain(a, value);
		}
	}
	return zone->name.n > 0 && zone->count > 0 ? zone : NULL;
}

struct str calendar_zone_name(const struct calendar_zone *zone)
{
	return zone->name;
}

/* --- as it is at a time ------------------------------------------------------
 */

static int64_t onset_in_year(const struct observance *o, int year)
{
	int last = date_month_days(year, o->month);
	int64_t first = date_to_days((struct date){year, o->month, 1});
	int day = (o->weekday - date_weekday(first) + 7) % 7 + 1;

	day += (o->week - 1) * 7;
	if (day > last)
		day -= 7;
	return (first + day - 1 + o->shift) * DAY_SECONDS + observance_time(o);
}

/* The last time at or before `at` that it began; false when it had not. */
static bool observance_began(const struct observance *o, int64_t at,
			     int64_t *onset)
{
	int64_t end = o->has_until && o->until + o->from < at
			      ? o->until + o->from
			      : at;

	if (o->start > at)
		return false;
	*onset = o->start;
	if (o->yearly == YEARLY_ODD && end > o->start)
		*onset = end;
	for (int back = 0; o->yearly == YEARLY_SAID && back < 2; back++) {
		int year = date_of_days(date_days_of_local(end)).year - back;
		int64_t yearly = year < 1 ? o->start : onset_in_year(o, year);

		if (yearly <= end && yearly > *onset)
			*onset = yearly;
	}
	for (int i = 0; i < o->onset_count; i++)
		if (o->onsets[i] <= at && o->onsets[i] > *onset)
			*onset = o->onsets[i];
	return true;
}

/* The offset of what began last; before all of them, what the first left. */
static int offset_at(const struct calendar_zone *zone, int64_t at)
{
	const struct observance *first = &zone->observances[0];
	int offset = 0;
	bool found = false;
	int64_t latest = 0;

	for (int i = 0; i < zone->count; i++) {
		const struct observance *o = &zone->observances[i];
		int64_t onset;

		if (o->start < first->start)
			first = o;
		if (!observance_began(o, at, &onset) ||
		    (found && onset <= latest))
			continue;
		found = true;
		latest = onset;
		offset = o->to;
	}
	return found ? offset : first->from;
}

/*
 * The standard or daylight time that comes back yearly around `at`: of those
 * begun the latest, else the first to begin within the year.
 */
static const struct observance *yearly_at(const struct calendar_zone *zone,
					  bool daylight, int64_t at)
{
	const struct observance *best = NULL;

	for (int i = 0; i < zone->count; i++) {
		const struct observance *o = &zone->observances[i];

		if (o->yearly == YEARLY_NOT || o->daylight != daylight ||
		    (o->has_until && o->until + o->from < at) ||
		    o->start > at + YEAR_SECONDS)
			continue;
		if (!best ||
		    (o->start <= at ? o->start > best->start || best->start > at
				    : o->start < best->start))
			best = o;
	}
	return best;
}

/* As in <+01>-1: the name is the offset, and POSIX counts westwards. */
static void say_offset(struct buf *out, int offset)
{
	int size = offset < 0 ? -offset : offset;

	buf_printf(out, "<%c%02d", offset < 0 ? '-' : '+', size / 3600);
	if (size / 60 % 60)
		buf_printf(out, "%02d", size / 60 % 60);
	buf_printf(out, ">%s%d", offset > 0 ? "-" : "", size / 3600);
	if (size % 3600)
		buf_printf(out, ":%02d", size / 60 % 60);
	if (size % 60)
		buf_printf(out, ":%02d", size % 60);
}

static void say_onset(struct buf *out, const struct observance *o)
{
	int time = observance_time(o) + o->shift * DAY_SECONDS;

	buf_printf(out, ",M%d.%d.%d/%d", o->month, o->week,
		   (o->weekday + 1) % 7, time / 3600);
	if (time % 3600)
		buf_printf(out, ":%02d", time / 60 % 60);
	if (time % 60)
		buf_printf(out, ":%02d", time % 60);
}

struct str calendar_zone_text(struct arena *a, const struct calendar_zone *zone,
			      struct str local)
{
	struct buf out = buf_init(a, 48);
	const struct observance *standard;
	const struct observance *daylight;
	int64_t at;

	if (!date_read_local(local, &at))
		return STR_ABSENT;
	standard = yearly_at(zone, false, at);
	daylight = yearly_at(zone, true, at);
	if (!standard && !daylight) {
		say_offset(&out, offset_at(zone, at));
		return buf_str(&out);
	}
	if (!standard || !daylight || standard->yearly == YEARLY_ODD ||
	    daylight->yearly == YEARLY_ODD || standard->from != daylight->to ||
	    daylight->from != standard->to)
		return STR_ABSENT;
	say_offset(&out, standard->to);
	if (standard->to != daylight->to) {
		say_offset(&out, daylight->to);
		say_onset(&out, daylight);
		say_onset(&out, standard);
	}
	return buf_str(&out);
}

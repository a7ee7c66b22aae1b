/*
 * On which days a rule falls.  Must not know a zone: it counts as a clock on
 * the wall does, and never takes long, whatever the rule says.
 *
 * Done here and not by libical, whose iterator (3.0.16) takes BYSETPOS in
 * monthly and yearly rules only, reckons BYWEEKNO wrongly, and can run for
 * minutes inside one call on a rule that no day fits.
 *
 * A rule makes a set in each of its periods (year, month, week, day, hour):
 * the days of the period that fit all its parts, each at all its times.
 */
#include "base/calendar.h"
#include "base/calendar_rule.h"
#include "base/date.h"

#define HOUR_SECONDS 3600
#define LAST_YEAR 9999
/* Days looked at before giving up. */
#define LOOK_MAX 100000
/* Moments that cost as much as looking at a day. */
#define MOMENTS_A_DAY 8
/* Years in which a rule must fall on some day to be one. */
#define LIVING_YEARS 40

struct repeating {
	struct arena *a;
	struct calendar_rule rule;
	int64_t start, from, to; /* seconds of the wall clock */
	int64_t made;		 /* by the rule; the start is the first */
	struct calendar_repeats *out;
	ptrdiff_t room; /* for starts */
	int time_count; /* of day, or of the hour when it is hourly */
	int times[CALENDAR_REPEATS_MAX];
	int day_count; /* of the period at hand */
	int64_t days[366];
	bool ended; /* no later one is wanted */
	struct str *why;
};

static int64_t divide_down(int64_t n, int64_t by)
{
	return (n >= 0 ? n : n - (by - 1)) / by;
}

static bool list_has(const struct rule_list *list, int value)
{
	for (int i = 0; i < list->n; i++)
		if (list->values[i] == value)
			return true;
	return false;
}

/* Whether the list is empty, or has a number counted from either end. */
static bool list_allows(const struct rule_list *list, int value, int count)
{
	return list->n == 0 || list_has(list, value) ||
	       list_has(list, value - count - 1);
}

/* --- the rule's parts, completed from the start ------------------------------
 */

static void list_default(struct rule_list *list, int value)
{
	if (list->n == 0)
		*list = (struct rule_list){1, {value}};
}

static void rule_complete(struct calendar_rule *rule, int64_t start)
{
	int64_t day = date_days_of_local(start);
	int second = (int)(start - day * DAY_SECONDS);
	struct date date = date_of_days(day);
	bool open = rule->year_days.n == 0 && rule->month_days.n == 0 &&
		    rule->day_count == 0;

	if (open && (rule->frequency == RULE_WEEKLY || rule->weeks.n > 0)) {
		rule->day_count = 1;
		rule->days[0] = (struct rule_day){0, date_weekday(day)};
	} else if (open && rule->frequency >= RULE_MONTHLY) {
		if (rule->frequency == RULE_YEARLY)
			list_default(&rule->months, date.month);
		list_default(&rule->month_days, date.day);
	}
	if (rule->frequency != RULE_HOURLY)
		list_default(&rule->hours, second / HOUR_SECONDS);
	list_default(&rule->minutes, second / 60 % 60);
	list_default(&rule->seconds, second % 60);
}

static bool time_add(struct repeating *r, int hour, int minute)
{
	for (int second = 0; second < 60; second++) {
		if (!list_has(&r->rule.seconds, second))
			continue;
		if (r->time_count == CALENDAR_REPEATS_MAX) {
			*r->why = STR("it repeats too often within a day");
			return false;
		}
		r->times[r->time_count++] =
			hour * HOUR_SECONDS + minute * 60 + second;
	}
	return true;
}

static bool times_fill(struct repeating *r)
{
	const struct calendar_rule *rule = &r->rule;
	bool hourly = rule->frequency == RULE_HOURLY;

	for (int hour = 0; hour < (hourly ? 1 : 24); hour++) {
		if (!hourly && !list_has(&rule->hours, hour))
			continue;
		for (int minute = 0; minute < 60; minute++)
			if (list_has(&rule->minutes, minute) &&
			    !time_add(r, hour, minute))
				return false;
	}
	return true;
}

/* --- the days of a period ----------------------------------------------------
 */

static int64_t year_begins(int year)
{
	return date_to_days((struct date){year, 1, 1});
}

/* The first week has at least four days in its year (RFC 5545). */
static int64_t weeks_begin(int year, int week_start)
{
	int64_t first = year_begins(year);
	int back = (date_weekday(first) - week_start + 7) % 7;

	return back <= 3 ? first - back : first - back + 7;
}

static bool week_fits(const struct calendar_rule *rule, int64_t day)
{
	int year = date_of_days(day).year;
	int64_t begin;
	int64_t next;

	if (rule->weeks.n == 0)
		return true;
	if (day >= weeks_begin(year + 1, rule->week_start))
		year++;
	else if (day < weeks_begin(year, rule->week_start))
		year--;
	begin = weeks_begin(year, rule->week_start);
	next = weeks_begin(year + 1, rule->week_start);
	return list_allows(&rule->weeks, (int)((day - begin) / 7 + 1),
			   (int)((next - begin) / 7));
}

/* Whether the day, one of count, is the nth of its weekday among them. */
static bool nth_fits(int nth, int one, int count)
{
	return nth > 0 ? (one - 1) / 7 + 1 == nth
		       : (count - one) / 7 + 1 == -nth;
}

static bool weekday_fits(const struct calendar_rule *rule, int64_t day,
			 struct date date)
{
	bool of_month = rule->frequency == RULE_MONTHLY || rule->months.n > 0;
	int weekday = date_weekday(day);

	for (int i = 0; i < rule->day_count; i++) {
		const struct rule_day *want = &rule->days[i];
		int64_t begin = year_begins(date.year);

		if (want->weekday != weekday)
			continue;
		if (want->nth == 0)
			return true;
		if (of_month &&
		    nth_fits(want->nth, date.day,
			     date_month_days(date.year, date.month)))
			return true;
		if (!of_month &&
		    nth_fits(want->nth, (int)(day - begin + 1),
			     (int)(year_begins(date.year + 1) - begin)))
			return true;
	}
	return rule->day_count == 0;
}

static bool day_fits(const struct calendar_rule *rule, int64_t day)
{
	struct date date = date_of_days(day);
	int64_t begin;

	if (rule->months.n > 0 && !list_has(&rule->months, date.month))
		return false;
	if (!list_allows(&rule->month_days, date.day,
			 date_month_days(date.year, date.month)))
		return false;
	if (rule->day_count > 0 && !weekday_fits(rule, day, date))
		return false;
	if (!week_fits(rule, day))
		return false;
	begin = year_begins(date.year);
	return rule->year_days.n == 0 ||
	       list_allows(&rule->year_days, (int)(day - begin + 1),
			   (int)(year_begins(date.year + 1) - begin));
}

/* The number of the period that a moment lies in. */
static int64_t period_of(const struct calendar_rule *rule, int64_t seconds)
{
	int64_t day = date_days_of_local(seconds);
	struct date date = date_of_days(day);

	switch (rule->frequency) {
	case RULE_YEARLY:
		return date.year;
	case RULE_MONTHLY:
		return (int64_t)date.year * 12 + date.month - 1;
	case RULE_WEEKLY:
		/* 1970-01-05 was a Monday */
		return divide_down(day - 4 - rule->week_start, 7);
	case RULE_DAILY:
		return day;
	case RULE_HOURLY:
	default:
		return divide_down(seconds, HOUR_SECONDS);
	}
}

/* Its first day; *count is how many it has. */
static int64_t period_begins(const struct calendar_rule *rule, int64_t period,
			     int *count)
{
	int year = (int)divide_down(period, 12);
	int month = (int)(period - (int64_t)year * 12) + 1;

	*count = 1;
	switch (rule->frequency) {
	case RULE_YEARLY:
		*count = (int)(year_begins((int)period + 1) -
			       year_begins((int)period));
		return year_begins((int)period);
	case RULE_MONTHLY:
		*count = date_month_days(year, month);
		return date_to_days((struct date){year, month, 1});
	case RULE_WEEKLY:
		*count = 7;
		return period * 7 + 4 + rule->week_start;
	case RULE_DAILY:
		return period;
	case RULE_HOURLY:
	default:
		return divide_down(period, 24);
	}
}

/* --- what falls in it --------------------------------------------------------
 */

static void repeats_add(struct repeating *r, int64_t at)
{
	struct calendar_repeats *out = r->out;

	if (out->count == r->room) {
		struct str *bigger;

		r->room = r->room > 0 ? 2 * r->room : 8;
		bigger = ARENA_ARRAY(r->a, r->room, struct str);
		if (out->count > 0)
			memcpy(bigger, out->starts,
			       (size_t)out->count * sizeof(bigger[0]));
		out->starts = bigger;
	}
	out->starts[out->count++] = date_say_local(r->a, at);
}

static bool repeat_takes(struct repeating *r, int64_t at)
{
	if (at <= r->start) /* the start itself is taken first of all */
		return true;
	if (at >= r->to || (r->rule.count > 0 && r->made >= r->rule.count)) {
		r->ended = true;
		return true;
	}
	r->made++;
	if (at < r->from)
		return true;
	if (r->out->count == CALENDAR_REPEATS_MAX) {
		*r->why = STR("it repeats more than 1,500 times in the months "
			      "to come");
		return false;
	}
	repeats_add(r, at);
	return true;
}

/* The i-th moment of the period's set. */
static int64_t set_moment(const struct repeating *r, int64_t period, int i)
{
	int64_t at = r->days[i / r->time_count] * DAY_SECONDS +
		     r->times[i % r->time_count];

	if (r->rule.frequency == RULE_HOURLY)
		at += (period - divide_down(period, 24) * 24) * HOUR_SECONDS;
	return at;
}

/* Those of the set that BYSETPOS names, in their order. */
static bool take_positions(struct repeating *r, int64_t period, int count)
{
	const struct rule_list *list = &r->rule.positions;
	int last = -1;

	for (;;) {
		int next = count;

		for (int i = 0; i < list->n; i++) {
			int at = list->values[i] > 0 ? list->values[i] - 1
						     : count + list->values[i];

			if (at > last && at >= 0 && at < next)
				next = at;
		}
		if (next == count || r->ended)
			return true;
		if (!repeat_takes(r, set_moment(r, period, next)))
			return false;
		last = next;
	}
}

static bool period_run(struct repeating *r, int64_t period)
{
	int count;
	int64_t first = period_begins(&r->rule, period, &count);
	int hour = (int)(period - divide_down(period, 24) * 24);

	r->out->looked_at += count;
	r->day_count = 0;
	if (r->rule.frequency == RULE_HOURLY && r->rule.hours.n > 0 &&
	    !list_has(&r->rule.hours, hour))
		return true;
	for (int i = 0; i < count; i++)
		if (day_fits(&r->rule, first + i))
			r->days[r->day_count++] = first + i;
	count = r->day_count * r->time_count;
	r->out->looked_at += count / MOMENTS_A_DAY;
	if (r->rule.positions.n > 0)
		return take_positions(r, period, count);
	for (int i = 0; i < count && !r->ended; i++)
		if (!repeat_takes(r, set_moment(r, period, i)))
			return false;
	return true;
}

/* Every period from the start, or where nothing is counted, from `from`. */
static bool periods_run(struct repeating *r)
{
	int64_t last = period_of(&r->rule, r->to);
	int64_t period = period_of(&r->rule, r->start);
	int64_t far = period_of(&r->rule, r->from) - period;

	if (r->rule.count == 0 && far > r->rule.interval)
		period += (far / r->rule.interval - 1) * r->rule.interval;
	for (; period <= last && !r->ended; period += r->rule.interval) {
		if (r->out->looked_at > LOOK_MAX) {
			*r->why = STR("its repeats are too many to count from "
				      "its first day");
			return false;
		}
		if (!period_run(r, period))
			return false;
	}
	return true;
}

/* A rule with nothing to show may yet fall on a day later, or never. */
static bool rule_lives(const struct repeating *of)
{
	struct calendar_repeats none = {0};
	struct repeating r = *of;
	struct date date = date_of_days(date_days_of_local(of->start));
	int64_t years = (int64_t)LIVING_YEARS *
			(r.rule.frequency == RULE_YEARLY ? r.rule.interval : 1);

	date.day = 1;
	date.year = date.year + years < LAST_YEAR ? (int)(date.year + years)
						  : LAST_YEAR;
	r.to = date_to_days(date) * DAY_SECONDS;
	r.from = r.to;
	r.made = 0;
	r.ended = false;
	r.rule.count = 1;
	r.out = &none;
	(void)periods_run(&r);
	of->out->looked_at += none.looked_at;
	return r.made > 0;
}

static bool repeat_run(struct repeating *r)
{
	r->made = 1;
	if (r->start >= r->from && r->start < r->to)
		repeats_add(r, r->start);
	rule_complete(&r->rule, r->start);
	if (!times_fill(r) || !periods_run(r))
		return false;
	if (r->made > 1 || r->rule.count == 1 || rule_lives(r))
		return true;
	*r->why = STR("no day fits its RRULE");
	return false;
}

const struct calendar_repeats *calendar_repeat(struct arena *a, struct str rule,
					       struct str starts,
					       struct str from, struct str to,
					       struct str *why)
{
	struct repeating r = {
		.a = a,
		.out = ARENA_NEW(a, struct calendar_repeats),
		.why = why,
	};

	if (!calendar_rule_read(a, rule, &r.rule, why))
		return NULL;
	if (!date_read_local(starts, &r.start) ||
	    !date_read_local(from, &r.from) || !date_read_local(to, &r.to)) {
		*why = STR("its start is no time of a clock");
		return NULL;
	}
	return repeat_run(&r) ? r.out : NULL;
}

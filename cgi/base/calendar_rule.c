/*
 * The text of a repeating rule, part by part.  Must not compute a date.
 */
#include "base/calendar_rule.h"

#include "base/buf.h"

struct reading {
	struct arena *a;
	struct calendar_rule *rule;
	struct str *why;
};

static bool reading_fails(const struct reading *r, const char *name,
			  struct str value)
{
	*r->why = str_printf(r->a, "its RRULE has %s=%.*s, which is none", name,
			     (int)(value.n < 40 ? value.n : 40), value.p);
	return false;
}

/* A number with or without its sign. */
static bool read_number(struct str text, int64_t *n)
{
	if (str_starts(text, STR("+")))
		text = str_from(text, 1);
	while (text.n > 1 && text.p[0] == '0')
		text = str_from(text, 1);
	return str_read_int(text, n);
}

/* --- how often --------------------------------------------------------------
 */

static bool read_frequency(const struct reading *r, struct str value)
{
	static const char *const names[] = {"HOURLY", "DAILY", "WEEKLY",
					    "MONTHLY", "YEARLY"};

	for (int i = 0; i <= RULE_YEARLY; i++) {
		if (!str_equal_nocase(value, str_of(names[i])))
			continue;
		r->rule->frequency = (enum rule_frequency)i;
		return true;
	}
	if (!str_equal_nocase(value, STR("SECONDLY")) &&
	    !str_equal_nocase(value, STR("MINUTELY")))
		return reading_fails(r, "FREQ", value);
	*r->why = str_printf(
		r->a,
		"it repeats every %s, and events repeat every hour at most",
		str_equal_nocase(value, STR("SECONDLY")) ? "second" : "minute");
	return false;
}

static bool read_interval(const struct reading *r, struct str value)
{
	int64_t n;

	if (!read_number(value, &n) || n < 1 || n > 100000)
		return reading_fails(r, "INTERVAL", value);
	r->rule->interval = (int)n;
	return true;
}

static bool read_count(const struct reading *r, struct str value)
{
	int64_t n;

	if (!read_number(value, &n) || n < 1)
		return reading_fails(r, "COUNT", value);
	if (n > RULE_COUNT_MAX) {
		*r->why = STR("it repeats more than 10,000 times");
		return false;
	}
	r->rule->count = (int)n;
	return true;
}

/* --- on which days -----------------------------------------------------------
 */

static bool find_weekday(struct str name, int *weekday)
{
	static const char *const names[] = {"MO", "TU", "WE", "TH",
					    "FR", "SA", "SU"};

	for (int i = 0; i < 7; i++) {
		if (str_equal_nocase(name, str_of(names[i]))) {
			*weekday = i;
			return true;
		}
	}
	return false;
}

static bool read_week_start(const struct reading *r, struct str value)
{
	return find_weekday(value, &r->rule->week_start) ||
	       reading_fails(r, "WKST", value);
}

static bool read_days(const struct reading *r, struct str value)
{
	struct calendar_rule *rule = r->rule;
	struct str rest = value;

	while (!str_is_absent(rest)) {
		struct str one = str_trim(str_cut(rest, ',', &rest));
		struct str nth = str_first(one, one.n - 2);
		struct rule_day day = {0};
		int64_t n = 0;

		if (one.n < 2 ||
		    !find_weekday(str_from(one, one.n - 2), &day.weekday) ||
		    (nth.n > 0 &&
		     (!read_number(nth, &n) || n == 0 || n < -53 || n > 53)) ||
		    rule->day_count == RULE_LIST_MAX)
			return reading_fails(r, "BYDAY", value);
		day.nth = (int)n;
		rule->days[rule->day_count++] = day;
	}
	return true;
}

/* --- the parts ---------------------------------------------------------------
 */

static const struct {
	const char *name;
	bool (*read)(const struct reading *r, struct str value);
} singles[] = {
	{"FREQ", read_frequency}, {"INTERVAL", read_interval},
	{"COUNT", read_count},	  {"WKST", read_week_start},
	{"BYDAY", read_days},
};

static const struct {
	const char *name;
	size_t list; /* where it stands in the rule */
	int low, high;
	bool from_end; /* -1 is the last */
} lists[] = {
	{"BYMONTH", offsetof(struct calendar_rule, months), 1, 12, false},
	{"BYWEEKNO", offsetof(struct calendar_rule, weeks), 1, 53, true},
	{"BYYEARDAY", offsetof(struct calendar_rule, year_days), 1, 366, true},
	{"BYMONTHDAY", offsetof(struct calendar_rule, month_days), 1, 31, true},
	{"BYSETPOS", offsetof(struct calendar_rule, positions), 1, 366, true},
	{"BYHOUR", offsetof(struct calendar_rule, hours), 0, 23, false},
	{"BYMINUTE", offsetof(struct calendar_rule, minutes), 0, 59, false},
	{"BYSECOND", offsetof(struct calendar_rule, seconds), 0, 59, false},
};

enum {
	SINGLES = sizeof(singles) / sizeof(singles[0]),
	LISTS = sizeof(lists) / sizeof(lists[0])
};

static bool read_list(const struct reading *r, int which, struct str value)
{
	struct rule_list *list =
		(struct rule_list *)(void *)((char *)r->rule +
					     lists[which].list);
	struct str rest = value;

	while (!str_is_absent(rest)) {
		struct str one = str_trim(str_cut(rest, ',', &rest));
		int64_t n;
		int64_t size;

		if (!read_number(one, &n))
			return reading_fails(r, lists[which].name, value);
		size = n < 0 && lists[which].from_end ? -n : n;
		if (size < lists[which].low || size > lists[which].high ||
		    list->n == RULE_LIST_MAX)
			return reading_fails(r, lists[which].name, value);
		list->values[list->n++] = (int)n;
	}
	return true;
}

/* seen: a bit for each part that has been. */
static bool read_part(const struct reading *r, struct str name,
		      struct str value, unsigned *seen)
{
	int which = 0;

	while (which < SINGLES + LISTS &&
	       !str_equal_nocase(name,
				 str_of(which < SINGLES
						? singles[which].name
						: lists[which - SINGLES].name)))
		which++;
	if (which == SINGLES + LISTS) {
		*r->why = str_printf(r->a,
				     "its RRULE has %.*s, which is not known",
				     (int)(name.n < 40 ? name.n : 40), name.p);
		return false;
	}
	if (*seen & 1U << which) {
		*r->why = str_printf(r->a, "its RRULE has %.*s twice",
				     STR_ARG(name));
		return false;
	}
	*seen |= 1U << which;
	if (value.n == 0)
		return reading_fails(r, str_z(r->a, name), STR(""));
	return which < SINGLES ? singles[which].read(r, value)
			       : read_list(r, which - SINGLES, value);
}

/* What each part allows and the whole does not. */
static bool check_whole(const struct reading *r, unsigned seen)
{
	const struct calendar_rule *rule = r->rule;
	bool numbered = false;

	for (int i = 0; i < rule->day_count; i++)
		numbered |= rule->days[i].nth != 0;
	if (!(seen & 1U))
		*r->why = STR("its RRULE has no FREQ");
	else if (rule->weeks.n > 0 && rule->frequency != RULE_YEARLY)
		*r->why = STR("its RRULE has BYWEEKNO, which only a yearly "
			      "rule may have");
	else if (numbered &&
		 (rule->frequency < RULE_MONTHLY || rule->weeks.n > 0))
		*r->why = STR("its RRULE has BYDAY with a number, which only "
			      "a monthly or yearly rule may have");
	else
		return true;
	return false;
}

bool calendar_rule_read(struct arena *a, struct str text,
			struct calendar_rule *rule, struct str *why)
{
	const struct reading r = {a, rule, why};
	unsigned seen = 0;

	*rule = (struct calendar_rule){.interval = 1};
	while (!str_is_absent(text)) {
		struct str value;
		struct str name =
			str_cut(str_cut(text, ';', &text), '=', &value);

		name = str_trim(name);
		if (name.n == 0 && str_is_absent(value))
			continue; /* a stray semicolon */
		if (!read_part(&r, name, str_trim(value), &seen))
			return false;
	}
	return check_whole(&r, seen);
}

struct str calendar_rule_part(struct str text, struct str name)
{
	while (!str_is_absent(text)) {
		struct str value;
		struct str word =
			str_cut(str_cut(text, ';', &text), '=', &value);

		if (str_equal_nocase(str_trim(word), name))
			return str_trim(value);
	}
	return STR_ABSENT;
}

struct str calendar_rule_without(struct arena *a, struct str text,
				 struct str name)
{
	struct buf out = buf_init(a, text.n);

	while (!str_is_absent(text)) {
		struct str value;
		struct str part = str_cut(text, ';', &text);
		struct str word = str_trim(str_cut(part, '=', &value));

		if (word.n == 0 || str_equal_nocase(word, name))
			continue;
		if (out.n > 0)
			buf_add_byte(&out, ';');
		buf_add(&out, part);
	}
	return buf_str(&out);
}

/*
 * What an event of a file may hold.  Must not know libical: all is text and
 * numbers here.
 */
#include "base/calendar_event.h"

#include "base/buf.h"
#include "base/calendar_rule.h"
#include "base/date.h"

#define DAYS_MAX 3660

void calendar_event_is_wrong(struct arena *a, struct calendar_event *e,
			     const char *name, const char *what)
{
	if (str_is_absent(e->wrong))
		e->wrong = str_printf(a, "%s %s", name, what);
}

/* A copy without controls: line breaks become `lines`, others a space. */
static struct str clean(struct arena *a, struct str s, struct str lines)
{
	struct buf out = buf_init(a, s.n);

	while (s.n > 0) {
		int n = str_utf8_first(s);
		struct str c = str_first(s, n > 0 ? n : 1);

		s = str_from(s, c.n);
		if (c.p[0] == '\r' && str_starts(s, STR("\n")))
			continue;
		if (c.p[0] == '\n' || c.p[0] == '\r')
			buf_add(&out, lines);
		else if (n == 0 || str_has_control(c, false))
			buf_add_byte(&out, ' ');
		else
			buf_add(&out, c);
	}
	return str_trim(buf_str(&out));
}

struct str calendar_event_line(struct arena *a, struct calendar_event *e,
			       const char *name, struct str text)
{
	text = str_trim(text);
	if (str_has_control(text, false))
		calendar_event_is_wrong(
			a, e, name,
			"holds a line break or a control character");
	return text.n > 0 ? clean(a, text, STR(" ")) : STR_ABSENT;
}

struct str calendar_event_text(struct arena *a, struct str text,
			       struct str lines)
{
	text = clean(a, text, lines);
	return text.n > 0 ? text : STR_ABSENT;
}

struct calendar_duration calendar_event_duration(struct arena *a,
						 struct calendar_event *e,
						 const char *name, int64_t days,
						 int64_t seconds)
{
	if (days < 0 || days > DAYS_MAX ||
	    seconds > (int64_t)DAYS_MAX * DAY_SECONDS) {
		calendar_event_is_wrong(a, e, name,
					"is below zero or over ten years");
		return (struct calendar_duration){.is_there = false};
	}
	return (struct calendar_duration){true, (int)days, (int)seconds};
}

/* Whole days have no hours at which they could repeat. */
static struct str rule_of_days(struct arena *a, struct str rule)
{
	static const char *const names[] = {"BYHOUR", "BYMINUTE", "BYSECOND"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		rule = calendar_rule_without(a, rule, str_of(names[i]));
	return rule;
}

/*
 * The last moment at which one may start.  Written as a date it takes all of
 * that day; without a zone it is in that of the start.
 */
static struct calendar_time
read_until(struct arena *a, struct calendar_event *e, struct str text)
{
	struct calendar_time until = e->start;
	bool whole = e->start.kind == CALENDAR_DATE;
	int64_t at, midnight;

	if (e->start.kind == CALENDAR_NONE)
		return e->start;
	if (!date_read_basic(text, &at)) {
		calendar_event_is_wrong(a, e, "UNTIL",
					"is no date or time that exists");
		return (struct calendar_time){.kind = CALENDAR_NONE};
	}
	midnight = date_days_of_local(at) * DAY_SECONDS;
	if (str_ends(text, STR("Z")) && !(whole && at == midnight)) {
		until.kind = CALENDAR_UTC;
		until.tzid = STR_ABSENT;
	}
	if (text.n == 8 && !whole)
		at += DAY_SECONDS - 1;
	else if (whole && until.kind == CALENDAR_DATE)
		at = midnight;
	until.local = date_say_local(a, at);
	return until;
}

void calendar_event_rule(struct arena *a, struct calendar_event *e,
			 struct str text)
{
	struct calendar_rule rule = {.count = 0};
	struct str until = calendar_rule_part(text, STR("UNTIL"));
	struct str why = STR_ABSENT;

	if (!str_is_absent(until))
		e->until = read_until(a, e, until);
	e->rule = calendar_rule_without(a, text, STR("UNTIL"));
	if (e->start.kind == CALENDAR_DATE)
		e->rule = rule_of_days(a, e->rule);
	if (!calendar_rule_read(a, e->rule, &rule, &why)) {
		if (str_is_absent(e->wrong))
			e->wrong = why;
	} else if (rule.frequency == RULE_HOURLY &&
		   e->start.kind == CALENDAR_DATE) {
		calendar_event_is_wrong(
			a, e, "RRULE",
			"repeats every hour what takes whole days");
	}
}

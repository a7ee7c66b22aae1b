/*
 * Calendar files of any bytes: what is handed on is text that may be shown,
 * and every wrong file or event says why.  Bytes that begin with RRULE: are a
 * rule, its start and a window; with BEGIN:VTIMEZONE a zone.
 */
#include "base/calendar.h"
#include "base/calendar_zone.h"
#include "base/date.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(struct str s, bool lines)
{
	if (!str_is_utf8(s) || str_has_control(s, lines))
		abort();
}

/* Nothing but what a POSIX zone of ours is made of: it goes into SQL. */
static void check_zone(struct str s)
{
	for (ptrdiff_t i = 0; i < s.n; i++)
		if (!strchr("<>+-,:./M0123456789", s.p[i]))
			abort();
	if (s.n > 80 || (s.n > 0 && s.p[0] != '<'))
		abort();
}

static void check_time(const struct calendar_time *t)
{
	check_zone(t->rule);
	bool none = t->kind == CALENDAR_NONE;
	bool zoned = t->kind == CALENDAR_ZONED;

	check_text(t->tzid, false);
	if (none != str_is_absent(t->local) || (!none && t->local.n != 19) ||
	    (!zoned && !str_is_absent(t->tzid)))
		abort();
}

/* In order, within the window, and no more than was promised. */
static void check_repeats(const struct calendar_repeats *repeats,
			  struct str from, struct str to)
{
	int64_t before, last;

	if (!date_read_local(from, &before) || !date_read_local(to, &last) ||
	    repeats->count > CALENDAR_REPEATS_MAX)
		abort();
	before--;
	for (ptrdiff_t i = 0; i < repeats->count; i++) {
		int64_t at;

		if (!date_read_local(repeats->starts[i], &at) || at <= before ||
		    at >= last)
			abort();
		before = at;
	}
}

static void check_rule(struct arena *a, struct str rule, struct str starts,
		       struct str from, struct str to)
{
	struct str why = STR_ABSENT;
	const struct calendar_repeats *repeats =
		calendar_repeat(a, rule, starts, from, to, &why);

	if (repeats)
		check_repeats(repeats, from, to);
	else if (why.n == 0)
		abort();
}

static void check_series(struct arena *a, const struct calendar_event *e)
{
	for (ptrdiff_t i = 0; i < e->extra_count; i++) {
		check_time(&e->extra[i].start);
		check_time(&e->extra[i].end);
	}
	for (ptrdiff_t i = 0; i < e->except_count; i++)
		check_time(&e->except[i]);
	check_time(&e->until);
	check_text(e->rule, false);
	if (e->rule.n > 0 && str_is_absent(e->wrong))
		check_rule(a, e->rule, e->start.local,
			   STR("2026-11-05T00:00:00"),
			   STR("2027-11-27T00:00:00"));
}

static void check_event(struct arena *a, const struct calendar_event *e)
{
	check_text(e->uid, false);
	check_text(e->summary, false);
	check_text(e->description, true);
	check_text(e->location, false);
	check_text(e->url, false);
	check_text(e->zone, false);
	check_text(e->wrong, false);
	check_time(&e->start);
	check_time(&e->end);
	check_time(&e->recurrence);
	check_series(a, e);
	if (e->line < 1 || e->sequence < 0 || e->duration.days < 0 ||
	    e->duration.seconds < 0)
		abort();
	if (str_is_absent(e->wrong) &&
	    (str_is_absent(e->uid) || e->start.kind == CALENDAR_NONE))
		abort();
}

static void check_file(struct arena *a, struct str text)
{
	struct str why = STR_ABSENT;
	struct calendar *calendar = calendar_read(a, text, &why);

	if (!calendar && (why.n == 0 || str_has_control(why, false)))
		abort();
	for (ptrdiff_t i = 0; calendar && i < calendar->count && i < 100; i++)
		check_event(a, &calendar->events[i]);
}

static void check_lines(struct arena *a, struct str text)
{
	struct str rule = str_cut(text, '\n', &text);
	struct str starts = str_cut(text, '\n', &text);
	struct str from = str_cut(text, '\n', &text);
	int64_t at;

	if (!date_read_local(from, &at))
		from = STR("2026-11-05T00:00:00");
	check_rule(a, rule, starts, from, STR("2027-11-27T00:00:00"));
}

static void check_own_zone(struct arena *a, struct str text)
{
	const struct calendar_zone *zone = calendar_zone_read(a, text);

	if (!zone)
		return;
	check_zone(calendar_zone_text(a, zone, STR("2026-11-20T18:30:00")));
	check_zone(calendar_zone_text(a, zone, STR("0001-01-01T00:00:00")));
	check_zone(calendar_zone_text(a, zone, STR("9999-12-31T23:59:59")));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = str_at((const char *)data, (ptrdiff_t)size);
	struct arena a;

	arena_init(&a, (size_t)192 << 20);
	if (str_starts(text, STR("RRULE:")))
		check_lines(&a, str_from(text, 6));
	else if (str_starts(text, STR("BEGIN:VTIMEZONE")))
		check_own_zone(&a, text);
	else
		check_file(&a, text);
	arena_release(&a);
	return 0;
}

/*
 * Calendar files of any bytes: what is handed on is text that may be shown,
 * and every wrong file or event says why.
 */
#include "base/calendar.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(struct str s, bool lines)
{
	if (!str_is_utf8(s) || str_has_control(s, lines))
		abort();
}

static void check_time(const struct calendar_time *t)
{
	bool none = t->kind == CALENDAR_NONE;
	bool zoned = t->kind == CALENDAR_ZONED;

	check_text(t->tzid, false);
	if (none != str_is_absent(t->local) || (!none && t->local.n != 19) ||
	    (!zoned && !str_is_absent(t->tzid)))
		abort();
}

static void check_event(const struct calendar_event *e)
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
	if (e->line < 1 || e->sequence < 0 || e->duration.days < 0 ||
	    e->duration.seconds < 0)
		abort();
	if (str_is_absent(e->wrong) &&
	    (str_is_absent(e->uid) || e->start.kind == CALENDAR_NONE))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = str_at((const char *)data, (ptrdiff_t)size);
	struct str why = STR_ABSENT;
	struct calendar *calendar;
	struct arena a;

	arena_init(&a, (size_t)192 << 20);
	calendar = calendar_read(&a, text, &why);
	if (!calendar && (why.n == 0 || str_has_control(why, false)))
		abort();
	for (ptrdiff_t i = 0; calendar && i < calendar->count; i++)
		check_event(&calendar->events[i]);
	arena_release(&a);
	return 0;
}

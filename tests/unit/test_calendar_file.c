/*
 * Calendars as we write them: what RFC 5545 asks of lines, and what libical
 * makes of them.  Prints TAP.
 */
#include "base/calendar.h"
#include "unit/text.h"
#include "view/calendar_file.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct arena arena;

static int tear_down(void **state)
{
	(void)state;
	arena_reset(&arena);
	return 0;
}

static const struct calendar_entry shift = {
	.uid = STR_INIT("shift-5@rollcall.example"),
	.sequence = 3,
	.stamp = STR_INIT("20261101T080000Z"),
	.starts = STR_INIT("20261120T173000Z"),
	.ends = STR_INIT("20261120T190000Z"),
	.status = STR_INIT("CONFIRMED"),
	.summary = STR_INIT("Bar; hall 1, left\\right"),
	.location = STR_INIT("Zo\xc3\xab's, \xe6\x97\xa5\xe6\x9c\xac"),
	.description = STR_INIT("Bring gloves.\nRing twice."),
	.url = STR_INIT("https://rollcall.example/shifts/5"),
};

static struct str file_of(const struct calendar_entry *entries, int count)
{
	struct buf out = buf_init(&arena, 64);

	calendar_file_begin(&out, STR("Rollcall"));
	for (int i = 0; i < count; i++)
		calendar_file_entry(&out, &entries[i]);
	calendar_file_end(&out, count);
	return buf_str(&out);
}

static struct calendar *read_back(struct str file)
{
	struct str why = STR_ABSENT;
	struct calendar *calendar = calendar_read(&arena, file, &why);

	if (!calendar)
		fail_msg("refused: %.*s in:\n%.*s", STR_ARG(why),
			 STR_ARG(file));
	return calendar;
}

static bool has_line(struct str file, const char *line)
{
	return str_find_str(file, str_printf(&arena, "\r\n%s\r\n", line)) >= 0;
}

static void reads_back_the_same(void **state)
{
	struct calendar *calendar = read_back(file_of(&shift, 1));
	const struct calendar_event *e = &calendar->events[0];

	(void)state;
	assert_int_equal(calendar->count, 1);
	assert_str(e->wrong, NULL);
	assert_str(e->uid, "shift-5@rollcall.example");
	assert_int_equal(e->sequence, 3);
	assert_str(e->summary, "Bar; hall 1, left\\right");
	assert_str(e->location, "Zo\xc3\xab's, \xe6\x97\xa5\xe6\x9c\xac");
	assert_str(e->description, "Bring gloves.\nRing twice.");
	assert_str(e->url, "https://rollcall.example/shifts/5");
	assert_int_equal(e->start.kind, CALENDAR_UTC);
	assert_str(e->start.local, "2026-11-20T17:30:00");
	assert_int_equal(e->end.kind, CALENDAR_UTC);
	assert_str(e->end.local, "2026-11-20T19:00:00");
	assert_false(e->cancelled);
}

static void whole_days_and_cancelled(void **state)
{
	struct calendar_entry entries[] = {shift, shift, shift};
	struct calendar *calendar;
	struct str file;

	(void)state;
	entries[0].whole_days = true;
	entries[0].starts = STR("20261120");
	entries[0].ends = STR("20261122");
	entries[1].status = STR("CANCELLED");
	entries[2].ends = STR_ABSENT;
	entries[2].location = STR("");
	file = file_of(entries, 3);
	calendar = read_back(file);
	assert_int_equal(calendar->count, 3);
	assert_int_equal(calendar->events[0].start.kind, CALENDAR_DATE);
	assert_int_equal(calendar->events[0].end.kind, CALENDAR_DATE);
	assert_true(has_line(file, "DTSTART;VALUE=DATE:20261120"));
	assert_true(calendar->events[1].cancelled);
	assert_int_equal(calendar->events[2].end.kind, CALENDAR_NONE);
	assert_str(calendar->events[2].location, NULL);
}

static void escapes_text(void **state)
{
	struct calendar_entry entry = shift;
	struct str file;

	(void)state;
	entry.summary = STR("a\\b;c,d:e\"f\r\ng\x01\tz\xe2\x80\xa8y");
	file = file_of(&entry, 1);
	assert_true(has_line(file, "SUMMARY:a\\\\b\\;c\\,d:e\"f\\ng z y"));
	/* Nothing begins a line, or an entry, of its own. */
	entry.summary = STR("x\r\nEND:VEVENT\r\nBEGIN:VEVENT\nUID:evil");
	entry.location = entry.summary;
	assert_int_equal(read_back(file_of(&entry, 1))->count, 1);
}

/* No line is longer than 75 octets, and none tears a character. */
static void expect_folded(struct str file)
{
	while (file.n > 0) {
		ptrdiff_t n = str_find_str(file, STR("\r\n"));

		assert_true(n >= 0);
		if (n > 75)
			fail_msg("%td octets: %.*s", n, (int)n, file.p);
		assert_true(str_is_utf8(str_first(file, n)));
		assert_int_equal(str_find(str_first(file, n), '\n'), -1);
		file = str_from(file, n + 2);
	}
}

static void folds_at_75_octets(void **state)
{
	static const char *const parts[] = {
		"a", "\xc3\xab", "\xe6\x97\xa5",       "\xf0\x9f\x8e\x89",
		",", "\n",	 "a\xf0\x9f\x8e\x89\\"};

	(void)state;
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		for (int length = 0; length < 170; length++) {
			struct calendar_entry entry = shift;
			struct buf text = buf_init(&arena, 256);
			struct str file;

			buf_add(&text, STR("x"));
			for (int j = 0; j < length; j++)
				buf_add(&text, str_of(parts[i]));
			buf_add(&text, STR("y"));
			entry.description = buf_str(&text);
			file = file_of(&entry, 1);
			expect_folded(file);
			assert_true(str_equal(
				read_back(file)->events[0].description,
				entry.description));
		}
		arena_reset(&arena);
	}
}

static void an_empty_one_is_one(void **state)
{
	struct str file = file_of(NULL, 0);

	(void)state;
	assert_int_equal(read_back(file)->count, 0);
	assert_true(
		str_starts(file, STR("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n")));
	assert_true(str_ends(file, STR("END:VTIMEZONE\r\nEND:VCALENDAR\r\n")));
	expect_folded(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{"libical reads what was written", reads_back_the_same, NULL,
		 tear_down, NULL},
		{"whole days are dates, and what is off is cancelled",
		 whole_days_and_cancelled, NULL, tear_down, NULL},
		{"RFC 5545, 3.3.11: text is escaped, and begins no line",
		 escapes_text, NULL, tear_down, NULL},
		{"RFC 5545, 3.1: no line over 75 octets, no torn character",
		 folds_at_75_octets, NULL, tear_down, NULL},
		{"RFC 5545, 3.6: one without entries is a calendar",
		 an_empty_one_is_one, NULL, tear_down, NULL},
	};
	int failed;

	arena_init(&arena, (size_t)16 << 20);
	failed =
		cmocka_run_group_tests_name("calendar_file", tests, NULL, NULL);
	arena_release(&arena);
	return failed;
}

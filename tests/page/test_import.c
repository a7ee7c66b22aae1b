/*
 * Calendars that admins hand in, through the router to the database: looked at
 * first, imported once, by nobody else.
 */
#include "page/team.h"

#define EVENT(uid, more)                                                       \
	"BEGIN:VEVENT\r\nUID:" uid "\r\nDTSTAMP:20300101T000000Z\r\n" more     \
	"END:VEVENT\r\n"
#define CALENDAR(events)                                                       \
	"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\n" events      \
	"END:VCALENDAR\r\n"
#define TALK                                                                   \
	EVENT("talk", "DTSTART:20300614T130000Z\r\n"                           \
		      "DTEND:20300614T150000Z\r\nSUMMARY:Talk & tea\r\n")
#define DAY EVENT("day", "DTSTART;VALUE=DATE:20300615\r\nSUMMARY:Open day\r\n")
#define NO_START EVENT("none", "SUMMARY:No <b>start</b>\r\n")

static struct world world;

static int open_world(void **state)
{
	(void)state;
	world_open(&world, "staff");
	return 0;
}

static int close_world(void **state)
{
	(void)state;
	world_close(&world);
	return 0;
}

static struct str path_of(const struct team *t, const char *rest)
{
	return str_printf(&world.arena, "/staff/%.*s/import%s",
			  STR_ARG(t->slug), rest);
}

static struct response hand_in(const struct team *t, struct str file)
{
	return team_post_file(&world, t, ADMIN, path_of(t, ""), "calendar",
			      file);
}

/* Where it waits. */
static struct str hand_in_well(const struct team *t, const char *file)
{
	struct response r = hand_in(t, str_of(file));

	expect_status(&r, 303);
	assert_true(
		str_starts(response_header(&r, "Location"), path_of(t, "/")));
	return response_header(&r, "Location");
}

static int64_t events_of(const struct team *t)
{
	return world_sql_int(&world,
			     "select count(*) from events where org_id = %lld",
			     (long long)t->org);
}

static int64_t waiting_of(const struct team *t)
{
	return world_sql_int(&world,
			     "select count(*) from calendar_uploads where "
			     "org_id = %lld and imported_at is null",
			     (long long)t->org);
}

static struct str path_with(struct str path, const char *rest)
{
	return str_printf(&world.arena, "%.*s%s", STR_ARG(path), rest);
}

/* --- the good way --- */

static void shows_what_would_happen(void **state)
{
	struct team t = team_make(&world);
	struct str at = hand_in_well(&t, CALENDAR(TALK DAY NO_START));
	struct response r = team_get(&world, &t, ADMIN, at);
	ptrdiff_t refused, added;

	(void)state;
	expect_status(&r, 200);
	assert_int_equal(events_of(&t), 0);
	assert_true(
		response_has(&r, "2 new, 0 changed, 0 unchanged, 1 refused"));
	assert_true(response_has(&r, "Talk &amp; tea"));
	assert_true(response_has(&r, "Friday 14 June 2030, 15:00"));
	assert_true(response_has(&r, "Saturday 15 June 2030</time>"));
	assert_true(response_has(&r, "No &lt;b&gt;start&lt;/b&gt;"));
	assert_true(response_has(&r, "club.ics"));
	/* what needs a look stands first */
	refused = str_find_str(r.text, STR("status absent\">Refused"));
	added = str_find_str(r.text, STR("status present\">New"));
	assert_true(refused > 0 && refused < added);
	/* and is found again */
	r = team_get(&world, &t, ADMIN, path_of(&t, ""));
	assert_true(response_has(&r, str_z(&world.arena, at)));
}

static void imports_once(void **state)
{
	struct team t = team_make(&world);
	struct str at = hand_in_well(&t, CALENDAR(TALK DAY NO_START));
	struct response r = team_post(&world, &t, ADMIN, at, STR(""));
	struct str before;

	(void)state;
	expect_status(&r, 303);
	assert_true(str_equal(response_header(&r, "Location"),
			      path_with(at, "?note=imported")));
	assert_int_equal(events_of(&t), 2);
	assert_int_equal(waiting_of(&t), 0);
	before = world_digest(&world);
	/* pressed twice, and thrown away too late */
	r = team_post(&world, &t, ADMIN, at, STR(""));
	expect_status(&r, 303);
	assert_true(str_equal(response_header(&r, "Location"),
			      path_with(at, "?note=was_imported")));
	r = team_post(&world, &t, ADMIN, path_with(at, "/discard"), STR(""));
	expect_status(&r, 303);
	assert_true(str_equal(response_header(&r, "Location"),
			      path_with(at, "?note=was_imported")));
	assert_true(str_equal(before, world_digest(&world)));
	r = team_get(&world, &t, ADMIN, at);
	assert_true(response_has(&r, "What was imported"));
	assert_true(response_has(&r, "by Admin"));
	assert_true(response_has(&r, "<dd>2 new, "));
	assert_false(response_has(&r, "Import it"));
	/* what was in the file is not kept */
	assert_int_equal(world_sql_int(&world,
				       "select count(*) from calendar_uploads "
				       "where entries is not null "
				       "and org_id = %lld",
				       (long long)t.org),
			 0);
}

static void tells_what_really_happened(void **state)
{
	struct team t = team_make(&world);
	struct str first = hand_in_well(&t, CALENDAR(TALK));
	struct str second = hand_in_well(&t, CALENDAR(TALK DAY));
	struct response r = team_post(&world, &t, ADMIN, first, STR(""));

	(void)state;
	expect_status(&r, 303);
	r = team_get(&world, &t, ADMIN, second);
	assert_true(response_has(&r, "<dd>2 new, "));
	r = team_post(&world, &t, ADMIN, second, STR(""));
	expect_status(&r, 303);
	r = team_get(&world, &t, ADMIN, second);
	assert_true(
		response_has(&r, "1 new, 0 changed, 1 unchanged, 0 refused"));
	assert_int_equal(events_of(&t), 2);
}

static void throws_away(void **state)
{
	struct team t = team_make(&world);
	struct str at = hand_in_well(&t, CALENDAR(TALK));
	struct response r = team_post(&world, &t, ADMIN,
				      path_with(at, "/discard"), STR(""));

	(void)state;
	expect_status(&r, 303);
	assert_true(str_equal(response_header(&r, "Location"),
			      path_of(&t, "?note=discarded")));
	assert_int_equal(waiting_of(&t), 0);
	assert_int_equal(events_of(&t), 0);
	r = team_post(&world, &t, ADMIN, at, STR(""));
	expect_status(&r, 404);
}

static void keeps_five(void **state)
{
	struct team t = team_make(&world);
	struct str first = hand_in_well(&t, CALENDAR(TALK));
	struct response r;

	(void)state;
	for (int i = 0; i < 4; i++)
		(void)hand_in_well(&t, CALENDAR(TALK));
	r = team_get(&world, &t, ADMIN, first);
	expect_status(&r, 200);
	(void)hand_in_well(&t, CALENDAR(DAY));
	assert_int_equal(waiting_of(&t), 5);
	r = team_get(&world, &t, ADMIN, first);
	expect_status(&r, 404);
}

static void waits_a_day(void **state)
{
	struct team t = team_make(&world);

	(void)state;
	(void)hand_in_well(&t, CALENDAR(TALK));
	world_clock(&world, "23 hours");
	world_sql(&world, "select prune(1000)");
	assert_int_equal(waiting_of(&t), 1);
	world_clock(&world, "25 hours");
	world_sql(&world, "select prune(1000)");
	assert_int_equal(waiting_of(&t), 0);
	world_clock(&world, NULL);
}

static void shows_two_hundred(void **state)
{
	struct team t = team_make(&world);
	struct buf file = buf_init(&world.arena, 1 << 16);
	struct response r;
	int rows = 0;

	(void)state;
	buf_add(&file, STR("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n"));
	for (int i = 0; i < 250; i++)
		buf_printf(&file,
			   "BEGIN:VEVENT\r\nUID:u%d\r\nSUMMARY:Talk %d\r\n"
			   "DTSTART:20300614T130000Z\r\nEND:VEVENT\r\n",
			   i, i);
	buf_add(&file, STR(NO_START "END:VCALENDAR\r\n"));
	r = hand_in(&t, buf_str(&file));
	expect_status(&r, 303);
	r = team_get(&world, &t, ADMIN, response_header(&r, "Location"));
	assert_true(response_has(&r, "200 of 251 events"));
	assert_true(response_has(&r, "<dd>250 new, "));
	for (struct str rest = r.body; rest.n > 0; rows++) {
		ptrdiff_t next = str_find_str(rest, STR("<th scope=\"row\">"));

		if (next < 0)
			break;
		rest = str_from(rest, next + 1);
	}
	assert_int_equal(rows, 200);
}

/* --- what is no calendar --- */

/* 422 with these words, and nothing kept. */
static void expect_refused(const struct team *t, struct str file,
			   const char *words)
{
	struct str before = world_digest(&world);
	struct response r = hand_in(t, file);

	expect_status(&r, 422);
	if (!response_has(&r, words))
		fail_msg("no '%s' in:\n%.*s", words, STR_ARG(r.text));
	assert_true(response_has(&r, "aria-invalid"));
	assert_true(str_equal(before, world_digest(&world)));
}

static void refuses_what_is_no_calendar(void **state)
{
	static const char utf16[] = "\xff\xfe"
				    "B\0E\0G\0I\0N\0:\0V\0";
	struct team t = team_make(&world);
	struct str binary = str_at(arena_get(&world.arena, 5000), 5000);

	(void)state;
	expect_refused(&t, STR(""), "calendar-error");
	expect_refused(&t, STR("Dear all,\r\n"),
		       "We cannot read club.ics: line 1");
	expect_refused(&t, STR("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n"), "line ");
	expect_refused(&t, STR(CALENDAR("")), "no event");
	expect_refused(&t, binary, "calendar-error");
	expect_refused(&t, str_at(utf16, sizeof(utf16)), "calendar-error");
	expect_refused(&t, STR("\x89PNG\r\n\x1a\n"), "calendar-error");
}

static void refuses_single_events(void **state)
{
	struct team t = team_make(&world);
	struct str at = hand_in_well(
		&t, CALENDAR(TALK EVENT("l1", "DTSTART:20300614T130000Z\r\n"
					      "SUMMARY:Caf\xe9\r\n")
				     EVENT("m13", "DTSTART:20301314T130000Z\r\n"
						  "SUMMARY:Month\r\n")));
	struct response r = team_get(&world, &t, ADMIN, at);

	(void)state;
	assert_true(
		response_has(&r, "1 new, 0 changed, 0 unchanged, 2 refused"));
}

static void refuses_forms_without_a_file(void **state)
{
	struct team t = team_make(&world);
	struct response r = team_post_file(&world, &t, ADMIN, path_of(&t, ""),
					   "other", STR(CALENDAR(TALK)));

	(void)state;
	expect_status(&r, 422);
	assert_true(response_has(&r, "Please choose a file"));
	r = team_post(&world, &t, ADMIN, path_of(&t, ""), STR("calendar=x"));
	expect_status(&r, 415);
	assert_int_equal(waiting_of(&t), 0);
}

static struct str large(ptrdiff_t n)
{
	char *p = arena_get_text(&world.arena, (size_t)n);

	memset(p, 'x', (size_t)n);
	return str_at(p, n);
}

static void refuses_large_files(void **state)
{
	struct team t = team_make(&world);
	struct response r = hand_in(&t, large(REQUEST_FILE_MAX + 1));

	(void)state;
	expect_status(&r, 413);
	assert_true(response_has(&r, "rollcallctl import-events"));
	r = hand_in(&t, large(REQUEST_UPLOAD_MAX));
	expect_status(&r, 413);
	assert_true(response_has(&r, "rollcallctl import-events"));
}

/* Whoever waits keeps one of the few workers that the door has too. */
static void takes_two_at_a_time(void **state)
{
	struct team t = team_make(&world);
	struct str at = hand_in_well(&t, CALENDAR(TALK));
	static const char turn[] = "select pg_advisory_%slock(hashtextextended("
				   "'calendar_upload', %d))";
	struct response r;

	(void)state;
	world_sql(&world, turn, "", 1);
	(void)hand_in_well(&t, CALENDAR(TALK));
	world_sql(&world, turn, "", 2);
	r = hand_in(&t, STR(CALENDAR(TALK)));
	expect_status(&r, 409);
	assert_true(response_has(&r, "Please try again in a minute"));
	r = team_post(&world, &t, ADMIN, at, STR(""));
	expect_status(&r, 303);
	assert_true(str_equal(response_header(&r, "Location"),
			      path_with(at, "?note=import_busy")));
	assert_int_equal(waiting_of(&t), 2);
	world_sql(&world, turn, "un", 1);
	world_sql(&world, turn, "un", 2);
	r = team_post(&world, &t, ADMIN, at, STR(""));
	expect_status(&r, 303);
	assert_int_equal(events_of(&t), 1);
}

/* --- by whom --- */

static void needs_the_form_token(void **state)
{
	struct team t = team_make(&world);
	struct str at = hand_in_well(&t, CALENDAR(TALK));
	struct str before = world_digest(&world);
	struct response r;

	(void)state;
	t.csrf[ADMIN] = t.csrf[STAFF];
	r = hand_in(&t, STR(CALENDAR(TALK)));
	expect_status(&r, 403);
	r = team_post(&world, &t, ADMIN, at, STR(""));
	expect_status(&r, 403);
	assert_true(str_equal(before, world_digest(&world)));
}

static void is_nobody_elses(void **state)
{
	struct team ours = team_make(&world);
	struct str at = hand_in_well(&ours, CALENDAR(TALK));
	struct team theirs = team_make(&world);
	struct str id = str_from(at, path_of(&ours, "").n);
	struct str there = path_of(&theirs, str_z(&world.arena, id));
	struct response r;

	(void)state;
	r = team_get(&world, &theirs, ADMIN, there);
	expect_status(&r, 404);
	r = team_post(&world, &theirs, ADMIN, there, STR(""));
	expect_status(&r, 404);
	r = team_post(&world, &theirs, ADMIN, path_with(there, "/discard"),
		      STR(""));
	expect_status(&r, 404);
	assert_int_equal(waiting_of(&ours), 1);
	r = team_get(&world, &theirs, ADMIN, path_of(&theirs, ""));
	assert_false(response_has(&r, "club.ics"));
	assert_true(str_equal(world_sql_state(&world, "rollcall_staff",
					      "select entries from "
					      "calendar_uploads"),
			      STR("42501")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{"R-O4 a calendar is shown before anything happens",
		 shows_what_would_happen, NULL, NULL, NULL},
		{"R-O4 a yes imports it, once", imports_once, NULL, NULL, NULL},
		{"R-O4 after the import it says what really happened",
		 tells_what_really_happened, NULL, NULL, NULL},
		{"R-O4 it can be thrown away", throws_away, NULL, NULL, NULL},
		{"R-O4 the newest five wait", keeps_five, NULL, NULL, NULL},
		{"R-O4 they wait for a day", waits_a_day, NULL, NULL, NULL},
		{"R-O4 200 events are shown, the rest counted",
		 shows_two_hundred, NULL, NULL, NULL},
		{"R-O4 what is no calendar is refused in words",
		 refuses_what_is_no_calendar, NULL, NULL, NULL},
		{"R-O4 a bad event does not spoil the others",
		 refuses_single_events, NULL, NULL, NULL},
		{"R-O4 a form without a file is refused",
		 refuses_forms_without_a_file, NULL, NULL, NULL},
		{"R-O4 files over 10 MiB get 413, with what to do",
		 refuses_large_files, NULL, NULL, NULL},
		{"R-O4 two at a time are read, the next is told to wait",
		 takes_two_at_a_time, NULL, NULL, NULL},
		{"R-O2 a file needs the form token", needs_the_form_token, NULL,
		 NULL, NULL},
		{"R-O2 another organisation's calendar is not there",
		 is_nobody_elses, NULL, NULL, NULL},
	};

	return cmocka_run_group_tests_name("import", tests, open_world,
					   close_world);
}

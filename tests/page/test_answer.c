/*
 * The pressed button behind a prompt link: what is saved, what is refused.
 */
#include "page/fixture.h"

#include <sys/wait.h>
#include <unistd.h>

static struct world world;

static int open_world(void **state)
{
	(void)state;
	world_open(&world, "answer");
	return 0;
}

static int close_world(void **state)
{
	(void)state;
	world_close(&world);
	return 0;
}

static void expect_unchanged(struct str before)
{
	if (!str_equal(before, world_digest(&world)))
		fail_msg("rows were changed");
}

static int64_t count(const char *table, const struct fixture *f)
{
	return world_sql_int(&world,
			     "select count(*) from %s where event_id = %lld",
			     table, (long long)f->event);
}

static void saves_each_answer(void **state)
{
	static const char *const answers[] = {"attended", "partial",
					      "not_attended"};
	struct response r;
	size_t i;

	(void)state;
	for (i = 0; i < 3; i++) {
		struct fixture f = fixture_asked(&world, "61 minutes");

		r = world_post(
			&world, f.link,
			str_printf(&world.arena, "status=%s", answers[i]));
		expect_status(&r, 303);
		assert_true(
			str_starts(response_header(&r, "Location"), f.link));
		assert_true(str_equal(fixture_answer(&world, &f),
				      str_of(answers[i])));
		r = world_get(&world, f.link);
		expect_status(&r, 200);
		assert_true(response_has(&r, "saved"));
		assert_int_equal(count("attendance", &f), 1);
		assert_int_equal(fixture_audits(&world, &f), 1);
	}
}

static void marks_the_notification_and_cancels(void **state)
{
	struct fixture f = fixture_asked(&world, "61 minutes");

	(void)state;
	world_sql(&world,
		  "insert into scheduled_notifications (notification_id, "
		  "org_id, kind, urgency, event_id, user_id, prompt_number, "
		  "scheduled_for, not_before, expires_at) values "
		  "('prompt-%lld-%lld-1-r1', %lld, 'attendance_prompt', 3, "
		  "%lld, %lld, 1, app_now(), app_now(), app_now() + "
		  "interval '1 day')",
		  (long long)f.event, (long long)f.user, (long long)f.org,
		  (long long)f.event, (long long)f.user);
	world_post(&world, f.link, STR("status=attended"));
	assert_int_equal(
		world_sql_int(&world,
			      "select count(*) from notifications where id = "
			      "%lld and read_at is not null and responded_at "
			      "is not null",
			      (long long)f.notification),
		1);
	assert_int_equal(count("scheduled_notifications", &f), 0);
	assert_true(str_equal(
		world_sql(&world,
			  "select state || ' ' || cause from notification_log "
			  "where event_id = %lld",
			  (long long)f.event),
		STR("cancelled answered")));
}

static void lets_the_last_answer_win(void **state)
{
	struct fixture f = fixture_asked(&world, "61 minutes");

	(void)state;
	world_post(&world, f.link, STR("status=attended"));
	world_post(&world, f.link, STR("status=not_attended"));
	world_post(&world, f.link, STR("status=not_attended"));
	world_post(&world, f.link, STR("status=partial"));
	assert_true(str_equal(fixture_answer(&world, &f), STR("partial")));
	assert_int_equal(count("attendance", &f), 1);
	assert_true(str_equal(
		world_sql(&world,
			  "select string_agg(coalesce(previous_status, '-') || "
			  "'>' || new_status, ' ' order by seq) "
			  "from event_attendance_audit where event_id = %lld "
			  "and user_id = %lld and actor_id = user_id",
			  (long long)f.event, (long long)f.user),
		STR("->attended attended>not_attended "
		    "not_attended>partial")));
	assert_int_equal(world_sql_int(&world, "select count(*) from "
					       "verify_audit(null)"),
			 0);
}

static void keeps_new_rows_private(void **state)
{
	struct fixture f = fixture_asked(&world, "61 minutes");

	(void)state;
	world_post(&world, f.link, STR("status=attended"));
	assert_true(str_equal(
		world_sql(&world,
			  "select show_on_profile || ' ' || show_to_other_orgs "
			  "from attendance where event_id = %lld",
			  (long long)f.event),
		STR("true false")));
}

static void refuses_before_the_end(void **state)
{
	struct fixture f = fixture_asked(&world, "-1 minute");
	struct str before = world_digest(&world);
	struct response r = world_get(&world, f.link);

	(void)state;
	expect_status(&r, 200);
	assert_true(response_has(&r, "not over yet"));
	assert_false(response_has(&r, "value=\"attended\""));
	r = world_post(&world, f.link, STR("status=attended"));
	expect_status(&r, 425);
	assert_true(response_has(&r, "over yet"));
	expect_unchanged(before);
}

static void refuses_cancelled_events(void **state)
{
	struct fixture f = fixture_asked(&world, "61 minutes");
	struct str before;
	struct response r;

	(void)state;
	world_sql(&world,
		  "update events set status = 'cancelled' where id = %lld",
		  (long long)f.event);
	before = world_digest(&world);
	r = world_get(&world, f.link);
	assert_true(response_has(&r, "was cancelled"));
	assert_false(response_has(&r, "value=\"attended\""));
	r = world_post(&world, f.link, STR("status=attended"));
	expect_status(&r, 410);
	expect_unchanged(before);
}

/* Each is refused with 422, and the page asks again. */
static void refuses_bad_forms(void **state)
{
	static const char nul[] = "status=attended%00";
	static const struct {
		const char *what;
		const char *body;
	} bad[] = {
		{"missing", ""},
		{"another field", "stat=attended"},
		{"empty", "status="},
		{"repeated", "status=attended&status=not_attended"},
		{"repeated alike", "status=attended&status=attended"},
		{"no choice", "status=unknown"},
		{"other case", "status=Attended"},
		{"a list", "status%5B%5D=attended"},
		{"not UTF-8", "status=%C3%28"},
		{"overlong UTF-8", "status=%C0%80"},
		{"surrogate", "status=%ED%A0%80"},
		{"NUL", nul},
		{"CR LF", "status=attended%0D%0ASet-Cookie:+a=b"},
		{"broken escape", "status=%zz"},
		{"raw bytes", "status=\xff\xfe"},
	};
	struct fixture f = fixture_asked(&world, "61 minutes");
	struct str before = world_digest(&world);
	struct response r;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		r = world_post(&world, f.link, str_of(bad[i].body));
		if (r.status != 422)
			fail_msg("%s: %d\n%.*s", bad[i].what, r.status,
				 STR_ARG(r.text));
		assert_true(response_has(&r, "value=\"attended\""));
		assert_true(response_has(&r, "role=\"alert\""));
		assert_true(str_is_absent(response_header(&r, "Set-Cookie")));
	}
	expect_unchanged(before);
}

static void refuses_raw_nul(void **state)
{
	static const char body[] = "status=attended\0";
	struct fixture f = fixture_asked(&world, "61 minutes");
	struct response r =
		world_post(&world, f.link, str_at(body, sizeof(body) - 1));

	(void)state;
	expect_status(&r, 422);
}

static struct str of_bytes(ptrdiff_t n)
{
	char *p = arena_get_text(&world.arena, (size_t)n);

	memset(p, 'x', (size_t)n);
	memcpy(p, "status=", 7);
	return str_at(p, n);
}

static void refuses_large_bodies(void **state)
{
	struct fixture f = fixture_asked(&world, "61 minutes");
	struct str before = world_digest(&world);
	struct response r;

	(void)state;
	r = world_post(&world, f.link, of_bytes(REQUEST_BODY_MAX));
	expect_status(&r, 422);
	assert_true(r.body.n < 20000);
	r = world_post(&world, f.link, of_bytes(REQUEST_BODY_MAX + 1));
	expect_status(&r, 413);
	expect_unchanged(before);
}

/* Sec-Fetch-Site decides; without it, Origin. */
static void refuses_posts_from_elsewhere(void **state)
{
	static const char *const sites[] = {NULL, "same-origin", "same-site",
					    "cross-site", "none"};
	static const char *const origins[] = {
		NULL,
		WORLD_BASE_URL,
		"http://127.0.0.1:8081",
		"https://127.0.0.1:8080",
		"http://127.0.0.1:8080.example.org",
		"http://evil.example",
		"null",
		""};
	struct response r;
	size_t s, o;
	bool ours;

	(void)state;
	for (s = 0; s < sizeof(sites) / sizeof(sites[0]); s++)
		for (o = 0; o < sizeof(origins) / sizeof(origins[0]); o++) {
			struct fixture f = fixture_asked(&world, "61 minutes");

			ours = s == 1 || (s == 0 && o == 1);
			r = world_sendf(
				&world,
				"POST %.*s HTTP/1.1\r\n%s%s%s%s%s%s"
				"Content-Type: application/"
				"x-www-form-urlencoded\r\n\r\nstatus=attended",
				STR_ARG(f.link),
				sites[s] ? "Sec-Fetch-Site: " : "",
				sites[s] ? sites[s] : "",
				sites[s] ? "\r\n" : "",
				origins[o] ? "Origin: " : "",
				origins[o] ? origins[o] : "",
				origins[o] ? "\r\n" : "");
			if (r.status != (ours ? 303 : 403))
				fail_msg("site %s, origin %s: %d",
					 sites[s] ? sites[s] : "(none)",
					 origins[o] ? origins[o] : "(none)",
					 r.status);
			assert_int_equal(count("attendance", &f), ours);
		}
}

/* A child of ours: posts once, and tells by its exit how it went. */
static pid_t post_beside(const struct fixture *f, const char *body)
{
	struct response r;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid)
		return pid;
	world_reopen(&world);
	r = world_post(&world, f->link, str_of(body));
	_exit(r.status == 303 ? 0 : 1);
}

static void takes_answers_at_once(void **state)
{
	static const char *const bodies[] = {
		"status=attended", "status=partial", "status=not_attended",
		"status=attended"};
	pid_t pids[4];
	int round, i, status;

	(void)state;
	for (round = 0; round < 10; round++) {
		struct fixture f = fixture_asked(&world, "61 minutes");

		for (i = 0; i < 4; i++)
			pids[i] = post_beside(&f, bodies[i]);
		for (i = 0; i < 4; i++) {
			assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
			assert_int_equal(status, 0);
		}
		assert_int_equal(count("attendance", &f), 1);
		/* Each row goes on where the one before ended. */
		assert_int_equal(
			world_sql_int(
				&world,
				"select count(*) from (select previous_status, "
				"lag(new_status) over (order by seq) as "
				"before, new_status from "
				"event_attendance_audit where event_id = %lld"
				") x where previous_status is distinct from "
				"before or new_status = previous_status",
				(long long)f.event),
			0);
		assert_true(str_equal(
			world_sql(&world,
				  "select new_status from "
				  "event_attendance_audit where event_id = "
				  "%lld order by seq desc limit 1",
				  (long long)f.event),
			fixture_answer(&world, &f)));
	}
	assert_int_equal(world_sql_int(&world, "select count(*) from "
					       "verify_audit(null)"),
			 0);
}

static void escapes_what_people_wrote(void **state)
{
	struct fixture f = fixture_asked(&world, "61 minutes");
	struct response r;

	(void)state;
	world_sql(&world,
		  "update events set title = '<b>\"&'' {{x}}' where id = %lld",
		  (long long)f.event);
	r = world_get(&world, f.link);
	expect_status(&r, 200);
	assert_false(response_has(&r, "<b>"));
	assert_true(response_has(&r, "&lt;b&gt;&quot;&amp;&#39; {{x}}"));
}

static void answers_503_when_the_database_is_away(void **state)
{
	struct fixture f = fixture_asked(&world, "61 minutes");
	struct db *good = world.app.db;
	struct response r;

	(void)state;
	world.app.db = db_open(STR("postgresql:///nowhere?host=/nonexistent"),
			       "rollcall_answer", 1000);
	r = world_get(&world, f.link);
	expect_status(&r, 503);
	assert_false(str_is_absent(response_header(&r, "Retry-After")));
	r = world_post(&world, f.link, STR("status=attended"));
	expect_status(&r, 503);
	r = world_get(&world, STR("/healthz"));
	expect_status(&r, 200);
	r = world_get(&world, STR("/readyz"));
	expect_status(&r, 503);
	db_close(world.app.db);
	world.app.db = good;
	r = world_get(&world, STR("/readyz"));
	expect_status(&r, 200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{"R-A7 each answer is saved, with an audit row",
		 saves_each_answer, NULL, NULL, NULL},
		{"R-A7 answering marks it read and cancels queued prompts",
		 marks_the_notification_and_cancels, NULL, NULL, NULL},
		{"R-A7 the last answer wins, every change is audited",
		 lets_the_last_answer_win, NULL, NULL, NULL},
		{"R-A10 new rows show on the profile, not to other orgs",
		 keeps_new_rows_private, NULL, NULL, NULL},
		{"R-A7 no answer before the end", refuses_before_the_end, NULL,
		 NULL, NULL},
		{"R-A3 no answer about a cancelled event",
		 refuses_cancelled_events, NULL, NULL, NULL},
		{"R-A7 bad forms get 422 and are asked again",
		 refuses_bad_forms, NULL, NULL, NULL},
		{"R-A7 a NUL in the form gets 422", refuses_raw_nul, NULL, NULL,
		 NULL},
		{"R-A7 a body over the limit gets 413", refuses_large_bodies,
		 NULL, NULL, NULL},
		{"R-A8 posts from elsewhere get 403",
		 refuses_posts_from_elsewhere, NULL, NULL, NULL},
		{"R-A7 answers at once leave one row and a true audit",
		 takes_answers_at_once, NULL, NULL, NULL},
		{"R-A8 titles are shown as text", escapes_what_people_wrote,
		 NULL, NULL, NULL},
		{"R-A8 without a database it answers 503, and then again",
		 answers_503_when_the_database_is_away, NULL, NULL, NULL},
	};

	return cmocka_run_group_tests_name("answer", tests, open_world,
					   close_world);
}

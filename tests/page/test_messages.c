/*
 * A person's own messages, and why each came or did not; and why somebody was
 * not asked about an event.
 */
#include "page/fixture.h"
#include "page/team.h"

static struct world world;
static struct team team;

static int open_world(void **state)
{
	(void)state;
	world_open(&world, "member");
	world_sql(&world, "update test_clock set at = '2026-11-20 18:00+00'");
	team = team_make(&world);
	return 0;
}

static int close_world(void **state)
{
	(void)state;
	world_close(&world);
	return 0;
}

static struct response get(enum reader reader, const char *path)
{
	return team_get(&world, &team, reader, str_of(path));
}

static int64_t event_make(const char *title)
{
	return world_sql_int(
		&world,
		"insert into events (org_id, title, starts_at, ends_at, status)"
		" values (%lld, '%s', '2026-11-20 10:00Z', '2026-11-20 12:00Z',"
		" 'completed') returning id",
		(long long)team.org, title);
}

/* What became of a question, minutes ago. */
static void log_make(enum reader reader, int64_t event, const char *state,
		     const char *cause, int code, int minutes)
{
	world_sql(&world,
		  "insert into notification_log (id, notification_id, org_id, "
		  "kind, event_id, user_id, prompt_number, revision, "
		  "scheduled_for, state, cause, reply_code, retry_count, "
		  "created_at, processed_at) select 1000000 + count(*), "
		  "'t-' || count(*), %lld, 'attendance_prompt', %lld, %lld, 1, "
		  "1, app_now(), '%s', nullif('%s', ''), %d, 1, app_now(), "
		  "app_now() - %d * interval '1 minute' from notification_log",
		  (long long)team.org, (long long)event,
		  (long long)team.user[reader], state, cause, code, minutes);
}

static void nothing_yet(void **state)
{
	struct response r = get(OTHER_STAFF, "/me/messages");

	(void)state;
	expect_status(&r, 200);
	assert_true(response_has(&r, "There is nothing here yet."));
	assert_true(response_has(&r, "href=\"/me/mail\""));
}

static void each_outcome_has_words(void **state)
{
	int64_t event = event_make("Talk");
	struct response r;

	(void)state;
	world_sql(&world,
		  "insert into event_views (event_id, user_id, org_id) values "
		  "(%lld, %lld, %lld)",
		  (long long)event, (long long)team.user[MEMBER],
		  (long long)team.org);
	log_make(MEMBER, event, "sent", "", 250, 1);
	log_make(MEMBER, event, "cancelled", "answered", 0, 2);
	log_make(MEMBER, event, "dead", "recipient_refused", 550, 3);
	world_sql(&world,
		  "insert into scheduled_notifications (notification_id, "
		  "org_id, kind, urgency, event_id, user_id, prompt_number, "
		  "scheduled_for, not_before, cause, expires_at) values "
		  "('t-held', %lld, 'attendance_prompt', 3, %lld, %lld, 2, "
		  "app_now(), '2026-11-21 07:00Z', 'quiet_hours', "
		  "'2026-12-01')",
		  (long long)team.org, (long long)event,
		  (long long)team.user[MEMBER]);
	r = get(MEMBER, "/me/messages");
	expect_status(&r, 200);
	assert_true(response_has(&r, "Waiting</span> until <time datetime=\""
				     "2026-11-21T08:00:00+01:00\">"));
	assert_true(response_has(&r, "It is held because of your quiet "
				     "hours."));
	assert_true(response_has(&r, "Sent</span>"));
	assert_true(response_has(&r, "You had answered already."));
	assert_true(response_has(&r, "The mail server refused mail for your "
				     "address. Its answer was 550."));
	assert_true(response_has(&r, "You got it because you opened this "
				     "event&#39;s page before it ended."));
	assert_true(response_has(&r, "It was meant for you because there was "
				     "no answer to the first question."));
	assert_true(response_has(&r, "<a href=\"/me/mail\">stop such mail"));
	assert_true(str_find_str(r.body, STR("Waiting</span>")) <
		    str_find_str(r.body, STR("Sent</span>")));
}

static void nobody_sees_anothers(void **state)
{
	int64_t event = event_make("Secret talk");
	struct response r;

	(void)state;
	log_make(DOOR, event, "sent", "", 250, 1);
	r = get(ADMIN, "/me/messages");
	expect_status(&r, 200);
	assert_false(response_has(&r, "Secret talk"));
	r = get(DOOR, "/me/messages");
	assert_true(response_has(&r, "Secret talk"));
}

static void fifty_a_page(void **state)
{
	int64_t event = event_make("Many");
	struct str at, rest;
	struct response r;

	(void)state;
	for (int i = 0; i < 60; i++)
		log_make(STAFF, event, i == 59 ? "dead" : "sent", "", 0, i + 1);
	r = get(STAFF, "/me/messages");
	assert_true(response_has(&r, "rel=\"next\""));
	assert_false(response_has(&r, "Refused</span>"));
	at = str_from(r.body, str_find_str(r.body, STR("?before=")));
	at = str_cut(at, '&', &rest);
	rest = str_cut(str_from(rest, STR("amp;").n), '"', &rest);
	at = str_printf(&world.arena, "/me/messages%.*s&%.*s", STR_ARG(at),
			STR_ARG(rest));
	r = get(STAFF, str_z(&world.arena, at));
	expect_status(&r, 200);
	assert_true(response_has(&r, "Refused</span>"));
	assert_false(response_has(&r, "rel=\"next\""));
	r = get(STAFF, "/me/messages?before=x&event=");
	expect_status(&r, 200);
}

static void says_why_not_asked(void **state)
{
	int64_t event = event_make("Quiet");
	const char *path =
		str_z(&world.arena, str_printf(&world.arena, "/events/%lld",
					       (long long)event));
	struct response r;

	(void)state;
	world_sql(&world,
		  "update organizations set prompts_since = '2000-01-01' where "
		  "id = %lld",
		  (long long)team.org);
	r = get(MEMBER, path);
	expect_status(&r, 200);
	assert_true(response_has(&r, "We did not ask you whether you were "
				     "there."));
	assert_true(response_has(&r, "You were not among them."));
	world_sql(&world,
		  "insert into notifications (user_id, org_id, event_id, type, "
		  "prompt_number, title) values (%lld, %lld, %lld, "
		  "'attendance_prompt', 1, 'Quiet')",
		  (long long)team.user[MEMBER], (long long)team.org,
		  (long long)event);
	r = get(MEMBER, path);
	assert_false(response_has(&r, "We did not ask you"));
	r = get(STAFF, path);
	assert_true(response_has(&r, "We did not ask you"));
}

static void looking_changes_nothing(void **state)
{
	struct str before = world_digest(&world);
	struct response r = get(MEMBER, "/me/messages");

	(void)state;
	expect_status(&r, 200);
	assert_true(str_equal(world_digest(&world), before));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{"R-F5 before there is a message the page says so", nothing_yet,
		 NULL, NULL, NULL},
		{"R-F5 each outcome in words, with its reason",
		 each_outcome_has_words, NULL, NULL, NULL},
		{"R-F5 everyone sees their own and nobody else's",
		 nobody_sees_anothers, NULL, NULL, NULL},
		{"R-F5 50 a page, the last first", fifty_a_page, NULL, NULL,
		 NULL},
		{"R-F5 an event that is over says why it did not ask",
		 says_why_not_asked, NULL, NULL, NULL},
		{"R-A8 GET changes nothing", looking_changes_nothing, NULL,
		 NULL, NULL},
	};

	return cmocka_run_group_tests_name("messages", tests, open_world,
					   close_world);
}

/*
 * The link that stops the questions of one organisation.
 */
#include "page/fixture.h"

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

/* Someone asked by mail, with a prompt still waiting; the stop link's path. */
static struct str stop_link(struct fixture *f)
{
	int64_t preference;

	*f = fixture_asked(&world, "61 minutes");
	world_sql(&world,
		  "insert into scheduled_notifications (notification_id, "
		  "org_id, kind, urgency, event_id, user_id, prompt_number, "
		  "scheduled_for, not_before, expires_at) values "
		  "('prompt-%lld-%lld-1-r1', %lld, 'attendance_prompt', 3, "
		  "%lld, %lld, 1, app_now(), app_now(), app_now() + "
		  "interval '1 day')",
		  (long long)f->event, (long long)f->user, (long long)f->org,
		  (long long)f->event, (long long)f->user);
	preference = world_sql_int(
		&world,
		"insert into event_notification_preferences (user_id, org_id) "
		"values (%lld, %lld) returning id",
		(long long)f->user, (long long)f->org);
	return str_printf(&world.arena, "/u/%.*s",
			  STR_ARG(world_token(&world, TOKEN_UNSUBSCRIBE,
					      preference, 1, 0)));
}

static struct str frequency(const struct fixture *f)
{
	return world_sql(&world,
			 "select frequency from event_notification_preferences "
			 "where user_id = %lld and org_id = %lld",
			 (long long)f->user, (long long)f->org);
}

static void asks_first(void **state)
{
	struct fixture f;
	struct str path = stop_link(&f);
	struct str before = world_digest(&world);
	struct response r;
	int i;

	(void)state;
	for (i = 0; i < 100; i++) {
		r = world_get(&world, path);
		expect_status(&r, 200);
		r = world_sendf(&world, "HEAD %.*s HTTP/1.1\r\n\r\n",
				STR_ARG(path));
		expect_status(&r, 200);
	}
	assert_true(str_equal(before, world_digest(&world)));
}

static void expect_stopped(const struct fixture *f)
{
	assert_true(str_equal(frequency(f), STR("none")));
	assert_true(str_equal(
		world_sql(&world,
			  "select state || ' ' || cause from notification_log "
			  "where event_id = %lld",
			  (long long)f->event),
		STR("cancelled unsubscribed")));
}

/* As RFC 8058 has it: no cookie, no header of a browser, no redirect. */
static void stops_by_one_click(void **state)
{
	struct fixture f;
	struct str path = stop_link(&f);
	struct response r;
	int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		r = world_sendf(&world,
				"POST %.*s HTTP/1.1\r\nContent-Type: "
				"application/x-www-form-urlencoded\r\n\r\n"
				"List-Unsubscribe=One-Click",
				STR_ARG(path));
		expect_status(&r, 200);
		assert_true(str_is_absent(response_header(&r, "Location")));
		assert_true(str_is_absent(response_header(&r, "Set-Cookie")));
		expect_stopped(&f);
	}
}

/* RFC 8058, 3.2: multipart/form-data is what a provider should send. */
static void stops_by_one_click_in_parts(void **state)
{
	struct fixture f;
	struct str path = stop_link(&f);
	struct response r = world_sendf(
		&world,
		"POST %.*s HTTP/1.1\r\n"
		"Content-Type: multipart/form-data; boundary=---part\r\n\r\n"
		"-----part\r\n"
		"Content-Disposition: form-data; name=\"List-Unsubscribe\"\r\n"
		"\r\nOne-Click\r\n-----part--\r\n",
		STR_ARG(path));

	(void)state;
	expect_status(&r, 200);
	expect_stopped(&f);
}

static void stops_by_the_pages_button(void **state)
{
	struct fixture f;
	struct str path = stop_link(&f);
	struct response r = world_post(&world, path, STR("stop=1"));

	(void)state;
	expect_status(&r, 303);
	expect_stopped(&f);
	r = world_get(&world, response_header(&r, "Location"));
	expect_status(&r, 200);
	assert_true(response_has(&r, "no more questions"));
}

static void refuses_the_button_from_elsewhere(void **state)
{
	struct fixture f;
	struct str path = stop_link(&f);
	struct response r = world_sendf(&world,
					"POST %.*s HTTP/1.1\r\n"
					"Sec-Fetch-Site: cross-site\r\n"
					"Content-Type: application/"
					"x-www-form-urlencoded\r\n\r\nstop=1",
					STR_ARG(path));

	(void)state;
	expect_status(&r, 403);
	assert_true(str_equal(frequency(&f), STR("all")));
}

static void refuses_forged_links(void **state)
{
	struct response none = world_get(&world, STR("/no/such/page"));
	struct fixture f;
	struct str token = str_from(stop_link(&f), 3);
	unsigned char bytes[48];
	struct response r;
	int bit;

	(void)state;
	assert_true(secret_base64url_read(token, bytes, sizeof(bytes)));
	for (bit = 0; bit < 384; bit++) {
		bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
		token = secret_base64url(&world.arena, bytes, 48);
		bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
		r = world_sendf(&world,
				"POST /u/%.*s HTTP/1.1\r\n\r\n"
				"List-Unsubscribe=One-Click",
				STR_ARG(token));
		assert_true(str_equal(r.text, none.text));
	}
	assert_true(str_equal(frequency(&f), STR("all")));
}

static void refuses_revoked_links(void **state)
{
	struct response none = world_get(&world, STR("/no/such/page"));
	struct fixture f;
	struct str path = stop_link(&f);
	struct response r;

	(void)state;
	world_sql(&world,
		  "update event_notification_preferences set generation = 2 "
		  "where user_id = %lld",
		  (long long)f.user);
	r = world_get(&world, path);
	assert_true(str_equal(r.text, none.text));
	r = world_post(&world, path, STR("List-Unsubscribe=One-Click"));
	assert_true(str_equal(r.text, none.text));
	assert_true(str_equal(frequency(&f), STR("all")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{"R-G2 looking at the stop link stops nothing", asks_first,
		 NULL, NULL, NULL},
		{"R-G2 one click stops, logged out, without redirect",
		 stops_by_one_click, NULL, NULL, NULL},
		{"R-G2 one click stops as multipart/form-data too",
		 stops_by_one_click_in_parts, NULL, NULL, NULL},
		{"R-G2 the page's button stops", stops_by_the_pages_button,
		 NULL, NULL, NULL},
		{"R-G2 the button works from our page only",
		 refuses_the_button_from_elsewhere, NULL, NULL, NULL},
		{"R-G2 forged stop links get the one 404", refuses_forged_links,
		 NULL, NULL, NULL},
		{"R-G2 revoked stop links get the one 404",
		 refuses_revoked_links, NULL, NULL, NULL},
	};

	return cmocka_run_group_tests_name("unsubscribe", tests, open_world,
					   close_world);
}

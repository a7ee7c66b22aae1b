/*
 * Signing in by a mailed link, and the sessions it makes.
 */
#include "page/fixture.h"

#include <sys/wait.h>
#include <unistd.h>

static struct world world;

static int open_world(void **state)
{
	(void)state;
	world_open(&world, "member");
	return 0;
}

static int close_world(void **state)
{
	(void)state;
	world_close(&world);
	return 0;
}

static struct response ask(struct str email)
{
	return world_post(
		&world, STR("/signin"),
		str_printf(&world.arena, "email=%.*s", STR_ARG(email)));
}

static int64_t queued(const struct fixture *f)
{
	return world_sql_int(&world,
			     "select count(*) from scheduled_notifications "
			     "where kind = 'sign_in' and user_id = %lld",
			     (long long)f->user);
}

/* The path of the link that a request row's mail would carry. */
static struct str link_to(int64_t request)
{
	int64_t expires =
		world_sql_int(&world,
			      "select extract(epoch from expires_at)::bigint "
			      "from sign_in_requests where id = %lld",
			      (long long)request);

	return str_printf(&world.arena, "/signin/%.*s",
			  STR_ARG(world_token(&world, TOKEN_SIGN_IN, request, 1,
					      expires)));
}

static int64_t newest_request(void)
{
	return world_sql_int(&world, "select max(id) from sign_in_requests");
}

static int64_t sessions(const struct fixture *f)
{
	return world_sql_int(&world,
			     "select count(*) from live_sessions "
			     "where user_id = %lld",
			     (long long)f->user);
}

static void says_the_same_for_every_address(void **state)
{
	struct fixture f = fixture_event(&world, "1 hour");
	struct response known = ask(f.email);
	struct response unknown = ask(STR("nobody@example.org"));

	(void)state;
	assert_true(known.status == 200 || known.status == 303);
	assert_true(str_equal(known.text, unknown.text));
	assert_int_equal(queued(&f), 1);
	known = ask(str_printf(&world.arena, "%%20A%.*s%%20",
			       STR_ARG(str_from(f.email, 1))));
	assert_true(str_equal(known.text, unknown.text));
	assert_int_equal(queued(&f), 2);
}

static void mails_three_links_an_hour(void **state)
{
	struct fixture f = fixture_event(&world, "1 hour");
	struct response first = ask(f.email), r;
	int i;

	(void)state;
	for (i = 0; i < 5; i++) {
		r = ask(f.email);
		assert_true(str_equal(first.text, r.text));
	}
	assert_int_equal(queued(&f), 3);
	/* Unknown ones are counted alike. */
	for (i = 0; i < 5; i++)
		ask(STR("stranger@example.org"));
	assert_int_equal(
		world_sql_int(&world,
			      "select count(*) from sign_in_requests "
			      "where user_id is null and email_hash = (select "
			      "email_hash from sign_in_requests order by id "
			      "desc limit 1)"),
		3);
	world_clock(&world, "61 minutes");
	ask(f.email);
	world_clock(&world, NULL);
	assert_int_equal(queued(&f), 4);
}

static void keeps_no_address_of_strangers(void **state)
{
	(void)state;
	ask(STR("somebody.unknown@example.net"));
	assert_int_equal(
		world_sql_int(&world,
			      "select count(*) from sign_in_requests r "
			      "where r::text like '%%somebody.unknown%%' or "
			      "position(convert_to('somebody', 'UTF8') in "
			      "email_hash) > 0"),
		0);
}

static void refuses_bad_addresses(void **state)
{
	static const char *const bad[] = {
		"",
		"email=",
		"mail=ada@example.org",
		"email=ada",
		"email=ada@",
		"email=@example.org",
		"email=ada@example.org&email=bob@example.org",
		"email=ada%40example.org%0D%0ARCPT+TO:<bob@example.org>",
		"email=ada%0Ax@example.org",
		"email=ada%00@example.org",
		"email=ada%C3%28@example.org",
		"email=ada+x@example.org",
		"email=ada%zz@example.org",
		"email=<ada@example.org>",
	};
	struct str before = world_digest(&world);
	struct response r;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		r = world_post(&world, STR("/signin"), str_of(bad[i]));
		if (r.status != 422)
			fail_msg("%s: %d\n%.*s", bad[i], r.status,
				 STR_ARG(r.text));
		assert_true(response_has(&r, "id=\"email-error\""));
	}
	assert_true(str_equal(before, world_digest(&world)));
}

static void keeps_what_was_typed(void **state)
{
	struct response r = ask(STR("ada%20lovelace%3Cexample.org"));

	(void)state;
	expect_status(&r, 422);
	assert_true(response_has(&r, "value=\"ada lovelace&lt;example.org\""));
}

static void refuses_oversized_addresses(void **state)
{
	char long_one[400];
	struct response r;

	(void)state;
	memset(long_one, 'a', sizeof(long_one));
	memcpy(long_one + 60, "@", 1);
	r = ask(str_at(long_one, sizeof(long_one)));
	expect_status(&r, 422);
}

static void is_used_by_post_only_and_once(void **state)
{
	struct fixture f = fixture_event(&world, "1 hour");
	struct str path, before;
	struct response r;
	int i;

	(void)state;
	ask(f.email);
	path = link_to(newest_request());
	before = world_digest(&world);
	for (i = 0; i < 20; i++) {
		r = world_get(&world, path);
		expect_status(&r, 200);
		assert_true(str_is_absent(response_header(&r, "Set-Cookie")));
		r = world_sendf(&world, "HEAD %.*s HTTP/1.1\r\n\r\n",
				STR_ARG(path));
		expect_status(&r, 200);
	}
	assert_true(str_equal(before, world_digest(&world)));
	r = world_post(&world, path, STR("go=1"));
	expect_status(&r, 303);
	assert_true(str_starts(response_header(&r, "Set-Cookie"),
			       STR("__Host-rollcall=")));
	assert_int_equal(sessions(&f), 1);
	r = world_post(&world, path, STR("go=1"));
	expect_status(&r, 410);
	assert_true(response_has(&r, "used already"));
	assert_true(str_is_absent(response_header(&r, "Set-Cookie")));
	r = world_get(&world, path);
	expect_status(&r, 410);
	assert_int_equal(sessions(&f), 1);
}

static void sets_a_strict_cookie(void **state)
{
	struct fixture f = fixture_event(&world, "1 hour");
	struct response r;
	struct str cookie;
	struct str lasts;

	(void)state;
	ask(f.email);
	r = world_post(&world, link_to(newest_request()), STR("go=1"));
	cookie = response_header(&r, "Set-Cookie");
	assert_true(str_find_str(cookie, STR("; Secure")) > 0);
	assert_true(str_find_str(cookie, STR("; HttpOnly")) > 0);
	assert_true(str_find_str(cookie, STR("; SameSite=Lax")) > 0);
	assert_true(str_find_str(cookie, STR("; Path=/")) > 0);
	assert_true(str_find_str(cookie, STR("Domain")) < 0);
	lasts = world_sql(&world, "select '; Max-Age=' || extract(epoch from "
				  "expires_at - created_at)::bigint || ';' "
				  "from sessions order by id desc limit 1");
	assert_true(str_find_str(cookie, lasts) > 0);
}

static void lasts_15_minutes(void **state)
{
	struct fixture f = fixture_event(&world, "1 hour");
	struct str path;
	struct response r;

	(void)state;
	ask(f.email);
	path = link_to(newest_request());
	world_clock(&world, "14 minutes 50 seconds");
	r = world_get(&world, path);
	expect_status(&r, 200);
	world_clock(&world, "15 minutes 1 second");
	r = world_get(&world, path);
	expect_status(&r, 410);
	assert_true(response_has(&r, "15 minutes"));
	r = world_post(&world, path, STR("go=1"));
	expect_status(&r, 410);
	world_clock(&world, NULL);
	assert_int_equal(sessions(&f), 0);
}

static void is_used_once_by_two_at_once(void **state)
{
	struct fixture f = fixture_event(&world, "1 hour");
	struct str path;
	struct response r;
	pid_t pids[4];
	int i, status, in = 0;

	(void)state;
	ask(f.email);
	path = link_to(newest_request());
	for (i = 0; i < 4; i++) {
		pids[i] = fork();
		if (!pids[i]) {
			world_reopen(&world);
			r = world_post(&world, path, STR("go=1"));
			_exit(r.status == 303 ? 1 : r.status == 410 ? 0 : 9);
		}
	}
	for (i = 0; i < 4; i++) {
		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_true(WIFEXITED(status) && WEXITSTATUS(status) < 2);
		in += WEXITSTATUS(status);
	}
	assert_int_equal(in, 1);
	assert_int_equal(sessions(&f), 1);
}

static void refuses_forged_links(void **state)
{
	struct response none = world_get(&world, STR("/no/such/page"));
	struct fixture f = fixture_event(&world, "1 hour");
	struct str path, token;
	unsigned char bytes[48];
	struct response r;
	int bit;

	(void)state;
	expect_status(&none, 404);
	ask(f.email);
	path = link_to(newest_request());
	token = str_from(path, 8);
	assert_true(secret_base64url_read(token, bytes, sizeof(bytes)));
	for (bit = 0; bit < 384; bit++) {
		bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
		token = secret_base64url(&world.arena, bytes, 48);
		bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
		r = world_post(&world,
			       str_printf(&world.arena, "/signin/%.*s",
					  STR_ARG(token)),
			       STR("go=1"));
		assert_true(str_equal(r.text, none.text));
	}
	/* A request that was made for nobody opens nothing. */
	ask(STR("nobody.at.all@example.org"));
	r = world_post(&world, link_to(newest_request()), STR("go=1"));
	assert_true(str_equal(r.text, none.text));
	assert_int_equal(sessions(&f), 0);
}

static void refuses_posts_from_elsewhere(void **state)
{
	struct fixture f = fixture_event(&world, "1 hour");
	struct str before, path;
	struct response r;

	(void)state;
	ask(f.email);
	path = link_to(newest_request());
	before = world_digest(&world);
	r = world_sendf(&world,
			"POST %.*s HTTP/1.1\r\nSec-Fetch-Site: cross-site\r\n"
			"\r\n",
			STR_ARG(path));
	expect_status(&r, 403);
	r = world_sendf(&world, "POST %.*s HTTP/1.1\r\n\r\n", STR_ARG(path));
	expect_status(&r, 403);
	r = world_sendf(&world,
			"POST /signin HTTP/1.1\r\nOrigin: http://evil.example"
			"\r\n\r\nemail=%.*s",
			STR_ARG(f.email));
	expect_status(&r, 403);
	assert_true(str_equal(before, world_digest(&world)));
}

static void lists_and_ends_sessions(void **state)
{
	struct fixture f = fixture_event(&world, "1 hour");
	struct str one = fixture_sign_in(&world, &f);
	struct str two = fixture_sign_in(&world, &f);
	struct response r = fixture_get(&world, two, STR("/me"));
	struct str csrf = fixture_csrf(&world, &r);
	int64_t other;
	struct str path, body;

	(void)state;
	expect_status(&r, 200);
	assert_true(response_has(&r, "(this one)"));
	assert_true(response_has(&r, "/me/sessions/"));
	assert_int_equal(sessions(&f), 2);
	other = world_sql_int(&world,
			      "select min(id) from live_sessions "
			      "where user_id = %lld",
			      (long long)f.user);
	path = str_printf(&world.arena, "/me/sessions/%lld/end",
			  (long long)other);
	body = str_printf(&world.arena, "csrf=%.*s", STR_ARG(csrf));
	r = fixture_post(&world, two, path, body);
	expect_status(&r, 303);
	assert_int_equal(sessions(&f), 1);
	r = fixture_get(&world, one, STR("/me"));
	expect_status(&r, 303);
	r = fixture_get(&world, two, STR("/me"));
	expect_status(&r, 200);
	r = fixture_post(&world, two, STR("/signout"), body);
	expect_status(&r, 303);
	assert_int_equal(sessions(&f), 0);
	r = fixture_get(&world, two, STR("/me"));
	expect_status(&r, 303);
}

static void ends_nobody_elses_session(void **state)
{
	struct fixture f = fixture_event(&world, "1 hour");
	struct fixture g = fixture_event(&world, "1 hour");
	struct str mine = fixture_sign_in(&world, &f);
	struct response r = fixture_get(&world, mine, STR("/me"));
	struct str csrf = fixture_csrf(&world, &r);
	struct str path;

	(void)state;
	fixture_sign_in(&world, &g);
	path = str_printf(&world.arena, "/me/sessions/%lld/end",
			  (long long)world_sql_int(&world,
						   "select max(id) "
						   "from live_sessions"));
	r = fixture_post(&world, mine, path,
			 str_printf(&world.arena, "csrf=%.*s", STR_ARG(csrf)));
	expect_status(&r, 404);
	assert_int_equal(sessions(&g), 1);
}

/* The form token is the session's own: none, a wrong or another's is refused.
 */
static void needs_the_sessions_form_token(void **state)
{
	struct fixture f = fixture_event(&world, "1 hour");
	struct str mine = fixture_sign_in(&world, &f);
	struct str other = fixture_sign_in(&world, &f);
	struct response r = fixture_get(&world, other, STR("/me"));
	struct str csrf = fixture_csrf(&world, &r);
	const struct str bodies[] = {
		STR(""),
		STR("csrf="),
		STR("csrf=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
		str_printf(&world.arena, "csrf=%.*s", STR_ARG(csrf)),
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		r = fixture_post(&world, mine, STR("/signout"), bodies[i]);
		expect_status(&r, 403);
	}
	assert_int_equal(sessions(&f), 2);
}

static void takes_no_made_up_cookie(void **state)
{
	static const char *const cookies[] = {
		"Cookie: __Host-rollcall=\r\n",
		"Cookie: __Host-rollcall=AAAA\r\n",
		("Cookie: "
		 "__Host-rollcall=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
		 "AAAAA\r\n"),
		"Cookie: rollcall=x; __Host-rollcall=%00\r\n",
	};
	struct response r;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cookies) / sizeof(cookies[0]); i++) {
		r = fixture_get(&world, str_of(cookies[i]), STR("/events"));
		expect_status(&r, 303);
		assert_true(str_starts(response_header(&r, "Location"),
				       STR("/signin")));
	}
	/* What is stored is a hash: shown as the cookie it opens nothing. */
	assert_int_equal(world_sql_int(&world, "select count(*) from sessions "
					       "where length(hash) <> 32"),
			 0);
}

static void ends_after_30_days(void **state)
{
	struct fixture f = fixture_event(&world, "1 hour");
	struct str mine = fixture_sign_in(&world, &f);
	struct response r;

	(void)state;
	world_clock(&world, "29 days");
	r = fixture_get(&world, mine, STR("/me"));
	expect_status(&r, 200);
	world_clock(&world, "31 days");
	r = fixture_get(&world, mine, STR("/me"));
	expect_status(&r, 303);
	world_clock(&world, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{"R-O3 the reply is the same for every address, to the byte",
		 says_the_same_for_every_address, NULL, NULL, NULL},
		{"R-O3 three links an hour, unknown addresses counted alike",
		 mails_three_links_an_hour, NULL, NULL, NULL},
		{"R-G3 strangers' addresses are not kept",
		 keeps_no_address_of_strangers, NULL, NULL, NULL},
		{"R-O3 bad addresses get 422 at their field",
		 refuses_bad_addresses, NULL, NULL, NULL},
		{"R-O3 the form keeps what was typed", keeps_what_was_typed,
		 NULL, NULL, NULL},
		{"R-O3 an oversized address gets 422",
		 refuses_oversized_addresses, NULL, NULL, NULL},
		{"R-O3 the link is used by POST only, once",
		 is_used_by_post_only_and_once, NULL, NULL, NULL},
		{"R-O3 the cookie is Secure, HttpOnly, Lax and of this host",
		 sets_a_strict_cookie, NULL, NULL, NULL},
		{"R-O3 the link lasts 15 minutes", lasts_15_minutes, NULL, NULL,
		 NULL},
		{"R-O3 pressed four times at once, one signs in",
		 is_used_once_by_two_at_once, NULL, NULL, NULL},
		{"R-O3 forged links get the one 404", refuses_forged_links,
		 NULL, NULL, NULL},
		{"R-O3 posts from elsewhere get 403",
		 refuses_posts_from_elsewhere, NULL, NULL, NULL},
		{"R-O3 sessions are listed and ended", lists_and_ends_sessions,
		 NULL, NULL, NULL},
		{"R-O3 nobody else's session is ended",
		 ends_nobody_elses_session, NULL, NULL, NULL},
		{"R-O3 posts need the session's own form token",
		 needs_the_sessions_form_token, NULL, NULL, NULL},
		{"R-O3 made-up cookies open nothing", takes_no_made_up_cookie,
		 NULL, NULL, NULL},
		{"R-O3 sessions end", ends_after_30_days, NULL, NULL, NULL},
	};

	return cmocka_run_group_tests_name("signin", tests, open_world,
					   close_world);
}

/*
 * The mailed prompt link: who may open it, and that looking changes nothing.
 */
#include "page/fixture.h"

static struct world world;

/* What every link that is none must look like: to the byte. */
static struct response not_found;

static int open_world(void **state)
{
	(void)state;
	world_open(&world, "answer");
	not_found = world_get(&world, STR("/no/such/page"));
	return not_found.status != 404;
}

static int close_world(void **state)
{
	(void)state;
	world_close(&world);
	return 0;
}

static void expect_not_found(const struct response *r, struct str what)
{
	if (!str_equal(r->text, not_found.text))
		fail_msg("%.*s: not the one 404, but:\n%.*s", STR_ARG(what),
			 STR_ARG(r->text));
}

/* By GET and by POST, and nothing is written either way. */
static void expect_no_link(struct str token, const char *folder)
{
	struct str path =
		str_printf(&world.arena, "/%s/%.*s", folder, STR_ARG(token));
	struct response r = world_get(&world, path);

	expect_not_found(&r, path);
	r = world_post(&world, path, STR("status=attended"));
	expect_not_found(&r, path);
}

static void asks_behind_a_good_link(void **state)
{
	struct fixture f = fixture_asked(&world, "61 minutes");
	struct response r = world_get(&world, f.link);

	(void)state;
	expect_status(&r, 200);
	assert_true(response_has(&r, "value=\"attended\""));
	assert_true(response_has(&r, "value=\"partial\""));
	assert_true(response_has(&r, "value=\"not_attended\""));
	assert_true(response_has(&r, "Regatta"));
}

static void refuses_every_flipped_bit(void **state)
{
	struct fixture f = fixture_asked(&world, "61 minutes");
	struct str before = world_digest(&world);
	unsigned char bytes[48];
	int bit;

	(void)state;
	assert_int_equal(f.token.n, 64);
	assert_true(secret_base64url_read(f.token, bytes, sizeof(bytes)));
	for (bit = 0; bit < 384; bit++) {
		bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
		expect_no_link(secret_base64url(&world.arena, bytes, 48), "r");
		bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
	}
	assert_true(str_equal(before, world_digest(&world)));
}

static void refuses_every_cut_and_tail(void **state)
{
	static const char *const tails[] = {"A",   "=",	  "==",	 "%00", "%0A",
					    "%20", "/",	  "/x",	 ".",	"AAAA",
					    "%C3", "%zz", "%0d", "%",	"+"};
	struct fixture f = fixture_asked(&world, "61 minutes");
	ptrdiff_t n;
	size_t i;

	(void)state;
	for (n = 0; n < f.token.n; n++)
		expect_no_link(str_first(f.token, n), "r");
	for (n = 1; n < f.token.n; n++)
		expect_no_link(str_from(f.token, n), "r");
	for (i = 0; i < sizeof(tails) / sizeof(tails[0]); i++)
		expect_no_link(str_printf(&world.arena, "%.*s%s",
					  STR_ARG(f.token), tails[i]),
			       "r");
}

/* The other base64 alphabet, and blanks where decoders like to skip them. */
static void refuses_other_spellings(void **state)
{
	struct fixture f = fixture_asked(&world, "61 minutes");
	char text[64];
	ptrdiff_t i;

	(void)state;
	for (i = 0; i < 64; i++) {
		memcpy(text, f.token.p, 64);
		text[i] = text[i] == '-' ? '+' : text[i] == '_' ? '/' : '~';
		expect_no_link(str_at(text, 64), "r");
		expect_no_link(str_printf(&world.arena, "%.*s%%20%.*s", (int)i,
					  f.token.p, (int)(64 - i),
					  f.token.p + i),
			       "r");
		expect_no_link(str_printf(&world.arena, "%.*s%%%02X%.*s",
					  (int)i, f.token.p,
					  (unsigned)f.token.p[i], (int)(63 - i),
					  f.token.p + i + 1),
			       "r");
	}
}

static void refuses_other_purposes(void **state)
{
	struct fixture f = fixture_asked(&world, "61 minutes");
	int purpose;

	(void)state;
	for (purpose = TOKEN_SIGN_IN; purpose <= TOKEN_SHIFT; purpose++)
		expect_no_link(world_token(&world, (enum token_purpose)purpose,
					   f.notification, 1, f.expires),
			       "r");
	expect_no_link(f.token, "u");
}

static void refuses_revoked_links(void **state)
{
	struct fixture f = fixture_asked(&world, "61 minutes");
	struct response r = world_get(&world, f.link);

	(void)state;
	expect_status(&r, 200);
	world_sql(&world,
		  "update notifications set generation = generation + 1 "
		  "where id = %lld",
		  (long long)f.notification);
	expect_no_link(f.token, "r");
	expect_no_link(
		world_token(&world, TOKEN_PROMPT, f.notification, 3, f.expires),
		"r");
	r = world_get(
		&world,
		str_printf(&world.arena, "/r/%.*s",
			   STR_ARG(world_token(&world, TOKEN_PROMPT,
					       f.notification, 2, f.expires))));
	expect_status(&r, 200);
}

static void refuses_links_to_nothing(void **state)
{
	struct fixture f = fixture_asked(&world, "61 minutes");

	(void)state;
	expect_no_link(world_token(&world, TOKEN_PROMPT, f.notification + 9999,
				   1, f.expires),
		       "r");
	expect_no_link(
		world_token(&world, TOKEN_PROMPT, INT64_MAX, 1, f.expires),
		"r");
	world_sql(&world,
		  "update events set deleted_at = app_now() "
		  "where id = %lld",
		  (long long)f.event);
	expect_no_link(f.token, "r");
}

static void takes_older_keys_and_no_strange_ones(void **state)
{
	struct fixture f = fixture_asked(&world, "61 minutes");
	struct secret_keys keys = world.app.keys;
	struct response r;

	(void)state;
	world.app.keys.count = 2;
	world.app.keys.keys[1] = keys.keys[0];
	world.app.keys.keys[0].id = 8;
	memset(world.app.keys.keys[0].bytes, 0x11, SECRET_KEY_BYTES);
	r = world_get(&world, f.link);
	expect_status(&r, 200);
	world.app.keys.count = 1;
	expect_no_link(f.token, "r");
	world.app.keys.keys[0].id = 7;
	expect_no_link(f.token, "r");
	world.app.keys = keys;
}

static void tells_when_it_closed(void **state)
{
	struct fixture f = fixture_asked(&world, "14 days 1 second");
	struct str before = world_digest(&world);
	struct response r = world_get(&world, f.link);

	(void)state;
	expect_status(&r, 410);
	assert_true(response_has(&r, "closed on"));
	assert_false(response_has(&r, "value=\"attended\""));
	r = world_post(&world, f.link, STR("status=attended"));
	expect_status(&r, 410);
	assert_true(response_has(&r, "closed on"));
	assert_true(str_equal(before, world_digest(&world)));
}

static void stays_open_for_14_days(void **state)
{
	struct fixture f = fixture_asked(&world, "13 days 23:59");
	struct response r = world_get(&world, f.link);

	(void)state;
	expect_status(&r, 200);
	r = world_post(&world, f.link, STR("status=partial"));
	expect_status(&r, 303);
	assert_true(str_equal(fixture_answer(&world, &f), STR("partial")));
}

static void is_not_changed_by_looking(void **state)
{
	struct fixture f = fixture_asked(&world, "61 minutes");
	struct str before = world_digest(&world);
	struct response r;
	int i;

	(void)state;
	for (i = 0; i < 500; i++) {
		r = world_get(&world, f.link);
		expect_status(&r, 200);
		r = world_sendf(&world,
				"HEAD %.*s HTTP/1.1\r\n"
				"User-Agent: mail scanner %d\r\n\r\n",
				STR_ARG(f.link), i);
		expect_status(&r, 200);
		assert_int_equal(r.body.n, 0);
	}
	r = world_get(&world, str_printf(&world.arena,
					 "%.*s?status=attended&answer=partial",
					 STR_ARG(f.link)));
	assert_true(str_equal(before, world_digest(&world)));
	world_sql(&world,
		  "update notifications set read_at = app_now() "
		  "where id = %lld",
		  (long long)f.notification);
	assert_false(str_equal(before, world_digest(&world)));
}

static void takes_no_other_method(void **state)
{
	static const char *const methods[] = {"PUT",	 "DELETE", "PATCH",
					      "OPTIONS", "TRACE",  "get"};
	struct fixture f = fixture_asked(&world, "61 minutes");
	struct str before = world_digest(&world);
	struct response r;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		r = world_sendf(&world,
				"%s %.*s HTTP/1.1\r\n" SAME_SITE
				"\r\nstatus=attended",
				methods[i], STR_ARG(f.link));
		expect_status(&r, 405);
		assert_true(response_has(&r, "Allow: GET, HEAD, POST"));
	}
	assert_true(str_equal(before, world_digest(&world)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{"R-A8 the link asks without signing in",
		 asks_behind_a_good_link, NULL, NULL, NULL},
		{"R-A8 each of the token's 384 bits counts",
		 refuses_every_flipped_bit, NULL, NULL, NULL},
		{"R-A8 tokens cut, empty or with a tail get the one 404",
		 refuses_every_cut_and_tail, NULL, NULL, NULL},
		{"R-A8 tokens spelled otherwise get the one 404",
		 refuses_other_spellings, NULL, NULL, NULL},
		{"R-A8 tokens of another purpose get the one 404",
		 refuses_other_purposes, NULL, NULL, NULL},
		{"R-A8 revoked tokens get the one 404", refuses_revoked_links,
		 NULL, NULL, NULL},
		{"R-A8 tokens of no row, or a deleted event's, get the one 404",
		 refuses_links_to_nothing, NULL, NULL, NULL},
		{"R-A8 older keys verify, unknown ones do not",
		 takes_older_keys_and_no_strange_ones, NULL, NULL, NULL},
		{"R-A8 past its date the link says when it closed",
		 tells_when_it_closed, NULL, NULL, NULL},
		{"R-A8 the link is open until 14 days after the end",
		 stays_open_for_14_days, NULL, NULL, NULL},
		{"R-A8 1,000 times GET and HEAD change no row",
		 is_not_changed_by_looking, NULL, NULL, NULL},
		{"R-A8 no other method is taken", takes_no_other_method, NULL,
		 NULL, NULL},
	};

	return cmocka_run_group_tests_name("link", tests, open_world,
					   close_world);
}

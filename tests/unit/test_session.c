/*
 * The session cookie and the form token.  Prints TAP.
 */
#include "unit/web_world.h"

#include "web/session.h"

/* 32 bytes in base64url: 43 characters, the last of which ends in two 0 bits */
#define ID "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"

static struct request with_cookie(const char *cookie)
{
	struct request rq = web_request(METHOD_GET, "/", NULL);

	rq.cookie = str_of(cookie);
	session_read(&rq);
	return rq;
}

static void reads_the_cookie(void **state)
{
	static const char *const good[] = {
		"__Host-rollcall=" ID,
		"a=b; __Host-rollcall=" ID,
		"__Host-rollcall=" ID "; a=b",
		"a;__Host-rollcall=" ID ";",
		"x__Host-rollcall=no; __Host-rollcall=" ID,
	};
	unsigned char id[32];
	unsigned char hash[SECRET_HASH_BYTES];

	(void)state;
	for (unsigned char i = 0; i < sizeof(id); i++)
		id[i] = i;
	secret_hash(str_at((const char *)id, sizeof(id)), hash);
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		const struct request rq = with_cookie(good[i]);

		assert_true(str_equal(
			rq.session, str_at((const char *)hash, sizeof(hash))));
		assert_int_equal(rq.csrf.n, 43);
	}
}

static void refuses_other_cookies(void **state)
{
	static const char *const bad[] = {
		"",
		"__Host-rollcall",
		"__Host-rollcall=",
		"__Host-rollcall=AAEC",
		"__Host-rollcall=" ID "A",
		"__Host-rollcall=" ID "=",
		"__Host-rollcall=\"" ID "\"",
		"__Host-rollcall= " ID,
		"__Host-rollcall=" ID "; __Host-rollcall=" ID,
		"__host-rollcall=" ID,
		"rollcall=" ID,
		/* another spelling of the same bytes: spare bits set */
		"__Host-rollcall=AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9",
		"__Host-rollcall=AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh+",
		"__Host-rollcall=%41AECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const struct request rq = with_cookie(bad[i]);

		if (!str_is_absent(rq.session) || !str_is_absent(rq.csrf))
			fail_msg("taken: %s", bad[i]);
	}
	assert_true(str_is_absent(with_cookie(NULL).session));
}

static struct str cookie_value(const struct reply *rs)
{
	struct str rest;

	return str_cut(rs->set_cookie, ';', &rest);
}

static struct str start(struct request *rq, struct reply *rs)
{
	struct str id;
	struct str hash = session_make(rq, &id);

	session_start(rq, rs, id, 3600);
	return hash;
}

static void starts_a_session(void **state)
{
	struct request rq = web_request(METHOD_POST, "/", "");
	struct reply rs = reply_init(&rq);
	struct str hash = start(&rq, &rs);
	struct str first = cookie_value(&rs);
	struct request next;

	(void)state;
	assert_int_equal(hash.n, SECRET_HASH_BYTES);
	assert_true(str_starts(rs.set_cookie, STR("__Host-rollcall=")));
	assert_has(rs.set_cookie, "; Path=/;");
	assert_has(rs.set_cookie, "; Max-Age=3600;");
	assert_has(rs.set_cookie, "; Secure");
	assert_has(rs.set_cookie, "; HttpOnly");
	assert_has(rs.set_cookie, "; SameSite=Lax");
	assert_has_not(rs.set_cookie, "Domain");

	next = with_cookie(str_z(&web_arena, first));
	assert_true(str_equal(next.session, hash));
	(void)start(&rq, &rs);
	assert_false(str_equal(cookie_value(&rs), first));
}

static void forgets_a_session(void **state)
{
	struct request rq = web_request(METHOD_POST, "/", "");
	struct reply rs = reply_init(&rq);

	(void)state;
	session_forget(&rq, &rs);
	assert_str(cookie_value(&rs), "__Host-rollcall=");
	assert_has(rs.set_cookie, "; Path=/;");
	assert_has(rs.set_cookie, "; Max-Age=0;");
	assert_has(rs.set_cookie, "; Secure");
}

static void error_pages_set_no_cookie(void **state)
{
	struct request rq = web_request(METHOD_POST, "/", "");
	struct reply rs = reply_init(&rq);

	(void)state;
	(void)start(&rq, &rs);
	reply_problem(&rq, &rs, 410, STR(""));
	assert_true(str_is_absent(rs.set_cookie));
}

static void knows_its_form_token(void **state)
{
	struct request rq = with_cookie("__Host-rollcall=" ID);
	const struct request other = with_cookie(
		"__Host-rollcall=BAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8");
	char *flipped = str_z(&web_arena, rq.csrf);

	(void)state;
	assert_true(session_csrf_ok(&rq, rq.csrf));
	assert_false(session_csrf_ok(&rq, other.csrf));
	assert_false(session_csrf_ok(&rq, STR("")));
	assert_false(session_csrf_ok(&rq, STR_ABSENT));
	assert_false(session_csrf_ok(&rq, str_first(rq.csrf, 42)));
	flipped[7] = flipped[7] == 'A' ? 'B' : 'A';
	assert_false(session_csrf_ok(&rq, str_of(flipped)));
	/* nobody is signed in: nothing is right */
	rq.session = STR_ABSENT;
	assert_false(session_csrf_ok(&rq, rq.csrf));
}

static void form_tokens_outlive_a_new_key(void **state)
{
	struct secret_keys *keys = &web_app.keys;
	struct request rq;
	struct str old;

	(void)state;
	old = with_cookie("__Host-rollcall=" ID).csrf;
	keys->keys[2] = keys->keys[1];
	keys->keys[1] = keys->keys[0];
	memset(keys->keys[0].bytes, 0x77, SECRET_KEY_BYTES);
	keys->keys[0].id = 3;
	keys->count = 3;
	rq = with_cookie("__Host-rollcall=" ID);
	assert_false(str_equal(rq.csrf, old));
	assert_true(session_csrf_ok(&rq, rq.csrf));
	assert_true(session_csrf_ok(&rq, old));
	keys->count = 1;
	assert_false(session_csrf_ok(&rq, old));
}

static struct str next_of(const char *cookie)
{
	struct request rq = web_request(METHOD_POST, "/", "");

	rq.cookie = str_of(cookie);
	return session_next(&rq);
}

static void keeps_the_way(void **state)
{
	struct request rq = web_request(METHOD_POST, "/", "");
	struct reply rs = reply_init(&rq);

	(void)state;
	session_keep_next(&rq, &rs, STR("/events/7?a=b;c"));
	assert_has(rs.set_cookie, "; Path=/;");
	assert_has(rs.set_cookie, "; Secure");
	assert_str(next_of(str_z(&web_arena, cookie_value(&rs))),
		   "/events/7?a=b;c");
}

static void keeps_no_way_elsewhere(void **state)
{
	static const char *const bad[] = {NULL,
					  "__Host-next=",
					  "__Host-next=%2F%2Fevil.example",
					  "__Host-next=https://evil.example",
					  "__Host-next=%2Fa%0D%0AX:1",
					  "__Host-next=%2Fa; __Host-next=%2Fb",
					  "__Host-next=%zz"};
	struct request rq = web_request(METHOD_POST, "/", "");
	struct reply rs = reply_init(&rq);

	(void)state;
	session_keep_next(&rq, &rs, STR("//evil.example"));
	assert_true(str_is_absent(rs.set_cookie));
	session_keep_next(&rq, &rs, STR_ABSENT);
	assert_true(str_is_absent(rs.set_cookie));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_str(next_of(bad[i]), "/events");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST("the cookie's id is hashed", reads_the_cookie),
		TEST("cookies that are not exactly ours are none",
		     refuses_other_cookies),
		TEST("a new session has a random, well guarded cookie",
		     starts_a_session),
		TEST("signing out empties the cookie", forgets_a_session),
		TEST("the way on is kept over signing in", keeps_the_way),
		TEST("a way that leads elsewhere is not kept",
		     keeps_no_way_elsewhere),
		TEST("error pages set no cookie", error_pages_set_no_cookie),
		TEST("a form token belongs to one session",
		     knows_its_form_token),
		TEST("form tokens outlive a new key, not a retired one",
		     form_tokens_outlive_a_new_key),
	};

	return cmocka_run_group_tests_name("session", tests, NULL, NULL);
}

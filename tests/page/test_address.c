/*
 * Another mail address: asked for, linked, changed; and what is told to whom.
 */
#include "page/fixture.h"

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

static int64_t requests(void)
{
	return world_sql_int(&world, "select count(*) from sign_in_requests "
				     "where new_email is not null");
}

static int64_t mails(const char *kind)
{
	return world_sql_int(&world,
			     "select count(*) from scheduled_notifications "
			     "where kind = '%s'",
			     kind);
}

static struct response ask(struct str cookie, const char *email)
{
	struct response r = fixture_get(&world, cookie, STR("/me/address"));

	expect_status(&r, 200);
	return fixture_post(&world, cookie, STR("/me/address"),
			    str_printf(&world.arena, "csrf=%.*s&email=%s",
				       STR_ARG(fixture_csrf(&world, &r)),
				       email));
}

static struct str newest_link(enum token_purpose purpose)
{
	int64_t request =
		world_sql_int(&world, "select max(id) from sign_in_requests");
	int64_t expires = world_sql_int(
		&world, "select extract(epoch from expires_at)::bigint from "
			"sign_in_requests order by id desc limit 1");

	return str_printf(
		&world.arena, "/address/%.*s",
		STR_ARG(world_token(&world, purpose, request, 1, expires)));
}

static struct str email_of(const struct fixture *f)
{
	return world_sql(&world, "select email from users where id = %lld",
			 (long long)f->user);
}

static void changes_by_the_button(void **state)
{
	struct fixture f = fixture_asked(&world, "1 hour");
	struct str me = fixture_sign_in(&world, &f);
	struct response r = ask(me, "button@new.example");
	struct str link = newest_link(TOKEN_ADDRESS_CHANGE);
	struct str before;

	(void)state;
	expect_status(&r, 200);
	assert_true(response_has(&r, "Look at your new mailbox"));
	assert_int_equal(mails("address_change"), 1);
	(void)world_sql(&world,
			"select suppress_address(%lld, '5.1.1'), "
			"count_refusal(%lld, '550')",
			(long long)f.user, (long long)f.user);
	(void)world_sql(&world,
			"insert into sign_in_requests (email_hash, user_id, "
			"expires_at, created_at) values ('\\x00112233445566"
			"778899aabbccddeeff', %lld, app_now() + "
			"interval '15 minutes', app_now() - interval '1 hour')",
			(long long)f.user);
	before = world_digest(&world);
	r = world_get(&world, link);
	expect_status(&r, 200);
	assert_true(response_has(&r, "button@new.example"));
	assert_true(str_equal(world_digest(&world), before));
	assert_true(str_equal(email_of(&f), f.email));

	r = world_post(&world, link, STR("go=1"));
	expect_status(&r, 200);
	assert_true(str_equal(email_of(&f), STR("button@new.example")));
	assert_int_equal(
		world_sql_int(&world,
			      "select count(*) from users where id = %lld and "
			      "suppressed_at is null and not exists (select "
			      "from address_refusals where user_id = %lld)",
			      (long long)f.user, (long long)f.user),
		1);
	assert_int_equal(
		world_sql_int(&world,
			      "select count(*) from sign_in_requests where "
			      "user_id = %lld and consumed_at is null and "
			      "expires_at > app_now()",
			      (long long)f.user),
		0);
	r = fixture_get(&world, me, STR("/me"));
	expect_status(&r, 200);
	assert_true(response_has(&r, "button@new.example"));
	r = world_post(&world, link, STR("go=1"));
	expect_status(&r, 410);
	assert_true(response_has(&r, "used already"));
}

/* The old address of one that takes mail is told. */
static void tells_the_old_address(void **state)
{
	struct fixture f = fixture_event(&world, "1 hour");
	struct str me = fixture_sign_in(&world, &f);
	int64_t told = mails("address_changed");
	struct response r = ask(me, "told@new.example");

	(void)state;
	expect_status(&r, 200);
	r = world_post(&world, newest_link(TOKEN_ADDRESS_CHANGE), STR("go=1"));
	expect_status(&r, 200);
	assert_int_equal(mails("address_changed"), told + 1);
	assert_true(str_equal(
		world_sql(&world,
			  "select old_email from sign_in_requests where "
			  "user_id = %lld and new_email is not null",
			  (long long)f.user),
		f.email));
}

static struct str without_address(const struct response *r, const char *email)
{
	ptrdiff_t at = str_find_str(r->body, str_of(email));

	assert_true(at > 0);
	return str_printf(
		&world.arena, "%.*s%.*s", (int)at, r->body.p,
		STR_ARG(str_from(r->body, at + (ptrdiff_t)strlen(email))));
}

static void replies_alike(void **state)
{
	struct fixture f = fixture_event(&world, "1 hour");
	struct fixture other = fixture_event(&world, "1 hour");
	struct str me = fixture_sign_in(&world, &f);
	const char *taken = str_z(&world.arena, other.email);
	struct response free_reply = ask(me, "free@new.example");
	struct response taken_reply;
	int64_t waiting = world_sql_int(
		&world, "select count(*) from scheduled_notifications");

	(void)state;
	taken_reply = ask(me, taken);
	expect_status(&free_reply, 200);
	expect_status(&taken_reply, 200);
	assert_true(str_equal(without_address(&free_reply, "free@new.example"),
			      without_address(&taken_reply, taken)));
	assert_int_equal(
		world_sql_int(&world,
			      "select count(*) from scheduled_notifications"),
		waiting);
}

static void counts_what_is_typed(void **state)
{
	struct fixture f = fixture_event(&world, "1 hour");
	struct str me = fixture_sign_in(&world, &f);
	struct fixture other = fixture_event(&world, "1 hour");
	struct str they = fixture_sign_in(&world, &other);
	int64_t before = requests();
	int64_t mailed = mails("address_change");
	struct response r;

	(void)state;
	for (int i = 0; i < 4; i++) {
		r = ask(i % 2 ? me : they, "Counted@new.example");
		expect_status(&r, 200);
	}
	assert_int_equal(mails("address_change"), mailed + 3);
	assert_int_equal(requests(), before + 4);
	for (int i = 0; i < 8; i++) {
		r = ask(me,
			str_z(&world.arena,
			      str_printf(&world.arena, "n%d@new.example", i)));
		expect_status(&r, 200);
	}
	r = ask(me, "and-on@new.example");
	expect_status(&r, 429);
	assert_true(str_equal(response_header(&r, "Retry-After"), STR("3600")));
	r = ask(they, "not an address");
	expect_status(&r, 422);
	r = ask(they, str_z(&world.arena, other.email));
	expect_status(&r, 422);
	assert_true(response_has(&r, "That is your address already"));
}

static void ends_with_its_time(void **state)
{
	struct fixture f = fixture_event(&world, "1 hour");
	struct fixture late = fixture_event(&world, "1 hour");
	struct str me = fixture_sign_in(&world, &f);
	struct response r = ask(me, "race@new.example");
	struct str link = newest_link(TOKEN_ADDRESS_CHANGE);

	(void)state;
	expect_status(&r, 200);
	/* One for another purpose, and one that nobody made. */
	r = world_get(&world, newest_link(TOKEN_SIGN_IN));
	expect_status(&r, 404);
	r = world_post(&world, newest_link(TOKEN_UNSUBSCRIBE), STR("go=1"));
	expect_status(&r, 404);
	/* Its row opens nothing else. */
	r = world_post(&world,
		       str_printf(&world.arena, "/signin/%.*s",
				  STR_ARG(str_from(link, 9))),
		       STR("go=1"));
	expect_status(&r, 404);

	world_clock(&world, "16 minutes");
	r = world_get(&world, link);
	expect_status(&r, 410);
	r = world_post(&world, link, STR("go=1"));
	expect_status(&r, 410);
	world_clock(&world, NULL);
	(void)world_sql(&world,
			"update users set email = 'RACE@new.example' "
			"where id = %lld",
			(long long)late.user);
	r = world_get(&world, link);
	expect_status(&r, 410);
	assert_true(response_has(&r, "an account of its own"));
	r = world_post(&world, link, STR("go=1"));
	expect_status(&r, 410);
	assert_true(response_has(&r, "an account of its own"));
	assert_true(str_equal(email_of(&f), f.email));
}

/* Taken, free or asked for too often: the page says the same of them. */
static void shows_what_was_asked_for(void **state)
{
	struct fixture other = fixture_asked(&world, "1 hour");
	struct fixture f = fixture_asked(&world, "1 hour");
	struct str me = fixture_sign_in(&world, &f);
	struct response r = fixture_get(&world, me, STR("/me/messages"));
	struct str part[2];

	(void)state;
	assert_false(response_has(&r, "Your new address"));
	ask(me, str_z(&world.arena, other.email));
	r = fixture_get(&world, me, STR("/me/messages"));
	part[0] = str_from(r.body, str_find_str(r.body, STR("</h3>")));
	part[0] = str_first(part[0], str_find_str(part[0], STR("</ul>")));
	assert_true(response_has(&r, "Your new address"));
	assert_true(response_has(&r, str_z(&world.arena, other.email)));
	world_sql(&world, "delete from sign_in_requests where user_id = %lld",
		  (long long)f.user);
	ask(me, "free@new.example");
	r = fixture_get(&world, me, STR("/me/messages"));
	part[1] = str_from(r.body, str_find_str(r.body, STR("</h3>")));
	part[1] = str_first(part[1], str_find_str(part[1], STR("</ul>")));
	assert_true(part[0].n > 100 && part[0].n == part[1].n);
	assert_true(response_has(&r, "status late\">Waiting<"));
	world_sql(&world,
		  "update sign_in_requests set expires_at = app_now(), "
		  "created_at = app_now() - interval '15 minutes' where "
		  "user_id = %lld",
		  (long long)f.user);
	r = fixture_get(&world, me, STR("/me/messages"));
	assert_true(response_has(&r, "Not changed"));
	assert_true(response_has(&r, "<a href=\"/me/address\">Ask again"));
	world_sql(&world,
		  "update sign_in_requests set consumed_at = app_now() where "
		  "user_id = %lld",
		  (long long)f.user);
	r = fixture_get(&world, me, STR("/me/messages"));
	assert_true(response_has(&r, "status present\">Done<"));
	r = fixture_get(&world, fixture_sign_in(&world, &other),
			STR("/me/messages"));
	assert_false(response_has(&r, "free@new.example"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{"R-O3 an address changes by the button behind its link, once",
		 changes_by_the_button, NULL, NULL, NULL},
		{"the old address is told", tells_the_old_address, NULL, NULL,
		 NULL},
		{"R-O3 the reply is the same when somebody has the address",
		 replies_alike, NULL, NULL, NULL},
		{"R-O3 three links an hour for an address, ten for a person",
		 counts_what_is_typed, NULL, NULL, NULL},
		{"R-O3 the link ends with its time, and when it is taken",
		 ends_with_its_time, NULL, NULL, NULL},
		{"R-O3 what was asked for is shown, and says nothing of who "
		 "has the address",
		 shows_what_was_asked_for, NULL, NULL, NULL},
	};

	return cmocka_run_group_tests_name("address", tests, open_world,
					   close_world);
}

/*
 * People and roles: what staff see of each other, and what admins change.
 */
#include "page/fixture.h"
#include "page/team.h"

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

static struct str people(const struct team *t, const char *rest)
{
	return str_printf(&world.arena, "/staff/%.*s/people%s",
			  STR_ARG(t->slug), rest);
}

static struct str person(const struct team *t, enum reader who,
			 const char *rest)
{
	return str_printf(&world.arena, "/staff/%.*s/people/%lld%s",
			  STR_ARG(t->slug), (long long)t->user[who], rest);
}

static struct str role_of(const struct team *t, int64_t user)
{
	return world_sql(&world,
			 "select role || case when responder then ' responder' "
			 "else '' end from memberships where org_id = %lld "
			 "and user_id = %lld",
			 (long long)t->org, (long long)user);
}

/* The record of a person, newest last: "actor what before after". */
static struct str record(const struct team *t, int64_t user)
{
	return world_sql(&world,
			 "select string_agg(concat_ws(' ', coalesce("
			 "actor_id::text, '-'), what, before, after), ', ' "
			 "order by id) from org_changes where org_id = %lld "
			 "and user_id = %lld",
			 (long long)t->org, (long long)user);
}

static void expect_text(struct str got, const char *wanted)
{
	if (!str_equal(got, str_of(wanted)))
		fail_msg("got '%.*s', wanted '%s'", STR_ARG(got), wanted);
}

static void lists_people_by_name(void **state)
{
	struct team t = team_make(&world);
	struct response r = team_get(&world, &t, STAFF, people(&t, ""));

	(void)state;
	expect_status(&r, 200);
	assert_true(str_find_str(r.body, STR(">Admin</a>")) <
		    str_find_str(r.body, STR(">Door</a>")));
	assert_true(response_has(&r, "Member, responder"));
	assert_false(response_has(&r, "@team-"));
	assert_false(response_has(&r, ">Other_Staff</a>"));
	assert_false(response_has(&r, "/people/add"));
}

static void turns_pages_of_fifty(void **state)
{
	struct team t = team_make(&world);
	struct response r;
	struct str next, rest;
	int pages = 1;

	(void)state;
	world_sql(&world,
		  "with u as (insert into users (email, name) select "
		  "'n' || n || '@%.*s.example', 'Same Name' from "
		  "generate_series(1, 110) n returning id) insert into "
		  "memberships (user_id, org_id) select id, %lld from u",
		  STR_ARG(t.slug), (long long)t.org);
	r = team_get(&world, &t, STAFF, people(&t, "?q=same"));
	while (response_has(&r, "rel=\"next\"")) {
		next = str_from(r.body, str_find_str(r.body, STR("people?")));
		next = str_cut(next, '"', &rest);
		/* As a browser reads the attribute. */
		next = str_printf(
			&world.arena, "?q=same&%.*s",
			STR_ARG(str_from(next,
					 str_find_str(next, STR("after=")))));
		r = team_get(&world, &t, STAFF,
			     people(&t, str_z(&world.arena, next)));
		expect_status(&r, 200);
		pages++;
	}
	assert_int_equal(pages, 3);
	r = team_get(&world, &t, STAFF, people(&t, "?after=999999999"));
	expect_status(&r, 200);
	r = team_get(&world, &t, STAFF, people(&t, "?after=x&q=%00"));
	assert_true(r.status == 200 || r.status == 422);
}

static void finds_by_name_and_address(void **state)
{
	struct team t = team_make(&world);
	struct str address =
		str_printf(&world.arena, "?q=DOOR%%40%.*s", STR_ARG(t.slug));
	const char *query = str_z(&world.arena, address);
	struct response r;

	(void)state;
	world_sql(&world,
		  "update users set name = 'Zoë O''Neill-Graß' where id = %lld",
		  (long long)t.user[MEMBER]);
	r = team_get(&world, &t, STAFF, people(&t, "?q=zo%C3%AB"));
	assert_true(response_has(&r, ">Zoë O&#39;Neill-Graß</a>"));
	r = team_get(&world, &t, STAFF, people(&t, "?q=gra+NEILL"));
	assert_true(response_has(&r, ">Zoë O&#39;Neill-Graß</a>"));
	r = team_get(&world, &t, STAFF, people(&t, "?q=%27%29%3A*+%26+%21"));
	expect_status(&r, 200);
	assert_false(response_has(&r, "class=\"items\""));
	r = team_get(&world, &t, ADMIN, people(&t, query));
	assert_true(response_has(&r, ">Door</a>"));
	/* Who may not read addresses cannot guess them letter by letter. */
	r = team_get(&world, &t, STAFF, people(&t, query));
	assert_false(response_has(&r, ">Door</a>"));
}

static void shows_the_address_to_admins_only(void **state)
{
	struct team t = team_make(&world);
	char *address = str_z(&world.arena, t.email[MEMBER]);
	struct response r = team_get(&world, &t, ADMIN, person(&t, MEMBER, ""));

	(void)state;
	expect_status(&r, 200);
	assert_true(response_has(&r, address));
	assert_true(response_has(&r, "/remove\""));
	r = team_get(&world, &t, STAFF, person(&t, MEMBER, ""));
	expect_status(&r, 200);
	assert_false(response_has(&r, address));
	assert_false(response_has(&r, "<form"));
	r = team_get(&world, &t, STAFF, person(&t, OTHER_MEMBER, ""));
	expect_status(&r, 404);
}

static struct response add(const struct team *t, struct str email,
			   const char *rest)
{
	return team_post(
		&world, t, ADMIN, people(t, "/add"),
		str_printf(&world.arena, "email=%.*s%s", STR_ARG(email), rest));
}

static void adds_a_person(void **state)
{
	struct team t = team_make(&world);
	struct str email =
		str_printf(&world.arena, "new@%.*s.example", STR_ARG(t.slug));
	struct response r =
		add(&t, email, "&name=Nia&timezone=Asia/Tokyo&role=door");
	int64_t id = world_sql_int(&world,
				   "select id from users where email = '%.*s'",
				   STR_ARG(email));

	(void)state;
	expect_status(&r, 303);
	expect_text(role_of(&t, id), "door");
	expect_text(
		record(&t, id),
		str_z(&world.arena, str_printf(&world.arena, "%lld added door",
					       (long long)t.user[ADMIN])));
	r = team_get(&world, &t, ADMIN, response_header(&r, "Location"));
	expect_status(&r, 200);
	assert_true(response_has(&r,
				 "They are in your organisation now. No mail "
				 "tells them"));
}

/* Whether somebody had an account is not told. */
static void adds_someone_known(void **state)
{
	struct team t = team_make(&world);
	struct response r =
		add(&t, t.email[OTHER_MEMBER], "&name=Typed&role=member");
	struct response page;

	(void)state;
	expect_status(&r, 303);
	assert_true(str_find_str(response_header(&r, "Location"),
				 STR("?note=person_added")) > 0);
	page = team_get(&world, &t, ADMIN, person(&t, OTHER_MEMBER, ""));
	assert_true(response_has(&page, "<h1>Other_Member</h1>"));
	r = add(&t, t.email[STAFF], "&name=Typed&role=member");
	assert_true(str_find_str(response_header(&r, "Location"),
				 STR("?note=person_here")) > 0);
	expect_text(role_of(&t, t.user[STAFF]), "staff");
}

static void keeps_what_was_typed(void **state)
{
	struct team t = team_make(&world);
	struct response r =
		add(&t, STR("nobody"), "&name=Nia&timezone=Nowhere&role=king");

	(void)state;
	expect_status(&r, 422);
	assert_true(response_has(&r, "value=\"nobody\""));
	assert_true(response_has(&r, "value=\"Nia\""));
	assert_true(response_has(&r, "id=\"email-error\""));
	r = add(&t, STR("nia@example.org"),
		"&name=Nia&timezone=FOO3BAR&role=member");
	expect_status(&r, 422);
	assert_true(response_has(&r, "id=\"timezone-error\""));
	assert_true(response_has(&r, "value=\"FOO3BAR\""));
	assert_int_equal(world_sql_int(&world,
				       "select count(*) from users "
				       "where email = 'nia@example.org'"),
			 0);
}

static void changes_a_role(void **state)
{
	struct team t = team_make(&world);
	struct response r =
		team_post(&world, &t, ADMIN, person(&t, MEMBER, "/role"),
			  STR("was=member&role=staff"));

	(void)state;
	expect_status(&r, 303);
	expect_text(role_of(&t, t.user[MEMBER]), "staff");
	/* Another admin's page is older than that. */
	r = team_post(&world, &t, ADMIN, person(&t, MEMBER, "/role"),
		      STR("was=member&role=door"));
	expect_status(&r, 409);
	assert_true(response_has(&r, "Someone changed this"));
	expect_text(role_of(&t, t.user[MEMBER]), "staff");
	r = team_post(&world, &t, ADMIN, person(&t, MEMBER, "/role"),
		      STR("was=staff&role=king"));
	expect_status(&r, 422);
	r = team_get(&world, &t, STAFF, person(&t, MEMBER, ""));
	assert_true(response_has(&r, "Role changed from member to staff"));
	assert_true(response_has(&r, "by Admin"));
}

static void keeps_an_admin(void **state)
{
	struct team t = team_make(&world);
	struct response r = team_get(&world, &t, ADMIN, person(&t, ADMIN, ""));
	struct str before = world_digest(&world);

	(void)state;
	assert_true(response_has(&r, "You are the only admin here"));
	r = team_post(&world, &t, ADMIN, person(&t, ADMIN, "/role"),
		      STR("was=admin&role=member"));
	expect_status(&r, 409);
	assert_true(response_has(&r, "there is no other one"));
	r = team_post(&world, &t, ADMIN, person(&t, ADMIN, "/remove"), STR(""));
	expect_status(&r, 409);
	assert_true(str_equal(before, world_digest(&world)));
	r = team_post(&world, &t, ADMIN, person(&t, STAFF, "/role"),
		      STR("was=staff&role=admin"));
	r = team_post(&world, &t, ADMIN, person(&t, ADMIN, "/role"),
		      STR("was=admin&role=member"));
	expect_status(&r, 303);
	/* Nor do they see a page that is theirs no more. */
	assert_true(
		str_starts(response_header(&r, "Location"), STR("/events?")));
	expect_text(role_of(&t, t.user[ADMIN]), "member");
}

static void gives_the_responder_flag(void **state)
{
	struct team t = team_make(&world);
	struct response r =
		team_post(&world, &t, ADMIN, person(&t, MEMBER, "/responder"),
			  STR("responder=yes"));

	(void)state;
	expect_status(&r, 303);
	expect_text(role_of(&t, t.user[MEMBER]), "member responder");
	expect_text(
		world_sql(&world,
			  "select string_agg(u.name, ', ' order by u.name) "
			  "from scheduled_notifications q join users u "
			  "on u.id = q.user_id where q.kind = 'responder_news' "
			  "and q.org_id = %lld",
			  (long long)t.org),
		"Member, Responder");
	r = team_get(&world, &t, STAFF, person(&t, MEMBER, ""));
	assert_true(response_has(&r, "Made a responder"));
	r = team_post(&world, &t, ADMIN, person(&t, MEMBER, "/responder"),
		      STR("responder=no"));
	expect_status(&r, 303);
	expect_text(role_of(&t, t.user[MEMBER]), "member");
	r = team_post(&world, &t, ADMIN, person(&t, MEMBER, "/responder"),
		      STR("responder=perhaps"));
	expect_status(&r, 422);
}

static void keeps_a_responder(void **state)
{
	struct team t = team_make(&world);
	struct response r;

	(void)state;
	world_sql(&world,
		  "update users set confirmed_at = app_now() where id = %lld",
		  (long long)t.user[MEMBER]);
	team_post(&world, &t, ADMIN, person(&t, MEMBER, "/responder"),
		  STR("responder=yes"));
	world_sql(&world,
		  "update memberships set responder = false where org_id = "
		  "%lld and user_id <> %lld",
		  (long long)t.org, (long long)t.user[MEMBER]);
	world_sql(&world,
		  "insert into monitoring (user_id, org_id, consent_version) "
		  "values (%lld, %lld, 'watch-1')",
		  (long long)t.user[DOOR], (long long)t.org);

	struct str before = world_digest(&world);

	r = team_post(&world, &t, ADMIN, person(&t, MEMBER, "/responder"),
		      STR("responder=no"));
	expect_status(&r, 409);
	assert_true(response_has(&r, "this is the last responder"));
	r = team_post(&world, &t, ADMIN, person(&t, MEMBER, "/remove"),
		      STR(""));
	expect_status(&r, 409);
	assert_true(str_equal(before, world_digest(&world)));
}

static void removes_a_person(void **state)
{
	struct team t = team_make(&world);
	struct response r = team_post(&world, &t, ADMIN,
				      person(&t, DOOR, "/remove"), STR(""));

	(void)state;
	expect_status(&r, 303);
	assert_true(str_is_absent(role_of(&t, t.user[DOOR])));
	r = team_get(&world, &t, ADMIN, response_header(&r, "Location"));
	assert_true(response_has(&r, "They are out of your organisation."));
	r = team_get(&world, &t, ADMIN, person(&t, DOOR, ""));
	expect_status(&r, 404);
	r = team_get(&world, &t, DOOR,
		     str_printf(&world.arena, "/staff/%.*s", STR_ARG(t.slug)));
	expect_status(&r, 404);
}

static void mails_someone_again(void **state)
{
	struct team t = team_make(&world);
	struct response r;

	(void)state;
	world_sql(&world,
		  "update users set suppressed_at = app_now(), "
		  "suppressed_cause = '5.1.1' where id = %lld",
		  (long long)t.user[MEMBER]);
	r = team_get(&world, &t, STAFF, people(&t, "?q=member"));
	assert_true(response_has(&r, "Mail refused"));
	r = team_get(&world, &t, STAFF, person(&t, MEMBER, ""));
	assert_true(response_has(&r, "(5.1.1)"));
	r = team_post(&world, &t, STAFF, person(&t, MEMBER, "/mail"), STR(""));
	expect_status(&r, 303);
	r = team_get(&world, &t, STAFF, response_header(&r, "Location"));
	assert_true(response_has(&r, "We will mail them again."));
	assert_false(response_has(&r, "Refused"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{"R-O1 staff list the organisation's people, without addresses",
		 lists_people_by_name, NULL, NULL, NULL},
		{"R-O1 50 people a page, to the last of one name",
		 turns_pages_of_fifty, NULL, NULL, NULL},
		{"R-O1 people are found by any of their names, by admins also "
		 "by address",
		 finds_by_name_and_address, NULL, NULL, NULL},
		{"R-O1 admins see the address and the forms, staff do not",
		 shows_the_address_to_admins_only, NULL, NULL, NULL},
		{"R-O4 an admin adds a person", adds_a_person, NULL, NULL,
		 NULL},
		{"R-O4 someone known keeps their name, and nothing tells",
		 adds_someone_known, NULL, NULL, NULL},
		{"R-O4 what was typed is shown again with what is wrong",
		 keeps_what_was_typed, NULL, NULL, NULL},
		{"R-O1 a role is changed from what was seen", changes_a_role,
		 NULL, NULL, NULL},
		{"R-O1 the last admin stays one", keeps_an_admin, NULL, NULL,
		 NULL},
		{"R-O1 giving the responder flag is kept and told",
		 gives_the_responder_flag, NULL, NULL, NULL},
		{"R-D2 the last responder stays while anyone is watched over",
		 keeps_a_responder, NULL, NULL, NULL},
		{"R-O2 who is removed is out at once", removes_a_person, NULL,
		 NULL, NULL},
		{"R-F2 staff lift a suppression", mails_someone_again, NULL,
		 NULL, NULL},
	};

	return cmocka_run_group_tests_name("person", tests, open_world,
					   close_world);
}

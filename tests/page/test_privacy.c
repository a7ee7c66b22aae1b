/*
 * The two switches of an answer, and being listed, as each kind of reader
 * meets them: on the person's profile, and on a team's page about them.
 */
#include "page/fixture.h"
#include "page/team.h"

static struct world world; /* the member program */
static struct world staff;

static int open_world(void **state)
{
	(void)state;
	world_open(&world, "member");
	world_beside(&world, &staff, "staff");
	return 0;
}

static int close_world(void **state)
{
	(void)state;
	world_close(&staff);
	world_close(&world);
	return 0;
}

/* The person that all this is about: a member of both of the team's orgs. */
struct owner {
	struct fixture f;
	struct str cookie, csrf;
	struct team team;     /* org is the host, other their other one */
	struct team stranger; /* organisations that they are not in */
};

static struct owner owner_make(void)
{
	struct owner o = {0};
	struct response r;

	o.stranger = team_make(&world);
	o.team = team_make(&world);
	o.f = fixture_event(&world, "1 hour");
	world_sql(&world, "delete from memberships where user_id = %lld",
		  (long long)o.f.user);
	world_sql(&world,
		  "insert into memberships (user_id, org_id) "
		  "values (%lld, %lld), (%lld, %lld)",
		  (long long)o.f.user, (long long)o.team.org,
		  (long long)o.f.user, (long long)o.team.other);
	world_sql(&world, "update events set org_id = %lld where id = %lld",
		  (long long)o.team.org, (long long)o.f.event);
	world_sql(&world,
		  "insert into attendance (user_id, event_id, org_id, status, "
		  "responded_at, feedback_rating, feedback_text, "
		  "feedback_submitted_at) values (%lld, %lld, %lld, 'attended',"
		  " app_now(), 2, 'Too loud', app_now())",
		  (long long)o.f.user, (long long)o.f.event,
		  (long long)o.team.org);
	o.cookie = fixture_sign_in(&world, &o.f);
	r = fixture_get(&world, o.cookie, STR("/me"));
	o.csrf = fixture_csrf(&world, &r);
	return o;
}

static void press(const struct owner *o, struct str path, const char *body)
{
	struct response r =
		fixture_post(&world, o->cookie, path,
			     str_printf(&world.arena, "csrf=%.*s&%s",
					STR_ARG(o->csrf), body));

	expect_status(&r, 303);
}

static void share(const struct owner *o, const char *body)
{
	press(o,
	      str_printf(&world.arena, "/history/%lld/sharing",
			 (long long)o->f.event),
	      body);
}

/* --- readers --- */

enum whose { TEAM, STRANGER, SELF };

/*
 * shown: with the switches as they are at first, with both on, both off: y
 * when the event stands on the page.  slug: whose page the reader asks for.
 */
struct sight {
	enum whose whose;
	enum reader reader;
	int profile_status;
	const char *profile;
	bool in_other; /* their own organisation is the owner's other one */
	int page_status;
	const char *page;
};

static const struct sight sights[] = {
	{TEAM, NOBODY, 303, "---", false, 303, "---"},
	{SELF, NOBODY, 200, "yyy", false, 404, "---"},
	{TEAM, MEMBER, 200, "yy-", false, 404, "---"},
	{TEAM, RESPONDER, 200, "yy-", false, 404, "---"},
	{TEAM, DOOR, 200, "yy-", false, 404, "---"},
	{TEAM, STAFF, 200, "yy-", false, 200, "yyy"},
	{TEAM, ADMIN, 200, "yy-", false, 200, "yyy"},
	{TEAM, OTHER_MEMBER, 200, "---", true, 404, "---"},
	{TEAM, OTHER_STAFF, 200, "---", true, 200, "-y-"},
	{STRANGER, MEMBER, 404, "---", false, 404, "---"},
	{STRANGER, STAFF, 404, "---", false, 404, "---"},
	{STRANGER, ADMIN, 404, "---", false, 404, "---"},
	{STRANGER, RESPONDER, 404, "---", false, 404, "---"},
};
#define SIGHTS (sizeof(sights) / sizeof(sights[0]))

static const struct team *team_of(const struct owner *o, const struct sight *s)
{
	return s->whose == STRANGER ? &o->stranger : &o->team;
}

static struct str cookie_of(const struct owner *o, const struct sight *s)
{
	return s->whose == SELF ? o->cookie : team_of(o, s)->cookie[s->reader];
}

static struct response profile_of(const struct owner *o, const struct sight *s)
{
	return fixture_get(
		&world, cookie_of(o, s),
		str_printf(&world.arena, "/people/%lld", (long long)o->f.user));
}

static struct response page_of(const struct owner *o, const struct sight *s)
{
	const struct team *team = team_of(o, s);

	return fixture_get(
		&staff, cookie_of(o, s),
		str_printf(&staff.arena, "/staff/%.*s/people/%lld/answers",
			   STR_ARG(s->in_other ? team->other_slug : team->slug),
			   (long long)o->f.user));
}

static void expect_sight(const struct response *r, const struct sight *s,
			 int status, bool shown, const char *what)
{
	if (r->status != status || response_has(r, "Regatta") != shown)
		fail_msg("%s%s on the %s: wanted %d, the event %s, but:\n%.*s",
			 s->whose == STRANGER ? "a stranger's "
			 : s->whose == SELF   ? "oneself, "
					      : "",
			 team_reader_name(s->reader), what, status,
			 shown ? "shown" : "not shown", STR_ARG(r->text));
}

static void expect_sights(const struct owner *o, int at)
{
	for (size_t i = 0; i < SIGHTS; i++) {
		const struct sight *s = &sights[i];
		struct response r = profile_of(o, s);

		expect_sight(&r, s, s->profile_status, s->profile[at] == 'y',
			     "profile");
		assert_false(response_has(&r, "Too loud"));
		assert_false(response_has(&r, "2 of 5"));
		r = page_of(o, s);
		expect_sight(&r, s, s->page_status, s->page[at] == 'y',
			     "team's page");
		assert_false(response_has(&r, "Too loud"));
		assert_int_equal(response_has(&r, "2 of 5"),
				 s->page[at] == 'y' && !s->in_other);
	}
}

static void holds_for_each_reader(void **state)
{
	struct owner o = owner_make();

	(void)state;
	expect_sights(&o, 0);
	share(&o, "show_on_profile=yes&show_to_other_orgs=yes");
	expect_sights(&o, 1);
	share(&o, "");
	expect_sights(&o, 2);
}

/* The page of another organisation than one's own is nobody's. */
static void keeps_to_its_organisation(void **state)
{
	struct owner o = owner_make();
	const struct team *mine[] = {&o.team, &o.stranger};

	(void)state;
	share(&o, "show_on_profile=yes&show_to_other_orgs=yes");
	for (int i = 0; i < 2; i++) {
		struct str slug = i == 0 ? o.team.other_slug : o.team.slug;
		struct response r = fixture_get(
			&staff, mine[i]->cookie[ADMIN],
			str_printf(&staff.arena, "/staff/%.*s/people/%lld",
				   STR_ARG(slug), (long long)o.f.user));

		expect_status(&r, 404);
		assert_false(response_has(&r, "Regatta"));
	}
}

static void first_off_forces_second_off(void **state)
{
	struct owner o = owner_make();
	struct response r;

	(void)state;
	share(&o, "show_to_other_orgs=yes");
	assert_true(str_equal(
		world_sql(&world,
			  "select show_on_profile or show_to_other_orgs from "
			  "attendance where event_id = %lld",
			  (long long)o.f.event),
		STR("f")));
	r = fixture_get(&world, o.cookie,
			str_printf(&world.arena,
				   "/history/%lld?note=hidden_everywhere",
				   (long long)o.f.event));
	assert_true(response_has(&r, "so both are off"));
	assert_false(response_has(&r, " checked"));
}

/* Only that somebody was there: not that they were not, nor no answer. */
static void tells_no_absence(void **state)
{
	static const struct {
		const char *status;
		bool shown;
	} cases[] = {{"attended", true},
		     {"partial", true},
		     {"not_attended", false},
		     {"unknown", false}};
	static const struct sight fellow = {TEAM,  MEMBER, 200, NULL,
					    false, 404,	   NULL};
	static const struct sight host = {TEAM,	 STAFF, 200, NULL,
					  false, 200,	NULL};
	struct owner o = owner_make();

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct response r;

		world_sql(&world,
			  "update attendance set status = '%s', responded_at = "
			  "case when '%s' <> 'unknown' then app_now() end "
			  "where event_id = %lld",
			  cases[i].status, cases[i].status,
			  (long long)o.f.event);
		r = profile_of(&o, &fellow);
		expect_sight(&r, &fellow, 200, cases[i].shown, "profile");
		assert_true(response_has(&r, "is never shown"));
		r = page_of(&o, &host);
		expect_sight(&r, &host, 200, true, "team's page");
	}
}

static void hides_and_shows_all(void **state)
{
	struct owner o = owner_make();
	struct str at = str_printf(&world.arena, "/me/privacy/%lld/",
				   (long long)o.team.org);

	(void)state;
	share(&o, "show_on_profile=yes&show_to_other_orgs=yes");
	press(&o, str_printf(&world.arena, "%.*shide", STR_ARG(at)), "");
	expect_sights(&o, 2);
	press(&o, str_printf(&world.arena, "%.*sshow", STR_ARG(at)), "");
	expect_sights(&o, 0);
}

static void lists_only_who_wants(void **state)
{
	static const struct sight fellow = {TEAM,  MEMBER, 0,	NULL,
					    false, 0,	   NULL};
	static const struct sight elsewhere = {
		TEAM, OTHER_MEMBER, 0, NULL, true, 0, NULL};
	static const struct sight host = {TEAM, STAFF, 0, NULL, false, 0, NULL};
	struct owner o = owner_make();
	struct str name =
		world_sql(&world, "select name from users where id = %lld",
			  (long long)o.f.user);
	char *shown = str_z(&world.arena, name);
	struct response r = team_get(&world, &o.team, MEMBER, STR("/people"));

	(void)state;
	assert_true(response_has(&r, shown));
	press(&o,
	      str_printf(&world.arena, "/me/privacy/%lld/unlist",
			 (long long)o.team.org),
	      "");
	r = team_get(&world, &o.team, MEMBER, STR("/people"));
	assert_false(response_has(&r, shown));
	r = profile_of(&o, &fellow);
	expect_status(&r, 404);
	r = profile_of(&o, &elsewhere);
	expect_status(&r, 200);
	r = page_of(&o, &host);
	expect_sight(&r, &host, 200, true, "team's page");
	press(&o,
	      str_printf(&world.arena, "/me/privacy/%lld/list",
			 (long long)o.team.org),
	      "");
	r = profile_of(&o, &fellow);
	expect_sight(&r, &fellow, 200, true, "profile");
	world_sql(
		&world,
		"update organizations set member_list = false where id = %lld",
		(long long)o.team.org);
	r = profile_of(&o, &fellow);
	expect_status(&r, 404);
	r = fixture_get(&world, o.cookie, STR("/me/privacy"));
	assert_true(response_has(&r, "do not see one another"));
}

static void searches_by_name(void **state)
{
	static const char *const typed[] = {
		"%25", "%27",	    "%00", "%FF", "a%3A*", "%3Cb%3E",
		"",    "%EF%BF%BF", "!",   "(",	  "&amp=",
	};
	struct owner o = owner_make();
	struct response r = team_get(&world, &o.team, MEMBER,
				     STR("/people?q=lovel&after=x"));

	(void)state;
	expect_status(&r, 200);
	assert_true(response_has(&r, "Ada Lovelace"));
	assert_false(response_has(&r, ">Door<"));
	for (size_t i = 0; i < sizeof(typed) / sizeof(typed[0]); i++) {
		r = team_get(&world, &o.team, MEMBER,
			     str_printf(&world.arena, "/people?q=%s&after=-1",
					typed[i]));
		expect_status(&r, 200);
		assert_false(response_has(&r, "<b>"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{"R-A10 both switches hold for each kind of reader",
		 holds_for_each_reader, NULL, NULL, NULL},
		{"R-O2 what is shared is seen on the own team's page only",
		 keeps_to_its_organisation, NULL, NULL, NULL},
		{"R-A10 first off forces second off, and says so",
		 first_off_forces_second_off, NULL, NULL, NULL},
		{"R-A10 a profile never tells where somebody was not",
		 tells_no_absence, NULL, NULL, NULL},
		{"R-A10 all answers are hidden and shown in one press",
		 hides_and_shows_all, NULL, NULL, NULL},
		{"R-A10 who is not listed is not found, nor has a profile",
		 lists_only_who_wants, NULL, NULL, NULL},
		{"R-A10 people are searched by name, whatever is typed",
		 searches_by_name, NULL, NULL, NULL},
	};

	return cmocka_run_group_tests_name("privacy", tests, open_world,
					   close_world);
}

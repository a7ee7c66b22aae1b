/*
 * A person's own points.
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

static void nothing_yet(void **state)
{
	struct response r = get(OTHER_STAFF, "/me/points");

	(void)state;
	expect_status(&r, 200);
	assert_true(response_has(&r, "There is nothing here yet."));
	assert_true(response_has(&r, "<dd><strong>0</strong></dd>"));
}

static void shows_balance_and_ledger(void **state)
{
	struct response r;

	(void)state;
	world_sql(&world,
		  "insert into events (org_id, title, starts_at, status) "
		  "values (%lld, 'Talk', '2026-11-22 18:00Z', 'published')",
		  (long long)team.org);
	world_sql(&world,
		  "insert into event_participants (event_id, org_id, user_id, "
		  "status) select id, org_id, %lld, 'waitlisted' from events "
		  "where title = 'Talk'",
		  (long long)team.user[MEMBER]);
	world_sql(&world,
		  "update event_participants set status = 'cancelled' where "
		  "user_id = %lld",
		  (long long)team.user[MEMBER]);
	r = get(MEMBER, "/me/points");
	expect_status(&r, 200);
	assert_true(response_has(&r, "<dd><strong>0</strong></dd>"));
	assert_true(response_has(&r, "data-label=\"Points\">+5</td>"));
	assert_true(response_has(&r, "data-label=\"Points\">\u22125</td>"));
	assert_true(response_has(&r, ">Talk</a>"));
	r = get(STAFF, "/me/points");
	assert_false(response_has(&r, "Talk"));
	r = get(MEMBER, "/me");
	assert_true(response_has(&r, ">0 points</a>"));
}

static void shows_older_ones(void **state)
{
	struct response r;

	(void)state;
	world_sql(&world,
		  "with e as (insert into events (org_id, title, starts_at, "
		  "status) select %lld, 'Walk ' || n, app_now(), 'published' "
		  "from generate_series(1, 60) n returning id, org_id) insert "
		  "into points (user_id, org_id, event_id, what, amount) "
		  "select %lld, org_id, id, 'attend', 40 from e order by id",
		  (long long)team.org, (long long)team.user[ADMIN]);
	r = get(ADMIN, "/me/points");
	expect_status(&r, 200);
	assert_true(response_has(&r, "<strong>2400</strong>"));
	assert_true(response_has(&r, ">Walk 60<"));
	assert_false(response_has(&r, ">Walk 10<"));
	assert_true(response_has(&r, "rel=\"next\""));
	r = get(ADMIN, "/me/points?before=999999999");
	assert_true(response_has(&r, ">Walk 60<"));
	r = get(ADMIN, "/me/points?before=1");
	assert_true(response_has(&r, "There is nothing older than this."));
	r = get(ADMIN, "/me/points?before=x");
	assert_true(response_has(&r, ">Walk 60<"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{"R-B10 who did nothing has none", nothing_yet, NULL, NULL,
		 NULL},
		{"R-B10 the balance is never below 0, the ledger is whole, and "
		 "one's own",
		 shows_balance_and_ledger, NULL, NULL, NULL},
		{"R-B10 50 a page, the last first", shows_older_ones, NULL,
		 NULL, NULL},
	};

	return cmocka_run_group_tests_name("points", tests, open_world,
					   close_world);
}

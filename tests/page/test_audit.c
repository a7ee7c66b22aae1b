/*
 * The audit as its staff read it: filters that an address may carry, and the
 * file.
 */
#include "page/team.h"

static struct world world;
static struct team team;
static int64_t event;

static int open_world(void **state)
{
	(void)state;
	world_open(&world, "staff");
	world_sql(&world, "update test_clock set at = '2026-11-20 18:00+00'");
	team = team_make(&world);
	event = world_sql_int(
		&world,
		"insert into events (org_id, title, starts_at, status) values "
		"(%lld, '=1+1 <b>', '2026-11-20 17:00Z', 'completed') "
		"returning id",
		(long long)team.org);
	world_sql(&world,
		  "with p as (insert into event_participants (event_id, "
		  "org_id, user_id) values (%lld, %lld, %lld) returning id) "
		  "select mark_attendance(%lld, %lld, array[row(p.id, 'late', "
		  "app_now(), 'correction', 'other', null)::attendance_mark], "
		  "'@home \"<i>\"', 'r1') from p",
		  (long long)event, (long long)team.org,
		  (long long)team.user[MEMBER], (long long)team.org,
		  (long long)team.user[STAFF]);
	return 0;
}

static int close_world(void **state)
{
	(void)state;
	world_close(&world);
	return 0;
}

static struct response get(const char *tail)
{
	return team_get(&world, &team, STAFF,
			str_printf(&world.arena, "/staff/%.*s/audit%s",
				   STR_ARG(team.slug), tail));
}

static void shows_what_was_done(void **state)
{
	struct response r = get("");

	(void)state;
	expect_status(&r, 200);
	assert_true(response_has(&r, "Corrected"));
	assert_true(response_has(&r, "@home &quot;&lt;i&gt;&quot;"));
	assert_true(response_has(&r, "=1+1 &lt;b&gt;"));
	assert_false(response_has(&r, "<i>"));
	assert_false(response_has(&r, "rel=\"next\""));
}

static void takes_any_filter(void **state)
{
	static const char *const all[] = {
		"?on=x&about=-1&by=99999999999999999999",
		"?action=undo",
		"?action=%3Cb%3E&from=2026-02-30&to=",
		"?from=0001-01-01&to=9999-12-31",
		"?before=1&event=x",
		"?before=253402300799999999&event=253402300799999999",
	};
	struct response r;

	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		r = get(all[i]);
		expect_status(&r, 200);
	}
	r = get("?from=2026-02-30");
	assert_true(response_has(&r, "We could not read that day."));
	r = get("?to=2026-11-19");
	assert_true(response_has(&r, "There are no such rows."));
}

static void knows_no_one_else(void **state)
{
	struct str other = str_printf(&world.arena, "?about=%lld",
				      (long long)team.user[OTHER_MEMBER]);
	struct response r = get(str_z(&world.arena, other));

	(void)state;
	expect_status(&r, 404);
	r = get("?on=999999");
	expect_status(&r, 404);
	r = get(".csv?on=999999");
	expect_status(&r, 404);
}

static void file_is_safe_to_open(void **state)
{
	struct response r = get(".csv");

	(void)state;
	expect_status(&r, 200);
	assert_true(str_equal(response_header(&r, "Content-Type"),
			      STR("text/csv; charset=utf-8")));
	assert_true(response_has(&r, "\xEF\xBB\xBFrow,at,action,before,after,"
				     "event_id,event,"));
	assert_true(response_has(&r, ",correction,unknown,late,"));
	assert_true(response_has(&r, ",'=1+1 <b>,"));
	assert_true(response_has(&r, ",other,\"'@home \"\"<i>\"\"\",r1,"));
}

/* As many rows as a file has, each with as much of a reason as it may have. */
static void file_says_where_it_ends(void **state)
{
	struct response r;

	(void)state;
	world_sql(&world,
		  "select append_audits(%lld, array(select row(0, 0, %lld, "
		  "null, %lld, null, 'undo', null, null, null, null, null, "
		  "null, null, null, null)::event_attendance_audit from "
		  "generate_series(1, 10001)))",
		  (long long)team.org, (long long)event,
		  (long long)team.user[MEMBER]);
	world_sql(&world,
		  "insert into audit_reason (org_id, seq, salt, reason) select "
		  "org_id, seq, sha256(seq::text::bytea), repeat('ü', 500) "
		  "from event_attendance_audit where org_id = %lld and "
		  "action = 'undo'",
		  (long long)team.org);
	r = get(".csv?action=undo");
	expect_status(&r, 200);
	assert_true(response_has(&r, "The file ends here, after 10000 rows"));
	r = get(".csv?action=correction");
	assert_false(response_has(&r, "The file ends here"));
	/* a quote is written twice, and a letter has up to four bytes */
	world_sql(&world,
		  "update audit_reason set reason = repeat('\"', 500) where "
		  "org_id = %lld and length(reason) = 500",
		  (long long)team.org);
	r = get(".csv?action=undo");
	expect_status(&r, 200);
	assert_true(response_has(&r, "The file ends here, after 10000 rows"));
	world_sql(&world,
		  "update audit_reason set reason = repeat('𝔵', 500) where "
		  "org_id = %lld and length(reason) = 500",
		  (long long)team.org);
	r = get(".csv?action=undo");
	expect_status(&r, 200);
	assert_true(response_has(&r, "The file ends here, after 5"));
}

static void is_logged(void **state)
{
	int64_t before =
		world_sql_int(&world, "select count(*) from access_log where "
				      "action = 'opened'");
	struct response r = get("");

	(void)state;
	expect_status(&r, 200);
	r = get(".csv");
	assert_int_equal(
		world_sql_int(&world,
			      "select count(*) from access_log where action = "
			      "'opened' and user_id = %lld",
			      (long long)team.user[STAFF]),
		before + 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{"R-B7 what was done, and what was typed, as text",
		 shows_what_was_done, NULL, NULL, NULL},
		{"R-B7 whatever an address asks for", takes_any_filter, NULL,
		 NULL, NULL},
		{"R-O2 no event or person of others is known",
		 knows_no_one_else, NULL, NULL, NULL},
		{"R-B8 no cell of the file is a formula", file_is_safe_to_open,
		 NULL, NULL, NULL},
		{"R-B7 a file says where it ends", file_says_where_it_ends,
		 NULL, NULL, NULL},
		{"R-B7 each opening is logged", is_logged, NULL, NULL, NULL},
	};

	return cmocka_run_group_tests_name("audit", tests, open_world,
					   close_world);
}

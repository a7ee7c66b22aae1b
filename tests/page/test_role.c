/*
 * What each program's database role must not do, tried on the real database
 * the way its program connects.
 */
#include "page/fixture.h"

static struct world world;

static const char *const roles[] = {"rollcall_answer", "rollcall_member",
				    "rollcall_staff", "rollcall_sweep",
				    "rollcall_ctl"};
#define ROLES (sizeof(roles) / sizeof(roles[0]))

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

static void expect_refused(const char *role, const char *sql)
{
	struct str got = world_sql_state(&world, role, sql);

	if (!str_equal(got, STR("42501")))
		fail_msg("%s: %s: '%.*s'", role, sql, STR_ARG(got));
}

static void nobody_changes_the_audit(void **state)
{
	static const char *const tried[] = {
		"update event_attendance_audit set new_status = 'attended'",
		"delete from event_attendance_audit",
		"truncate event_attendance_audit",
		"insert into event_attendance_audit (org_id, seq) values (1,1)",
		"update event_attendance_audit_head set seq = 0",
		"delete from event_attendance_audit_head",
		"truncate event_attendance_audit_head",
		"alter table event_attendance_audit disable trigger all",
		"drop table event_attendance_audit",
		"set session_replication_role = replica",
	};
	size_t r, i;

	(void)state;
	for (r = 0; r < ROLES; r++)
		for (i = 0; i < sizeof(tried) / sizeof(tried[0]); i++)
			expect_refused(roles[r], tried[i]);
}

/* The second wall, for the owner and even the superuser. */
static void triggers_guard_the_audit(void **state)
{
	static const char *const tried[] = {
		"update event_attendance_audit set new_status = 'attended'",
		"delete from event_attendance_audit",
		"truncate event_attendance_audit",
	};
	struct fixture f = fixture_asked(&world, "61 minutes");
	struct str got;
	size_t i;

	(void)state;
	world_post(&world, f.link, STR("status=attended"));
	assert_int_equal(fixture_audits(&world, &f), 1);
	for (i = 0; i < 3; i++) {
		expect_refused("rollcall_owner", tried[i]);
		got = world_sql_state(&world, "postgres", tried[i]);
		assert_true(got.n > 0);
	}
	assert_int_equal(fixture_audits(&world, &f), 1);
}

static void answer_reads_no_table(void **state)
{
	static const char *const tables[] = {
		"organizations",
		"users",
		"memberships",
		"events",
		"event_views",
		"event_notification_preferences",
		"attendance",
		"notifications",
		"scheduled_notifications",
		"notification_pushes",
		"notification_log",
		"event_participants",
		"event_attendance_audit",
		"event_attendance_audit_head",
		"sessions",
		"sign_in_requests",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		char *sql =
			str_z(&world.arena,
			      str_printf(&world.arena,
					 "select count(*) from %s", tables[i]));

		expect_refused("rollcall_answer", sql);
	}
	expect_refused("rollcall_answer",
		       "select record_attendance(1, 1, 'attended', 'x')");
	expect_refused("rollcall_answer",
		       "select sign_in_use(1, 1, now(), '\\x00', 'x')");
	expect_refused("rollcall_answer", "select advance_events()");
	expect_refused("rollcall_answer",
		       "select append_audit(1, 1, 1, 1, 1, 'check_in', null, "
		       "null, null, null, null, null)");
}

static void member_writes_no_table(void **state)
{
	static const char *const tried[] = {
		"update attendance set status = 'attended'",
		"insert into event_views (event_id, user_id, org_id) "
		"values (1, 1, 1)",
		("insert into sessions (user_id, hash, expires_at) "
		 "values (1, '\\x00', now())"),
		"update sessions set user_id = 1",
		"update memberships set role = 'admin'",
		"update users set email = 'x@example.org'",
		"update event_participants set attendance_status = 'present'",
		"delete from events",
		"select email from users",
		"select hash from sessions",
		"select * from sign_in_requests",
		"select * from scheduled_notifications",
		"select * from event_attendance_audit",
		"select answer_prompt(1, 1, now(), 'attended', 'x')",
		"select record_attendance(1, 1, 'attended', 'x')",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(tried) / sizeof(tried[0]); i++)
		expect_refused("rollcall_member", tried[i]);
}

static void sweep_decides_nothing_for_people(void **state)
{
	static const char *const tried[] = {
		"update attendance set status = 'attended'",
		"update users set email = 'x@example.org'",
		"update memberships set role = 'admin'",
		("insert into sessions (user_id, hash, expires_at) "
		 "values (1, '\\x00', now())"),
		"select * from sessions",
		"select answer_prompt(1, 1, now(), 'attended', 'x')",
		"select sign_in_use(1, 1, now(), '\\x00', 'x')",
		"select add_admin('x', 'x@example.org', 'x')",
		"delete from notification_pushes",
		"delete from notification_log",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(tried) / sizeof(tried[0]); i++)
		expect_refused("rollcall_sweep", tried[i]);
}

static void nobody_makes_or_becomes(void **state)
{
	static const char *const tried[] = {
		"create table public.mine (id int)",
		"create schema mine",
		"create temporary table mine (id int)",
		"create function public.mine() returns int language sql as "
		"'select 1'",
		"create or replace function app_now() returns timestamptz "
		"language sql stable as 'select now()'",
		"drop function app_now()",
		"set role rollcall_owner",
		"set role postgres",
		"create role mine",
		"copy (select 1) to program 'true'",
		"select pg_read_file('/etc/passwd')",
		"select lo_import('/etc/passwd')",
	};
	size_t r, i;

	(void)state;
	for (r = 0; r < ROLES; r++)
		for (i = 0; i < sizeof(tried) / sizeof(tried[0]); i++)
			expect_refused(roles[r], tried[i]);
}

static void none_is_superuser_or_owns(void **state)
{
	(void)state;
	assert_int_equal(
		world_sql_int(
			&world,
			"select count(*) from pg_roles where rolname like "
			"'rollcall%%' and (rolsuper or rolcreaterole or "
			"rolcreatedb or rolbypassrls or rolreplication)"),
		0);
	assert_int_equal(
		world_sql_int(&world,
			      "select count(*) from pg_class c join pg_roles r "
			      "on r.oid = c.relowner where r.rolname like "
			      "'rollcall%%' and r.rolname <> "
			      "'rollcall_owner'"),
		0);
	assert_int_equal(
		world_sql_int(&world,
			      "select count(*) from pg_auth_members m join "
			      "pg_roles r on r.oid = m.member where r.rolname "
			      "like 'rollcall%%'"),
		0);
}

static void no_function_is_everyones(void **state)
{
	struct str open = world_sql(
		&world,
		"select string_agg(p.oid::regprocedure::text, ', ') "
		"from pg_proc p where p.pronamespace = 'public'::regnamespace "
		"and p.prosecdef and (has_function_privilege('public', p.oid, "
		"'execute') or p.proconfig is null or not exists (select from "
		"unnest(p.proconfig) c where c like 'search_path=pg_catalog, "
		"public, pg_temp%%'))");

	(void)state;
	if (!str_is_absent(open))
		fail_msg("open to all, or without a search_path: %.*s",
			 STR_ARG(open));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{"R-B6 no role changes the audit", nobody_changes_the_audit,
		 NULL, NULL, NULL},
		{"R-B6 triggers guard the audit from its owner too",
		 triggers_guard_the_audit, NULL, NULL, NULL},
		{"R-B6 the answer role reads no table, the audit least",
		 answer_reads_no_table, NULL, NULL, NULL},
		{"R-O1 the member role writes no table and reads no address",
		 member_writes_no_table, NULL, NULL, NULL},
		{"R-O1 the sweep role decides nothing for people",
		 sweep_decides_nothing_for_people, NULL, NULL, NULL},
		{"R-T no role makes anything, moves the clock or becomes "
		 "another",
		 nobody_makes_or_becomes, NULL, NULL, NULL},
		{"R-T no role of ours is a superuser or owns anything",
		 none_is_superuser_or_owns, NULL, NULL, NULL},
		{"R-T functions with rights have a pinned search_path",
		 no_function_is_everyones, NULL, NULL, NULL},
	};

	return cmocka_run_group_tests_name("role", tests, open_world,
					   close_world);
}

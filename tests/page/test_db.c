/*
 * The connection against a real PostgreSQL: order, refusals, losses.  Knows
 * none of our tables.
 */
#include "base/arena.h"
#include "base/log.h"
#include "data/db.h"

#include <setjmp.h>
#include <stdarg.h>
#include <unistd.h>

#include <cmocka.h>

#define TIMEOUT_MS 5000

static struct arena arena;
static struct str url;

#define STATEMENT(called, text, n)                                             \
	static const struct db_statement called = {                            \
		.name = #called, .sql = (text), .params = (n)}
#define EARLY(called, text, n)                                                 \
	static const struct db_statement called = {.name = #called,            \
						   .sql = (text),              \
						   .params = (n),              \
						   .is_early = true}

STATEMENT(echo_text, "select $1::text as said, $2::bigint as number", 2);
STATEMENT(echo_bytes, "select $1::bytea as bytes, $2::boolean as yes", 2);
STATEMENT(types,
	  "select true as b, null::text as n, ''::text as e,"
	  " '{}'::jsonb as j, '[]'::json as k, -5 as i",
	  0);
STATEMENT(series, "select generate_series(1, $1::bigint) as i", 1);
STATEMENT(pid, "select pg_backend_pid() as pid", 0);
STATEMENT(kill_pid, "select pg_terminate_backend($1::bigint::int) as ok", 1);
STATEMENT(kill_self, "select pg_terminate_backend(pg_backend_pid())", 0);
STATEMENT(make_table, "create temporary table kept (n bigint)", 0);
STATEMENT(fill_table, "insert into kept values ($1::bigint)", 1);
STATEMENT(count_table, "select count(*) as n from kept", 0);
STATEMENT(all_table, "select * from kept", 0);
STATEMENT(widen_table, "alter table kept add m text default 'm'", 0);
STATEMENT(no_table, "select * from table_that_is_not_there", 0);
STATEMENT(nap, "select pg_sleep(30)", 0);
STATEMENT(be_patient, "set statement_timeout = 0", 0);
STATEMENT(make_times, "create temporary sequence times", 0);
STATEMENT(make_shaky,
	  "create function pg_temp.shaky(most bigint) returns bigint"
	  " language plpgsql as $$ begin"
	  " if nextval('times') <= most then"
	  " raise exception using errcode = '40P01'; end if;"
	  " return currval('times'); end $$",
	  0);
STATEMENT(shaky, "select pg_temp.shaky($1::bigint)", 1);
STATEMENT(notify_us, "select pg_notify('test_channel', '')", 0);
STATEMENT(copy_out, "copy (select 1) to stdout", 0);
STATEMENT(settings,
	  "select current_setting('timezone') as zone,"
	  " current_setting('application_name') as app,"
	  " current_setting('client_encoding') as code,"
	  " current_setting('statement_timeout') as patience,"
	  " current_setting('jit') as jit",
	  0);
STATEMENT(refuse, "select pg_temp.refuse($1::text, $2::text, $3::text)", 3);
STATEMENT(make_refuse,
	  "create or replace function pg_temp.refuse(code text, said text, "
	  "what text)"
	  " returns void language plpgsql as $$ begin"
	  " raise exception using errcode = code, message = said,"
	  " detail = what; end $$",
	  0);

STATEMENT(wait_for_disk, "set synchronous_commit = on", 0);
STATEMENT(waits, "select current_setting('synchronous_commit') as waits", 0);
STATEMENT(is_on_disk, "select pg_current_wal_flush_lsn() >= $1::text::pg_lsn",
	  1);
/* What a transaction does last of all knows how it will end. */
STATEMENT(make_watched,
	  "do $$ begin create temporary table watched (waits text);"
	  " create function pg_temp.watch() returns trigger language plpgsql"
	  " as $f$ begin update watched set"
	  " waits = current_setting('synchronous_commit'); return null; end"
	  " $f$; create constraint trigger watch after insert on watched"
	  " deferrable initially deferred for each row"
	  " execute function pg_temp.watch(); end $$",
	  0);
EARLY(watch_early, "insert into watched values ('')", 0);
STATEMENT(watched, "select waits from watched", 0);
EARLY(write_early,
      "select pg_logical_emit_message(true, 'test', 'written') as place", 0);
EARLY(refuse_early, "select pg_temp.refuse('RC409', 'not_so', 'x')", 0);
EARLY(fill_early, "insert into kept values ($1::bigint)", 1);
EARLY(kill_early, "select pg_terminate_backend(pg_backend_pid())", 0);
EARLY(shaky_early, "select pg_temp.shaky($1::bigint)", 1);

static struct db *open_db(void)
{
	return db_open(url, "postgres", TIMEOUT_MS);
}

static struct rows *queue(struct db *db, const struct db_statement *s)
{
	return db_queue(db, s, NULL);
}

static struct rows *queue_int(struct db *db, const struct db_statement *s,
			      int64_t v)
{
	const struct db_param params[] = {db_param_int(&arena, v)};

	return db_queue(db, s, params);
}

static struct rows *queue_echo(struct db *db, struct str text, int64_t number)
{
	const struct db_param params[] = {
		db_param_text_or_null(text),
		db_param_int(&arena, number),
	};

	return db_queue(db, &echo_text, params);
}

static void queue_refuse(struct db *db, const char *code, const char *key,
			 const char *field)
{
	const struct db_param params[] = {
		db_param_text(str_of(code)),
		db_param_text(str_of(key)),
		db_param_text(str_of(field)),
	};

	(void)queue(db, &make_refuse);
	assert_int_equal(db_run(db), DB_OK);
	(void)db_queue(db, &refuse, params);
}

static int64_t backend(struct db *db)
{
	struct rows *rows = queue(db, &pid);

	assert_int_equal(db_run(db), DB_OK);
	return rows_int(rows, 0, 0);
}

static void kill_backend(int64_t which)
{
	struct db *other = open_db();
	struct rows *rows = queue_int(other, &kill_pid, which);

	assert_int_equal(db_run(other), DB_OK);
	assert_true(rows_bool(rows, 0, 0));
	db_close(other);
	(void)nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
}

static void assert_text(struct str got, const char *want)
{
	if (!want) {
		assert_true(str_is_absent(got));
		return;
	}
	assert_false(str_is_absent(got));
	assert_string_equal(str_z(&arena, got), want);
}

static void results_come_in_the_order_queued(void **state)
{
	struct db *db = open_db();
	struct rows *rows[40];

	(void)state;
	for (int i = 0; i < 40; i++)
		rows[i] = i % 2 ? queue_int(db, &series, i)
				: queue_echo(db, STR("x"), i);
	assert_int_equal(db_run(db), DB_OK);
	for (int i = 0; i < 40; i++) {
		if (i % 2)
			assert_int_equal(rows_count(rows[i]), i);
		else
			assert_int_equal(rows_int(rows[i], 0, 1), i);
	}
	db_close(db);
}

static void values_go_there_and_back(void **state)
{
	struct db *db = open_db();
	const char *texts[] = {"", " ", "it's \"so\" \\ $1 ;--", "日本語 é 👍",
			       NULL};
	struct rows *rows;
	char big[100000];

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		rows = queue_echo(db, str_of(texts[i]), INT64_MIN);
		assert_int_equal(db_run(db), DB_OK);
		assert_text(rows_named(rows, 0, "said"), texts[i]);
		assert_true(
			rows_int(rows, 0, rows_column(rows, STR("number"))) ==
			INT64_MIN);
	}
	memset(big, 'b', sizeof(big));
	rows = queue_echo(db, str_at(big, sizeof(big)), INT64_MAX);
	assert_int_equal(db_run(db), DB_OK);
	assert_true(str_equal(rows_get(rows, 0, 0), str_at(big, sizeof(big))));
	assert_true(rows_int(rows, 0, 1) == INT64_MAX);
	db_close(db);
}

static void bytes_go_in_binary_and_come_decoded(void **state)
{
	struct db *db = open_db();
	char all[256];
	struct rows *rows, *empty, *null;

	(void)state;
	for (int i = 0; i < 256; i++)
		all[i] = (char)i;
	const struct db_param a[] = {db_param_bytes(str_at(all, 256)),
				     db_param_bool(true)};
	const struct db_param b[] = {db_param_bytes(STR("")),
				     db_param_bool_or_null(NULL)};
	const struct db_param c[] = {db_param_bytes_or_null(STR_ABSENT),
				     db_param_bool(false)};
	rows = db_queue(db, &echo_bytes, a);
	empty = db_queue(db, &echo_bytes, b);
	null = db_queue(db, &echo_bytes, c);
	assert_int_equal(db_run(db), DB_OK);
	assert_true(
		str_equal(rows_bytes(&arena, rows, 0, 0), str_at(all, 256)));
	assert_true(rows_bool(rows, 0, 1));
	assert_text(rows_bytes(&arena, empty, 0, 0), "");
	assert_text(rows_get(empty, 0, 1), NULL);
	assert_text(rows_bytes(&arena, null, 0, 0), NULL);
	assert_text(rows_get(null, 0, 1), "f");
	/* a text column is no bytea */
	rows = queue_echo(db, STR("\\x0g"), 1);
	assert_int_equal(db_run(db), DB_OK);
	assert_text(rows_bytes(&arena, rows, 0, 0), NULL);
	db_close(db);
}

static void fields_tell_null_empty_and_absent_apart(void **state)
{
	struct db *db = open_db();
	struct rows *rows = queue(db, &types);

	(void)state;
	assert_int_equal(rows_count(rows), 0);
	assert_int_equal(rows_column(rows, STR("b")), -1);
	assert_int_equal(db_run(db), DB_OK);
	assert_int_equal(rows_column(rows, STR("n")), 1);
	assert_text(rows_get(rows, 0, 6), NULL);
	assert_text(rows_get(rows, 0, 1), NULL);
	assert_text(rows_get(rows, 0, 2), "");
	assert_text(rows_get(rows, 1, 0), NULL);
	assert_text(rows_get(rows, -1, 0), NULL);
	assert_text(rows_get(rows, 0, -1), NULL);
	assert_text(rows_named(rows, 0, "nowhere"), NULL);
	assert_true(rows_is_bool(rows, 0));
	assert_false(rows_is_bool(rows, 1));
	assert_false(rows_is_bool(rows, -1));
	assert_true(rows_is_json(rows, 3));
	assert_true(rows_is_json(rows, 4));
	assert_false(rows_is_json(rows, 2));
	assert_int_equal(rows_int(rows, 0, 5), -5);
	assert_int_equal(rows_int(rows, 0, 1), 0);
	db_close(db);
}

static void five_thousand_queued_do_not_block(void **state)
{
	struct db *db = open_db();
	struct rows *rows[5000];
	char text[2000];

	(void)state;
	memset(text, 'x', sizeof(text));
	for (int i = 0; i < 5000; i++)
		rows[i] = queue_echo(db, str_at(text, sizeof(text)), i);
	assert_int_equal(db_run(db), DB_OK);
	for (int i = 0; i < 5000; i++)
		assert_int_equal(rows_int(rows[i], 0, 1), i);
	db_reset(db);
	rows[0] = queue_int(db, &series, 3);
	assert_int_equal(db_run(db), DB_OK);
	assert_int_equal(rows_count(rows[0]), 3);
	db_close(db);
}

static void a_run_is_one_transaction(void **state)
{
	struct db *db = open_db();
	struct rows *rows;

	(void)state;
	(void)queue(db, &make_table);
	assert_int_equal(db_run(db), DB_OK);
	(void)queue_int(db, &fill_table, 1);
	(void)queue(db, &no_table);
	rows = queue_int(db, &fill_table, 2);
	assert_int_equal(db_run(db), DB_AWAY);
	assert_text(db_sqlstate(db), "42P01");
	assert_int_equal(rows_count(rows), 0);
	db_reset(db);
	rows = queue(db, &count_table);
	assert_int_equal(db_run(db), DB_OK);
	assert_int_equal(rows_int(rows, 0, 0), 0);
	db_close(db);
}

static void a_refusal_says_status_key_and_field(void **state)
{
	static const int codes[] = {401, 404, 409, 410, 422, 425, 429};
	struct db *db = open_db();

	(void)state;
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		struct str code = str_printf(&arena, "RC%d", codes[i]);
		struct db *one = open_db();

		queue_refuse(one, str_z(&arena, code), "too_early", "status");
		assert_int_equal(db_run(one), DB_REFUSED);
		assert_int_equal(db_refusal(one)->status, codes[i]);
		assert_text(db_refusal(one)->key, "too_early");
		assert_text(db_refusal(one)->field, "status");
		db_close(one);
	}
	queue_refuse(db, "RC404", "absent", "");
	assert_int_equal(db_run(db), DB_REFUSED);
	assert_text(db_refusal(db)->field, "");
	db_close(db);
}

static void errors_stick_until_the_reset(void **state)
{
	struct db *db = open_db();
	struct rows *rows;

	(void)state;
	queue_refuse(db, "RC425", "too_early", "");
	assert_int_equal(db_run(db), DB_REFUSED);
	rows = queue_int(db, &series, 3);
	assert_int_equal(db_run(db), DB_REFUSED);
	assert_int_equal(rows_count(rows), 0);
	assert_int_equal(db_refusal(db)->status, 425);
	db_reset(db);
	assert_int_equal(db_refusal(db)->status, 0);
	rows = queue_int(db, &series, 3);
	assert_int_equal(db_run(db), DB_OK);
	assert_int_equal(rows_count(rows), 3);
	assert_int_equal(db_run(db), DB_OK);
	assert_int_equal(rows_count(rows), 3);
	db_close(db);
}

/*
 * Statements prepared before the error stay prepared, those whose prepare was
 * skipped do not count as prepared: either mistake would fail the next run.
 */
static void prepared_statements_survive_a_refused_run(void **state)
{
	struct db *db = open_db();
	struct rows *rows;
	int64_t before = backend(db);

	(void)state;
	(void)queue_int(db, &series, 1);
	queue_refuse(db, "RC410", "over", "");
	(void)queue_echo(db, STR("never prepared"), 1);
	assert_int_equal(db_run(db), DB_REFUSED);
	for (int again = 0; again < 2; again++) {
		db_reset(db);
		(void)queue_int(db, &series, 1);
		rows = queue_echo(db, STR("prepared"), 1);
		assert_int_equal(db_run(db), DB_OK);
		assert_text(rows_get(rows, 0, 0), "prepared");
	}
	db_reset(db);
	queue_refuse(db, "RC410", "over", "");
	assert_int_equal(db_run(db), DB_REFUSED);
	db_reset(db);
	assert_int_equal(backend(db), before);
	db_close(db);
}

static void a_statement_that_did_not_prepare_is_tried_again(void **state)
{
	struct db *db = open_db();
	struct rows *rows;

	(void)state;
	(void)queue(db, &count_table);
	assert_int_equal(db_run(db), DB_AWAY);
	assert_text(db_sqlstate(db), "42P01");
	db_reset(db);
	(void)queue(db, &make_table);
	assert_int_equal(db_run(db), DB_OK);
	rows = queue(db, &count_table);
	assert_int_equal(db_run(db), DB_OK);
	assert_int_equal(rows_count(rows), 1);
	db_close(db);
}

/* After a migration a prepared statement may return other columns. */
static void a_changed_schema_costs_one_run(void **state)
{
	struct db *db = open_db();
	int64_t before = backend(db);

	(void)state;
	(void)queue(db, &make_table);
	assert_int_equal(db_run(db), DB_OK);
	(void)queue(db, &all_table);
	(void)queue(db, &widen_table);
	assert_int_equal(db_run(db), DB_OK);
	(void)queue(db, &all_table);
	assert_int_equal(db_run(db), DB_AWAY);
	assert_text(db_sqlstate(db), "0A000");
	db_reset(db);
	assert_int_not_equal(backend(db), before);
	db_close(db);
}

static void away_at_start_then_well(void **state)
{
	struct db *db = db_open(STR("postgresql:///none?host=/nonexistent"),
				"postgres", 1000);
	struct rows *rows = queue_int(db, &series, 3);

	(void)state;
	assert_int_equal(db_run(db), DB_AWAY);
	assert_text(db_sqlstate(db), "");
	assert_int_equal(rows_count(rows), 0);
	(void)queue_int(db, &series, 3);
	assert_int_equal(db_run(db), DB_AWAY);
	db_reset(db);
	(void)queue_int(db, &series, 3);
	assert_int_equal(db_run(db), DB_AWAY);
	db_close(db);
	db = db_open(STR("not a url at all"), "postgres", 1000);
	(void)queue_int(db, &series, 3);
	assert_int_equal(db_run(db), DB_AWAY);
	db_close(db);
}

static void a_connection_found_closed_is_made_again_unseen(void **state)
{
	struct db *db = open_db();
	int64_t before = backend(db);
	struct rows *rows;

	(void)state;
	db_reset(db);
	kill_backend(before);
	rows = queue_echo(db, STR("again"), 7);
	assert_int_equal(db_run(db), DB_OK);
	assert_text(rows_get(rows, 0, 0), "again");
	assert_int_not_equal(backend(db), before);
	db_close(db);
}

static void lost_in_mid_flight_is_away_then_well(void **state)
{
	struct db *db = open_db();
	struct rows *first, *last;

	(void)state;
	first = queue_int(db, &series, 3);
	(void)queue(db, &kill_self);
	last = queue_int(db, &series, 3);
	assert_int_equal(db_run(db), DB_AWAY);
	assert_text(db_sqlstate(db), "57P01");
	assert_int_equal(rows_count(first), 0);
	assert_int_equal(rows_count(last), 0);
	db_reset(db);
	first = queue_int(db, &series, 3);
	assert_int_equal(db_run(db), DB_OK);
	assert_int_equal(rows_count(first), 3);
	db_close(db);
}

static void a_statement_over_its_time_is_away(void **state)
{
	struct db *db = db_open(url, "postgres", 300);
	struct rows *rows;

	(void)state;
	(void)queue(db, &nap);
	assert_int_equal(db_run(db), DB_AWAY);
	assert_text(db_sqlstate(db), "57014");
	db_reset(db);
	rows = queue_int(db, &series, 3);
	assert_int_equal(db_run(db), DB_OK);
	assert_int_equal(rows_count(rows), 3);
	db_close(db);
}

static void a_server_that_says_nothing_is_left(void **state)
{
	struct db *db = db_open(url, "postgres", 200);
	int64_t before = backend(db);

	(void)state;
	(void)queue(db, &be_patient);
	assert_int_equal(db_run(db), DB_OK);
	(void)queue(db, &nap);
	assert_int_equal(db_run(db), DB_AWAY);
	assert_text(db_sqlstate(db), "");
	db_reset(db);
	assert_int_not_equal(backend(db), before);
	db_close(db);
	kill_backend(before);
}

/* The server took it back because of another run: once is worth a try. */
static void a_deadlock_is_tried_once_more(void **state)
{
	struct db *db = open_db();
	struct rows *first, *rows;

	(void)state;
	(void)queue(db, &make_times);
	(void)queue(db, &make_shaky);
	assert_int_equal(db_run(db), DB_OK);
	first = queue_int(db, &series, 3);
	rows = queue_int(db, &shaky, 1);
	assert_int_equal(db_run(db), DB_OK);
	assert_int_equal(rows_count(first), 3);
	assert_int_equal(rows_int(rows, 0, 0), 2);
	(void)queue_int(db, &shaky, 100);
	assert_int_equal(db_run(db), DB_AWAY);
	assert_text(db_sqlstate(db), "40P01");
	db_reset(db);
	rows = queue_int(db, &shaky, 1);
	assert_int_equal(db_run(db), DB_OK);
	assert_int_equal(rows_int(rows, 0, 0), 5);
	db_close(db);
}

static void text_that_is_none_is_never_sent(void **state)
{
	static const struct str bad[] = {STR_INIT("a\0b"), STR_INIT("\xff"),
					 STR_INIT("\xed\xa0\x80")};
	struct db *db = open_db();

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		(void)queue_int(db, &series, 1);
		(void)queue_echo(db, bad[i], 1);
		assert_int_equal(db_run(db), DB_REFUSED);
		assert_int_equal(db_refusal(db)->status, 422);
		assert_text(db_refusal(db)->key, "bad_text");
		db_reset(db);
	}
	db_close(db);
}

static void a_missing_parameter_is_a_bug_that_is_not_sent(void **state)
{
	struct db *db = open_db();
	const struct db_param params[] = {db_param_text(STR_ABSENT),
					  db_param_int(&arena, 1)};

	(void)state;
	(void)db_queue(db, &echo_text, params);
	assert_int_equal(db_run(db), DB_AWAY);
	assert_text(db_sqlstate(db), "");
	db_close(db);
}

static void odd_statements_do_not_hang(void **state)
{
	struct db *db = open_db();
	struct rows *rows;

	(void)state;
	(void)queue(db, &copy_out);
	assert_int_equal(db_run(db), DB_AWAY);
	db_reset(db);
	rows = queue_int(db, &series, 2);
	assert_int_equal(db_run(db), DB_OK);
	assert_int_equal(rows_count(rows), 2);
	assert_int_equal(db_run(db), DB_OK);
	db_close(db);
}

static void the_session_is_set_up(void **state)
{
	struct db *db = open_db();
	struct rows *rows = queue(db, &settings);

	(void)state;
	assert_int_equal(db_run(db), DB_OK);
	assert_text(rows_named(rows, 0, "zone"), "UTC");
	assert_text(rows_named(rows, 0, "app"), "postgres");
	assert_text(rows_named(rows, 0, "code"), "UTF8");
	assert_text(rows_named(rows, 0, "patience"), "5s");
	assert_text(rows_named(rows, 0, "jit"), "off");
	db_close(db);
}

/* What is told is on disk, although the locks did not wait for that. */
static void an_early_run_ends_on_disk(void **state)
{
	struct db *db = open_db();
	struct rows *rows, *on_disk, *after;

	(void)state;
	(void)queue(db, &wait_for_disk);
	assert_int_equal(db_run(db), DB_OK);
	for (int i = 0; i < 20; i++) {
		(void)queue_int(db, &series, 2);
		rows = queue(db, &write_early);
		after = queue_int(db, &series, 3);
		assert_int_equal(db_run(db), DB_OK);
		assert_int_equal(rows_count(after), 3);
		const struct db_param place[] = {
			db_param_text(rows_named(rows, 0, "place"))};
		on_disk = db_queue(db, &is_on_disk, place);
		after = queue(db, &waits);
		assert_int_equal(db_run(db), DB_OK);
		assert_true(rows_bool(on_disk, 0, 0));
		assert_text(rows_get(after, 0, 0), "on");
		db_reset(db);
	}
	db_close(db);
}

static void an_early_run_does_not_wait_with_its_locks(void **state)
{
	struct db *db = open_db();
	struct rows *rows;

	(void)state;
	(void)queue(db, &wait_for_disk);
	(void)queue(db, &make_watched);
	assert_int_equal(db_run(db), DB_OK);
	(void)queue(db, &watch_early);
	assert_int_equal(db_run(db), DB_OK);
	rows = queue(db, &watched);
	assert_int_equal(db_run(db), DB_OK);
	assert_text(rows_get(rows, 0, 0), "off");
	db_close(db);
}

static void a_refused_early_run_leaves_nothing(void **state)
{
	struct db *db = open_db();
	struct rows *rows;
	int64_t before = backend(db);

	(void)state;
	(void)queue(db, &make_table);
	queue_refuse(db, "RC409", "not_so", "x");
	assert_int_equal(db_run(db), DB_REFUSED);
	for (int i = 0; i < 3; i++) {
		db_reset(db);
		(void)queue_int(db, &fill_early, 1);
		(void)queue(db, &refuse_early);
		assert_int_equal(db_run(db), DB_REFUSED);
		assert_int_equal(db_refusal(db)->status, 409);
	}
	db_reset(db);
	(void)queue_int(db, &fill_early, 1);
	assert_int_equal(db_run(db), DB_OK);
	rows = queue(db, &count_table);
	assert_int_equal(db_run(db), DB_OK);
	assert_int_equal(rows_int(rows, 0, 0), 1);
	assert_int_equal(backend(db), before);
	db_close(db);
}

static void an_early_run_that_is_lost_is_away(void **state)
{
	struct db *db = open_db();
	struct rows *rows;

	(void)state;
	(void)queue(db, &kill_early);
	assert_int_equal(db_run(db), DB_AWAY);
	db_reset(db);
	rows = queue(db, &write_early);
	assert_int_equal(db_run(db), DB_OK);
	assert_int_equal(rows_count(rows), 1);
	db_reset(db);
	(void)queue(db, &make_times);
	(void)queue(db, &make_shaky);
	assert_int_equal(db_run(db), DB_OK);
	rows = queue_int(db, &shaky_early, 1);
	assert_int_equal(db_run(db), DB_OK);
	assert_int_equal(rows_int(rows, 0, 0), 2);
	db_close(db);
}

static void notifications_wake_us(void **state)
{
	struct db *db = open_db();
	struct db *other = open_db();
	volatile int stop = 0;
	struct rows *rows;

	(void)state;
	/* the first only begins to listen, and says look */
	assert_true(db_listen(db, "test_channel", 100, &stop));
	assert_false(db_listen(db, "test_channel", 100, &stop));
	(void)queue(other, &notify_us);
	assert_int_equal(db_run(other), DB_OK);
	assert_true(db_listen(db, "test_channel", 2000, &stop));
	/* one that came between runs is not lost */
	db_reset(other);
	(void)queue(other, &notify_us);
	assert_int_equal(db_run(other), DB_OK);
	rows = queue_int(db, &series, 2);
	assert_int_equal(db_run(db), DB_OK);
	assert_int_equal(rows_count(rows), 2);
	assert_true(db_listen(db, "test_channel", 2000, NULL));
	assert_false(db_listen(db, "test_channel", 50, NULL));
	stop = 1;
	assert_false(db_listen(db, "test_channel", 60000, &stop));
	db_close(other);
	db_close(db);
}

static void listening_outlives_a_lost_connection(void **state)
{
	struct db *db = open_db();
	int64_t before = backend(db);

	(void)state;
	assert_true(db_listen(db, "test_channel", 100, NULL));
	kill_backend(before);
	assert_true(db_listen(db, "test_channel", 100, NULL));
	assert_false(db_listen(db, "test_channel", 100, NULL));
	db_close(db);
	db = db_open(STR("postgresql:///none?host=/nonexistent"), "postgres",
		     1000);
	assert_false(db_listen(db, "test_channel", 100, NULL));
	(void)queue_int(db, &series, 2);
	db_reset(db);
	db_close(db);
}

static bool find_url(void)
{
	const char *given = getenv("ROLLCALL_TEST_DB");
	const char *stack = getenv("ROLLCALL_STACK");

	if (given)
		url = str_of(given);
	else if (stack)
		url = str_printf(&arena,
				 "postgresql:///rollcall?host=%s/var/run",
				 stack);
	return given || stack;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(results_come_in_the_order_queued),
		cmocka_unit_test(values_go_there_and_back),
		cmocka_unit_test(bytes_go_in_binary_and_come_decoded),
		cmocka_unit_test(fields_tell_null_empty_and_absent_apart),
		cmocka_unit_test(five_thousand_queued_do_not_block),
		cmocka_unit_test(a_run_is_one_transaction),
		cmocka_unit_test(a_refusal_says_status_key_and_field),
		cmocka_unit_test(errors_stick_until_the_reset),
		cmocka_unit_test(prepared_statements_survive_a_refused_run),
		cmocka_unit_test(
			a_statement_that_did_not_prepare_is_tried_again),
		cmocka_unit_test(a_changed_schema_costs_one_run),
		cmocka_unit_test(away_at_start_then_well),
		cmocka_unit_test(
			a_connection_found_closed_is_made_again_unseen),
		cmocka_unit_test(lost_in_mid_flight_is_away_then_well),
		cmocka_unit_test(a_statement_over_its_time_is_away),
		cmocka_unit_test(a_server_that_says_nothing_is_left),
		cmocka_unit_test(a_deadlock_is_tried_once_more),
		cmocka_unit_test(text_that_is_none_is_never_sent),
		cmocka_unit_test(a_missing_parameter_is_a_bug_that_is_not_sent),
		cmocka_unit_test(odd_statements_do_not_hang),
		cmocka_unit_test(the_session_is_set_up),
		cmocka_unit_test(an_early_run_ends_on_disk),
		cmocka_unit_test(an_early_run_does_not_wait_with_its_locks),
		cmocka_unit_test(a_refused_early_run_leaves_nothing),
		cmocka_unit_test(an_early_run_that_is_lost_is_away),
		cmocka_unit_test(notifications_wake_us),
		cmocka_unit_test(listening_outlives_a_lost_connection),
	};
	int failed;

	log_open(stderr, "test_db");
	arena_init(&arena, (size_t)64 * 1024 * 1024);
	if (!find_url()) {
		(void)puts("1..0 # SKIP no PostgreSQL: set ROLLCALL_TEST_DB");
		return 0;
	}
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_release(&arena);
	return failed;
}

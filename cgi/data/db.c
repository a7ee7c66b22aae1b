/*
 * What is queued, run and refused: one connection's sticky state.  Must not
 * know any table, nor ever log a value or a server's message about one.
 */
#include "data/db.h"

#include "base/clock.h"
#include "base/log.h"
#include "data/wire.h"
#include "query/commit.h"

#include <poll.h>

#define DB_ARENA_MAX ((size_t)256 * 1024 * 1024)
#define DB_LISTEN_SLICE_MS 500

struct db {
	struct arena arena; /* everything queued since the last reset */
	struct str url;
	const char *role;
	int timeout_ms;
	struct wire wire;
	struct rows *first; /* since the reset */
	struct rows *last;
	struct rows *next;	 /* the first that has not been run */
	enum db_outcome outcome; /* sticky */
	struct db_refusal refusal;
	struct wire_error error; /* of the last run */
};

struct db *db_open(struct str url, const char *role, int timeout_ms)
{
	struct db *db = calloc(1, sizeof(*db));

	if (!db)
		abort();
	arena_init(&db->arena, DB_ARENA_MAX);
	db->url = url;
	db->role = role;
	db->timeout_ms = timeout_ms;
	return db;
}

void db_close(struct db *db)
{
	if (!db)
		return;
	db_reset(db);
	wire_release(&db->wire);
	arena_release(&db->arena);
	free(db);
}

void db_reset(struct db *db)
{
	for (struct rows *r = db->first; r; r = r->next)
		wire_free_result(r);
	db->first = db->last = db->next = NULL;
	db->outcome = DB_OK;
	db->refusal = (struct db_refusal){0};
	db->error = (struct wire_error){0};
	arena_reset(&db->arena);
}

/* --- queueing --------------------------------------------------------------
 */

static void db_refuse(struct db *db, int status, struct str key,
		      struct str field)
{
	db->outcome = DB_REFUSED;
	db->refusal = (struct db_refusal){status, key, field};
}

/* Fails the run for a parameter that must not be sent. */
static bool db_spoiled(struct db *db, const struct db_statement *statement,
		       const struct db_param *param, int i)
{
	if (param->missing) {
		log_line(LOG_BUG, "database_parameter",
			 LOG_STR("statement", str_of(statement->name)),
			 LOG_INT("missing", i + 1));
		db->outcome = DB_AWAY;
		return true;
	}
	if (!param->binary &&
	    (str_find(param->value, '\0') >= 0 || !str_is_utf8(param->value))) {
		db_refuse(db, 422, STR("bad_text"), STR(""));
		return true;
	}
	return false;
}

static void db_take_param(struct db *db, struct rows *rows, int i,
			  const struct db_param *param)
{
	rows->lengths[i] = (int)param->value.n;
	rows->formats[i] = param->binary;
	if (str_is_absent(param->value))
		return;
	/* libpq takes texts as C strings */
	rows->values[i] = param->binary ? param->value.p
					: str_z(&db->arena, param->value);
}

static void db_append(struct db *db, struct rows *rows)
{
	if (db->last)
		db->last->next = rows;
	else
		db->first = rows;
	db->last = rows;
	if (!db->next)
		db->next = rows;
}

struct rows *db_queue(struct db *db, const struct db_statement *statement,
		      const struct db_param *params)
{
	struct rows *rows = ARENA_NEW(&db->arena, struct rows);
	int n = statement->params;

	if (db->outcome != DB_OK)
		return rows;
	rows->statement = statement;
	rows->values = ARENA_ARRAY(&db->arena, n, const char *);
	rows->lengths = ARENA_ARRAY(&db->arena, n, int);
	rows->formats = ARENA_ARRAY(&db->arena, n, int);
	for (int i = 0; i < n; i++) {
		if (db_spoiled(db, statement, &params[i], i))
			return rows;
		db_take_param(db, rows, i, &params[i]);
	}
	db_append(db, rows);
	return rows;
}

/* --- running ---------------------------------------------------------------
 */

static bool db_ready(struct db *db)
{
	struct str why;

	if (wire_socket(&db->wire) >= 0) {
		if (wire_stands(&db->wire))
			return true;
		wire_disconnect(&db->wire);
	}
	if (wire_connect(&db->wire, &db->arena, db->url, db->role,
			 db->timeout_ms, &why))
		return true;
	log_line(LOG_WARNING, "database_away", LOG_STR("why", why));
	return false;
}

/* The server bounds each statement; this is for one that says nothing. */
static int db_limit_ms(const struct db *db)
{
	int statements = 0;

	for (struct rows *r = db->next; r && statements < 10; r = r->next)
		statements++;
	return db->timeout_ms * (statements + 1);
}

static bool db_error_is(const struct db *db, const char *sqlstate)
{
	return strcmp(db->error.sqlstate, sqlstate) == 0;
}

/* A coded error (RC and three digits), or one that nobody meant. */
static void db_judge(struct db *db)
{
	struct str state = str_of(db->error.sqlstate);
	int64_t status;

	if (str_starts(state, STR("RC")) &&
	    str_read_int(str_from(state, 2), &status)) {
		db_refuse(db, (int)status, db->error.message, db->error.detail);
		return;
	}
	db->outcome = DB_AWAY;
	log_line(LOG_ERROR, "database_error", LOG_STR("sqlstate", state),
		 LOG_STR("statement", str_of(db->error.statement)));
}

static void db_run_once(struct db *db)
{
	if (!db_ready(db)) {
		db->outcome = DB_AWAY;
		return;
	}
	if (!wire_run(&db->wire, &db->arena, db->next, db_limit_ms(db),
		      &db->error)) {
		wire_disconnect(&db->wire);
		db->outcome = DB_AWAY;
		log_line(LOG_WARNING, "database_lost",
			 LOG_STR("sqlstate", str_of(db->error.sqlstate)));
		return;
	}
	if (!db->error.any)
		return;
	db_judge(db);
	/* statements prepared for another schema: prepare them anew */
	if (db_error_is(db, "0A000") || db_error_is(db, "26000"))
		wire_disconnect(&db->wire);
}

/* The server took all of it back because of another's transaction. */
static bool db_may_repeat(const struct db *db)
{
	return db->outcome == DB_AWAY && wire_socket(&db->wire) >= 0 &&
	       !db->error.is_apart &&
	       (db_error_is(db, "40001") || db_error_is(db, "40P01"));
}

static void db_forget_results(struct db *db)
{
	for (struct rows *r = db->next; r; r = r->next)
		wire_free_result(r);
}

/* Nobody is told of a run before db_run() ends, and it ends with the wait. */
static void db_commit_early(struct db *db)
{
	for (struct rows *r = db->next; r; r = r->next) {
		if (!r->statement->is_early)
			continue;
		(void)query_commit_early(db, &db->arena);
		query_commit_wait(db, &db->arena)->is_apart = true;
		return;
	}
}

enum db_outcome db_run(struct db *db)
{
	if (db->outcome != DB_OK || !db->next)
		return db->outcome;
	db_commit_early(db);
	db_run_once(db);
	if (db_may_repeat(db)) {
		db_forget_results(db);
		db->outcome = DB_OK;
		db_run_once(db);
	}
	if (db->outcome != DB_OK)
		db_forget_results(db);
	db->next = NULL;
	return db->outcome;
}

const struct db_refusal *db_refusal(const struct db *db)
{
	return &db->refusal;
}

struct str db_sqlstate(const struct db *db)
{
	return str_of(db->error.sqlstate);
}

/* --- notifications ---------------------------------------------------------
 */

/* Waits a slice for something to read; with no connection only waits. */
static void db_wait_slice(struct db *db, int64_t until_ms)
{
	struct pollfd p = {.fd = wire_socket(&db->wire), .events = POLLIN};
	int64_t left = until_ms - clock_ms();

	if (left > DB_LISTEN_SLICE_MS)
		left = DB_LISTEN_SLICE_MS;
	if (left > 0)
		(void)poll(&p, 1, (int)left);
}

static bool db_notified(struct db *db)
{
	return wire_socket(&db->wire) >= 0 && wire_notified(&db->wire);
}

bool db_listen(struct db *db, const char *channel, int timeout_ms,
	       const volatile int *stop)
{
	int64_t until = clock_ms() + timeout_ms;

	db_reset(db);
	if (db_ready(db) && !wire_listens(&db->wire)) {
		if (wire_listen(&db->wire, &db->arena, channel, db->timeout_ms))
			return true;
		wire_disconnect(&db->wire);
	}
	do {
		if (db_notified(db))
			return true;
		db_wait_slice(db, until);
		if (wire_socket(&db->wire) >= 0 && !wire_stands(&db->wire)) {
			wire_disconnect(&db->wire);
			return false; /* the next call connects again */
		}
	} while (!(stop && *stop) && clock_ms() < until);
	return db_notified(db);
}

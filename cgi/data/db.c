/*
 * One connection to PostgreSQL and its pipeline.  Must not know any table,
 * nor ever log a value or a server's message about one.
 */
#include "data/db.h"

#include "base/log.h"

#include <errno.h>
#include <libpq-fe.h>
#include <poll.h>

#define DB_ARENA_MAX ((size_t)256 * 1024 * 1024)
#define DB_LISTEN_SLICE_MS 500

/* A queued statement and, later, what came back. */
struct rows {
	struct rows *next;
	const struct db_statement *statement;
	const char **values;
	int *lengths;
	int *formats;
	bool prepare; /* in this run a prepare goes before it */
	PGresult *result;
	struct str *names; /* of the columns */
};

struct db {
	struct arena arena; /* everything queued since the last reset */
	struct str url;
	const char *role;
	int timeout_ms;
	PGconn *conn;
	const struct db_statement **prepared; /* on this connection */
	int prepared_count;
	int prepared_room;
	const char *listening;

	struct rows *first; /* since the reset */
	struct rows *last;
	struct rows *next; /* the first that has not been run */

	struct rows *reading; /* whose result comes next; NULL: the end's */
	bool reading_prepare;
	bool reading_done;

	enum db_outcome outcome; /* sticky */
	struct db_refusal refusal;
	char sqlstate[6];
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

static void db_disconnect(struct db *db)
{
	PQfinish(db->conn);
	db->conn = NULL;
	db->prepared_count = 0;
	db->listening = NULL;
}

void db_close(struct db *db)
{
	if (!db)
		return;
	db_reset(db);
	db_disconnect(db);
	arena_release(&db->arena);
	free(db->prepared);
	free(db);
}

void db_reset(struct db *db)
{
	for (struct rows *r = db->first; r; r = r->next)
		PQclear(r->result);
	db->first = db->last = db->next = NULL;
	db->outcome = DB_OK;
	db->refusal = (struct db_refusal){0};
	db->sqlstate[0] = '\0';
	arena_reset(&db->arena);
}

/* Notices may quote values: nobody hears them. */
static void db_ignore_notice(void *with, const PGresult *result)
{
	(void)with;
	(void)result;
}

/*
 * The first line of why no connection could be made: names of host, role and
 * database, for the operator.
 */
static void db_log_away(struct db *db)
{
	struct str rest;
	struct str why = str_of(PQerrorMessage(db->conn));

	log_line(LOG_WARNING, "database_away",
		 LOG_STR("why", str_trim(str_cut(why, '\n', &rest))));
}

static bool db_url_is_sound(struct db *db)
{
	PQconninfoOption *options =
		PQconninfoParse(str_z(&db->arena, db->url), NULL);

	PQconninfoFree(options);
	return options != NULL;
}

static bool db_connect(struct db *db)
{
	struct arena *a = &db->arena;
	struct str seconds = str_printf(a, "%d", (db->timeout_ms + 999) / 1000);
	struct str ms = str_printf(a, "%d", db->timeout_ms);
	struct str options = str_printf(a,
					"-c statement_timeout=%d "
					"-c timezone=UTC -c datestyle=ISO "
					"-c bytea_output=hex",
					db->timeout_ms);
	const char *keys[] = {
		"dbname",	    "user",
		"application_name", "client_encoding",
		"connect_timeout",  "tcp_user_timeout",
		"options",	    NULL,
	};
	const char *values[] = {
		str_z(a, db->url), db->role,	 db->role,	    "UTF8",
		str_z(a, seconds), str_z(a, ms), str_z(a, options), NULL,
	};

	if (!db_url_is_sound(db)) {
		/* not its message: it may quote a password */
		log_line(LOG_ERROR, "database_away",
			 LOG_STR("why", STR("DATABASE_URL cannot be read")));
		return false;
	}
	db->conn = PQconnectdbParams(keys, values, 1);
	(void)PQsetNoticeReceiver(db->conn, db_ignore_notice, NULL);
	if (PQstatus(db->conn) == CONNECTION_OK &&
	    PQsetnonblocking(db->conn, 1) == 0 &&
	    PQenterPipelineMode(db->conn) == 1)
		return true;
	db_log_away(db);
	db_disconnect(db);
	return false;
}

/*
 * Whether the idle connection still stands: a server that went away has said
 * so, or closed it, which only reading shows.
 */
static bool db_stands(struct db *db)
{
	struct pollfd p = {.fd = PQsocket(db->conn), .events = POLLIN};

	while (PQstatus(db->conn) == CONNECTION_OK) {
		if (poll(&p, 1, 0) <= 0)
			return true;
		if (!PQconsumeInput(db->conn))
			return false;
		(void)PQisBusy(db->conn); /* parses what came */
	}
	return false;
}

static bool db_ready(struct db *db)
{
	if (db->conn && db_stands(db))
		return true;
	if (db->conn)
		db_disconnect(db);
	return db_connect(db);
}

static bool db_is_prepared(const struct db *db,
			   const struct db_statement *statement)
{
	for (int i = 0; i < db->prepared_count; i++)
		if (db->prepared[i] == statement)
			return true;
	return false;
}

static void db_remember(struct db *db, const struct db_statement *statement)
{
	if (db->prepared_count == db->prepared_room) {
		int room = db->prepared_room ? 2 * db->prepared_room : 32;
		void *p = realloc(db->prepared,
				  (size_t)room * sizeof(db->prepared[0]));

		if (!p)
			abort();
		db->prepared = p;
		db->prepared_room = room;
	}
	db->prepared[db->prepared_count++] = statement;
}

static void db_refuse(struct db *db, int status, struct str key,
		      struct str field)
{
	db->outcome = DB_REFUSED;
	db->refusal = (struct db_refusal){status, key, field};
}

/* Fails the run for a parameter that must not be sent; false when it is well.
 */
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
	if (db->last)
		db->last->next = rows;
	else
		db->first = rows;
	db->last = rows;
	if (!db->next)
		db->next = rows;
	return rows;
}

/* --- sending and reading -------------------------------------------------- */

/* Marks what must be prepared first, and puts all into libpq's buffer. */
static bool db_send(struct db *db)
{
	int known = db->prepared_count;
	bool sent = true;

	for (struct rows *r = db->next; r && sent; r = r->next) {
		const struct db_statement *s = r->statement;

		r->prepare = !db_is_prepared(db, s);
		if (r->prepare) {
			db_remember(db, s);
			sent = PQsendPrepare(db->conn, s->name, s->sql, 0,
					     NULL);
		}
		sent = sent && PQsendQueryPrepared(db->conn, s->name, s->params,
						   r->values, r->lengths,
						   r->formats, 0);
	}
	/* the rest counts as prepared only when the server has said so */
	db->prepared_count = known;
	return sent && PQpipelineSync(db->conn);
}

static void db_read_names(struct db *db, struct rows *rows)
{
	int n = PQnfields(rows->result);

	rows->names = ARENA_ARRAY(&db->arena, n, struct str);
	for (int i = 0; i < n; i++)
		rows->names[i] = str_of(PQfname(rows->result, i));
}

static struct str db_copy_field(struct db *db, const PGresult *result, int code)
{
	struct str s = str_of(PQresultErrorField(result, code));

	return str_is_absent(s) ? STR("") : str_copy(&db->arena, s);
}

/* Keeps the run's first error: those after it only follow from it. */
static void db_note_error(struct db *db, const PGresult *result)
{
	struct str state = str_of(PQresultErrorField(result, PG_DIAG_SQLSTATE));
	int64_t status;

	if (db->outcome != DB_OK)
		return;
	if (str_starts(state, STR("RC")) &&
	    str_read_int(str_from(state, 2), &status)) {
		db_refuse(db, (int)status,
			  db_copy_field(db, result, PG_DIAG_MESSAGE_PRIMARY),
			  db_copy_field(db, result, PG_DIAG_MESSAGE_DETAIL));
		return;
	}
	db->outcome = DB_AWAY;
	state = str_first(state, (ptrdiff_t)sizeof(db->sqlstate) - 1);
	if (state.n > 0)
		memcpy(db->sqlstate, state.p, (size_t)state.n);
	db->sqlstate[state.n] = '\0';
	log_line(LOG_ERROR, "database_error", LOG_STR("sqlstate", state),
		 LOG_STR("statement",
			 db->reading ? str_of(db->reading->statement->name)
				     : STR("")));
}

static void db_take_result(struct db *db, PGresult *result)
{
	switch (PQresultStatus(result)) {
	case PGRES_COMMAND_OK:
	case PGRES_TUPLES_OK:
		if (db->reading_prepare) {
			db_remember(db, db->reading->statement);
			break;
		}
		PQclear(db->reading->result);
		db->reading->result = result;
		db_read_names(db, db->reading);
		return;
	case PGRES_PIPELINE_ABORTED:
		break;
	case PGRES_EMPTY_QUERY:
	case PGRES_COPY_OUT:
	case PGRES_COPY_IN:
	case PGRES_COPY_BOTH:
	case PGRES_BAD_RESPONSE:
	case PGRES_NONFATAL_ERROR:
	case PGRES_FATAL_ERROR:
	case PGRES_SINGLE_TUPLE:
	case PGRES_PIPELINE_SYNC:
	default:
		db_note_error(db, result);
		break;
	}
	PQclear(result);
}

static void db_read_from(struct db *db, struct rows *rows)
{
	db->reading = rows;
	db->reading_prepare = rows && rows->prepare;
}

/* Takes what has arrived whole; false when the pipeline makes no sense. */
static bool db_collect(struct db *db)
{
	while (!db->reading_done && !PQisBusy(db->conn)) {
		PGresult *result = PQgetResult(db->conn);

		if (PQresultStatus(result) == PGRES_PIPELINE_SYNC) {
			db->reading_done = true;
			PQclear(result);
		} else if (result && db->reading) {
			db_take_result(db, result);
			if (PQstatus(db->conn) != CONNECTION_OK)
				return false;
		} else if (result || !db->reading) {
			PQclear(result);
			return false;
		} else if (db->reading_prepare) {
			db->reading_prepare = false;
		} else {
			db_read_from(db, db->reading->next);
		}
	}
	return true;
}

/*
 * Writes and reads in turn until the end's result is there: when many are
 * queued the server answers, and would wait for us to read, while we write.
 */
static bool db_pump(struct db *db, int limit_ms)
{
	while (!db->reading_done) {
		struct pollfd p = {.fd = PQsocket(db->conn), .events = POLLIN};
		int unsent = PQflush(db->conn);
		int ready;

		if (unsent < 0)
			return false;
		if (unsent > 0)
			p.events |= POLLOUT;
		ready = poll(&p, 1, limit_ms);
		if (ready == 0 || (ready < 0 && errno != EINTR))
			return false;
		if (ready > 0 && (p.revents & ~POLLOUT) &&
		    !PQconsumeInput(db->conn)) {
			(void)db_collect(db);
			return db->reading_done;
		}
		if (!db_collect(db))
			return false;
	}
	return true;
}

/* The server bounds each statement; this is for one that says nothing. */
static int db_limit_ms(const struct db *db)
{
	int statements = 0;

	for (struct rows *r = db->next; r && statements < 10; r = r->next)
		statements++;
	return db->timeout_ms * (statements + 1);
}

static void db_lose(struct db *db)
{
	if (db->outcome == DB_OK || db->outcome == DB_REFUSED) {
		db->outcome = DB_AWAY;
		log_line(LOG_WARNING, "database_lost",
			 LOG_STR("why", STR("the connection broke or went "
					    "silent")));
	}
	db_disconnect(db);
}

static void db_run_once(struct db *db)
{
	db->reading_done = false;
	if (!db_ready(db)) {
		db->outcome = DB_AWAY;
		return;
	}
	if (!db_send(db)) {
		db_lose(db);
		return;
	}
	db_read_from(db, db->next);
	if (!db_pump(db, db_limit_ms(db)))
		db_lose(db);
	else if (strcmp(db->sqlstate, "0A000") == 0 ||
		 strcmp(db->sqlstate, "26000") == 0)
		/* its statements are of another schema: prepare them anew */
		db_disconnect(db);
}

static void db_forget_results(struct db *db)
{
	for (struct rows *r = db->next; r; r = r->next) {
		PQclear(r->result);
		r->result = NULL;
	}
}

/* The server took the whole run back because of another's (class 40). */
static bool db_rolled_back(const struct db *db)
{
	return strcmp(db->sqlstate, "40001") == 0 ||
	       strcmp(db->sqlstate, "40P01") == 0;
}

enum db_outcome db_run(struct db *db)
{
	if (db->outcome != DB_OK || !db->next)
		return db->outcome;
	db_run_once(db);
	if (db->outcome == DB_AWAY && db_rolled_back(db)) {
		db_forget_results(db);
		db->outcome = DB_OK;
		db->sqlstate[0] = '\0';
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
	return str_of(db->sqlstate);
}

/* --- notifications -------------------------------------------------------- */

/* Sends LISTEN as a run of its own. */
static bool db_start_listening(struct db *db, const char *channel)
{
	char *name = PQescapeIdentifier(db->conn, channel, strlen(channel));
	struct db_statement statement = {.name = "listen"};
	struct rows rows = {.statement = &statement};
	bool sent = name != NULL;

	if (sent) {
		statement.sql = str_z(
			&db->arena, str_printf(&db->arena, "listen %s", name));
		PQfreemem(name);
		sent = PQsendQueryParams(db->conn, statement.sql, 0, NULL, NULL,
					 NULL, NULL, 0) &&
		       PQpipelineSync(db->conn);
	}
	db->reading_done = false;
	db_read_from(db, &rows);
	sent = sent && db_pump(db, db->timeout_ms);
	db->reading = NULL;
	PQclear(rows.result);
	if (!sent || db->outcome != DB_OK) {
		db_lose(db);
		return false;
	}
	db->listening = channel;
	return true;
}

static bool db_notified(struct db *db)
{
	bool any = false;
	PGnotify *notify;

	while ((notify = PQnotifies(db->conn)) != NULL) {
		any = true;
		PQfreemem(notify);
	}
	return any;
}

static int64_t db_now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Waits a slice for something to read; fd -1 only waits. */
static void db_wait_slice(int fd, int64_t until_ms)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	int64_t left = until_ms - db_now_ms();

	if (left > DB_LISTEN_SLICE_MS)
		left = DB_LISTEN_SLICE_MS;
	if (left > 0)
		(void)poll(&p, 1, (int)left);
}

bool db_listen(struct db *db, const char *channel, int timeout_ms,
	       const volatile int *stop)
{
	int64_t until = db_now_ms() + timeout_ms;

	db_reset(db);
	if (db_ready(db) && !db->listening && db_start_listening(db, channel))
		return true;
	do {
		bool stands = db->conn && PQconsumeInput(db->conn);

		if (stands && db_notified(db))
			return true;
		db_wait_slice(stands ? PQsocket(db->conn) : -1, until);
	} while (!(stop && *stop) && db_now_ms() < until);
	return db->conn && PQconsumeInput(db->conn) && db_notified(db);
}

/* --- results -------------------------------------------------------------- */

ptrdiff_t rows_count(const struct rows *rows)
{
	return PQntuples(rows->result);
}

int rows_columns(const struct rows *rows)
{
	return PQnfields(rows->result);
}

int rows_column(const struct rows *rows, struct str name)
{
	int n = rows_columns(rows);

	for (int i = 0; i < n; i++)
		if (str_equal(rows->names[i], name))
			return i;
	return -1;
}

struct str rows_column_name(const struct rows *rows, int column)
{
	if (column < 0 || column >= rows_columns(rows))
		return STR_ABSENT;
	return rows->names[column];
}

bool rows_is_bool(const struct rows *rows, int column)
{
	return column >= 0 && PQftype(rows->result, column) == 16;
}

bool rows_is_json(const struct rows *rows, int column)
{
	Oid type = column >= 0 ? PQftype(rows->result, column) : 0;

	return type == 114 || type == 3802;
}

struct str rows_get(const struct rows *rows, ptrdiff_t row, int column)
{
	int r = (int)row;

	if (row < 0 || row >= rows_count(rows) || column < 0 ||
	    column >= rows_columns(rows) ||
	    PQgetisnull(rows->result, r, column))
		return STR_ABSENT;
	return str_at(PQgetvalue(rows->result, r, column),
		      PQgetlength(rows->result, r, column));
}

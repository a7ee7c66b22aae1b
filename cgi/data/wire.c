/*
 * The wire to PostgreSQL, by libpq in pipeline mode.  Must not know any
 * table, nor what becomes of an error.
 */
#include "data/wire.h"

#include <errno.h>
#include <libpq-fe.h>
#include <poll.h>

/* --- the connection --------------------------------------------------------
 */

/* Notices may quote values: nobody hears them. */
static void wire_ignore_notice(void *with, const PGresult *result)
{
	(void)with;
	(void)result;
}

static bool url_is_sound(struct arena *a, struct str url)
{
	PQconninfoOption *options = PQconninfoParse(str_z(a, url), NULL);

	PQconninfoFree(options);
	return options != NULL;
}

static PGconn *wire_open(struct arena *a, struct str url, const char *role,
			 int timeout_ms)
{
	struct str seconds = str_printf(a, "%d", (timeout_ms + 999) / 1000);
	struct str ms = str_printf(a, "%d", timeout_ms);
	/* compiling a page's query takes longer than any page may */
	struct str options = str_printf(a,
					"-c statement_timeout=%d -c jit=off "
					"-c timezone=UTC -c datestyle=ISO "
					"-c bytea_output=hex",
					timeout_ms);
	const char *pairs[][2] = {
		{"dbname", str_z(a, url)},
		{"user", role},
		{"application_name", role},
		{"client_encoding", "UTF8"},
		{"connect_timeout", str_z(a, seconds)},
		{"tcp_user_timeout", str_z(a, ms)},
		{"options", str_z(a, options)},
		{NULL, NULL},
	};
	const char *keys[sizeof(pairs) / sizeof(pairs[0])];
	const char *values[sizeof(pairs) / sizeof(pairs[0])];

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		keys[i] = pairs[i][0];
		values[i] = pairs[i][1];
	}
	return PQconnectdbParams(keys, values, 1);
}

bool wire_connect(struct wire *wire, struct arena *a, struct str url,
		  const char *role, int timeout_ms, struct str *why)
{
	struct str rest;

	if (!url_is_sound(a, url)) {
		/* not the library's message: it may quote a password */
		*why = STR("DATABASE_URL cannot be read");
		return false;
	}
	wire->conn = wire_open(a, url, role, timeout_ms);
	(void)PQsetNoticeReceiver(wire->conn, wire_ignore_notice, NULL);
	if (PQstatus(wire->conn) == CONNECTION_OK &&
	    PQsetnonblocking(wire->conn, 1) == 0 &&
	    PQenterPipelineMode(wire->conn) == 1)
		return true;
	/* its first line: host, role and database */
	*why = str_cut(str_of(PQerrorMessage(wire->conn)), '\n', &rest);
	*why = str_copy(a, str_trim(*why));
	wire_disconnect(wire);
	return false;
}

void wire_disconnect(struct wire *wire)
{
	PQfinish(wire->conn);
	wire->conn = NULL;
	wire->prepared_count = 0;
	wire->listening = false;
}

void wire_release(struct wire *wire)
{
	wire_disconnect(wire);
	free(wire->prepared);
	*wire = (struct wire){0};
}

bool wire_stands(struct wire *wire)
{
	struct pollfd p = {.fd = wire_socket(wire), .events = POLLIN};

	while (PQstatus(wire->conn) == CONNECTION_OK) {
		if (poll(&p, 1, 0) <= 0)
			return true;
		if (!PQconsumeInput(wire->conn))
			return false;
		(void)PQisBusy(wire->conn); /* parses what came */
	}
	return false;
}

int wire_socket(const struct wire *wire)
{
	return PQsocket(wire->conn);
}

/* --- sending ---------------------------------------------------------------
 */

static bool wire_is_prepared(const struct wire *wire,
			     const struct db_statement *statement)
{
	for (int i = 0; i < wire->prepared_count; i++)
		if (wire->prepared[i] == statement)
			return true;
	return false;
}

static void wire_remember(struct wire *wire,
			  const struct db_statement *statement)
{
	if (wire->prepared_count == wire->prepared_room) {
		int room = wire->prepared_room ? 2 * wire->prepared_room : 32;
		void *p =
			realloc(wire->prepared, (size_t)room * sizeof(void *));

		if (!p)
			abort();
		wire->prepared = p;
		wire->prepared_room = room;
	}
	wire->prepared[wire->prepared_count++] = statement;
}

static bool wire_send_one(struct wire *wire, struct rows *r)
{
	const struct db_statement *s = r->statement;

	r->prepare = !wire_is_prepared(wire, s);
	if (r->prepare) {
		wire_remember(wire, s);
		if (!PQsendPrepare(wire->conn, s->name, s->sql, 0, NULL))
			return false;
	}
	return PQsendQueryPrepared(wire->conn, s->name, s->params, r->values,
				   r->lengths, r->formats, 0);
}

/* Puts all into libpq's buffer: what must be prepared right before its use. */
static bool wire_send(struct wire *wire, struct rows *first)
{
	int known = wire->prepared_count;
	bool sent = true;

	wire->transactions = 1;
	for (struct rows *r = first; r && sent; r = r->next) {
		if (r->is_apart) {
			sent = PQpipelineSync(wire->conn);
			wire->transactions++;
		}
		sent = sent && wire_send_one(wire, r);
	}
	/* the new ones count as prepared only when the server has said so */
	wire->prepared_count = known;
	return sent && PQpipelineSync(wire->conn);
}

/* --- reading ---------------------------------------------------------------
 */

static void wire_read_names(struct wire *wire, struct rows *rows)
{
	int n = PQnfields(rows->result);

	rows->names = ARENA_ARRAY(wire->arena, n, struct str);
	for (int i = 0; i < n; i++)
		rows->names[i] = str_of(PQfname(rows->result, i));
}

static struct str wire_error_field(struct wire *wire, const PGresult *result,
				   int code)
{
	struct str s = str_of(PQresultErrorField(result, code));

	return str_is_absent(s) ? STR("") : str_copy(wire->arena, s);
}

static void wire_note_error(struct wire *wire, const PGresult *result)
{
	struct wire_error *e = wire->error;
	struct str state;

	if (e->any)
		return;
	state = wire_error_field(wire, result, PG_DIAG_SQLSTATE);
	*e = (struct wire_error){
		.any = true,
		.is_apart = wire->reading->is_apart,
		.message =
			wire_error_field(wire, result, PG_DIAG_MESSAGE_PRIMARY),
		.detail =
			wire_error_field(wire, result, PG_DIAG_MESSAGE_DETAIL),
		.statement = wire->reading->statement->name,
	};
	memcpy(e->sqlstate, state.p,
	       (size_t)str_first(state, sizeof(e->sqlstate) - 1).n);
}

/*
 * Takes one result of the statement that is being read; false for one that
 * cannot be in a pipeline, such as COPY, which would never end.
 */
static bool wire_take(struct wire *wire, PGresult *result)
{
	ExecStatusType status = PQresultStatus(result);
	bool good = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;

	if (!wire->reading) {
		/* the connection broke before the end's result */
		PQclear(result);
		return false;
	}
	if (good && !wire->reading_prepare) {
		PQclear(wire->reading->result);
		wire->reading->result = result;
		wire_read_names(wire, wire->reading);
		return true;
	}
	if (good)
		wire_remember(wire, wire->reading->statement);
	else if (status != PGRES_PIPELINE_ABORTED)
		wire_note_error(wire, result);
	PQclear(result);
	return good || status == PGRES_FATAL_ERROR ||
	       status == PGRES_PIPELINE_ABORTED;
}

static void wire_read_from(struct wire *wire, struct rows *rows)
{
	wire->reading = rows;
	wire->reading_prepare = rows && rows->prepare;
}

/* A statement's results have ended: on to what was sent after it. */
static bool wire_read_on(struct wire *wire)
{
	if (!wire->reading)
		return false;
	if (wire->reading_prepare)
		wire->reading_prepare = false;
	else
		wire_read_from(wire, wire->reading->next);
	return true;
}

/* Takes what has arrived whole; false when it makes no sense. */
static bool wire_collect(struct wire *wire)
{
	while (wire->transactions > 0 && !PQisBusy(wire->conn)) {
		PGresult *result = PQgetResult(wire->conn);
		bool good;

		if (PQresultStatus(result) == PGRES_PIPELINE_SYNC) {
			wire->transactions--;
			PQclear(result);
			continue;
		}
		good = result ? wire_take(wire, result) : wire_read_on(wire);
		if (!good || PQstatus(wire->conn) != CONNECTION_OK)
			return false;
	}
	return true;
}

/*
 * Writes and reads in turn until the end's result is there: when many are
 * queued the server answers, and would wait for us to read, while we write.
 */
static bool wire_pump(struct wire *wire, int limit_ms)
{
	while (wire->transactions > 0) {
		struct pollfd p = {.fd = wire_socket(wire), .events = POLLIN};
		int unsent = PQflush(wire->conn);
		int ready;

		if (unsent < 0)
			return false;
		if (unsent > 0)
			p.events |= POLLOUT;
		ready = poll(&p, 1, limit_ms);
		if (ready == 0 || (ready < 0 && errno != EINTR))
			return false;
		if (ready > 0 && (p.revents & ~POLLOUT) &&
		    !PQconsumeInput(wire->conn)) {
			/* what came before the break may still say why */
			(void)wire_collect(wire);
			return wire->transactions == 0;
		}
		if (!wire_collect(wire))
			return false;
	}
	return true;
}

static bool wire_read(struct wire *wire, struct arena *a, struct rows *first,
		      int limit_ms, struct wire_error *error)
{
	wire->arena = a;
	wire->error = error;
	wire_read_from(wire, first);
	return wire_pump(wire, limit_ms);
}

bool wire_run(struct wire *wire, struct arena *a, struct rows *first,
	      int limit_ms, struct wire_error *error)
{
	*error = (struct wire_error){0};
	return wire_send(wire, first) &&
	       wire_read(wire, a, first, limit_ms, error);
}

/* --- notifications ---------------------------------------------------------
 */

bool wire_listens(const struct wire *wire)
{
	return wire->listening;
}

bool wire_listen(struct wire *wire, struct arena *a, const char *channel,
		 int limit_ms)
{
	struct db_statement statement = {.name = "listen"};
	struct rows rows = {.statement = &statement};
	struct wire_error error = {0};
	char *name = PQescapeIdentifier(wire->conn, channel, strlen(channel));
	struct str sql = str_printf(a, "listen %s", name ? name : "");
	bool sent;

	wire->transactions = 1;
	sent = PQsendQueryParams(wire->conn, str_z(a, sql), 0, NULL, NULL, NULL,
				 NULL, 0) &&
	       PQpipelineSync(wire->conn);

	PQfreemem(name);
	wire->listening = sent && wire_read(wire, a, &rows, limit_ms, &error) &&
			  !error.any;
	PQclear(rows.result);
	return wire->listening;
}

bool wire_notified(struct wire *wire)
{
	bool any = false;
	PGnotify *notify;

	if (!PQconsumeInput(wire->conn))
		return false;
	while ((notify = PQnotifies(wire->conn)) != NULL) {
		any = true;
		PQfreemem(notify);
	}
	return any;
}

/* --- results ---------------------------------------------------------------
 */

void wire_free_result(struct rows *rows)
{
	PQclear(rows->result);
	rows->result = NULL;
}

ptrdiff_t rows_count(const struct rows *rows)
{
	return PQntuples(rows->result);
}

static int rows_columns(const struct rows *rows)
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

static Oid rows_type(const struct rows *rows, int column)
{
	if (column < 0 || column >= rows_columns(rows))
		return InvalidOid;
	return PQftype(rows->result, column);
}

bool rows_is_bool(const struct rows *rows, int column)
{
	return rows_type(rows, column) == 16;
}

bool rows_is_json(const struct rows *rows, int column)
{
	Oid type = rows_type(rows, column);

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

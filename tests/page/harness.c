/*
 * Builds and tears down a page test's world; knows no page and no test.
 */
#include "page/harness.h"

#include "data/words.h"
#include "page/routes.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#define TIMEOUT_MS 10000
#define HEADERS_MAX 20

static struct {
	pid_t holder; /* tests/stack.sh, which lives as long as its stdin */
	int worlds;   /* opened so far: names their databases */
} stack;

static void give_up(const char *what)
{
	fprintf(stderr, "harness: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* Our own stack: its script writes where it is, and stops when we are gone. */
static void stack_hold(char *directory, size_t size)
{
	int in[2], out[2];
	FILE *lines;
	char line[512];

	if (pipe(in) || pipe(out))
		give_up("pipe");
	stack.holder = fork();
	if (stack.holder < 0)
		give_up("fork");
	if (!stack.holder) {
		dup2(in[0], 0);
		dup2(out[1], 1);
		close(in[0]);
		close(in[1]);
		close(out[0]);
		close(out[1]);
		execlp("bash", "bash", "tests/stack.sh", "database",
		       (char *)NULL);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	/* Programs that we start must not keep the stack alive. */
	fcntl(in[1], F_SETFD, FD_CLOEXEC);
	lines = fdopen(out[0], "r");
	directory[0] = 0;
	while (lines && fgets(line, sizeof(line), lines)) {
		line[strcspn(line, "\n")] = 0;
		if (!strncmp(line, "directory=", 10))
			snprintf(directory, size, "%s", line + 10);
		if (!strcmp(line, "ready"))
			return;
	}
	errno = 0;
	give_up("tests/stack.sh made no stack");
}

static void stack_enter(void)
{
	static bool done;
	const char *given = getenv("ROLLCALL_STACK");
	char directory[512];

	if (done)
		return;
	if (given)
		snprintf(directory, sizeof(directory), "%s", given);
	else
		stack_hold(directory, sizeof(directory));
	if (chdir(directory))
		give_up(directory);
	done = true;
}

/* Each of sql is a transaction of its own. */
static int psql(const char *sql, const char *after)
{
	int status = -1;
	pid_t pid = fork();

	if (pid < 0)
		give_up("fork");
	if (!pid) {
		execlp("psql", "psql", "-qX", "-v", "ON_ERROR_STOP=1", "-h",
		       "/proc/self/cwd/var/run", "-U", "postgres", "-d",
		       "postgres", "-c", sql, "-c", after, (char *)NULL);
		_exit(127);
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return status;
}

static void settings_make(struct world *w)
{
	struct config *c = &w->app.config;

	c->database_url = w->database_url;
	c->base_url = STR(WORLD_BASE_URL);
	c->mail_from = STR("rollcall@example.org");
	c->templates_dir = STR("templates");
	w->app.keys.count = 1;
	w->app.keys.keys[0].id = 7;
	memset(w->app.keys.keys[0].bytes, 0x5a, SECRET_KEY_BYTES);
}

static void templates_read(struct world *w)
{
	struct template_error error;

	w->app.templates = template_set_read(&w->arena, "templates", &error);
	if (w->app.templates)
		return;
	fprintf(stderr, "%.*s:%d: %.*s\n", STR_ARG(error.file), error.line,
		STR_ARG(error.what));
	exit(1);
}

static void program_make(struct world *w, const char *program)
{
	w->app.name = program;
	w->routes = routes_of(program);
	settings_make(w);
	templates_read(w);
	world_reopen(w);
}

void world_reopen(struct world *w)
{
	struct str role = str_printf(&w->arena, "rollcall_%s", w->app.name);

	w->app.db =
		db_open(w->database_url, str_z(&w->arena, role), TIMEOUT_MS);
	w->app.words = words_open();
	w->owner = db_open(w->database_url, "postgres", TIMEOUT_MS);
}

void world_open(struct world *w, const char *program)
{
	char sql[256], after[256];

	*w = (struct world){0};
	arena_init(&w->arena, (size_t)1 << 30);
	stack_enter();
	if (!secret_init())
		give_up("no random source");
	snprintf(sql, sizeof(sql),
		 "create database page_%ld_%d template rollcall "
		 "owner rollcall_owner",
		 (long)getpid(), ++stack.worlds);
	/* A copy gets the rows and rights in it, not those on it. */
	snprintf(after, sizeof(after),
		 "revoke temporary on database page_%ld_%d from public",
		 (long)getpid(), stack.worlds);
	if (psql(sql, after))
		give_up("the test database could not be copied");
	w->database_url = str_printf(
		&w->arena, "postgresql:///page_%ld_%d?host=%s", (long)getpid(),
		stack.worlds, "/proc/self/cwd/var/run");
	program_make(w, program);
}

void world_beside(const struct world *w, struct world *other,
		  const char *program)
{
	*other = (struct world){0};
	arena_init(&other->arena, (size_t)1 << 30);
	other->database_url = str_copy(&other->arena, w->database_url);
	program_make(other, program);
}

void world_close(struct world *w)
{
	words_close(w->app.words);
	db_close(w->app.db);
	db_close(w->owner);
	arena_release(&w->arena);
}

/* --- requests --- */

static struct str line_take(struct str *rest)
{
	struct str line = str_cut(*rest, '\n', rest);

	if (line.n && line.p[line.n - 1] == '\r')
		line.n--;
	return line;
}

/* A header's line as the variable that CGI makes of it. */
static char *header_variable(struct arena *a, struct str line)
{
	struct str value;
	struct str name = str_cut(line, ':', &value);
	bool plain = str_equal_nocase(name, STR("Content-Type"));
	char *variable;
	char *p;

	if (str_equal_nocase(name, STR("X-Request-Id")))
		return str_z(a, str_printf(a, "REQUEST_ID=%.*s",
					   STR_ARG(str_trim(value))));
	variable =
		str_z(a, str_printf(a, "%s%.*s=%.*s", plain ? "" : "HTTP_",
				    STR_ARG(name), STR_ARG(str_trim(value))));
	for (p = variable; *p != '='; p++)
		*p = (char)(*p == '-' ? '_' : *p >= 'a' ? *p - 32 : *p);
	return variable;
}

static void request_parse(struct request *rq, struct str text)
{
	static char id[] = "REQUEST_ID=" WORLD_REQUEST_ID;
	char *env[HEADERS_MAX + 2] = {NULL};
	struct arena *a = rq->arena;
	struct str line = line_take(&text);
	struct str method = str_cut(line, ' ', &line);
	struct str uri = str_cut(line, ' ', &line);
	int n = 0;

	env[n++] =
		str_z(a, str_printf(a, "REQUEST_METHOD=%.*s", STR_ARG(method)));
	env[n++] = str_z(a, str_printf(a, "REQUEST_URI=%.*s", STR_ARG(uri)));
	for (line = line_take(&text); line.n; line = line_take(&text)) {
		assert_true(n < HEADERS_MAX);
		env[n++] = header_variable(a, line);
	}
	env[n] = id;
	request_read(rq, env);
	rq->body = str_is_absent(text) ? STR("") : text;
}

static struct response response_parse(struct arena *a, struct str text)
{
	struct response r = {.text = str_copy(a, text)};
	ptrdiff_t end = str_find_str(r.text, STR("\r\n\r\n"));
	struct str status;
	int64_t number = 0;

	assert_true(end > 0);
	r.head = str_first(r.text, end + 2);
	r.body = str_from(r.text, end + 4);
	status = response_header(&r, "Status");
	assert_true(str_read_int(str_first(status, 3), &number));
	r.status = (int)number;
	return r;
}

struct response world_send(struct world *w, struct str text)
{
	struct arena arena;
	struct request rq = {.app = &w->app, .arena = &arena};
	struct response r;
	struct reply rs;
	struct str head, rest;

	arena_init(&arena, REQUEST_ARENA_MAX);
	request_parse(&rq, text);
	rs = reply_init(&rq);
	router_run(w->routes, &rq, &rs);
	head = reply_text(&rq, &rs);
	rest = reply_rest(&rq, &rs);
	r = response_parse(&w->arena, str_printf(&w->arena, "%.*s%.*s",
						 STR_ARG(head), STR_ARG(rest)));
	db_reset(w->app.db);
	arena_release(&arena);
	return r;
}

__attribute__((format(printf, 2, 0))) static struct str
print(struct arena *a, const char *format, va_list args)
{
	va_list again;
	int n;
	char *p;

	va_copy(again, args);
	n = vsnprintf(NULL, 0, format, again);
	va_end(again);
	p = arena_get_text(a, (size_t)n + 1);
	vsnprintf(p, (size_t)n + 1, format, args);
	return str_at(p, n);
}

struct response world_sendf(struct world *w, const char *format, ...)
{
	va_list args;
	struct str text;

	va_start(args, format);
	text = print(&w->arena, format, args);
	va_end(args);
	return world_send(w, text);
}

struct response world_get(struct world *w, struct str path)
{
	return world_sendf(w, "GET %.*s HTTP/1.1\r\n\r\n", STR_ARG(path));
}

struct response world_post(struct world *w, struct str path, struct str body)
{
	struct buf b = buf_init(&w->arena, body.n + path.n + 200);

	buf_printf(&b,
		   "POST %.*s HTTP/1.1\r\n" SAME_SITE "Content-Type: "
		   "application/x-www-form-urlencoded\r\n\r\n",
		   STR_ARG(path));
	buf_add(&b, body);
	return world_send(w, buf_str(&b));
}

struct str response_header(const struct response *r, const char *name)
{
	struct str rest = r->head;
	struct str line, key;

	while (rest.n) {
		line = line_take(&rest);
		key = str_cut(line, ':', &line);
		if (str_equal_nocase(key, str_of(name)))
			return str_trim(line);
	}
	return STR_ABSENT;
}

bool response_has(const struct response *r, const char *part)
{
	return str_find_str(r->text, str_of(part)) >= 0;
}

void expect_status(const struct response *r, int status)
{
	if (r->status != status)
		fail_msg("expected %d, got:\n%.*s", status, STR_ARG(r->text));
}

/* --- database --- */

/* The statement must outlive the connection that has prepared it. */
static struct rows *run(struct world *w, struct db *db, struct str sql,
			enum db_outcome *outcome)
{
	static int made;
	struct db_statement *s = ARENA_NEW(&w->arena, struct db_statement);
	struct str name = str_printf(&w->arena, "test_%d", ++made);
	struct rows *rows;

	s->name = str_z(&w->arena, name);
	s->sql = str_z(&w->arena, sql);
	rows = db_queue(db, s, NULL);
	*outcome = db_run(db);
	return rows;
}

__attribute__((format(printf, 2, 0))) static struct str
first_field(struct world *w, const char *format, va_list args)
{
	struct str sql = print(&w->arena, format, args);
	enum db_outcome outcome;
	struct rows *rows = run(w, w->owner, sql, &outcome);
	struct str got;

	if (outcome != DB_OK)
		fail_msg("%.*s: SQLSTATE %.*s", STR_ARG(sql),
			 STR_ARG(db_sqlstate(w->owner)));
	got = rows_get(rows, 0, 0);
	if (!str_is_absent(got))
		got = str_copy(&w->arena, got);
	db_reset(w->owner);
	return got;
}

struct str world_sql(struct world *w, const char *format, ...)
{
	va_list args;
	struct str got;

	va_start(args, format);
	got = first_field(w, format, args);
	va_end(args);
	return got;
}

int64_t world_sql_int(struct world *w, const char *format, ...)
{
	va_list args;
	struct str got;
	int64_t number;

	va_start(args, format);
	got = first_field(w, format, args);
	va_end(args);
	if (!str_read_int(got, &number))
		fail_msg("no number: %s gave '%.*s'", format, STR_ARG(got));
	return number;
}

struct str world_sql_state(struct world *w, const char *role, const char *sql)
{
	struct db *db = db_open(w->database_url, role, TIMEOUT_MS);
	enum db_outcome outcome;
	struct str state = STR("");

	run(w, db, str_of(sql), &outcome);
	if (outcome == DB_AWAY)
		state = str_copy(&w->arena, db_sqlstate(db));
	else if (outcome == DB_REFUSED)
		state = str_copy(&w->arena, db_refusal(db)->key);
	db_close(db);
	return state;
}

struct str world_digest(struct world *w)
{
	return world_sql(
		w, "select md5(string_agg(t.name || coalesce(query_to_xml("
		   "format('select md5(string_agg(r::text, '' '' order by "
		   "r::text)) from %%s r', t.name), "
		   "true, true, '')::text, ''), '' order by t.name)) "
		   "from (select c.oid::regclass::text as name "
		   "from pg_class c where c.relkind in ('r', 'p') and "
		   "c.relnamespace = 'public'::regnamespace and "
		   "c.relname <> 'test_clock') t");
}

void world_clock(struct world *w, const char *ahead)
{
	if (!ahead)
		world_sql(w, "update test_clock set at = null");
	else
		world_sql(w, "update test_clock set at = now() + interval '%s'",
			  ahead);
}

struct str world_token(struct world *w, enum token_purpose purpose, int64_t row,
		       uint32_t generation, int64_t expires)
{
	const struct token token = {
		.purpose = purpose,
		.row = row,
		.generation = generation,
		.expires = expires,
	};

	return token_make(&w->arena, &w->app.keys, &token);
}

/*
 * Every route of the programs, asked for by every kind of person: what each
 * may read and do.  The rows are in page/rights.c.
 *
 * For each row: a new organisation with its people, the row's things for each
 * of them, then all who are to be refused (a status over 400, or SIGN), after
 * whom not a row of the database may be another, then the others.  A staff's
 * route about a thing is also tried by who may with one of another
 * organisation: 404, and nothing changed (R-O2).  A route without a row fails,
 * and so does a row without a route.  Then each is tried with nonsense in its
 * form or address, and without a database.
 */
#include "page/rights.h"
#include "page/routes.h"

/* Longer than a word that is looked for. */
#define TEN "aaaaaaaaaa"
#define LONG TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN

static struct world worlds[3];
static const char *const programs[] = {"answer", "member", "staff"};
#define PROGRAMS (sizeof(programs) / sizeof(programs[0]))
/* All statements go by one connection, which has the table `team`. */
static struct world *const base = &worlds[0];

/* --- the texts of a row --- */

static const struct place *place_find(struct str name)
{
	for (const struct place *p = places; p->name; p++)
		if (str_equal(name, str_of(p->name)))
			return p;
	return NULL;
}

static struct str token_of(enum token_purpose purpose, struct str numbers)
{
	int64_t row = 0;
	int64_t expires = 0;
	struct str rest;

	assert_true(str_read_int(str_cut(numbers, ' ', &rest), &row));
	assert_true(str_read_int(rest, &expires));
	return world_token(base, purpose, row, 1, expires);
}

static struct str place_make(struct str name)
{
	const struct place *place = place_find(name);
	struct str text;

	if (!place)
		return world_sql(base, "select %.*s from team", STR_ARG(name));
	text = world_sql(base, "%s", place->sql);
	if (place->purpose)
		text = token_of(place->purpose, text);
	return place->purpose == TOKEN_FEED
		       ? str_printf(&base->arena, "%.*s.ics", STR_ARG(text))
		       : text;
}

/* The route's address, with a thing for each of its names. */
static struct str path_make(const struct right *right)
{
	struct buf out = buf_init(&base->arena, 100);
	struct str things = str_of(right->things);
	struct str rest = str_from(str_of(right->pattern), 1);

	while (!str_is_absent(rest)) {
		struct str segment = str_cut(rest, '/', &rest);

		buf_add(&out, STR("/"));
		if (str_equal(segment, STR(":org")))
			buf_add(&out, place_make(STR("slug")));
		else if (str_starts(segment, STR(":")))
			buf_add(&out,
				place_make(str_cut(things, ' ', &things)));
		else
			buf_add(&out, segment);
	}
	return buf_str(&out);
}

static struct str body_make(const struct right *right)
{
	struct buf out = buf_init(&base->arena, 100);
	struct str rest = str_of(right->body);

	while (!str_is_absent(rest)) {
		buf_add(&out, str_cut(rest, '{', &rest));
		if (!str_is_absent(rest))
			buf_add(&out, place_make(str_cut(rest, '}', &rest)));
	}
	return buf_str(&out);
}

/* --- one try --- */

struct
try {
	enum reader reader;
	struct str path;
	struct str body; /* absent: GET */
};

static void team_is(const struct team *team, enum reader reader)
{
	if (reader == NOBODY)
		world_sql(base, "update team set me = null");
	else
		world_sql(base, "update team set me = %lld",
			  (long long)team->user[reader]);
}

static struct try try_make(const struct right *right, const struct team *team,
			   enum reader reader)
{
	struct try try = {.reader = reader, .body = STR_ABSENT};

	team_is(team, reader);
	try.path = path_make(right);
	if (right->method == METHOD_POST)
		try.body = body_make(right);
	return try;
}

static struct response try_send(struct world *w, const struct team *team,
				const struct try *try)
{
	struct str file, field;

	if (str_is_absent(try->body))
		return team_get(w, team, try->reader, try->path);
	if (!str_starts(try->body, STR("file:")))
		return team_post(w, team, try->reader, try->path, try->body);
	field = str_cut(str_from(try->body, 5), ':', &file);
	return team_post_file(w, team, try->reader, try->path,
			      str_z(&w->arena, field), file);
}

/* The status, or SIGN. */
static int try_run(const struct right *right, const struct team *team,
		   const struct try *try)
{
	struct world *w = NULL;
	struct response r;

	for (size_t i = 0; i < PROGRAMS; i++)
		if (!strcmp(programs[i], right->program))
			w = &worlds[i];
	assert_non_null(w);
	r = try_send(w, team, try);
	if (r.status == 303 &&
	    str_starts(response_header(&r, "Location"), STR("/signin")))
		return SIGN;
	return r.status;
}

static int wrong;

static void expect(const struct right *right, const struct team *team,
		   const struct try *try, int wanted)
{
	int got = try_run(right, team, try);

	if (got == wanted)
		return;
	wrong++;
	print_message("# %s %s %s: %s got %d, wanted %d\n", right->program,
		      right->method == METHOD_GET ? "GET" : "POST",
		      right->pattern, team_reader_name(try->reader), got,
		      wanted);
}

/* --- a row --- */

/* That somebody tried is kept; it is no change. */
static struct str digest(void)
{
	world_sql(base, "delete from access_log");
	return world_digest(base);
}

static bool is_refused(int status)
{
	return status == SIGN || status >= 400;
}

static void expect_unchanged(const struct right *right, struct str before,
			     const char *after)
{
	if (str_equal(before, digest()))
		return;
	wrong++;
	print_message("# %s %s: something was changed by %s\n", right->program,
		      right->pattern, after);
}

static void try_readers(const struct right *right, const struct team *team)
{
	struct try tries[READERS];
	struct str before;
	int i;

	for (i = 0; i < READERS; i++)
		tries[i] = try_make(right, team, (enum reader)i);
	before = digest();
	for (i = 0; i < READERS; i++)
		if (is_refused(right->status[i]))
			expect(right, team, &tries[i], right->status[i]);
	expect_unchanged(right, before, "who was refused");
	for (i = 0; i < READERS; i++)
		if (!is_refused(right->status[i]))
			expect(right, team, &tries[i], right->status[i]);
}

/* Of all readers, one that is let in where anybody is. */
static enum reader who_may(const struct right *right)
{
	return right->status[ADMIN] == 404 && right->status[RESPONDER] != 404
		       ? RESPONDER
		       : ADMIN;
}

static void try_elsewhere(const struct right *right, const struct team *team)
{
	const char *swap = "update team set org = other, other = org";
	struct try try = {.reader = who_may(right), .body = STR_ABSENT};
	struct str before;

	team_is(team, try.reader);
	world_sql(base, "%s", swap);
	try.path = path_make(right);
	if (right->method == METHOD_POST)
		try.body = body_make(right);
	world_sql(base, "%s", swap);
	before = digest();
	expect(right, team, &try, 404);
	expect_unchanged(right, before, "who may, of another organisation");
}

static void row_run(const struct right *right)
{
	struct team team = team_make(base);

	world_sql(base, "alter table team add column me bigint");
	try_readers(right, &team);
	if (right->things[0] &&
	    str_starts(str_of(right->pattern), STR("/staff/:org/")))
		try_elsewhere(right, &team);
}

/* --- the tests --- */

static bool is_row_of(const struct right *right, const char *program,
		      const struct route *route)
{
	return !strcmp(right->program, program) &&
	       right->method == route->method &&
	       !strcmp(right->pattern, route->pattern);
}

static bool has_row(const char *program, const struct route *route)
{
	for (const struct right *r = rights; r->program; r++)
		if (is_row_of(r, program, route))
			return true;
	return false;
}

static bool has_route(const struct right *right)
{
	const struct route *route = routes_of(right->program);

	for (; route->pattern; route++)
		if (is_row_of(right, right->program, route))
			return true;
	return false;
}

static void names_every_route(void **state)
{
	const struct route *route;
	int missing = 0;

	(void)state;
	for (size_t i = 0; i < PROGRAMS; i++) {
		for (route = routes_of(programs[i]); route->pattern; route++) {
			if (has_row(programs[i], route))
				continue;
			missing++;
			print_message("# no row: %s %s\n", programs[i],
				      route->pattern);
		}
	}
	for (const struct right *r = rights; r->program; r++) {
		if (has_route(r))
			continue;
		missing++;
		print_message("# no route: %s %s\n", r->program, r->pattern);
	}
	assert_int_equal(missing, 0);
}

static void holds_program(const char *program)
{
	wrong = 0;
	for (const struct right *r = rights; r->program; r++)
		if (!strcmp(r->program, program) && has_route(r))
			row_run(r);
	assert_int_equal(wrong, 0);
}

static void holds_answer(void **state)
{
	(void)state;
	holds_program("answer");
}

static void holds_member(void **state)
{
	(void)state;
	holds_program("member");
}

static void holds_staff(void **state)
{
	(void)state;
	holds_program("staff");
}

static int open_worlds(void **state)
{
	(void)state;
	world_open(base, programs[0]);
	/* Nothing is known of the table `team`, and so all is compiled. */
	world_sql(base, "set jit = off");
	for (size_t i = 1; i < PROGRAMS; i++)
		world_beside(base, &worlds[i], programs[i]);
	return 0;
}

static int close_worlds(void **state)
{
	(void)state;
	for (size_t i = PROGRAMS; i > 0; i--)
		world_close(&worlds[i - 1]);
	return 0;
}

/* --- nonsense ---------------------------------------------------------------
 */

/* A value for each field of a form, and of an address. */
static const char *const nonsense[] = {
	"",
	"0",
	"-1",
	"9223372036854775807",
	"-9223372036854775808",
	"-253402300800000000",
	"253402300800000001",
	"%00",
	"%FF%FE",
	"%0D%0ASet-Cookie:%20a=b",
	"%E2%80%AE%3Cscript%3E%7B%7Bviewer%7D%7D",
	"2026-02-30",
	"24:00",
	"9999-12-31",
	"0001-01-01",
	"infinity",
	"//evil.example/",
	/* 199 bytes, and a letter of two */
	LONG TEN TEN TEN TEN TEN TEN TEN TEN TEN "aaaaaaaaa%C3%A9",
};
#define NONSENSE (sizeof(nonsense) / sizeof(nonsense[0]))

static void expect_no_failure(const struct right *right,
			      const struct team *team, const struct try *try)
{
	int got = try_run(right, team, try);

	if (got < 500)
		return;
	wrong++;
	print_message("# %s %.*s %.*s: %d\n", right->program,
		      STR_ARG(try->path), STR_ARG(try->body), got);
}

/* The body with that of its fields, counted from 0, saying something else. */
static struct str body_spoil(struct str body, int field, const char *value)
{
	struct buf out = buf_init(&base->arena, body.n + 1000);

	for (int i = 0; !str_is_absent(body); i++) {
		struct str rest;
		struct str pair = str_cut(body, '&', &body);
		struct str name = str_cut(pair, '=', &rest);

		buf_printf(&out, "%s%.*s=", i > 0 ? "&" : "", STR_ARG(name));
		buf_add(&out, i == field ? str_of(value) : rest);
	}
	return buf_str(&out);
}

static int count_fields(struct str body)
{
	int n = 0;

	for (; !str_is_absent(body); n++)
		(void)str_cut(body, '&', &body);
	return n;
}

static void post_nonsense(const struct right *right, const struct team *team,
			  struct try try)
{
	const struct str body = try.body;

	try.body = STR("");
	expect_no_failure(right, team, &try);
	for (int field = 0; field < count_fields(body); field++) {
		for (size_t i = 0; i < NONSENSE; i++) {
			try.body = body_spoil(body, field, nonsense[i]);
			expect_no_failure(right, team, &try);
		}
	}
}

static void get_nonsense(const struct right *right, const struct team *team,
			 struct try try)
{
	const struct str path = try.path;

	for (size_t i = 0; i < NONSENSE; i++) {
		const char *v = nonsense[i];

		try.path = str_printf(&base->arena,
				      "%.*s?q=%s&show=%s&after=%s&before=%s&"
				      "event=%s&next=%s&note=%s&change=%s",
				      STR_ARG(path), v, v, v, v, v, v, v, v);
		expect(right, team, &try, right->status[try.reader]);
		try.path = str_printf(&base->arena,
				      "%.*s?show=past&after=%s&before=%s&"
				      "event=1",
				      STR_ARG(path), v, v);
		expect(right, team, &try, right->status[try.reader]);
	}
}

static void row_spoil(const struct right *right)
{
	struct team team = team_make(base);
	struct try try;

	world_sql(base, "alter table team add column me bigint");
	try = try_make(right, &team, who_may(right));
	if (right->method == METHOD_GET)
		get_nonsense(right, &team, try);
	else if (!str_starts(try.body, STR("file:")))
		post_nonsense(right, &team, try);
}

static void no_nonsense_fails(void **state)
{
	(void)state;
	wrong = 0;
	for (const struct right *r = rights; r->program; r++)
		if (has_route(r))
			row_spoil(r);
	assert_int_equal(wrong, 0);
}

static void away_is_said(void **state)
{
	struct db *near[PROGRAMS];
	struct team team = team_make(base);

	(void)state;
	wrong = 0;
	world_sql(base, "alter table team add column me bigint");
	for (size_t i = 0; i < PROGRAMS; i++) {
		near[i] = worlds[i].app.db;
		worlds[i].app.db = db_open(STR("postgresql:///none?host=/none"),
					   "rollcall_answer", 1000);
		worlds[i].app.config.database_url =
			STR("postgresql:///none?host=/none");
	}
	for (const struct right *r = rights; r->program; r++) {
		struct try try = try_make(r, &team, who_may(r));

		expect(r, &team, &try, 503);
	}
	for (size_t i = 0; i < PROGRAMS; i++) {
		db_close(worlds[i].app.db);
		worlds[i].app.db = near[i];
	}
	assert_int_equal(wrong, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{"R-O2 every route is in the table of rights, and no other",
		 names_every_route, NULL, NULL, NULL},
		{"R-A8 answer: each route gives each person what it should",
		 holds_answer, NULL, NULL, NULL},
		{"R-O5 member: each route gives each person what it should",
		 holds_member, NULL, NULL, NULL},
		{"R-O1, R-O2 staff: each route gives each person what it "
		 "should",
		 holds_staff, NULL, NULL, NULL},
		{"no route fails over nonsense in its form or address",
		 no_nonsense_fails, NULL, NULL, NULL},
		{"every route says that the database is away", away_is_said,
		 NULL, NULL, NULL},
	};

	return cmocka_run_group_tests_name("rights", tests, open_worlds,
					   close_worlds);
}

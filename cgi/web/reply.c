/*
 * Builds responses in memory: pages, redirects, error pages.  Must not know
 * what a page says, nor who reads the bytes.
 */
#include "web/reply.h"

#include "base/log.h"
#include "view/rows.h"
#include "web/message.h"
#include "web/url.h"

/* A body up to this length is handed over with its headers, in one piece. */
#define COPIED_MAX ((ptrdiff_t)2 * 1024)
/* Room for most pages: one that must grow is copied. */
#define BODY_ROOM ((ptrdiff_t)32 * 1024)
#define RETRY_SECONDS 5
#define OFTEN_SECONDS 3600
#define FIELDS_MAX 64

static struct str reason(int status)
{
	static const struct {
		int status;
		const char *words;
	} known[] = {
		{200, "OK"},
		{303, "See Other"},
		{304, "Not Modified"},
		{400, "Bad Request"},
		{401, "Unauthorized"},
		{403, "Forbidden"},
		{404, "Not Found"},
		{405, "Method Not Allowed"},
		{409, "Conflict"},
		{410, "Gone"},
		{413, "Content Too Large"},
		{415, "Unsupported Media Type"},
		{422, "Unprocessable Content"},
		{425, "Too Early"},
		{429, "Too Many Requests"},
		{500, "Internal Server Error"},
		{503, "Service Unavailable"},
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i].status == status)
			return str_of(known[i].words);
	return STR("Status");
}

struct reply reply_init(struct request *rq)
{
	return (struct reply){
		.status = 200,
		.content_type = STR("text/html; charset=utf-8"),
		.body = buf_init(rq->arena, BODY_ROOM),
	};
}

static void body_clear(struct reply *rs)
{
	rs->body.n = 0;
	rs->rest = STR_ABSENT;
}

static void render(struct request *rq, struct reply *rs, const char *name,
		   const struct value_field *fields)
{
	const struct template *template =
		template_find(rq->app->templates, str_of(name));

	if (!template) {
		fprintf(stderr, "bug: there is no template %s\n", name);
		abort();
	}
	rs->content_type = STR("text/html; charset=utf-8");
	body_clear(rs);
	template_render(template, value_object(fields), &rs->body);
}

/* The page's fields, then the common ones: the first of a name is taken. */
static const struct value_field *fields_join(struct arena *a,
					     const struct value_field *page,
					     const struct value_field *common)
{
	struct value_field *all =
		ARENA_ARRAY(a, FIELDS_MAX + 1, struct value_field);
	int n = 0;

	for (; page && page->name && n < FIELDS_MAX; page++)
		all[n++] = *page;
	for (; common->name && n < FIELDS_MAX; common++)
		all[n++] = *common;
	return all;
}

void reply_page(struct request *rq, struct reply *rs, int status,
		const char *template, const struct value_field *fields)
{
	struct str note = message_note(request_query(rq, "note"));
	struct value viewer =
		rq->viewer ? row_value(rq->viewer, 0) : value_absent();
	const struct value_field common[] = {
		{"viewer", viewer},
		{"csrf", value_text(&rq->csrf)},
		{"request_id", value_text(&rq->id)},
		{"base_url", value_text(&rq->app->config.base_url)},
		{"contact", value_text(&rq->app->config.contact)},
		{"path", value_text(&rq->path)},
		{"note", value_text(&note)},
		{NULL, {0}},
	};

	rs->status = status;
	render(rq, rs, template, fields_join(rq->arena, fields, common));
}

void reply_plain(struct reply *rs, struct str text)
{
	rs->status = 200;
	rs->content_type = STR("text/plain; charset=utf-8");
	body_clear(rs);
	buf_add(&rs->body, text);
}

void reply_file(struct reply *rs, struct str name, struct str type)
{
	rs->status = 200;
	rs->content_type = type;
	rs->filename = name;
	body_clear(rs);
}

/* Weak tags are as good: who compressed it on the way has made it one. */
void reply_tagged(struct request *rq, struct reply *rs, struct str etag)
{
	rs->etag = etag;
	if (!str_equal(rq->if_none_match, STR("*")) &&
	    str_find_str(rq->if_none_match, etag) < 0)
		return;
	rs->status = 304;
	body_clear(rs);
}

void reply_see(struct request *rq, struct reply *rs, struct str path)
{
	if (!url_is_own(path)) {
		log_line(LOG_BUG, "redirect_refused",
			 LOG_STR("request_id", rq->id));
		reply_problem(rq, rs, 500, STR(""));
		return;
	}
	rs->status = 303;
	rs->location = path;
	body_clear(rs);
}

/* One 404 for all: what is missing must not be told apart. */
static struct message_problem problem_words(int status, struct str key)
{
	struct message_problem problem = message_problem(status);
	struct str own = message_find(key);

	if (!str_is_absent(own) && status != 404)
		problem.sentence = own;
	return problem;
}

void reply_problem(struct request *rq, struct reply *rs, int status,
		   struct str key)
{
	struct message_problem problem = problem_words(status, key);
	struct str number = str_printf(rq->arena, "%d", status);
	const struct value_field fields[] = {
		{"status", value_text(&number)},
		{"title", value_text(&problem.title)},
		{"sentence", value_text(&problem.sentence)},
		{"request_id", value_text(&rq->id)},
		{"base_url", value_text(&rq->app->config.base_url)},
		{"contact", value_text(&rq->app->config.contact)},
		{NULL, {0}},
	};

	rs->status = status;
	rs->location = STR_ABSENT;
	rs->set_cookie = STR_ABSENT;
	rs->filename = STR_ABSENT;
	rs->etag = STR_ABSENT;
	rs->retry_after = status == 503	  ? RETRY_SECONDS
			  : status == 429 ? OFTEN_SECONDS
					  : 0;
	render(rq, rs, "problem", fields);
}

/* Quoted, without what would end the quotes. */
static struct str disposition(struct arena *a, struct str filename)
{
	struct buf out = buf_init(a, filename.n + 32);

	if (str_is_absent(filename))
		return STR_ABSENT;
	buf_add(&out, STR("attachment; filename=\""));
	for (ptrdiff_t i = 0; i < filename.n; i++)
		if (filename.p[i] != '"' && filename.p[i] != '\\')
			buf_add_byte(&out, filename.p[i]);
	buf_add_byte(&out, '"');
	return buf_str(&out);
}

/* A value that would begin a line of its own is left out. */
static void header_add(struct buf *out, const char *name, struct str value)
{
	if (str_is_absent(value))
		return;
	if (str_has_control(value, false)) {
		log_line(LOG_BUG, "header_refused",
			 LOG_STR("header", str_of(name)));
		return;
	}
	buf_add(out, str_of(name));
	buf_add(out, STR(": "));
	buf_add(out, value);
	buf_add(out, STR("\r\n"));
}

/* A long body is not copied behind the headers: that takes time, and room. */
static bool is_apart(const struct reply *rs)
{
	return rs->rest.n == 0 && rs->body.n > COPIED_MAX;
}

struct str reply_text(struct request *rq, const struct reply *rs)
{
	ptrdiff_t copied = is_apart(rs) ? 0 : rs->body.n;
	struct buf out = buf_init(rq->arena, copied + 1024);
	ptrdiff_t length = rs->body.n + rs->rest.n;

	buf_printf(&out, "Status: %d %.*s\r\n", rs->status,
		   STR_ARG(reason(rs->status)));
	if (length > 0)
		header_add(&out, "Content-Type", rs->content_type);
	header_add(&out, "Content-Disposition",
		   disposition(rq->arena, rs->filename));
	if (rs->status != 304)
		buf_printf(&out, "Content-Length: %td\r\n", length);
	header_add(&out, "Cache-Control",
		   str_is_absent(rs->etag) ? STR("no-store")
					   : STR("private, no-cache"));
	header_add(&out, "ETag", rs->etag);
	header_add(&out, "Location", rs->location);
	header_add(&out, "Set-Cookie", rs->set_cookie);
	header_add(&out, "Allow", rs->allow);
	if (rs->retry_after > 0)
		buf_printf(&out, "Retry-After: %d\r\n", rs->retry_after);
	buf_add(&out, STR("\r\n"));
	if (rq->method != METHOD_HEAD)
		buf_add(&out, str_at(rs->body.p, copied));
	return buf_str(&out);
}

struct str reply_rest(const struct request *rq, const struct reply *rs)
{
	if (rq->method == METHOD_HEAD)
		return STR("");
	return is_apart(rs) ? buf_str(&rs->body) : rs->rest;
}

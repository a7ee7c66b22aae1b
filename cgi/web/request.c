/*
 * From CGI variables to a request, and what handlers ask of it.  Must not
 * know where the variables come from.
 */
#include "web/request.h"

#include "web/url.h"

#define ID_MAX 64
/* Of a body that nobody wants, so much is read before the answer. */
#define DROP_MAX ((int64_t)1024 * 1024)

static struct str env_get(char *const *env, const char *name)
{
	size_t n = strlen(name);

	for (; *env; env++)
		if (strncmp(*env, name, n) == 0 && (*env)[n] == '=')
			return str_of(*env + n + 1);
	return STR_ABSENT;
}

/* nginx sends "" for a header that was not there. */
static struct str env_header(char *const *env, const char *name)
{
	struct str s = env_get(env, name);

	return s.n > 0 ? s : STR_ABSENT;
}

static enum method method_read(struct str s)
{
	if (str_equal(s, STR("GET")))
		return METHOD_GET;
	if (str_equal(s, STR("HEAD")))
		return METHOD_HEAD;
	if (str_equal(s, STR("POST")))
		return METHOD_POST;
	return METHOD_OTHER;
}

/* REQUEST_URI is not of RFC 3875 but everywhere, and is not decoded. */
static void address_read(struct request *rq, char *const *env)
{
	struct str uri = env_header(env, "REQUEST_URI");

	if (!str_is_absent(uri)) {
		rq->path = str_cut(uri, '?', &rq->query);
		return;
	}
	rq->path = env_get(env, "PATH_INFO");
	rq->query = env_header(env, "QUERY_STRING");
	if (rq->path.n == 0)
		rq->path = STR("/");
}

static bool id_is_plain(struct str id)
{
	return id.n >= 1 && id.n <= ID_MAX && str_is_plain(id, "-");
}

static struct str id_make(struct arena *a)
{
	unsigned char random[16];
	struct buf b = buf_init(a, 2 * (ptrdiff_t)sizeof(random));

	secret_random(random, sizeof(random));
	for (size_t i = 0; i < sizeof(random); i++)
		buf_printf(&b, "%02x", random[i]);
	return buf_str(&b);
}

void request_read(struct request *rq, char *const *env)
{
	rq->method = method_read(env_get(env, "REQUEST_METHOD"));
	address_read(rq, env);
	rq->content_type = env_header(env, "CONTENT_TYPE");
	rq->cookie = env_header(env, "HTTP_COOKIE");
	rq->origin = env_header(env, "HTTP_ORIGIN");
	rq->sec_fetch_site = env_header(env, "HTTP_SEC_FETCH_SITE");
	rq->sec_purpose = env_header(env, "HTTP_SEC_PURPOSE");
	rq->user_agent = env_header(env, "HTTP_USER_AGENT");
	rq->if_none_match = env_header(env, "HTTP_IF_NONE_MATCH");
	rq->id = env_get(env, "REQUEST_ID");
	if (!id_is_plain(rq->id))
		rq->id = id_make(rq->arena);
}

int64_t request_length(char *const *env)
{
	int64_t n;

	if (!str_read_int(env_get(env, "CONTENT_LENGTH"), &n) || n < 0)
		return 0;
	return n;
}

int request_take_body(struct request *rq, ptrdiff_t max)
{
	struct request_source *source = &rq->source;
	int64_t length = source->read ? source->left : rq->body.n;
	char *p;

	if (length > max) {
		rq->body = STR("");
		return 413;
	}
	if (!source->read)
		return 0;
	p = arena_get_text(rq->arena, (size_t)length + 1);
	rq->body = str_at(p, source->read(source->with, p, (ptrdiff_t)length));
	source->left = 0;
	return rq->body.n == length ? 0 : 400;
}

void request_drop_body(struct request *rq)
{
	struct request_source *source = &rq->source;
	int64_t left = source->left < DROP_MAX ? source->left : DROP_MAX;
	char scrap[4096];

	while (source->read && left > 0) {
		ptrdiff_t n = source->read(source->with, scrap, sizeof(scrap));

		if (n <= 0)
			break;
		left -= n;
	}
	source->left = 0;
}

struct request_fields request_fields(const struct request *rq)
{
	return (struct request_fields){.rest = rq->body};
}

bool request_next_field(const struct request *rq, struct request_fields *at,
			struct str *name, struct str *value, bool *bad)
{
	if (!rq->parts)
		return url_next_pair(rq->arena, &at->rest, name, value, bad);
	while (at->part < rq->parts->count) {
		const struct multipart_part *part =
			&rq->parts->parts[at->part++];

		if (!str_is_absent(part->filename))
			continue;
		*name = part->name;
		*value = part->bytes;
		*bad = false;
		return true;
	}
	return false;
}

const struct multipart_part *request_file(const struct request *rq,
					  struct str name)
{
	const struct multipart_part *found = NULL;

	for (int i = 0; rq->parts && i < rq->parts->count; i++) {
		const struct multipart_part *part = &rq->parts->parts[i];

		if (str_is_absent(part->filename) ||
		    !str_equal(part->name, name))
			continue;
		if (found)
			return NULL;
		found = part;
	}
	return found;
}

bool request_number(const struct request *rq, int i, int64_t *out)
{
	int64_t n;

	if (!str_read_int(rq->params[i], &n) || n <= 0)
		return false;
	*out = n;
	return true;
}

bool request_is_one_click(const struct request *rq)
{
	return str_find_str(rq->body, STR("List-Unsubscribe")) >= 0 &&
	       str_find_str(rq->body, STR("One-Click")) >= 0;
}

struct str request_query(const struct request *rq, const char *name)
{
	struct str rest = rq->query;
	struct str key, value;
	bool bad;

	while (url_next_pair(rq->arena, &rest, &key, &value, &bad)) {
		if (!str_equal(key, str_of(name)))
			continue;
		if (bad || !str_is_utf8(value) || str_find(value, 0) >= 0)
			return STR_ABSENT;
		return value;
	}
	return STR_ABSENT;
}

const int64_t *request_query_number(const struct request *rq, const char *name)
{
	int64_t *number = ARENA_NEW(rq->arena, int64_t);

	return str_read_int(request_query(rq, name), number) && *number >= 0
		       ? number
		       : NULL;
}

struct str request_words(const struct request *rq, const char *name)
{
	struct str words = str_trim(request_query(rq, name));

	words = str_first(words, REQUEST_WORDS_MAX);
	while (!str_is_utf8(words))
		words.n--;
	return str_or(words, STR_ABSENT);
}

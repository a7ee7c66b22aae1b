/*
 * A POST of JSON by HTTP, which libcurl moves from its begin to its end.  Must
 * not know what is posted, nor log.
 */
#include "send/transfer_code.h"

static size_t see_body(char *part, size_t size, size_t count, void *with)
{
	struct transfer *t = with;

	return t->pool->protocol->see_body(
		       t->notes, str_at(part, (ptrdiff_t)(size * count)))
		       ? size * count
		       : 0;
}

/* Redirects are not followed: libcurl follows none unless it is told to. */
static bool set_up(struct transfer *t)
{
	CURL *easy = t->easy;
	bool good = true;

	good &= !curl_easy_setopt(easy, CURLOPT_POST, 1L);
	good &= !curl_easy_setopt(easy, CURLOPT_HTTP_VERSION,
				  (long)CURL_HTTP_VERSION_1_1);
	good &= !curl_easy_setopt(easy, CURLOPT_USERAGENT, "Rollcall");
	good &= !curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, see_body);
	good &= !curl_easy_setopt(easy, CURLOPT_WRITEDATA, (void *)t);
	return good;
}

static bool add_header(struct transfer *t, const char *line)
{
	struct curl_slist *longer = curl_slist_append(t->headers, line);

	t->headers = longer ? longer : t->headers;
	return longer != NULL;
}

static bool begin(struct transfer *t, const struct transfer_order *order)
{
	curl_slist_free_all(t->headers);
	t->headers = NULL;
	/* Without a value: libcurl would wait for leave to send a long one. */
	return add_header(t, "Expect:") &&
	       add_header(t, "Content-Type: application/json") &&
	       add_header(t, order->header) &&
	       !curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, t->headers) &&
	       !curl_easy_setopt(t->easy, CURLOPT_POSTFIELDS, order->bytes.p) &&
	       !curl_easy_setopt(t->easy, CURLOPT_POSTFIELDSIZE_LARGE,
				 (curl_off_t)order->bytes.n) &&
	       !curl_easy_setopt(t->easy, CURLOPT_TIMEOUT_MS,
				 (long)t->pool->channel.limit_ms) &&
	       transfer_add(t);
}

static void end(struct transfer *t, struct transfer_end *e)
{
	const char *type = NULL;
	curl_off_t wait = 0;
	long sent = 0;
	long reply = 0;

	curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &reply);
	curl_easy_getinfo(t->easy, CURLINFO_REQUEST_SIZE, &sent);
	curl_easy_getinfo(t->easy, CURLINFO_RETRY_AFTER, &wait);
	curl_easy_getinfo(t->easy, CURLINFO_CONTENT_TYPE, &type);
	e->reply = (int)reply;
	e->sent = sent > 0;
	e->wait_s = wait < 0			 ? 0
		    : wait > TRANSFER_WAIT_MAX_S ? TRANSFER_WAIT_MAX_S
						 : (int)wait;
	e->is_html = str_starts(str_of(type), STR("text/html"));
	transfer_settle(t, e);
	transfer_remove(t);
}

static void done(struct transfer *t, CURLcode code)
{
	end(t, &(struct transfer_end){.why = code ? transfer_name_failure(code)
						  : ""});
}

static void stop(struct transfer *t, bool cut_off, const char *why)
{
	end(t, &(struct transfer_end){.cut_off = cut_off, .why = why});
}

const struct transfer_way transfer_posts = {
	.set_up = set_up,
	.begin = begin,
	.done = done,
	.stop = stop,
	.leave = transfer_remove,
};

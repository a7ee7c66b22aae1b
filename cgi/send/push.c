/*
 * A push service as a protocol of transfer.h: what is posted, and what its
 * answers mean.  Must not know the queue, nor log: tokens are secrets.
 */
#include "send/push.h"

#include <inttypes.h>

#include "base/json.h"
#include "send/relay.h"
#include "send/transfer.h"

#define KEY_HEADER "Idempotency-Key: "

struct notes {
	ptrdiff_t n;
	char reply[PUSH_REPLY_MAX]; /* last: it is not cleared */
};

/* --- what is posted --- */

static void add_member(struct buf *out, const char *name, struct str text)
{
	if (str_is_absent(text))
		return;
	if (out->p[out->n - 1] != '{')
		buf_add_byte(out, ',');
	json_add_text(out, str_of(name));
	buf_add_byte(out, ':');
	json_add_text(out, text);
}

struct str push_write(struct arena *a, const struct push *push,
		      const char **why)
{
	struct buf out = buf_init(a, 4096);

	*why = "a push that says nothing, or holds control characters";
	if (push->title.n == 0 || str_has_control(push->title, false) ||
	    str_has_control(push->body, true))
		return STR_ABSENT;
	buf_printf(&out, KEY_HEADER "%.*s\n{\"user_id\":%" PRId64,
		   STR_ARG(push->id), push->user_id);
	add_member(&out, "title", push->title);
	add_member(&out, "body", push->body);
	buf_add(&out, STR(",\"data\":{"));
	add_member(&out, "kind", push->kind);
	add_member(&out, "organisation", push->org_name);
	add_member(&out, "link", push->link);
	buf_add_byte(&out, '}');
	add_member(&out, "notification_id", push->notification_id);
	buf_add(&out, STR(",\"tokens\":"));
	buf_add(&out, push->tokens);
	buf_add_byte(&out, '}');
	return buf_str(&out);
}

static void begin_push(struct channel *channel,
		       const struct send_message *message, void *ticket)
{
	char header[100];
	struct str body;
	struct str line = str_cut(message->bytes, '\n', &body);

	if (str_is_absent(body) || !str_starts(line, STR(KEY_HEADER)) ||
	    line.n >= (ptrdiff_t)sizeof(header) ||
	    str_has_control(line, false)) {
		transfer_refuse(channel, SEND_OURS, "not a push", ticket);
		return;
	}
	snprintf(header, sizeof(header), "%.*s", STR_ARG(line));
	transfer_begin(
		channel,
		&(struct transfer_order){.header = header, .bytes = body},
		ticket);
}

/* --- what is answered --- */

static bool see_body(void *with, struct str part)
{
	struct notes *notes = with;

	part = str_first(part, PUSH_REPLY_MAX - notes->n);
	memcpy(notes->reply + notes->n, part.p, (size_t)part.n);
	notes->n += part.n;
	return notes->n < PUSH_REPLY_MAX;
}

static bool is_for_later(int reply)
{
	return reply >= 500 || reply == 408 || reply == 425 || reply == 429;
}

static void judge_reply(const struct transfer_end *end,
			struct send_result *result)
{
	if (end->reply >= 200 && end->reply < 300) {
		result->outcome = SEND_ACCEPTED;
		result->why = "";
	} else if (is_for_later(end->reply)) {
		result->outcome = SEND_RETRY;
		result->why = "asked to wait";
	} else if ((end->reply == 404 || end->reply == 410) && !end->is_html) {
		result->outcome = SEND_BAD_ADDRESS;
		result->why = "device unknown";
	} else {
		result->outcome = SEND_OURS;
		result->why = end->reply < 400 ? "redirected" : "push refused";
	}
	result->channel_fault =
		result->outcome == SEND_RETRY || result->outcome == SEND_OURS;
}

static void judge(const void *with, const struct transfer_end *end,
		  struct send_result *result)
{
	const struct notes *notes = with;

	if (end->reply >= 200) {
		result->reply_code = end->reply;
		result->reply = str_at(notes->reply, notes->n);
		judge_reply(end, result);
		return;
	}
	/* What never left is mailed at once; what did may have arrived. */
	result->outcome = end->sent || end->cut_off ? SEND_RETRY : SEND_OURS;
	result->channel_fault = !end->cut_off;
	result->why = end->why;
}

static bool names(const struct json *list, struct arena *a, struct str token)
{
	for (ptrdiff_t i = 0; i < json_count(list); i++)
		if (json_type(json_item(list, i)) == JSON_IS_TEXT &&
		    str_equal(json_text(a, json_item(list, i)), token))
			return true;
	return false;
}

/* Those of tokens that are in list; *all says whether every one is. */
static struct str find_gone(struct arena *a, const struct json *tokens,
			    const struct json *list, bool *all)
{
	struct buf out = buf_init(a, 256);
	ptrdiff_t found = 0;

	for (ptrdiff_t i = 0; i < json_count(tokens); i++) {
		struct str token = json_text(a, json_item(tokens, i));

		if (!names(list, a, token))
			continue;
		buf_add_byte(&out, found++ ? ',' : '[');
		json_add_text(&out, token);
	}
	*all = found == json_count(tokens);
	buf_add_byte(&out, ']');
	return found ? buf_str(&out) : STR_ABSENT;
}

struct str push_gone(struct arena *a, struct str tokens,
		     struct send_result *result)
{
	struct str why;
	struct str gone = STR_ABSENT;
	struct json *theirs = json_read(a, result->reply, &why);
	struct json *ours = json_read(a, tokens, &why);
	const struct json *list = NULL;
	bool all = false;

	if (theirs && json_type(theirs) == JSON_IS_OBJECT)
		list = json_member(theirs, STR("gone"));
	if (list && json_type(list) == JSON_IS_ARRAY && ours)
		gone = find_gone(a, ours, list, &all);
	else if (result->outcome == SEND_BAD_ADDRESS)
		gone = tokens;
	if (result->outcome == SEND_ACCEPTED && all)
		result->outcome = SEND_BAD_ADDRESS;
	json_free(theirs);
	json_free(ours);
	return gone;
}

/* --- the channel --- */

bool push_url_is_safe(struct str url)
{
	return str_starts(url, STR("https://")) ||
	       (str_starts(url, STR("http://")) &&
		!relay_needs_certificate(url));
}

struct channel *push_open(struct arena *a, struct str url)
{
	static const struct channel_kind kind = {
		.name = "push",
		.begin = begin_push,
		.finish = transfer_finish,
		.abandon = transfer_abandon,
		.close = transfer_close,
	};
	static const struct transfer_protocol protocol = {
		.kind = &kind,
		.schemes = "http,https",
		.way = &transfer_posts,
		.limit_ms = PUSH_LIMIT_MS,
		.notes_size = sizeof(struct notes),
		.notes_fresh = offsetof(struct notes, reply),
		.see_body = see_body,
		.judge = judge,
	};

	return push_url_is_safe(url) ? transfer_open(a, url, &protocol) : NULL;
}

/*
 * Moves messages over the network.  Must not know the queue, nor log: what
 * libcurl says may hold addresses.
 *
 * A transfer is set up, run and judged; libcurl runs many at once in one
 * thread, and hands their connections from one to the next.
 */
#include "send/transfer.h"

#include "base/address.h"
#include "send/refusal.h"

#include <curl/curl.h>
#include <stdlib.h>

#define CONNECT_LIMIT_MS (20 * 1000)
#define REPLY_AFTER_DATA 354
#define CUT_OFF_LOOK_MS 10

enum state { FREE, UNDER_WAY, OVER };

/* One message's way; kept for the next one. */
struct transfer {
	enum state state;
	CURL *easy;
	struct curl_slist *recipients;
	struct str left; /* of the message */
	bool sent_whole;
	bool cut_off;
	bool leaving; /* QUIT was sent: replies are no longer about a message */
	enum smtp_step step;
	char status[12];
	void *ticket;
	struct send_result result;
};

struct smtp {
	struct channel channel; /* first: the one is the other */
	const char *url;
	bool private;
	bool checked; /* the certificate, where there is one */
	CURLM *multi;
	struct transfer transfers[CHANNEL_MOST_EVER];
};

static size_t give_bytes(char *room, size_t size, size_t count, void *with)
{
	struct transfer *t = with;
	struct str part = str_first(t->left, (ptrdiff_t)(size * count));

	if (part.n == 0) {
		t->sent_whole = true;
		return 0;
	}
	memcpy(room, part.p, (size_t)part.n);
	t->left = str_from(t->left, part.n);
	return (size_t)part.n;
}

/* Keeps the enhanced status of "550 5.1.1 ..." when its shape is right. */
static void read_status(struct transfer *t, struct str line)
{
	struct str status = str_from(line, 4);
	ptrdiff_t n = 0;
	int dots = 0;

	t->status[0] = 0;
	while (n < status.n && ((status.p[n] >= '0' && status.p[n] <= '9') ||
				status.p[n] == '.'))
		dots += status.p[n++] == '.';
	if (dots != 2 || n < 5 || n >= (ptrdiff_t)sizeof(t->status) ||
	    status.p[0] != line.p[0])
		return;
	memcpy(t->status, status.p, (size_t)n);
	t->status[n] = 0;
}

static size_t see_reply(char *line, size_t size, size_t count, void *with)
{
	struct transfer *t = with;

	if (size * count > 4 && !t->leaving)
		read_status(t, str_at(line, (ptrdiff_t)(size * count)));
	return size * count;
}

static int see_command(CURL *easy, curl_infotype type, char *data, size_t size,
		       void *with)
{
	static const struct {
		struct str verb;
		enum smtp_step step;
	} verbs[] = {
		{STR_INIT("EHLO"), STEP_HELLO},
		{STR_INIT("HELO"), STEP_HELLO},
		{STR_INIT("STARTTLS"), STEP_HELLO},
		{STR_INIT("AUTH"), STEP_AUTH},
		{STR_INIT("MAIL"), STEP_MAIL},
		{STR_INIT("RCPT"), STEP_RCPT},
		{STR_INIT("DATA"), STEP_DATA},
	};
	struct transfer *t = with;
	struct str line = str_at(data, (ptrdiff_t)size);

	(void)easy;
	if (type != CURLINFO_HEADER_OUT)
		return 0;
	t->leaving = str_starts(line, STR("QUIT"));
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (str_starts(line, verbs[i].verb))
			t->step = verbs[i].step;
	return 0;
}

static struct str url_host(struct str url)
{
	struct str host = str_from(url, str_find_str(url, STR("://")) + 3);
	ptrdiff_t at = str_find(host, '@');

	return str_from(host, at + 1);
}

static bool is_this_machine(struct str host)
{
	return str_starts(host, STR("127.")) ||
	       str_starts(host, STR("[::1]")) ||
	       str_equal(str_cut(host, ':', &host), STR("localhost"));
}

/* A password never crosses a network in the clear. */
static bool must_be_private(struct str url)
{
	return str_starts(url, STR("smtps:")) ||
	       (str_find(url, '@') >= 0 && !is_this_machine(url_host(url)));
}

/*
 * What is offered by another machine is taken, and must be the machine that
 * was meant.  Here a certificate names nobody that anybody could check.
 */
static bool must_be_checked(struct str url)
{
	return str_starts(url, STR("smtps:")) ||
	       !is_this_machine(url_host(url));
}

static bool set_up_callbacks(struct transfer *t)
{
	CURL *easy = t->easy;
	bool good = true;

	good &= !curl_easy_setopt(easy, CURLOPT_READFUNCTION, give_bytes);
	good &= !curl_easy_setopt(easy, CURLOPT_READDATA, (void *)t);
	good &= !curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, see_reply);
	good &= !curl_easy_setopt(easy, CURLOPT_HEADERDATA, (void *)t);
	good &= !curl_easy_setopt(easy, CURLOPT_DEBUGFUNCTION, see_command);
	good &= !curl_easy_setopt(easy, CURLOPT_DEBUGDATA, (void *)t);
	good &= !curl_easy_setopt(easy, CURLOPT_VERBOSE, 1L);
	good &= !curl_easy_setopt(easy, CURLOPT_PRIVATE, (void *)t);
	return good;
}

static bool set_up_tls(const struct smtp *smtp, CURL *easy)
{
	const char *authorities = getenv("SSL_CERT_FILE");
	bool good = true;

	good &= !curl_easy_setopt(easy, CURLOPT_USE_SSL,
				  smtp->private ? (long)CURLUSESSL_ALL
						: (long)CURLUSESSL_TRY);
	good &= !curl_easy_setopt(easy, CURLOPT_SSLVERSION,
				  (long)CURL_SSLVERSION_TLSv1_2);
	good &= !curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER,
				  smtp->checked ? 1L : 0L);
	good &= !curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST,
				  smtp->checked ? 2L : 0L);
	if (authorities && *authorities)
		good &= !curl_easy_setopt(easy, CURLOPT_CAINFO, authorities);
	return good;
}

static bool set_up_once(const struct smtp *smtp, struct transfer *t)
{
	CURL *easy = t->easy = curl_easy_init();
	bool good = easy != NULL;

	if (!good)
		return false;
	good &= !curl_easy_setopt(easy, CURLOPT_URL, smtp->url);
	good &= !curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	good &= !curl_easy_setopt(easy, CURLOPT_PROXY, "");
	good &= !curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	good &= !curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
	good &= !curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
				  (long)CONNECT_LIMIT_MS);
	good &= set_up_tls(smtp, easy) && set_up_callbacks(t);
	if (!good) {
		curl_easy_cleanup(easy);
		t->easy = NULL;
	}
	return good;
}

static bool set_up_message(const struct smtp *smtp, struct transfer *t,
			   const struct send_message *m)
{
	char from[ADDRESS_MAX + 3];
	char to[ADDRESS_MAX + 3];

	snprintf(from, sizeof(from), "<%.*s>", STR_ARG(m->from));
	snprintf(to, sizeof(to), "<%.*s>", STR_ARG(m->to));
	t->left = m->bytes;
	t->sent_whole = false;
	t->cut_off = false;
	t->leaving = false;
	t->step = STEP_CONNECT;
	t->status[0] = 0;
	curl_slist_free_all(t->recipients);
	t->recipients = curl_slist_append(NULL, to);
	return t->recipients &&
	       !curl_easy_setopt(t->easy, CURLOPT_TIMEOUT_MS,
				 (long)smtp->channel.limit_ms) &&
	       !curl_easy_setopt(t->easy, CURLOPT_MAIL_FROM, from) &&
	       !curl_easy_setopt(t->easy, CURLOPT_MAIL_RCPT, t->recipients);
}

static const char *name_failure(CURLcode code)
{
	if (code == CURLE_OPERATION_TIMEDOUT)
		return "time out";
	if (code == CURLE_COULDNT_RESOLVE_HOST)
		return "host unknown";
	if (code == CURLE_COULDNT_CONNECT)
		return "no connection";
	if (code == CURLE_LOGIN_DENIED)
		return "no login";
	if (code == CURLE_USE_SSL_FAILED || code == CURLE_SSL_CONNECT_ERROR ||
	    code == CURLE_PEER_FAILED_VERIFICATION ||
	    code == CURLE_SSL_CACERT_BADFILE)
		return "no TLS";
	return "connection lost";
}

static void judge_refusal(struct transfer *t, int reply)
{
	t->result.outcome = refusal_judge(t->step, reply, t->status);
	t->result.channel_fault =
		t->step < STEP_RCPT || t->result.outcome == SEND_OURS;
	t->result.why = refusal_phrase(t->step);
}

static void judge(struct transfer *t, CURLcode code)
{
	struct send_result *result = &t->result;
	long reply = 0;
	curl_off_t took = 0;

	curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &reply);
	curl_easy_getinfo(t->easy, CURLINFO_TOTAL_TIME_T, &took);
	*result = (struct send_result){
		.outcome = SEND_ACCEPTED,
		.reply_code = (int)reply,
		.took_ms = (int64_t)took / 1000,
		.why = "",
	};
	memcpy(result->status, t->status, sizeof(result->status));
	if (code == CURLE_OK)
		return;
	if (reply >= 400) {
		judge_refusal(t, (int)reply);
		return;
	}
	result->outcome = SEND_RETRY;
	result->channel_fault = !t->cut_off;
	result->why = t->cut_off ? "told to stop" : name_failure(code);
	if (t->sent_whole && reply == REPLY_AFTER_DATA)
		result->why = "no reply after the message";
	else
		result->reply_code = 0;
}

static void end(struct smtp *smtp, struct transfer *t, CURLcode code)
{
	judge(t, code);
	curl_multi_remove_handle(smtp->multi, t->easy);
	t->state = OVER;
}

static void end_unsent(struct transfer *t, enum send_outcome outcome,
		       const char *why)
{
	t->result = (struct send_result){.outcome = outcome, .why = why};
	t->state = OVER;
}

static struct transfer *find_transfer(struct smtp *smtp, enum state state)
{
	for (int i = 0; i < CHANNEL_MOST_EVER; i++)
		if (smtp->transfers[i].state == state)
			return &smtp->transfers[i];
	return NULL;
}

static void begin_smtp(struct channel *channel,
		       const struct send_message *message, void *ticket)
{
	struct smtp *smtp = (struct smtp *)channel;
	struct transfer *t = find_transfer(smtp, FREE);

	t->ticket = ticket;
	t->state = UNDER_WAY;
	if (!address_is_valid(message->from))
		end_unsent(t, SEND_OURS, "bad sender");
	else if (!address_is_valid(message->to))
		end_unsent(t, SEND_BAD_RECIPIENT, "bad address");
	else if ((!t->easy && !set_up_once(smtp, t)) ||
		 !set_up_message(smtp, t, message) ||
		 curl_multi_add_handle(smtp->multi, t->easy))
		end_unsent(t, SEND_OURS, "out of memory");
}

/* Lets libcurl work, and marks what is over by then. */
static void move_on(struct smtp *smtp)
{
	int running, left;
	const CURLMsg *m;

	(void)curl_multi_perform(smtp->multi, &running);
	while ((m = curl_multi_info_read(smtp->multi, &left)) != NULL) {
		CURLcode code = m->data.result;
		char *of = NULL;

		if (m->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &of);
		end(smtp, (struct transfer *)(void *)of, code);
	}
}

static void *finish_smtp(struct channel *channel, int wait_ms,
			 struct send_result *result)
{
	struct smtp *smtp = (struct smtp *)channel;
	struct transfer *t = find_transfer(smtp, OVER);

	if (!t && find_transfer(smtp, UNDER_WAY)) {
		move_on(smtp);
		t = find_transfer(smtp, OVER);
		if (!t) {
			(void)curl_multi_poll(smtp->multi, NULL, 0, wait_ms,
					      NULL);
			move_on(smtp);
			t = find_transfer(smtp, OVER);
		}
	}
	if (!t)
		return NULL;
	t->state = FREE;
	*result = t->result;
	return t->ticket;
}

/*
 * By letting their time run out: a handle that is merely taken from libcurl
 * (7.88) ends its message with a dot, wherever it was, and waits for the reply.
 */
static void abandon_smtp(struct channel *channel)
{
	struct smtp *smtp = (struct smtp *)channel;

	move_on(smtp);
	for (int i = 0; i < CHANNEL_MOST_EVER; i++)
		if (smtp->transfers[i].state == UNDER_WAY) {
			smtp->transfers[i].cut_off = true;
			(void)curl_easy_setopt(smtp->transfers[i].easy,
					       CURLOPT_TIMEOUT_MS, 1L);
		}
	while (find_transfer(smtp, UNDER_WAY)) {
		(void)curl_multi_poll(smtp->multi, NULL, 0, CUT_OFF_LOOK_MS,
				      NULL);
		move_on(smtp);
	}
}

static void close_smtp(struct channel *channel)
{
	struct smtp *smtp = (struct smtp *)channel;

	abandon_smtp(channel);
	for (int i = 0; i < CHANNEL_MOST_EVER; i++) {
		curl_easy_cleanup(smtp->transfers[i].easy);
		curl_slist_free_all(smtp->transfers[i].recipients);
		smtp->transfers[i] = (struct transfer){0};
	}
	curl_multi_cleanup(smtp->multi);
	smtp->multi = NULL;
}

struct channel *transfer_smtp_open(struct arena *a, struct str url)
{
	static const struct channel_kind kind = {
		.name = "email",
		.begin = begin_smtp,
		.finish = finish_smtp,
		.abandon = abandon_smtp,
		.close = close_smtp,
	};
	struct smtp *smtp = ARENA_NEW(a, struct smtp);

	smtp->channel = (struct channel){
		.kind = &kind,
		.most = CHANNEL_MOST,
		.limit_ms = TRANSFER_LIMIT_MS,
	};
	smtp->url = str_z(a, url);
	smtp->private = must_be_private(url);
	smtp->checked = must_be_checked(url);
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return NULL;
	smtp->multi = curl_multi_init();
	if (!smtp->multi || !str_starts(url, STR("smtp"))) {
		(void)curl_multi_cleanup(smtp->multi);
		return NULL;
	}
	(void)curl_multi_setopt(smtp->multi, CURLMOPT_MAXCONNECTS,
				(long)CHANNEL_MOST_EVER);
	return &smtp->channel;
}

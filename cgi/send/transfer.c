/*
 * Moves messages over the network.  Must not know the queue, nor log: what
 * libcurl says may hold addresses.
 *
 * A transfer is set up, run and judged in three steps, so that running may
 * become many at once.
 */
#include "send/transfer.h"

#include "base/address.h"

#include <curl/curl.h>

#define CONNECT_LIMIT_MS (20 * 1000)
#define REPLY_AFTER_DATA 354

/* The SMTP step under way, in the order in which they come. */
enum step {
	STEP_CONNECT,
	STEP_HELLO,
	STEP_AUTH,
	STEP_MAIL,
	STEP_RCPT,
	STEP_DATA
};

struct smtp {
	struct channel channel; /* first: the one is the other */
	CURL *easy;
	struct curl_slist *recipients;
	struct str left; /* of the message under way */
	bool sent_whole;
	bool leaving; /* QUIT was sent: replies are no longer about a message */
	enum step step;
	char status[12];
};

static size_t give_bytes(char *room, size_t size, size_t count, void *with)
{
	struct smtp *smtp = with;
	struct str part = str_first(smtp->left, (ptrdiff_t)(size * count));

	if (part.n == 0) {
		smtp->sent_whole = true;
		return 0;
	}
	memcpy(room, part.p, (size_t)part.n);
	smtp->left = str_from(smtp->left, part.n);
	return (size_t)part.n;
}

/* Keeps the enhanced status of "550 5.1.1 ..." when its shape is right. */
static void read_status(struct smtp *smtp, struct str line)
{
	struct str status = str_from(line, 4);
	ptrdiff_t n = 0;
	int dots = 0;

	smtp->status[0] = 0;
	while (n < status.n && ((status.p[n] >= '0' && status.p[n] <= '9') ||
				status.p[n] == '.'))
		dots += status.p[n++] == '.';
	if (dots != 2 || n < 5 || n >= (ptrdiff_t)sizeof(smtp->status) ||
	    status.p[0] != line.p[0])
		return;
	memcpy(smtp->status, status.p, (size_t)n);
	smtp->status[n] = 0;
}

static size_t see_reply(char *line, size_t size, size_t count, void *with)
{
	struct smtp *smtp = with;

	if (size * count > 4 && !smtp->leaving)
		read_status(smtp, str_at(line, (ptrdiff_t)(size * count)));
	return size * count;
}

static int see_command(CURL *easy, curl_infotype type, char *data, size_t size,
		       void *with)
{
	static const struct {
		struct str verb;
		enum step step;
	} verbs[] = {
		{STR_INIT("EHLO"), STEP_HELLO},
		{STR_INIT("HELO"), STEP_HELLO},
		{STR_INIT("STARTTLS"), STEP_HELLO},
		{STR_INIT("AUTH"), STEP_AUTH},
		{STR_INIT("MAIL"), STEP_MAIL},
		{STR_INIT("RCPT"), STEP_RCPT},
		{STR_INIT("DATA"), STEP_DATA},
	};
	struct smtp *smtp = with;
	struct str line = str_at(data, (ptrdiff_t)size);

	(void)easy;
	if (type != CURLINFO_HEADER_OUT)
		return 0;
	smtp->leaving = str_starts(line, STR("QUIT"));
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (str_starts(line, verbs[i].verb))
			smtp->step = verbs[i].step;
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
	struct str host = url_host(url);

	return str_starts(url, STR("smtps:")) ||
	       (str_find(url, '@') >= 0 && !is_this_machine(host));
}

static bool set_up_once(struct smtp *smtp, const char *url, bool private)
{
	CURL *easy = smtp->easy;
	bool good = true;

	good &= !curl_easy_setopt(easy, CURLOPT_URL, url);
	good &= !curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	good &= !curl_easy_setopt(easy, CURLOPT_PROXY, "");
	good &= !curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	good &= !curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
	good &= !curl_easy_setopt(easy, CURLOPT_USE_SSL,
				  private ? (long)CURLUSESSL_ALL
					  : (long)CURLUSESSL_TRY);
	/* Encryption that is only tried has nobody to be checked against. */
	good &= !curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER,
				  private ? 1L : 0L);
	good &= !curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST,
				  private ? 2L : 0L);
	good &= !curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS,
				  (long)TRANSFER_LIMIT_MS);
	good &= !curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
				  (long)CONNECT_LIMIT_MS);
	good &= !curl_easy_setopt(easy, CURLOPT_READFUNCTION, give_bytes);
	good &= !curl_easy_setopt(easy, CURLOPT_READDATA, (void *)smtp);
	good &= !curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, see_reply);
	good &= !curl_easy_setopt(easy, CURLOPT_HEADERDATA, (void *)smtp);
	good &= !curl_easy_setopt(easy, CURLOPT_DEBUGFUNCTION, see_command);
	good &= !curl_easy_setopt(easy, CURLOPT_DEBUGDATA, (void *)smtp);
	good &= !curl_easy_setopt(easy, CURLOPT_VERBOSE, 1L);
	return good;
}

static bool set_up_message(struct smtp *smtp, const struct send_message *m)
{
	char from[ADDRESS_MAX + 3];
	char to[ADDRESS_MAX + 3];

	snprintf(from, sizeof(from), "<%.*s>", STR_ARG(m->from));
	snprintf(to, sizeof(to), "<%.*s>", STR_ARG(m->to));
	smtp->left = m->bytes;
	smtp->sent_whole = false;
	smtp->leaving = false;
	smtp->step = STEP_CONNECT;
	smtp->status[0] = 0;
	curl_slist_free_all(smtp->recipients);
	smtp->recipients = curl_slist_append(NULL, to);
	return smtp->recipients &&
	       !curl_easy_setopt(smtp->easy, CURLOPT_MAIL_FROM, from) &&
	       !curl_easy_setopt(smtp->easy, CURLOPT_MAIL_RCPT,
				 smtp->recipients);
}

/* What a step before the recipient refuses is about us, not about them. */
static const char *name_refusal(const struct smtp *smtp)
{
	switch (smtp->step) {
	case STEP_CONNECT:
	case STEP_HELLO:
		return "refused at greeting";
	case STEP_AUTH:
		return "refused at login";
	case STEP_MAIL:
		return "sender refused";
	case STEP_RCPT:
		return "recipient refused";
	case STEP_DATA:
		return "message refused";
	}
	return "refused";
}

/* 5.3, 5.5, 5.6 and 5.7 are about the system, the talk, the policy. */
static bool is_ours(const struct smtp *smtp)
{
	const char *status = smtp->status;

	return smtp->step < STEP_RCPT ||
	       (status[0] == '5' && strchr("3567", status[2]) &&
		status[3] == '.');
}

/* A mailbox that is full will have room again. */
static bool is_full(const struct smtp *smtp)
{
	return strcmp(smtp->status, "5.2.2") == 0;
}

static const char *name_failure(CURLcode code)
{
	if (code == CURLE_OPERATION_TIMEDOUT)
		return "time out";
	if (code == CURLE_COULDNT_RESOLVE_HOST)
		return "host unknown";
	if (code == CURLE_COULDNT_CONNECT)
		return "no connection";
	if (code == CURLE_USE_SSL_FAILED || code == CURLE_SSL_CONNECT_ERROR ||
	    code == CURLE_PEER_FAILED_VERIFICATION)
		return "no TLS";
	return "connection lost";
}

static void judge(const struct smtp *smtp, CURLcode code,
		  struct send_result *result)
{
	long reply = 0;

	curl_easy_getinfo(smtp->easy, CURLINFO_RESPONSE_CODE, &reply);
	memcpy(result->status, smtp->status, sizeof(result->status));
	result->reply_code = (int)reply;
	result->why = "";
	if (code == CURLE_OK) {
		result->outcome = SEND_ACCEPTED;
	} else if (reply >= 400) {
		result->ours = is_ours(smtp);
		result->outcome =
			reply >= 500 && !result->ours && !is_full(smtp)
				? SEND_REFUSED_FOR_GOOD
				: SEND_REFUSED_NOW;
		result->why = name_refusal(smtp);
	} else if (smtp->sent_whole && reply == REPLY_AFTER_DATA) {
		result->outcome = SEND_UNKNOWN;
		result->why = "no reply after the message";
	} else {
		result->outcome = SEND_REFUSED_NOW;
		result->reply_code = 0;
		result->ours = true;
		result->why = name_failure(code);
	}
}

static struct send_result send_smtp(struct channel *channel,
				    const struct send_message *message)
{
	struct smtp *smtp = (struct smtp *)channel;
	struct send_result result = {.outcome = SEND_REFUSED_FOR_GOOD};
	curl_off_t took = 0;

	if (!address_is_valid(message->from) ||
	    !address_is_valid(message->to)) {
		result.why = "bad address";
		return result;
	}
	if (!set_up_message(smtp, message)) {
		result.outcome = SEND_REFUSED_NOW;
		result.why = "out of memory";
		return result;
	}
	judge(smtp, curl_easy_perform(smtp->easy), &result);
	curl_easy_getinfo(smtp->easy, CURLINFO_TOTAL_TIME_T, &took);
	result.took_ms = (int64_t)took / 1000;
	return result;
}

static void close_smtp(struct channel *channel)
{
	struct smtp *smtp = (struct smtp *)channel;

	curl_easy_cleanup(smtp->easy);
	curl_slist_free_all(smtp->recipients);
	smtp->easy = NULL;
	smtp->recipients = NULL;
}

struct channel *transfer_smtp_open(struct arena *a, struct str url)
{
	static const struct channel_kind kind = {
		.name = "email",
		.send = send_smtp,
		.close = close_smtp,
	};
	struct smtp *smtp = ARENA_NEW(a, struct smtp);

	smtp->channel.kind = &kind;
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return NULL;
	smtp->easy = curl_easy_init();
	if (!smtp->easy)
		return NULL;
	if (!set_up_once(smtp, str_z(a, url), must_be_private(url))) {
		close_smtp(&smtp->channel);
		return NULL;
	}
	return &smtp->channel;
}

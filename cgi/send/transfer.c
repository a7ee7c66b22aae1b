/*
 * Moves messages over the network.  Must not know the queue, nor log: what
 * libcurl says may hold addresses.
 *
 * Each message under way has a thread and a connection of its own, kept for
 * the next: libcurl (7.88) waits for the reply to the final dot inside one
 * call, so that its multi interface would send one message at a time.
 */
#include "send/transfer.h"

#include "base/address.h"
#include "send/refusal.h"
#include "send/relay.h"

#include <curl/curl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#define CONNECT_LIMIT_MS (20 * 1000)
#define REPLY_AFTER_DATA 354

enum state { FREE, UNDER_WAY, OVER };

/*
 * One message's way; kept for the next one.  The thread owns all but state
 * and cut_off while the state is UNDER_WAY.
 */
struct transfer {
	enum state state; /* under the lock */
	struct smtp *smtp;
	pthread_t thread;
	bool has_thread;
	CURL *easy;
	struct curl_slist *recipients;
	struct str left; /* of the message */
	bool sent_whole;
	atomic_bool cut_off;
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
	pthread_mutex_t lock;
	pthread_cond_t changed; /* some state, or closing */
	bool closing;
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

/*
 * libcurl asks at least once a second, whatever it waits for.  For the reply
 * to its QUIT, after a refusal, it would wait two minutes.
 */
static int see_cut_off(void *with, curl_off_t a, curl_off_t b, curl_off_t c,
		       curl_off_t d)
{
	struct transfer *t = with;

	(void)a, (void)b, (void)c, (void)d;
	return atomic_load(&t->cut_off) || t->leaving;
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
	good &= !curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, see_cut_off);
	good &= !curl_easy_setopt(easy, CURLOPT_XFERINFODATA, (void *)t);
	good &= !curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
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
	atomic_store(&t->cut_off, false);
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
	result->channel_fault = !atomic_load(&t->cut_off);
	result->why =
		atomic_load(&t->cut_off) ? "told to stop" : name_failure(code);
	if (t->sent_whole && reply == REPLY_AFTER_DATA)
		result->why = "no reply after the message";
	else
		result->reply_code = 0;
}

/*
 * After a failure a late reply may be on its way, which must not be taken for
 * the next message's; and libcurl would wait long for the one to its QUIT.
 */
static void shut_connection(struct transfer *t, int how)
{
	curl_socket_t socket = CURL_SOCKET_BAD;

	if (t->easy &&
	    !curl_easy_getinfo(t->easy, CURLINFO_ACTIVESOCKET, &socket) &&
	    socket != CURL_SOCKET_BAD)
		(void)shutdown(socket, how);
}

static void perform(struct transfer *t)
{
	CURLcode code = curl_easy_perform(t->easy);

	judge(t, code);
	if (code != CURLE_OK)
		shut_connection(t, SHUT_RDWR);
}

/* The rest of a thread's life: each message that begin() gives it. */
static void *run_thread(void *with)
{
	struct transfer *t = with;
	struct smtp *smtp = t->smtp;

	pthread_mutex_lock(&smtp->lock);
	for (;;) {
		while (t->state != UNDER_WAY && !smtp->closing)
			pthread_cond_wait(&smtp->changed, &smtp->lock);
		if (t->state != UNDER_WAY)
			break;
		pthread_mutex_unlock(&smtp->lock);
		perform(t);
		pthread_mutex_lock(&smtp->lock);
		t->state = OVER;
		pthread_cond_broadcast(&smtp->changed);
	}
	pthread_mutex_unlock(&smtp->lock);
	return NULL;
}

/* Signals are for the thread that owns the queue. */
static bool start_thread(struct transfer *t)
{
	sigset_t all, before;

	if (t->has_thread)
		return true;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	t->has_thread = pthread_create(&t->thread, NULL, run_thread, t) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return t->has_thread;
}

/* Under the lock. */
static struct transfer *find_transfer(struct smtp *smtp, enum state state)
{
	for (int i = 0; i < CHANNEL_MOST_EVER; i++)
		if (smtp->transfers[i].state == state)
			return &smtp->transfers[i];
	return NULL;
}

static enum state begin_transfer(struct smtp *smtp, struct transfer *t,
				 const struct send_message *message)
{
	t->smtp = smtp;
	t->result = (struct send_result){.outcome = SEND_OURS};
	t->result.why = "bad sender";
	if (!address_is_valid(message->from))
		return OVER;
	t->result.why = "out of memory";
	if ((!t->easy && !set_up_once(smtp, t)) ||
	    !set_up_message(smtp, t, message) || !start_thread(t))
		return OVER;
	return UNDER_WAY;
}

static void begin_smtp(struct channel *channel,
		       const struct send_message *message, void *ticket)
{
	struct smtp *smtp = (struct smtp *)channel;
	struct transfer *t = smtp->transfers;

	pthread_mutex_lock(&smtp->lock);
	while (t->state != FREE)
		t++;
	t->ticket = ticket;
	if (address_is_valid(message->to)) {
		t->state = begin_transfer(smtp, t, message);
	} else {
		t->result = (struct send_result){.outcome = SEND_BAD_RECIPIENT,
						 .why = "bad address"};
		t->state = OVER;
	}
	pthread_cond_broadcast(&smtp->changed);
	pthread_mutex_unlock(&smtp->lock);
}

static struct timespec in_ms(int ms)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_sec += ms / 1000;
	t.tv_nsec += ms % 1000 * 1000000L;
	if (t.tv_nsec >= 1000000000L) {
		t.tv_sec++;
		t.tv_nsec -= 1000000000L;
	}
	return t;
}

static void *finish_smtp(struct channel *channel, int wait_ms,
			 struct send_result *result)
{
	struct smtp *smtp = (struct smtp *)channel;
	const struct timespec until = in_ms(wait_ms);
	struct transfer *t;
	void *ticket = NULL;
	int error = 0;

	pthread_mutex_lock(&smtp->lock);
	while (!(t = find_transfer(smtp, OVER)) && error == 0 &&
	       find_transfer(smtp, UNDER_WAY))
		error = pthread_cond_timedwait(&smtp->changed, &smtp->lock,
					       &until);
	if (t) {
		t->state = FREE;
		*result = t->result;
		ticket = t->ticket;
	}
	pthread_mutex_unlock(&smtp->lock);
	return ticket;
}

static void abandon_smtp(struct channel *channel)
{
	struct smtp *smtp = (struct smtp *)channel;

	pthread_mutex_lock(&smtp->lock);
	for (int i = 0; i < CHANNEL_MOST_EVER; i++)
		if (smtp->transfers[i].state == UNDER_WAY)
			atomic_store(&smtp->transfers[i].cut_off, true);
	while (find_transfer(smtp, UNDER_WAY))
		pthread_cond_wait(&smtp->changed, &smtp->lock);
	pthread_mutex_unlock(&smtp->lock);
}

static void close_smtp(struct channel *channel)
{
	struct smtp *smtp = (struct smtp *)channel;

	abandon_smtp(channel);
	pthread_mutex_lock(&smtp->lock);
	smtp->closing = true;
	pthread_cond_broadcast(&smtp->changed);
	pthread_mutex_unlock(&smtp->lock);
	for (int i = 0; i < CHANNEL_MOST_EVER; i++) {
		struct transfer *t = &smtp->transfers[i];

		if (t->has_thread)
			pthread_join(t->thread, NULL);
		/* QUIT is still said, and nothing waited for. */
		shut_connection(t, SHUT_RD);
		curl_easy_cleanup(t->easy);
		curl_slist_free_all(t->recipients);
	}
	pthread_cond_destroy(&smtp->changed);
	pthread_mutex_destroy(&smtp->lock);
}

/* Waits are measured by the clock that nobody sets. */
static bool set_up_lock(struct smtp *smtp)
{
	pthread_condattr_t monotonic;

	return pthread_condattr_init(&monotonic) == 0 &&
	       pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC) == 0 &&
	       pthread_cond_init(&smtp->changed, &monotonic) == 0 &&
	       pthread_condattr_destroy(&monotonic) == 0 &&
	       pthread_mutex_init(&smtp->lock, NULL) == 0;
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
	smtp->private = relay_needs_tls(url);
	smtp->checked = relay_needs_certificate(url);
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK ||
	    !str_starts(url, STR("smtp")) || !set_up_lock(smtp))
		return NULL;
	return &smtp->channel;
}

static size_t drop_bytes(char *bytes, size_t size, size_t count, void *with)
{
	(void)bytes, (void)with;
	return size * count;
}

bool transfer_fetch(struct arena *a, struct str url, int limit_ms)
{
	CURL *easy = curl_easy_init();
	long status = 0;
	bool good = easy != NULL;

	if (!good)
		return false;
	good &= !curl_easy_setopt(easy, CURLOPT_URL, str_z(a, url));
	good &= !curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	good &= !curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	good &= !curl_easy_setopt(easy, CURLOPT_USERAGENT, "Rollcall");
	good &= !curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)limit_ms);
	good &= !curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, drop_bytes);
	good = good && !curl_easy_perform(easy) &&
	       !curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_cleanup(easy);
	return good && status >= 200 && status < 300;
}

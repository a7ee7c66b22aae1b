/*
 * Moves bytes over the network.  Must not know the queue, nor log: what
 * libcurl says may hold addresses.
 *
 * Each exchange under way has a thread and a connection of its own, kept for
 * the next: libcurl (7.88) waits for the reply to a mail's final dot inside
 * one call, so that its multi interface would send one message at a time.
 */
#include "send/transfer.h"

#include "send/relay.h"

#include <curl/curl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#define CONNECT_LIMIT_MS (20 * 1000)

enum state { FREE, UNDER_WAY, OVER };

/*
 * One exchange's way; kept for the next one.  The thread owns all but state
 * and cut_off while the state is UNDER_WAY.
 */
struct transfer {
	enum state state; /* under the lock */
	struct pool *pool;
	pthread_t thread;
	bool has_thread;
	CURL *easy;
	struct curl_slist *list; /* recipients, or headers */
	struct str left;	 /* of the bytes */
	bool sent_whole;
	atomic_bool cut_off;
	void *notes; /* the protocol's */
	void *ticket;
	struct send_result result;
};

struct pool {
	struct channel channel; /* first: the one is the other */
	const struct transfer_protocol *protocol;
	struct arena *arena;
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

static size_t see_reply(char *line, size_t size, size_t count, void *with)
{
	struct transfer *t = with;

	t->pool->protocol->see_reply(t->notes,
				     str_at(line, (ptrdiff_t)(size * count)));
	return size * count;
}

static size_t see_body(char *part, size_t size, size_t count, void *with)
{
	struct transfer *t = with;

	return t->pool->protocol->see_body(
		       t->notes, str_at(part, (ptrdiff_t)(size * count)))
		       ? size * count
		       : 0;
}

static int see_sent(CURL *easy, curl_infotype type, char *data, size_t size,
		    void *with)
{
	struct transfer *t = with;

	(void)easy;
	if (type == CURLINFO_HEADER_OUT)
		t->pool->protocol->see_sent(t->notes,
					    str_at(data, (ptrdiff_t)size));
	return 0;
}

/* libcurl asks at least once a second, whatever it waits for. */
static int see_cut_off(void *with, curl_off_t a, curl_off_t b, curl_off_t c,
		       curl_off_t d)
{
	struct transfer *t = with;
	const struct transfer_protocol *protocol = t->pool->protocol;

	(void)a, (void)b, (void)c, (void)d;
	return atomic_load(&t->cut_off) ||
	       (protocol->is_over && protocol->is_over(t->notes));
}

static bool set_up_mail(struct transfer *t)
{
	CURL *easy = t->easy;
	bool good = true;

	good &= !curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
	good &= !curl_easy_setopt(easy, CURLOPT_READFUNCTION, give_bytes);
	good &= !curl_easy_setopt(easy, CURLOPT_READDATA, (void *)t);
	good &= !curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, see_reply);
	good &= !curl_easy_setopt(easy, CURLOPT_HEADERDATA, (void *)t);
	good &= !curl_easy_setopt(easy, CURLOPT_DEBUGFUNCTION, see_sent);
	good &= !curl_easy_setopt(easy, CURLOPT_DEBUGDATA, (void *)t);
	good &= !curl_easy_setopt(easy, CURLOPT_VERBOSE, 1L);
	return good;
}

/* Redirects are not followed: libcurl follows none unless it is told to. */
static bool set_up_post(struct transfer *t)
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

static bool set_up_tls(const struct pool *pool, CURL *easy)
{
	const char *authorities = getenv("SSL_CERT_FILE");
	bool good = true;

	good &= !curl_easy_setopt(easy, CURLOPT_USE_SSL,
				  pool->private ? (long)CURLUSESSL_ALL
						: (long)CURLUSESSL_TRY);
	good &= !curl_easy_setopt(easy, CURLOPT_SSLVERSION,
				  (long)CURL_SSLVERSION_TLSv1_2);
	good &= !curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER,
				  pool->checked ? 1L : 0L);
	good &= !curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST,
				  pool->checked ? 2L : 0L);
	if (authorities && *authorities)
		good &= !curl_easy_setopt(easy, CURLOPT_CAINFO, authorities);
	return good;
}

static bool set_up_once(struct transfer *t)
{
	const struct pool *pool = t->pool;
	CURL *easy = t->easy = curl_easy_init();
	bool good = easy != NULL;

	if (!good)
		return false;
	if (!t->notes)
		t->notes = arena_get(pool->arena, pool->protocol->notes_size);
	good &= !curl_easy_setopt(easy, CURLOPT_URL, pool->url);
	good &= !curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR,
				  pool->protocol->schemes);
	good &= !curl_easy_setopt(easy, CURLOPT_PROXY, "");
	good &= !curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	good &= !curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
				  (long)CONNECT_LIMIT_MS);
	good &= !curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, see_cut_off);
	good &= !curl_easy_setopt(easy, CURLOPT_XFERINFODATA, (void *)t);
	good &= !curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
	good &= set_up_tls(pool, easy) &&
		(pool->protocol->posts ? set_up_post(t) : set_up_mail(t));
	if (!good) {
		curl_easy_cleanup(easy);
		t->easy = NULL;
	}
	return good;
}

static bool list_add(struct transfer *t, const char *line)
{
	struct curl_slist *longer = curl_slist_append(t->list, line);

	t->list = longer ? longer : t->list;
	return longer != NULL;
}

static bool set_up_envelope(struct transfer *t,
			    const struct transfer_order *order)
{
	return list_add(t, order->to) &&
	       !curl_easy_setopt(t->easy, CURLOPT_MAIL_FROM, order->from) &&
	       !curl_easy_setopt(t->easy, CURLOPT_MAIL_RCPT, t->list);
}

static bool set_up_headers(struct transfer *t,
			   const struct transfer_order *order)
{
	/* Without a value: libcurl would wait for leave to send a long one. */
	return list_add(t, "Expect:") &&
	       list_add(t, "Content-Type: application/json") &&
	       list_add(t, order->header) &&
	       !curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, t->list) &&
	       !curl_easy_setopt(t->easy, CURLOPT_POSTFIELDS, order->bytes.p) &&
	       !curl_easy_setopt(t->easy, CURLOPT_POSTFIELDSIZE_LARGE,
				 (curl_off_t)order->bytes.n);
}

static bool set_up_order(struct transfer *t, const struct transfer_order *order)
{
	const struct pool *pool = t->pool;

	t->left = order->bytes;
	t->sent_whole = false;
	atomic_store(&t->cut_off, false);
	memset(t->notes, 0, pool->protocol->notes_fresh);
	curl_slist_free_all(t->list);
	t->list = NULL;
	return !curl_easy_setopt(t->easy, CURLOPT_TIMEOUT_MS,
				 (long)pool->channel.limit_ms) &&
	       (pool->protocol->posts ? set_up_headers(t, order)
				      : set_up_envelope(t, order));
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

static void read_answer(struct transfer *t, struct transfer_end *end)
{
	const char *type = NULL;
	curl_off_t wait = 0;
	long sent = 0;

	curl_easy_getinfo(t->easy, CURLINFO_REQUEST_SIZE, &sent);
	curl_easy_getinfo(t->easy, CURLINFO_RETRY_AFTER, &wait);
	curl_easy_getinfo(t->easy, CURLINFO_CONTENT_TYPE, &type);
	end->sent_whole = sent > 0;
	end->wait_s = wait < 0			   ? 0
		      : wait > TRANSFER_WAIT_MAX_S ? TRANSFER_WAIT_MAX_S
						   : (int)wait;
	end->is_html = str_starts(str_of(type), STR("text/html"));
}

static void judge(struct transfer *t, CURLcode code)
{
	struct transfer_end end = {
		.whole = code == CURLE_OK,
		.sent_whole = t->sent_whole,
		.cut_off = atomic_load(&t->cut_off),
		.why = "",
	};
	long reply = 0;
	curl_off_t took = 0;

	curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &reply);
	curl_easy_getinfo(t->easy, CURLINFO_TOTAL_TIME_T, &took);
	end.reply = (int)reply;
	end.took_ms = (int64_t)took / 1000;
	if (!end.whole)
		end.why = end.cut_off ? "told to stop" : name_failure(code);
	if (t->pool->protocol->posts)
		read_answer(t, &end);
	t->result = (struct send_result){.took_ms = end.took_ms,
					 .wait_s = end.wait_s};
	t->pool->protocol->judge(t->notes, &end, &t->result);
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
	struct pool *pool = t->pool;

	pthread_mutex_lock(&pool->lock);
	for (;;) {
		while (t->state != UNDER_WAY && !pool->closing)
			pthread_cond_wait(&pool->changed, &pool->lock);
		if (t->state != UNDER_WAY)
			break;
		pthread_mutex_unlock(&pool->lock);
		perform(t);
		pthread_mutex_lock(&pool->lock);
		t->state = OVER;
		pthread_cond_broadcast(&pool->changed);
	}
	pthread_mutex_unlock(&pool->lock);
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
static struct transfer *find_transfer(struct pool *pool, enum state state)
{
	for (int i = 0; i < CHANNEL_MOST_EVER; i++)
		if (pool->transfers[i].state == state)
			return &pool->transfers[i];
	return NULL;
}

/* Under the lock; fewer than there are may be under way. */
static struct transfer *take_transfer(struct pool *pool, void *ticket)
{
	struct transfer *t = pool->transfers;

	while (t->state != FREE)
		t++;
	t->pool = pool;
	t->ticket = ticket;
	return t;
}

static void refuse(struct transfer *t, enum send_outcome outcome,
		   const char *why)
{
	t->result = (struct send_result){.outcome = outcome, .why = why};
	t->state = OVER;
}

void transfer_begin(struct channel *channel, const struct transfer_order *order,
		    void *ticket)
{
	struct pool *pool = (struct pool *)channel;
	struct transfer *t;

	pthread_mutex_lock(&pool->lock);
	t = take_transfer(pool, ticket);
	if ((t->easy || set_up_once(t)) && set_up_order(t, order) &&
	    start_thread(t))
		t->state = UNDER_WAY;
	else
		refuse(t, SEND_OURS, "out of memory");
	pthread_cond_broadcast(&pool->changed);
	pthread_mutex_unlock(&pool->lock);
}

void transfer_refuse(struct channel *channel, enum send_outcome outcome,
		     const char *why, void *ticket)
{
	struct pool *pool = (struct pool *)channel;

	pthread_mutex_lock(&pool->lock);
	refuse(take_transfer(pool, ticket), outcome, why);
	pthread_cond_broadcast(&pool->changed);
	pthread_mutex_unlock(&pool->lock);
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

void *transfer_finish(struct channel *channel, int wait_ms,
		      struct send_result *result)
{
	struct pool *pool = (struct pool *)channel;
	const struct timespec until = in_ms(wait_ms);
	struct transfer *t;
	void *ticket = NULL;
	int error = 0;

	pthread_mutex_lock(&pool->lock);
	while (!(t = find_transfer(pool, OVER)) && error == 0 &&
	       find_transfer(pool, UNDER_WAY))
		error = pthread_cond_timedwait(&pool->changed, &pool->lock,
					       &until);
	if (t) {
		t->state = FREE;
		*result = t->result;
		ticket = t->ticket;
	}
	pthread_mutex_unlock(&pool->lock);
	return ticket;
}

void transfer_abandon(struct channel *channel)
{
	struct pool *pool = (struct pool *)channel;

	pthread_mutex_lock(&pool->lock);
	for (int i = 0; i < CHANNEL_MOST_EVER; i++)
		if (pool->transfers[i].state == UNDER_WAY)
			atomic_store(&pool->transfers[i].cut_off, true);
	while (find_transfer(pool, UNDER_WAY))
		pthread_cond_wait(&pool->changed, &pool->lock);
	pthread_mutex_unlock(&pool->lock);
}

void transfer_close(struct channel *channel)
{
	struct pool *pool = (struct pool *)channel;

	transfer_abandon(channel);
	pthread_mutex_lock(&pool->lock);
	pool->closing = true;
	pthread_cond_broadcast(&pool->changed);
	pthread_mutex_unlock(&pool->lock);
	for (int i = 0; i < CHANNEL_MOST_EVER; i++) {
		struct transfer *t = &pool->transfers[i];

		if (t->has_thread)
			pthread_join(t->thread, NULL);
		/* QUIT is still said, and nothing waited for. */
		shut_connection(t, SHUT_RD);
		curl_easy_cleanup(t->easy);
		curl_slist_free_all(t->list);
	}
	pthread_cond_destroy(&pool->changed);
	pthread_mutex_destroy(&pool->lock);
}

/* Waits are measured by the clock that nobody sets. */
static bool set_up_lock(struct pool *pool)
{
	pthread_condattr_t monotonic;

	return pthread_condattr_init(&monotonic) == 0 &&
	       pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC) == 0 &&
	       pthread_cond_init(&pool->changed, &monotonic) == 0 &&
	       pthread_condattr_destroy(&monotonic) == 0 &&
	       pthread_mutex_init(&pool->lock, NULL) == 0;
}

struct channel *transfer_open(struct arena *a, struct str url,
			      const struct transfer_protocol *protocol)
{
	struct pool *pool = ARENA_NEW(a, struct pool);

	pool->channel = (struct channel){
		.kind = protocol->kind,
		.most = CHANNEL_MOST,
		.limit_ms = protocol->limit_ms,
	};
	pool->protocol = protocol;
	pool->arena = a;
	pool->url = str_z(a, url);
	pool->private = relay_needs_tls(url);
	pool->checked = relay_needs_certificate(url);
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK ||
	    !set_up_lock(pool))
		return NULL;
	return &pool->channel;
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

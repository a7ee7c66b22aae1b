/*
 * A channel's exchanges, and waiting for the network.  Must not know the queue,
 * nor log: what libcurl says may hold addresses.
 */
#include "send/transfer_code.h"

#include "base/clock.h"
#include "send/relay.h"

#include <stdlib.h>

#define CONNECT_LIMIT_MS (20 * 1000)
/* A connection that was left alone for longer may be dead without a word. */
#define IDLE_MAX_MS (60 * 1000)

/* --- what is shared --- */

bool transfer_add(struct transfer *t)
{
	transfer_remove(t);
	t->added = curl_multi_add_handle(t->pool->multi, t->easy) == CURLM_OK;
	t->mover = t->added ? MOVER_CURL : MOVER_NONE;
	return t->added;
}

void transfer_remove(struct transfer *t)
{
	if (t->added)
		curl_multi_remove_handle(t->pool->multi, t->easy);
	t->added = false;
	t->mover = MOVER_NONE;
}

void transfer_settle(struct transfer *t, const struct transfer_end *end)
{
	t->over_ms = clock_ms();
	t->result = (struct send_result){
		.took_ms = t->over_ms - t->begun_ms,
		.wait_s = end->wait_s,
	};
	t->pool->protocol->judge(t->notes, end, &t->result);
	t->state = TRANSFER_OVER;
}

int64_t transfer_left_ms(const struct transfer *t)
{
	const int64_t left =
		t->begun_ms + t->pool->channel.limit_ms - clock_ms();

	return left > 0 ? left : 0;
}

const char *transfer_name_failure(CURLcode code)
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

/* --- places --- */

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

static bool set_up(struct transfer *t)
{
	const struct pool *pool = t->pool;
	CURL *easy = t->easy = curl_easy_init();
	bool good = easy != NULL;

	if (!good)
		return false;
	if (!t->notes)
		t->notes = arena_get(pool->arena, pool->protocol->notes_size);
	good &= !curl_easy_setopt(easy, CURLOPT_PRIVATE, (void *)t);
	good &= !curl_easy_setopt(easy, CURLOPT_URL, pool->url);
	good &= !curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR,
				  pool->protocol->schemes);
	good &= !curl_easy_setopt(easy, CURLOPT_PROXY, "");
	good &= !curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	/* Who gives up waits for no resolver either. */
	good &= !curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
	good &= !curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
				  (long)CONNECT_LIMIT_MS);
	good &= set_up_tls(pool, easy) && pool->protocol->way->set_up(t);
	if (!good) {
		curl_easy_cleanup(easy);
		t->easy = NULL;
	}
	return good;
}

static struct transfer *find_transfer(struct pool *pool,
				      enum transfer_state state)
{
	for (int i = 0; i < pool->places; i++)
		if (pool->transfers[i].state == state)
			return &pool->transfers[i];
	return NULL;
}

/* Fewer than there are may be under way. */
static struct transfer *take_transfer(struct pool *pool, void *ticket)
{
	struct transfer *t = find_transfer(pool, TRANSFER_FREE);

	if (!t)
		t = &pool->transfers[pool->places++];
	t->pool = pool;
	t->ticket = ticket;
	t->begun_ms = clock_ms();
	return t;
}

static void refuse(struct transfer *t, enum send_outcome outcome,
		   const char *why)
{
	t->result = (struct send_result){.outcome = outcome, .why = why};
	t->state = TRANSFER_OVER;
}

void transfer_begin(struct channel *channel, const struct transfer_order *order,
		    void *ticket)
{
	struct pool *pool = (struct pool *)channel;
	struct transfer *t = take_transfer(pool, ticket);

	if (!t->easy && !set_up(t)) {
		refuse(t, SEND_OURS, "out of memory");
		return;
	}
	memset(t->notes, 0, pool->protocol->notes_fresh);
	t->state = TRANSFER_UNDER_WAY;
	if (!pool->protocol->way->begin(t, order))
		refuse(t, SEND_OURS, "out of memory");
}

void transfer_refuse(struct channel *channel, enum send_outcome outcome,
		     const char *why, void *ticket)
{
	refuse(take_transfer((struct pool *)channel, ticket), outcome, why);
}

/* --- waiting --- */

static bool is_moved_by(const struct transfer *t, enum transfer_mover mover)
{
	return t->state == TRANSFER_UNDER_WAY && t->mover == mover;
}

static void move_curl(struct pool *pool)
{
	struct CURLMsg *message;
	struct transfer *t;
	int count;

	curl_multi_perform(pool->multi, &count);
	while ((message = curl_multi_info_read(pool->multi, &count))) {
		CURLcode code = message->data.result;

		if (message->msg == CURLMSG_DONE &&
		    !curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE,
				       (void *)&t))
			pool->protocol->way->done(t, code);
	}
}

/* Those that talk, and what they wait for; shortens *wait_ms to their time. */
static unsigned list_talks(struct pool *pool, struct transfer **talks,
			   struct curl_waitfd *fds, int64_t *wait_ms)
{
	unsigned n = 0;

	for (int i = 0; i < pool->places; i++) {
		struct transfer *t = &pool->transfers[i];
		int64_t left;

		if (!is_moved_by(t, MOVER_TALK))
			continue;
		left = transfer_left_ms(t);
		*wait_ms = left < *wait_ms ? left : *wait_ms;
		talks[n] = t;
		fds[n++] = (struct curl_waitfd){
			.fd = t->socket,
			.events = pool->protocol->way->waits(t),
		};
	}
	return n;
}

/* Moves all on, at most once each, waiting for at most wait_ms. */
static void move(struct pool *pool, int64_t wait_ms)
{
	struct curl_waitfd fds[CHANNEL_MOST_EVER];
	struct transfer *talks[CHANNEL_MOST_EVER];
	const unsigned n = list_talks(pool, talks, fds, &wait_ms);

	curl_multi_poll(pool->multi, fds, n, (int)wait_ms, NULL);
	for (unsigned i = 0; i < n; i++)
		if (transfer_left_ms(talks[i]) == 0)
			pool->protocol->way->stop(talks[i], false, "time out");
		else if (fds[i].revents)
			pool->protocol->way->step(talks[i]);
}

static bool curl_is_busy(struct pool *pool)
{
	for (int i = 0; i < pool->places; i++)
		if (is_moved_by(&pool->transfers[i], MOVER_CURL))
			return true;
	return false;
}

/* One that is over, after at least one look. */
static struct transfer *wait_for_one(struct pool *pool, int64_t wait_ms)
{
	const int64_t until = clock_ms() + wait_ms;
	bool waited = false;

	for (;;) {
		const int64_t left = until - clock_ms();
		struct transfer *t;

		if (curl_is_busy(pool))
			move_curl(pool);
		t = find_transfer(pool, TRANSFER_OVER);
		if (t || (waited && left <= 0) ||
		    !find_transfer(pool, TRANSFER_UNDER_WAY))
			return t;
		move(pool, left > 0 ? left : 0);
		waited = true;
	}
}

void *transfer_finish(struct channel *channel, int wait_ms,
		      struct send_result *result)
{
	struct transfer *t = wait_for_one((struct pool *)channel, wait_ms);

	if (!t)
		return NULL;
	t->state = TRANSFER_FREE;
	*result = t->result;
	return t->ticket;
}

void transfer_abandon(struct channel *channel)
{
	struct pool *pool = (struct pool *)channel;
	struct transfer *t;

	while ((t = find_transfer(pool, TRANSFER_UNDER_WAY)))
		pool->protocol->way->stop(t, true, "told to stop");
}

/* --- the channel --- */

void transfer_close(struct channel *channel)
{
	struct pool *pool = (struct pool *)channel;

	transfer_abandon(channel);
	for (int i = 0; i < pool->places; i++) {
		struct transfer *t = &pool->transfers[i];

		pool->protocol->way->leave(t);
		curl_easy_cleanup(t->easy);
		curl_slist_free_all(t->headers);
	}
	curl_multi_cleanup(pool->multi);
}

struct channel *transfer_open(struct arena *a, struct str url,
			      const struct transfer_protocol *protocol)
{
	struct pool *pool = ARENA_NEW(a, struct pool);

	pool->channel = (struct channel){
		.kind = protocol->kind,
		.most = CHANNEL_MOST,
		.limit_ms = protocol->limit_ms,
		.idle_ms = IDLE_MAX_MS,
	};
	pool->protocol = protocol;
	pool->arena = a;
	pool->url = str_z(a, url);
	pool->private = relay_needs_tls(url);
	pool->checked = relay_needs_certificate(url);
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return NULL;
	pool->multi = curl_multi_init();
	/* Otherwise by how many are under way, and few are at the end. */
	if (!pool->multi || curl_multi_setopt(pool->multi, CURLMOPT_MAXCONNECTS,
					      (long)CHANNEL_MOST_EVER))
		return NULL;
	return &pool->channel;
}

/* --- a fetch --- */

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

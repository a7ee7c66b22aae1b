/*
 * The session cookie, and the form token made from it.  Must not know who is
 * signed in: that is for the database to say.
 */
#include "web/session.h"

#include "web/url.h"

#define ID_BYTES 32
/* As long as a mailed link. */
#define NEXT_SECONDS (15 * 60)

/*
 * The cookie's value; absent when it is missing or there are two, of which
 * one would not be ours.
 */
static struct str cookie_find(struct str header, struct str wanted)
{
	struct str found = STR_ABSENT;

	while (header.n > 0) {
		struct str pair = str_trim(str_cut(header, ';', &header));
		struct str value;
		struct str name = str_cut(pair, '=', &value);

		if (!str_equal(name, wanted))
			continue;
		if (!str_is_absent(found))
			return STR_ABSENT;
		found = value;
	}
	return found;
}

static struct str session_hash(struct arena *a,
			       const unsigned char id[static ID_BYTES])
{
	unsigned char *hash = arena_get(a, SECRET_HASH_BYTES);

	secret_hash(str_at((const char *)id, ID_BYTES), hash);
	return str_at((const char *)hash, SECRET_HASH_BYTES);
}

static void csrf_mac(const struct secret_key *key, struct str session,
		     unsigned char mac[static SECRET_HASH_BYTES])
{
	secret_mac(key, SECRET_CSRF, session, mac, SECRET_HASH_BYTES);
}

void session_read(struct request *rq)
{
	unsigned char id[ID_BYTES];
	unsigned char mac[SECRET_HASH_BYTES];

	struct str cookie = cookie_find(rq->cookie, STR(SESSION_COOKIE));

	if (!secret_base64url_read(cookie, id, sizeof(id)))
		return;
	rq->session = session_hash(rq->arena, id);
	csrf_mac(&rq->app->keys.keys[0], rq->session, mac);
	rq->csrf = secret_base64url(rq->arena, mac, sizeof(mac));
}

static struct str cookie_make(struct arena *a, const char *name,
			      struct str value, int64_t seconds)
{
	return str_printf(a,
			  "%s=%.*s; Path=/; Max-Age=%lld; Secure; HttpOnly; "
			  "SameSite=Lax",
			  name, STR_ARG(value), (long long)seconds);
}

struct str session_make(struct request *rq, struct str *id)
{
	unsigned char random[ID_BYTES];

	secret_random(random, sizeof(random));
	*id = secret_base64url(rq->arena, random, sizeof(random));
	return session_hash(rq->arena, random);
}

void session_start(struct request *rq, struct reply *rs, struct str id,
		   int64_t seconds)
{
	rs->set_cookie = cookie_make(rq->arena, SESSION_COOKIE, id, seconds);
}

void session_forget(struct request *rq, struct reply *rs)
{
	rs->set_cookie = cookie_make(rq->arena, SESSION_COOKIE, STR(""), 0);
}

void session_keep_next(struct request *rq, struct reply *rs, struct str path)
{
	if (url_is_own(path))
		rs->set_cookie =
			cookie_make(rq->arena, SESSION_NEXT_COOKIE,
				    url_encode(rq->arena, path), NEXT_SECONDS);
}

struct str session_next(const struct request *rq)
{
	struct str kept = cookie_find(rq->cookie, STR(SESSION_NEXT_COOKIE));
	struct str path;

	if (!url_decode(rq->arena, kept, false, &path) || !url_is_own(path))
		return STR("/events");
	return path;
}

bool session_csrf_ok(const struct request *rq, struct str token)
{
	const struct secret_keys *keys = &rq->app->keys;
	unsigned char given[SECRET_HASH_BYTES];
	unsigned char mac[SECRET_HASH_BYTES];

	if (str_is_absent(rq->session) ||
	    !secret_base64url_read(token, given, sizeof(given)))
		return false;
	for (int i = 0; i < keys->count; i++) {
		csrf_mac(&keys->keys[i], rq->session, mac);
		if (secret_equal(mac, given, sizeof(mac)))
			return true;
	}
	return false;
}

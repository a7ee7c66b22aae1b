/*
 * Makes and reads the envelope senders of messages.  Must not know what
 * becomes of who cannot be reached.
 */
#include "send/bounce.h"

#include "base/address.h"
#include "send/refusal.h"

/* Mail servers may change the case: hex, of half a MAC that nobody can guess
 * in as many tries as a mail server takes. */
#define MAC_BYTES 10
#define MAC_WHOLE 16

static struct str make_mac(struct arena *a, const struct secret_key *key,
			   struct str id)
{
	static const char digits[] = "0123456789abcdef";
	unsigned char mac[MAC_WHOLE];
	char *text = arena_get_text(a, 2 * MAC_BYTES);

	secret_mac(key, SECRET_BOUNCE, id, mac, sizeof(mac));
	for (int i = 0; i < MAC_BYTES; i++) {
		text[2 * i] = digits[mac[i] >> 4];
		text[2 * i + 1] = digits[mac[i] & 15];
	}
	return str_at(text, 2 * MAC_BYTES);
}

struct str bounce_address(struct arena *a, const struct secret_keys *keys,
			  struct str base, int64_t id)
{
	struct str domain;
	struct str local = str_cut(base, '@', &domain);
	struct str number = str_printf(a, "%lld", (long long)id);
	struct str mac = make_mac(a, &keys->keys[0], number);

	return str_printf(a, "%.*s+%.*s-%.*s@%.*s", STR_ARG(local),
			  STR_ARG(number), STR_ARG(mac), STR_ARG(domain));
}

static bool is_made_by_us(struct arena *a, const struct secret_keys *keys,
			  struct str number, struct str mac)
{
	bool found = false;

	for (int i = 0; i < keys->count; i++) {
		struct str made = make_mac(a, &keys->keys[i], number);

		found |= mac.n == made.n &&
			 secret_equal((const unsigned char *)mac.p,
				      (const unsigned char *)made.p,
				      (size_t)mac.n);
	}
	return found;
}

bool bounce_address_read(struct arena *a, const struct secret_keys *keys,
			 struct str base, struct str address, int64_t *id)
{
	struct str domain, tail, mac, base_domain;
	struct str local = str_cut(str_lower(a, base), '@', &base_domain);
	struct str got = str_cut(str_lower(a, address), '@', &domain);
	int64_t number;

	if (address.n > ADDRESS_MAX || !str_equal(domain, base_domain) ||
	    !str_starts(got, local) || got.n <= local.n ||
	    got.p[local.n] != '+')
		return false;
	tail = str_cut(str_from(got, local.n + 1), '-', &mac);
	if (!str_read_int(tail, &number) || number < 1 ||
	    !is_made_by_us(a, keys, tail, mac))
		return false;
	*id = number;
	return true;
}

bool bounce_find(struct arena *a, const struct secret_keys *keys,
		 struct str base, const struct report *report, int64_t *id)
{
	for (int i = 0; i < report->to_count; i++)
		if (bounce_address_read(a, keys, base, report->to[i], id))
			return true;
	return false;
}

enum send_outcome bounce_judge(const struct report *report)
{
	/* It was passed on for days: what is tried again is not this one. */
	if (report->status[0] == '4')
		return SEND_RETRY;
	if (report->status[0])
		return refusal_judge(STEP_RCPT, 550, report->status);
	if (report->reply)
		return refusal_judge(STEP_RCPT, report->reply, "");
	return SEND_OURS;
}

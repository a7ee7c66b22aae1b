/*
 * Which mail addresses are accepted.  Must not know where one was typed.
 */
#include "base/address.h"

#define LOCAL_MAX 64
#define LABEL_MAX 63

/* atext of RFC 5322 section 3.2.3 */
static bool is_atom(struct str s)
{
	return s.n > 0 && str_is_plain(s, "!#$%&'*+-/=?^_`{|}~");
}

static bool is_label(struct str s)
{
	return s.n > 0 && s.n <= LABEL_MAX && str_is_plain(s, "-") &&
	       s.p[0] != '-' && s.p[s.n - 1] != '-';
}

static bool all_parts(struct str s, bool (*good)(struct str))
{
	if (s.n == 0 || s.p[s.n - 1] == '.')
		return false;
	while (s.n > 0)
		if (!good(str_cut(s, '.', &s)))
			return false;
	return true;
}

struct str address_domain(struct str address)
{
	return str_from(address, str_find(address, '@') + 1);
}

bool address_is_valid(struct str address)
{
	struct str domain;
	struct str local = str_cut(address, '@', &domain);

	return address.n <= ADDRESS_MAX && local.n <= LOCAL_MAX &&
	       all_parts(local, is_atom) && all_parts(domain, is_label);
}

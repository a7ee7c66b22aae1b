/*
 * What a server's address says of the way to it.  Must not know what is sent
 * there.
 */
#include "send/relay.h"

static struct str url_host(struct str url)
{
	struct str host = str_from(url, str_find_str(url, STR("://")) + 3);
	ptrdiff_t n = 0;
	ptrdiff_t at;

	/* What is after it may look like another host. */
	while (n < host.n && !strchr("/?#", host.p[n]))
		n++;
	host = str_first(host, n);
	/* the last: a password may hold one that is not in % form */
	while ((at = str_find(host, '@')) >= 0)
		host = str_from(host, at + 1);
	return host;
}

/* By number or its one name: 127.example.org is somewhere else. */
static bool is_this_machine(struct str host)
{
	struct str rest;
	struct str name = str_cut(host, ':', &rest);

	if (str_starts(host, STR("[::1]")))
		return true;
	if (!str_starts(name, STR("127.")))
		return str_equal(name, STR("localhost"));
	for (ptrdiff_t i = 0; i < name.n; i++)
		if (!strchr(".0123456789", name.p[i]))
			return false;
	return true;
}

bool relay_needs_tls(struct str url)
{
	return str_starts(url, STR("smtps:")) ||
	       (str_find(url, '@') >= 0 && !is_this_machine(url_host(url)));
}

bool relay_needs_certificate(struct str url)
{
	return str_starts(url, STR("smtps:")) ||
	       str_starts(url, STR("https:")) ||
	       !is_this_machine(url_host(url));
}

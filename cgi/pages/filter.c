/*
 * Reads and writes filters of a list.  Must not know what they leave out.
 */
#include "pages/filter.h"

#include "base/date.h"
#include "web/url.h"

struct str filter_day(struct request *rq, const char *name, bool *is_wrong)
{
	struct str text = request_words(rq, name);
	int64_t seconds;

	if (str_is_absent(text) ||
	    date_read_local(
		    str_printf(rq->arena, "%.*sT00:00:00", STR_ARG(text)),
		    &seconds))
		return text;
	*is_wrong = true;
	return STR_ABSENT;
}

struct str filter_say_number(struct arena *a, const char *name,
			     const int64_t *number)
{
	return number ? str_printf(a, "%s=%lld&", name, (long long)*number)
		      : STR("");
}

struct str filter_say_words(struct arena *a, const char *name, struct str words)
{
	if (str_is_absent(words))
		return STR("");
	return str_printf(a, "%s=%.*s&", name, STR_ARG(url_encode(a, words)));
}

struct str filter_number_text(struct arena *a, const int64_t *number)
{
	return number ? str_printf(a, "%lld", (long long)*number) : STR_ABSENT;
}

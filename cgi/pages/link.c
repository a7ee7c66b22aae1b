/*
 * From a mailed link to the row it names.  Must not know what the row is.
 */
#include "pages/link.h"

#include <time.h>

static struct str expiry_text(struct arena *a, int64_t seconds)
{
	if (seconds == 0)
		return STR("infinity");
	time_t t = (time_t)seconds;
	struct tm tm;
	char text[32];
	if (!gmtime_r(&t, &tm) ||
	    !strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S+00", &tm))
		return STR("-infinity");
	return str_copy(a, str_of(text));
}

bool link_read_either(struct request *rq, struct reply *rs,
		      enum token_purpose first, enum token_purpose second,
		      struct link *link)
{
	const struct secret_keys *keys = &rq->app->keys;
	struct token token;

	/* Decoding would give a token more spellings than the one. */
	if (str_find(rq->path, '%') >= 0 ||
	    (!token_read(keys, first, rq->params[0], &token) &&
	     !token_read(keys, second, rq->params[0], &token))) {
		reply_problem(rq, rs, 404, STR(""));
		return false;
	}
	link->purpose = token.purpose;
	link->text = rq->params[0];
	link->row = token.row;
	link->generation = token.generation;
	link->expires = expiry_text(rq->arena, token.expires);
	return true;
}

bool link_read(struct request *rq, struct reply *rs, enum token_purpose purpose,
	       struct link *link)
{
	return link_read_either(rq, rs, purpose, purpose, link);
}

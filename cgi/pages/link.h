/*
 * The signed token of a mailed link, as the SQL functions take it.
 */
#ifndef PAGES_LINK_H
#define PAGES_LINK_H

#include "base/token.h"
#include "web/reply.h"

struct link {
	enum token_purpose purpose;
	struct str text; /* the token itself: the last part of the path */
	int64_t row;
	int64_t generation;
	struct str expires; /* a timestamp that PostgreSQL reads */
};

/*
 * Reads the token in the path's first parameter.  False when it is not one
 * of ours for that purpose: the reply is then the 404 page, which is the same
 * whatever is wrong with it.
 */
bool link_read(struct request *rq, struct reply *rs, enum token_purpose purpose,
	       struct link *link);

/* The same for a path that takes links of either purpose. */
bool link_read_either(struct request *rq, struct reply *rs,
		      enum token_purpose first, enum token_purpose second,
		      struct link *link);

#endif

/*
 * Pages that stand as they are; an operator may put others in their place.
 * Must not know what they say.
 */
#include "pages/statement.h"

#include "web/page.h"

static void show(struct request *rq, struct reply *rs, const char *template)
{
	if (page_run(rq, rs))
		reply_page(rq, rs, 200, template, NULL);
}

void statement_help(struct request *rq, struct reply *rs)
{
	show(rq, rs, "statement_help");
}

void statement_privacy(struct request *rq, struct reply *rs)
{
	show(rq, rs, "statement_privacy");
}

void statement_accessibility(struct request *rq, struct reply *rs)
{
	show(rq, rs, "statement_accessibility");
}

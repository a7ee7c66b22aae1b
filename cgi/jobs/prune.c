/*
 * Throws away what nobody needs any more.  Must not hold the rule of what
 * that is: a SQL function does.
 */
#include "jobs/prune.h"

#include "query/prune.h"

/* Rows of each table in a run: 7 million a day when it comes each minute. */
#define CHUNK 5000

enum db_outcome prune_run(struct db *db, struct arena *a, struct prune *prune)
{
	struct rows *rows = query_prune(db, a, CHUNK);
	enum db_outcome outcome = db_run(db);

	prune->requests += query_prune_requests(rows, 0);
	prune->sessions += query_prune_sessions(rows, 0);
	db_reset(db);
	return outcome;
}

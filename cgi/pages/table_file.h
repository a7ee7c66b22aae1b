/*
 * Tables of the team's pages as CSV files.  Knows no column's meaning.
 */
#ifndef PAGES_TABLE_FILE_H
#define PAGES_TABLE_FILE_H

#include "data/db.h"
#include "web/reply.h"

/*
 * Runs what was queued: false when there is no such row for them, and a reply
 * has been made.
 */
bool table_file_is_there(struct request *rq, struct reply *rs,
			 const struct rows *row);

/*
 * The rows as NOUN-ORG-WHICH.csv; which is made of letters, digits and
 * hyphens.  The columns, the last NULL, are those of the query.
 */
void table_file_reply(struct request *rq, struct reply *rs, const char *noun,
		      struct str which, const struct rows *rows,
		      const char *const *columns);

/*
 * After table_file_reply(): a last row for what did not fit, when all are
 * more; no file is short without a word.
 */
void table_file_left_off(struct request *rq, struct reply *rs,
			 const struct rows *rows, int64_t all);

#endif

/*
 * Replies with rows as a CSV file.  Must not know what is in them.
 */
#include "pages/table_file.h"

#include "view/csv_file.h"
#include "web/message.h"
#include "web/page.h"

bool table_file_is_there(struct request *rq, struct reply *rs,
			 const struct rows *row)
{
	if (!page_run(rq, rs))
		return false;
	if (rows_count(row) > 0)
		return true;
	page_absent(rq, rs);
	return false;
}

void table_file_reply(struct request *rq, struct reply *rs, const char *noun,
		      struct str which, const struct rows *rows,
		      const char *const *columns)
{
	reply_file(rs,
		   str_printf(rq->arena, "%s-%.*s-%.*s.csv", noun,
			      STR_ARG(page_org(rq)), STR_ARG(which)),
		   CSV_FILE_TYPE);
	csv_file_begin(&rs->body, columns);
	csv_file_rows(&rs->body, rows, columns);
}

void table_file_left_off(struct request *rq, struct reply *rs,
			 const struct rows *rows, int64_t all)
{
	const struct message_blanks blanks = {.most = all - rows_count(rows)};

	if (blanks.most > 0) {
		struct str cell =
			message_fill(rq->arena, STR("file_left_off"), &blanks);
		csv_file_row(&rs->body, &cell, 1);
	}
}

/*
 * A person's own data (member program): all of it as one file, and being
 * erased.
 */
#ifndef PAGES_OWN_DATA_H
#define PAGES_OWN_DATA_H

#include "web/reply.h"

/* GET /me/data: what can be had, and done. */
void own_data_show(struct request *rq, struct reply *rs);

/* POST /me/data, CSRF_SESSION: the file; 429 after five within an hour. */
void own_data_take(struct request *rq, struct reply *rs);

/* GET /me/erase: what goes and what stays. */
void own_data_erase(struct request *rq, struct reply *rs);

/* POST /me/erase, CSRF_SESSION, with the word typed: it is done. */
void own_data_erase_now(struct request *rq, struct reply *rs);

#endif

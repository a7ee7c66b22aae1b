/*
 * A person's devices, which messages are pushed to: the page, and what a
 * device's own program asks and sends.
 */
#ifndef PAGES_DEVICE_H
#define PAGES_DEVICE_H

#include "web/reply.h"

void device_list(struct request *rq, struct reply *rs);
void device_remove(struct request *rq, struct reply *rs);

/*
 * JSON: {"csrf": TEXT, "devices": [{"id": NUMBER, "name": TEXT}, ...]}.  The
 * token of the form that device_add() wants, and what is there.
 */
void device_tell(struct request *rq, struct reply *rs);

/*
 * A form with csrf, token and name; 201 and {"id": NUMBER}, or 422 and
 * {"error": WORD, "field": NAME, "sentence": TEXT}.
 */
void device_add(struct request *rq, struct reply *rs);

#endif

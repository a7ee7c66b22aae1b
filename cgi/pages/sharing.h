/*
 * What a person lets fellow members see, organisation by organisation (member
 * program).
 */
#ifndef PAGES_SHARING_H
#define PAGES_SHARING_H

#include "web/reply.h"

/* GET /me/privacy: what is seen by whom now. */
void sharing_show(struct request *rq, struct reply *rs);

/*
 * POST /me/privacy/:id/list and /unlist, CSRF_SESSION, no fields: whether
 * fellow members of that organisation find the person.
 */
void sharing_list(struct request *rq, struct reply *rs);
void sharing_unlist(struct request *rq, struct reply *rs);

/*
 * POST /me/privacy/:id/show and /hide, CSRF_SESSION, no fields: the first
 * switch of all answers given there; hidden, the second goes off with it.
 */
void sharing_show_all(struct request *rq, struct reply *rs);
void sharing_hide_all(struct request *rq, struct reply *rs);

#endif

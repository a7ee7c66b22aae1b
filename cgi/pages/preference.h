/*
 * What a person wants to be told, how and when (member program): each question
 * a page of its own.
 */
#ifndef PAGES_PREFERENCE_H
#define PAGES_PREFERENCE_H

#include "web/reply.h"

/* GET /me/zone[?q=WORDS]: the zone as it is, and those that the words find. */
void preference_zone(struct request *rq, struct reply *rs);

/* POST /me/zone: takes the zone of the pressed button, "" the organisation's.
 */
void preference_zone_save(struct request *rq, struct reply *rs);

/* GET and POST /me/quiet: the hours in which mail waits. */
void preference_quiet(struct request *rq, struct reply *rs);
void preference_quiet_save(struct request *rq, struct reply *rs);

/* GET /me/mail: what comes from which organisation. */
void preference_mail_list(struct request *rq, struct reply *rs);

/*
 * GET and POST /me/mail/:org: how often it asks, and its other mail.  A form
 * from before something else changed gets 409 and is shown beside what is.
 */
void preference_mail(struct request *rq, struct reply *rs);
void preference_mail_save(struct request *rq, struct reply *rs);

#endif

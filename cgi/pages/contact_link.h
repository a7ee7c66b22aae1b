/*
 * What a contact sees and says, by the link that was mailed to them.
 */
#ifndef PAGES_CONTACT_LINK_H
#define PAGES_CONTACT_LINK_H

#include "web/reply.h"

void contact_link_show(struct request *rq, struct reply *rs);
void contact_link_press(struct request *rq, struct reply *rs);
void contact_link_data(struct request *rq, struct reply *rs);
void contact_link_erase(struct request *rq, struct reply *rs);

#endif

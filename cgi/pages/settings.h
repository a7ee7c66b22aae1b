/*
 * What an organisation's admins decide for it (staff program).
 */
#ifndef PAGES_SETTINGS_H
#define PAGES_SETTINGS_H

#include "web/reply.h"

/* GET and POST /staff/:org/settings */
void settings_show(struct request *rq, struct reply *rs);
void settings_save(struct request *rq, struct reply *rs);

#endif

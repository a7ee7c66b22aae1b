/*
 * The code of a registration, as a telephone or a scanner opens it: the
 * ticket's page makes it, the door looks for people by it.
 */
#ifndef PAGES_CODE_H
#define PAGES_CODE_H

#include "web/reply.h"

/* /c/TOKEN: to the door for who has it, to the ticket for its holder. */
void code_show(struct request *rq, struct reply *rs);

#endif

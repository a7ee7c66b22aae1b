/*
 * A mail that shows the operator that mail leaves.  Needs no database.
 */
#ifndef JOBS_TEST_MAIL_H
#define JOBS_TEST_MAIL_H

#include "jobs/render.h"
#include "send/channel.h"

/*
 * Sends one to the address and waits; false when it could not be made, with a
 * sentence in *why.
 */
bool test_mail_send(const struct render *render, struct arena *a,
		    struct channel *channel, struct str to,
		    struct send_result *result, const char **why);

#endif

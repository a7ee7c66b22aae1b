/*
 * From a queue row's data to the bytes of its mail, or of its push.  Knows
 * templates and links; knows nothing of the queue's states or of sending.
 */
#ifndef JOBS_RENDER_H
#define JOBS_RENDER_H

#include "base/config.h"
#include "base/secret.h"
#include "data/db.h"
#include "view/mustache.h"

struct render {
	const struct config *config;
	const struct secret_keys *keys;
	const struct template_set *templates;
};

/* Whether the set has what every kind of mail needs; else *why is a sentence.
 */
bool render_check(const struct template_set *templates, const char **why);

/*
 * The message of that row of query_prepare_notification, absent when it cannot
 * be made; then *why is a fixed sentence.
 */
struct str render_mail(const struct render *render, struct arena *a,
		       const struct rows *rows, ptrdiff_t at, struct str kind,
		       struct str notification_id, const char **why);

/* The same for the person's devices, as send/push.h has it. */
struct str render_push(const struct render *render, struct arena *a,
		       const struct rows *rows, ptrdiff_t at, struct str kind,
		       struct str notification_id, int64_t user_id,
		       const char **why);

#endif

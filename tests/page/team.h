/*
 * An organisation with a person of each kind who may ask for a page, all
 * signed in, and another organisation beside it.
 */
#ifndef PAGE_TEAM_H
#define PAGE_TEAM_H

#include "page/harness.h"

enum reader {
	NOBODY, /* not signed in */
	MEMBER,
	OTHER_MEMBER, /* of the other organisation */
	DOOR,
	STAFF,
	OTHER_STAFF,
	ADMIN,
	RESPONDER, /* a member with the flag */
	READERS
};

struct team {
	int64_t org, other;
	struct str slug, other_slug;
	int64_t user[READERS];	    /* 0 for nobody */
	struct str email[READERS];  /* "" for nobody */
	struct str cookie[READERS]; /* the header's line; "" for nobody */
	struct str csrf[READERS];   /* of their forms; "" for nobody */
};

/*
 * Makes all of it, new each time.  Their names are Member, Door, ..., and
 * they are in the table `team` of the superuser's session of this world: one
 * row, with columns org, other, slug, other_slug, and the readers' ids.
 */
struct team team_make(struct world *w);

/* For messages. */
const char *team_reader_name(enum reader reader);

/* What they get and send; a post is of our own page, with its form token. */
struct response team_get(struct world *w, const struct team *team,
			 enum reader reader, struct str path);
struct response team_post(struct world *w, const struct team *team,
			  enum reader reader, struct str path, struct str body);
/* The same of a form with the file in its field `field`. */
struct response team_post_file(struct world *w, const struct team *team,
			       enum reader reader, struct str path,
			       const char *field, struct str file);

#endif

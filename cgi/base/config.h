/*
 * The operator's settings, from the environment or the KEY=value file that
 * ROLLCALL_CONFIG names (the environment wins).  Knows names and shapes, not
 * what the settings are used for.
 */
#ifndef BASE_CONFIG_H
#define BASE_CONFIG_H

#include "base/str.h"

/* Absent when not set.  The texts live as long as the arena given. */
struct config {
	struct str database_url; /* names no user */
	struct str base_url;	 /* scheme://host[:port], no slash at the end */
	struct str smtp_url;	 /* smtp[s]://[user:password@]host[:port] */
	struct str smtp_connections; /* at once: a number from 1 to 64 */
	struct str mail_from;	     /* an address */
	struct str bounce_address;   /* reports of non-delivery come to it */
	struct str push_url;
	struct str mirror_url;
	struct str live_url;
	struct str heartbeat_url;
	struct str keys_file;
	struct str templates_dir; /* folders, first one first, separated by
				     colons; "templates" when not set */
	struct str contact;	  /* an address that people may write to */
};

/*
 * Reads and checks all settings.  False leaves in *why one sentence that
 * names the setting (or file and line) and says what to do, without the
 * value: BASE_URL that is neither https nor loopback http, an unknown key in
 * the file, control characters, a missing DATABASE_URL, BASE_URL or KEYS_FILE.
 */
bool config_read(struct arena *a, struct config *config, struct str *why);

#endif

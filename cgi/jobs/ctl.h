/*
 * The operator's commands, behind the table of rollcallctl.  They hold no
 * rules; those are SQL functions, called as rollcall_ctl.
 */
#ifndef JOBS_CTL_H
#define JOBS_CTL_H

#include "base/config.h"
#include "base/secret.h"
#include "data/db.h"

#define CTL_WORDS_MAX 3

/* What the program ends with. */
enum ctl_status {
	CTL_DONE = 0,
	CTL_REFUSED = 1,  /* some rows, or what was asked for */
	CTL_USAGE = 2,	  /* or a file that cannot be read */
	CTL_NO_MAIL = 65, /* of bounce only, as mail servers have it */
	CTL_NOT_NOW = 75
};

struct ctl {
	struct arena *arena;
	struct config config;
	struct db *db;
	struct str org; /* absent when not given */
	struct str timezone;
	struct str since; /* absent: from the beginning */
	bool dry_run;
	int count;
	struct str words[CTL_WORDS_MAX]; /* what is no option */
};

/* Tells the operator what went wrong; returns the status. */
enum ctl_status ctl_say(enum ctl_status status, struct str what);

/* Runs what is queued; a refusal is told in the words people read. */
enum ctl_status ctl_run(struct ctl *ctl);

/*
 * The keys, without which nobody is made: what a person stopped before they
 * were erased is known by hashes under them.
 */
enum ctl_status ctl_keys_read(const struct ctl *ctl, struct secret_keys **keys);

/* The commands: org add, admin add; */
enum ctl_status ctl_org_add(struct ctl *ctl);
enum ctl_status ctl_org_admin(struct ctl *ctl);
/* people import, import-events; */
enum ctl_status ctl_import_people(struct ctl *ctl);
enum ctl_status ctl_import_events(struct ctl *ctl);
/* keys init, rotate, retire; */
enum ctl_status ctl_keys_init(struct ctl *ctl);
enum ctl_status ctl_keys_rotate(struct ctl *ctl);
enum ctl_status ctl_keys_retire(struct ctl *ctl);
/* audit verify, head; */
enum ctl_status ctl_audit_verify(struct ctl *ctl);
enum ctl_status ctl_audit_head(struct ctl *ctl);
/* bounce; */
enum ctl_status ctl_bounce(struct ctl *ctl);
/* check, send-test. */
enum ctl_status ctl_check_all(struct ctl *ctl);
enum ctl_status ctl_check_mail(struct ctl *ctl);

#endif

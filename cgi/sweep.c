/*
 * Plans what is due and delivers it: one run from cron, or --follow.  Must
 * not hold a rule; those are SQL functions.
 */
#include "base/clock.h"
#include "base/log.h"
#include "jobs/absence.h"
#include "jobs/audit.h"
#include "jobs/deliver.h"
#include "jobs/plan.h"
#include "jobs/prune.h"
#include "jobs/rehearse.h"
#include "jobs/repeat.h"
#include "jobs/review.h"
#include "query/run.h"
#include "send/push.h"
#include "send/smtp.h"
#include "send/transfer.h"

#include <inttypes.h>
#include <signal.h>

#define EXIT_USAGE 2
#define EXIT_NOT_NOW 75 /* EX_TEMPFAIL: the next run may fare better */

#define SETTINGS_BYTES ((size_t)32 << 20)
#define MESSAGE_BYTES ((size_t)4 << 20)
#define STATEMENT_MS (60 * 1000)
/* A whole run comes this often, as it does from cron. */
#define FOLLOW_RUN_MS 60000
/* A heartbeat that hangs delays a sign-in mail by no more than this. */
#define HEARTBEAT_MS 3000
/* A notice that was lost delays a sign-in mail by no more than this. */
#define FOLLOW_LOOK_MS 4000

static const char usage[] =
	"usage: sweep [--follow | --dry-run]\n"
	"Plans and delivers what is due, once; with --follow goes on until it\n"
	"is told to stop; with --dry-run only says what would be planned and\n"
	"sent, and changes nothing. Prints JSON lines, the last is the "
	"summary.\n"
	"Exit: 0 done, 75 database or settings not usable now.\n";

static volatile sig_atomic_t stopped;

static void stop(int number)
{
	(void)number;
	stopped = 1;
}

static struct str say_now(struct arena *a)
{
	struct timespec now;
	struct tm tm;
	char text[40];

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &tm);
	(void)strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	return str_printf(a, "%s.%03dZ", text, (int)(now.tv_nsec / 1000000));
}

/* What a run did. */
struct done {
	struct plan plan;
	struct deliver_counts counts;
	struct absence absence;
	struct repeat repeat;
	struct audit audit;
	struct prune prune;
	int64_t reviewed;
};

#define FIELDS_MAX (50 + DELIVER_CAUSES_MAX)

/* What became of messages; how many fields that are. */
static size_t describe_messages(struct arena *a, struct str started,
				int64_t took_ms, const struct plan *plan,
				const struct deliver_counts *counts,
				struct log_field *fields)
{
	const struct log_field fixed[] = {
		LOG_STR("started", started),
		LOG_INT("took_ms", took_ms),
		LOG_INT("planned_attendance_prompt", plan->prompts),
		LOG_INT("planned_second_prompt", plan->reminders),
		LOG_INT("planned_digest", plan->digests),
		LOG_INT("planned_shift_start", plan->shift_starts),
		LOG_INT("planned_shift_end", plan->shift_ends),
		LOG_INT("shift_not_needed", plan->shift_skipped),
		LOG_INT("settled_unknown", plan->unknown),
		LOG_INT("claimed", counts->claimed),
		LOG_INT("sent", counts->sent),
		LOG_INT("retried", counts->retried),
		LOG_INT("dead", counts->dead),
		LOG_INT("held", counts->held),
		LOG_INT("lost", counts->lost),
		LOG_INT("expired", plan->expired + counts->expired),
		LOG_INT("cancelled", plan->cancelled),
		LOG_INT("events_started", plan->started),
		LOG_INT("events_completed", plan->completed),
		LOG_INT("unknown_zones", plan->bad_zones),
		LOG_INT("pushed", counts->pushed),
		LOG_INT("not_pushed", counts->not_pushed),
		LOG_BOOL("channel_down", counts->mail_down),
		LOG_BOOL("push_down", counts->push_down),
		LOG_INT("failed_retry", counts->failed[SEND_RETRY]),
		LOG_INT("failed_ours", counts->failed[SEND_OURS]),
		LOG_INT("failed_address", counts->failed[SEND_BAD_ADDRESS]),
		LOG_INT("failed_recipient", counts->failed[SEND_BAD_RECIPIENT]),
		LOG_INT("skipped", counts->skipped),
	};
	size_t n = sizeof(fixed) / sizeof(fixed[0]);

	memcpy(fields, fixed, sizeof(fixed));
	for (int i = 0; i < counts->causes; i++) {
		struct str key =
			str_printf(a, "skipped_%s", counts->cause[i].name);

		fields[n++] = LOG_INT(str_z(a, key), counts->cause[i].count);
	}
	return n;
}

static size_t describe(struct arena *a, struct str started, int64_t took_ms,
		       const struct done *done, struct log_field *fields)
{
	const struct plan *plan = &done->plan;
	const struct log_field others[] = {
		LOG_INT("stepped_l1", plan->risen[0]),
		LOG_INT("stepped_l2", plan->risen[1]),
		LOG_INT("stepped_l3", plan->risen[2]),
		LOG_INT("stepped_l4", plan->risen[3]),
		LOG_INT("alerts_covered", plan->covered),
		LOG_INT("alerts_cleared", plan->cleared),
		LOG_INT("absent_flagged", done->absence.flagged),
		LOG_INT("absent_taken_back", done->absence.back),
		LOG_INT("absent_asked", done->absence.asked),
		LOG_INT("absence_failed", done->absence.failed),
		LOG_INT("events_reviewed", done->reviewed),
		LOG_INT("series_extended", done->repeat.series),
		LOG_INT("series_events", done->repeat.events),
		LOG_INT("series_failed", done->repeat.failed),
		LOG_INT("audit_rows", done->audit.rows),
		LOG_INT("audit_chains", done->audit.chains),
		LOG_INT("audit_problems", done->audit.problems),
		LOG_INT("pruned_requests", done->prune.requests),
		LOG_INT("pruned_sessions", done->prune.sessions),
	};
	size_t n = describe_messages(a, started, took_ms, plan, &done->counts,
				     fields);

	memcpy(fields + n, others, sizeof(others));
	return n + sizeof(others) / sizeof(others[0]);
}

/* Whether nothing at all can leave. */
static bool is_down(const struct deliver *deliver,
		    const struct deliver_counts *counts)
{
	return counts->mail_down && (!deliver->push || counts->push_down);
}

/*
 * However many are to be asked, a sign-in mail waits for few of them: what is
 * most urgent goes out between two pieces of the planning.
 */
static enum db_outcome plan_all(const struct deliver *deliver, struct arena *a,
				struct plan *plan,
				struct deliver_counts *counts)
{
	enum db_outcome outcome = plan_run(deliver->db, a, &stopped, plan);
	bool more = true;

	while (outcome == DB_OK && more && !stopped) {
		outcome = plan_prompts(deliver->db, a, plan, &more);
		if (outcome == DB_OK && more && !is_down(deliver, counts))
			outcome = deliver_urgent(deliver, counts);
	}
	return outcome;
}

/* The same of events with very many participants. */
static enum db_outcome flag_all(const struct deliver *deliver,
				struct absence *absence,
				struct deliver_counts *counts)
{
	enum db_outcome outcome = DB_OK;
	struct arena a;
	bool more = true;

	arena_init(&a, MESSAGE_BYTES);
	while (outcome == DB_OK && more && !stopped) {
		outcome = absence_step(deliver->db, &a, absence, &more);
		arena_reset(&a);
		if (outcome == DB_OK && more && !is_down(deliver, counts))
			outcome = deliver_urgent(deliver, counts);
	}
	arena_release(&a);
	return outcome;
}

/* Tells whoever watches this installation that a run went well. */
static void beat(const struct config *config, struct arena *a)
{
	if (config->heartbeat_url.n > 0 &&
	    !transfer_fetch(a, config->heartbeat_url, HEARTBEAT_MS))
		log_line(LOG_WARNING, "heartbeat",
			 LOG_STR("why", STR("HEARTBEAT_URL did not answer "
					    "with success")));
}

static enum db_outcome do_all(const struct deliver *deliver, struct arena *a,
			      bool planning, struct done *done)
{
	struct db *db = deliver->db;
	enum db_outcome outcome = DB_OK;

	if (planning)
		outcome = plan_all(deliver, a, &done->plan, &done->counts);
	else
		outcome = plan_urgent(db, a, &stopped, &done->plan);
	if (outcome == DB_OK && !is_down(deliver, &done->counts))
		outcome = deliver_run(deliver, &done->counts);
	/* These last, because no mail waits for them. */
	if (outcome == DB_OK && planning && !stopped)
		outcome = flag_all(deliver, &done->absence, &done->counts);
	if (outcome == DB_OK && planning && !stopped)
		outcome = review_run(db, a, &stopped, &done->reviewed);
	if (outcome == DB_OK && planning && !stopped)
		outcome = repeat_run(db, a, &stopped, &done->repeat);
	if (outcome == DB_OK && planning && !stopped)
		outcome = audit_run(db, a, &done->audit);
	if (outcome == DB_OK && planning && !stopped)
		outcome = prune_run(db, a, &done->prune);
	return outcome;
}

/*
 * For staff and for whoever measures.  One that failed is kept too, where the
 * database can be reached again.
 */
static enum db_outcome keep(struct db *db, struct arena *a, bool good,
			    struct str summary, enum db_outcome outcome)
{
	enum db_outcome kept;

	if (outcome != DB_OK)
		db_reset(db);
	query_record_run(db, a, good, summary);
	kept = db_run(db);
	return outcome == DB_OK ? kept : outcome;
}

/*
 * One run; without planning it reminds and delivers, and says so only if it
 * did.
 */
static enum db_outcome run(const struct deliver *deliver, bool planning,
			   bool *down)
{
	struct done done = {.reviewed = 0};
	struct log_field fields[FIELDS_MAX];
	size_t n;
	struct arena a;
	int64_t start = clock_ms();
	enum db_outcome outcome;
	struct str started;
	bool good;

	arena_init(&a, MESSAGE_BYTES);
	started = say_now(&a);
	outcome = do_all(deliver, &a, planning, &done);
	*down = is_down(deliver, &done.counts);
	good = outcome == DB_OK && planning && !stopped &&
	       !done.counts.mail_down;
	n = describe(&a, started, clock_ms() - start, &done, fields);
	if (planning)
		outcome = keep(deliver->db, &a, good, log_object(&a, fields, n),
			       outcome);
	if (good && outcome == DB_OK)
		beat(deliver->render.config, &a);
	if (planning || done.counts.claimed > 0)
		log_write(LOG_INFO, "run", fields, n);
	arena_release(&a);
	return outcome;
}

/* A key that was rotated in since the last run signs this one's links. */
static void keys_renew(const struct render *render, struct secret_keys *keys)
{
	struct arena a;
	struct str why;

	arena_init(&a, MESSAGE_BYTES);
	if (!secret_keys_renew(&a, render->config->keys_file, keys, &why))
		log_line(LOG_ERROR, "keys_kept", LOG_STR("why", why));
	arena_release(&a);
}

/* How long nothing is to be done, as far as is known, in milliseconds. */
static int64_t idle(const struct deliver *deliver, int64_t until_run, bool down)
{
	int64_t wait = until_run < FOLLOW_LOOK_MS ? until_run : FOLLOW_LOOK_MS;
	int64_t due = wait;
	struct arena a;

	if (down)
		return wait;
	arena_init(&a, MESSAGE_BYTES);
	(void)plan_wait(deliver->db, &a, &due);
	arena_release(&a);
	return due < wait ? due : wait;
}

/*
 * LISTEN comes before each look at the queue, so that what is queued while
 * one runs is noticed after it; what is due later is waited for.  A channel
 * that is down is left alone until the next whole run.
 */
static void follow(const struct deliver *deliver, struct secret_keys *keys)
{
	int64_t next = clock_ms();
	bool down = false;

	(void)db_listen(deliver->db, "rollcall_queue", 0, &stopped);
	while (!stopped) {
		int64_t now = clock_ms();
		bool planning = now >= next;
		int64_t wait;

		if (planning)
			next = now + FOLLOW_RUN_MS;
		keys_renew(&deliver->render, keys);
		if ((planning || !down) &&
		    run(deliver, planning, &down) != DB_OK) {
			db_reset(deliver->db);
			next = now + FOLLOW_LOOK_MS;
		}
		wait = stopped ? 0 : idle(deliver, next - clock_ms(), down);
		if (wait > 0)
			(void)db_listen(deliver->db, "rollcall_queue",
					(int)wait, &stopped);
	}
}

static int refuse(struct str why)
{
	fprintf(stderr, "sweep: %.*s\n", STR_ARG(why));
	return EXIT_NOT_NOW;
}

static bool read_settings(struct arena *a, struct config *config,
			  struct secret_keys *keys,
			  struct template_set **templates, struct str *why)
{
	struct template_error error;
	const char *lack;
	bool good;

	if (!config_read(a, config, why))
		return false;
	*why = STR("SMTP_URL is missing: set it to smtp://HOST:PORT.");
	if (config->smtp_url.n == 0)
		return false;
	*why = STR("MAIL_FROM is missing: set it to the address that mail "
		   "comes from.");
	if (config->mail_from.n == 0)
		return false;
	*why = STR("there is no source of random bytes.");
	if (!secret_init() ||
	    !secret_keys_read(a, config->keys_file, keys, why))
		return false;
	*templates =
		template_set_read(a, str_z(a, config->templates_dir), &error);
	if (!*templates) {
		*why = template_error_text(a, &error);
		return false;
	}
	good = render_check(*templates, &lack);
	*why = str_of(lack);
	return good;
}

enum mode { ONCE, FOLLOW, DRY_RUN };

static enum db_outcome work(const struct deliver *deliver,
			    struct secret_keys *keys, enum mode mode)
{
	bool down;

	if (mode == DRY_RUN)
		return rehearse_run(deliver->db, deliver->arena);
	if (mode == ONCE)
		return run(deliver, true, &down);
	follow(deliver, keys);
	return DB_OK;
}

static int sweep(struct arena *a, enum mode mode)
{
	struct config config;
	struct secret_keys *keys = ARENA_NEW(a, struct secret_keys);
	struct template_set *templates;
	struct arena message;
	struct str why;
	int64_t connections;
	enum db_outcome outcome;

	if (!read_settings(a, &config, keys, &templates, &why))
		return refuse(why);
	arena_init(&message, mode == DRY_RUN ? SETTINGS_BYTES : MESSAGE_BYTES);

	struct deliver deliver = {
		.db = db_open(config.database_url, "rollcall_sweep",
			      STATEMENT_MS),
		.arena = &message,
		.render = {&config, keys, templates},
		.mail = smtp_open(a, config.smtp_url),
		.push = config.push_url.n > 0 ? push_open(a, config.push_url)
					      : NULL,
		.stop = &stopped,
	};

	if (!deliver.mail)
		return refuse(STR("SMTP_URL cannot be used."));
	if (config.push_url.n > 0 && !deliver.push)
		return refuse(STR("PUSH_URL cannot be used: set it to an "
				  "https:// address."));
	if (str_read_int(config.smtp_connections, &connections))
		deliver.mail->most = (int)connections;
	outcome = work(&deliver, keys, mode);
	if (deliver.push)
		deliver.push->kind->close(deliver.push);
	deliver.mail->kind->close(deliver.mail);
	db_close(deliver.db);
	arena_release(&message);
	return outcome == DB_OK ? 0 : EXIT_NOT_NOW;
}

int main(int argc, char **argv)
{
	enum mode mode = ONCE;
	struct sigaction act = {.sa_handler = stop};
	struct arena a;
	int status;

	if (argc == 2 && strcmp(argv[1], "--help") == 0) {
		fputs(usage, stdout);
		return 0;
	}
	if (argc == 2 && strcmp(argv[1], "--follow") == 0)
		mode = FOLLOW;
	else if (argc == 2 && strcmp(argv[1], "--dry-run") == 0)
		mode = DRY_RUN;
	else if (argc > 1) {
		fputs(usage, stderr);
		return EXIT_USAGE;
	}
	sigaction(SIGTERM, &act, NULL);
	sigaction(SIGINT, &act, NULL);
	signal(SIGPIPE, SIG_IGN);
	log_open(stdout, "sweep");
	arena_init(&a, SETTINGS_BYTES);
	status = sweep(&a, mode);
	arena_release(&a);
	return status;
}

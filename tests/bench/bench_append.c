/*
 * Adds rows to the audit as the programs do: so many processes, each with a
 * connection, one row a transaction, told only when it is on disk.
 *
 *   bench_append DATABASE_URL CONNECTIONS SECONDS ORGANISATIONS
 *
 * Prints rows a second.
 */
#include "base/arena.h"
#include "base/log.h"
#include "data/db.h"

#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TIMEOUT_MS 5000

static const struct db_statement append = {
	.name = "append",
	.sql = "select append_audit($1::bigint, 7, null, 1, 1, 'self_report', "
	       "'attended', 'partial', null, null, null, 'bench')",
	.params = 1,
	.is_early = true,
};

static double seconds_now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Rows that one connection added; -1 when one was not. */
static long append_rows(const char *url, int64_t org, double seconds)
{
	struct db *db = db_open(str_of(url), "rollcall_owner", TIMEOUT_MS);
	double end = seconds_now() + seconds;
	struct arena arena;
	long rows = 0;

	arena_init(&arena, (size_t)1 << 20);
	while (rows >= 0 && seconds_now() < end) {
		const struct db_param params[] = {db_param_int(&arena, org)};

		(void)db_queue(db, &append, params);
		rows = db_run(db) == DB_OK ? rows + 1 : -1;
		db_reset(db);
		arena_reset(&arena);
	}
	db_close(db);
	arena_release(&arena);
	return rows;
}

int main(int argc, char **argv)
{
	int ends[2];
	long rows, all = 0;

	log_open(stderr, "bench_append");
	if (argc != 5 || pipe(ends) != 0) {
		(void)fputs("usage: bench_append DATABASE_URL CONNECTIONS "
			    "SECONDS ORGANISATIONS\n",
			    stderr);
		return 64;
	}
	int connections = (int)strtol(argv[2], NULL, 10);
	double seconds = strtod(argv[3], NULL);
	int64_t orgs = strtol(argv[4], NULL, 10);
	for (int i = 0; i < connections; i++) {
		if (fork() != 0)
			continue;
		rows = append_rows(argv[1], 1 + i % orgs, seconds);
		_exit(write(ends[1], &rows, sizeof(rows)) != sizeof(rows));
	}
	(void)close(ends[1]);
	for (int i = 0; i < connections; i++) {
		if (read(ends[0], &rows, sizeof(rows)) != sizeof(rows) ||
		    rows < 0)
			return 1;
		all += rows;
	}
	while (wait(NULL) > 0)
		;
	(void)printf("%.1f\n", (double)all / seconds);
	return 0;
}

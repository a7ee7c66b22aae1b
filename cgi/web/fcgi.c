/*
 * Carries requests in and responses out, by FastCGI or plain CGI.  Must not
 * know what is answered.
 */
#include "web/fcgi.h"

#include "base/clock.h"
#include "base/log.h"
#include "web/record.h"

#include <errno.h>
#include <fcgiapp.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sysexits.h>
#include <unistd.h>

#define LISTEN_FD 0

/* What ends us; multiwatch, told to stop, sends QUIT. */
static const int ends[] = {SIGTERM, SIGINT, SIGQUIT};
#define ENDS (sizeof(ends) / sizeof(ends[0]))

static volatile sig_atomic_t stopped;

static void on_stop(int signal)
{
	(void)signal;
	stopped = 1;
}

/*
 * Holds the signals back but for the moments of waiting, whose mask is
 * returned: a request in hand is never disturbed, and none is missed between
 * test and wait.
 */
static sigset_t signals_hold(void)
{
	struct sigaction action = {.sa_handler = on_stop};
	sigset_t held, waiting;

	(void)sigemptyset(&action.sa_mask);
	(void)sigemptyset(&held);
	for (size_t i = 0; i < ENDS; i++) {
		(void)sigaction(ends[i], &action, NULL);
		(void)sigaddset(&held, ends[i]);
	}
	(void)sigprocmask(SIG_BLOCK, &held, &waiting);
	for (size_t i = 0; i < ENDS; i++)
		(void)sigdelset(&waiting, ends[i]);
	return waiting;
}

/* Waiting lets no signal in while there is work: under load ask for it. */
static bool is_told_to_stop(void)
{
	sigset_t pending;

	if (stopped || sigpending(&pending))
		return true;
	for (size_t i = 0; i < ENDS; i++)
		if (sigismember(&pending, ends[i]) == 1)
			return true;
	return false;
}

/*
 * What to wait on.  Of all workers that have nothing to do only one is woken
 * for a connection, the same as long as it keeps up: the others, who would only
 * find it taken, cost time, and what it worked with is still at hand.  One that
 * is stopped or at work is passed over.
 */
static int waiting_open(void)
{
	struct epoll_event event = {.events = EPOLLIN | EPOLLEXCLUSIVE};
	int fd = epoll_create1(EPOLL_CLOEXEC);

	if (fd < 0 || epoll_ctl(fd, EPOLL_CTL_ADD, LISTEN_FD, &event)) {
		perror("fcgi: standard input cannot be waited on");
		exit(EX_OSERR);
	}
	return fd;
}

/* Waits for a connection; false when told to stop. */
static bool wait_for_work(int fd, const sigset_t *waiting)
{
	struct epoll_event event;

	while (!is_told_to_stop())
		if (epoll_pwait(fd, &event, 1, -1, waiting) > 0)
			return true;
	return false;
}

static void log_request(const struct request *rq, const struct reply *rs,
			int64_t began)
{
	static const char *const methods[] = {"GET", "HEAD", "POST", "other"};

	log_line(
		rs->status >= 500 ? LOG_ERROR : LOG_INFO, "request",
		LOG_STR("request_id", rq->id),
		LOG_STR("method", str_of(methods[rq->method])),
		LOG_STR("route", str_of(rq->route ? rq->route->pattern : NULL)),
		LOG_INT("status", rs->status),
		LOG_INT("took_ms", clock_ms() - began));
}

/* Where a body comes from and an answer goes to. */
struct wire {
	char *const *env;
	ptrdiff_t (*read)(void *with, char *p, ptrdiff_t n);
	void (*write)(void *with, struct str text, struct str rest);
	void *with;
};

static void answer(const struct app *app, const struct route *routes,
		   struct arena *arena, const struct wire *wire)
{
	struct request rq = {.app = app, .arena = arena};
	int64_t began = clock_ms();
	struct reply rs;

	request_read(&rq, wire->env);
	rq.source = (struct request_source){
		.read = wire->read,
		.with = wire->with,
		.left = request_length(wire->env),
	};
	rs = reply_init(&rq);
	router_run(routes, &rq, &rs);
	request_drop_body(&rq);
	log_request(&rq, &rs, began);
	wire->write(wire->with, reply_text(&rq, &rs), reply_rest(&rq, &rs));
	db_reset(app->db);
}

/* --- FastCGI --- */

static ptrdiff_t fcgi_read(void *with, char *p, ptrdiff_t n)
{
	const FCGX_Request *request = with;

	return n > 0 ? FCGX_GetStr(p, (int)n, request->in) : 0;
}

/* When nobody takes it any more there is nothing left to do. */
static void fcgi_write(void *with, struct str text, struct str rest)
{
	FCGX_Request *request = with;

	if (!record_answer(request->ipcFd, request->requestId, text, rest))
		request->keepConnection = 0;
}

/*
 * Instead of FCGX_Finish_r(), which would write the end again, and then wait
 * until nginx has closed: that is needed only where something it sent was not
 * read, because a connection closed over that is taken for a broken one.
 */
static void fcgi_finish(FCGX_Request *request)
{
	if (FCGX_GetChar(request->in) < 0 && !FCGX_GetError(request->in))
		(void)FCGX_Detach(request);
	FCGX_Free(request, !request->keepConnection);
}

/* Keys are rotated and retired under us: links must follow at once. */
static void keys_renew(struct app *app, struct arena *arena)
{
	struct str why;

	if (!secret_keys_renew(arena, app->config.keys_file, &app->keys, &why))
		log_line(LOG_ERROR, "keys_kept", LOG_STR("why", why));
}

static int serve(struct app *app, const struct route *routes,
		 struct arena *arena)
{
	sigset_t waiting = signals_hold();
	int fd = waiting_open();
	FCGX_Request request;

	(void)FCGX_InitRequest(&request, LISTEN_FD, FCGI_FAIL_ACCEPT_ON_INTR);
	/* Another worker may be first: then accept must not wait. */
	(void)fcntl(LISTEN_FD, F_SETFL, fcntl(LISTEN_FD, F_GETFL) | O_NONBLOCK);
	while (wait_for_work(fd, &waiting)) {
		struct wire wire = {
			.read = fcgi_read,
			.write = fcgi_write,
			.with = &request,
		};

		if (FCGX_Accept_r(&request) < 0)
			continue;
		wire.env = request.envp;
		keys_renew(app, arena);
		answer(app, routes, arena, &wire);
		fcgi_finish(&request);
		arena_reset(arena);
	}
	(void)close(fd);
	return 0;
}

/* --- plain CGI --- */

static ptrdiff_t stdin_read(void *with, char *p, ptrdiff_t n)
{
	(void)with;
	return (ptrdiff_t)fread(p, 1, (size_t)n, stdin);
}

static void stdout_write(void *with, struct str text, struct str rest)
{
	(void)with;
	(void)fwrite(text.p, 1, (size_t)text.n, stdout);
	if (rest.n > 0)
		(void)fwrite(rest.p, 1, (size_t)rest.n, stdout);
	(void)fflush(stdout);
}

static int answer_one(const struct app *app, const struct route *routes,
		      struct arena *arena)
{
	extern char **environ;
	const struct wire wire = {
		.env = environ,
		.read = stdin_read,
		.write = stdout_write,
	};

	answer(app, routes, arena, &wire);
	return 0;
}

int fcgi_serve(struct app *app, const struct route *routes)
{
	struct arena arena;
	int status = 64;

	arena_init(&arena, REQUEST_ARENA_MAX);
	(void)FCGX_Init();
	if (!FCGX_IsCGI())
		status = serve(app, routes, &arena);
	else if (getenv("REQUEST_METHOD"))
		status = answer_one(app, routes, &arena);
	else
		fprintf(stderr,
			"%s: start it with spawn-fcgi, or set REQUEST_METHOD "
			"and REQUEST_URI to see one page.\n",
			app->name);
	arena_release(&arena);
	return status;
}

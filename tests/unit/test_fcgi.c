/*
 * A real FastCGI worker on a socket of its own, spoken to by hand: what goes
 * in and out, and how it ends.  Prints TAP.
 */
#include "unit/web_world.h"

#include "web/fcgi.h"

#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LONG_FILE ((ptrdiff_t)4000001)
#define FORM "application/x-www-form-urlencoded"

static struct sockaddr_un address;
static int listening;
static pid_t worker;
static int ready[2], go[2]; /* the waiting handler says r, waits for g */

static void wait_here(struct request *rq, struct reply *rs)
{
	char c = 'r';

	(void)rq;
	if (write(ready[1], &c, 1) != 1 || read(go[0], &c, 1) != 1)
		abort();
	reply_plain(rs, STR("waited"));
}

static void measure(struct request *rq, struct reply *rs)
{
	reply_plain(rs, STR("body of "));
	buf_add_int(&rs->body, rq->body.n);
}

static void big(struct request *rq, struct reply *rs)
{
	(void)rq;
	reply_plain(rs, STR(""));
	memset(buf_grow(&rs->body, 300000), 'x', 300000);
}

/* More than the records that are written at once, each piece another. */
static void long_file(struct request *rq, struct reply *rs)
{
	static char file[LONG_FILE];

	(void)rq;
	for (ptrdiff_t i = 0; i < LONG_FILE; i++)
		file[i] = (char)(i / 65528);
	reply_file(rs, STR("long"), STR("text/plain"));
	buf_add(&rs->body, STR("head"));
	rs->rest = str_at(file, LONG_FILE);
}

static void die(struct request *rq, struct reply *rs)
{
	(void)rq;
	(void)rs;
	_exit(7);
}

static const struct route routes[] = {
	{METHOD_GET, "/wait", WHO_LINK, CSRF_NONE, wait_here},
	{METHOD_POST, "/measure", WHO_LINK, CSRF_TOKEN, measure},
	{METHOD_GET, "/big", WHO_LINK, CSRF_NONE, big},
	{METHOD_GET, "/long", WHO_LINK, CSRF_NONE, long_file},
	{METHOD_GET, "/die", WHO_LINK, CSRF_NONE, die},
	{0},
};

static pid_t worker_fork(void)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (!pid) {
		(void)dup2(listening, 0);
		_exit(fcgi_serve(&web_app, routes));
	}
	return pid;
}

static void worker_start(void)
{
	int s = socket(AF_UNIX, SOCK_STREAM, 0);

	assert_true(s >= 0);
	address.sun_family = AF_UNIX;
	snprintf(address.sun_path, sizeof(address.sun_path),
		 "/tmp/rollcall-fcgi-%ld", (long)getpid());
	(void)unlink(address.sun_path);
	assert_int_equal(bind(s, (struct sockaddr *)&address, sizeof(address)),
			 0);
	assert_int_equal(listen(s, 16), 0);
	listening = s;
	worker = worker_fork();
}

static int set_up(void **state)
{
	if (web_set_up(state) || pipe(ready) || pipe(go))
		return -1;
	worker_start();
	return 0;
}

static int tear_down(void **state)
{
	if (worker > 0) {
		(void)kill(worker, SIGKILL);
		(void)waitpid(worker, NULL, 0);
	}
	(void)close(listening);
	(void)unlink(address.sun_path);
	for (int i = 0; i < 2; i++) {
		(void)close(ready[i]);
		(void)close(go[i]);
	}
	return web_tear_down(state);
}

/* The exit status of the worker, which must end by itself within 5 s. */
static int worker_end(void)
{
	const struct timespec nap = {.tv_nsec = 5000000};
	int status = -1;

	for (int i = 0; i < 1000; i++) {
		if (waitpid(worker, &status, WNOHANG) == worker) {
			worker = 0;
			assert_true(WIFEXITED(status));
			return WEXITSTATUS(status);
		}
		(void)nanosleep(&nap, NULL);
	}
	fail_msg("the worker does not end");
	return -1;
}

static bool worker_stands(void)
{
	const struct timespec nap = {.tv_nsec = 50000000};

	(void)nanosleep(&nap, NULL);
	return waitpid(worker, NULL, WNOHANG) == 0;
}

/* --- the protocol --- */

static void record_add(struct buf *out, int type, struct str content)
{
	const char head[8] = {1,
			      (char)type,
			      0,
			      1,
			      (char)(content.n >> 8),
			      (char)(content.n & 255)};

	buf_add(out, str_at(head, sizeof(head)));
	buf_add(out, content);
}

static void param_add(struct buf *out, const char *name, struct str value)
{
	buf_add_byte(out, (char)strlen(name));
	buf_add_byte(out, (char)value.n);
	buf_add(out, str_of(name));
	buf_add(out, value);
}

/* announced is CONTENT_LENGTH, whatever the body is. */
static struct str request_bytes(const char *method, const char *uri,
				struct str body, ptrdiff_t announced)
{
	struct buf params = buf_init(&web_arena, 1024);
	struct buf out = buf_init(&web_arena, 4096);

	param_add(&params, "REQUEST_METHOD", str_of(method));
	param_add(&params, "REQUEST_URI", str_of(uri));
	param_add(&params, "REQUEST_ID", STR(WEB_REQUEST_ID));
	param_add(&params, "CONTENT_TYPE", STR(FORM));
	param_add(&params, "HTTP_SEC_FETCH_SITE", STR("same-origin"));
	param_add(&params, "CONTENT_LENGTH",
		  str_printf(&web_arena, "%td", announced));
	record_add(&out, 1, str_at("\0\1\0\0\0\0\0\0", 8));
	record_add(&out, 4, buf_str(&params));
	record_add(&out, 4, STR(""));
	while (body.n > 0) {
		record_add(&out, 5, str_first(body, 32768));
		body = str_from(body, 32768);
	}
	record_add(&out, 5, STR(""));
	return buf_str(&out);
}

static int send_bytes(struct str bytes)
{
	int s = socket(AF_UNIX, SOCK_STREAM, 0);

	assert_true(s >= 0);
	assert_int_equal(
		connect(s, (struct sockaddr *)&address, sizeof(address)), 0);
	while (bytes.n > 0) {
		ssize_t n = send(s, bytes.p, (size_t)bytes.n, MSG_NOSIGNAL);

		assert_true(n > 0);
		bytes = str_from(bytes, n);
	}
	return s;
}

static int send_get(const char *uri)
{
	return send_bytes(request_bytes("GET", uri, STR(""), 0));
}

static struct str read_all(int s)
{
	struct buf in = buf_init(&web_arena, 65536);
	char piece[8192];
	ssize_t n;

	while ((n = read(s, piece, sizeof(piece))) > 0)
		buf_add(&in, str_at(piece, n));
	(void)close(s);
	return buf_str(&in);
}

/* All of the worker's standard output for the request sent on s. */
static struct str answer_on(int s)
{
	struct str in = read_all(s);
	struct buf out = buf_init(&web_arena, in.n);

	while (in.n >= 8) {
		const unsigned char *head = (const unsigned char *)in.p;
		ptrdiff_t length = head[4] * 256 + head[5];

		if (head[1] == 6)
			buf_add(&out, str_first(str_from(in, 8), length));
		in = str_from(in, 8 + length + head[6]);
	}
	return buf_str(&out);
}

static struct str answer_to(const char *method, const char *uri,
			    struct str body)
{
	return answer_on(send_bytes(request_bytes(method, uri, body, body.n)));
}

/* --- tests --- */

static void answers_requests(void **state)
{
	struct str answer = answer_to("GET", "/healthz", STR(""));

	(void)state;
	assert_int_equal(web_status(answer), 200);
	assert_str(web_body(answer), "ok\n");
	answer = answer_to("GET", "/nope", STR(""));
	assert_int_equal(web_status(answer), 404);
	assert_has(web_body(answer), WEB_REQUEST_ID);
	answer = answer_to("GET", "/big", STR(""));
	assert_int_equal(web_body(answer).n, 300000);
	answer = answer_to("HEAD", "/big", STR(""));
	assert_int_equal(web_body(answer).n, 0);
	assert_str(web_header(answer, "Content-Length"), "300000");
}

/* It has stopped when this returns, and takes nothing any more. */
static void freeze(pid_t process)
{
	assert_int_equal(kill(process, SIGSTOP), 0);
	assert_int_equal(waitpid(process, NULL, WUNTRACED), process);
}

/* A worker that is stopped in the middle of a write goes on where it was. */
static void sends_long_files(void **state)
{
	const struct timespec nap = {.tv_nsec = 100000000};
	int s = send_get("/long");
	struct str answer, body;

	(void)state;
	(void)nanosleep(&nap, NULL);
	freeze(worker);
	(void)nanosleep(&nap, NULL);
	assert_int_equal(kill(worker, SIGCONT), 0);
	(void)nanosleep(&nap, NULL);
	answer = answer_on(s);
	body = web_body(answer);
	assert_str(web_header(answer, "Content-Length"), "4000005");
	assert_int_equal(body.n, LONG_FILE + 4);
	assert_str(str_first(body, 4), "head");
	for (ptrdiff_t i = 0; i < LONG_FILE; i++)
		assert_int_equal(body.p[4 + i], (char)(i / 65528));
}

/* Who does not hang up keeps no worker from the next. */
static void waits_for_nobody(void **state)
{
	int s = send_get("/healthz");
	struct timespec from, till;

	(void)state;
	(void)clock_gettime(CLOCK_MONOTONIC, &from);
	assert_str(web_body(answer_to("GET", "/healthz", STR(""))), "ok\n");
	(void)clock_gettime(CLOCK_MONOTONIC, &till);
	assert_true(till.tv_sec - from.tv_sec < 2);
	assert_str(web_body(answer_on(s)), "ok\n");
}

/* How often it went to sleep, and so was woken. */
static long sleeps(pid_t pid)
{
	struct str path = str_printf(&web_arena, "/proc/%ld/status", (long)pid);
	FILE *f = fopen(str_z(&web_arena, path), "r");
	char line[256];
	long n = -1;

	assert_non_null(f);
	while (fgets(line, sizeof(line), f))
		if (strncmp(line, "voluntary_ctxt_switches:", 24) == 0)
			n = strtol(line + 24, NULL, 10);
	(void)fclose(f);
	return n;
}

/* With a second worker on the socket: one is enough, and either is. */
static void wakes_one(void **state)
{
	const struct timespec nap = {.tv_nsec = 20000000};
	pid_t second = worker_fork();
	long one, other;

	(void)state;
	(void)nanosleep(&nap, NULL);
	assert_str(web_body(answer_to("GET", "/healthz", STR(""))), "ok\n");
	(void)nanosleep(&nap, NULL);
	one = sleeps(worker);
	other = sleeps(second);
	for (int i = 0; i < 20; i++) {
		(void)answer_to("GET", "/healthz", STR(""));
		(void)nanosleep(&nap, NULL);
	}
	one = sleeps(worker) - one;
	other = sleeps(second) - other;
	assert_true((one < other ? one : other) < 10);
	freeze(worker);
	for (int i = 0; i < 3; i++)
		assert_str(web_body(answer_to("GET", "/healthz", STR(""))),
			   "ok\n");
	(void)kill(worker, SIGCONT);
	(void)kill(second, SIGKILL);
	(void)waitpid(second, NULL, 0);
	for (int i = 0; i < 3; i++)
		assert_str(web_body(answer_to("GET", "/healthz", STR(""))),
			   "ok\n");
}

/* One whose body was not read hears the answer all the same. */
static void answers_over_an_unread_body(void **state)
{
	struct str most = str_at(arena_get(&web_arena, 3000000), 3000000);
	struct str bytes = request_bytes("POST", "/measure", most, most.n);
	int s = send_bytes(bytes);

	(void)state;
	assert_int_equal(web_status(answer_on(s)), 413);
}

static void caps_bodies(void **state)
{
	struct str most = str_at(arena_get(&web_arena, 300000), 65536);
	struct str answer = answer_to("POST", "/measure", most);

	(void)state;
	assert_str(web_body(answer), "body of 65536");
	most.n++;
	assert_int_equal(web_status(answer_to("POST", "/measure", most)), 413);
	most.n = 300000;
	assert_int_equal(web_status(answer_to("POST", "/measure", most)), 413);
	assert_str(web_body(answer_to("POST", "/measure", STR("a=b"))),
		   "body of 3");
}

static void refuses_half_a_body(void **state)
{
	struct str half = request_bytes("POST", "/measure", STR("a=b"), 10);

	(void)state;
	assert_int_equal(web_status(answer_on(send_bytes(half))), 400);
}

static void survives_nonsense(void **state)
{
	struct str whole = request_bytes("GET", "/healthz", STR(""), 0);

	(void)state;
	(void)close(send_bytes(STR("")));
	(void)close(send_bytes(STR("GET / HTTP/1.1\r\n\r\n")));
	for (ptrdiff_t n = 1; n < whole.n; n += 5)
		(void)close(send_bytes(str_first(whole, n)));
	assert_int_equal(web_status(answer_to("GET", "/healthz", STR(""))),
			 200);
}

/* Told to stop by a signal while a request is in hand. */
static void finishes(int signal)
{
	int s = send_get("/wait");
	char c;

	assert_int_equal(read(ready[0], &c, 1), 1);
	assert_int_equal(kill(worker, signal), 0);
	assert_true(worker_stands());
	assert_int_equal(write(go[1], "g", 1), 1);
	assert_str(web_body(answer_on(s)), "waited");
	assert_int_equal(worker_end(), 0);
}

static void finishes_at_term(void **state)
{
	(void)state;
	finishes(SIGTERM);
}

static void finishes_at_quit(void **state)
{
	(void)state;
	finishes(SIGQUIT);
}

static void leaves_at_once_when_idle(void **state)
{
	(void)state;
	assert_int_equal(web_status(answer_to("GET", "/healthz", STR(""))),
			 200);
	assert_int_equal(kill(worker, SIGTERM), 0);
	assert_int_equal(worker_end(), 0);
}

static void leaves_when_told_often(void **state)
{
	(void)state;
	assert_int_equal(web_status(answer_to("GET", "/healthz", STR(""))),
			 200);
	for (int i = 0; i < 20; i++)
		(void)kill(worker, SIGTERM);
	assert_int_equal(worker_end(), 0);
}

static void leaves_others_their_turn(void **state)
{
	int s = send_get("/wait");
	int queued;
	char c;

	(void)state;
	assert_int_equal(read(ready[0], &c, 1), 1);
	queued = send_get("/healthz");
	(void)close(listening);
	listening = -1;
	assert_int_equal(kill(worker, SIGTERM), 0);
	assert_int_equal(write(go[1], "g", 1), 1);
	assert_str(web_body(answer_on(s)), "waited");
	/* what it had not begun it leaves to another worker of the socket */
	assert_int_equal(worker_end(), 0);
	assert_int_equal(read_all(queued).n, 0);
}

static void a_bug_ends_the_worker(void **state)
{
	(void)state;
	assert_int_equal(read_all(send_get("/die")).n, 0);
	assert_int_equal(worker_end(), 7);
}

#undef TEST
#define TEST(name, function)                                                   \
	{                                                                      \
		name, function, set_up, tear_down, NULL                        \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST("requests are answered over FastCGI", answers_requests),
		TEST("files of any length are sent", sends_long_files),
		TEST("who does not hang up keeps nobody waiting",
		     waits_for_nobody),
		TEST("one worker is woken for a connection, any that can",
		     wakes_one),
		TEST("who sends too much is answered",
		     answers_over_an_unread_body),
		TEST("bodies are read up to the limit, 413 beyond",
		     caps_bodies),
		TEST("half a body is refused", refuses_half_a_body),
		TEST("broken connections do no harm", survives_nonsense),
		TEST("SIGTERM finishes the request in hand", finishes_at_term),
		TEST("SIGQUIT does so too", finishes_at_quit),
		TEST("an idle worker leaves at once", leaves_at_once_when_idle),
		TEST("told many times, it leaves once", leaves_when_told_often),
		TEST("what it has not begun it leaves to others",
		     leaves_others_their_turn),
		TEST("a bug ends the worker and no answer is made up",
		     a_bug_ends_the_worker),
	};

	return cmocka_run_group_tests_name("fcgi", tests, NULL, NULL);
}

/*
 * Loads pages: keeps so many connections busy for so many seconds, then waits
 * for what is still under way, so that a request that starves is seen.
 *
 *   bench_load PORT CONNECTIONS SECONDS REQUESTS [FIRST]
 *
 * A line of REQUESTS is `GET PATH COOKIE` or `POST PATH BODY`; they are sent
 * in turn, from line FIRST on, and from the beginning again.  Prints
 * `per_second done failed unfinished p50 p99 longest`, times in milliseconds.
 */
#include "base/arena.h"
#include "base/buf.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define LOAD_MEMORY ((size_t)1 << 30)
#define ANSWER_MAX 65536
/* Longer than any wait that nginx allows itself. */
#define PATIENCE_S 30.0
#define TIMES_MAX (1 << 22)

struct connection {
	int fd;
	double asked; /* 0: nothing is under way */
	ptrdiff_t have;
	char answer[ANSWER_MAX];
};

struct load {
	uint16_t port;
	int polled;
	struct connection *connections;
	int count;
	struct str *requests;
	ptrdiff_t requests_count;
	ptrdiff_t next;
	double end;
	int waiting;
	long in_time, done, failed;
	double *times; /* milliseconds */
};

static double now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void give_up(const char *what)
{
	perror(what);
	exit(1);
}

/* --- requests --------------------------------------------------------------
 */

static struct str request_text(struct arena *a, struct str line)
{
	struct str rest;
	struct str method = str_cut(line, ' ', &rest);
	struct str path = str_cut(rest, ' ', &rest);

	if (str_equal(method, STR("POST")))
		return str_printf(a,
				  "POST %.*s HTTP/1.1\r\nHost: localhost\r\n"
				  "Sec-Fetch-Site: same-origin\r\n"
				  "Content-Type: "
				  "application/x-www-form-urlencoded\r\n"
				  "Content-Length: %td\r\n\r\n%.*s",
				  STR_ARG(path), rest.n, STR_ARG(rest));
	return str_printf(a,
			  "GET %.*s HTTP/1.1\r\nHost: localhost\r\n"
			  "Cookie: %.*s\r\n\r\n",
			  STR_ARG(path), STR_ARG(rest));
}

static void requests_read(struct arena *a, struct load *load, const char *path)
{
	FILE *f = fopen(path, "r");
	char line[1024];
	ptrdiff_t room = 1 << 20;

	if (!f)
		give_up(path);
	load->requests = ARENA_ARRAY(a, room, struct str);
	while (load->requests_count < room && fgets(line, sizeof(line), f))
		load->requests[load->requests_count++] =
			request_text(a, str_trim(str_of(line)));
	(void)fclose(f);
}

/* --- connections -----------------------------------------------------------
 */

static void connection_open(struct load *load, struct connection *c)
{
	struct sockaddr_in to = {
		.sin_family = AF_INET,
		.sin_port = htons(load->port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
	int yes = 1;

	c->fd = socket(AF_INET, SOCK_STREAM, 0);
	if (c->fd < 0 ||
	    connect(c->fd, (const struct sockaddr *)&to, sizeof(to)) ||
	    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes)) ||
	    fcntl(c->fd, F_SETFL, O_NONBLOCK) ||
	    epoll_ctl(load->polled, EPOLL_CTL_ADD, c->fd, &event))
		give_up("connect");
}

static void connection_ask(struct load *load, struct connection *c)
{
	struct str text = load->requests[load->next++ % load->requests_count];

	c->have = 0;
	c->asked = now();
	if (send(c->fd, text.p, (size_t)text.n, MSG_NOSIGNAL) != text.n)
		give_up("send");
	load->waiting++;
}

static void connection_end(struct load *load, struct connection *c, bool good,
			   bool close_it)
{
	double at = now();

	if (load->done < TIMES_MAX)
		load->times[load->done] = (at - c->asked) * 1e3;
	load->done++;
	load->failed += !good;
	load->in_time += at <= load->end;
	load->waiting--;
	c->asked = 0;
	if (close_it || !good) {
		(void)close(c->fd);
		if (at < load->end)
			connection_open(load, c);
	}
	if (at < load->end)
		connection_ask(load, c);
}

/* The length of the whole answer; 0 when its head is not here yet. */
static ptrdiff_t answer_length(struct str answer, struct str *head)
{
	ptrdiff_t end = str_find_str(answer, STR("\r\n\r\n"));
	ptrdiff_t at;
	struct str rest;
	int64_t body;

	if (end < 0)
		return 0;
	*head = str_first(answer, end + 2);
	at = str_find_str(*head, STR("Content-Length: "));
	if (at < 0 ||
	    !str_read_int(str_cut(str_from(*head, at + 16), '\r', &rest),
			  &body))
		return -1;
	return end + 4 + (ptrdiff_t)body;
}

static void connection_hear(struct load *load, struct connection *c)
{
	ssize_t n = read(c->fd, c->answer + c->have,
			 (size_t)(ANSWER_MAX - c->have));
	struct str head = STR("");
	ptrdiff_t length;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		connection_end(load, c, false, true);
		return;
	}
	c->have += n;
	length = answer_length(str_at(c->answer, c->have), &head);
	if (length < 0 || length > ANSWER_MAX)
		connection_end(load, c, false, true);
	else if (length > 0 && c->have >= length)
		connection_end(
			load, c, c->answer[9] == '2' || c->answer[9] == '3',
			str_find_str(head, STR("Connection: close")) >= 0);
}

static void load_run(struct load *load, double seconds)
{
	struct epoll_event events[64];

	load->end = now() + seconds;
	for (int i = 0; i < load->count; i++) {
		connection_open(load, &load->connections[i]);
		connection_ask(load, &load->connections[i]);
	}
	while (load->waiting > 0 && now() < load->end + PATIENCE_S) {
		int n = epoll_wait(load->polled, events, 64, 100);

		for (int i = 0; i < n; i++)
			connection_hear(load, events[i].data.ptr);
	}
}

/* --- what came of it -------------------------------------------------------
 */

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double share(const struct load *load, double part)
{
	long n = load->done < TIMES_MAX ? load->done : TIMES_MAX;

	return n ? load->times[(long)(part * (double)(n - 1))] : 0;
}

int main(int argc, char **argv)
{
	struct load load = {0};
	struct arena arena;
	double seconds;

	if (argc < 5)
		return 2;
	arena_init(&arena, LOAD_MEMORY);
	load.port = (uint16_t)strtol(argv[1], NULL, 10);
	load.count = (int)strtol(argv[2], NULL, 10);
	seconds = strtod(argv[3], NULL);
	requests_read(&arena, &load, argv[4]);
	if (load.requests_count == 0)
		return 2;
	load.next = argc > 5 ? strtol(argv[5], NULL, 10) : 0;
	load.polled = epoll_create1(0);
	load.connections =
		calloc((size_t)load.count, sizeof(struct connection));
	load.times = calloc(TIMES_MAX, sizeof(double));
	if (load.polled < 0 || !load.connections || !load.times)
		give_up("memory");
	load_run(&load, seconds);
	qsort(load.times,
	      (size_t)(load.done < TIMES_MAX ? load.done : TIMES_MAX),
	      sizeof(double), compare);
	printf("%.1f %ld %ld %d %.3f %.3f %.3f\n",
	       (double)load.in_time / seconds, load.done, load.failed,
	       load.waiting, share(&load, 0.5), share(&load, 0.99),
	       share(&load, 1));
	free(load.times);
	free(load.connections);
	arena_release(&arena);
	return 0;
}

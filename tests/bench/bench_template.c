/*
 * One side of the template benchmark: renders a page of a folder from JSON.
 *
 *   bench_template show FOLDER PAGE DATA.json   prints the page
 *   bench_template time FOLDER PAGE DATA.json   prints microseconds a page
 */
#include "view/json_value.h"
#include "view/mustache.h"

#define BENCH_MEMORY ((size_t)64 << 20)
#define BENCH_BATCH 200
#define BENCH_WARM 0.5 /* seconds */
#define BENCH_RUN 1.0

struct bench {
	const struct template *page;
	struct value data;
};

/* Of this process only: what else the machine does is no cost of a page. */
static double seconds(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static struct str read_file(struct arena *a, const char *path)
{
	struct buf b = buf_init(a, 65536);
	FILE *f = fopen(path, "rb");
	char chunk[4096];
	size_t n;

	if (!f)
		return STR_ABSENT;
	while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0)
		buf_add(&b, str_at(chunk, (ptrdiff_t)n));
	(void)fclose(f);
	return buf_str(&b);
}

static bool bench_read(struct bench *bench, struct arena *a, char **argv)
{
	struct template_error error;
	struct template_set *set = template_set_read(a, argv[2], &error);

	if (!set) {
		(void)fprintf(stderr, "%.*s:%d: %.*s\n", STR_ARG(error.file),
			      error.line, STR_ARG(error.what));
		return false;
	}
	bench->page = template_find(set, str_of(argv[3]));
	bench->data = json_value_read(a, read_file(a, argv[4]));
	if (!bench->page || !bench->data.of) {
		(void)fprintf(stderr, "%s or %s is not there\n", argv[3],
			      argv[4]);
		return false;
	}
	return true;
}

/* As a request does: an arena is filled and reset. */
static struct str bench_page(const struct bench *bench, struct arena *a)
{
	struct buf out = buf_init(a, 32768);

	template_render(bench->page, bench->data, &out);
	return buf_str(&out);
}

/* Microseconds a page, over at least so many seconds. */
static double bench_time(const struct bench *bench, struct arena *a,
			 double least)
{
	double start = seconds(), took;
	long pages = 0;

	do {
		for (int i = 0; i < BENCH_BATCH; i++) {
			(void)bench_page(bench, a);
			arena_reset(a);
		}
		pages += BENCH_BATCH;
		took = seconds() - start;
	} while (took < least);
	return took * 1e6 / (double)pages;
}

int main(int argc, char **argv)
{
	struct arena kept, request;
	struct bench bench;
	struct str page;

	arena_init(&kept, BENCH_MEMORY);
	arena_init(&request, BENCH_MEMORY);
	if (argc != 5 || !bench_read(&bench, &kept, argv))
		return 2;
	if (strcmp(argv[1], "show") == 0) {
		page = bench_page(&bench, &request);
		(void)fwrite(page.p, 1, (size_t)page.n, stdout);
	} else {
		(void)bench_time(&bench, &request, BENCH_WARM);
		printf("%.3f\n", bench_time(&bench, &request, BENCH_RUN));
	}
	arena_release(&request);
	arena_release(&kept);
	return 0;
}

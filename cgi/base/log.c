/*
 * One JSON object a line, for the operator.  Must not know what happened, nor
 * be given anything a person wrote.
 */
#include "base/log.h"

#include <inttypes.h>
#include <unistd.h>

/* At most 4,000 bytes, so that a write to a pipe is never divided. */
#define LOG_LINE_MAX 4000
/* Kept back for what must follow a value that was cut. */
#define LOG_TAIL "\",\"cut\":true}\n"

struct log_text {
	size_t n;
	bool cut;
	char p[LOG_LINE_MAX];
};

static FILE *log_out;
static const char *log_program = "rollcall";

void log_open(FILE *out, const char *program)
{
	log_out = out;
	log_program = program;
}

static bool log_add(struct log_text *t, struct str s)
{
	size_t n = (size_t)s.n;

	if (t->cut || t->n + n > sizeof(t->p) - sizeof(LOG_TAIL)) {
		t->cut = true;
		return false;
	}
	if (n > 0)
		memcpy(t->p + t->n, s.p, n);
	t->n += n;
	return true;
}

/* Length of the character at s, or 0 when its bytes must be escaped. */
static ptrdiff_t log_plain(struct str s)
{
	int n = str_utf8_first(s);

	return str_has_control(str_first(s, n), false) ? 0 : n;
}

/* One character, or one byte as \u00XX; false when the line is full. */
static bool log_add_char(struct log_text *t, struct str s, ptrdiff_t *took)
{
	char escaped[8];
	ptrdiff_t n = log_plain(s);

	*took = n > 0 ? n : 1;
	if (n == 1 && (s.p[0] == '"' || s.p[0] == '\\'))
		return log_add(t, s.p[0] == '"' ? STR("\\\"") : STR("\\\\"));
	if (n > 0)
		return log_add(t, str_first(s, n));
	n = snprintf(escaped, sizeof(escaped), "\\u%04x",
		     (unsigned)(unsigned char)s.p[0]);
	return log_add(t, str_at(escaped, n));
}

/* A string in quotes, which are closed even when its text was cut. */
static bool log_add_text(struct log_text *t, struct str s)
{
	ptrdiff_t took;

	if (!log_add(t, STR("\"")))
		return false;
	while (s.n > 0 && log_add_char(t, s, &took))
		s = str_from(s, took);
	t->p[t->n++] = '"';
	return true;
}

static bool log_add_number(struct log_text *t, int64_t v)
{
	char digits[24];
	int n = snprintf(digits, sizeof(digits), "%" PRId64, v);

	return log_add(t, str_at(digits, n));
}

static void log_add_key(struct log_text *t, const char *key)
{
	(void)log_add(t, STR(","));
	(void)log_add_text(t, str_of(key));
	(void)log_add(t, STR(":"));
}

static bool log_add_value(struct log_text *t, const struct log_field *f)
{
	switch (f->type) {
	case LOG_FIELD_INT:
		return log_add_number(t, f->number);
	case LOG_FIELD_BOOL:
		return log_add(t, f->number ? STR("true") : STR("false"));
	case LOG_FIELD_STR:
		break;
	}
	if (str_is_absent(f->str))
		return log_add(t, STR("null"));
	return log_add_text(t, f->str);
}

/* A field whose value does not even begin before the cut is left out. */
static void log_add_field(struct log_text *t, const struct log_field *f)
{
	size_t before = t->n;

	log_add_key(t, f->key);
	if (!log_add_value(t, f))
		t->n = before;
}

static void log_add_head(struct log_text *t, enum log_level level,
			 const char *event)
{
	static const char *const names[] = {"info", "warning", "error", "bug"};
	struct timespec now;
	struct tm tm;
	char stamp[64];
	int n;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	(void)gmtime_r(&now.tv_sec, &tm);
	n = snprintf(stamp, sizeof(stamp),
		     "{\"time\":\"%04d-%02d-%02dT%02d:%02d:%02d.%03ldZ\"",
		     tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
		     tm.tm_min, tm.tm_sec, now.tv_nsec / 1000000);
	(void)log_add(t, str_at(stamp, n));
	log_add_key(t, "level");
	(void)log_add_text(t, str_of(names[level]));
	log_add_key(t, "program");
	(void)log_add_text(t, str_of(log_program));
	log_add_key(t, "event");
	(void)log_add_text(t, str_of(event));
}

void log_write(enum log_level level, const char *event,
	       const struct log_field *fields, size_t count)
{
	struct log_text t = {.n = 0};
	FILE *out = log_out ? log_out : stderr;
	struct str tail;

	log_add_head(&t, level, event);
	for (size_t i = 0; i < count && !t.cut; i++)
		log_add_field(&t, &fields[i]);
	tail = t.cut ? STR(",\"cut\":true}\n") : STR("}\n");
	memcpy(t.p + t.n, tail.p, (size_t)tail.n);
	t.n += (size_t)tail.n;
	(void)fflush(out);
	if (write(fileno(out), t.p, t.n) < 0)
		return; /* there is nowhere left to say so */
}

struct str log_object(struct arena *a, const struct log_field *fields,
		      size_t count)
{
	struct log_text t = {.n = 0};

	for (size_t i = 0; i < count && !t.cut; i++) {
		size_t before = t.n;

		log_add_field(&t, &fields[i]);
		if (t.cut)
			t.n = before;
	}
	/* Each has a comma before it. */
	return str_printf(a, "{%.*s}", t.n > 0 ? (int)t.n - 1 : 0, t.p + 1);
}

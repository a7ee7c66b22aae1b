/*
 * Events out of a calendar file.  Must not compute with times: what is local
 * stays local until PostgreSQL places it.
 */
#include "data/entries.h"

#include "base/calendar.h"
#include "base/date.h"
#include "base/json.h"

/* Days that all rules of a file may look at: a second of work. */
#define LOOK_MAX 20000000
/* What a rule costs that came to nothing. */
#define LOOK_FAILED 100000
/* Dates that all rules of a file may make. */
#define DATES_MAX 200000
/* Bytes of JSON after which no event is taken: each date names its zone. */
#define JSON_MAX ((ptrdiff_t)48 << 20)

struct writing {
	struct arena *a;
	struct buf json;
	struct str from, to;
	int64_t look_left;
	ptrdiff_t dates_left;
};

/* --- JSON ------------------------------------------------------------------
 */

/* The key, after a comma when it is not the first of its object. */
static void add_key(struct buf *json, const char *key)
{
	char last = json->p[json->n - 1];

	if (last != '{' && last != '[')
		buf_add_byte(json, ',');
	buf_printf(json, "\"%s\":", key);
}

static void add_text(struct buf *json, const char *key, struct str text)
{
	if (str_is_absent(text))
		return;
	add_key(json, key);
	json_add_text(json, text);
}

static void add_duration(struct buf *json,
			 const struct calendar_duration *duration)
{
	if (!duration->is_there)
		return;
	add_key(json, "duration");
	buf_printf(json, "{\"days\":%d,\"seconds\":%d}", duration->days,
		   duration->seconds);
}

/*
 * A time of the event other than its start: where it names no zone itself, it
 * is in that of the start.
 */
static struct calendar_time join_start(const struct calendar_event *event,
				       struct calendar_time time)
{
	if (time.kind == CALENDAR_FLOATING &&
	    event->start.kind == CALENDAR_ZONED) {
		time.kind = CALENDAR_ZONED;
		time.tzid = event->start.tzid;
		time.rule = event->start.rule;
	}
	return time;
}

static void add_time(struct buf *json, const struct calendar_event *event,
		     const struct calendar_time *time)
{
	struct str zone = event->zone;

	if (time->kind == CALENDAR_UTC)
		zone = STR("UTC");
	else if (time->kind == CALENDAR_ZONED)
		zone = time->tzid;
	buf_add_byte(json, '{');
	add_text(json, "local", time->local);
	if (time->kind == CALENDAR_DATE) {
		add_key(json, "date");
		buf_add(json, STR("true"));
	}
	if (zone.n > 0)
		add_text(json, "zone", zone);
	if (time->rule.n > 0)
		add_text(json, "rule", time->rule);
}

static void add_moment(struct buf *json, const char *key,
		       const struct calendar_event *event,
		       struct calendar_time time)
{
	if (time.kind == CALENDAR_NONE)
		return;
	time = join_start(event, time);
	add_key(json, key);
	add_time(json, event, &time);
	buf_add_byte(json, '}');
}

/* --- what repeats ----------------------------------------------------------
 */

static void add_extra(struct buf *json, const struct calendar_event *event)
{
	if (event->extra_count == 0)
		return;
	add_key(json, "extra");
	buf_add_byte(json, '[');
	for (ptrdiff_t i = 0; i < event->extra_count; i++) {
		const struct calendar_extra *extra = &event->extra[i];
		struct calendar_time start = join_start(event, extra->start);

		if (i > 0)
			buf_add_byte(json, ',');
		add_time(json, event, &start);
		add_moment(json, "ends", event, extra->end);
		add_duration(json, &extra->duration);
		buf_add_byte(json, '}');
	}
	buf_add_byte(json, ']');
}

static void add_except(struct arena *a, struct buf *json,
		       const struct calendar_event *event)
{
	if (event->except_count == 0)
		return;
	add_key(json, "except");
	buf_add_byte(json, '[');
	for (ptrdiff_t i = 0; i < event->except_count; i++) {
		struct calendar_time time = join_start(event, event->except[i]);

		/* That day's, as some calendars write it. */
		if (time.kind == CALENDAR_DATE &&
		    event->start.kind != CALENDAR_DATE) {
			struct str day = str_first(time.local, 10);

			time = event->start;
			time.local = str_printf(
				a, "%.*s%.*s", STR_ARG(day),
				STR_ARG(str_from(event->start.local, 10)));
		}
		if (i > 0)
			buf_add_byte(json, ',');
		add_time(json, event, &time);
		buf_add_byte(json, '}');
	}
	buf_add_byte(json, ']');
}

/* A rule with an end is read up to the day after it, in whatever zone. */
static struct str find_last(struct arena *a, const struct calendar_event *event,
			    struct str to)
{
	int64_t until, last;

	if (event->until.kind == CALENDAR_NONE ||
	    !date_read_local(event->until.local, &until) ||
	    !date_read_local(to, &last) || until + 2 * DAY_SECONDS >= last)
		return to;
	return date_say_local(a, until + 2 * DAY_SECONDS);
}

static bool find_dates(struct writing *w, const struct calendar_event *event,
		       const struct calendar_repeats **dates, struct str *why)
{
	if (w->look_left < 0 || w->dates_left < 0) {
		*why = STR("the file repeats too much in all: divide it");
		return false;
	}
	*dates = calendar_repeat(w->a, event->rule, event->start.local, w->from,
				 find_last(w->a, event, w->to), why);
	if (*dates)
		w->dates_left -= (*dates)->count;
	w->look_left -= *dates ? (*dates)->looked_at : LOOK_FAILED;
	return *dates != NULL;
}

static void add_repeats(struct writing *w, const struct calendar_event *event,
			const struct calendar_repeats *dates)
{
	struct buf *json = &w->json;

	add_key(json, "repeats");
	buf_add_byte(json, '{');
	add_text(json, "rule", event->rule);
	add_moment(json, "until", event, event->until);
	add_key(json, "dates");
	buf_add_byte(json, '[');
	for (ptrdiff_t i = 0; dates && i < dates->count; i++) {
		if (i > 0)
			buf_add_byte(json, ',');
		json_add_text(json, dates->starts[i]);
	}
	buf_add_byte(json, ']');
	add_text(json, "to", w->to);
	add_extra(json, event);
	add_except(w->a, json, event);
	buf_add_byte(json, '}');
}

/* --- an event --------------------------------------------------------------
 */

/* Why an event cannot be taken, or NULL. */
static const char *find_fault(const struct calendar_event *event)
{
	if (event->uid.n == 0)
		return "it has no UID";
	if (event->start.kind == CALENDAR_NONE)
		return "it has no start";
	if (str_has_control(event->summary, false) ||
	    str_has_control(event->location, false))
		return "a control character in its title or place";
	if (event->description.n > 0 &&
	    str_has_control(event->description, true))
		return "a control character in its description";
	return NULL;
}

/* False leaves in *why why it cannot be taken; nothing is then added. */
static bool add_event(struct writing *w, const struct calendar_event *event,
		      struct str *why)
{
	struct buf *json = &w->json;
	const struct calendar_repeats *dates = NULL;
	bool instance = event->recurrence.kind != CALENDAR_NONE;

	*why = event->wrong.n > 0 ? event->wrong : str_of(find_fault(event));
	if (why->n == 0 && json->n > JSON_MAX)
		*why = STR("the file holds too much in all: divide it");
	if (why->n > 0)
		return false;
	/* What is one instance of a series repeats nothing itself. */
	if (!instance && event->rule.n > 0 &&
	    !find_dates(w, event, &dates, why))
		return false;
	buf_printf(json, "%s{\"line\":%d", json->n > 1 ? "," : "", event->line);
	add_text(json, "uid", event->uid);
	buf_printf(json, ",\"sequence\":%d", event->sequence);
	add_text(json, "title", str_trim(event->summary));
	add_text(json, "description", event->description);
	add_text(json, "location", event->location);
	add_text(json, "url", event->url);
	buf_printf(json, ",\"cancelled\":%s",
		   event->cancelled ? "true" : "false");
	add_moment(json, "starts", event, event->start);
	add_moment(json, "ends", event, event->end);
	add_duration(json, &event->duration);
	add_moment(json, "recurrence", event, event->recurrence);
	if (!instance && (event->rule.n > 0 || event->extra_count > 0))
		add_repeats(w, event, dates);
	buf_add_byte(json, '}');
	return true;
}

static struct str name_event(struct arena *a,
			     const struct calendar_event *event)
{
	if (event->summary.n > 0)
		return event->summary;
	return event->uid.n > 0
		       ? event->uid
		       : str_printf(a, "event on line %d", event->line);
}

bool entries_read(struct arena *a, struct str text, struct str from,
		  struct str to, struct entries *entries, struct str *why)
{
	struct calendar *calendar = calendar_read(a, text, why);
	struct writing w = {
		.a = a,
		.json = buf_init(a, text.n + 64),
		.from = from,
		.to = to,
		.look_left = LOOK_MAX,
		.dates_left = DATES_MAX,
	};

	if (!calendar)
		return false;
	entries->count = calendar->count;
	entries->verdicts = ARENA_ARRAY(a, calendar->count + 1, struct verdict);
	buf_add_byte(&w.json, '[');
	for (ptrdiff_t i = 0; i < calendar->count; i++) {
		const struct calendar_event *event = &calendar->events[i];
		struct verdict *verdict = &entries->verdicts[i];

		verdict->line = event->line;
		verdict->what = name_event(a, event);
		if (!add_event(&w, event, &verdict->why))
			verdict->result = STR("refused");
	}
	buf_add_byte(&w.json, ']');
	entries->json = buf_str(&w.json);
	return true;
}

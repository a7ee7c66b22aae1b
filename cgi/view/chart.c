/*
 * Lays out bars.  Must not know what they stand for, nor how they are drawn.
 */
#include "view/chart.h"

#include "base/buf.h"

/* In hundredths of an em: everything grows with the reader's letters. */
enum {
	LABEL_DOWN = 100, /* from a label's top to its base line */
	LABEL_ROOM = 135,
	BAR_ROOM = 130,
	BESIDE_DOWN = 88, /* from a bar's top to the base line beside it */
	GROUP_GAP = 45,
};

/* Of the whole width, in hundredths of a percent. */
#define LONGEST 6500

static struct value decimal(struct arena *a, int64_t hundredths)
{
	struct str text =
		str_printf(a, "%lld.%02d", (long long)(hundredths / 100),
			   (int)(hundredths % 100));
	return value_text(&text);
}

static int64_t longest(const struct chart_bar *bars, int count)
{
	int64_t most = 1;

	for (int i = 0; i < count; i++)
		most = bars[i].amount > most ? bars[i].amount : most;
	return most;
}

static int64_t width_of(int64_t amount, int64_t most)
{
	return (int64_t)((double)amount / (double)most * LONGEST);
}

static const struct value_field *keep(struct arena *a,
				      const struct value_field *fields, int n)
{
	struct value_field *kept = ARENA_ARRAY(a, n, struct value_field);

	for (int i = 0; i < n; i++)
		kept[i] = fields[i];
	return kept;
}

/* One bar, no higher than *y, which moves to where the next may begin. */
static struct value lay(struct arena *a, const struct chart_bar *bar,
			int64_t most, int64_t *y)
{
	bool begins = !str_is_absent(bar->label);
	int64_t top = *y + (begins && *y > 0 ? GROUP_GAP : 0);
	int64_t at = top + (begins ? LABEL_ROOM : 0);
	const struct value_field fields[] = {
		{"label", value_text(&bar->label)},
		{"label_y", decimal(a, top + LABEL_DOWN)},
		{"beside", value_text(&bar->beside)},
		{"bar_y", decimal(a, at)},
		{"beside_y", decimal(a, at + BESIDE_DOWN)},
		{"width", decimal(a, width_of(bar->amount, most))},
		{"hatched", value_bool(bar->hatched)},
		{.name = NULL},
	};

	*y = at + BAR_ROOM;
	return value_object(keep(a, fields, 8));
}

struct value chart_bars(struct arena *a, const struct chart_bar *bars,
			int count)
{
	struct value *items = ARENA_ARRAY(a, count, struct value);
	int64_t most = longest(bars, count);
	int64_t y = 0;

	for (int i = 0; i < count; i++)
		items[i] = lay(a, &bars[i], most, &y);

	const struct value_field fields[] = {
		{"height", decimal(a, y)},
		{"bars", value_list(items, count)},
		{.name = NULL},
	};
	return value_object(keep(a, fields, 3));
}

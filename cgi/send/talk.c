/*
 * What is said to a mail server, and what it answers.  Must not know where the
 * bytes go, nor log: they hold addresses.
 */
#include "send/talk.h"

#define CODE_FAREWELL 421
#define CODE_GO_ON 354

/* --- replies --- */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The code of a reply's line, 0 when it is none. */
static int read_code(struct str line)
{
	if (line.n < 3 || line.p[0] < '2' || line.p[0] > '5' ||
	    !is_digit(line.p[1]) || !is_digit(line.p[2]) ||
	    (line.n > 3 && line.p[3] != ' ' && line.p[3] != '-'))
		return 0;
	return (line.p[0] - '0') * 100 + (line.p[1] - '0') * 10 +
	       (line.p[2] - '0');
}

/* Keeps the enhanced status of "550 5.1.1 ..." when its shape is right. */
static void read_status(struct talk *t, struct str line)
{
	struct str status = str_from(line, 4);
	ptrdiff_t n = 0;
	int dots = 0;

	t->status[0] = 0;
	while (n < status.n && (is_digit(status.p[n]) || status.p[n] == '.'))
		dots += status.p[n++] == '.';
	if (dots != 2 || n < 5 || n >= (ptrdiff_t)sizeof(t->status) ||
	    status.p[0] != line.p[0])
		return;
	memcpy(t->status, status.p, (size_t)n);
	t->status[n] = 0;
}

/* --- while somebody else greets --- */

void talk_dial(struct talk *t)
{
	t->step = STEP_CONNECT;
	t->reply = 0;
	t->status[0] = 0;
	t->accepted = t->said_all = false;
	t->pipelines = t->unsettled = false;
}

void talk_see_sent(struct talk *t, struct str line)
{
	static const struct {
		struct str verb;
		enum smtp_step step;
	} verbs[] = {
		{STR_INIT("EHLO"), STEP_HELLO},
		{STR_INIT("HELO"), STEP_HELLO},
		{STR_INIT("STARTTLS"), STEP_HELLO},
		{STR_INIT("AUTH"), STEP_AUTH},
	};

	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (str_starts(line, verbs[i].verb))
			t->step = verbs[i].step;
	/* What was offered before TLS anybody may have said. */
	if (t->step == STEP_HELLO)
		t->pipelines = false;
}

void talk_see_reply(struct talk *t, struct str line)
{
	const int code = read_code(line);

	if (code == 0)
		return;
	t->reply = code;
	read_status(t, line);
	if (t->step == STEP_HELLO &&
	    str_equal_nocase(str_trim(str_from(line, 4)), STR("PIPELINING")))
		t->pipelines = true;
}

/* --- what is said --- */

static void add(struct talk *t, struct str s)
{
	memcpy(t->out + t->out_n, s.p, (size_t)s.n);
	t->out_n += s.n;
}

static void add_command(struct talk *t, enum talk_part part)
{
	static const struct str verbs[] = {
		[PART_RSET] = STR_INIT("RSET"),
		[PART_MAIL] = STR_INIT("MAIL FROM:<"),
		[PART_RCPT] = STR_INIT("RCPT TO:<"),
		[PART_DATA] = STR_INIT("DATA"),
	};

	add(t, verbs[part]);
	if (part == PART_MAIL || part == PART_RCPT) {
		add(t, str_of(part == PART_MAIL ? t->from : t->to));
		add(t, STR(">"));
	}
	add(t, STR("\r\n"));
}

/* The commands that need not wait: all of them, or one. */
static void say_commands(struct talk *t)
{
	t->out_n = t->out_gone = 0;
	do
		add_command(t, t->said++);
	while (t->pipelines && t->said <= PART_DATA);
}

/* A line, or as much of it as there is room for, with the dot it needs. */
static void add_line(struct talk *t)
{
	const struct str room = str_first(t->left, TALK_ROOM - 1 - t->out_n);
	const ptrdiff_t end = str_find(room, '\n');
	const struct str line = end < 0 ? room : str_first(room, end + 1);

	if (t->at_line && line.p[0] == '.')
		add(t, STR("."));
	add(t, line);
	t->left = str_from(t->left, line.n);
	t->at_line = end >= 0;
}

static void say_message(struct talk *t)
{
	static const struct str dot = STR_INIT(".\r\n");

	t->out_n = t->out_gone = 0;
	while (t->left.n > 0 && t->out_n + 1 < TALK_ROOM)
		add_line(t);
	if (t->left.n > 0 || t->out_n + dot.n > TALK_ROOM)
		return;
	add(t, dot);
	t->dotted = true;
}

bool talk_is_sound(struct str bytes)
{
	for (ptrdiff_t at; bytes.n > 0; bytes = str_from(bytes, at + 2)) {
		at = str_find(bytes, '\r');
		if (at < 0 || at + 1 >= bytes.n || bytes.p[at + 1] != '\n' ||
		    str_find(str_first(bytes, at), '\n') >= 0)
			return false;
	}
	return true;
}

static void keep(char *to, struct str address)
{
	address = str_first(address, ADDRESS_MAX);
	memcpy(to, address.p, (size_t)address.n);
	to[address.n] = 0;
}

void talk_order(struct talk *t, struct str from, struct str to,
		struct str bytes)
{
	keep(t->from, from);
	keep(t->to, to);
	t->bytes = bytes;
}

void talk_begin(struct talk *t)
{
	t->step = STEP_MAIL;
	t->reply = 0;
	t->status[0] = 0;
	t->accepted = t->said_all = t->refused = t->answered = false;
	t->state = TALK_GOES_ON;
	t->left = t->bytes;
	t->at_line = true;
	t->dotted = false;
	t->line_n = t->heard_n = 0;
	t->said = t->heard = t->unsettled ? PART_RSET : PART_MAIL;
	t->unsettled = true;
	say_commands(t);
}

struct str talk_speak(const struct talk *t)
{
	return str_at(t->out + t->out_gone, t->out_n - t->out_gone);
}

void talk_spoke(struct talk *t, ptrdiff_t n)
{
	t->out_gone += n;
	if (t->out_gone < t->out_n || t->heard != PART_MESSAGE ||
	    t->said == PART_END)
		return;
	if (t->dotted) {
		t->said_all = true;
		t->said = PART_END;
	} else {
		say_message(t);
	}
}

/* --- what is heard --- */

static bool is_wanted(enum talk_part part, int code)
{
	return part == PART_DATA ? code == CODE_GO_ON : code / 100 == 2;
}

static enum smtp_step step_of(enum talk_part part)
{
	return part < PART_RCPT	   ? STEP_MAIL
	       : part == PART_RCPT ? STEP_RCPT
				   : STEP_DATA;
}

static void go_on(struct talk *t, enum talk_part part)
{
	if (part == PART_MESSAGE) {
		t->accepted = true;
		t->unsettled = false;
		t->state = TALK_OVER;
	} else if (part == PART_DATA && t->refused) {
		/* A dot could deliver nothing, to whoever was not refused. */
		t->state = TALK_BROKEN;
	} else if (part == PART_DATA) {
		say_message(t);
	} else if (t->heard == t->said) {
		say_commands(t);
	}
}

/* Replies to what has been said already are waited for. */
static void give_up(struct talk *t, enum talk_part part, int code)
{
	t->refused = true;
	if (code == CODE_FAREWELL || code < 400 || part == PART_RSET)
		t->state = TALK_BROKEN;
	else if (t->heard == t->said)
		t->state = TALK_OVER;
	if (part == PART_MESSAGE)
		t->unsettled = false;
}

static void take_reply(struct talk *t, int code)
{
	const enum talk_part part = t->heard;

	t->heard_n = 0;
	if (!t->refused) {
		t->step = step_of(part);
		t->reply = code;
	}
	if (part > PART_RSET && code != CODE_FAREWELL)
		t->answered = true;
	if (part == t->said) {
		/* It was not said, or not to its end. */
		t->refused = true;
		t->state = TALK_BROKEN;
		return;
	}
	t->heard++;
	if (is_wanted(part, code))
		go_on(t, part);
	else
		give_up(t, part, code);
}

static void end_line(struct talk *t)
{
	const struct str line = str_trim(str_at(t->line, t->line_n));
	const int code = read_code(line);

	t->line_n = 0;
	if (code == 0) {
		t->state = TALK_BROKEN;
		return;
	}
	if (!t->refused)
		read_status(t, line);
	if (line.n == 3 || line.p[3] == ' ')
		take_reply(t, code);
}

void talk_hear(struct talk *t, struct str bytes)
{
	for (ptrdiff_t i = 0; i < bytes.n; i++) {
		/* What nobody asked for would be taken for the next answer. */
		if (t->state != TALK_GOES_ON || ++t->heard_n > TALK_REPLY_MAX)
			t->state = TALK_BROKEN;
		else if (bytes.p[i] == '\n')
			end_line(t);
		else if (t->line_n < TALK_LINE)
			t->line[t->line_n++] = bytes.p[i];
	}
}

enum talk_state talk_state(const struct talk *t)
{
	return t->state;
}

bool talk_was_late(const struct talk *t)
{
	return !t->answered;
}

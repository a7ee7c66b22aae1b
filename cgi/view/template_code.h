/*
 * What a template is compiled to.  Private to the engine: mustache.c keeps
 * the set, template_scan.c cuts the source into tokens, template_parse.c
 * turns those into instructions, template_render.c runs them.
 */
#ifndef VIEW_TEMPLATE_CODE_H
#define VIEW_TEMPLATE_CODE_H

#include "view/mustache.h"

/* A name, kept once for each set, so that its address is its identity. */
struct name {
	struct str text;
	uint32_t hash;
	uint32_t id;		   /* 0, 1, 2, ... within the set */
	struct template *template; /* of that name, NULL while there is none */
};

enum op_code {
	OP_TEXT,     /* adds nothing but the text before it */
	OP_NEWLINE,  /* adds text, a line's end, unless at a line's start */
	OP_SHOW,     /* adds what path names, escaped */
	OP_SHOW_RAW, /* the same, not escaped */
	OP_SECTION,  /* runs what follows for each item of what path names */
	OP_INVERTED, /* runs what follows when what path names is false */
	OP_PARTIAL,  /* runs a template */
	OP_PARENT, /* runs a template; the blocks that follow replace its own */
	OP_BLOCK   /* runs what follows, or what replaces it */
};

/*
 * Instructions stand in a row; what belongs to one follows it.  Each first
 * adds the text before it, which saves every other instruction.
 */
struct op {
	struct str before;
	enum op_code code;
	bool dynamic; /* the template's name is what path names */
	bool alone;   /* on its line: text is the indentation of what it runs */
	int parts;    /* of path; 0 is the implicit iterator */
	const struct name *const *path;
	struct str text;
	ptrdiff_t skip; /* from here to the instruction behind what belongs */
	const char *at; /* in the source */
};

struct template
{
	const struct name *name;
	struct template_set *set;
	struct template *next; /* in order of adding */
	struct str file;       /* as errors call it */
	struct str source;
	enum template_escape escape;
	bool strict;
	bool seen; /* by the search that goes on */
	struct op *op;
	ptrdiff_t ops;
};

struct template_set {
	struct arena *arena;
	struct template *first, **last;
	struct name **name; /* open addressing; size is a power of 2 */
	uint32_t size;
	uint32_t names;
};

enum token_kind {
	TOKEN_TEXT, /* at most to the end of its line, which belongs to it */
	TOKEN_SHOW,
	TOKEN_SHOW_RAW,
	TOKEN_SECTION,
	TOKEN_INVERTED,
	TOKEN_BLOCK,
	TOKEN_PARENT,
	TOKEN_PARTIAL,
	TOKEN_CLOSE,
	TOKEN_IGNORED /* comments and set delimiters */
};

struct token {
	enum token_kind kind;
	bool first;	 /* on its line */
	bool blank;	 /* a text of spaces, tabs, a line's end */
	bool eol;	 /* a text that ends its line */
	bool dynamic;	 /* a name behind an asterisk */
	bool alone;	 /* a tag that takes its line's white space with it */
	bool line;	 /* a text behind a block that has its line to itself */
	const char *at;	 /* in the source */
	struct str text; /* the text, or the tag's name */
	struct str indent; /* of a tag that is alone */
	struct str base;  /* of a block: the white space its lines begin with */
	ptrdiff_t match;  /* an opening tag's closing one, and the reverse */
	ptrdiff_t inside; /* the opening tag around it, or -1 */
};

/* A template being compiled. */
struct parse {
	struct template *template;
	struct arena *arena;
	struct template_error *error;
	struct token *token;
	ptrdiff_t n;
};

/* Fills in where at stands and what is wrong there; always false. */
bool template_fail(const struct template *t, struct template_error *error,
		   const char *at, struct str what);

/* Cuts the source into tokens and pairs opening with closing tags. */
bool template_scan(struct parse *p);

/* Compiles t->source to t->op; temporary things stand in the arena too. */
bool template_parse(struct template *t, struct template_error *error);

/* The set's one name of that text, made when there is none. */
struct name *template_name(struct template_set *set, struct str text);
/* The same, NULL when there is none. */
struct name *template_name_find(const struct template_set *set,
				struct str text);

/*
 * As template_render(), but stops after so many instructions: a template
 * that calls itself twice would not end before the universe does.
 */
void template_render_steps(const struct template *template,
			   struct value context, struct buf *out, long steps);

#endif

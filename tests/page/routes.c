/*
 * Takes in the programs' mains for their route tables: what is tested is what
 * runs.  Knows no route.
 */
#include "page/routes.h"

int answer_main(void);
int member_main(void);
int staff_main(void);

#define main answer_main
#include "answer.c"
#undef main
#define main member_main
#include "member.c"
#undef main
#define main staff_main
#include "staff.c"
#undef main

const struct route *routes_of(const char *program)
{
	const struct {
		const char *program;
		const struct route *routes;
	} known[] = {
		{"answer", answer_routes},
		{"member", member_routes},
		{"staff", staff_routes},
	};
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (!strcmp(known[i].program, program))
			return known[i].routes;
	fprintf(stderr, "harness: no program %s\n", program);
	exit(1);
}

/*
 * The program for staff.  It has no page yet, and says so with 404.
 */
#include "web/program.h"

static const struct route staff_routes[] = {
	{0},
};

int main(void)
{
	return program_main("staff", staff_routes);
}

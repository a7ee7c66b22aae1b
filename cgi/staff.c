/*
 * The program for staff: what they do for one organisation.
 */
#include "pages/staff.h"
#include "web/program.h"

/* clang-format off */
static const struct route staff_routes[] = {
	{METHOD_GET, "/staff", WHO_SESSION, CSRF_NONE, staff_choose},
	{METHOD_GET, "/staff/:org", WHO_DOOR, CSRF_NONE, staff_home},
	{0},
};
/* clang-format on */

int main(void)
{
	return program_main("staff", staff_routes);
}

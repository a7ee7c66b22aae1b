/*
 * The program for staff: what they do for one organisation.
 */
#include "pages/person.h"
#include "pages/settings.h"
#include "pages/staff.h"
#include "web/program.h"

/* clang-format off */
static const struct route staff_routes[] = {
	{METHOD_GET, "/staff", WHO_SESSION, CSRF_NONE, staff_choose},
	{METHOD_GET, "/staff/:org", WHO_DOOR, CSRF_NONE, staff_home},

	{METHOD_GET, "/staff/:org/people", WHO_STAFF, CSRF_NONE, person_list},
	{METHOD_GET, "/staff/:org/people/add", WHO_ADMIN, CSRF_NONE, person_new},
	{METHOD_POST, "/staff/:org/people/add", WHO_ADMIN, CSRF_SESSION, person_add},
	{METHOD_GET, "/staff/:org/people/:id", WHO_STAFF, CSRF_NONE, person_show},
	{METHOD_POST, "/staff/:org/people/:id/role", WHO_ADMIN, CSRF_SESSION, person_role},
	{METHOD_POST, "/staff/:org/people/:id/responder", WHO_ADMIN, CSRF_SESSION, person_responder},
	{METHOD_POST, "/staff/:org/people/:id/remove", WHO_ADMIN, CSRF_SESSION, person_remove},
	{METHOD_POST, "/staff/:org/people/:id/mail", WHO_STAFF, CSRF_SESSION, person_mail},

	{METHOD_GET, "/staff/:org/settings", WHO_ADMIN, CSRF_NONE, settings_show},
	{METHOD_POST, "/staff/:org/settings", WHO_ADMIN, CSRF_SESSION, settings_save},
	{0},
};
/* clang-format on */

int main(void)
{
	return program_main("staff", staff_routes);
}

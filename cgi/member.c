/*
 * The program for members: signing in, events, their own history.
 */
#include "pages/event.h"
#include "pages/history.h"
#include "pages/home.h"
#include "pages/me.h"
#include "pages/signin.h"
#include "pages/statement.h"
#include "web/program.h"

/* clang-format off */
static const struct route member_routes[] = {
	{METHOD_GET, "/", WHO_ANYONE, CSRF_NONE, home_show},
	{METHOD_GET, "/help", WHO_ANYONE, CSRF_NONE, statement_help},
	{METHOD_GET, "/privacy", WHO_ANYONE, CSRF_NONE, statement_privacy},
	{METHOD_GET, "/accessibility", WHO_ANYONE, CSRF_NONE, statement_accessibility},

	{METHOD_GET, "/signin", WHO_ANYONE, CSRF_NONE, signin_form},
	{METHOD_POST, "/signin", WHO_LINK, CSRF_TOKEN, signin_ask},
	{METHOD_GET, "/signin/:token", WHO_LINK, CSRF_NONE, signin_link},
	{METHOD_POST, "/signin/:token", WHO_LINK, CSRF_TOKEN, signin_use},
	{METHOD_POST, "/signout", WHO_SESSION, CSRF_SESSION, signin_out},

	{METHOD_GET, "/events", WHO_SESSION, CSRF_NONE, event_list},
	{METHOD_GET, "/events/:id", WHO_SESSION, CSRF_NONE, event_show},
	{METHOD_POST, "/events/:id/register", WHO_SESSION, CSRF_SESSION, event_register},
	{METHOD_POST, "/events/:id/withdraw", WHO_SESSION, CSRF_SESSION, event_withdraw},

	{METHOD_GET, "/history", WHO_SESSION, CSRF_NONE, history_list},
	{METHOD_GET, "/me", WHO_SESSION, CSRF_NONE, me_show},
	{METHOD_POST, "/me/sessions/:id/end", WHO_SESSION, CSRF_SESSION, me_session_end},
	{0},
};
/* clang-format on */

int main(void)
{
	return program_main("member", member_routes);
}

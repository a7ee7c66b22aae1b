/*
 * The program for members: signing in, events, their own history.
 */
#include "pages/address.h"
#include "pages/answer.h"
#include "pages/checkin.h"
#include "pages/contact.h"
#include "pages/dashboard.h"
#include "pages/decision.h"
#include "pages/device.h"
#include "pages/event.h"
#include "pages/feed.h"
#include "pages/fellow.h"
#include "pages/history.h"
#include "pages/home.h"
#include "pages/inbox.h"
#include "pages/me.h"
#include "pages/org.h"
#include "pages/own_data.h"
#include "pages/pending.h"
#include "pages/points.h"
#include "pages/preference.h"
#include "pages/sharing.h"
#include "pages/shift.h"
#include "pages/signin.h"
#include "pages/statement.h"
#include "pages/talk.h"
#include "pages/ticket.h"
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

	{METHOD_GET, "/events/:id/ticket", WHO_SESSION, CSRF_NONE, ticket_show},
	{METHOD_POST, "/events/:id/ticket", WHO_SESSION, CSRF_SESSION, ticket_renew},

	{METHOD_GET, "/shifts", WHO_SESSION, CSRF_NONE, shift_list},
	{METHOD_GET, "/shifts/:id", WHO_SESSION, CSRF_NONE, shift_show},
	{METHOD_POST, "/shifts/:id", WHO_SESSION, CSRF_SESSION, shift_press},
	{METHOD_GET, "/shifts/:id/decline", WHO_SESSION, CSRF_NONE, shift_decline},
	{METHOD_POST, "/shifts/:id/offer", WHO_SESSION, CSRF_SESSION, shift_offer},
	{METHOD_POST, "/shifts/:id/withdraw", WHO_SESSION, CSRF_SESSION, shift_withdraw},
	{METHOD_POST, "/shifts/:id/take", WHO_SESSION, CSRF_SESSION, shift_take},

	{METHOD_GET, "/history", WHO_SESSION, CSRF_NONE, history_list},
	{METHOD_GET, "/history/:event", WHO_SESSION, CSRF_NONE, answer_show},
	{METHOD_POST, "/history/:event", WHO_SESSION, CSRF_SESSION, answer_give},
	{METHOD_GET, "/history/:event/feedback", WHO_SESSION, CSRF_NONE, answer_feedback},
	{METHOD_POST, "/history/:event/feedback", WHO_SESSION, CSRF_SESSION, answer_feedback_give},
	{METHOD_POST, "/history/:event/sharing", WHO_SESSION, CSRF_SESSION, answer_share},

	{METHOD_GET, "/prompts", WHO_SESSION, CSRF_NONE, pending_list},
	{METHOD_POST, "/prompts/:id", WHO_SESSION, CSRF_SESSION, pending_answer},
	{METHOD_POST, "/prompts/:id/later", WHO_SESSION, CSRF_SESSION, pending_later},

	{METHOD_GET, "/people", WHO_SESSION, CSRF_NONE, fellow_list},
	{METHOD_GET, "/people/:id", WHO_SESSION, CSRF_NONE, fellow_show},

	{METHOD_GET, "/checkin", WHO_SESSION, CSRF_NONE, checkin_show},
	{METHOD_POST, "/checkin", WHO_SESSION, CSRF_SESSION, checkin_press},
	{METHOD_GET, "/dashboard", WHO_SESSION, CSRF_NONE, dashboard_show},
	{METHOD_GET, "/dashboard/settings", WHO_SESSION, CSRF_NONE, dashboard_settings},
	{METHOD_POST, "/dashboard/settings", WHO_SESSION, CSRF_SESSION, dashboard_settings_save},
	{METHOD_POST, "/dashboard/pause", WHO_SESSION, CSRF_SESSION, dashboard_pause},
	{METHOD_POST, "/dashboard/resume", WHO_SESSION, CSRF_SESSION, dashboard_resume},
	{METHOD_GET, "/dashboard/stop", WHO_SESSION, CSRF_NONE, dashboard_stop_ask},
	{METHOD_POST, "/dashboard/stop", WHO_SESSION, CSRF_SESSION, dashboard_stop},
	{METHOD_GET, "/dashboard/contacts", WHO_SESSION, CSRF_NONE, contact_list},
	{METHOD_POST, "/dashboard/contacts", WHO_SESSION, CSRF_SESSION, contact_add},
	{METHOD_POST, "/dashboard/contacts/:id", WHO_SESSION, CSRF_SESSION, contact_press},

	{METHOD_GET, "/talk", WHO_SESSION, CSRF_NONE, talk_list},
	{METHOD_GET, "/talk/:org", WHO_SESSION, CSRF_NONE, talk_show},
	{METHOD_POST, "/talk/:org", WHO_SESSION, CSRF_SESSION, talk_say},
	{METHOD_POST, "/talk/:org/read", WHO_SESSION, CSRF_SESSION, talk_read},

	{METHOD_GET, "/me/privacy", WHO_SESSION, CSRF_NONE, sharing_show},
	{METHOD_POST, "/me/privacy/:id/list", WHO_SESSION, CSRF_SESSION, sharing_list},
	{METHOD_POST, "/me/privacy/:id/unlist", WHO_SESSION, CSRF_SESSION, sharing_unlist},
	{METHOD_POST, "/me/privacy/:id/show", WHO_SESSION, CSRF_SESSION, sharing_show_all},
	{METHOD_POST, "/me/privacy/:id/hide", WHO_SESSION, CSRF_SESSION, sharing_hide_all},

	{METHOD_GET, "/me", WHO_SESSION, CSRF_NONE, me_show},
	{METHOD_POST, "/me/sessions/:id/end", WHO_SESSION, CSRF_SESSION, me_session_end},
	{METHOD_GET, "/me/name", WHO_SESSION, CSRF_NONE, me_name},
	{METHOD_POST, "/me/name", WHO_SESSION, CSRF_SESSION, me_name_save},
	{METHOD_GET, "/me/zone", WHO_SESSION, CSRF_NONE, preference_zone},
	{METHOD_POST, "/me/zone", WHO_SESSION, CSRF_SESSION, preference_zone_save},
	{METHOD_GET, "/me/quiet", WHO_SESSION, CSRF_NONE, preference_quiet},
	{METHOD_POST, "/me/quiet", WHO_SESSION, CSRF_SESSION, preference_quiet_save},
	{METHOD_GET, "/me/messages", WHO_SESSION, CSRF_NONE, decision_list},
	{METHOD_GET, "/me/points", WHO_SESSION, CSRF_NONE, points_list},
	{METHOD_GET, "/me/mail", WHO_SESSION, CSRF_NONE, preference_mail_list},
	{METHOD_GET, "/me/mail/:org", WHO_SESSION, CSRF_NONE, preference_mail},
	{METHOD_POST, "/me/mail/:org", WHO_SESSION, CSRF_SESSION, preference_mail_save},

	{METHOD_GET, "/me/calendar", WHO_SESSION, CSRF_NONE, feed_show},
	{METHOD_POST, "/me/calendar", WHO_SESSION, CSRF_SESSION, feed_press},
	{METHOD_GET, "/feed/:token", WHO_LINK, CSRF_NONE, feed_read},

	{METHOD_GET, "/inbox", WHO_SESSION, CSRF_NONE, inbox_list},
	{METHOD_POST, "/inbox/read", WHO_SESSION, CSRF_SESSION, inbox_read_all},
	{METHOD_POST, "/inbox/:id/read", WHO_SESSION, CSRF_SESSION, inbox_read},

	{METHOD_GET, "/me/devices", WHO_SESSION, CSRF_NONE, device_list},
	{METHOD_POST, "/me/devices/:id/remove", WHO_SESSION, CSRF_SESSION, device_remove},
	{METHOD_GET, "/api/devices", WHO_SESSION, CSRF_NONE, device_tell},
	{METHOD_POST, "/api/devices", WHO_SESSION, CSRF_SESSION, device_add},

	{METHOD_GET, "/me/address", WHO_SESSION, CSRF_NONE, address_form},
	{METHOD_POST, "/me/address", WHO_SESSION, CSRF_SESSION, address_ask},
	{METHOD_GET, "/address/:token", WHO_LINK, CSRF_NONE, address_link},
	{METHOD_POST, "/address/:token", WHO_LINK, CSRF_TOKEN, address_use},

	{METHOD_GET, "/me/data", WHO_SESSION, CSRF_NONE, own_data_show},
	{METHOD_POST, "/me/data", WHO_SESSION, CSRF_SESSION, own_data_take},
	{METHOD_GET, "/me/erase", WHO_SESSION, CSRF_NONE, own_data_erase},
	{METHOD_POST, "/me/erase", WHO_SESSION, CSRF_SESSION, own_data_erase_now},

	{METHOD_GET, "/o/:slug", WHO_ANYONE, CSRF_NONE, org_show},
	{METHOD_POST, "/o/:slug", WHO_ANYONE, CSRF_TOKEN, org_ask},
	{METHOD_POST, "/o/:slug/join", WHO_SESSION, CSRF_SESSION, org_join},
	{0},
};
/* clang-format on */

int main(void)
{
	return program_main("member", member_routes);
}

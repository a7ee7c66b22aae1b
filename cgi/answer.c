/*
 * The program behind mailed links: whoever holds one, and nobody else.
 */
#include "pages/checkin_link.h"
#include "pages/contact_link.h"
#include "pages/feedback.h"
#include "pages/prompt.h"
#include "pages/shift_link.h"
#include "pages/unsubscribe.h"
#include "web/program.h"

static const struct route answer_routes[] = {
	{METHOD_GET, "/r/:token", WHO_LINK, CSRF_NONE, prompt_show},
	{METHOD_POST, "/r/:token", WHO_LINK, CSRF_TOKEN, prompt_answer},
	{METHOD_GET, "/r/:token/later", WHO_LINK, CSRF_NONE, prompt_show},
	{METHOD_POST, "/r/:token/later", WHO_LINK, CSRF_TOKEN, prompt_snooze},
	{METHOD_GET, "/r/:token/feedback", WHO_LINK, CSRF_NONE, feedback_show},
	{METHOD_POST, "/r/:token/feedback", WHO_LINK, CSRF_TOKEN,
	 feedback_give},
	{METHOD_GET, "/s/:token", WHO_LINK, CSRF_NONE, shift_link_show},
	{METHOD_POST, "/s/:token", WHO_LINK, CSRF_TOKEN, shift_link_press},
	{METHOD_GET, "/s/:token/decline", WHO_LINK, CSRF_NONE,
	 shift_link_decline},
	{METHOD_GET, "/k/:token", WHO_LINK, CSRF_NONE, checkin_link_show},
	{METHOD_POST, "/k/:token", WHO_LINK, CSRF_TOKEN, checkin_link_press},
	{METHOD_GET, "/contact/:token", WHO_LINK, CSRF_NONE, contact_link_show},
	{METHOD_POST, "/contact/:token", WHO_LINK, CSRF_TOKEN,
	 contact_link_press},
	{METHOD_POST, "/contact/:token/data", WHO_LINK, CSRF_TOKEN,
	 contact_link_data},
	{METHOD_POST, "/contact/:token/erase", WHO_LINK, CSRF_TOKEN,
	 contact_link_erase},
	{METHOD_GET, "/u/:token", WHO_LINK, CSRF_NONE, unsubscribe_show},
	{METHOD_POST, "/u/:token", WHO_LINK, CSRF_ONE_CLICK, unsubscribe_stop},
	{0},
};

int main(void)
{
	return program_main("answer", answer_routes);
}

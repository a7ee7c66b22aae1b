/*
 * The program behind mailed links: whoever holds one, and nobody else.
 */
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
	{METHOD_GET, "/u/:token", WHO_LINK, CSRF_NONE, unsubscribe_show},
	{METHOD_POST, "/u/:token", WHO_LINK, CSRF_ONE_CLICK, unsubscribe_stop},
	{0},
};

int main(void)
{
	return program_main("answer", answer_routes);
}

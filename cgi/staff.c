/*
 * The program for staff: what they do for one organisation.
 */
#include "pages/staff.h"
#include "pages/absence.h"
#include "pages/audit.h"
#include "pages/code.h"
#include "pages/door.h"
#include "pages/door_sync.h"
#include "pages/enroll.h"
#include "pages/funnel.h"
#include "pages/import.h"
#include "pages/metrics.h"
#include "pages/mismatch.h"
#include "pages/participant.h"
#include "pages/person.h"
#include "pages/report.h"
#include "pages/request.h"
#include "pages/settings.h"
#include "pages/staff_event.h"
#include "pages/staff_event_form.h"
#include "pages/staff_message.h"
#include "pages/staff_message_next.h"
#include "pages/staff_shift.h"
#include "pages/staff_shift_file.h"
#include "pages/staff_shift_form.h"
#include "pages/staff_talk.h"
#include "pages/upload.h"
#include "pages/watch.h"
#include "web/program.h"

/* clang-format off */
static const struct route staff_routes[] = {
	{METHOD_GET, "/staff", WHO_SESSION, CSRF_NONE, staff_choose},
	{METHOD_GET, "/staff/:org", WHO_DOOR, CSRF_NONE, staff_home},

	{METHOD_GET, "/staff/:org/people", WHO_STAFF, CSRF_NONE, person_list},
	{METHOD_GET, "/staff/:org/people/add", WHO_ADMIN, CSRF_NONE, person_new},
	{METHOD_POST, "/staff/:org/people/add", WHO_ADMIN, CSRF_SESSION, person_add},
	{METHOD_GET, "/staff/:org/people/import", WHO_ADMIN, CSRF_NONE, enroll_file},
	{METHOD_POST, "/staff/:org/people/import", WHO_ADMIN, CSRF_FILE, enroll_file_look},
	{METHOD_GET, "/staff/:org/people/:id", WHO_STAFF, CSRF_NONE, person_show},
	{METHOD_GET, "/staff/:org/people/:id/answers", WHO_STAFF, CSRF_NONE, person_answers},
	{METHOD_GET, "/staff/:org/people/:id/answers.csv", WHO_STAFF, CSRF_NONE, person_file},
	{METHOD_POST, "/staff/:org/people/:id/role", WHO_ADMIN, CSRF_SESSION, person_role},
	{METHOD_POST, "/staff/:org/people/:id/responder", WHO_ADMIN, CSRF_SESSION, person_responder},
	{METHOD_POST, "/staff/:org/people/:id/remove", WHO_ADMIN, CSRF_SESSION, person_remove},
	{METHOD_POST, "/staff/:org/people/:id/mail", WHO_STAFF, CSRF_SESSION, person_mail},

	{METHOD_GET, "/staff/:org/audit", WHO_STAFF, CSRF_NONE, audit_show},
	{METHOD_GET, "/staff/:org/audit.csv", WHO_STAFF, CSRF_NONE, audit_file},

	{METHOD_GET, "/staff/:org/messages", WHO_STAFF, CSRF_NONE, staff_message_list},
	{METHOD_GET, "/staff/:org/messages.csv", WHO_STAFF, CSRF_NONE, staff_message_file},
	{METHOD_GET, "/staff/:org/messages/next", WHO_STAFF, CSRF_NONE, staff_message_next},
	{METHOD_POST, "/staff/:org/messages/pause", WHO_ADMIN, CSRF_SESSION, staff_message_pause},
	{METHOD_POST, "/staff/:org/messages/resume", WHO_ADMIN, CSRF_SESSION, staff_message_resume},
	{METHOD_GET, "/staff/:org/messages/addresses", WHO_STAFF, CSRF_NONE, staff_message_addresses},
	{METHOD_POST, "/staff/:org/messages/:id/again", WHO_ADMIN, CSRF_SESSION, staff_message_again},

	{METHOD_GET, "/staff/:org/talk", WHO_RESPONDER, CSRF_NONE, staff_talk_list},
	{METHOD_GET, "/staff/:org/watch", WHO_RESPONDER, CSRF_NONE, watch_board},
	{METHOD_GET, "/staff/:org/watch/:id", WHO_RESPONDER, CSRF_NONE, watch_show},
	{METHOD_POST, "/staff/:org/watch/:id", WHO_RESPONDER, CSRF_SESSION, watch_press},
	{METHOD_GET, "/staff/:org/watch/:id/talk", WHO_RESPONDER, CSRF_NONE, staff_talk_show},
	{METHOD_POST, "/staff/:org/watch/:id/talk", WHO_RESPONDER, CSRF_SESSION, staff_talk_say},
	{METHOD_POST, "/staff/:org/watch/:id/talk/read", WHO_RESPONDER, CSRF_SESSION, staff_talk_read},

	{METHOD_GET, "/staff/:org/requests", WHO_STAFF, CSRF_NONE, request_list},
	{METHOD_GET, "/staff/:org/requests/:id", WHO_STAFF, CSRF_NONE, request_show},
	{METHOD_POST, "/staff/:org/requests/:id", WHO_STAFF, CSRF_SESSION, request_decide},

	{METHOD_GET, "/staff/:org/settings", WHO_ADMIN, CSRF_NONE, settings_show},
	{METHOD_POST, "/staff/:org/settings", WHO_ADMIN, CSRF_SESSION, settings_save},

	{METHOD_GET, "/staff/:org/events", WHO_STAFF, CSRF_NONE, staff_event_list},
	{METHOD_GET, "/staff/:org/events/new", WHO_ADMIN, CSRF_NONE, staff_event_new},
	{METHOD_POST, "/staff/:org/events/new", WHO_ADMIN, CSRF_SESSION, staff_event_make},
	{METHOD_GET, "/staff/:org/events/:id", WHO_STAFF, CSRF_NONE, staff_event_show},
	{METHOD_GET, "/staff/:org/events/:id/door", WHO_DOOR, CSRF_NONE, door_show},
	{METHOD_POST, "/staff/:org/events/:id/door", WHO_DOOR, CSRF_SESSION, door_record},
	{METHOD_GET, "/staff/:org/events/:id/door/group", WHO_STAFF, CSRF_NONE, door_group},
	{METHOD_GET, "/staff/:org/events/:id/door/new", WHO_STAFF, CSRF_NONE, door_new},
	{METHOD_POST, "/staff/:org/events/:id/door/new", WHO_STAFF, CSRF_SESSION, door_add},
	{METHOD_GET, "/staff/:org/events/:id/answers", WHO_STAFF, CSRF_NONE, funnel_show},
	{METHOD_GET, "/staff/:org/events/:id/answers.csv", WHO_STAFF, CSRF_NONE, funnel_answers_file},
	{METHOD_GET, "/staff/:org/events/:id/ratings.csv", WHO_STAFF, CSRF_NONE, funnel_ratings_file},
	{METHOD_GET, "/staff/:org/events/:id/feedback.csv", WHO_STAFF, CSRF_NONE, funnel_feedback_file},
	{METHOD_GET, "/staff/:org/events/:id/report", WHO_STAFF, CSRF_NONE, report_event},
	{METHOD_GET, "/staff/:org/events/:id/report.csv", WHO_STAFF, CSRF_NONE, report_event_file},
	{METHOD_GET, "/staff/:org/events/:id/participants.csv", WHO_STAFF, CSRF_NONE, report_people_file},
	{METHOD_GET, "/staff/:org/events/:id/copy", WHO_ADMIN, CSRF_NONE, staff_event_copy},
	{METHOD_GET, "/staff/:org/events/:id/edit", WHO_ADMIN, CSRF_NONE, staff_event_edit},
	{METHOD_POST, "/staff/:org/events/:id/edit", WHO_ADMIN, CSRF_SESSION, staff_event_change},
	{METHOD_POST, "/staff/:org/events/:id/publish", WHO_ADMIN, CSRF_SESSION, staff_event_publish},
	{METHOD_GET, "/staff/:org/events/:id/cancel", WHO_ADMIN, CSRF_NONE, staff_event_cancel_ask},
	{METHOD_POST, "/staff/:org/events/:id/cancel", WHO_ADMIN, CSRF_SESSION, staff_event_cancel},
	{METHOD_POST, "/staff/:org/events/:id/resume", WHO_ADMIN, CSRF_SESSION, staff_event_resume},
	{METHOD_GET, "/staff/:org/events/:id/delete", WHO_ADMIN, CSRF_NONE, staff_event_delete_ask},
	{METHOD_POST, "/staff/:org/events/:id/delete", WHO_ADMIN, CSRF_SESSION, staff_event_delete},

	{METHOD_POST, "/staff/:org/events/:id/door/sync", WHO_DOOR, CSRF_SESSION, door_sync},

	{METHOD_GET, "/staff/:org/events/:id/people", WHO_STAFF, CSRF_NONE, participant_list},
	{METHOD_POST, "/staff/:org/events/:id/people", WHO_STAFF, CSRF_SESSION, participant_correct},
	{METHOD_GET, "/staff/:org/events/:id/people/add", WHO_STAFF, CSRF_NONE, enroll_pick},
	{METHOD_POST, "/staff/:org/events/:id/people/add", WHO_STAFF, CSRF_SESSION, enroll_add},
	{METHOD_GET, "/staff/:org/events/:id/people/import", WHO_ADMIN, CSRF_NONE, enroll_event_file},
	{METHOD_POST, "/staff/:org/events/:id/people/import", WHO_ADMIN, CSRF_FILE, enroll_event_file_look},
	{METHOD_GET, "/staff/:org/events/:id/people/:participant", WHO_STAFF, CSRF_NONE, participant_show},
	{METHOD_POST, "/staff/:org/events/:id/people/:participant", WHO_STAFF, CSRF_SESSION, participant_correct_one},

	{METHOD_GET, "/staff/:org/events/:id/absences", WHO_STAFF, CSRF_NONE, absence_show},
	{METHOD_POST, "/staff/:org/events/:id/absences", WHO_ADMIN, CSRF_SESSION, absence_start},
	{METHOD_POST, "/staff/:org/events/:id/absences/none", WHO_ADMIN, CSRF_SESSION, absence_decline},
	{METHOD_POST, "/staff/:org/events/:id/absences/:batch/back", WHO_ADMIN, CSRF_SESSION, absence_take_back},

	{METHOD_GET, "/staff/:org/shifts", WHO_STAFF, CSRF_NONE, staff_shift_list},
	{METHOD_GET, "/staff/:org/shifts/new", WHO_ADMIN, CSRF_NONE, staff_shift_new},
	{METHOD_POST, "/staff/:org/shifts/new", WHO_ADMIN, CSRF_SESSION, staff_shift_make},
	{METHOD_GET, "/staff/:org/shifts/import", WHO_ADMIN, CSRF_NONE, staff_shift_file},
	{METHOD_POST, "/staff/:org/shifts/import", WHO_ADMIN, CSRF_FILE, staff_shift_file_look},
	{METHOD_GET, "/staff/:org/shifts/:id", WHO_STAFF, CSRF_NONE, staff_shift_show},
	{METHOD_POST, "/staff/:org/shifts/:id", WHO_STAFF, CSRF_SESSION, staff_shift_press},
	{METHOD_GET, "/staff/:org/shifts/:id/assign", WHO_STAFF, CSRF_NONE, staff_shift_pick},
	{METHOD_POST, "/staff/:org/shifts/:id/assign", WHO_STAFF, CSRF_SESSION, staff_shift_assign},
	{METHOD_GET, "/staff/:org/shifts/:id/edit", WHO_ADMIN, CSRF_NONE, staff_shift_edit},
	{METHOD_POST, "/staff/:org/shifts/:id/edit", WHO_ADMIN, CSRF_SESSION, staff_shift_change},
	{METHOD_GET, "/staff/:org/shifts/:id/cancel", WHO_ADMIN, CSRF_NONE, staff_shift_cancel_ask},
	{METHOD_POST, "/staff/:org/shifts/:id/cancel", WHO_ADMIN, CSRF_SESSION, staff_shift_cancel},

	{METHOD_GET, "/staff/:org/report", WHO_STAFF, CSRF_NONE, report_org},
	{METHOD_GET, "/staff/:org/report/trend.csv", WHO_STAFF, CSRF_NONE, report_trend_file},
	{METHOD_GET, "/staff/:org/report/answers.csv", WHO_STAFF, CSRF_NONE, report_answers_file},
	{METHOD_GET, "/staff/:org/report/events.csv", WHO_STAFF, CSRF_NONE, report_events_file},
	{METHOD_GET, "/staff/:org/mismatches", WHO_STAFF, CSRF_NONE, mismatch_list},
	{METHOD_GET, "/staff/:org/mismatches.csv", WHO_STAFF, CSRF_NONE, mismatch_file},
	{METHOD_POST, "/staff/:org/mismatches/:id", WHO_STAFF, CSRF_SESSION, mismatch_decide},

	{METHOD_GET, "/metrics", WHO_LINK, CSRF_NONE, metrics_show},

	{METHOD_GET, "/c/:token", WHO_ANYONE, CSRF_NONE, code_show},

	{METHOD_GET, "/staff/:org/import", WHO_ADMIN, CSRF_NONE, import_show},
	{METHOD_POST, "/staff/:org/import", WHO_ADMIN, CSRF_FILE, import_look},
	{METHOD_GET, "/staff/:org/import/:id", WHO_ADMIN, CSRF_NONE, upload_page},
	{METHOD_POST, "/staff/:org/import/:id", WHO_ADMIN, CSRF_SESSION, upload_confirm},
	{METHOD_POST, "/staff/:org/import/:id/discard", WHO_ADMIN, CSRF_SESSION, upload_discard},
	{0},
};
/* clang-format on */

int main(void)
{
	return program_main("staff", staff_routes);
}

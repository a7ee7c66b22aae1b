/*
 * The words people read that stand in no template, in one table.  Must not
 * know which page shows them.
 */
#include "web/message.h"

#include "base/buf.h"
#include "web/message_table.h"

static const struct {
	const char *key;
	const char *sentence;
} sentences[] = {
	/* what functions of the database refuse */
	{"absent", "There is nothing at this address."},
	{"address_often",
	 "You asked for many addresses within an hour. Please wait an hour "
	 "before you ask for another one."},
	{"address_same", "That is your address already."},
	{"answered", "You have answered already, so we will not ask again. You "
		     "can still change your answer here."},
	{"bad_attempts",
	 "We could not read what to do, so nothing was done. Please try "
	 "again from the door’s page."},
	{"bad_frequency", "Please choose how often we may ask you."},
	{"bad_category", "Please choose which messages. Some are never held "
			 "back."},
	{"bad_rating", "Please choose a rating from 1 to 5."},
	{"bad_device",
	 "That is no device’s token: those are 16 to 4,096 letters, digits and "
	 "signs, without blanks."},
	{"bad_decision", "Please choose what you decide."},
	{"bad_date", "Please give a date such as 2026-11-20."},
	{"bad_role", "Please choose one of the roles."},
	{"bad_status", "Please choose one of the answers."},
	{"bad_time", "Please give a time of day from 00:00 to 23:59, such as "
		     "21:00."},
	{"bad_text", "That holds a character that cannot be kept. Please type "
		     "it again."},
	{"code_over", "This code was for an event that is over."},
	{"changed_meanwhile",
	 "Someone changed this while you had the page open. Nothing of yours "
	 "is saved yet: please look at what is there now."},
	{"closed", "This question is closed."},
	{"data_often",
	 "You downloaded your data five times within an hour. Please wait a "
	 "while before you do it again."},
	{"date_to_come", "Please give a date that is not in the future."},
	{"event_cancelled", "This event was cancelled."},
	{"event_over", "This event is over."},
	{"event_draft", "This event is a draft. Please publish it first."},
	{"feedback_needs_attendance",
	 "Feedback is for people who were there. Please answer this question "
	 "first."},
	{"feedback_too_long",
	 "“In your words” is too long. Please use at most 2,000 "
	 "characters."},
	{"join_closed",
	 "This organisation takes nobody by itself any more. Please ask the "
	 "people who run it."},
	{"last_admin",
	 "There must be an admin, and there is no other one. Please make "
	 "someone else an admin first."},
	{"last_admin_erased",
	 "You are the only admin of an organisation. Please make someone else "
	 "an admin there first."},
	{"link_expired", "This link is too old. Ask for a new one."},
	{"link_used", "This link was used already. Ask for a new one."},
	{"many_devices",
	 "You have ten devices already. Please remove one of them first."},
	{"message_over", "This message cannot be sent again any more: it is of "
			 "no more use, or it was sent again meanwhile."},
	{"message_suppressed",
	 "Their address refused mail for good, so nothing is mailed there. "
	 "Please press “Mail them again” on their page first."},
	{"mismatch_decided", "Somebody else has decided that meanwhile."},
	{"no_session", "You are not signed in any more. Please sign in."},
	{"quiet_same",
	 "The quiet hours end when they begin. Please give another "
	 "time, or switch them off."},
	{"snooze_not_offered",
	 "We cannot ask you again about this event. You can answer here, "
	 "now or later."},
	{"word_other", "Please type the word erase, if that is what you "
		       "want."},

	/* what they refuse of who is watched over */
	{"alert_claimed", "Another responder looks after it already."},
	{"alert_open",
	 "People were told that you did not check in. Please check in first, "
	 "and come back when the mail is out that tells them all is well."},
	{"alert_over", "There is no alert any more: it is over."},
	{"already_watched", "You are watched over already. Please stop that "
			    "first."},
	{"bad_interval", "Please give a whole number of hours from 1 to 168."},
	{"bad_note", "Please say in a few words how it ended, in at most 2,000 "
		     "characters."},
	{"bad_pause", "Please give a last day from today on, and within a "
		      "year."},
	{"bad_responder", "Please choose one of the other responders."},
	{"checkin_link_old", "This link is too old, or a newer one was mailed "
			     "to you."},
	{"contact_answered", "They have answered already."},
	{"contact_ask_soon",
	 "They are asked at most once a day, and three times in all."},
	{"contact_self", "That is your own address. Please name somebody "
			 "else."},
	{"contact_stopped",
	 "Somebody with that address does not want to be asked by you."},
	{"contact_twice", "You have named somebody with that address already."},
	{"contacts_often", "You asked ten contacts within a day. Please wait "
			   "until tomorrow."},
	{"last_responder",
	 "People are watched over here, and this is the last responder whom "
	 "mail reaches. Please make someone else a responder first, who has "
	 "signed in at least once."},
	{"many_contacts", "You have five contacts. Please remove one first."},
	{"no_consent", "Please tick that you agree."},
	{"no_responder",
	 "Nobody in this organisation could be told at present. Please ask "
	 "its admins to make someone a responder who has signed in."},
	{"not_watched", "You are not watched over. Please begin anew."},
	{"erase_unsure", "Please tick that you are sure. Nothing was erased."},
	{"talk_empty", "Please write something."},
	{"talk_long", "“Your message” is too long. Please use at most 2,000 "
		      "characters."},
	{"talk_nobody", "There is no responder at the moment who could read "
			"it."},
	{"talk_often", "That are 60 messages within an hour. Please wait a "
		       "while before you write more."},
	{"too_early", "The event is not over yet. Please come back after it."},

	/* what they refuse who makes and changes events */
	{"bad_capacity", "Please give a whole number from 1 to 999,999 for "
			 "“Places”, or leave it empty."},
	{"bad_link", "A web page begins with https:// and has no spaces in "
		     "it."},
	{"bad_place", "The place must be one line of at most 2,000 "
		      "characters."},
	{"bad_repeats", "Please choose how it repeats."},
	{"bad_times", "Please give a whole number from 2 to 1,000 for “Number "
		      "of times”."},
	{"bad_title", "Please fill in “Title”, in at most 500 characters."},
	{"calendar_says_when",
	 "This event repeats by the calendar it came from. Change its times "
	 "there, or change only this one."},
	{"end_before_start",
	 "The end must come after the start. If it ends on another day, give "
	 "that day too."},
	{"end_time_missing", "Please give the time at which it ends, or clear "
			     "the last day."},
	{"event_past", "That is over already. Please give a time that is still "
		       "to come."},
	{"event_step_unclear", "We could not tell which events you meant. "
			       "Nothing was changed."},
	{"never_repeats", "With these choices it would never take place. "
			  "Please choose another way to repeat it."},
	{"not_last_weekday", "That day is not the last of its weekday in the "
			     "month. Please choose another first day."},
	{"series_repeats",
	 "A series repeats. To end it, give a date for “Until”, or cancel "
	 "this and the following events."},
	{"start_time_missing",
	 "Please give the time at which it starts, or choose “Whole day”."},
	{"time_skipped", "Clocks in that zone are put forward then, so this "
			 "time does not exist on that day. Please give another "
			 "one."},
	{"until_before_start", "“Until” is before the first day."},
	{"until_or_times", "Please give either “Until” or “Number of "
			   "times”, not both."},

	/* what they refuse who corrects the door's word */
	{"bad_door_status", "Please choose what they were."},
	{"bad_reason", "Please choose one of the reasons."},
	{"nobody_ticked", "Please tick at least one person."},
	{"bad_choice", "Please press one of the buttons on our page."},
	{"bad_minutes", "Please say how many minutes late, from 1 to 600."},
	{"bad_shift_times",
	 "Please give a whole number from 2 to 200 for “Number "
	 "of times”."},
	{"capacity_below",
	 "More people are assigned than that. Please take some off first, or "
	 "leave as many places."},
	{"repeats_endless",
	 "Please say until when it repeats, or how many times."},
	{"shift_cancelled", "This shift was cancelled."},
	{"shift_early", "It is too early: this opens an hour before the shift "
			"begins."},
	{"offer_gone",
	 "Somebody else has taken it, or it is not offered any more."},
	{"own_shift_full", "All places in this shift are taken by now. Please "
			   "talk to your team."},
	{"shift_came_already",
	 "That is no longer needed: the check-in is done."},
	{"shift_begun",
	 "It has begun for you, so nobody else can take it any more."},
	{"shift_link_old",
	 "This link is too old. Please sign in to see your shifts."},
	{"shift_not_yours", "You said that you can’t come to this shift."},
	{"shift_overlap_own",
	 "You have something else at that time. Please look at it first."},
	{"shift_yours", "This shift is yours already."},
	{"shift_full",
	 "There are not that many places left in this shift. Please pick fewer "
	 "people, or ask an admin for more places."},
	{"shift_over", "This shift is over."},
	{"shift_overlap",
	 "Somebody you ticked has another shift at that time, as it says "
	 "beside the name. If you mean it, please press once more."},
	{"shift_past", "That is over already. Please give an end that is still "
		       "to come."},
	{"shift_too_long", "A shift can take 48 hours at most."},
	{"too_many_shifts",
	 "Those are more than 200 shifts. Please make as many as come by an "
	 "earlier day."},
	{"reason_long", "Please say why in at most 500 characters."},
	{"reason_missing", "The event is completed, so please say why it is "
			   "changed."},
	{"reason_words_missing", "Please say in your words what the other "
				 "reason is."},
	{"denial_reason_missing", "Please say why you leave them absent: they "
				  "read it."},
	{"request_decided", "Somebody decided this already."},
	{"request_overtaken", "The door does not have them as absent any "
			      "more, so there is nothing to decide."},
	{"absences_back", "These absences were taken back already."},
	{"absences_busy", "People are being marked just now. Please look again "
			  "in a minute."},
	{"absences_early", "The event is not over yet. Until its end people "
			   "can still come."},
	{"attendance_not_taken",
	 "No attendance is taken at this event. Switch it on under “Edit” "
	 "first."},
	{"event_not_held", "This event did not take place, so nobody can have "
			   "been absent."},

	/* what they refuse the operator */
	{"bad_email", "This is not a mail address."},
	{"bad_name", "A name is one line of at most 200 characters."},
	{"bad_slug", "A short name has small letters, digits and hyphens, at "
		     "most 63."},
	{"org_unknown", "There is no organisation of that short name."},
	{"slug_taken", "There is an organisation of that short name already."},
	{"zone_unknown", "This time zone is not known. Zones are written like "
			 "Europe/Berlin."},

	/* what the router refuses */
	{"form_old", "This page was open for too long, or you signed in again "
		     "meanwhile. Please go back, load it again and repeat "
		     "what you did."},

	{"file_large",
	 "Nothing was saved. A file can have up to 10 MB here. Whoever runs "
	 "this service can import a larger calendar with the command "
	 "rollcallctl import-events."},
	{"file_many_events",
	 "These are more events than a page can take. Whoever runs this "
	 "service can import them with the command rollcallctl "
	 "import-events."},
	{"file_no_shifts", "There is no shift in this file."},
	{"file_no_people", "There is nobody in this list."},
	{"list_large", "This file is larger than 4 MB. Please make several of "
		       "it."},
	{"file_no_events", "There is no event in this calendar."},
	{"import_slow",
	 "This calendar takes longer than a page may, and nothing was "
	 "changed. Please try again later, or ask whoever runs this service "
	 "to import it with the command rollcallctl import-events."},

	{"audit_cut",
	 "The file ends here, after {most} rows: choose fewer days "
	 "for the rest."},
	{"file_left_off", "{most} more are not in this file, which would be "
			  "too large: these are the latest."},

	/* what is wrong with a field */
	{"field_missing", "Please fill in “{label}”."},
	{"field_choose", "Please choose an answer for “{label}”."},
	{"field_file", "Please choose a file for “{label}”."},
	{"field_repeated", "“{label}” came twice. Please fill it in once."},
	{"field_unreadable",
	 "“{label}” holds characters that could not be read. Please type it "
	 "again."},
	{"field_control",
	 "“{label}” must be one line of plain text. Please type it again."},
	{"field_long", "“{label}” is too long. Please use at most {most} "
		       "characters."},
	{"field_email", "Please give one email address for “{label}”, such "
			"as name@example.org."},
	{"field_number", "Please give a whole number from {least} to {most} "
			 "for “{label}”."},
};

/* What an address may ask for: each is harmless, whoever made the link. */
static const struct {
	const char *key;
	const char *sentence;
} notes[] = {
	{"registered", "You are registered."},
	{"waitlisted", "The event is full. You are on the waiting list."},
	{"withdrawn", "You are no longer registered."},
	{"door_nobody", "You chose nobody. Nothing was changed."},
	{"code_renewed", "This is your new code. The one before does nothing "
			 "any more."},
	{"code_old", "The code that you opened was replaced. This is the one "
		     "that the door takes."},
	{"signed_in", "You are signed in."},
	{"signed_out", "You are signed out."},
	{"inbox_read", "All of it is marked as read."},
	{"device_removed", "Nothing goes to that device any more."},
	{"session_ended", "That device is signed out."},
	{"saved", "Your answer is saved."},
	{"joined", "You are a member now. Welcome!"},
	{"join_closed",
	 "You are signed in, but you did not join: the organisation takes "
	 "nobody by itself any more. Please ask the people who run it."},
	{"name_saved", "Your name is saved."},
	{"erased", "You are erased here. Thank you for having been with us."},
	{"zone_saved", "Your time zone is saved."},
	{"quiet_saved", "Your quiet hours are saved."},
	{"mail_saved", "Saved. This is what you get from now on."},
	{"imported", "The file is imported."},
	{"was_imported",
	 "This file was imported before. Nothing was done twice."},
	{"import_busy",
	 "Other files are being read just now, and nothing was changed. "
	 "Please try again in a minute."},
	{"discarded", "The file was thrown away. Nothing was changed."},
	{"added", "They are registered. We mail each of them."},
	{"added_waiting", "They are added. The event is full, so not all of "
			  "them have a place: the others are on the waiting "
			  "list. We mail each of them."},
	{"feedback", "Your feedback is saved. Thank you for it."},
	{"later", "We will ask you again at 9 in the morning."},
	{"sharing", "Saved: that is who sees this answer from now on."},
	{"hidden_everywhere",
	 "Saved. What fellow members cannot see is not shown to teams of other "
	 "organisations either, so both are off."},
	{"listed", "Fellow members can find you again."},
	{"unlisted", "Fellow members do not find you any more."},
	{"answers_shown", "Fellow members see these answers from now on."},
	{"answers_hidden", "These answers are hidden from fellow members."},
	{"person_added",
	 "They are in your organisation now. No mail tells them: please let "
	 "them know that they can sign in here with this address."},
	{"person_here", "They are in your organisation already. Nothing was "
			"changed."},
	{"role_changed", "The role is changed."},
	{"responder_given", "They are a responder now. All responders are told "
			    "by mail."},
	{"responder_taken", "They are not a responder any more."},
	{"person_removed", "They are out of your organisation."},
	{"mail_again", "We will mail them again."},
	{"paused", "They are held back from now on."},
	{"resumed", "They leave within a minute, or wait for what else there "
		    "is."},
	{"message_again", "It is in line again, and leaves within a minute if "
			  "nothing else is in its way."},
	{"mismatch_decided", "Decided. Both are kept as they were."},
	{"settings_saved", "The settings are saved."},
	{"event_made", "The event is saved."},
	{"event_saved", "Your changes are saved."},
	{"event_saved_full",
	 "Your changes are saved. More people are registered than there are "
	 "places now; nobody was taken off the list."},
	{"event_publish", "It is published. Members can see it."},
	{"event_cancel", "It is cancelled. Members see that it is."},
	{"event_resume", "It takes place again."},
	{"event_delete", "The draft is deleted."},
	{"decided", "It is decided. They read it with their answer."},
	{"corrected", "It is corrected, and it is kept who did it."},
	{"corrected_none", "It was like that already. Nothing was changed."},
	{"shift_made", "The shift is saved. Assign people to it next."},
	{"shift_saved", "Your changes are saved."},
	{"shift_cancel", "It is cancelled. Who was assigned is told by mail."},
	{"shift_assigned", "They are assigned, and told by mail."},
	{"shift_unassigned", "They are off this shift, and told by mail."},
	{"shift_came", "Checked in."},
	{"shift_went", "Checked out."},
	{"shift_undone", "That is taken back."},
	{"shift_late", "It is noted that they will be late."},
	{"shift_declined",
	 "It is noted that they can’t come. Their place is free."},
	{"shift_coming", "It is noted that they come."},
	{"own_shift_came", "You are checked in."},
	{"own_shift_went", "You are checked out. Thank you!"},
	{"own_shift_late", "Your team is told that you will be late."},
	{"own_shift_declined", "Your team is told that you can’t come."},
	{"own_shift_coming", "Your team is told that you come as planned."},
	{"shift_offered", "It is offered to fellow members. It stays yours "
			  "until somebody takes it; then we mail you."},
	{"shift_left", "That shift is not yours any more."},
	{"shift_kept", "It is not offered any more. You keep it."},
	{"shift_taken",
	 "It is yours now. Who offered it is told, and so is the team."},
	{"feed_made", "This is the address of your calendar."},
	{"feed_renewed",
	 "This is your new address. The one before opens nothing any more."},
	{"feed_revoked", "The address opens nothing any more."},
	{"checked_in", "You are checked in. Thank you!"},
	{"alert_seen", "It is noted that you have seen it."},
	{"alert_taken", "You look after it from now on."},
	{"alert_handed", "They look after it from now on."},
	{"alert_closed", "The alert is closed. Silence counts anew from now."},
	{"watch_begun", "From now on it is noticed when you stay silent. Name "
			"those whom we shall tell, if you like."},
	{"watch_saved", "Saved. That is when the next check-in is due."},
	{"watch_paused", "Paused. Nothing is expected of you until then."},
	{"watch_resumed", "You check in again from now on."},
	{"watch_stopped", "You have stopped it. Nobody notices any more when "
			  "you stay silent."},
	{"contact_asked", "They are asked by mail whether they agree."},
	{"contact_removed", "They are not your contact any more."},
	{"contact_saved", "Your answer is saved. Thank you for it."},
	{"talk_sent", "It is sent. The others are told by mail that there is "
		      "something to read."},
	{"absences_started",
	 "Who was not marked is absent now. Of more than 500 "
	 "people, the others follow within minutes."},
	{"absences_declined", "Nobody was marked absent."},
	{"absences_taken_back",
	 "They are taken back. Of more than 500 people, the others follow "
	 "within minutes."},
};

/* Of messages that people get. */
static const struct message_row kinds[] = {
	{"attendance_prompt", "Were you there?"},
	{"digest", "Summary with questions"},
	{"sign_in", "Link to sign in"},
	{"join", "Link to join"},
	{"staff_notice", "Notice that mail could not be sent"},
	{"responder_news", "News about responders"},
	{"absence_question", "Question whether attendance was taken"},
	{"audit_notice", "Notice that the audit was changed"},
	{"address_change", "Link to confirm a new address"},
	{"address_changed", "Notice that the address was changed"},
	{"registration", "What place you have"},
	{"promotion", "A place came free for you"},
	{"shift_start", "Reminder of a shift"},
	{"shift_end", "A shift's end"},
	{"shift_change", "News about a shift of yours"},
	{"shift_news", "News about somebody's shift"},
	{"shift_swap", "A shift that somebody else has taken"},
	{"contact_consent", "Question to a contact"},
	{"watch_due", "Reminder to check in"},
	{"watch_soon", "Second reminder to check in"},
	{"watch_told", "Others were told of the silence"},
	{"watch_contact", "Alert to a contact"},
	{"watch_responder", "Alert to a responder"},
	{"watch_clear", "All-clear to a contact"},
	{"talk_news", "A message waits to be read"},
};

/* Why somebody is meant to get one. */
static const struct message_row reasons[] = {
	{"registered", "because you were registered for this event."},
	{"viewed", "because you opened this event's page before it ended."},
	{"was_in_audience", "because you had opened this event's page, or were "
			    "registered for it, when this was planned."},
	{"asked_for", "because you asked us to ask you again."},
	{"second", "because there was no answer to the first question."},
	{"digest",
	 "because you chose a summary in place of a mail for each event."},
	{"sign_in",
	 "because someone, most likely you, asked for a link to sign in with "
	 "your address. Such links cannot be switched off."},
	{"join",
	 "because someone, most likely you, asked to join with your address."},
	{"staff_notice",
	 "because you are an admin: admins are told when mail cannot be sent."},
	{"absence_question",
	 "because you are an admin: admins are asked when nobody at all was "
	 "checked in at an event."},
	{"audit_notice",
	 "because you are an admin: admins are told when the audit is not as "
	 "it was written."},
	{"responder_news",
	 "because you are a responder: responders are told who else is one."},
	{"address_change", "because someone signed in to your account gave "
			   "this address as its new one."},
	{"address_changed", "because the address of your account was changed. "
			    "Such notices cannot be switched off."},
	{"registration", "because you were registered for this event, or put "
			 "on its waiting list."},
	{"shift_start",
	 "because you are assigned to a shift that is about to begin."},
	{"shift_end", "because you are assigned to a shift that is ending."},
	{"shift_change", "because you are, or were, assigned to a shift."},
	{"shift_news", "because you are one of the team: the team is told who "
		       "will be late for a shift, or cannot come."},
	{"shift_swap",
	 "because you offered a shift, or are one of the team: both are told "
	 "who takes it."},
	{"promotion", "because you were on the waiting list of this event."},
	{"contact_consent",
	 "because somebody who is watched over named you as a contact."},
	{"watch_due", "because you asked to be reminded when you do not check "
		      "in."},
	{"watch_soon", "because you asked to be reminded when you do not "
		       "check in."},
	{"watch_told", "because others were told that you had not checked in."},
	{"watch_contact", "because you agreed to be a contact."},
	{"watch_responder",
	 "because you are a responder: responders are told of people who stay "
	 "silent."},
	{"watch_clear", "because you were told of an alert that is over now."},
	{"talk_news", "because somebody wrote to you, or you are a responder "
		      "and somebody wrote to the responders."},
};

/* Why it waits, and why it did not come. */
static const struct message_row causes[] = {
	{"quiet_hours", "It is held because of your quiet hours."},
	{"digest", "It goes out with your next summary."},
	{"paused", "The organisation holds back such messages just now."},
	{"retry", "The mail server could not take it yet. We will try again."},
	{"push_retry",
	 "The push service could not take it yet. We will try again."},
	{"our_fault", "There was a problem on our side. We will try again."},
	{"in_digest", "It was part of a summary."},
	{"already_sent", "It had been sent before."},
	{"answered", "You had answered already."},
	{"unsubscribed",
	 "You chose to get no questions from this organisation."},
	{"not_wanted", "You chose not to get messages of this kind."},
	{"suppressed",
	 "Your address refused our mail before, so we do not write to it."},
	{"address_refused",
	 "The mail server said that your address does not exist."},
	{"recipient_refused", "The mail server refused mail for your address."},
	{"address_changed", "Your address was changed before it left."},
	{"no_try_left", "The mail server did not take it in time."},
	{"too_late", "It was too late for it to be of any use."},
	{"moved",
	 "It was about a time that was changed. A message about the new time "
	 "comes when it is due."},
	{"event_cancelled", "The event was cancelled."},
	{"event_draft", "The event was taken back."},
	{"withdrawn", "You were not registered any more."},
	{"place_changed", "You had another place by then, which another mail "
			  "was about."},
	{"prompts_off",
	 "The organisation was not asking about its events then."},
	{"not_in_audience",
	 "The organisation asks people who open an event's page before its "
	 "end, or register, or only one of these. You were not among them."},
	{"second_prompt_off", "The organisation asks only once."},
	{"not_registered",
	 "The organisation asks a second time only those who were registered."},
	{"nothing_to_ask", "There was nothing left to ask you."},
	{"read", "It had been read already."},
	{"erased", "It told of somebody who is not here any more."},
	{"resolved", "It was over by then: somebody had checked in, or the "
		     "alert was closed."},
	{"contact_gone", "The contact had answered by then, or was none any "
			 "more."},
	{"absences_decided", "An admin had answered that already."},
	{"link_used", "The link had been used already."},
	{"join_closed", "The organisation takes nobody by itself any more."},
	{"removed", "You were not in the organisation any more."},
	{"shift_cancelled", "The shift was cancelled."},
	{"not_assigned",
	 "The shift was no longer for the person it was about."},
	{"checked_in", "You had checked in already."},
	{"checked_out", "You had checked out already."},
	{"replaced", "Something newer about the same took its place."},
	{"not_staff", "You were not one of the team any more."},
	{"not_admin", "You were not an admin any more."},
	{"not_responder", "You were not a responder any more."},
};

static const struct {
	int status;
	const char *title;
	const char *sentence;
} problems[] = {
	/* for every status that is not in the table */
	{500, "Something went wrong here",
	 "The mistake is ours, and it is noted. Please try again in a few "
	 "minutes."},
	{400, "We could not read that",
	 "Your browser's message arrived broken. Please try again."},
	{403, "That did not come from our page",
	 "For your safety nothing was changed. Please open the page again and "
	 "repeat what you did there."},
	{404, "We could not find that",
	 "There is nothing at this address. If you came by a link, please "
	 "check that it is complete."},
	{405, "That is not possible here",
	 "This address does not take what your browser sent. Nothing was "
	 "changed."},
	{409, "Something changed meanwhile",
	 "Please load the page again and look before you repeat it."},
	{410, "This is over", "It was open until its date, which has passed."},
	{413, "That was too much at once",
	 "Nothing was saved. Please go back and send less text."},
	{415, "We could not read that form",
	 "Nothing was saved. Please use the form on our page."},
	{422, "That could not be saved",
	 "Please go back and look over what you filled in."},
	{425, "It is too early for that", "Please come back later."},
	{429, "That was too often",
	 "Please wait an hour before you try it again."},
	{503, "We cannot reach our records just now",
	 "Nothing was lost, and nothing was changed. Please try again in a "
	 "minute."},
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

struct str message_find(struct str key)
{
	for (size_t i = 0; i < COUNT(sentences); i++)
		if (str_equal(key, str_of(sentences[i].key)))
			return str_of(sentences[i].sentence);
	return message_note(key);
}

struct str message_note(struct str key)
{
	for (size_t i = 0; i < COUNT(notes); i++)
		if (str_equal(key, str_of(notes[i].key)))
			return str_of(notes[i].sentence);
	return STR_ABSENT;
}

struct str message_row_find(const struct message_row *table, size_t count,
			    struct str key)
{
	for (size_t i = 0; i < count; i++)
		if (str_equal(key, str_of(table[i].key)))
			return str_of(table[i].text);
	return STR_ABSENT;
}

struct str message_kind(struct str key)
{
	return message_row_find(kinds, COUNT(kinds), key);
}

struct str message_reason(struct str key)
{
	return message_row_find(reasons, COUNT(reasons), key);
}

struct str message_cause(struct str key)
{
	return message_row_find(causes, COUNT(causes), key);
}

struct message_problem message_problem(int status)
{
	size_t at = 0;

	for (size_t i = 0; i < COUNT(problems); i++)
		if (problems[i].status == status)
			at = i;
	return (struct message_problem){
		.title = str_of(problems[at].title),
		.sentence = str_of(problems[at].sentence),
	};
}

static void blank_add(struct buf *out, struct str name,
		      const struct message_blanks *blanks)
{
	if (str_equal(name, STR("label")))
		buf_add(out, blanks->label);
	else if (str_equal(name, STR("least")))
		buf_add_int(out, blanks->least);
	else
		buf_add_int(out, blanks->most);
}

struct str message_fill(struct arena *a, struct str key,
			const struct message_blanks *blanks)
{
	struct str rest = message_find(key);
	struct buf out = buf_init(a, 2 * rest.n);

	while (rest.n > 0) {
		buf_add(&out, str_cut(rest, '{', &rest));
		if (!str_is_absent(rest))
			blank_add(&out, str_cut(rest, '}', &rest), blanks);
	}
	return buf_str(&out);
}

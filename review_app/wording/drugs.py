"""The words of drug reports, Signals, the panel that grades them, and alerts."""

from collections.abc import Mapping

from review_app.wording.word import Word, Words

SUBMISSION: Words = {
    "draft": Word("Draft"),
    "received": Word("Received", "blue"),
    "triage": Word("Being checked", "yellow"),
    "needs_info": Word("Needs information", "orange"),
    "linked": Word("Linked", "teal"),
    "closed": Word("Closed"),
    "withdrawn": Word("Withdrawn"),
}
STAGE: Words = {
    "received": Word("Received", "blue"),
    "being_checked": Word("Being checked", "yellow"),
    "with_panel": Word("With the panel", "purple"),
    "decided": Word("Decided", "green"),
    "withdrawn": Word("Withdrawn"),
}
SIGNAL: Words = {
    "open": Word("Open", "blue"),
    "corroborating": Word("Asking agencies", "yellow"),
    "panel_ready": Word("Ready for panel", "orange"),
    "with_panel": Word("With the panel", "purple"),
    "decided": Word("Decided", "green"),
    "monitoring": Word("Watching", "teal"),
    "closed": Word("Closed"),
}
ALERT: Words = {
    "unissued": Word("Not yet issued"),
    "active": Word("Active", "red"),
    "expired": Word("Expired"),
    "withdrawn": Word("Withdrawn"),
    "superseded": Word("Replaced"),
    "evaluated": Word("Evaluated", "green"),
}
ALERT_VERSION: Words = {
    "draft": Word("Draft"),
    "awaiting_sign_off": Word("Awaiting sign-off", "orange"),
    "scheduled": Word("Scheduled", "blue"),
    "sending": Word("Sending", "yellow"),
    "sent": Word("Sent", "green"),
    "cancelled": Word("Cancelled"),
}
VERSION_KIND: Words = {
    "original": Word("First version", "blue"),
    "update": Word("Update", "blue"),
    "extension": Word("Extension", "blue"),
    "correction": Word("Correction", "orange"),
    "withdrawal": Word("Withdrawal", "grey"),
}
DELIVERY: Words = {
    "queued": Word("Waiting to go", "blue"),
    "sending": Word("Sending", "yellow"),
    "sent": Word("Sent", "green"),
    "delivered": Word("Delivered", "green"),
    "bounced": Word("Came back", "red"),
    "failed": Word("Failed", "red"),
    "unknown": Word("Not certain", "orange"),
    "cancelled": Word("Cancelled"),
    "expired": Word("Expired"),
}
CORROBORATION: Words = {
    "draft": Word("Draft"),
    "sent": Word("Asked", "blue"),
    "open": Word("Waiting for answers", "yellow"),
    "closed": Word("Closed"),
    "cancelled": Word("Cancelled"),
}
REPLY: Words = {
    "seen": Word("Seen", "orange"),
    "not_seen": Word("Not seen", "teal"),
    "more_to_say": Word("More to say", "purple"),
    "cannot_say": Word("Cannot say"),
}
DECISION: Words = {
    "collecting": Word("Grading", "yellow"),
    "revealed": Word("Grades revealed", "purple"),
    "decided": Word("Decided", "green"),
    "awaiting_ratification": Word("Waiting to be ratified", "orange"),
    "ratified": Word("Ratified", "green"),
    "overturned": Word("Overturned", "red"),
}
GRADE: Words = {
    "g0": Word("G0 No further action", "grey"),
    "g1": Word("G1 Monitor", "blue"),
    "g1*": Word("G1* Monitor, rumour to be checked", "blue"),
    "g2": Word("G2 Information", "green"),
    "g3": Word("G3 Amber", "orange"),
    "g4": Word("G4 Red", "red"),
}
LEVEL: Words = {
    "information": Word("Information", "green"),
    "amber": Word("Amber alert", "orange"),
    "red": Word("Red alert", "red"),
}
TLP: Words = {
    "red": Word("TLP:RED", "red"),
    "amber_strict": Word("TLP:AMBER+STRICT", "orange"),
    "amber": Word("TLP:AMBER", "orange"),
    "green": Word("TLP:GREEN", "green"),
    "clear": Word("TLP:CLEAR", "grey"),
}
CERTAINTY: Words = {
    "suspected": Word("Suspected", "yellow"),
    "presumptive": Word("Presumptive", "orange"),
    "confirmed": Word("Confirmed", "green"),
}
URGENCY: Words = {
    "routine": Word("Routine", "grey"),
    "urgent": Word("Urgent", "orange"),
    "critical": Word("Critical", "red"),
}
CLOCK: Words = {
    "running": Word("Running", "blue"),
    "paused": Word("Paused", "grey"),
    "met": Word("Met", "green"),
    "breached": Word("Overdue", "red"),
    "cancelled": Word("Cancelled", "grey"),
}
ROLE: Words = {
    "coordinator": Word("Coordinator"),
    "chair": Word("Panel chair"),
    "deputy_chair": Word("Deputy chair"),
    "panel_member": Word("Panel member"),
    "approver": Word("Approver"),
    "communications": Word("Communications lead"),
    "dph": Word("Director of Public Health"),
    "sro": Word("Senior responsible owner"),
    "board_reader": Word("Board reader"),
    "analyst": Word("Analyst"),
    "ig_lead": Word("Information governance lead"),
    "on_call": Word("On call"),
    "family_liaison": Word("Family liaison"),
    "admin": Word("Administrator"),
    "submitter": Word("Agency staff"),
    "agency_representative": Word("Agency representative"),
    "agency_lead": Word("Agency lead"),
}

REPORT_KIND: Words = {
    "suspected_death": Word("Suspected death", "red"),
    "non_fatal_overdose": Word("Overdose survived", "orange"),
    "severe_effect": Word("Severe effect", "orange"),
    "adulterated": Word("Contaminated or missold"),
    "unusually_strong": Word("Unusually strong"),
    "new_drug": Word("New drug"),
    "new_way_of_taking": Word("New way of taking"),
    "finding_without_harm": Word("Finding, no harm"),
    "warning_heard": Word("Warning heard"),
    "update": Word("Update"),
    "not_known": Word("Not known"),
    "other": Word("Other"),
}
SOURCE: Words = {
    "saw_it": Word("Saw it"),
    "affected_person": Word("Told by the person affected"),
    "someone_else": Word("Told by someone else"),
    "record": Word("Professional record"),
    "social_media": Word("Social media or news"),
    "lab_result": Word("Laboratory result"),
    "not_known": Word("Not known"),
    "other": Word("Other"),
}
KNOWN_PLACE: Words = {"outside_area": Word("Outside this area"), "not_known": Word("Place not known")}
CLOSURE_REASON: Words = {
    "out_of_scope": Word("Out of scope"),
    "redirected": Word("Redirected to another service"),
    "no_action": Word("No action needed"),
    "feedback_sent": Word("Decided, and the submitter was told"),
    "feedback_refused": Word("Decided, and the submitter does not want to be told"),
    "no_contact": Word("Decided, and there is no way to reach the submitter"),
}
LINK_REASON: Words = {
    "same_batch": Word("It looks like the same batch"),
    "same_event": Word("It is about the same event"),
    "duplicate": Word("It is the same report sent twice"),
    "same_place_and_time": Word("Same place and time"),
    "first_report": Word("The first report"),
    "other": Word("Another reason"),
}
AGE_BAND: Words = {
    "under_16": Word("Under 16"),
    "16_17": Word("16 to 17"),
    "18_24": Word("18 to 24"),
    "25_34": Word("25 to 34"),
    "35_44": Word("35 to 44"),
    "45_54": Word("45 to 54"),
    "55_plus": Word("55 and over"),
}
VULNERABILITY: Words = {
    "under_18": Word("Under 18"),
    "pregnant": Word("Pregnant"),
    "recently_released": Word("Recently left prison or hospital"),
    "opioid_naive": Word("Not used to opioids"),
    "rough_sleeping": Word("Rough sleeping or in a hostel"),
    "polydrug": Word("Took several drugs"),
    "recent_overdose": Word("Recent overdose survived"),
    "not_known": Word("Not known"),
    "other": Word("Other"),
}
URGENT_TICK: Words = {
    "danger_now": Word("Someone is in danger now"),
    "death": Word("Someone may have died"),
    "cluster": Word("Several people, or a cluster"),
    "synthetic_opioid": Word("A synthetic opioid is suspected"),
    "under_18": Word("Someone under 18 is affected"),
}
REVEAL_PURPOSE: Words = {
    "ring_back": Word("To ring back about danger now"),
    "check_details": Word("To check details of the report"),
    "tell_outcome": Word("To tell them what was decided"),
    "safeguarding": Word("For a safeguarding duty"),
}

ALERT_KIND: Words = {
    "one_off": Word("About one batch or event"),
    "standing": Word("Standing, kept up to date"),
    "relay": Word("Passed on from another area"),
}
LIST_KIND: Words = {
    "network": Word("Professional network"),
    "at_risk_agencies": Word("Agencies with people at risk"),
    "clinical": Word("Clinicians"),
}
AUDIENCE: Words = {
    "professionals": Word("Professionals"),
    "at_risk_agencies": Word("Agencies with people at risk"),
    "public": Word("The public"),
}
ACTION_TAKEN: Words = {
    "told_clients": Word("Told the people we work with"),
    "told_staff": Word("Told our staff"),
    "ordered_naloxone": Word("Ordered naloxone"),
    "nothing_needed": Word("Nothing was needed"),
}
WITHDRAWAL_REASON: Words = {
    "contained": Word("The risk has been contained"),
    "no_longer_circulating": Word("It is no longer circulating"),
    "not_confirmed": Word("It was not confirmed"),
    "wrong": Word("Something in it was wrong"),
    "identifies_someone": Word("It may identify someone"),
    "overturned": Word("The panel has changed its decision"),
    "sent_in_error": Word("It was sent in error"),
}
EFFICACY_ANSWER: Words = {
    "yes": Word("Yes", "orange"),
    "no": Word("No", "green"),
    "unsure": Word("Not sure", "orange"),
}

DRUGS: Mapping[str, Words] = {
    "alert_kind": ALERT_KIND,
    "list_kind": LIST_KIND,
    "audience": AUDIENCE,
    "action_taken": ACTION_TAKEN,
    "withdrawal_reason": WITHDRAWAL_REASON,
    "efficacy_answer": EFFICACY_ANSWER,
    "report_kind": REPORT_KIND,
    "source": SOURCE,
    "known_place": KNOWN_PLACE,
    "closure_reason": CLOSURE_REASON,
    "link_reason": LINK_REASON,
    "age_band": AGE_BAND,
    "vulnerability": VULNERABILITY,
    "urgent_tick": URGENT_TICK,
    "reveal_purpose": REVEAL_PURPOSE,
    "submission": SUBMISSION,
    "stage": STAGE,
    "signal": SIGNAL,
    "alert": ALERT,
    "alert_version": ALERT_VERSION,
    "version_kind": VERSION_KIND,
    "delivery": DELIVERY,
    "outbox": DELIVERY,
    "corroboration": CORROBORATION,
    "reply": REPLY,
    "decision": DECISION,
    "grade": GRADE,
    "level": LEVEL,
    "tlp": TLP,
    "certainty": CERTAINTY,
    "urgency": URGENCY,
    "clock": CLOCK,
    "role": ROLE,
}

"""The words of the avoidable-death review and of what is learned from it."""

from collections.abc import Mapping

from review_app.wording.word import Word, Words

CASE: Words = {
    "notified": Word("Notified", "blue"),
    "triage": Word("Being checked", "yellow"),
    "out_of_scope": Word("Out of scope"),
    "in_scope_not_selected": Word("In scope, not selected"),
    "selected": Word("Selected for review", "purple"),
    "info_requested": Word("Agencies asked", "yellow"),
    "info_ready": Word("Information ready", "teal"),
    "pack_draft": Word("Papers being written", "yellow"),
    "listed": Word("Listed for the panel", "orange"),
    "in_panel": Word("With the panel", "purple"),
    "deferred": Word("Put off", "orange"),
    "findings_draft": Word("Findings being written", "yellow"),
    "accuracy_check": Word("Facts being checked", "yellow"),
    "signed_off": Word("Signed off", "green"),
    "actions_open": Word("Actions open", "teal"),
    "closed": Word("Closed"),
    "reopened": Word("Open again", "orange"),
    "retained": Word("Kept until its date"),
    "destroyed": Word("Destroyed"),
}
CASE_WAITS: Words = {
    "coordinator": Word("The review coordinator"),
    "agencies": Word("The agencies that were asked"),
    "panel": Word("The panel"),
    "chair": Word("The chair"),
    "owners": Word("Those who own the actions"),
}
LIMB: Words = {
    "a": Word("A, drugs"),
    "b": Word("B, alcohol"),
    "c": Word("C, suicide"),
}
NOTIFICATION: Words = {
    "received": Word("Received", "blue"),
    "attached": Word("In a case", "green"),
    "out_of_scope": Word("Out of scope"),
    "withdrawn": Word("Withdrawn"),
}
BASIS: Words = {"suspected": Word("Suspected", "yellow"), "confirmed": Word("Confirmed", "green")}
VERDICT: Words = {
    "met": Word("Met", "green"),
    "not_met": Word("Not met"),
    "open": Word("A person has to say", "orange"),
}
INCLUSION_OUTCOME: Words = {
    "in_scope": Word("In scope", "green"),
    "out_of_scope": Word("Out of scope"),
    "needs_answer": Word("Needs an answer", "orange"),
}
IDENTITY_PURPOSE: Words = {
    "same_person": Word("To find out whether two notifications are about one person"),
    "right_records": Word("To help an agency find the right records"),
    "coroner": Word("To speak with the coroner’s office"),
    "family": Word("To prepare contact with the family"),
    "safeguarding": Word("For a safeguarding duty"),
    "correct": Word("To check or correct what is held"),
    "other": Word("Another purpose"),
}
KNOWN_ANSWER: Words = {"yes": Word("Yes"), "no": Word("No"), "not_known": Word("Not known")}
SUSPECTED: Words = {
    "drug_poisoning": Word("Drug poisoning"),
    "drug_use": Word("Drug use"),
    "drug_dependence": Word("Drug dependence"),
    "alcohol": Word("Alcohol, directly related to the death"),
    "suicide": Word("Suicide, by any means"),
    "not_known": Word("Not known yet"),
}
OTHER_REVIEW: Words = {
    "safeguarding_adult": Word("Safeguarding adult review"),
    "rough_sleeping": Word("Review of a rough-sleeping or homelessness death"),
    "domestic_abuse": Word("Domestic abuse-related death review"),
    "learning_disability": Word("Review of the death of a person with a learning disability or autism"),
    "patient_safety": Word("NHS patient-safety investigation"),
    "child_safeguarding": Word("Child safeguarding or child death review"),
    "prison": Word("Prisons and Probation Ombudsman"),
    "suicide_surveillance": Word("Surveillance of suspected suicides"),
    "criminal": Word("Criminal investigation"),
    "other": Word("Another review"),
}
RISK_KIND: Words = {
    "children": Word("Children"),
    "dependants": Word("People who depended on them"),
    "used_with": Word("People who used with them"),
    "same_batch": Word("Others who may have the same drugs"),
    "other": Word("Somebody else"),
}
MATCH_REASON: Words = {
    "same_nhs_number": Word("Same NHS number"),
    "same_birth_and_names": Word(
        "Same date of birth and similar names, and died within 3 days of each other as far as is known"
    ),
    "same_birth_and_day": Word("Same date of birth, and died within 3 days of each other; a name is missing"),
    "alike_names": Word(
        "Similar first and last names, and died within 3 days of each other as far as is known; no date of birth"
    ),
}
LIMB_GROUP: Words = {
    "a": Word("A, drugs"),
    "b": Word("B, alcohol"),
    "c": Word("C, suicide"),
    "several": Word("Several"),
    "none": Word("No limb"),
}
STATE_GROUP: Words = {
    "checked": Word("Being checked"),
    "out_of_scope": Word("Out of scope"),
    "not_selected": Word("Not selected"),
    "under_review": Word("Under review"),
    "reviewed": Word("Reviewed"),
    "destroyed": Word("Destroyed"),
}
CASE_FLAG: Words = {
    "parallel_process_hold": Word("Waits for another process", "orange"),
    "inquest_open": Word("Inquest open", "orange"),
    "family_contact_hold": Word("Do not contact the family yet", "orange"),
    "restricted_case": Word("Restricted", "magenta"),
    "legal_hold": Word("Legal hold", "red"),
}
MEETING: Words = {
    "planned": Word("Planned", "blue"),
    "pack_ready": Word("Papers ready", "orange"),
    "held": Word("Held", "green"),
    "minuted": Word("Minuted", "green"),
    "cancelled": Word("Cancelled"),
}
PRESENCE: Words = {
    "invited": Word("Not known yet", "grey"),
    "attended": Word("Came", "green"),
    "apologies": Word("Sent apologies", "yellow"),
}
CONFLICT: Words = {
    "none": Word("No interest", "green"),
    "involved_in_care": Word("Was involved in their care", "orange"),
    "line_manages": Word("Manages somebody who was involved", "orange"),
    "family_or_friend": Word("Family or friend", "red"),
    "commercial": Word("Commercial interest", "red"),
    "media": Word("Has spoken or written about it in public", "red"),
}
REOPEN_TRIGGER: Words = {
    "inquest_conclusion": Word("The inquest has concluded"),
    "toxicology_received": Word("Toxicology was received"),
    "prevention_report": Word("The coroner made a report to prevent future deaths"),
    "new_agency_information": Word("An agency has new information"),
    "family_information": Word("The family gave information"),
}
BACK_TO: Words = {
    "back_to_info": Word("Ask agencies again"),
    "back_to_pack": Word("Bring it before the panel again"),
    "back_to_findings": Word("Write its findings anew"),
}
DUE_WITHIN: Words = {
    "now": Word("Now"),
    "a_year": Word("Within a year"),
    "five_years": Word("Within five years"),
}
RECORD_CLASS: Words = {
    "agency_return": Word("Returns of agencies"),
    "case_move": Word("Moves of the case"),
    "case_version": Word("Signed versions"),
    "chronology_change": Word("Corrections of the chronology"),
    "chronology_entry": Word("Chronology"),
    "clock": Word("Clocks"),
    "contributory_factor": Word("Factors"),
    "death_notification": Word("Notifications"),
    "declaration_of_interest": Word("Declarations of interest"),
    "evidence_link": Word("Links to other records"),
    "identity_record": Word("Identities"),
    "information_request": Word("Requests to agencies"),
    "learning_point": Word("Learning points"),
    "learning_point_theme": Word("Themes of learning points"),
    "meeting_case": Word("Places on agendas, and minutes"),
    "pack_read": Word("Who read packs"),
    "recommendation_point": Word("Where recommendations came from"),
    "request_move": Word("Moves of requests"),
    "share": Word("What neighbours were shown"),
    "side_flag": Word("Holds and warnings"),
    "triage_decision": Word("Decisions about inclusion"),
}

REQUEST: Words = {
    "draft": Word("Not sent yet"),
    "sent": Word("Sent", "blue"),
    "opened": Word("Opened", "yellow"),
    "returned": Word("Answered", "green"),
    "declined": Word("Declined", "orange"),
    "waived": Word("Waived"),
    "cancelled": Word("Taken back"),
}
RETURN_KIND: Words = {
    "complete": Word("Complete return", "green"),
    "partial": Word("Part of a return", "yellow"),
    "nil": Word("Nothing held"),
    "declined": Word("Declined", "orange"),
}
MATCH_FIELD: Words = {
    "name": Word("Name"),
    "aliases": Word("Other names"),
    "date_of_birth": Word("Date of birth"),
    "nhs_number": Word("NHS number"),
    "address": Word("Last address"),
}
RESTRICTED_PURPOSE: Words = {
    "chair_meeting": Word("To prepare or chair the panel’s meeting about this case"),
    "judge_learning": Word("To judge what can be learned from this case"),
    "check_facts": Word("To check facts on which sources differ"),
    "safeguarding_duty": Word("For a safeguarding duty"),
}
ENTRY_CERTAINTY: Words = {
    "exact": Word("Exact", "green"),
    "approximate": Word("Approximate", "yellow"),
    "inferred": Word("Worked out from other facts", "orange"),
}
RETURN_SECTION: Words = {
    "general": Word("Neither"),
    "police": Word("Police information", "magenta"),
    "safeguarding": Word("Safeguarding or abuse", "magenta"),
}
SINCE: Words = {
    "overdose": Word("Since the last overdose"),
    "discharge": Word("Since the last discharge"),
    "release": Word("Since the last release"),
    "contact": Word("Since the last contact"),
}

REVIEWS: Mapping[str, Words] = {
    "case": CASE,
    "case_waits": CASE_WAITS,
    "limb": LIMB,
    "case_flag": CASE_FLAG,
    "limb_group": LIMB_GROUP,
    "state_group": STATE_GROUP,
    "request": REQUEST,
    "return_kind": RETURN_KIND,
    "match_field": MATCH_FIELD,
    "restricted_purpose": RESTRICTED_PURPOSE,
    "entry_certainty": ENTRY_CERTAINTY,
    "return_section": RETURN_SECTION,
    "since": SINCE,
    "notification": NOTIFICATION,
    "identity_purpose": IDENTITY_PURPOSE,
    "basis": BASIS,
    "verdict": VERDICT,
    "inclusion_outcome": INCLUSION_OUTCOME,
    "known_answer": KNOWN_ANSWER,
    "suspected": SUSPECTED,
    "other_review": OTHER_REVIEW,
    "risk_kind": RISK_KIND,
    "match_reason": MATCH_REASON,
    "meeting": MEETING,
    "presence": PRESENCE,
    "conflict": CONFLICT,
    "reopen_trigger": REOPEN_TRIGGER,
    "back_to": BACK_TO,
    "due_within": DUE_WITHIN,
    "record_class": RECORD_CLASS,
}

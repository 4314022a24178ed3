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
CASE_FLAG: Words = {
    "parallel_process_hold": Word("Waits for another process", "orange"),
    "inquest_open": Word("Inquest open", "orange"),
    "family_contact_hold": Word("Do not contact the family yet", "orange"),
    "restricted_case": Word("Restricted", "magenta"),
    "legal_hold": Word("Legal hold", "red"),
}

REVIEWS: Mapping[str, Words] = {
    "case": CASE,
    "case_waits": CASE_WAITS,
    "limb": LIMB,
    "case_flag": CASE_FLAG,
}

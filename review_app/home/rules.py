"""Which sections of the product a person has, and what an empty home page tells them."""

from review_app.policy import Actor, Held, Permission, Role, allowed

SECTIONS: tuple[tuple[str, str, tuple[Permission, ...]], ...] = (
    ("Home", "home.index", (Permission.HOME_SEE,)),
    (
        "Reports",
        "reports.index",
        (
            Permission.SUBMISSION_SEE,
            Permission.SUBMISSION_SEE_URGENT,
            Permission.SUBMISSION_SEE_CORROBORATING,
            Permission.SUBMISSION_SEE_AGENCY_TOTALS,
            Permission.SUBMISSION_SEE_TOTALS,
            Permission.SUBMISSION_SEE_DEIDENTIFIED,
        ),
    ),
    (
        "Signals",
        "signals.index",
        (Permission.SIGNAL_SEE, Permission.SIGNAL_SEE_DECIDED, Permission.SIGNAL_SEE_TOTALS),
    ),
    ("Questions", "corroborate.index", (Permission.CORROBORATION_SEE_AGENCY,)),
    ("Decisions", "panel.decisions", (Permission.DECISION_SEE, Permission.DECISION_SEE_TOTALS)),
    ("Alerts", "alerts.index", (Permission.ALERT_READ_GREEN,)),
    (
        "Reviews",
        "reviews.index",
        (
            Permission.CASE_SEE,
            Permission.CASE_SEE_EXISTS,
            Permission.CASE_SEE_LISTED,
            Permission.CASE_SEE_TOTALS,
        ),
    ),
    (
        "Meetings",
        "meetings.index",
        (Permission.MEETING_SEE, Permission.MEETING_SEE_OWN, Permission.DECLARATION_SEE),
    ),
    ("Requests", "requests.index", (Permission.REQUEST_SEE, Permission.REQUEST_SEE_AGENCY)),
    ("Notify a death", "deaths.new", (Permission.DEATH_NOTIFY,)),
    ("Learning", "learning.index", (Permission.THEME_SEE,)),
    (
        "Recommendations",
        "recommendations.index",
        (Permission.RECOMMENDATION_SEE, Permission.RECOMMENDATION_SEE_AGENCY),
    ),
    ("Actions", "actions.index", (Permission.ACTION_SEE, Permission.ACTION_SEE_AGENCY)),
    ("Lists", "lists.index", (Permission.LIST_SEE, Permission.LIST_SEE_TOTALS, Permission.LIST_SEE_AGENCY)),
    ("My reports", "report.mine", (Permission.SUBMISSION_MAKE,)),
    ("People", "people.index", (Permission.ACCOUNTS_MANAGE,)),
    (
        "Audit",
        "audit.index",
        (Permission.AUDIT_READ, Permission.AUDIT_READ_OWN_STAFF, Permission.AUDIT_READ_TECHNICAL),
    ),
    ("Settings", "settings.index", (Permission.SETTINGS_MANAGE, Permission.ADVICE_SEE)),
)

EMPTY: dict[Role, str] = {
    Role.COORDINATOR: "New reports, Signals to move on and drafts appear here, each with its clock.",
    Role.CHAIR: "Signals to grade, reveal and decide appear here.",
    Role.DEPUTY_CHAIR: "Signals to grade, reveal and decide appear here.",
    Role.PANEL_MEMBER: "Signals to grade appear here when the coordinator opens grading.",
    Role.APPROVER: "Alerts that wait for your signature appear here.",
    Role.DPH: "Alerts that wait for your signature and recommendations to decide on appear here.",
    Role.COMMUNICATIONS: "Alerts to write or sign appear here.",
    Role.ON_CALL: "Urgent reports appear here as they come in.",
    Role.AGENCY_REPRESENTATIVE: "Questions and requests to your agency, and actions it owns, appear here.",
    Role.AGENCY_LEAD: "Nothing waits for agency leads. Your agency’s totals are under Reports, Alerts and Audit.",
    Role.SUBMITTER: "Questions about reports you sent appear here. You can report a dangerous drug at any time.",
    Role.ANALYST: "Nothing waits for analysts. De-identified figures are under Reports and Signals.",
    Role.IG_LEAD: "Cases proposed to be destroyed appear here. The record of who did and saw what is under Audit.",
    Role.SRO: "Recommendations to decide on appear here. Decisions, learning and totals are in the menu above.",
    Role.BOARD_READER: "Nothing waits for board readers. Learning, recommendations and actions are in the menu above.",
    Role.FAMILY_LIAISON: "Family contact begins with death reviews; nothing is assigned to you yet.",
    Role.ADMIN: "Nothing waits for administrators. Accounts are under People, agencies and places under Settings.",
}

EMPTY_FOR_REVIEWS: dict[Role, str] = {
    Role.COORDINATOR: "Notifications that wait, cases to triage and overdue requests appear here, with clocks.",
    Role.CHAIR: "Learning to agree and cases to sign appear here. The cases are under Reviews.",
    Role.DEPUTY_CHAIR: "Learning to agree and cases to sign appear here. The cases are under Reviews.",
    Role.PANEL_MEMBER: "Meetings that you attend appear here, with what you have to accept and declare.",
}
"""The same for people of the review panel."""


def sections(actor: Actor) -> list[tuple[str, str]]:
    """Give (label, endpoint) of every section in which the person has something."""
    return [(label, endpoint) for label, endpoint, any_of in SECTIONS if any(allowed(actor, each) for each in any_of)]


def empty_words(actor: Actor) -> str:
    """Say what would appear on an empty home page, by the first of the person's roles."""
    held, reviewing = actor.roles() - actor.roles(Held.REVIEW_PANEL), actor.roles(Held.REVIEW_PANEL)
    for words_of, roles in ((EMPTY_FOR_REVIEWS, reviewing), (EMPTY, held)):
        found = next((words for role, words in words_of.items() if role in roles), "")
        if found:
            return found
    return "Work that needs you appears here."

"""Who may see and who may do: the one table, denying by default.

Each permission lists the tests any one of which is enough; a permission that is not listed is nobody's. A test looks
at one role assignment, in the Partnership the person is acting in. Roles are held on a Panel of kind `alert` (the drug
information system) or `review` (deaths), on a Partnership, or on an Agency; nothing is inherited from another role,
and administering accounts gives no right to read anything else.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from review_app.errors import NotAllowed


class Role(StrEnum):
    """Every role a person can be given."""

    COORDINATOR = "coordinator"
    CHAIR = "chair"
    DEPUTY_CHAIR = "deputy_chair"
    PANEL_MEMBER = "panel_member"
    APPROVER = "approver"
    COMMUNICATIONS = "communications"
    DPH = "dph"
    SRO = "sro"
    BOARD_READER = "board_reader"
    ANALYST = "analyst"
    IG_LEAD = "ig_lead"
    ON_CALL = "on_call"
    FAMILY_LIAISON = "family_liaison"
    ADMIN = "admin"
    SUBMITTER = "submitter"
    AGENCY_REPRESENTATIVE = "agency_representative"
    AGENCY_LEAD = "agency_lead"


class PanelKind(StrEnum):
    """Which records a panel deals with: drug reports and Signals, or deaths."""

    ALERT = "alert"
    REVIEW = "review"


class Held(StrEnum):
    """What a role is held on."""

    ALERT_PANEL = "alert_panel"
    REVIEW_PANEL = "review_panel"
    PARTNERSHIP = "partnership"
    AGENCY = "agency"


PANEL_ROLES = frozenset({Role.COORDINATOR, Role.CHAIR, Role.DEPUTY_CHAIR, Role.PANEL_MEMBER})
AGENCY_ROLES = frozenset({Role.SUBMITTER, Role.AGENCY_REPRESENTATIVE, Role.AGENCY_LEAD})
PARTNERSHIP_ROLES = frozenset(Role) - PANEL_ROLES - AGENCY_ROLES


@dataclass(frozen=True, kw_only=True)
class Assignment:
    """One role in force today, with the facts of its scope that tests look at."""

    role: Role
    held: Held
    panel_id: int | None = None
    agency_id: int | None = None
    agency_type: str = ""
    clinical: bool = False


@dataclass(frozen=True, kw_only=True)
class Actor:
    """The person who acts, in one Partnership, with every role they hold there."""

    user_id: int
    partnership_id: int
    assignments: frozenset[Assignment] = field(default_factory=frozenset)

    def roles(self, *held: Held) -> frozenset[Role]:
        """Give the roles held, on these kinds of scope if any are named."""
        return frozenset(a.role for a in self.assignments if not held or a.held in held)

    def agencies(self, *roles: Role) -> frozenset[int]:
        """Give the agencies for which the person holds one of these roles (any, if none is named)."""
        return frozenset(
            a.agency_id for a in self.assignments if a.agency_id is not None and (not roles or a.role in roles)
        )


class Permission(StrEnum):
    """What can be seen or done, as `resource:action`."""

    SUBMISSION_MAKE = "submission:make"
    SUBMISSION_SEE = "submission:see"
    SUBMISSION_SEE_URGENT = "submission:see_urgent"
    SUBMISSION_SEE_CORROBORATING = "submission:see_corroborating"
    SUBMISSION_SEE_AGENCY_TOTALS = "submission:see_agency_totals"
    SUBMISSION_SEE_TOTALS = "submission:see_totals"
    SUBMISSION_SEE_DEIDENTIFIED = "submission:see_deidentified"
    SUBMISSION_SEE_RESTRICTED = "submission:see_restricted"
    SUBMISSION_SEE_RESTRICTED_URGENT = "submission:see_restricted_urgent"
    SUBMISSION_SEE_RESTRICTED_WITH_PANEL = "submission:see_restricted_with_panel"
    SUBMISSION_TRIAGE = "submission:triage"
    SUBMITTER_IDENTIFY = "submitter:identify"
    SUBMITTER_IDENTIFY_URGENT = "submitter:identify_urgent"
    SUBMITTER_IDENTIFY_CONSENTED = "submitter:identify_consented"
    POLICE_SENSITIVE_SEE = "police_sensitive:see"
    SIGNAL_SEE = "signal:see"
    SIGNAL_SEE_DECIDED = "signal:see_decided"
    SIGNAL_SEE_TOTALS = "signal:see_totals"
    SIGNAL_MANAGE = "signal:manage"
    CORROBORATION_ASK = "corroboration:ask"
    CORROBORATION_ANSWER = "corroboration:answer"
    CORROBORATION_SEE = "corroboration:see"
    CORROBORATION_SEE_AGENCY = "corroboration:see_agency"
    PANEL_OPEN_GRADING = "panel:open_grading"
    ASSESSMENT_MAKE = "assessment:make"
    ASSESSMENT_SEE = "assessment:see"
    ASSESSMENT_SEE_TOTALS = "assessment:see_totals"
    ASSESSMENT_REVEAL = "assessment:reveal"
    DECISION_SEE = "decision:see"
    DECISION_SEE_TOTALS = "decision:see_totals"
    DECISION_MAKE = "decision:make"
    DECISION_DISSENT = "decision:dissent"
    ALERT_SEE_VERSIONS = "alert:see_versions"
    ALERT_SEE_SUBMITTED = "alert:see_submitted"
    ALERT_DRAFT = "alert:draft"
    ALERT_SIGN = "alert:sign"
    ALERT_WITHDRAW = "alert:withdraw"
    ALERT_READ_GREEN = "alert:read_green"
    ALERT_READ_STRICT = "alert:read_strict"
    LIST_SEE = "list:see"
    LIST_SEE_TOTALS = "list:see_totals"
    LIST_SEE_AGENCY = "list:see_agency"
    LIST_MANAGE = "list:manage"
    DELIVERY_SEE = "delivery:see"
    DELIVERY_SEE_TOTALS = "delivery:see_totals"
    DELIVERY_SEE_AGENCY = "delivery:see_agency"
    DELIVERY_RESEND = "delivery:resend"
    DELIVERY_SETTLE = "delivery:settle"
    ADVICE_SEE = "advice:see"
    ADVICE_SIGN = "advice:sign"
    DEATH_NOTIFY = "death:notify"
    CASE_SEE = "case:see"
    CASE_SEE_LISTED = "case:see_listed"
    CASE_SEE_EXISTS = "case:see_exists"
    CASE_SEE_TOTALS = "case:see_totals"
    CASE_SEE_DEIDENTIFIED = "case:see_deidentified"
    CASE_MANAGE = "case:manage"
    CASE_SIGN = "case:sign"
    CASE_DESTROY_PROPOSE = "case:destroy_propose"
    CASE_DESTROY_APPROVE = "case:destroy_approve"
    IDENTITY_REVEAL = "identity:reveal"
    SENSITIVE_SEE = "sensitive:see"
    SENSITIVE_SEE_BY_REASON = "sensitive:see_by_reason"
    REQUEST_SEE = "request:see"
    REQUEST_SEE_AGENCY = "request:see_agency"
    REQUEST_ANSWER = "request:answer"
    MEETING_SEE = "meeting:see"
    MEETING_SEE_OWN = "meeting:see_own"
    MEETING_MANAGE = "meeting:manage"
    DECLARATION_SEE = "declaration:see"
    LEARNING_RECORD = "learning:record"
    LEARNING_AGREE = "learning:agree"
    LEARNING_SEE = "learning:see"
    LEARNING_SEE_APPROVED = "learning:see_approved"
    THEME_SEE = "theme:see"
    RECOMMENDATION_SEE = "recommendation:see"
    RECOMMENDATION_SEE_AGENCY = "recommendation:see_agency"
    RECOMMENDATION_DRAFT = "recommendation:draft"
    RECOMMENDATION_DECIDE = "recommendation:decide"
    ACTION_SEE = "action:see"
    ACTION_SEE_AGENCY = "action:see_agency"
    ACTION_MANAGE = "action:manage"
    ACTION_DO = "action:do"
    THREAD_SEE = "thread:see"
    SEARCH = "search:use"
    ACCOUNTS_MANAGE = "accounts:manage"
    SETTINGS_MANAGE = "settings:manage"
    AUDIT_READ = "audit:read"
    AUDIT_READ_OWN_STAFF = "audit:read_own_staff"
    AUDIT_READ_TECHNICAL = "audit:read_technical"
    AUDIT_PRUNE = "audit:prune"
    HOME_SEE = "home:see"


Test = Callable[[Assignment], bool]


def alert_panel(*roles: Role) -> Test:
    """Held on the alert panel."""
    return lambda a: a.held is Held.ALERT_PANEL and a.role in roles


def review_panel(*roles: Role) -> Test:
    """Held on the review panel."""
    return lambda a: a.held is Held.REVIEW_PANEL and a.role in roles


def partnership(*roles: Role) -> Test:
    """Held on the Partnership."""
    return lambda a: a.held is Held.PARTNERSHIP and a.role in roles


def agency(*roles: Role) -> Test:
    """Held on an Agency."""
    return lambda a: a.held is Held.AGENCY and a.role in roles


def anyone(_assignment: Assignment) -> bool:
    """Any role at all in this Partnership."""
    return True


def police_panel_member(a: Assignment) -> bool:
    """A member of the alert panel for a police agency."""
    return a.held is Held.ALERT_PANEL and a.role is Role.PANEL_MEMBER and a.agency_type == "police"


def clinician(a: Assignment) -> bool:
    """A member of the alert panel with clinical expertise."""
    return a.held is Held.ALERT_PANEL and a.role is Role.PANEL_MEMBER and a.clinical


def seated_coordinator(a: Assignment) -> bool:
    """A coordinator of the alert panel who is also one of its members, for an agency."""
    return a.held is Held.ALERT_PANEL and a.role is Role.COORDINATOR and a.agency_id is not None


COORDINATOR = alert_panel(Role.COORDINATOR)
CHAIRS = alert_panel(Role.CHAIR, Role.DEPUTY_CHAIR)
MEMBER = alert_panel(Role.PANEL_MEMBER)
SIGNERS = partnership(Role.APPROVER, Role.COMMUNICATIONS, Role.DPH)
ON_CALL = partnership(Role.ON_CALL)
LEAD = agency(Role.AGENCY_LEAD)
ANALYST = partnership(Role.ANALYST)
SRO = partnership(Role.SRO)
ADMIN = partnership(Role.ADMIN)
IG = partnership(Role.IG_LEAD)
REPRESENTATIVE = agency(Role.AGENCY_REPRESENTATIVE)
REVIEW_COORDINATOR = review_panel(Role.COORDINATOR)
REVIEW_CHAIRS = review_panel(Role.CHAIR, Role.DEPUTY_CHAIR)
REVIEW_MEMBER = review_panel(Role.PANEL_MEMBER)
DPH = partnership(Role.DPH)
FAMILY = partnership(Role.FAMILY_LIAISON)
BOARD = partnership(Role.SRO, Role.BOARD_READER)

GRANTS: Mapping[Permission, tuple[Test, ...]] = {
    Permission.SUBMISSION_MAKE: (anyone,),
    Permission.SUBMISSION_SEE: (COORDINATOR, CHAIRS),
    Permission.SUBMISSION_SEE_URGENT: (ON_CALL,),
    Permission.SUBMISSION_SEE_CORROBORATING: (MEMBER,),
    Permission.SUBMISSION_SEE_AGENCY_TOTALS: (LEAD,),
    Permission.SUBMISSION_SEE_TOTALS: (SRO,),
    Permission.SUBMISSION_SEE_DEIDENTIFIED: (ANALYST,),
    Permission.SUBMISSION_SEE_RESTRICTED: (COORDINATOR, CHAIRS),
    Permission.SUBMISSION_SEE_RESTRICTED_URGENT: (ON_CALL,),
    Permission.SUBMISSION_SEE_RESTRICTED_WITH_PANEL: (MEMBER,),
    Permission.SUBMISSION_TRIAGE: (COORDINATOR,),
    Permission.SUBMITTER_IDENTIFY: (COORDINATOR, CHAIRS),
    Permission.SUBMITTER_IDENTIFY_URGENT: (ON_CALL,),
    Permission.SUBMITTER_IDENTIFY_CONSENTED: (MEMBER,),
    Permission.POLICE_SENSITIVE_SEE: (COORDINATOR, CHAIRS, police_panel_member),
    Permission.SIGNAL_SEE: (COORDINATOR, CHAIRS, MEMBER, ON_CALL),
    Permission.SIGNAL_SEE_DECIDED: (SIGNERS,),
    Permission.SIGNAL_SEE_TOTALS: (ANALYST, SRO),
    Permission.SIGNAL_MANAGE: (COORDINATOR,),
    Permission.CORROBORATION_ASK: (COORDINATOR,),
    Permission.CORROBORATION_ANSWER: (agency(Role.AGENCY_REPRESENTATIVE),),
    Permission.CORROBORATION_SEE: (COORDINATOR, CHAIRS, MEMBER, ON_CALL),
    Permission.CORROBORATION_SEE_AGENCY: (agency(Role.AGENCY_REPRESENTATIVE, Role.AGENCY_LEAD),),
    Permission.PANEL_OPEN_GRADING: (COORDINATOR,),
    Permission.ASSESSMENT_MAKE: (MEMBER, CHAIRS, seated_coordinator),
    Permission.ASSESSMENT_SEE: (COORDINATOR, CHAIRS, MEMBER, SIGNERS, ON_CALL),
    Permission.ASSESSMENT_SEE_TOTALS: (ANALYST,),
    Permission.ASSESSMENT_REVEAL: (COORDINATOR, CHAIRS),
    Permission.DECISION_SEE: (COORDINATOR, CHAIRS, MEMBER, SIGNERS, ON_CALL, SRO),
    Permission.DECISION_SEE_TOTALS: (ANALYST,),
    Permission.DECISION_MAKE: (CHAIRS,),
    Permission.DECISION_DISSENT: (MEMBER, CHAIRS, seated_coordinator),
    Permission.ALERT_SEE_VERSIONS: (COORDINATOR, CHAIRS, SIGNERS, ON_CALL),
    Permission.ALERT_SEE_SUBMITTED: (MEMBER,),
    Permission.ALERT_DRAFT: (COORDINATOR, partnership(Role.APPROVER, Role.COMMUNICATIONS)),
    Permission.ALERT_SIGN: (COORDINATOR, CHAIRS, SIGNERS),
    Permission.ALERT_WITHDRAW: (COORDINATOR, CHAIRS, partnership(Role.APPROVER, Role.DPH), ON_CALL),
    Permission.ALERT_READ_GREEN: (anyone,),
    Permission.ALERT_READ_STRICT: (COORDINATOR, CHAIRS, MEMBER, SIGNERS),
    Permission.LIST_SEE: (COORDINATOR, partnership(Role.COMMUNICATIONS)),
    Permission.LIST_SEE_TOTALS: (CHAIRS, partnership(Role.APPROVER, Role.DPH), ON_CALL),
    Permission.LIST_SEE_AGENCY: (LEAD,),
    Permission.LIST_MANAGE: (COORDINATOR, partnership(Role.COMMUNICATIONS)),
    Permission.DELIVERY_SEE: (COORDINATOR, CHAIRS, SIGNERS, ON_CALL),
    Permission.DELIVERY_SEE_TOTALS: (MEMBER, ANALYST, SRO),
    Permission.DELIVERY_SEE_AGENCY: (LEAD,),
    Permission.DELIVERY_RESEND: (COORDINATOR, partnership(Role.APPROVER, Role.COMMUNICATIONS)),
    Permission.DELIVERY_SETTLE: (COORDINATOR, CHAIRS, SIGNERS, ON_CALL),
    Permission.ADVICE_SEE: (COORDINATOR, CHAIRS, MEMBER, SIGNERS),
    Permission.ADVICE_SIGN: (clinician,),
    Permission.DEATH_NOTIFY: (REPRESENTATIVE, COORDINATOR, REVIEW_COORDINATOR),
    Permission.CASE_SEE: (REVIEW_COORDINATOR, REVIEW_CHAIRS),
    Permission.CASE_SEE_LISTED: (REVIEW_MEMBER,),
    Permission.CASE_SEE_EXISTS: (DPH, IG),
    Permission.CASE_SEE_TOTALS: (ANALYST, BOARD),
    Permission.CASE_SEE_DEIDENTIFIED: (ANALYST,),
    Permission.CASE_MANAGE: (REVIEW_COORDINATOR,),
    Permission.CASE_SIGN: (REVIEW_CHAIRS,),
    Permission.CASE_DESTROY_PROPOSE: (REVIEW_COORDINATOR,),
    Permission.CASE_DESTROY_APPROVE: (IG,),
    Permission.IDENTITY_REVEAL: (REVIEW_COORDINATOR, REVIEW_CHAIRS),
    Permission.SENSITIVE_SEE: (REVIEW_COORDINATOR,),
    Permission.SENSITIVE_SEE_BY_REASON: (REVIEW_CHAIRS,),
    Permission.REQUEST_SEE: (REVIEW_COORDINATOR, REVIEW_CHAIRS),
    Permission.REQUEST_SEE_AGENCY: (REPRESENTATIVE, REVIEW_MEMBER),
    Permission.REQUEST_ANSWER: (REPRESENTATIVE,),
    Permission.MEETING_SEE: (REVIEW_COORDINATOR, REVIEW_CHAIRS),
    Permission.MEETING_SEE_OWN: (REVIEW_MEMBER,),
    Permission.MEETING_MANAGE: (REVIEW_COORDINATOR,),
    Permission.DECLARATION_SEE: (REVIEW_COORDINATOR, REVIEW_CHAIRS, IG),
    Permission.LEARNING_RECORD: (REVIEW_COORDINATOR, REVIEW_CHAIRS, REVIEW_MEMBER),
    Permission.LEARNING_AGREE: (REVIEW_CHAIRS,),
    Permission.LEARNING_SEE: (
        REVIEW_COORDINATOR,
        REVIEW_CHAIRS,
        REVIEW_MEMBER,
        REPRESENTATIVE,
        FAMILY,
        DPH,
        ANALYST,
        IG,
    ),
    Permission.LEARNING_SEE_APPROVED: (BOARD,),
    Permission.THEME_SEE: (
        REVIEW_COORDINATOR,
        REVIEW_CHAIRS,
        REVIEW_MEMBER,
        REPRESENTATIVE,
        FAMILY,
        DPH,
        ANALYST,
        IG,
        BOARD,
    ),
    Permission.RECOMMENDATION_SEE: (REVIEW_COORDINATOR, REVIEW_CHAIRS, REVIEW_MEMBER, DPH, ANALYST, IG, BOARD),
    Permission.RECOMMENDATION_SEE_AGENCY: (REPRESENTATIVE,),
    Permission.RECOMMENDATION_DRAFT: (REVIEW_COORDINATOR, REVIEW_CHAIRS),
    Permission.RECOMMENDATION_DECIDE: (SRO, DPH),
    Permission.ACTION_SEE: (REVIEW_COORDINATOR, REVIEW_CHAIRS, REVIEW_MEMBER, DPH, ANALYST, IG, BOARD),
    Permission.ACTION_SEE_AGENCY: (REPRESENTATIVE,),
    Permission.ACTION_MANAGE: (REVIEW_COORDINATOR,),
    Permission.ACTION_DO: (REPRESENTATIVE, REVIEW_COORDINATOR),
    Permission.THREAD_SEE: (anyone,),
    Permission.SEARCH: (anyone,),
    Permission.ACCOUNTS_MANAGE: (ADMIN,),
    Permission.SETTINGS_MANAGE: (ADMIN,),
    Permission.AUDIT_READ: (IG,),
    Permission.AUDIT_READ_OWN_STAFF: (LEAD,),
    Permission.AUDIT_READ_TECHNICAL: (ADMIN,),
    Permission.AUDIT_PRUNE: (IG,),
    Permission.HOME_SEE: (anyone,),
}


def allowed(actor: Actor, permission: Permission) -> bool:
    """Say whether one of the person's roles passes one of the permission's tests."""
    tests = GRANTS.get(permission, ())
    return any(test(assignment) for test in tests for assignment in actor.assignments)


def qualifying(actor: Actor, permission: Permission) -> frozenset[Assignment]:
    """Give the assignments by which the person holds a permission: for which panel, agency or role they act."""
    tests = GRANTS.get(permission, ())
    return frozenset(a for a in actor.assignments if any(test(a) for test in tests))


def require(actor: Actor, permission: Permission, *, acting_as: Role | None = None) -> None:
    """Refuse with NotAllowed unless the person holds the permission, and by this role if one is named."""
    held = qualifying(actor, permission)
    if not held or (acting_as is not None and all(a.role is not acting_as for a in held)):
        raise NotAllowed("Your role does not let you do this. Nothing was changed. Ask your coordinator who can.")

"""Who knows of which record, and who may do what: both halves of the access rules, as sets of people.

A person is named by the first part of their address and holds one role, except where it says otherwise. The neighbour's
people are named with their place. What a person may not know of is 404, what they may know of and not do is 403.
"""

from tests.web.matrix.visiting import ANONYMOUS

People = frozenset[str]


def people(*names: str) -> People:
    """Give a set of people."""
    return frozenset(names)


COORDINATORS = people("coordinator")
CHAIRS = people("chair", "deputy")
POLICE_MEMBER, CLINICIAN = people("police.panel"), people("clinician.panel")
MEMBERS = POLICE_MEMBER | CLINICIAN
SIGNERS = people("approver", "dph", "communications")
ON_CALL = people("oncall")
TREATMENT_REP, HOUSING_REP = people("treatment.rep"), people("housing.rep")
REPRESENTATIVES = TREATMENT_REP | HOUSING_REP | people("ambulance.rep")
LEAD = people("lead")
SUBMITTERS = people("hostel.worker", "officer")
ANALYST, IG, SRO, ADMIN = people("analyst"), people("ig"), people("sro"), people("admin")
DPH = people("dph")
REVIEW_COORDINATOR, REVIEW_CHAIR = people("review.coordinator"), people("review.chair")
REVIEW_DEPUTY, REVIEW_MEMBER = people("review.deputy"), people("review.member")
BOARD, FAMILY = people("board"), people("family")
OTHERS = REVIEW_COORDINATOR | REVIEW_CHAIR | REVIEW_DEPUTY | REVIEW_MEMBER | BOARD | FAMILY
"""Those who have no part in drug reports: the review panel, the Board, family liaison."""
WESTHAVEN = (
    COORDINATORS | CHAIRS | MEMBERS | SIGNERS | ON_CALL | REPRESENTATIVES | LEAD | SUBMITTERS | ANALYST | IG | SRO
    | ADMIN | OTHERS
)  # fmt: skip

NEIGHBOUR_COORDINATOR = people("eastmoor coordinator")
NEIGHBOUR_CHAIR = people("eastmoor chair")
NEIGHBOUR_ADMIN = NEIGHBOUR_IG = NEIGHBOUR_WRITER = people("eastmoor rest")
"""Somebody who administers accounts, reads the audit and writes alerts there, and sends reports."""
NEIGHBOUR_REVIEWER = people("eastmoor review.coordinator")
NEIGHBOURS = NEIGHBOUR_COORDINATOR | NEIGHBOUR_CHAIR | NEIGHBOUR_ADMIN | NEIGHBOUR_REVIEWER
ROLELESS = people("role ended", "role proposed")
SIGNED_IN = WESTHAVEN | NEIGHBOURS
ALL_THE_WORLD = SIGNED_IN | ROLELESS | {ANONYMOUS}
NOBODY: People = frozenset()

RUNS_IT = COORDINATORS | CHAIRS
PANEL = RUNS_IT | MEMBERS
PANEL_AND_POLICE_ONLY = RUNS_IT | POLICE_MEMBER
NEIGHBOURS_PANEL = NEIGHBOUR_COORDINATOR | NEIGHBOUR_CHAIR

KNOWN_BY: dict[str, People] = {
    # reports: ordinary answers
    "report routine": RUNS_IT,
    "report urgent": RUNS_IT | ON_CALL,
    "report asked": RUNS_IT,
    "report open": RUNS_IT,
    "report corroborating": PANEL,
    "report hidden": PANEL_AND_POLICE_ONLY,
    "report police": PANEL_AND_POLICE_ONLY,
    "report panel": PANEL,
    "report revealed": PANEL,
    "report decided": PANEL,
    "report shared": PANEL,
    "report eastmoor": NEIGHBOURS_PANEL,
    # Signals
    "signal open": PANEL | ON_CALL,
    "signal corroborating": PANEL | ON_CALL,
    "signal police": PANEL_AND_POLICE_ONLY,
    "signal panel": PANEL | ON_CALL,
    "signal revealed": PANEL | ON_CALL,
    "signal decided": PANEL | ON_CALL | SIGNERS,
    "signal shared": PANEL | ON_CALL | SIGNERS | NEIGHBOUR_COORDINATOR,
    "signal eastmoor": NEIGHBOURS_PANEL | NEIGHBOUR_WRITER,
    # agencies' questions
    "ask treatment": people("treatment.rep"),
    "ask ambulance": people("ambulance.rep"),
    "ask hostel": LEAD,
    # alerts
    "alert draft": RUNS_IT | SIGNERS | ON_CALL,
    "alert awaiting": PANEL | SIGNERS | ON_CALL,
    "alert amber": PANEL | SIGNERS | ON_CALL | people("treatment.rep", "hostel.worker") | LEAD,
    "alert strict": PANEL | SIGNERS | ON_CALL,
    "alert green": SIGNED_IN,
    "alert withdrawn": SIGNED_IN,
    "alert clear": ALL_THE_WORLD,
    "alert eastmoor": SIGNED_IN,
    "alert amber-eastmoor": NEIGHBOURS_PANEL | NEIGHBOUR_WRITER,
    # lists
    "list network": COORDINATORS | CHAIRS | SIGNERS | ON_CALL | LEAD,
    "list eastmoor": NEIGHBOURS_PANEL | NEIGHBOUR_WRITER,
}
"""Who may know that a record exists; for everybody else it is not even there."""

OWNERS = {
    "routine": people("hostel.worker"),
    "asked": people("hostel.worker"),
    "hidden": people("officer"),
    "police": people("officer"),
}
"""Those who sent a report while signed in, of the people who are tried."""

RUNS_REVIEWS = REVIEW_COORDINATOR | REVIEW_CHAIR | REVIEW_DEPUTY
"""Those who read what cases hold, unless they are recused."""
KNOWS_CASES = DPH | IG
NOT_RECUSED = REVIEW_COORDINATOR | REVIEW_CHAIR
SEES_LEARNING = RUNS_REVIEWS | REVIEW_MEMBER | REPRESENTATIVES | FAMILY | DPH | ANALYST | IG | SRO | BOARD
"""Those who may read agreed learning in its shareable wording."""
KNOWN_BY |= {
    "death notified": RUNS_REVIEWS | COORDINATORS,
    "death waiting": REVIEW_COORDINATOR | HOUSING_REP,
    "death asked": RUNS_REVIEWS,
    "death panel": NOT_RECUSED,
    "death closed": RUNS_REVIEWS,
    "death eastmoor": NEIGHBOUR_REVIEWER,
    "case notified": RUNS_REVIEWS | KNOWS_CASES,
    "case asked": RUNS_REVIEWS | KNOWS_CASES | HOUSING_REP | TREATMENT_REP,
    "case panel": NOT_RECUSED | KNOWS_CASES | REVIEW_MEMBER,
    "case closed": RUNS_REVIEWS | KNOWS_CASES,
    "case eastmoor": NEIGHBOUR_REVIEWER | NEIGHBOUR_IG | people("eastmoor treatment.rep"),
    "request housing": RUNS_REVIEWS | HOUSING_REP | REVIEW_MEMBER,
    "request treatment": RUNS_REVIEWS | TREATMENT_REP,
    "request eastmoor": NEIGHBOUR_REVIEWER,
    "meeting held": RUNS_REVIEWS | REVIEW_MEMBER | IG,
    "meeting eastmoor": NEIGHBOUR_REVIEWER | NEIGHBOUR_IG,
    "point panel": NOT_RECUSED | REVIEW_MEMBER,
    "point closed": RUNS_REVIEWS,
    "action housing": RUNS_REVIEWS | REVIEW_MEMBER | DPH | ANALYST | IG | SRO | BOARD | HOUSING_REP,
    "action treatment": RUNS_REVIEWS | REVIEW_MEMBER | DPH | ANALYST | IG | SRO | BOARD | TREATMENT_REP,
    "recommendation accepted": RUNS_REVIEWS
    | REVIEW_MEMBER
    | DPH
    | ANALYST
    | IG
    | SRO
    | BOARD
    | HOUSING_REP
    | TREATMENT_REP,
    "recommendation proposed": RUNS_REVIEWS | REVIEW_MEMBER | DPH | ANALYST | IG | SRO | BOARD | HOUSING_REP,
}

TRIAGES = COORDINATORS | NEIGHBOUR_COORDINATOR
MANAGES_SIGNALS = TRIAGES
GRADES = PANEL | NEIGHBOURS_PANEL
REVEALS = RUNS_IT | NEIGHBOURS_PANEL
DECIDES = CHAIRS | NEIGHBOUR_CHAIR
DISSENTS = GRADES
DRAFTS = COORDINATORS | people("approver", "communications") | NEIGHBOUR_COORDINATOR | NEIGHBOUR_WRITER
SIGNS = RUNS_IT | SIGNERS | NEIGHBOURS_PANEL | NEIGHBOUR_WRITER
WITHDRAWS = RUNS_IT | people("approver", "dph") | ON_CALL | NEIGHBOURS_PANEL
RESENDS = DRAFTS
SETTLES = RUNS_IT | SIGNERS | ON_CALL | NEIGHBOURS_PANEL | NEIGHBOUR_WRITER
KEEPS_LISTS = COORDINATORS | people("communications") | NEIGHBOUR_COORDINATOR | NEIGHBOUR_WRITER
ANSWERS = REPRESENTATIVES
ADMINISTERS = ADMIN | NEIGHBOUR_ADMIN
PRUNES = IG | NEIGHBOUR_IG
READS_AUDIT = IG | NEIGHBOUR_IG | LEAD | ADMIN | NEIGHBOUR_ADMIN


def at_home(record: str) -> People:
    """Give those whose Partnership a record belongs to: a neighbour may read what is shared, and change nothing."""
    return NEIGHBOURS if record.endswith("eastmoor") else WESTHAVEN

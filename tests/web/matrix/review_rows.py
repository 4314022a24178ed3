"""The table for reviews of deaths: each route and method, on cases at every depth, and what each person is answered."""

from collections.abc import Iterator

from tests.web.matrix.people import (
    ADMINISTERS,
    ANALYST,
    BOARD,
    COORDINATORS,
    DPH,
    FAMILY,
    HOUSING_REP,
    IG,
    KNOWN_BY,
    NEIGHBOUR_COORDINATOR,
    NEIGHBOUR_IG,
    NEIGHBOUR_REVIEWER,
    REPRESENTATIVES,
    REVIEW_CHAIR,
    REVIEW_COORDINATOR,
    REVIEW_DEPUTY,
    REVIEW_MEMBER,
    RUNS_REVIEWS,
    SIGNED_IN,
    SRO,
)
from tests.web.matrix.rows import Row, begins, does, list_page, shows

COORDINATES = REVIEW_COORDINATOR | NEIGHBOUR_REVIEWER
CHAIRS = REVIEW_CHAIR | REVIEW_DEPUTY
RECORDS = RUNS_REVIEWS | REVIEW_MEMBER | NEIGHBOUR_REVIEWER
READS = RUNS_REVIEWS | NEIGHBOUR_REVIEWER
NOTIFIES = REPRESENTATIVES | COORDINATORS | COORDINATES | NEIGHBOUR_COORDINATOR
ANSWERS = REPRESENTATIVES
KNOW_CASES = READS | DPH | IG | REVIEW_MEMBER | NEIGHBOUR_IG
SEES_THEMES = (
    RUNS_REVIEWS | REVIEW_MEMBER | REPRESENTATIVES | FAMILY | DPH | ANALYST | IG | SRO | BOARD | NEIGHBOUR_REVIEWER
    | NEIGHBOUR_IG
)  # fmt: skip
SEES_ACTIONS = SEES_THEMES - FAMILY
DECIDES = SRO | DPH
REASON = {"reason": "It is agreed with the agencies."}
NOTIFIED, ASKED, PANEL, CLOSED = "case notified", "case asked", "case panel", "case closed"
ELSEWHERE = "case eastmoor"


def cases() -> Iterator[Row]:
    """The list of cases, and each case as deep as its reader may see it."""
    counts = ANALYST | SRO | BOARD
    yield from list_page("reviews.index", KNOW_CASES, sent_on=counts)
    yield from list_page("reviews.index", KNOW_CASES, sent_on=counts, state="selected")
    yield from list_page("reviews.totals", READS | counts)
    yield from list_page("reviews.export", READS)
    yield from does("reviews.identity", (NOTIFIED, PANEL, ELSEWHERE), READS)
    for record in (NOTIFIED, ASKED, PANEL, CLOSED, ELSEWHERE):
        yield from shows("reviews.show", record, enters=KNOWN_BY[record] & KNOW_CASES)
        yield from does("reviews.chronology", (record,), READS, "GET")
    yield from does(
        "reviews.declare_at_any_time",
        (ASKED, PANEL, ELSEWHERE),
        KNOWN_BY[ASKED] | KNOWN_BY[PANEL] | READS | NEIGHBOUR_IG,
    )
    for endpoint in ("reviews.add_event", "reviews.ask", "reviews.raise_flag"):
        yield from does(endpoint, (ASKED, PANEL, ELSEWHERE), COORDINATES)
    for endpoint in ("reviews.inclusion", "reviews.reconsider", "reviews.classification"):
        yield from does(endpoint, (NOTIFIED, ASKED, ELSEWHERE), COORDINATES)
    yield from does("reviews.start_triage", (NOTIFIED, ASKED, ELSEWHERE), COORDINATES, "POST", done={})
    yield from does("reviews.go_on", (ASKED, PANEL, ELSEWHERE), COORDINATES, "POST")
    yield from does("reviews.end_flag", (ASKED,), COORDINATES, kind="legal_hold")
    for endpoint in ("reviews.correct_event", "reviews.remove_event"):
        yield from does(endpoint, (ASKED,), COORDINATES, number="event")
    yield from does("reviews.restricted_chronology", (ASKED, PANEL, ELSEWHERE), READS)


def findings() -> Iterator[Row]:
    """Factors, learning, sign-off, closing and reopening, and what is kept for how long."""
    yield from does("reviews.add_factor", (PANEL, ASKED, ELSEWHERE), RECORDS)
    for endpoint in ("reviews.defer", "reviews.accuracy"):
        yield from does(endpoint, (PANEL, ASKED, ELSEWHERE), READS)
    yield from does("reviews.start_findings", (PANEL, ASKED, ELSEWHERE), READS, "POST")
    yield from does("reviews.change_factor", (PANEL,), RECORDS, factor_id="factor")
    yield from does("reviews.remove_factor", (PANEL,), RECORDS, "POST", factor_id="factor")
    for record in (CLOSED, PANEL, ELSEWHERE):
        names: dict[str, str | int] = {"reference": record, "number": 1}
        yield Row(endpoint="reviews.version", names=names, refused=KNOWN_BY[record] - READS)  # nothing is signed
    for endpoint in ("reviews.no_learning", "reviews.sign", "reviews.close", "reviews.reopen"):
        yield from does(endpoint, (PANEL, CLOSED, ELSEWHERE), CHAIRS)
    yield from does("reviews.propose_destruction", (CLOSED, PANEL, ELSEWHERE), COORDINATES)
    for method in ("GET", "POST"):
        refused = KNOWN_BY[CLOSED] - IG - COORDINATES
        yield Row(
            endpoint="reviews.answer_destruction", method=method, names={"reference": CLOSED}, refused=refused
        )  # nobody has proposed to destroy it
    yield from begins("reviews.due", COORDINATES, "GET")
    yield from begins("reviews.destructions", COORDINATES | IG | NEIGHBOUR_IG, "GET")
    yield from does("points.index", (PANEL, CLOSED, ELSEWHERE), RECORDS, "GET")
    yield from does("points.new", (PANEL, CLOSED, ELSEWHERE), RECORDS)
    for endpoint in ("points.edit", "points.withdraw", "points.wording"):
        yield from does(endpoint, (PANEL,), RECORDS, point="point panel")
    yield from does("points.agree", (PANEL,), CHAIRS, "POST", point="point panel")
    yield from does("points.approve", (PANEL,), CHAIRS, point="point panel")


def deaths() -> Iterator[Row]:
    """Notifying a death, and what becomes of the notification."""
    yield from begins("deaths.index", NOTIFIES, "GET")
    yield from begins("deaths.new", NOTIFIES)
    known, waiting = "death notified", "death waiting"
    yield from shows("deaths.show", known)
    yield from shows("deaths.show", waiting)
    for of_case in ("death asked", "death panel", "death closed"):
        yield from shows("deaths.show", of_case)
    for record, owner in ((known, COORDINATORS), (waiting, HOUSING_REP)):
        refused = KNOWN_BY[record] - NOTIFIES
        yield Row(endpoint="deaths.sent", names={"reference": record}, enters=owner, refused=refused)
    yield from does("deaths.withdraw", (waiting, known), NOTIFIES)
    for endpoint in ("deaths.waiting_identity", "deaths.correct_identity", "deaths.exclude", "deaths.risk"):
        yield from does(endpoint, (waiting, known), COORDINATES)
    for endpoint, methods in (("known", ("GET", "POST")), ("identity", ("GET", "POST")), ("check", ("GET", "POST")),
                              ("discard", ("POST",))):  # fmt: skip
        for method in methods:
            yield Row(
                endpoint=f"deaths.{endpoint}", method=method, names={"token": "draft coordinator"}, enters=COORDINATORS,
                refused=SIGNED_IN - NOTIFIES,
            )  # fmt: skip
    yield from does("deaths.start_case", (waiting, known), COORDINATES, "POST")
    yield from does("deaths.attach", (waiting, known), COORDINATES, "POST")


def requests() -> Iterator[Row]:
    """What an agency is asked and sends back: its own only."""
    housing, treatment = "request housing", "request treatment"
    yield from list_page("requests.index", READS | REPRESENTATIVES | REVIEW_MEMBER)
    every = (treatment, housing, "request eastmoor")
    for endpoint in ("requests.add_event", "requests.check", "requests.nothing_held", "requests.decline"):
        yield from does(endpoint, every, ANSWERS)
    yield from does(
        "requests.show", every, ANSWERS | READS, sent_on=READS, notes=("information_request", "request_move")
    )
    yield from does("requests.change_event", (treatment,), ANSWERS, key="a")
    yield from does("requests.remove_event", (treatment,), ANSWERS, "POST", key="a")
    yield from does("requests.who", every, ANSWERS, "POST")
    yield from does("requests.correct", (housing, treatment, "request eastmoor"), ANSWERS, "POST")
    yield from does("requests.sent", (housing, "request eastmoor"), ANSWERS, "GET")
    for request in (housing, treatment):
        for endpoint in ("reviews.waive", "reviews.cancel_request", "reviews.ask_again", "reviews.move_due"):
            yield from does(endpoint, (ASKED,), COORDINATES, request=request)
        yield from does("reviews.chase", (ASKED,), COORDINATES, "POST", request=request)
        yield from does("reviews.request", (ASKED,), READS, "GET", request=request)
        yield from does("reviews.restricted", (ASKED,), READS, request=request)


def meetings() -> Iterator[Row]:
    """Sittings: who is asked to one, what they declare, and the papers."""
    held, elsewhere = "meeting held", "meeting eastmoor"
    sits = RUNS_REVIEWS | REVIEW_MEMBER | NEIGHBOUR_REVIEWER
    yield from list_page("meetings.index", sits | IG | NEIGHBOUR_IG)
    yield from begins("meetings.new", COORDINATES)
    yield from shows("meetings.show", held)
    yield from shows("meetings.show", elsewhere)
    for endpoint in ("meetings.change", "meetings.add", "meetings.hold", "meetings.cancel"):
        yield from does(endpoint, (held, elsewhere), COORDINATES)
    for endpoint in ("meetings.attendance", "meetings.minute"):
        yield from does(endpoint, (held, elsewhere), sits)
    sitting = {held: KNOWN_BY[held] - REVIEW_DEPUTY}
    yield from does("meetings.declare", (held,), sits - REVIEW_DEPUTY, knows=sitting, case_reference=PANEL)
    yield from does(
        "meetings.pack", (held,), sits - REVIEW_DEPUTY, "GET", knows=sitting, notes=("pack_read",), case_reference=PANEL
    )
    yield from does("meetings.correct", (held,), COORDINATES, user_id="deputy id", case_reference=PANEL)
    for endpoint in ("meetings.list_case", "meetings.move_up", "meetings.take_off"):
        yield from does(endpoint, (held,), COORDINATES, "POST", case_reference=PANEL)
    yield from does("meetings.accept", (held, elsewhere), sits, "POST")


def learning() -> Iterator[Row]:
    """Themes, recommendations and the register of actions."""
    yield from list_page("learning.index", SEES_THEMES)
    yield Row(endpoint="learning.show", names={"theme_id": 1}, enters=SEES_THEMES)
    yield from list_page("recommendations.index", SEES_ACTIONS)
    accepted, proposed = "recommendation accepted", "recommendation proposed"
    yield from shows("recommendations.show", accepted)
    yield from shows("recommendations.show", proposed)
    yield from does("recommendations.new", (CLOSED, PANEL, ELSEWHERE), READS)
    for endpoint in ("recommendations.edit", "recommendations.complete", "recommendations.supersede"):
        yield from does(endpoint, (proposed, accepted), RUNS_REVIEWS)
    yield from does("recommendations.propose", (proposed, accepted), RUNS_REVIEWS, "POST")
    for endpoint in ("recommendations.accept", "recommendations.decline"):
        yield from does(endpoint, (proposed, accepted), DECIDES, done=REASON)
    yield from does("actions.new", (accepted, proposed), REVIEW_COORDINATOR)
    yield from list_page("actions.index", SEES_ACTIONS)
    yield from list_page("actions.index", SEES_ACTIONS, overdue="y")
    yield from list_page("actions.export", SEES_ACTIONS)
    own, theirs = "action housing", "action treatment"
    yield from shows("actions.show", own)
    yield from shows("actions.show", theirs)
    does_it = REPRESENTATIVES | REVIEW_COORDINATOR
    for endpoint in ("actions.mark_done", "actions.block", "actions.evidence", "actions.refuse"):
        yield from does(endpoint, (own, theirs), does_it)
    for endpoint in ("actions.accept", "actions.start", "actions.unblock"):
        yield from does(endpoint, (theirs, own), does_it, "POST")
    for endpoint in ("actions.due", "actions.impact", "actions.send_back", "actions.transfer"):
        yield from does(endpoint, (own, theirs), REVIEW_COORDINATOR)
    yield from does("actions.close", (own, theirs), REVIEW_COORDINATOR, "POST")


def settings() -> Iterator[Row]:
    """The versioned data behind the review: the administrator's alone."""
    for endpoint in ("clocks", "questions", "substances", "themes"):
        yield from begins(f"catalogue.{endpoint}", ADMINISTERS, "GET")
    for endpoint in ("add_question", "add_substance", "add_theme"):
        yield from begins(f"catalogue.{endpoint}", ADMINISTERS)
    for setting in ("inclusion", "retention", "confidentiality-statement", "factors"):
        yield from begins("catalogue.setting", ADMINISTERS, setting=setting)
    yield from begins("catalogue.edit_clock", ADMINISTERS, key="agency-return")
    yield from begins("catalogue.edit_question", ADMINISTERS, key="worked_well")
    for what in ("switch_off", "switch_on"):
        yield from begins(f"catalogue.{what}", ADMINISTERS, "POST", key="worked_well")
    for what in ("edit", "retire", "restore"):
        yield from begins(f"catalogue.{what}_theme", ADMINISTERS, theme_id=1)
        yield from begins(f"catalogue.{what}_substance", ADMINISTERS, substance_id=1)
    yield from begins("catalogue.merge_theme", ADMINISTERS, "GET", theme_id=1)
    yield from begins("catalogue.confirm_merge", ADMINISTERS, theme_id=1, into_id=2)


REVIEW_ROWS: tuple[Row, ...] = tuple(
    row for part in (cases, findings, deaths, requests, meetings, learning, settings) for row in part()
)

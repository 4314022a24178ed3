"""The table for drug reports, Signals, alerts and everything around them. `rows.py` says how it is read."""

from collections.abc import Iterator

from review_app.alerts.rules import ImportRow, pack_rows
from tests.web.matrix.people import (
    ADMINISTERS,
    ALL_THE_WORLD,
    ANALYST,
    ANSWERS,
    CLINICIAN,
    COORDINATORS,
    DECIDES,
    DISSENTS,
    DRAFTS,
    GRADES,
    KEEPS_LISTS,
    KNOWN_BY,
    LEAD,
    MANAGES_SIGNALS,
    MEMBERS,
    NEIGHBOUR_COORDINATOR,
    NEIGHBOUR_WRITER,
    NEIGHBOURS_PANEL,
    NOBODY,
    ON_CALL,
    OWNERS,
    PANEL,
    PRUNES,
    READS_AUDIT,
    REPRESENTATIVES,
    RESENDS,
    REVEALS,
    ROLELESS,
    RUNS_IT,
    SETTLES,
    SIGNED_IN,
    SIGNERS,
    SIGNS,
    SRO,
    SUBMITTERS,
    TRIAGES,
    WITHDRAWS,
    People,
    people,
)
from tests.web.matrix.review_rows import REVIEW_ROWS
from tests.web.matrix.rows import Row, begins, does, list_page, public, searched, shows
from tests.web.matrix.visiting import ANONYMOUS


def own(endpoint: str, record: str, owner: People, *methods: str, **parts: int) -> Iterator[Row]:
    """A page of one's own report: for everybody else it is not there. The first record is tried by everybody."""
    first = "report asked" if endpoint == "follow.own_answer" else "report routine"
    judged = ALL_THE_WORLD if record == first else SUBMITTERS | RUNS_IT | NEIGHBOUR_COORDINATOR
    for method in methods or ("GET",):
        names: dict[str, str | int] = {"reference": record, **parts}
        yield Row(endpoint=endpoint, method=method, names=names, enters=owner, judged=judged)


FIRST = {"version": "1"}
FEW = people(ANONYMOUS, "coordinator", "clinician.panel", "oncall", "treatment.rep", "board", "eastmoor chair")
"""One person of each kind of reader, for a second way to what everybody has been tried on."""
PACKED = pack_rows([ImportRow(line=1, address="import@lists.example", agency="", role="")])
REASON = {"reason": "Said on the telephone."}
SEES_REPORTS = RUNS_IT | MEMBERS | ON_CALL | NEIGHBOURS_PANEL
COUNTS_REPORTS = LEAD | SRO
SEES_SIGNALS = SEES_REPORTS | SIGNERS | NEIGHBOUR_WRITER
COUNTS_SIGNALS = ANALYST | SRO
SEES_DECISIONS = PANEL | SIGNERS | ON_CALL | SRO | NEIGHBOURS_PANEL | NEIGHBOUR_WRITER
ELSEWHERE = ("report police", "report eastmoor")
SIGNALS_ELSEWHERE = ("signal shared", "signal police", "signal eastmoor")
IDENTIFIES: dict[str, People] = {
    "report routine": RUNS_IT,
    "report urgent": RUNS_IT | ON_CALL,
    "report corroborating": RUNS_IT,
    "report panel": PANEL,
    "report police": RUNS_IT,
    "report eastmoor": NEIGHBOURS_PANEL,
}
HOLDS_IDENTIFY = PANEL | ON_CALL | NEIGHBOURS_PANEL
DECISION_KNOWN = {
    "signal decided": PANEL | SIGNERS | ON_CALL | SRO,
    "signal shared": PANEL | SIGNERS | ON_CALL | SRO,
    "signal panel": NOBODY,
    "signal police": NOBODY,
    "signal eastmoor": NEIGHBOURS_PANEL | NEIGHBOUR_WRITER,
}


def reveals(record: str) -> Iterator[Row]:
    """Looking at who sent a report: not there for those who may read the report and not who sent it."""
    enters = IDENTIFIES[record]
    refused = KNOWN_BY[record] - HOLDS_IDENTIFY
    for method in ("GET", "POST"):
        data = {"purpose": "ring_back"} if method == "POST" else {}
        yield Row(
            endpoint="reports.reveal", method=method, names={"reference": record}, data=data, enters=enters,
            refused=refused, judged=ALL_THE_WORLD if record == "report routine" else SEES_REPORTS,
        )  # fmt: skip


def pages() -> Iterator[Row]:
    """Pages without a record."""
    for endpoint in ("accessibility", "cookies", "privacy", "problem"):
        yield from public(f"pages.{endpoint}")
    for endpoint in ("home.live", "demo.mail"):
        yield from public(endpoint)
    yield from searched("demo.mail", ALL_THE_WORLD, guarded=False, to="zqzq-")
    yield from public("home.start", sends_on=SIGNED_IN | ROLELESS)
    yield Row(endpoint="demo.message", names={"name": "none.eml"}, guarded=False)
    yield from public("accounts.sign_in", "GET", "POST")
    yield from public("accounts.invitation", "GET", "POST", names={"token": "invitation"})
    yield Row(endpoint="accounts.choose_partnership", enters=SIGNED_IN | ROLELESS)
    yield Row(endpoint="accounts.choose_partnership", method="POST", enters=SIGNED_IN | ROLELESS)
    yield from list_page("home.index", SIGNED_IN)
    yield from list_page("report.mine", SIGNED_IN)
    yield from list_page("audit.index", READS_AUDIT)
    yield from searched("audit.index", READS_AUDIT, reference="WES-2026-0001")


def pruning() -> Iterator[Row]:
    """The months of the audit, for those who read it all, of whichever Partnership: the chain is one."""
    yield from begins("audit.months", PRUNES)
    yield Row(endpoint="audit.pruning", names={"number": 999}, refused=SIGNED_IN - PRUNES)
    for endpoint in ("audit.pruning", "audit.withdraw_pruning"):
        yield Row(endpoint=endpoint, method="POST", names={"number": 999}, refused=SIGNED_IN - PRUNES)


def administration() -> Iterator[Row]:
    """Accounts, agencies and settings: the administrator's alone, and only of their own Partnership."""
    yield from begins("people.index", ADMINISTERS, done={"words": "zqzq-"})
    yield from begins("people.invite", ADMINISTERS)
    ours, theirs = people("admin"), people("eastmoor rest")
    for person, keeper in (("person", ours), ("person eastmoor", theirs)):
        for endpoint, methods in (
            ("people.show", ("GET",)),
            ("people.give_role", ("GET", "POST")),
            ("people.end_access", ("GET", "POST")),
            ("people.invite_again", ("POST",)),
        ):
            yield from _administers(endpoint, keeper, methods, user_id=person)
    yield from _administers("people.end_role", ours, ("GET", "POST"), user_id="person", assignment_id="role")
    yield from begins("settings.index", ADMINISTERS | PANEL | SIGNERS | NEIGHBOURS_PANEL, "GET")
    for endpoint in ("settings.agencies", "settings.panels"):
        yield from begins(endpoint, ADMINISTERS, "GET")
    for endpoint in ("settings.add_agency", "settings.places", "settings.partnership"):
        yield from begins(endpoint, ADMINISTERS)
    for agency, keeper in (("agency treatment", ours), ("agency eastmoor", theirs)):
        yield from _administers("settings.edit_agency", keeper, ("GET", "POST"), agency_id=agency)
    for place, keeper in (("locality", ours), ("locality eastmoor", theirs)):
        yield from _administers("settings.edit_place", keeper, ("GET", "POST"), locality_id=place)


def _administers(endpoint: str, keeper: People, methods: tuple[str, ...], **parts: str | int) -> Iterator[Row]:
    """A record of one Partnership: its administrator enters, the neighbour's finds nothing, everyone else may not."""
    for method in methods:
        yield Row(endpoint=endpoint, method=method, names=parts, enters=keeper, refused=SIGNED_IN - ADMINISTERS)


def submitting() -> Iterator[Row]:
    """Sending a report, and following one's own."""
    yield from public("report.choose", "GET", "POST", sends_on=SIGNED_IN)
    yield from public("report.form", "GET", "POST", names={"slug": "westhaven"})
    yield Row(endpoint="report.form", names={"slug": "nowhere"}, guarded=False)
    yield from public("report.sent", names={"token": "follow routine"})
    yield Row(endpoint="report.sent", names={"token": "not-a-token"}, guarded=False)
    yield from public("follow.show", names={"token": "follow routine"})
    yield Row(endpoint="follow.show", names={"token": "not-a-token"}, guarded=False)
    for endpoint in ("follow.add", "follow.withdraw"):
        yield from public(endpoint, "GET", "POST", names={"token": "follow routine"})
    yield from public("follow.answer", "GET", "POST", names={"token": "follow asked", "number": 1})
    hostel, officer = people("hostel.worker"), people("officer")
    for record, owner in (
        ("report routine", hostel),
        ("report asked", hostel),
        ("report panel", NOBODY),
        ("report police", officer),
        ("report urgent", NOBODY),
        ("report eastmoor", NOBODY),
    ):
        yield from own("follow.own_show", record, owner)
        yield from own("follow.own_add", record, owner, "GET", "POST")
        yield from own("follow.own_withdraw", record, owner, "GET", "POST")
    yield from own("follow.own_answer", "report asked", hostel, "GET", "POST", number=1)


def reports() -> Iterator[Row]:
    """The coordinator's inbox, one report, and what is done with it."""
    counts_only = COUNTS_REPORTS | ANALYST
    yield from list_page("reports.index", SEES_REPORTS, sent_on=counts_only)
    yield from list_page("reports.index", SEES_REPORTS, sent_on=counts_only, state="received", urgent="y")
    yield from searched("reports.index", SEES_REPORTS, sent_on=counts_only, substance="zqzq-", state="", urgent="")
    yield from list_page("reports.totals", COUNTS_REPORTS)
    yield from list_page("reports.deidentified", ANALYST)
    for record in KNOWN_BY:
        if record.startswith("report "):
            yield from shows("reports.show", record)
    words = {"question": "What colour?"}
    routine, asked, linked = "report routine", "report asked", "report corroborating"
    yield from does("reports.start_triage", (routine, *ELSEWHERE), TRIAGES, "POST", done={})
    yield from does("reports.add", (routine, "report hidden", *ELSEWHERE), TRIAGES)
    yield from does("reports.ask", ("report open", routine, *ELSEWHERE), TRIAGES)
    yield from does("reports.tell", (routine, *ELSEWHERE), TRIAGES, done={"body": "Thank you."})
    yield from does("reports.link", (routine, *ELSEWHERE), TRIAGES)
    yield from does("reports.unlink", (linked, "report hidden", *ELSEWHERE), TRIAGES, done=REASON)
    yield from does("reports.close", (asked, routine, *ELSEWHERE), TRIAGES)
    yield from does("reports.reopen", (routine, *ELSEWHERE), TRIAGES)
    yield from does("reports.withdraw", (routine, *ELSEWHERE), TRIAGES, done=REASON)
    yield from does("reports.mark", (routine, *ELSEWHERE), TRIAGES, "POST", done={"sensitive": "yes"})
    yield from does("reports.ask", ("report urgent",), TRIAGES, "POST", done=words)
    for record in IDENTIFIES:
        yield from reveals(record)


def signals() -> Iterator[Row]:
    """The list of Signals, one Signal, and what its coordinator does with it."""
    yield from list_page("signals.index", SEES_SIGNALS, sent_on=COUNTS_SIGNALS)
    yield from searched("signals.index", SEES_SIGNALS, sent_on=COUNTS_SIGNALS, words="zqzq-")
    yield from list_page("signals.totals", COUNTS_SIGNALS)
    yield from begins("signals.new", MANAGES_SIGNALS, done={"title": "Grey powder"})
    for record in KNOWN_BY:
        if record.startswith("signal "):
            yield from shows("signals.show", record)
    opened, decided = "signal open", "signal decided"
    yield from does("signals.title", (opened, *SIGNALS_ELSEWHERE), MANAGES_SIGNALS)
    yield from does("signals.skip", (opened, *SIGNALS_ELSEWHERE), MANAGES_SIGNALS, done=REASON)
    yield from does("signals.watch", (decided, *SIGNALS_ELSEWHERE), MANAGES_SIGNALS)
    yield from does("signals.close", (decided, *SIGNALS_ELSEWHERE), MANAGES_SIGNALS)
    yield from does("signals.reopen", (decided, *SIGNALS_ELSEWHERE), MANAGES_SIGNALS, done=REASON)
    yield from does("signals.tell", (decided, *SIGNALS_ELSEWHERE), MANAGES_SIGNALS, done={"body": "It is decided."})
    mark = {"sensitive": "yes"}
    yield from does("signals.mark", (opened, *SIGNALS_ELSEWHERE), MANAGES_SIGNALS, "POST", done=mark)


def panel() -> Iterator[Row]:
    """Asking agencies, their answers, grading, and the decision."""
    opened, asked = "signal open", "signal corroborating"
    yield from does("panel.ask", (opened, *SIGNALS_ELSEWHERE), MANAGES_SIGNALS)
    yield from does("panel.close_round", (asked,), MANAGES_SIGNALS, "POST", done={}, round_id="round")
    yield from does("panel.cancel_round", (asked,), MANAGES_SIGNALS, done=REASON, round_id="round")
    ready = (opened, *SIGNALS_ELSEWHERE)
    yield from does("panel.open_grading", ready, MANAGES_SIGNALS, "POST")
    yield from does("panel.grade", ("signal panel", *SIGNALS_ELSEWHERE), GRADES)
    yield from does("panel.graded", ("signal revealed",), GRADES, "GET", sent_on=COORDINATORS | people("deputy"))
    elsewhere = ("signal police", "signal eastmoor")
    yield from does("panel.graded", elsewhere, GRADES, "GET", sent_on=NEIGHBOUR_COORDINATOR)
    yield from does("panel.reveal", ("signal panel", *SIGNALS_ELSEWHERE), REVEALS, "POST")
    yield from does("panel.decide", ("signal revealed", *SIGNALS_ELSEWHERE), DECIDES)
    dissent = {"reason": "It is too early."}
    yield from does("panel.dissent", ("signal decided", "signal shared", "signal eastmoor"), DISSENTS, done=dissent)
    yield from does("panel.ratify", ("signal decided", "signal shared", "signal eastmoor"), DECIDES)
    yield from list_page("panel.decisions", SEES_DECISIONS | ANALYST)
    for record, known in DECISION_KNOWN.items():
        yield from shows("panel.decision", record, enters=known)
    yield from corroborating()


def corroborating() -> Iterator[Row]:
    """An agency's own question, by private link or signed in."""
    yield from list_page("corroborate.index", REPRESENTATIVES | LEAD)
    link = {"token": "corroborate treatment"}
    yield from public("corroborate.question", "GET", "POST", names=link)
    yield from public("corroborate.more", "GET", "POST", names=link)
    yield from public("corroborate.thanks", names=link)
    yield from public("corroborate.undo", "POST", names=link)
    yield Row(endpoint="corroborate.question", names={"token": "not-a-token"}, guarded=False)
    asks = ("ask treatment", "ask ambulance", "ask hostel")
    for endpoint in ("corroborate.own_question", "corroborate.own_more"):
        yield from does(endpoint, asks, ANSWERS)
    yield from does("corroborate.own_thanks", asks, ANSWERS, "GET")
    yield from does("corroborate.own_undo", asks, ANSWERS, "POST")


def alerts() -> Iterator[Row]:
    """Alerts: reading them, writing, signing, ending, and reading them by one's own link."""
    yield from public("alerts.index")
    yield from searched("alerts.index", ALL_THE_WORLD, guarded=False, words="zqzq-")
    for record in KNOWN_BY:
        if record.startswith("alert "):
            newest = 2 if record == "alert withdrawn" else 1
            by_number: dict[str, str | int] = {"reference": record, "number": newest}
            yield Row(endpoint="alerts.show", names={"reference": record}, enters=KNOWN_BY[record], guarded=False)
            yield Row(
                endpoint="alerts.show_version", names=by_number, enters=KNOWN_BY[record], guarded=False,
                judged=ALL_THE_WORLD if record == "alert amber" else FEW,
            )  # fmt: skip
    earlier: dict[str, str | int] = {"reference": "alert withdrawn", "number": 1}
    yield Row(endpoint="alerts.show_version", names=earlier, enters=PANEL | SIGNERS | ON_CALL, guarded=False)
    draft, awaiting, green = "alert draft", "alert awaiting", "alert green"
    elsewhere = ("alert strict", "alert eastmoor")
    begun = ("signal decided", "signal shared", "signal police", "signal eastmoor")
    yield from does("alerts.draft", begun, DRAFTS, "POST", done={})
    yield from does("alerts.edit", (draft, awaiting, *elsewhere), DRAFTS)
    yield from does("alerts.preview", (draft, *elsewhere), DRAFTS, "POST")
    yield from does("alerts.sign", (awaiting, draft, *elsewhere), SIGNS)
    yield from does("alerts.send_back", (awaiting, *elsewhere), SIGNS, "POST")
    ended = {"reason": "contained"}
    yield from does("alerts.withdraw", (green, draft, "alert amber", *elsewhere), WITHDRAWS, done=ended)
    for kind, may in (("update", DRAFTS), ("correction", DRAFTS), ("extension", WITHDRAWS)):
        yield from does("alerts.next_version", (green, *elsewhere), may, kind=kind)
    yield from does("alerts.resend", (green, *elsewhere), RESENDS, "POST", done={}, number=1)
    yield from does("alerts.see_to", (green, *elsewhere), SETTLES, number=1)
    link = {"token": "acknowledge"}
    yield from public("acknowledge.show", "GET", "POST", names=link)
    yield from public("acknowledge.act", "GET", "POST", names=link)
    yield from public("acknowledge.done", names=link)
    yield Row(endpoint="acknowledge.show", names={"token": "1-not-a-token"}, guarded=False)


def lists() -> Iterator[Row]:
    """Distribution lists and who is on them."""
    sees = KNOWN_BY["list network"] | KNOWN_BY["list eastmoor"]
    yield from list_page("lists.index", sees)
    yield from begins("lists.new", KEEPS_LISTS, done={"name": "Night shelters", "kind": "network"})
    both = ("list network", "list eastmoor")
    for record in both:
        yield from shows("lists.show", record)
        known = KNOWN_BY[record]
        yield from searched("lists.show", known, names={"reference": record}, words="zqzq-")
    yield from does("lists.edit", both, KEEPS_LISTS)
    for what in ("archive", "restore"):
        yield from does("lists.archive", both, KEEPS_LISTS, "POST", what=what, done=FIRST)
    yield from does("lists.export", both, KEEPS_LISTS, "GET")
    yield from does("lists.bring_in", both, KEEPS_LISTS)
    yield from does("lists.confirm", both, KEEPS_LISTS, "POST", done={"packed": PACKED})
    yield from does("lists.add", both, KEEPS_LISTS, done={"address": "new@lists.example"})
    yield from does("lists.change", both[:1], KEEPS_LISTS, recipient_id="recipient hostel")
    yield from does("lists.remove", both[:1], KEEPS_LISTS, "POST", done=FIRST, recipient_id="recipient hostel")
    yield from list_page("advice.index", PANEL | SIGNERS | NEIGHBOURS_PANEL | NEIGHBOUR_WRITER)
    yield from begins("advice.sign", CLINICIAN, "POST", done={}, key="opioid_core", version=1)


def threads() -> Iterator[Row]:
    """The thread of any record that a person may know of, their own report among them."""
    for record, known in KNOWN_BY.items():
        kind, _, name = record.partition(" ")
        if kind in ("report", "signal", "alert"):
            owner = OWNERS.get(name, NOBODY) if kind == "report" else NOBODY
            yield from shows("thread.show", record, enters=(known | owner) & SIGNED_IN)
    yield from shows("thread.show", "list network", enters=NOBODY)
    yield from list_page("search.index", SIGNED_IN)
    yield from searched("search.index", SIGNED_IN, words="zqzq-")


PARTS = (pages, pruning, administration, submitting, reports, signals, panel, alerts, lists, threads)
ROWS: tuple[Row, ...] = (*(row for part in PARTS for row in part()), *REVIEW_ROWS)
LAST = Row(endpoint="accounts.sign_out", method="POST", leads_to_sign_in=True)
NOT_JUDGED = frozenset({"static", "home.judge"})
"""Files that everyone may have, and the health of the service, whose status is not a matter of who asks."""

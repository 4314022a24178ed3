"""The world of the matrix: a record in every state that matters, with a word of its own planted in every field.

Each planted word (a canary) stands in one field of one record, so that finding it in an answer tells what was shown.
It is told by the services, at times before now, and kept as names only: references, tokens and numbers.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from review_app.accounts.commands import SignInWith
from review_app.accounts.models import AssignmentState, Invitation, RoleAssignment, User
from review_app.accounts.service.signing_in import choose_partnership, sign_in
from review_app.alerts.commands import (
    Acknowledge,
    AddRecipient,
    DraftAlert,
    EditAlert,
    MakeList,
    RecipientDetails,
    SignAlert,
    SubmitAlert,
    WithdrawAlert,
    Wording,
)
from review_app.alerts.models import Alert, AlertVersion, Delivery, DistributionList, Recipient
from review_app.alerts.queries.versions import roles_to_sign_as, wording_of
from review_app.alerts.rules import DeliveryState, ListKind, VersionState, WithdrawalReason
from review_app.alerts.service.acknowledging import acknowledge
from review_app.alerts.service.drafting import draft_alert, edit_alert, submit_alert
from review_app.alerts.service.ending import withdraw
from review_app.alerts.service.lists import add_recipient, make_list
from review_app.alerts.service.releasing import release
from review_app.alerts.service.signing import sign_alert
from review_app.crypto import derive_token, new_token, token_hash
from review_app.marks import Audience, Confidence, Grade, Modifier, ModifierLevel, Severity, Tlp
from review_app.panel.commands import (
    Answer,
    AskAgencies,
    OpenGrading,
    RecordDecision,
    RecordDissent,
    RevealGrades,
    SaveGrading,
)
from review_app.panel.models import CorroborationLink, CorroborationRequest
from review_app.panel.rules import EfficacyAnswer, Outcome, ReplyAnswer
from review_app.panel.service import (
    answer_signed_in,
    ask_agencies,
    open_grading,
    record_decision,
    record_dissent,
    reveal_grades,
    save_grading,
)
from review_app.panel.service.answering import answer_by_link
from review_app.policy import AGENCY_ROLES, Role
from review_app.submissions.commands.signals import SkipCorroboration
from review_app.submissions.commands.triage import AddAnswers, AskSubmitter, LinkToSignal, StartTriage, TellSubmitter
from review_app.submissions.models import Signal, Submission
from review_app.submissions.rules import LinkReason, NameSharing, SubmissionState
from review_app.submissions.service.answers import add_answers
from review_app.submissions.service.feedback import tell_submitter
from review_app.submissions.service.intake import follow_token
from review_app.submissions.service.linking import link_to_signal
from review_app.submissions.service.signals import skip_corroboration
from review_app.submissions.service.triage import ask_submitter, start_triage
from tests import factories
from tests.factories import Place, World
from tests.web.matrix.review_world import ReviewTeller

GOES_AHEAD = {
    "ef1": EfficacyAnswer.YES,
    "ef2": EfficacyAnswer.YES,
    "ef3": EfficacyAnswer.YES,
    "ef4": EfficacyAnswer.NO,
    "ef5": EfficacyAnswer.NO,
    "ef6": EfficacyAnswer.YES,
    "ef7": EfficacyAnswer.NO,
    "ef8": EfficacyAnswer.NO,
}
GRADERS = ("chair", "police.panel", "clinician.panel", "treatment.panel")
SIGNERS = (
    ("chair", Role.CHAIR),
    ("dph", Role.DPH),
    ("approver", Role.APPROVER),
    ("communications", Role.COMMUNICATIONS),
)
NEIGHBOUR = "eastmoor "
"""People whose key begins so are the neighbour's."""


@dataclass(kw_only=True)
class Facts:
    """What is where: how tests name the world's records and people."""

    references: dict[str, str] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    sign_ins: dict[str, tuple[int, str]] = field(default_factory=dict)


def canary(name: str) -> str:
    """Give the word planted under a name. No page has it of its own."""
    return f"zqzq-{name}"


def build(session: Session, *, now: datetime) -> Facts:
    """Make the whole world."""
    made = factories.world(session, now=now - timedelta(days=90))
    teller = Teller(session, made, now - timedelta(hours=2))
    teller.tell()
    _sign_everybody_in(session, made, teller.facts, now=now)
    return teller.facts


class Teller:
    """Makes the records, each by the service that a page would call."""

    def __init__(self, session: Session, world: World, at: datetime) -> None:
        self.session, self.at = session, at
        self.world, self.here, self.there = world, world.westhaven, world.eastmoor
        self.facts = Facts()

    def tell(self) -> None:
        """Make everything, from reports to alerts."""
        self.reports_on_their_own()
        self.open_signal()
        self.corroborating_signal()
        self.police_signal()
        self.signals_of_the_panel()
        self.neighbours_own()
        self.lists()
        self.alerts()
        reviews = ReviewTeller(self.session, self.here, self.there, self.at)
        reviews.tell(self.facts.references["signal decided"])
        self.facts.references |= reviews.references
        self.facts.numbers |= reviews.numbers
        self.facts.tokens |= reviews.tokens
        for key in ("treatment", "public_health"):
            self.facts.numbers[f"agency {key}"] = self.here.agencies[key].id
        self.facts.numbers["agency eastmoor"] = self.there.agencies["housing"].id
        self.facts.numbers["locality"] = self.here.localities[0].id
        self.facts.numbers["locality eastmoor"] = self.there.localities[0].id
        self.facts.numbers["person"] = self.here.user("nurse").id
        self.facts.numbers["person eastmoor"] = self.there.user("nurse").id
        nurse = select(RoleAssignment.id).where(RoleAssignment.user_id == self.here.user("nurse").id)
        self.facts.numbers["role"] = self.session.scalars(nurse).one()

    # reports

    def report(self, name: str, *, by: str | None, place: Place | None = None, **answers: Any) -> Submission:
        """Send one report with a word planted in every field, and name it."""
        form = new_token()
        given: dict[str, Any] = {
            "own_words": f"Very drowsy afterwards. {canary(f'words-{name}')}",
            "sold_as": canary(f"sold-{name}"),
            "contact": f"{canary(f'contact-{name}')}@people.example",
            "name": f"Robin {canary(f'name-{name}')}",
            "organisation": canary(f"organisation-{name}"),
            "form_token": form,
        }
        report = factories.make_submission(self.session, place or self.here, now=self.at, by=by, **{**given, **answers})
        self.facts.references[f"report {name}"] = report.reference
        self.facts.tokens[f"follow {name}"] = follow_token(form)
        return report

    def add_place(self, report: Submission, name: str, *, place: Place | None = None) -> None:
        """Let the coordinator add the restricted place detail and the price-like restricted words."""
        where = place or self.here
        coordinator = where.actor("coordinator")
        if report.state is SubmissionState.RECEIVED:
            start_triage(self.session, coordinator, StartTriage(reference=report.reference), now=self.at)
        command = AddAnswers(reference=report.reference, answers={"B2": f"Behind {canary(f'place-{name}')}"})
        add_answers(self.session, coordinator, command, now=self.at)

    def reports_on_their_own(self) -> None:
        """Reports that belong to no Signal: received, urgent, and one that waits for its submitter."""
        self.report("routine", by="hostel.worker")
        self.add_place(self.report("urgent", by=None, danger_now=True), "urgent")
        asked = self.report("asked", by="hostel.worker")
        coordinator = self.here.actor("coordinator")
        start_triage(self.session, coordinator, StartTriage(reference=asked.reference), now=self.at)
        told = TellSubmitter(reference=asked.reference, body=f"Thank you. {canary('message-asked')}")
        tell_submitter(self.session, coordinator, told, now=self.at)
        question = AskSubmitter(reference=asked.reference, question=f"What colour? {canary('question-asked')}")
        ask_submitter(self.session, coordinator, question, now=self.at)

    # Signals

    def signal(self, name: str, *reports: Submission, place: Place | None = None, sensitive: bool = False) -> Signal:
        """Open a Signal with reports in it."""
        where = place or self.here
        signal = factories.make_signal(
            self.session, where, now=self.at, title=f"Tablets {canary(f'title-{name}')}", police_sensitive=sensitive
        )
        for report in reports:
            if report.state is SubmissionState.RECEIVED:
                command = StartTriage(reference=report.reference)
                start_triage(self.session, where.actor("coordinator"), command, now=self.at)
            link = LinkToSignal(
                reference=report.reference,
                signal=signal.reference,
                kind=LinkReason.OTHER,
                reason=canary(f"reason-{report.reference}"),
            )
            link_to_signal(self.session, where.actor("coordinator"), link, now=self.at)
        self.facts.references[f"signal {name}"] = signal.reference
        return signal

    def open_signal(self) -> None:
        """A Signal that nobody was asked about yet."""
        report = self.report("open", by="nurse")
        self.add_place(report, "open")
        self.signal("open", report)

    def corroborating_signal(self) -> None:
        """A Signal with a round to three agencies, and a police-sensitive report in it."""
        plain = self.report("corroborating", by="nurse")
        self.add_place(plain, "corroborating")
        hidden = self.report("hidden", by="officer")
        hidden.police_sensitive = True
        signal = self.signal("corroborating", plain, hidden)
        asked = self.ask(signal, "corroborating", "treatment", "ambulance", "hostel")
        by_agency = {ask.agency.name: ask for ask in asked.asks}
        for key, who in (("treatment", "treatment.rep"), ("ambulance", "ambulance.rep"), ("hostel", "")):
            ask = by_agency[self.here.agencies[key].name]
            self.facts.references[f"ask {key}"] = ask.reference
            token = new_token()
            link = CorroborationLink(ask=ask, token_hash=token_hash(token), expires_at=self.at + timedelta(days=28))
            self.session.add(link)
            self.session.flush()
            self.facts.tokens[f"corroborate {key}"] = token
            reply = Answer(answer=ReplyAnswer.SEEN, words=f"Twice. {canary(f'reply-{key}')}")
            if who:
                answer_signed_in(self.session, self.here.actor(who), ask.reference, reply, now=self.at)
            else:
                answer_by_link(self.session, token, reply, now=self.at)

    def ask(self, signal: Signal, name: str, *agencies: str) -> CorroborationRequest:
        """Ask agencies about a Signal."""
        command = AskAgencies(
            reference=signal.reference,
            agency_ids=tuple(self.here.agencies[key].id for key in agencies),
            summary=f"Have you met such tablets? {canary(f'summary-{name}')}",
            urgent=False,
        )
        request = ask_agencies(self.session, self.here.actor("coordinator"), command, now=self.at)
        self.session.flush()
        self.facts.numbers["round"] = request.id
        return request

    def police_signal(self) -> None:
        """A police-sensitive Signal with agencies asked, and an urgent police-sensitive report in it."""
        report = self.report("police", by="officer", danger_now=True)
        self.add_place(report, "police")
        report.police_sensitive = True
        signal = self.signal("police", report, sensitive=True)
        number = self.facts.numbers.get("round", 0)
        self.ask(signal, "police", "ambulance")
        self.facts.numbers["round"] = number

    def signals_of_the_panel(self) -> None:
        """Signals before the reveal, after it, and decided; one of the decided is shared with the neighbour."""
        for name in ("panel", "revealed", "decided", "shared"):
            sharing = NameSharing.PANEL if name == "panel" else NameSharing.LDIS_ONLY
            report = self.report(name, by="nurse", name_sharing=sharing)
            self.add_place(report, name)
            signal = self.signal(name, report)
            self.grade(signal, name, members=("chair", "clinician.panel") if name == "panel" else GRADERS)
            if name == "panel":
                continue
            coordinator = self.here.actor("coordinator")
            reveal_grades(self.session, coordinator, RevealGrades(reference=signal.reference), now=self.at)
            if name != "revealed":
                self.decide(signal, name)
            if name == "shared":
                factories.share_signal(self.session, signal, self.there, now=self.at)

    def grade(self, signal: Signal, name: str, *, members: tuple[str, ...], place: Place | None = None) -> None:
        """Open grading and let members grade."""
        where = place or self.here
        coordinator = where.actor("coordinator")
        skip = SkipCorroboration(reference=signal.reference, reason=canary(f"skipped-{name}"))
        skip_corroboration(self.session, coordinator, skip, now=self.at)
        open_grading(self.session, coordinator, OpenGrading(reference=signal.reference), now=self.at)
        for key in members:
            command = SaveGrading(
                reference=signal.reference,
                severity=Severity.S2,
                confidence=Confidence.C3,
                modifiers=dict.fromkeys(Modifier, ModifierLevel.MEDIUM),
                reason=f"Recorded by a professional. {canary(f'grading-{name}-{key}')}",
                efficacy=GOES_AHEAD,
            )
            save_grading(self.session, where.actor(key), command, now=self.at)

    def decide(self, signal: Signal, name: str, *, place: Place | None = None) -> None:
        """Let the chair decide, and a member dissent."""
        where = place or self.here
        decision = RecordDecision(
            reference=signal.reference,
            final_grade=Grade.G2,
            outcome=Outcome.SHARE_FOR_INFORMATION,
            reason=f"People can act on it. {canary(f'decision-{name}')}",
            efficacy=GOES_AHEAD,
        )
        record_decision(self.session, where.actor("chair"), decision, now=self.at)
        dissent = RecordDissent(reference=signal.reference, reason=f"Too early. {canary(f'dissent-{name}')}")
        record_dissent(self.session, where.actor("police.panel"), dissent, now=self.at)

    def neighbours_own(self) -> None:
        """The neighbour's own report, Signal and decision, of which Westhaven knows nothing."""
        report = self.report("eastmoor", by="nurse", place=self.there)
        self.add_place(report, "eastmoor", place=self.there)
        signal = self.signal("eastmoor", report, place=self.there)
        self.grade(signal, "eastmoor", members=GRADERS, place=self.there)
        command = RevealGrades(reference=signal.reference)
        reveal_grades(self.session, self.there.actor("coordinator"), command, now=self.at)
        self.decide(signal, "eastmoor", place=self.there)

    # lists and alerts

    def lists(self) -> None:
        """A list of Westhaven with people of two agencies and of none, and one of the neighbour's."""
        found = self.list_at(self.here, "network")
        for key in ("hostel", "treatment", ""):
            self.add_to(found, self.here, key or "nobody", self.here.agencies[key].id if key else None)
        self.add_to(self.list_at(self.there, "eastmoor"), self.there, "eastmoor", None)

    def list_at(self, place: Place, name: str) -> DistributionList:
        """Make a list."""
        command = MakeList(name=f"Network {canary(f'list-{name}')}", kind=ListKind.NETWORK)
        made = make_list(self.session, place.actor("communications"), command, now=self.at)
        self.session.flush()
        self.facts.references[f"list {name}"] = made.reference
        return made

    def add_to(self, found: DistributionList, place: Place, name: str, agency_id: int | None) -> Recipient:
        """Put somebody on a list."""
        details = RecipientDetails(
            address=f"{canary(f'recipient-{name}')}@lists.example",
            agency_id=agency_id,
            role=canary(f"post-{name}"),
            confirmed=True,
        )
        command = AddRecipient(reference=found.reference, details=details)
        recipient = add_recipient(self.session, place.actor("communications"), command, now=self.at)
        self.session.flush()
        self.facts.numbers[f"recipient {name}"] = recipient.id
        return recipient

    def alerts(self) -> None:
        """Alerts in every state and with every mark; those that are out went to the list."""
        decided = self.facts.references["signal decided"]
        self.alert("draft", decided, submit=False)
        self.alert("awaiting", decided)
        self.alert("amber", decided, tlp=Tlp.AMBER, audience=Audience.AT_RISK_AGENCIES, signers=SIGNERS)
        self.alert("strict", decided, tlp=Tlp.AMBER_STRICT, signers=SIGNERS)
        self.alert("clear", decided, tlp=Tlp.CLEAR, audience=Audience.PUBLIC, signers=SIGNERS)
        self.alert("green", decided, signers=SIGNERS)
        self.alert("withdrawn", decided, signers=SIGNERS)
        ended = WithdrawAlert(
            reference=self.facts.references["alert withdrawn"], reason=WithdrawalReason.IDENTIFIES_SOMEONE
        )
        withdraw(self.session, self.here.actor("chair"), ended, now=self.at)
        eastmoor = self.facts.references["signal eastmoor"]
        self.alert("eastmoor", eastmoor, signers=SIGNERS, place=self.there, to="eastmoor")
        there, amber = self.there, Tlp.AMBER
        self.alert("amber-eastmoor", eastmoor, signers=SIGNERS, place=there, to="eastmoor", tlp=amber)
        self.say_read("green")

    def alert(
        self,
        name: str,
        signal: str,
        *,
        submit: bool = True,
        tlp: Tlp = Tlp.GREEN,
        audience: Audience = Audience.PROFESSIONALS,
        signers: tuple[tuple[str, Role], ...] = (),
        place: Place | None = None,
        to: str = "network",
    ) -> None:
        """Write an alert, put it to its signers, let them sign until it is scheduled, and release it."""
        where = place or self.here
        writer = where.actor("coordinator")
        alert = draft_alert(self.session, writer, DraftAlert(signal=signal), now=self.at)
        self.session.flush()
        self.facts.references[f"alert {name}"] = alert.reference
        version = self._write(alert, writer_at=where, name=name, tlp=tlp, audience=audience, to=to)
        if submit:
            submit_alert(self.session, writer, SubmitAlert(reference=alert.reference), now=self.at)
        for key, role in signers:
            if role in roles_to_sign_as(self.session, where.actor(key), version, now=self.at):
                command = SignAlert(reference=alert.reference, digest=version.digest or "", role=role)
                sign_alert(self.session, where.actor(key), command, now=self.at)
        if signers:
            self.session.flush()
            assert release(self.session, version.id, now=self.at) is not None
            assert version.state is VersionState.SENDING, version.returned_reason
            self._send(version)

    def _write(
        self, alert: Alert, *, writer_at: Place, name: str, tlp: Tlp, audience: Audience, to: str
    ) -> AlertVersion:
        version = self.session.scalars(select(AlertVersion).where(AlertVersion.alert_id == alert.id)).one()
        start = wording_of(self.session, version)
        texts = dict.fromkeys(PARTS, "Not known.")
        wording = Wording(
            headline=f"Tablets {canary(f'headline-{name}')}",
            parts={**start.parts, **texts, "what_happened": f"Two people collapsed. {canary(f'text-{name}')}"},
            certainty=start.certainty,
            kind=start.kind,
            level=start.level,
            audience=audience,
            tlp=tlp,
            expires_at=self.at + timedelta(days=7),
            send_at=None,
            lists=(self.facts.references[f"list {to}"],),
            ef8=EfficacyAnswer.NO,
        )
        command = EditAlert(reference=alert.reference, version=version.version, wording=wording)
        return edit_alert(self.session, writer_at.actor("coordinator"), command, now=self.at)

    def _send(self, version: AlertVersion) -> None:
        """Let every message of a version have been sent, as the worker leaves them."""
        rows = select(Delivery).where(Delivery.alert_version_id == version.id)
        for delivery in self.session.scalars(rows):
            delivery.state, delivery.next_attempt_at, delivery.settled_at = DeliveryState.SENT, None, self.at
            delivery.attempts = 1
        self.session.flush()

    def say_read(self, name: str) -> None:
        """Let the hostel's recipient acknowledge an alert."""
        rows = (
            select(Delivery)
            .join(AlertVersion)
            .join(Alert)
            .where(Alert.reference == self.facts.references[f"alert {name}"])
            .where(Delivery.agency_id == self.here.agencies["hostel"].id)
        )
        delivery = self.session.scalars(rows).one()
        token = f"{delivery.id}-{derive_token('acknowledge', delivery.id)}"
        self.facts.tokens["acknowledge"] = token
        acknowledge(self.session, Acknowledge(token=token), now=self.at)


THE_REST = (Role.ADMIN, Role.IG_LEAD, Role.COMMUNICATIONS, Role.SUBMITTER)
PARTS = (
    "where_and_when",
    "sold_as",
    "substance",
    "appearance",
    "appearance_caveat",
    "signs",
    "do_people",
    "do_staff",
    "do_clinicians",
    "naloxone",
    "services",
    "report_back",
    "issued_by",
    "not_known",
)


def _sign_everybody_in(session: Session, world: World, facts: Facts, *, now: datetime) -> None:
    """Start a sign-in for everyone, and for people whose roles are over or only proposed."""
    people: Mapping[str, tuple[Place, str]] = {
        **{key: (world.westhaven, world.westhaven.email(key)) for key in world.westhaven.users},
        **{f"{NEIGHBOUR}{key}": (world.eastmoor, world.eastmoor.email(key)) for key in world.eastmoor.users},
    }
    for key, (place, email) in people.items():
        _sign_in(session, facts, key, email, place, now=now)
    rest = factories.make_user(session, "eastmoor.rest@eastmoor.example", "Eastmoor Rest Example", now=now)
    for role in THE_REST:
        scope = {"agency_id": world.eastmoor.agencies["housing"].id} if role in AGENCY_ROLES else {}
        factories.give_role(session, world.eastmoor, rest, role, now=now, **scope)
    _sign_in(session, facts, f"{NEIGHBOUR}rest", rest.email, world.eastmoor, now=now)
    for key, state in (("role ended", AssignmentState.ENDED), ("role proposed", AssignmentState.PROPOSED)):
        user = factories.make_user(session, f"{key.replace(' ', '.')}@westhaven.example", key.title(), now=now)
        grant = factories.give_role(session, world.westhaven, user, Role.COORDINATOR, now=now)
        grant.state = state
        if state is AssignmentState.ENDED:
            grant.ends_on = now.date() - timedelta(days=1)
        session.flush()
        _sign_in(session, facts, key, user.email, world.westhaven, now=now)
    token = new_token()
    invited = factories.make_user(session, "invited@westhaven.example", "Invited Example", now=now)
    session.add(
        Invitation(user_id=invited.id, token_hash=token_hash(token), created_at=now, expires_at=now + timedelta(days=7))
    )
    facts.tokens["invitation"] = token


def _sign_in(session: Session, facts: Facts, key: str, email: str, place: Place, *, now: datetime) -> None:
    token = sign_in(session, SignInWith(email=email, password="", address="127.0.0.1"), right=True, now=now)
    assert isinstance(token, str), token
    session.flush()
    if not key.startswith("role "):
        choose_partnership(session, token, place.partnership.slug, now=now)
    found = session.scalars(select(User.id).where(User.email == email)).one()
    facts.sign_ins[key] = (found, token)

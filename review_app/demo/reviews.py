"""How the demo's reviews are carried through: each step by the use case that a page calls, at its own time before now.

A step is given as so many days before now. Everybody acts as the person of their key.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from review_app.catalogue.models import LearningTheme
from review_app.crypto import new_token
from review_app.demo.deaths import LESSONS, SUICIDE, Death, Reviewed
from review_app.demo.world import Place
from review_app.fuzzy import on_day
from review_app.learning.commands import AgreePoint, ApproveWording, PointContent, RecordPoint
from review_app.learning.models import LearningPoint
from review_app.learning.rules.states import Weight
from review_app.learning.service.points import agree_point, approve_wording, record_point
from review_app.panel.commands import AcceptStatement, MeetingPlan, PlanMeeting
from review_app.panel.models.meetings import PanelMeeting
from review_app.panel.service.meetings import accept_statement, plan_meeting
from review_app.policy import Actor, Role
from review_app.reviews.commands.findings import AddFactor, FactorWords, SignCase, SkipAccuracyCheck, StartFindings
from review_app.reviews.commands.inclusion import DecideInclusion, StartCaseTriage
from review_app.reviews.commands.meetings import (
    AgendaItem,
    DeclareInterest,
    HoldMeeting,
    MinuteMeeting,
    RecordAttendance,
)
from review_app.reviews.commands.notifying import NotifyDeath, SaveIdentity, SaveKnown
from review_app.reviews.commands.requests import AskAgencies, SaveDraft, SayNothingHeld, SendReturn
from review_app.reviews.models import DeathNotification, InformationRequest, ReviewCase
from review_app.reviews.queries.inclusion import facts_known, settings_in_force
from review_app.reviews.queries.requests import draft_of, get_own_request
from review_app.reviews.queries.signing import content_to_sign
from review_app.reviews.rules.inclusion import Answer
from review_app.reviews.rules.notified import Identity, Known, Source, Where
from review_app.reviews.rules.notified import Place as NotifiedPlace
from review_app.reviews.rules.requests import digest_of, read_content
from review_app.reviews.rules.states import CaseState, ConflictKind, ReturnKind
from review_app.reviews.service.agenda import list_case, put_on_agenda
from review_app.reviews.service.declaring import declare_interest
from review_app.reviews.service.factors import add_factor
from review_app.reviews.service.notifying import notify_death, save_identity, save_known
from review_app.reviews.service.requests import ask_agencies
from review_app.reviews.service.returns import save_draft, say_nothing_held, send_return
from review_app.reviews.service.signing import sign_case, skip_accuracy_check, start_findings
from review_app.reviews.service.sittings import hold_meeting, minute_meeting, record_attendance
from review_app.reviews.service.triage import decide_inclusion, start_case_triage

COORDINATOR, CHAIR = "review.coordinator", "review.chair"
SITTERS = (COORDINATOR, CHAIR, "review.member")
AUTHOR = "Duty manager, invented"
YEAR = timedelta(days=365.25)


class Reviewer:
    """Carries reviews of one place through."""

    def __init__(self, session: Session, place: Place, now: datetime) -> None:
        self.session, self.place, self.now = session, place, now
        self.themes = {theme.number: theme.id for theme in session.scalars(select(LearningTheme))}

    def ago(self, days: float) -> datetime:
        """Give an instant so many days before now."""
        return self.now - timedelta(days=days)

    def actor(self, key: str) -> Actor:
        """Give somebody."""
        return self.place.actors[key]

    def notify(self, death: Death, *, days: float, died: float, signal: str = "", born: str = "") -> DeathNotification:
        """Notify a death. Nobody here was born on the same day, unless `born` names whose day it is."""
        actor, token = self.actor(death.by), new_token()
        at, agencies = self.ago(days), actor.agencies(Role.AGENCY_REPRESENTATIVE)
        place = self.place.localities[death.locality % len(self.place.localities)].id
        known = Known(
            sources=(Source(kind=death.source, told_on=self.ago(days + 0.5).date()),),
            died=on_day(self.ago(died).date()),
            place_kind=death.place,
            places={
                NotifiedPlace.RESIDENCE: Where(in_area=Answer.YES, locality_id=place),
                NotifiedPlace.DEATH: Where(in_area=Answer.YES, locality_id=place),
            },
            age=death.age,
            suspected=(death.suspected,),
            substances=death.substances,
            risk=Answer.NO,
            story=death.story or "Found in the morning. An ambulance came and could not help any more.",
            agency_id=min(agencies) if agencies else None,
        )
        forename, _, surname = death.name.partition(" ")
        days_apart = sum(map(ord, born or death.name))
        born_on = (self.ago(days_apart) - death.age * YEAR).date()
        identity = Identity(forename=forename, surname=surname, born=born_on, address="1 Invented Row, Westhaven")
        save_known(self.session, actor, SaveKnown(form_token=token, known=known, signal=signal), now=at)
        save_identity(self.session, actor, SaveIdentity(form_token=token, identity=identity), now=at)
        return notify_death(self.session, actor, NotifyDeath(form_token=token), now=at)

    def case(self, death: Death, *, days: float, signal: str = "", died: float | None = None) -> ReviewCase:
        """Notify a death two days after it, of which a case starts at once."""
        notified = self.notify(death, days=days, died=days + 2 if died is None else died, signal=signal)
        if notified.case is None:
            raise LookupError(f"the demo's notification {notified.reference} started no case")
        return notified.case

    def triage(self, case: ReviewCase, *, days: float) -> None:
        """Take a case on."""
        command = StartCaseTriage(reference=case.reference)
        start_case_triage(self.session, self.actor(COORDINATOR), command, now=self.ago(days))

    def decide(
        self, case: ReviewCase, death: Death, *, days: float, outcome: CaseState = CaseState.SELECTED, reason: str = ""
    ) -> None:
        """Decide on a case in triage, saying that what was taken was controlled where the list was not checked."""
        facts = facts_known(self.session, case)
        checked = tuple(replace(each, controlled=Answer.YES) for each in facts.substances)
        facts = replace(facts, substances=checked)
        if death.suspected is SUICIDE:
            facts = replace(facts, alcohol_significant=Answer.YES, drugs_significant=Answer.YES)
        command = DecideInclusion(
            reference=case.reference,
            facts=facts,
            settings_id=settings_in_force(self.session, case, now=self.ago(days)).id,
            outcome=outcome,
            reason=reason,
        )
        decide_inclusion(self.session, self.actor(COORDINATOR), command, now=self.ago(days))

    def selected(self, death: Death, *, days: float, signal: str = "") -> ReviewCase:
        """Notify, triage and select a death."""
        case = self.case(death, days=days, signal=signal)
        self.triage(case, days=days - 1)
        self.decide(case, death, days=days - 1.1)
        return case

    def ask(self, case: ReviewCase, *agencies: str, days: float) -> list[InformationRequest]:
        """Ask agencies about a case."""
        ids = tuple(self.place.agencies[key].id for key in agencies)
        words = "Please tell us about the last twelve months in particular."
        command = AskAgencies(reference=case.reference, agency_ids=ids, words=words)
        return ask_agencies(self.session, self.actor(COORDINATOR), command, now=self.ago(days))

    def answer(self, request: InformationRequest, agency: str, words: str, *, days: float, missing: str = "") -> None:
        """Answer a request, completely or, with what is missing, in part."""
        actor, reference, at = self.actor(f"{agency}.rep"), request.reference, self.ago(days)
        answers = {"known": "yes", "worked_well": words, "third_party_information": "no", "author": AUTHOR}
        save_draft(self.session, actor, SaveDraft(reference=reference, saved=0, answers=answers), now=at)
        draft = draft_of(get_own_request(self.session, actor, reference))
        if draft is None:
            raise LookupError(f"the demo's return to {reference} was not saved")
        kind = ReturnKind.PARTIAL if missing else ReturnKind.COMPLETE
        command = SendReturn(
            reference=reference,
            kind=kind,
            number=draft.number,
            checked=digest_of(read_content(draft.content)),
            reason=missing,
        )
        send_return(self.session, actor, command, now=at)

    def hold_nothing(self, request: InformationRequest, agency: str, *, days: float) -> None:
        """Answer that nothing is held."""
        command = SayNothingHeld(reference=request.reference)
        say_nothing_held(self.session, self.actor(f"{agency}.rep"), command, now=self.ago(days))

    def informed(self, reviewed: Reviewed, *, days: float, signal: str = "") -> ReviewCase:
        """Bring a death to where all information is in."""
        case = self.selected(reviewed.death, days=days, signal=signal)
        treatment, *others = self.ask(case, *reviewed.asked, days=days - 2)
        self.answer(treatment, "treatment", reviewed.reply, days=days - 6)
        for each in others:
            self.hold_nothing(each, "housing", days=days - 7)
        return case

    def plan(self, people: Sequence[str], *, days: float, ahead: float) -> PanelMeeting:
        """Plan a sitting."""
        plan = MeetingPlan(
            starts_at=self.ago(days - ahead),
            place="Westhaven Town Hall, room 2",
            user_ids=tuple(self.actor(key).user_id for key in people),
        )
        return plan_meeting(self.session, self.actor(COORDINATOR), PlanMeeting(plan=plan), now=self.ago(days))

    def put_on(self, meeting: PanelMeeting, cases: Sequence[ReviewCase], *, days: float) -> None:
        """Put cases on a sitting's agenda."""
        for case in cases:
            item = AgendaItem(meeting=meeting.reference, reference=case.reference)
            put_on_agenda(self.session, self.actor(COORDINATOR), item, now=self.ago(days))
        self.session.flush()

    def declare(self, meeting: PanelMeeting, cases: Sequence[ReviewCase], who: str, *, days: float) -> None:
        """Let somebody accept the sitting's statement and declare that they have no interest in any of its cases."""
        actor, at = self.actor(who), self.ago(days)
        accept_statement(self.session, actor, AcceptStatement(reference=meeting.reference), now=at)
        for case in cases:
            command = DeclareInterest(reference=case.reference, kind=ConflictKind.NONE, meeting=meeting.reference)
            declare_interest(self.session, actor, command, now=at)

    def sit(self, cases: Sequence[ReviewCase], *, days: float) -> PanelMeeting:
        """Hold a sitting about these cases, from its plan two weeks before to its minutes."""
        meeting = self.plan(SITTERS, days=days + 14, ahead=14)
        self.put_on(meeting, cases, days=days + 10)
        coordinator, reference = self.actor(COORDINATOR), meeting.reference
        for who in SITTERS:
            self.declare(meeting, cases, who, days=days + 7)
        self.session.flush()
        for case in cases:
            item = AgendaItem(meeting=reference, reference=case.reference)
            list_case(self.session, coordinator, item, now=self.ago(days + 6))
        came = frozenset(self.actor(key).user_id for key in SITTERS)
        attendance = RecordAttendance(meeting=reference, attended=came, apologies=frozenset())
        record_attendance(self.session, coordinator, attendance, now=self.ago(days))
        hold_meeting(self.session, coordinator, HoldMeeting(meeting=reference), now=self.ago(days))
        self.session.flush()
        decided = {case.reference: "Learning was agreed; findings to be written." for case in cases}
        minuting = MinuteMeeting(meeting=reference, decisions=decided)
        minute_meeting(self.session, coordinator, minuting, now=self.ago(days - 0.5))
        return meeting

    def find(self, case: ReviewCase, reviewed: Reviewed, *, days: float) -> list[LearningPoint]:
        """Record and agree what the panel found about a case, and skip the accuracy check."""
        coordinator, at = self.actor(COORDINATOR), self.ago(days)
        factor = FactorWords(
            domain="D", influence="may_have_contributed", modifiable="yes", words="Nobody held the whole picture."
        )
        add_factor(self.session, coordinator, AddFactor(reference=case.reference, factor=factor), now=at)
        points = [self._learn(case, name, at) for name in reviewed.lessons]
        start_findings(self.session, coordinator, StartFindings(reference=case.reference), now=at)
        reason = "The agencies’ own words were used, and nobody is quoted."
        skip = SkipAccuracyCheck(reference=case.reference, reason=reason)
        skip_accuracy_check(self.session, coordinator, skip, now=at)
        self.session.flush()
        return points

    def _learn(self, case: ReviewCase, name: str, at: datetime) -> LearningPoint:
        lesson, told = LESSONS[name.removesuffix("?")], not name.endswith("?")
        content = PointContent(
            statement=lesson.statement,
            polarity=lesson.polarity,
            theme_ids=(self.themes[lesson.theme],),
            strength=Weight.MEDIUM,
            confidence=Weight.HIGH,
        )
        wording = lesson.wording if told else ""
        command = RecordPoint(reference=case.reference, content=content, wording=wording)
        point = record_point(self.session, self.actor(COORDINATOR), command, now=at)
        self.session.flush()
        agreed = AgreePoint(reference=case.reference, point=point.reference, version=point.version)
        agree_point(self.session, self.actor(CHAIR), agreed, now=at)
        self.session.flush()
        if told:
            approved = ApproveWording(reference=case.reference, point=point.reference, version=point.version)
            approve_wording(self.session, self.actor(CHAIR), approved, now=at)
        return point

    def sign(self, case: ReviewCase, *, days: float) -> None:
        """Let the chair sign a case off as it stands."""
        command = SignCase(reference=case.reference, digest=content_to_sign(self.session, case).digest)
        sign_case(self.session, self.actor(CHAIR), command, now=self.ago(days))
        self.session.flush()

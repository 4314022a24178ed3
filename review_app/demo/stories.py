"""What is going on in Westhaven when somebody opens the demo: something to do for everyone, told by the services.

Every story runs through the same use cases as the pages, at times counted back from now.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from review_app.catalogue.commands import SignAdviceBlock
from review_app.catalogue.queries import advice_blocks
from review_app.catalogue.service import sign_advice_block
from review_app.crypto import new_token
from review_app.demo.world import Place
from review_app.marks import Confidence, Grade, Modifier, ModifierLevel, Severity
from review_app.panel.commands import AskAgencies, OpenGrading, RecordDecision, RevealGrades, SaveGrading
from review_app.panel.rules import EfficacyAnswer, Outcome
from review_app.panel.service.asking import ask_agencies
from review_app.panel.service.deciding import record_decision
from review_app.panel.service.grading import open_grading, reveal_grades, save_grading
from review_app.submissions.commands.intake import SendReport
from review_app.submissions.commands.signals import SkipCorroboration
from review_app.submissions.commands.triage import AskSubmitter, OpenSignalWith, StartTriage
from review_app.submissions.models import Signal
from review_app.submissions.rules import ReportKind, SourceKind
from review_app.submissions.service.intake import send_report
from review_app.submissions.service.linking import open_signal_with
from review_app.submissions.service.signals import skip_corroboration
from review_app.submissions.service.triage import ask_submitter, start_triage

CLEAR_ALERT = {
    "ef1": EfficacyAnswer.YES,
    "ef2": EfficacyAnswer.YES,
    "ef3": EfficacyAnswer.YES,
    "ef4": EfficacyAnswer.NO,
    "ef5": EfficacyAnswer.NO,
    "ef6": EfficacyAnswer.YES,
    "ef7": EfficacyAnswer.NO,
    "ef8": EfficacyAnswer.NO,
}
LEVELS = {
    Modifier.RELEVANCE: ModifierLevel.MEDIUM,
    Modifier.NOVELTY: ModifierLevel.MEDIUM,
    Modifier.VULNERABILITY: ModifierLevel.HIGH,
    Modifier.TIME: ModifierLevel.MEDIUM,
}
GRADERS = ("chair", "police.panel", "clinician.panel")


@dataclass(frozen=True, kw_only=True)
class Told:
    """What one invented report says."""

    minutes: int
    by: str | None
    kind: ReportKind
    sold_as: str
    words: str
    place: int = 0
    danger: bool = False
    known: SourceKind = SourceKind.AFFECTED_PERSON


INBOX = (
    Told(
        minutes=35,
        by=None,
        kind=ReportKind.NON_FATAL_OVERDOSE,
        sold_as="heroin",
        words="Two residents collapsed within minutes of smoking it. Naloxone was given three times.",
        danger=True,
        known=SourceKind.SAW_IT,
    ),
    Told(
        minutes=95,
        by="officer",
        kind=ReportKind.ADULTERATED,
        sold_as="brown powder, said to hold nitazene",
        words="Seized this afternoon. The seller warned buyers to go easy.",
        place=1,
        known=SourceKind.RECORD,
    ),
    Told(
        minutes=150,
        by="nurse",
        kind=ReportKind.SEVERE_EFFECT,
        sold_as="THC vape",
        words="One person very drowsy and confused for four hours, then well.",
        place=2,
        known=SourceKind.RECORD,
    ),
)
SIGNALS = (
    ("open", "White tablets scored in four", "Small white tablets, sleepy for a day after one."),
    ("ready", "Strong-smelling cannabis edibles", "Three people sick after half a sweet each."),
    ("asked", "Blue tablets sold as diazepam", "Slept for fifteen hours after two tablets."),
    ("asked", "Grey heroin that dissolves slowly", "People say it takes longer and lasts longer."),
    ("panel", "Pink powder sold as cocaine", "Chest pain and panic after one line, two people."),
    ("panel", "Vapes with a bitter taste", "Collapsed at the bus station after three puffs, recovered."),
    ("revealed", "Yellow capsules sold as pregabalin", "Very hard to wake, taken to hospital."),
    ("revealed", "Crystals sold as ketamine", "Longer and deeper than usual, one person in hospital overnight."),
    ("decided", "Brown heroin in foil wraps", "Three overdoses at two hostels in one day."),
    ("decided", "Green tablets with a leaf mark", "Two people unresponsive, naloxone worked."),
    ("sent", "Fake oxycodone, blue and round", "Naloxone needed twice, recovered in hospital."),
)


class Teller:
    """Tells the stories of one place, each at its own time before now."""

    def __init__(self, session: Session, place: Place, now: datetime) -> None:
        self.session = session
        self.place = place
        self.now = now

    def ago(self, minutes: int) -> datetime:
        """Give an instant so many minutes before now."""
        return self.now - timedelta(minutes=minutes)

    def report(self, told: Told) -> str:
        """Send one report and give its reference."""
        command = SendReport(
            slug=self.place.partnership.slug,
            form_token=new_token(),
            address="127.0.0.1",
            danger_now=told.danger,
            reporting=(told.kind,),
            sold_as=told.sold_as,
            locality_id=self.place.localities[told.place].id,
            known_place=None,
            how_known=told.known,
            own_words=told.words,
            names_nobody=True,
        )
        actor = self.place.actors[told.by] if told.by else None
        return send_report(self.session, actor, command, now=self.ago(told.minutes)).reference

    def signal(self, title: str, words: str, *, minutes: int, place: int) -> Signal:
        """Send a report, triage it and open a Signal with it."""
        told = Told(
            minutes=minutes,
            by="hostel.worker",
            kind=ReportKind.NON_FATAL_OVERDOSE,
            sold_as=title.split(",")[0].lower(),
            words=words,
            place=place,
        )
        reference, coordinator = self.report(told), self.place.actors["coordinator"]
        start_triage(self.session, coordinator, StartTriage(reference=reference), now=self.ago(minutes - 10))
        command = OpenSignalWith(reference=reference, title=title)
        return open_signal_with(self.session, coordinator, command, now=self.ago(minutes - 15))

    def ask(self, signal: Signal, *, minutes: int) -> None:
        """Ask two agencies whether they have seen it."""
        agencies = tuple(self.place.agencies[key].id for key in ("housing", "treatment", "ambulance"))
        summary = f"Have you met {signal.title[0].lower()}{signal.title[1:]} in the last week, or people harmed by it?"
        command = AskAgencies(reference=signal.reference, agency_ids=agencies, summary=summary, urgent=False)
        ask_agencies(self.session, self.place.actors["coordinator"], command, now=self.ago(minutes))

    def put_to_panel(self, signal: Signal, *, minutes: int, grades: bool) -> None:
        """Open grading; let three members grade and reveal if asked to."""
        coordinator = self.place.actors["coordinator"]
        skip = SkipCorroboration(reference=signal.reference, reason="The emergency department saw it itself.")
        skip_corroboration(self.session, coordinator, skip, now=self.ago(minutes))
        open_grading(self.session, coordinator, OpenGrading(reference=signal.reference), now=self.ago(minutes - 5))
        if not grades:
            return
        for place, key in enumerate(GRADERS):
            self.grade(signal, key, Confidence.C3 if place else Confidence.C2, minutes=minutes - 15 - place)
        reveal = RevealGrades(reference=signal.reference)
        reveal_grades(self.session, coordinator, reveal, now=self.ago(minutes - 25))

    def grade(self, signal: Signal, key: str, confidence: Confidence, *, minutes: int) -> None:
        """Let one member grade."""
        command = SaveGrading(
            reference=signal.reference,
            severity=Severity.S3,
            confidence=confidence,
            modifiers=LEVELS,
            reason="Unconscious and needed naloxone; the picture was recorded by a professional.",
        )
        save_grading(self.session, self.place.actors[key], command, now=self.ago(minutes))

    def decide(self, signal: Signal, grade: Grade, outcome: Outcome, *, minutes: int) -> None:
        """Let the chair decide."""
        command = RecordDecision(
            reference=signal.reference,
            final_grade=grade,
            outcome=outcome,
            reason="It is still being sold, and people can act on a warning today.",
            grade_reason="Weighed with what the emergency department told the panel.",
            efficacy=CLEAR_ALERT,
        )
        record_decision(self.session, self.place.actors["chair"], command, now=self.ago(minutes))


def sign_all_advice(session: Session, place: Place, *, now: datetime) -> None:
    """Let the invented clinician sign every advice block. This happens in the demo only."""
    for block in advice_blocks(session, now=now):
        command = SignAdviceBlock(key=block.key, version=block.version)
        sign_advice_block(session, place.actors["clinician.panel"], command, now=now - timedelta(days=30))


def tell(session: Session, place: Place, *, now: datetime) -> Mapping[str, Sequence[Signal]]:
    """Tell every story up to the decision, and give the Signals by how far they got."""
    teller = Teller(session, place, now)
    for told in INBOX:
        teller.report(told)
    _ask_the_hostel(teller)
    stages: dict[str, list[Signal]] = {}
    for number, (stage, title, words) in enumerate(SIGNALS):
        minutes = 300 + 180 * number
        signal = teller.signal(title, words, minutes=minutes, place=number % len(place.localities))
        stages.setdefault(stage, []).append(signal)
        _move_on(teller, signal, stage, minutes - 30)
    return stages


def _ask_the_hostel(teller: Teller) -> None:
    questions = ("Was anything left in the wrap, and where is it now?", "About what time of day was this?")
    for number, question in enumerate(questions):
        told = Told(
            minutes=400 + 60 * number,
            by="hostel.worker",
            kind=ReportKind.UNUSUALLY_STRONG,
            sold_as="spice",
            words="Two people on the floor of the lounge, both came round after twenty minutes.",
            place=3,
            known=SourceKind.SAW_IT,
        )
        reference, coordinator = teller.report(told), teller.place.actors["coordinator"]
        start_triage(teller.session, coordinator, StartTriage(reference=reference), now=teller.ago(told.minutes - 20))
        ask = AskSubmitter(reference=reference, question=question)
        ask_submitter(teller.session, coordinator, ask, now=teller.ago(90))


def _move_on(teller: Teller, signal: Signal, stage: str, minutes: int) -> None:
    match stage:
        case "ready":
            reason = "Three agencies reported it on the same day."
            skip = SkipCorroboration(reference=signal.reference, reason=reason)
            coordinator = teller.place.actors["coordinator"]
            skip_corroboration(teller.session, coordinator, skip, now=teller.ago(minutes))
        case "asked":
            teller.ask(signal, minutes=60)
        case "panel":
            teller.put_to_panel(signal, minutes=45, grades=False)
        case "revealed":
            teller.put_to_panel(signal, minutes=minutes, grades=True)
        case "decided" | "sent":
            teller.put_to_panel(signal, minutes=minutes, grades=True)
            outcome = Outcome.SHARE_FOR_INFORMATION if stage == "sent" else Outcome.TARGETED_ALERT
            grade = Grade.G2 if stage == "sent" else Grade.G3
            teller.decide(signal, grade, outcome, minutes=minutes - 40)

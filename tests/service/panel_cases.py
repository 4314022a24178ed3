"""What the tests of the panel share: a Signal brought to a stage by the real services, and the usual commands."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from review_app.marks import Confidence, Grade, Modifier, ModifierLevel, Severity
from review_app.outbox.models import OutboxMessage
from review_app.panel import service
from review_app.panel.commands import (
    AskAgencies,
    CloseRound,
    OpenGrading,
    RecordDecision,
    RevealGrades,
    SaveGrading,
)
from review_app.panel.models import CorroborationRequest, PanelDecision
from review_app.panel.rules import EfficacyAnswer, Outcome
from review_app.submissions.models import Signal
from tests import factories
from tests.factories import Place

QUESTION = "Have you seen blue tablets sold as diazepam that make people very drowsy?"
YES = EfficacyAnswer.YES
EFFICACY = {
    **{f"ef{number}": YES for number in (1, 2, 3, 6)},
    **{f"ef{number}": EfficacyAnswer.NO for number in (4, 5, 7, 8)},
}


def ask(
    session: Session, here: Place, signal: Signal, *keys: str, now: datetime, urgent: bool = False
) -> CorroborationRequest:
    """Ask these agencies."""
    ids = tuple(here.agencies[key].id for key in keys or ("police", "hospital", "treatment"))
    command = AskAgencies(reference=signal.reference, agency_ids=ids, summary=QUESTION, urgent=urgent)
    return service.ask_agencies(session, here.actor("coordinator"), command, now=now)


def close(session: Session, here: Place, request: CorroborationRequest, *, now: datetime) -> CorroborationRequest:
    """Close a round."""
    command = CloseRound(reference=request.signal.reference, round_id=request.id)
    return service.close_round(session, here.actor("coordinator"), command, now=now)


def grading(
    reference: str,
    severity: Severity = Severity.S4,
    confidence: Confidence = Confidence.C3,
    level: ModifierLevel = ModifierLevel.MEDIUM,
    reason: str = "Three reports of the same tablets.",
) -> SaveGrading:
    """Grade with one level for all four modifiers."""
    return SaveGrading(
        reference=reference,
        severity=severity,
        confidence=confidence,
        modifiers=dict.fromkeys(Modifier, level),
        reason=reason,
    )


def with_panel(session: Session, here: Place, *, now: datetime) -> Signal:
    """Bring a Signal before the panel: asked, closed, grading opened."""
    report = factories.make_submission(session, here, now=now)
    signal = factories.make_signal(session, here, now=now, submissions=[report])
    close(session, here, ask(session, here, signal, now=now), now=now)
    service.open_grading(session, here.actor("coordinator"), OpenGrading(reference=signal.reference), now=now)
    return signal


def grade(session: Session, here: Place, signal: Signal, key: str, *, now: datetime, **answers: Severity) -> None:
    """Let somebody grade."""
    service.save_grading(session, here.actor(key), grading(signal.reference, **answers), now=now)  # type: ignore[arg-type]


QUORUM = ("chair", "police.panel", "treatment.panel")


def revealed(session: Session, here: Place, *, now: datetime) -> Signal:
    """Bring a Signal to the reveal, with a quorum of like gradings (S4, C3: G4)."""
    signal = with_panel(session, here, now=now)
    for key in QUORUM:
        grade(session, here, signal, key, now=now)
    service.reveal_grades(session, here.actor("coordinator"), RevealGrades(reference=signal.reference), now=now)
    return signal


def urgently_revealed(session: Session, here: Place, *, now: datetime) -> Signal:
    """Bring a Signal to the reveal under the urgent rule."""
    signal = with_panel(session, here, now=now)
    for key in ("chair", "police.panel"):
        grade(session, here, signal, key, now=now)
    command = RevealGrades(reference=signal.reference, urgent_rule=True)
    service.reveal_grades(session, here.actor("chair"), command, now=now)
    return signal


def decision(
    reference: str, final: Grade = Grade.G4, outcome: Outcome = Outcome.FORMAL_ALERT, **more: object
) -> RecordDecision:
    """Decide as suggested, with every question of the efficacy check answered."""
    values: dict[str, object] = {"efficacy": EFFICACY, "reason": "Deaths are likely without a warning.", **more}
    return RecordDecision(reference=reference, final_grade=final, outcome=outcome, **values)  # type: ignore[arg-type]


def decided(session: Session, here: Place, *, now: datetime) -> Signal:
    """Bring a Signal to a decision: G4, formal alert."""
    signal = revealed(session, here, now=now)
    service.record_decision(session, here.actor("chair"), decision(signal.reference), now=now)
    return signal


def round_on(session: Session, signal: Signal) -> PanelDecision:
    """Give the newest round on a Signal."""
    newest = select(PanelDecision).where(PanelDecision.signal_id == signal.id).order_by(PanelDecision.round.desc())
    return session.scalars(newest.limit(1)).one()


def mail_about(session: Session, purpose: str) -> list[OutboxMessage]:
    """Give the mail owed for one purpose, in the order it was owed."""
    owed = select(OutboxMessage).where(OutboxMessage.purpose == purpose)
    return list(session.scalars(owed.order_by(OutboxMessage.id)))


def tokens(session: Session, agency_words: str = "") -> dict[str, str]:
    """Give the private links that went out, the last to each address."""
    found = {}
    for message in mail_about(session, "corroboration"):
        for line in message.body.splitlines():
            if "/corroborate/" in line:
                found[message.to] = line.rsplit("/", 1)[1].strip()
    return {to: token for to, token in found.items() if agency_words in to}

"""Decided Signals, lists with people and finished drafts, for tests of alerts.

signal = decided_signal(session, here, now=now)              a red one, decided as a formal alert
alert = ready_draft(session, here, now=now, level=...)       a draft by the coordinator with nothing missing
submitted(session, here, alert, now=now)                     put to the signers
sign(session, here, "dph", alert, Role.DPH, now=now)
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from review_app.alerts.commands import DraftAlert, EditAlert, MakeList, SignAlert, SubmitAlert, Wording
from review_app.alerts.models import Alert, AlertVersion, DistributionList, Recipient
from review_app.alerts.queries.versions import alert_rules, newest_version, wording_of
from review_app.alerts.rules import AlertLevel, ListKind
from review_app.alerts.service import drafting, lists, signing
from review_app.catalogue.queries import current_scheme
from review_app.marks import Audience, Grade, Tlp
from review_app.panel.models import PanelDecision
from review_app.panel.rules import EfficacyAnswer, Outcome, PanelDecisionState
from review_app.policy import Role
from review_app.submissions.models import Signal
from review_app.submissions.rules import SignalState
from tests.factories import Place, make_signal, make_submission

GRADE_OF = {AlertLevel.INFORMATION: Grade.G2, AlertLevel.AMBER: Grade.G3, AlertLevel.RED: Grade.G4}
MARK_OF = {
    Audience.PROFESSIONALS: Tlp.GREEN,
    Audience.AT_RISK_AGENCIES: Tlp.AMBER,
    Audience.PUBLIC: Tlp.CLEAR,
}


def decided_signal(
    session: Session,
    here: Place,
    *,
    now: datetime,
    grade: Grade = Grade.G4,
    outcome: Outcome = Outcome.FORMAL_ALERT,
    **report: Any,
) -> Signal:
    """Make a Signal with one report that the panel has decided."""
    told = make_submission(session, here, now=now, **report)
    signal = make_signal(session, here, now=now, submissions=[told], state=SignalState.DECIDED, grade=grade)
    session.add(
        PanelDecision(
            signal_id=signal.id,
            partnership_id=signal.partnership_id,
            round=1,
            state=PanelDecisionState.DECIDED,
            scheme_id=current_scheme(session, now=now).id,
            opened_at=now,
            opened_by_id=here.user("coordinator").id,
            revealed_at=now,
            revealed_by_id=here.user("coordinator").id,
            suggested_grade=grade,
            spread=0,
            final_grade=grade,
            outcome=outcome,
            reason="The harm is severe and the sources agree.",
            decided_at=now,
            decided_by_id=here.user("chair").id,
        )
    )
    session.flush()
    return signal


def make_list(
    session: Session,
    here: Place,
    *,
    now: datetime,
    people: int = 3,
    name: str = "Network",
    agency: str | None = "hostel",
    exercise: bool = False,
) -> DistributionList:
    """Make a list with so many people of one agency."""
    command = MakeList(name=name, kind=ListKind.NETWORK, exercise=exercise)
    made = lists.make_list(session, here.actor("coordinator"), command, now=now)
    session.flush()
    rows = [
        {
            "list_id": made.id,
            "exercise": exercise,
            "address": f"p{number}@{made.reference.lower()}.example",
            "normalised": f"p{number}@{made.reference.lower()}.example",
            "agency_id": here.agencies[agency].id if agency else None,
            "role": "",
            "added_at": now,
            "version": 1,
        }
        for number in range(people)
    ]
    if rows:
        session.execute(insert(Recipient), rows)
    return made


def finished(session: Session, version: AlertVersion, to: Sequence[DistributionList], *, now: datetime) -> Wording:
    """Give a wording with nothing missing."""
    saved = wording_of(session, version)
    parts = {part.key: f"Words about {part.title.lower()}." for part in alert_rules(session, now=now).parts}
    return replace(
        saved,
        headline="Blue tablets: collapse within minutes. Do not use alone",
        parts={**{key: text for key, text in parts.items() if key != "headline"}, **saved.parts},
        lists=tuple(each.reference for each in to),
        ef8=EfficacyAnswer.NO,
    )


def draft(session: Session, here: Place, signal: Signal, *, by: str = "coordinator", now: datetime) -> Alert:
    """Begin an alert about a Signal."""
    return drafting.draft_alert(session, here.actor(by), DraftAlert(signal=signal.reference), now=now)


def ready_draft(
    session: Session,
    here: Place,
    *,
    now: datetime,
    level: AlertLevel = AlertLevel.RED,
    audience: Audience = Audience.AT_RISK_AGENCIES,
    by: str = "coordinator",
    people: int = 3,
    **changes: Any,
) -> Alert:
    """Make a draft with nothing missing."""
    signal = decided_signal(session, here, now=now, grade=GRADE_OF[level])
    alert = draft(session, here, signal, by=by, now=now)
    session.flush()
    to = make_list(session, here, now=now, people=people, name=f"Network for {alert.reference}")
    version = newest_version(session, alert)
    wording = replace(finished(session, version, [to], now=now), audience=audience, tlp=MARK_OF[audience], **changes)
    edit(session, here, by, alert, wording, now=now)
    return alert


def edit(
    session: Session,
    here: Place,
    by: str,
    alert: Alert,
    wording: Wording,
    *,
    now: datetime,
    version: int | None = None,
) -> AlertVersion:
    """Save a wording, at the version that stands unless another is named."""
    session.flush()
    seen = newest_version(session, alert).version if version is None else version
    command = EditAlert(reference=alert.reference, version=seen, wording=wording)
    edited = drafting.edit_alert(session, here.actor(by), command, now=now)
    session.flush()
    return edited


def submitted(session: Session, here: Place, alert: Alert, *, by: str = "coordinator", now: datetime) -> AlertVersion:
    """Put what is saved to the signers."""
    version = drafting.submit_alert(session, here.actor(by), SubmitAlert(reference=alert.reference), now=now)
    session.flush()
    return version


def sign(
    session: Session, here: Place, by: str, alert: Alert, role: Role, *, now: datetime, digest: str | None = None
) -> AlertVersion:
    """Sign what was submitted, or the text with another digest."""
    read = newest_version(session, alert).digest or ""
    command = SignAlert(reference=alert.reference, digest=digest or read, role=role)
    signed = signing.sign_alert(session, here.actor(by), command, now=now)
    session.flush()
    return signed


def soon(now: datetime, **amount: float) -> datetime:
    """Give a time to come."""
    return now + timedelta(**amount)


def version_of(session: Session, reference: str) -> AlertVersion:
    """Read the newest version of an alert."""
    return newest_version(session, session.scalars(select(Alert).where(Alert.reference == reference)).one())

"""Invented reviews of deaths for tests, each brought to a stage.

    case = reviewing.make_case(session, place, now=clock.now())                         a case that was just notified
    case = reviewing.make_case(session, place, now=clock.now(), state=CaseState.SELECTED, limbs=("a",))

Everything is flushed, nothing is committed.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import uuid4

from sqlalchemy.orm import Session

from review_app import keystore
from review_app.keystore import RecordKind
from review_app.reviews.models import ReviewCase, SideFlag
from review_app.reviews.references import new_case_reference
from review_app.reviews.rules.states import CaseState, FlagKind
from tests.factories import Place

SIGNED = (CaseState.SIGNED_OFF, CaseState.ACTIONS_OPEN, CaseState.CLOSED, CaseState.REOPENED, CaseState.RETAINED)
NO_LIMBS_YET = (CaseState.NOTIFIED, CaseState.TRIAGE, CaseState.OUT_OF_SCOPE)


def make_case(
    session: Session,
    place: Place,
    *,
    now: datetime,
    state: CaseState = CaseState.NOTIFIED,
    limbs: Sequence[str] = ("a",),
    flags: Sequence[FlagKind] = (),
) -> ReviewCase:
    """Make a case in a state. One that was not triaged has no limbs."""
    uuid = str(uuid4())
    keystore.create_data_key(RecordKind.REVIEW_CASE, uuid, now=now)
    case = ReviewCase(
        uuid=uuid,
        reference=new_case_reference(session, place.partnership.id),
        partnership_id=place.partnership.id,
        panel_id=place.review_panel.id,
        state=state,
        limbs=[] if state in NO_LIMBS_YET else list(limbs),
        opened_at=now,
        moved_at=now,
        signed_at=now if state in SIGNED else None,
        closed_at=now if state in (CaseState.CLOSED, CaseState.RETAINED) else None,
        destroyed_at=now if state is CaseState.DESTROYED else None,
    )
    session.add(case)
    session.flush()
    for kind in flags:
        raise_flag(session, place, case, kind, now=now)
    return case


def raise_flag(session: Session, place: Place, case: ReviewCase, kind: FlagKind, *, now: datetime) -> SideFlag:
    """Put a flag beside a case, by the coordinator."""
    flag = SideFlag(
        case_uuid=case.uuid,
        case_id=case.id,
        kind=kind,
        raised_at=now,
        raised_by_id=place.user("review.coordinator").id,
    )
    session.add(flag)
    session.flush()
    return flag

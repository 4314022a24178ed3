"""What a version still needs before it can be put to the signers, as the editor lists it and the service checks it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from review_app.alerts.models import AlertSignal, AlertVersion
from review_app.alerts.queries.audience import audience_count
from review_app.alerts.queries.visibility import version_in_force
from review_app.alerts.rules import (
    AlertLevel,
    AlertRules,
    AlertState,
    SendTime,
    VersionKind,
    audience_objection,
    expiry_objection,
    least_level,
    missing_parts,
    send_time,
)
from review_app.catalogue.queries import current_scheme, unsigned_blocks
from review_app.catalogue.rules import EfficacyQuestion, read_scheme
from review_app.panel.queries.decisions import alerting_objection
from review_app.panel.rules import efficacy_verdict
from review_app.submissions.models import Signal

EF8 = "ef8"


@dataclass(frozen=True, kw_only=True)
class Step:
    """One thing that a version needs: whether it is there, where it is put right, and what to know about it."""

    title: str
    field: str
    done: bool
    hint: str = ""


def steps(session: Session, version: AlertVersion, rules: AlertRules, *, now: datetime) -> list[Step]:
    """Give everything a version needs, in the order of the editor."""
    return [
        *_parts(version, rules),
        *_advice(session, version),
        *_audience(session, version),
        *_times(session, version, now),
        _identifies_nobody(session, version, now),
        *_panel(session, version),
    ]


def missing(session: Session, version: AlertVersion, rules: AlertRules, *, now: datetime) -> list[Step]:
    """Give what stands between a version and its signers; an empty list means that it can be put to them."""
    return [step for step in steps(session, version, rules, now=now) if not step.done]


def ef8_question(session: Session, *, now: datetime) -> EfficacyQuestion:
    """Give the question that is asked again of every version: could it identify somebody?"""
    scheme = read_scheme(current_scheme(session, now=now).content)
    return next(question for question in scheme.efficacy if question.key == EF8)


def least_level_of(session: Session, version: AlertVersion) -> AlertLevel:
    """Give the level that the panel's grades ask for at least."""
    grades = select(Signal.grade).join(AlertSignal, AlertSignal.signal_id == Signal.id)
    return least_level(session.scalars(grades.where(AlertSignal.alert_id == version.alert_id)))


def _parts(version: AlertVersion, rules: AlertRules) -> Iterator[Step]:
    written = {key: str(value) for key, value in version.parts.items()}
    lacking = {part.key for part in missing_parts(rules.parts, {**written, "headline": version.headline})}
    for part in rules.parts:
        if part.required:
            yield Step(title=part.title, field=part.key, done=part.key not in lacking)


def _advice(session: Session, version: AlertVersion) -> Iterator[Step]:
    chosen = [each.advice_block_id for each in version.blocks]
    unsigned = unsigned_blocks(session, version.partnership_id, chosen)
    if chosen:
        names = ", ".join(block.title for block in unsigned)
        hint = f"No clinician has signed: {names}. Ask one to, or leave it out." if unsigned else ""
        yield Step(title="Advice signed by a clinician", field="blocks", done=not unsigned, hint=hint)


def _audience(session: Session, version: AlertVersion) -> Iterator[Step]:
    number = audience_count(session, version)
    hint = f"{number:,} people" if number else "Choose at least one list with people on it."
    yield Step(title="Who gets it", field="lists", done=number > 0, hint=hint)
    objection = audience_objection(version.audience, version.tlp)
    yield Step(title="Audience and mark", field="audience", done=objection is None, hint=objection or "")
    least = least_level_of(session, version)
    enough = version.level.rank >= least.rank
    asked = "" if enough else f"The panel’s grade asks for level {least.value} or higher."
    yield Step(title="Level", field="level", done=enough, hint=asked)


def _times(session: Session, version: AlertVersion, now: datetime) -> Iterator[Step]:
    late = version.send_at is not None and send_time(version.send_at, now) is not SendTime.WAITS
    yield Step(
        title="When it goes out", field="send_when", done=not late, hint="Choose a time to come." if late else ""
    )
    last = version_in_force(session, version.alert) if version.kind is VersionKind.EXTENSION else None
    objection = expiry_objection(
        version.expires_at, version.send_at or now, extends=last.expires_at if last is not None else None
    )
    yield Step(title="When it ends", field="expires_on", done=objection is None, hint=objection or "")


def _identifies_nobody(session: Session, version: AlertVersion, now: datetime) -> Step:
    title = "Could it identify someone?"
    if version.ef8 is None:
        return Step(title=title, field="ef8", done=False, hint="Answer this for every version.")
    scheme = read_scheme(current_scheme(session, now=now).content)
    blocked = efficacy_verdict(scheme, {EF8: version.ef8}).blocks_sign_off
    resolved = not blocked or bool(version.ef8_resolution.strip())
    hint = "" if resolved else "Settle it with those concerned, and say how it was settled."
    return Step(title=title, field="ef8" if not blocked else "ef8_resolution", done=resolved, hint=hint)


def _panel(session: Session, version: AlertVersion) -> Iterator[Step]:
    if version.alert.state is not AlertState.UNISSUED:
        return
    for link in version.alert.signals:
        objection = alerting_objection(session, link.signal)
        if objection:
            yield Step(title=f"Signal {link.signal.reference}", field="", done=False, hint=objection)

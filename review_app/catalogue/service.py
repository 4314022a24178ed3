"""Use cases of the catalogue: installing what ships, running clocks, signing advice."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import chain

from sqlalchemy import select
from sqlalchemy.orm import Session

from review_app.accounts.models import AgencyType
from review_app.audit.service import record
from review_app.catalogue import shipped
from review_app.catalogue.commands import ClockOf, SignAdviceBlock
from review_app.catalogue.models import (
    AdviceBlock,
    AdviceBlockSignature,
    AssessmentScheme,
    Clock,
    ClockRule,
    FormDefinition,
    ReportingCriterion,
    RuleSet,
    Substance,
)
from review_app.catalogue.queries import (
    bank_holidays,
    current_clock_rule,
    find_running_clock,
    get_advice_block,
    running_clocks,
)
from review_app.catalogue.rules import ClockKey, clock_due
from review_app.errors import NotAllowed, RuleBroken
from review_app.policy import Actor, Permission, qualifying, require
from review_app.working_time import due_at as counted_due_at
from review_app.working_time import elapsed_between

Versioned = FormDefinition | AssessmentScheme | RuleSet | ClockRule | AdviceBlock | ReportingCriterion


def install_catalogue(session: Session) -> int:
    """Add every shipped version, substance and kind of agency that is missing, and say how many were added.

    A row that is there is never edited, so it can run at every start.
    """
    versioned: Iterable[Versioned] = chain(
        shipped.forms(), shipped.schemes(), shipped.rule_sets(), shipped.clock_rules(), shipped.advice_blocks(),
        shipped.reporting_criteria(),
    )  # fmt: skip
    missing: list[Versioned | Substance | AgencyType] = [row for row in versioned if not installed(session, row)]
    names = set(session.scalars(select(Substance.name)))
    missing += [row for row in shipped.substances() if row.name not in names]
    keys = set(session.scalars(select(AgencyType.key)))
    missing += [AgencyType(key=key, name=name) for key, name in shipped.agency_types().items() if key not in keys]
    session.add_all(missing)
    session.flush()
    return len(missing)


def installed(session: Session, row: Versioned) -> bool:
    """Say whether this version of this row is in its table already."""
    table = type(row)
    return session.scalar(select(table.id).where(table.key == row.key, table.version == row.version)) is not None


def start_clock(
    session: Session,
    key: ClockKey,
    of: ClockOf,
    *,
    now: datetime,
    started_at: datetime | None = None,
    due_at: datetime | None = None,
) -> Clock:
    """Start a clock by the rule in force, or give the one that runs already.

    `started_at` is when what it measures began, if not now. `due_at` is the date that stands on the record, for the
    rules that ask for one. The move that starts a clock is what is audited.
    """
    running = find_running_clock(session, key, of)
    if running is not None:
        return running
    rule, started = current_clock_rule(session, key, now=now), started_at or now
    due = clock_due(rule.unit, rule.amount, rule.mode, started, bank_holidays(session), due_at)
    clock = Clock(rule=rule, partnership_id=of.partnership_id, started_at=started, due_at=due, **of.subject())
    session.add(clock)
    session.flush()
    return clock


def stop_clock(session: Session, key: ClockKey, of: ClockOf, *, now: datetime) -> Clock | None:
    """Stop the running clock of this kind, met or breached by its due time; a paused one first goes on."""
    clock = find_running_clock(session, key, of)
    if clock is not None:
        go_on(session, clock, now)
        clock.stopped_at = now
    return clock


def cancel_clocks(session: Session, of: ClockOf, *, now: datetime, keys: Sequence[ClockKey] = ()) -> list[Clock]:
    """Cancel the running clocks of a record, or only those of these kinds: what they measured will not happen."""
    wanted = {key.value for key in keys or ClockKey}
    cancelled = [clock for clock in running_clocks(session, of) if clock.rule.key in wanted]
    for clock in cancelled:
        clock.paused_at, clock.pause_reason, clock.cancelled_at = None, "", now
    return cancelled


def replace_clock(session: Session, old: ClockKey, new: ClockKey, of: ClockOf, *, now: datetime) -> Clock | None:
    """Put a clock of another kind in the place of one that runs, as of its start; for when urgency is raised."""
    running = find_running_clock(session, old, of)
    if running is None:
        return None
    cancel_clocks(session, of, now=now, keys=[old])
    session.flush()
    return start_clock(session, new, of, now=now, started_at=running.started_at)


def pause_clock(session: Session, key: ClockKey, of: ClockOf, *, reason: str, now: datetime) -> Clock | None:
    """Pause a running clock with a reason. One that is paused already keeps its first reason."""
    clock = find_running_clock(session, key, of)
    if not reason.strip():
        raise RuleBroken("Enter why the clock is paused.")
    if clock is not None and clock.paused_at is None:
        clock.paused_at, clock.pause_reason = now, reason.strip()[:200]
    return clock


def resume_clock(session: Session, key: ClockKey, of: ClockOf, *, now: datetime) -> Clock | None:
    """Let a paused clock go on. What was left when it was paused is left again, in the way its rule counts."""
    clock = find_running_clock(session, key, of)
    if clock is not None:
        go_on(session, clock, now)
    return clock


def go_on(session: Session, clock: Clock, now: datetime) -> None:
    """End a pause, moving the due time unless it had passed before the pause."""
    if clock.paused_at is None:
        return
    if clock.due_at > clock.paused_at:
        days_off = bank_holidays(session)
        left = elapsed_between(clock.paused_at, clock.due_at, clock.rule.mode, days_off)
        clock.due_at = max(clock.due_at, counted_due_at(now, left, clock.rule.mode, days_off))
    clock.paused_seconds += (now - clock.paused_at) // timedelta(seconds=1)
    clock.paused_at, clock.pause_reason = None, ""


def sign_advice_block(
    session: Session, actor: Actor, command: SignAdviceBlock, *, now: datetime
) -> AdviceBlockSignature:
    """Sign one version of an advice block as a clinician of the alert panel. An earlier signature stands beside it."""
    require(actor, Permission.ADVICE_SIGN)
    panels = sorted(each.panel_id for each in qualifying(actor, Permission.ADVICE_SIGN) if each.panel_id is not None)
    if not panels:
        raise NotAllowed("Only a clinician of the alert panel can sign advice. Nothing was changed.")
    block = get_advice_block(session, command.key, command.version)
    mine = select(AdviceBlockSignature.id).filter_by(
        advice_block_id=block.id, partnership_id=actor.partnership_id, signed_by_id=actor.user_id
    )
    if session.scalar(mine) is not None:
        raise RuleBroken("You have signed this version already.")
    signature = AdviceBlockSignature(
        advice_block=block,
        partnership_id=actor.partnership_id,
        panel_id=panels[0],
        signed_by_id=actor.user_id,
        signed_at=now,
    )
    session.add(signature)
    record(session, actor, "sign_advice_block", signature, at=now)
    return signature

"""The clocks of a record that was read before."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from review_app.catalogue.commands import ClockOf
from review_app.catalogue.models import NOT_ENDED_CLOCK, BankHolidayOverride, Clock, ClockRule
from review_app.catalogue.rules import ClockKey
from review_app.working_time import BankHolidays, Nation


def clocks_of(session: Session, of: ClockOf) -> list[Clock]:
    """Give every clock of a record, the first due first."""
    return list(session.scalars(select(Clock).filter_by(**of.subject()).order_by(Clock.due_at, Clock.id)))


def running_clocks(session: Session, of: ClockOf) -> list[Clock]:
    """Give the clocks of a record that are neither stopped nor cancelled, the first due first."""
    return [clock for clock in clocks_of(session, of) if not clock.ended]


def find_running_clock(session: Session, key: ClockKey, of: ClockOf) -> Clock | None:
    """Give the clock of this kind that still runs for a record."""
    running = select(Clock).filter_by(**of.subject()).join(ClockRule)
    return session.scalar(running.where(ClockRule.key == key.value, NOT_ENDED_CLOCK))


def running_clocks_by_submission(session: Session, ids: Collection[int]) -> dict[int, list[Clock]]:
    """Give the running clocks of many Submissions at once, the first due first."""
    return _running_by(session, Clock.submission_id, ids)


def running_clocks_by_signal(session: Session, ids: Collection[int]) -> dict[int, list[Clock]]:
    """Give the running clocks of many Signals at once, the first due first."""
    return _running_by(session, Clock.signal_id, ids)


def running_clocks_by_case(session: Session, ids: Collection[int]) -> dict[int, list[Clock]]:
    """Give the running clocks of many cases at once, the first due first."""
    return _running_by(session, Clock.review_case_id, ids)


def running_clocks_by_request(session: Session, ids: Collection[int]) -> dict[int, list[Clock]]:
    """Give the running clocks of many requests to agencies at once, the first due first."""
    return _running_by(session, Clock.information_request_id, ids)


def _running_by(
    session: Session, subject: InstrumentedAttribute[int | None], ids: Collection[int]
) -> dict[int, list[Clock]]:
    found: dict[int, list[Clock]] = {}
    running = select(subject, Clock).where(subject.in_(ids), NOT_ENDED_CLOCK).order_by(Clock.due_at, Clock.id)
    for owner, clock in session.execute(running):
        if owner is not None:
            found.setdefault(owner, []).append(clock)
    return found


def bank_holidays(session: Session, nation: Nation = Nation.ENGLAND) -> BankHolidays:
    """Give a nation's bank holidays as the override table corrects them."""
    overrides = session.scalars(select(BankHolidayOverride).where(BankHolidayOverride.nation == nation))
    return BankHolidays({override.on: override.is_holiday for override in overrides}, nation)

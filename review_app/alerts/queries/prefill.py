"""What a new alert can take from the Signal: grades, places, dates and listed names, never a submitter's own words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from review_app.accounts.models import Partnership
from review_app.alerts.rules import (
    DEFAULT_TLP,
    AlertKind,
    AlertLevel,
    AlertRules,
    Audience,
    Certainty,
    Tlp,
    default_lifetime,
    least_level,
)
from review_app.catalogue.queries import substances
from review_app.panel.queries.decisions import decisions_of
from review_app.panel.rules import OUTCOME_AUDIENCES
from review_app.submissions.models import Signal, SignalLink, Submission
from review_app.submissions.rules import SubmissionState
from review_app.working_time import end_of_london_day, london_day


@dataclass(frozen=True, kw_only=True)
class Prefill:
    """How the first draft of an alert begins."""

    level: AlertLevel
    audience: Audience
    tlp: Tlp
    certainty: Certainty
    expires_at: datetime
    parts: dict[str, str]


def prefill(session: Session, signal: Signal, rules: AlertRules, *, now: datetime) -> Prefill:
    """Begin an alert from what the panel decided and what the linked reports say in coded answers."""
    decided = decisions_of(session, signal.id)
    outcome = decided[0].outcome if decided else None
    audience = OUTCOME_AUDIENCES.get(outcome, Audience.PROFESSIONALS) if outcome else Audience.PROFESSIONALS
    reports = _linked_reports(session, signal)
    lasts = default_lifetime(rules.lifetime_days, AlertKind.ONE_OFF, audience)
    return Prefill(
        level=least_level([signal.grade]),
        audience=audience,
        tlp=DEFAULT_TLP[audience],
        certainty=_certainty(reports),
        expires_at=end_of_london_day(london_day(now + lasts)),
        parts={**{part.key: part.default for part in rules.parts if part.default}, **_facts(session, signal, reports)},
    )


def _linked_reports(session: Session, signal: Signal) -> Sequence[Submission]:
    """Give the reports that stand behind a Signal; a withdrawn or police-sensitive one gives an alert nothing."""
    linked = select(SignalLink.submission_id).where(SignalLink.signal_id == signal.id, SignalLink.unlinked_at.is_(None))
    rows = select(Submission).where(
        Submission.id.in_(linked),
        Submission.state != SubmissionState.WITHDRAWN,
        Submission.police_sensitive.is_(False),
    )
    loaded = rows.options(selectinload(Submission.substances), selectinload(Submission.locality))
    return session.scalars(loaded.order_by(Submission.id)).all()


def _certainty(reports: Iterable[Submission]) -> Certainty:
    found = [drug.certainty for report in reports for drug in report.substances]
    return max(found, key=lambda certainty: certainty.rank, default=Certainty.SUSPECTED)


def _facts(session: Session, signal: Signal, reports: Sequence[Submission]) -> dict[str, str]:
    listed = _Listed(session)
    sold_as = listed.names([drug.sold_as for report in reports for drug in report.substances])
    suspected = listed.names([str(name) for report in reports for drug in report.substances for name in drug.suspected])
    partnership = session.get_one(Partnership, signal.partnership_id)
    facts = {
        "where_and_when": _where_and_when(partnership, reports),
        "sold_as": _joined(sold_as),
        "substance": f"Not confirmed. It may contain {_joined(suspected)}." if suspected else "Not confirmed.",
        "issued_by": f"The Director of Public Health, {partnership.name}",
    }
    return {key: text for key, text in facts.items() if text}


class _Listed:
    """The substance list by every name in it. What is not listed is somebody's own words and is left out."""

    def __init__(self, session: Session) -> None:
        self.called: dict[str, set[str]] = {}
        for entry in substances(session):
            for name in (entry.name, *(alias.alias for alias in entry.aliases)):
                self.called.setdefault(name.casefold(), set()).add(entry.name)

    def names(self, written: Iterable[str]) -> list[str]:
        found = [self.called.get(name.strip().casefold(), set()) for name in written]
        return sorted({name for names in found if len(names) == 1 for name in names})


def _where_and_when(partnership: Partnership, reports: Sequence[Submission]) -> str:
    places = sorted({report.locality.name for report in reports if report.locality is not None})
    first = [report.happened_from or london_day(report.received_at) for report in reports]
    last = [report.happened_to or london_day(report.received_at) for report in reports]
    where = _joined(places) or partnership.name
    return f"{where}, {_between(min(first), max(last))}." if first else f"{where}."


def _between(first: date, last: date) -> str:
    return f"on {_day(last)}" if first == last else f"from {_day(first)} to {_day(last)}"


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _joined(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else ""

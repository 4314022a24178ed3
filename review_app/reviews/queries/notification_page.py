"""The list of a person's own notifications, those that wait for the coordinator, and the page of one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from review_app.accounts.models import Agency
from review_app.policy import Actor, Permission, allowed
from review_app.reviews.models import DeathNotification, NotificationDraft, ReviewCase
from review_app.reviews.queries.known_facts import Line, known_lines
from review_app.reviews.queries.matching import matches_of
from review_app.reviews.queries.notifications import (
    get_known_notification,
    hidden_by_recusal,
    own_drafts,
    own_notifications,
    visible_notifications,
)
from review_app.reviews.queries.visibility import visible_cases
from review_app.reviews.rules.matching import MatchReason
from review_app.reviews.rules.notified import read_known
from review_app.reviews.rules.states import NOTIFICATION_WORKFLOW, NotificationAction, NotificationState

A_PAGE = 25


@dataclass(frozen=True, kw_only=True)
class OwnLine:
    """One of the person's or their agency's notifications: when, and how it stands."""

    reference: str
    state: NotificationState
    notified_at: datetime
    agency: str


@dataclass(frozen=True, kw_only=True)
class OwnPage:
    """What a notifier sees of what they notified, and what they have not sent yet."""

    rows: tuple[OwnLine, ...]
    total: int
    page: int
    drafts: tuple[NotificationDraft, ...]

    @property
    def pages(self) -> int:
        """Say how many pages there are; an empty list has one."""
        return max(1, -(-self.total // A_PAGE))


def own_page(session: Session, actor: Actor, *, page: int = 1) -> OwnPage:
    """Give the notifications of the person and their agency, newest first, a page at a time."""
    found = session.scalars(own_notifications(actor).order_by(DeathNotification.id.desc())).all()
    page = min(max(1, page), max(1, -(-len(found) // A_PAGE)))
    names = agency_names(session, found)
    drafts = session.scalars(own_drafts(actor).order_by(NotificationDraft.saved_at.desc()))
    return OwnPage(
        rows=tuple(own_line(each, names) for each in found[(page - 1) * A_PAGE : page * A_PAGE]),
        total=len(found),
        page=page,
        drafts=tuple(drafts),
    )


def own_line(notification: DeathNotification, names: dict[int, str]) -> OwnLine:
    """Give what a notifier may see of one notification."""
    return OwnLine(
        reference=notification.reference,
        state=notification.state,
        notified_at=notification.notified_at,
        agency=names.get(notification.agency_id or 0, ""),
    )


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """A case that may be about the same death, and why."""

    case: ReviewCase
    reasons: tuple[MatchReason, ...]


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """A notification for which the coordinator has to say which case it belongs to."""

    line: OwnLine
    proposals: tuple[Proposal, ...]


def waiting_notifications(session: Session, actor: Actor) -> list[Waiting]:
    """Give the notifications that wait for the coordinator, the earliest first."""
    if not allowed(actor, Permission.CASE_MANAGE):
        return []
    rows = visible_notifications(actor).where(DeathNotification.state == NotificationState.RECEIVED)
    found = session.scalars(rows.order_by(DeathNotification.id)).all()
    names = agency_names(session, found)
    return [
        Waiting(line=own_line(each, names), proposals=proposals_for(session, actor, each))
        for each in found
        if not hidden_by_recusal(session, actor, each)
    ]


def risks_to_settle(session: Session, actor: Actor) -> list[DeathNotification]:
    """Give the notifications after which somebody living may be at risk, until it is said what was done."""
    if not allowed(actor, Permission.CASE_MANAGE):
        return []
    rows = visible_notifications(actor).where(
        DeathNotification.risk_due_at.is_not(None),
        DeathNotification.risk_settled_at.is_(None),
        DeathNotification.state != NotificationState.WITHDRAWN,
    )
    found = session.scalars(rows.order_by(DeathNotification.risk_due_at, DeathNotification.id)).all()
    return [each for each in found if each.case_id is not None or not hidden_by_recusal(session, actor, each)]


def proposals_for(session: Session, actor: Actor, notification: DeathNotification) -> tuple[Proposal, ...]:
    """Give the cases that may be about the same death as far as the person may read them, the earliest first."""
    reasons: dict[int, set[MatchReason]] = {}
    for match in matches_of(session, notification):
        if match.notification.case_id not in (None, notification.case_id):
            reasons.setdefault(match.notification.case_id or 0, set()).add(match.reason)
    cases = session.scalars(visible_cases(actor).where(ReviewCase.id.in_(reasons)).order_by(ReviewCase.id))
    return tuple(
        Proposal(case=case, reasons=tuple(each for each in MatchReason if each in reasons[case.id])) for case in cases
    )


@dataclass(frozen=True, kw_only=True)
class OnePage:
    """The page of one notification. Without `content` the person sees when it was made and how it stands, no more."""

    line: OwnLine
    own: bool
    content: bool
    version: int
    manages: bool = False
    actions: frozenset[NotificationAction]
    case: ReviewCase | None = None
    shares_case: bool = False
    facts: tuple[Line, ...] = ()
    reason: str = ""
    identity_held: bool = False
    proposals: tuple[Proposal, ...] = ()
    others: tuple[tuple[str, NotificationState, MatchReason], ...] = ()
    risk_due_at: datetime | None = None
    risk_note: str = ""


def notification_page(session: Session, actor: Actor, reference: str, *, now: datetime) -> OnePage:
    """Give the page of a notification of which the person may know, as deep as they may see it. Raises NotVisible."""
    notification = get_known_notification(session, actor, reference)
    own = session.scalar(own_notifications(actor).where(DeathNotification.id == notification.id)) is not None
    line = own_line(notification, agency_names(session, [notification]))
    manages = allowed(actor, Permission.CASE_MANAGE)
    if not reads_content(session, actor, notification):
        waits = own and notification.state is NotificationState.RECEIVED
        actions = frozenset({NotificationAction.WITHDRAW} if waits else ())
        return OnePage(line=line, own=own, content=False, version=notification.version, actions=actions)
    whole = notification.state is not NotificationState.WITHDRAWN
    facts = known_lines(session, notification.partnership_id, read_known(notification.content), now=now)
    return OnePage(
        line=line,
        own=own,
        content=True,
        version=notification.version,
        manages=manages,
        actions=frozenset(NOTIFICATION_WORKFLOW.actions_from(notification.state)) if manages else frozenset(),
        case=notification.case,
        shares_case=manages and shares_case(session, notification),
        facts=tuple(facts) if whole else (),
        reason=notification.reason,
        identity_held=notification.identity is not None,
        proposals=proposals_for(session, actor, notification) if manages and whole else (),
        others=_others(session, notification) if manages and whole else (),
        risk_due_at=notification.risk_due_at if notification.risk_settled_at is None and whole else None,
        risk_note=notification.risk_note,
    )


def reads_content(session: Session, actor: Actor, notification: DeathNotification) -> bool:
    """Say whether the person may read what a notification says."""
    seen = session.scalar(visible_notifications(actor).where(DeathNotification.id == notification.id))
    return seen is not None and (seen.case_id is not None or not hidden_by_recusal(session, actor, seen))


def _others(
    session: Session, notification: DeathNotification
) -> tuple[tuple[str, NotificationState, MatchReason], ...]:
    """Give the notifications in no case that may be about the same death."""
    found = matches_of(session, notification)
    return tuple(
        (each.notification.reference, each.notification.state, each.reason)
        for each in found
        if each.notification.case_id is None
    )


def shares_case(session: Session, notification: DeathNotification) -> bool:
    """Say whether the case that a notification is in has another one, so that it can do without this one."""
    others = select(DeathNotification.id).where(
        DeathNotification.case_id == notification.case_id,
        DeathNotification.id != notification.id,
        DeathNotification.state == NotificationState.ATTACHED,
    )
    return notification.case_id is not None and session.scalar(others.limit(1)) is not None


def agency_names(session: Session, notifications: Iterable[DeathNotification]) -> dict[int, str]:
    """Give the names of the agencies that made these notifications, by number."""
    ids = {each.agency_id for each in notifications if each.agency_id is not None}
    return dict(session.execute(select(Agency.id, Agency.name).where(Agency.id.in_(ids))).all())

"""What the pages of alerts show, gathered for one reader."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session, selectinload

from review_app.accounts.queries import all_partnerships, people_names
from review_app.alerts.commands import AlertFilter
from review_app.alerts.models import Alert, AlertSignal, AlertVersion
from review_app.alerts.queries.deliveries import DeliveryView, Tally, tallies, view_of
from review_app.alerts.queries.versions import may_write, roles_to_sign_as, signatures_missing
from review_app.alerts.queries.visibility import (
    IN_WORK,
    get_alert,
    says,
    sees_versions,
    version_in_force,
    visible_alerts,
    visible_versions,
)
from review_app.alerts.rendering import AlertText, alert_text, message_of, reference_data, without_link
from review_app.alerts.rules import (
    ALERT_WORKFLOW,
    NOT_SHOWN_AFTERWARDS,
    VERSION_WORKFLOW,
    AlertAction,
    AlertLevel,
    AlertState,
    VersionAction,
    VersionKind,
    VersionState,
)
from review_app.audit.queries import timeline
from review_app.errors import NotVisible
from review_app.policy import Actor, Permission, allowed
from review_app.sections import Happening
from review_app.submissions.models import Signal
from review_app.submissions.queries import visible_signals

PER_PAGE = 25
SYSTEM = "The service"
VERB_WORDS: Mapping[str, str] = {
    "draft": "Draft begun",
    "draft_update": "Update begun",
    "draft_extension": "Extension begun",
    "draft_correction": "Correction begun",
    "edit": "Text changed",
    "submit": "Put to the signers",
    "sign_off": "Signed",
    "return": "Returned with a reason",
    "miss": "Not sent in time: a draft again",
    "ask_again": "Audience changed: the signers are asked again",
    "release": "Sent out",
    "finish": "Sending finished",
    "cancel": "Stopped before it was sent",
    "withdraw": "Withdrawn",
    "expire": "Ended on its date",
    "resend": "Uncertain messages sent again",
    "see_to": "Messages that did not arrive were seen to",
}


class May(StrEnum):
    """What the reader of an alert's page can do next."""

    EDIT = "edit"
    SIGN = "sign"
    UPDATE = "update"
    EXTEND = "extend"
    CORRECT = "correct"
    WITHDRAW = "withdraw"


@dataclass(frozen=True, kw_only=True)
class AlertPage:
    """One alert as one reader may know it."""

    alert: Alert
    whose: str
    version: AlertVersion
    text: AlertText | None
    in_work: AlertVersion | None
    versions: Sequence[AlertVersion]
    follows: bool
    missing: tuple[str, ...]
    may: frozenset[May]
    signals: Sequence[Signal]
    names: Mapping[int, str]
    events: Sequence[Happening]
    deliveries: DeliveryView | None
    tallies: Sequence[Tally]

    @property
    def ending(self) -> str:
        """Give the words of a withdrawal as they went out; they are not made of parts."""
        return without_link(self.version.body) if self.version.kind is VersionKind.WITHDRAWAL else ""

    @property
    def waiting_for(self) -> str:
        """Say in words who is waited for."""
        if self.in_work is None:
            return ""
        match self.in_work.state:
            case VersionState.DRAFT:
                return "its writers" if self.follows else ""
            case VersionState.AWAITING_SIGN_OFF:
                return ", and ".join(self.missing)
            case _:
                return ""


def alert_page(
    session: Session, actor: Actor | None, reference: str, *, now: datetime, number: int | None = None
) -> AlertPage:
    """Give an alert's page, showing one version, or the one that matters most now. Raises NotVisible."""
    alert = get_alert(session, actor, reference)
    versions = visible_versions(session, actor, alert)
    follows = sees_versions(actor, alert)
    in_work = next((each for each in versions if each.state in IN_WORK), None)
    shown = _shown(session, alert, versions, in_work, number)
    reader = actor if actor is not None and actor.partnership_id == alert.partnership_id else None
    text = alert_text(message_of(shown), reference_data(session, shown, now=now))
    counted = shown if number is not None else next((each for each in versions if each.released_at is not None), None)
    return AlertPage(
        alert=alert,
        whose=_others(session, actor).get(alert.partnership_id, ""),
        version=shown,
        text=text if follows or not _withheld(alert) else None,
        in_work=in_work,
        versions=versions,
        follows=follows,
        missing=signatures_missing(session, in_work, now=now) if in_work and follows else (),
        may=_may(session, reader, alert, in_work, now=now) if reader else frozenset(),
        signals=_signals(session, reader, alert) if reader else (),
        names=_names(session, versions) if follows else {},
        events=story(session, alert) if reader and allowed(reader, Permission.ALERT_SEE_VERSIONS) else (),
        deliveries=view_of(session, reader, counted) if reader and counted and counted.released_at else None,
        tallies=tallies(session, reader, versions) if reader else (),
    )


def story(session: Session, alert: Alert) -> list[Happening]:
    """Tell what happened to an alert and its versions, oldest first. Whoever asks has been let see it."""
    found = [event for table in ("alert", "alert_version") for event in timeline(session, table, alert.reference)]
    told = sorted((event for event in found if event.verb in VERB_WORDS), key=lambda event: event.sequence)
    names = people_names(session, {event.actor_id for event in told if event.actor_id is not None})
    return [
        Happening(at=event.at, what=VERB_WORDS[event.verb], who=names.get(event.actor_id or 0, SYSTEM))
        for event in told
    ]


@dataclass(frozen=True, kw_only=True)
class AlertRow:
    """One alert in a list, with the version that says most about it to this reader, and whose it is if not theirs."""

    alert: Alert
    whose: str
    version: AlertVersion
    withheld: bool

    @property
    def headline(self) -> str:
        """Give the headline, unless it may not be read any more."""
        return "Withdrawn alert" if self.withheld else self.version.headline


@dataclass(frozen=True, kw_only=True)
class AlertList:
    """One page of alerts, the newest first."""

    rows: tuple[AlertRow, ...]
    total: int
    page: int

    @property
    def pages(self) -> int:
        """Say how many pages there are; an empty list still has one."""
        return max(1, -(-self.total // PER_PAGE))


def alert_list(session: Session, actor: Actor | None, wanted: AlertFilter, *, page: int) -> AlertList:
    """Give the alerts a person may know of, the newest first, a page at a time."""
    found = _narrowed(visible_alerts(actor), actor, wanted)
    total = session.scalar(select(func.count()).select_from(found.subquery())) or 0
    ordered = found.order_by(Alert.created_at.desc(), Alert.id.desc())
    alerts = session.scalars(ordered.limit(PER_PAGE).offset((max(1, page) - 1) * PER_PAGE)).all()
    others = _others(session, actor)
    rows = tuple(_row(session, actor, alert, others) for alert in alerts)
    return AlertList(rows=rows, total=total, page=max(1, page))


def alerts_about(session: Session, actor: Actor, signal_id: int) -> list[AlertRow]:
    """Give the alerts about a Signal that a person may know of, the newest first."""
    about = select(AlertSignal.alert_id).where(AlertSignal.signal_id == signal_id)
    found, others = visible_alerts(actor).where(Alert.id.in_(about)).order_by(Alert.id.desc()), _others(session, actor)
    return [_row(session, actor, alert, others) for alert in session.scalars(found)]


def _others(session: Session, actor: Actor | None) -> Mapping[int, str]:
    """Give the names of the Partnerships in which the reader does not act."""
    here = actor.partnership_id if actor else None
    return {each.id: each.name for each in all_partnerships(session) if each.id != here}


def alert_rows(session: Session, actor: Actor, ids: Collection[int]) -> list[AlertRow]:
    """Give those of these alerts that a person may know of, as a list shows them, the newest first."""
    found = visible_alerts(actor).where(Alert.id.in_(ids)).order_by(Alert.created_at.desc(), Alert.id.desc())
    others = _others(session, actor)
    return [_row(session, actor, alert, others) for alert in session.scalars(found)]


def _shown(
    session: Session,
    alert: Alert,
    versions: Sequence[AlertVersion],
    in_work: AlertVersion | None,
    number: int | None,
) -> AlertVersion:
    if number is not None:
        asked = next((each for each in versions if each.number == number), None)
        if asked is None:
            raise NotVisible("We cannot find that version of the alert.", reference=alert.reference)
        return asked
    in_force = version_in_force(session, alert)
    if in_force is not None and (in_work is None or alert.state is not AlertState.UNISSUED):
        return in_force
    return in_work or versions[0]


def _row(session: Session, actor: Actor | None, alert: Alert, others: Mapping[int, str]) -> AlertRow:
    versions = visible_versions(session, actor, alert)
    in_work = next((each for each in versions if each.state in IN_WORK), None)
    shown = _shown(session, alert, versions, in_work, None)
    withheld = _withheld(alert) and not sees_versions(actor, alert)
    return AlertRow(alert=alert, whose=others.get(alert.partnership_id, ""), version=shown, withheld=withheld)


def _withheld(alert: Alert) -> bool:
    return any(version.withdrawal_reason in NOT_SHOWN_AFTERWARDS for version in alert.versions)


def _may(
    session: Session, actor: Actor, alert: Alert, in_work: AlertVersion | None, *, now: datetime
) -> frozenset[May]:
    found: set[May] = set()
    if in_work is not None:
        editable = (in_work.state, VersionAction.EDIT) in VERSION_WORKFLOW.moves
        if editable and may_write(actor, in_work):
            found.add(May.EDIT)
        if roles_to_sign_as(session, actor, in_work, now=now):
            found.add(May.SIGN)
    elif alert.state is AlertState.ACTIVE:
        found |= {May.UPDATE, May.CORRECT} if allowed(actor, Permission.ALERT_DRAFT) else set()
        found |= {May.EXTEND} if allowed(actor, Permission.ALERT_WITHDRAW) else set()
    ends = (alert.state, AlertAction.WITHDRAW) in ALERT_WORKFLOW.moves
    if ends and allowed(actor, Permission.ALERT_WITHDRAW):
        found.add(May.WITHDRAW)
    return frozenset(found)


def _signals(session: Session, actor: Actor, alert: Alert) -> Sequence[Signal]:
    about = select(AlertSignal.signal_id).where(AlertSignal.alert_id == alert.id)
    return session.scalars(visible_signals(actor).where(Signal.id.in_(about)).order_by(Signal.id)).all()


def _names(session: Session, versions: Sequence[AlertVersion]) -> dict[int, str]:
    wrote = {version.author_id for version in versions}
    signed = {sign_off.signed_by_id for version in versions for sign_off in version.sign_offs}
    settled = {version.ef8_resolved_by_id for version in versions if version.ef8_resolved_by_id is not None}
    return people_names(session, wrote | signed | settled)


def _narrowed(found: Select[Alert], actor: Actor | None, wanted: AlertFilter) -> Select[Alert]:
    found = found.options(selectinload(Alert.versions))
    if wanted.state:
        found = found.where(Alert.state == AlertState(wanted.state))
    if wanted.level:
        level = AlertVersion.level == AlertLevel(wanted.level)
        found = found.where(Alert.id.in_(select(AlertVersion.alert_id).where(level)))
    if wanted.words:
        named = Alert.reference.icontains(wanted.words, autoescape=True)
        found = found.where(or_(named, says(actor, wanted.words)))
    return found

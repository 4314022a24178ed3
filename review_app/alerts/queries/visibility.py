"""Who may know of which alert, and of which of its versions: the one place that carries out those access rules.

Drafts are for those who write and sign. The panel's members follow a version from its submission on. Everybody else
knows an alert only once it has gone out, and then by its mark: TLP:CLEAR is for all the world, GREEN for anyone signed
in with a role, in whichever Partnership, AMBER for the agencies it was sent to, AMBER+STRICT and RED for panel,
coordinator and signers. A neighbour reads the text alone: exercises, and what is police-sensitive, stay at home.
"""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Select, and_, false, or_, select
from sqlalchemy.orm import Session, aliased

from review_app.alerts.models import Alert, AlertVersion, Delivery
from review_app.alerts.rules import NOT_SHOWN_AFTERWARDS, AlertState, VersionKind, VersionState
from review_app.errors import NotAllowed, NotVisible
from review_app.marks import Tlp
from review_app.policy import AGENCY_ROLES, Actor, Permission, allowed

NOT_YOURS = "This alert belongs to another partnership. You can read it and not change it. Nothing was changed."
NO_ALERT = "We cannot find that alert. Check the reference, or look for it in the list of alerts."
IN_WORK = (VersionState.DRAFT, VersionState.AWAITING_SIGN_OFF, VersionState.SCHEDULED)
SUBMITTED = (VersionState.AWAITING_SIGN_OFF, VersionState.SCHEDULED, VersionState.SENDING, VersionState.SENT)
ISSUED = tuple(state for state in AlertState if state is not AlertState.UNISSUED)


def visible_alerts(actor: Actor | None) -> Select[Alert]:
    """Narrow to the alerts a person may know of; nobody signed in is all the world. The caller states the order."""
    if actor is None:
        return select(Alert).where(_read_from_anywhere(Tlp.CLEAR))
    tests: list[ColumnElement[bool]] = [_read_by_mark(actor)]
    if allowed(actor, Permission.ALERT_SEE_VERSIONS):
        tests.append(Alert.id > 0)
    if allowed(actor, Permission.ALERT_SEE_SUBMITTED):
        tests.append(_has_version(AlertVersion.state.in_(SUBMITTED)))
    own = and_(Alert.partnership_id == actor.partnership_id, _not_hidden_from(actor), or_(*tests))
    anywhere = (Tlp.CLEAR, Tlp.GREEN) if allowed(actor, Permission.ALERT_READ_GREEN) else (Tlp.CLEAR,)
    return select(Alert).where(or_(own, _read_from_anywhere(*anywhere)))


def get_alert(session: Session, actor: Actor | None, reference: str) -> Alert:
    """Give an alert. Raises NotVisible."""
    alert = session.scalar(visible_alerts(actor).where(Alert.reference == reference))
    if alert is None:
        raise NotVisible(NO_ALERT, reference=reference)
    return alert


def get_own_alert(session: Session, actor: Actor, reference: str) -> Alert:
    """Give an alert of the person's own Partnership. Raises NotVisible, or NotAllowed for another's."""
    return _own(get_alert(session, actor, reference), actor)


def get_locked_alert(session: Session, actor: Actor, reference: str) -> Alert:
    """Give an alert of the person's own Partnership and hold it until the transaction ends.

    Everything that changes an alert or one of its versions takes this lock first. Raises NotVisible, or NotAllowed for
    another's.
    """
    narrowed = visible_alerts(actor).where(Alert.reference == reference)
    alert = session.scalar(narrowed.with_for_update(of=Alert).execution_options(populate_existing=True))
    if alert is None:
        raise NotVisible(NO_ALERT, reference=reference)
    return _own(alert, actor)


def _own(alert: Alert, actor: Actor) -> Alert:
    if alert.partnership_id != actor.partnership_id:
        raise NotAllowed(NOT_YOURS)
    return alert


def visible_versions(session: Session, actor: Actor | None, alert: Alert) -> Sequence[AlertVersion]:
    """Give the versions of a visible alert that the person may know of, the newest first."""
    every = select(AlertVersion).where(AlertVersion.alert_id == alert.id).order_by(AlertVersion.number.desc())
    own = actor is not None and actor.partnership_id == alert.partnership_id
    if own and actor and allowed(actor, Permission.ALERT_SEE_VERSIONS):
        return session.scalars(every).all()
    released = AlertVersion.released_at.is_not(None)
    if own and actor and allowed(actor, Permission.ALERT_SEE_SUBMITTED):
        return session.scalars(every.where(or_(released, AlertVersion.state.in_(SUBMITTED)))).all()
    return session.scalars(every.where(released).limit(1)).all()


def version_in_force(session: Session, alert: Alert) -> AlertVersion | None:
    """Find the wording that readers have: the newest that went out and says something other than the end."""
    newest = select(AlertVersion).where(
        AlertVersion.alert_id == alert.id,
        AlertVersion.released_at.is_not(None),
        AlertVersion.kind != VersionKind.WITHDRAWAL,
    )
    return session.scalar(newest.order_by(AlertVersion.number.desc()).limit(1))


def sees_versions(actor: Actor | None, alert: Alert) -> bool:
    """Say whether the person follows how an alert is written and signed, not only what went out."""
    if actor is None or actor.partnership_id != alert.partnership_id:
        return False
    return allowed(actor, Permission.ALERT_SEE_VERSIONS) or allowed(actor, Permission.ALERT_SEE_SUBMITTED)


def says(actor: Actor | None, words: str) -> ColumnElement[bool]:
    """Match alerts in a headline of which the person can read these words: a search tells no more than a page does."""
    said = AlertVersion.headline.icontains(words, autoescape=True)
    later, ending = aliased(AlertVersion), aliased(AlertVersion)
    newer = select(later.id).where(
        later.alert_id == AlertVersion.alert_id,
        later.number > AlertVersion.number,
        later.released_at.is_not(None),
        later.kind != VersionKind.WITHDRAWAL,
    )
    withheld = select(ending.id).where(
        ending.alert_id == AlertVersion.alert_id, ending.withdrawal_reason.in_(NOT_SHOWN_AFTERWARDS)
    )
    shown = and_(AlertVersion.kind != VersionKind.WITHDRAWAL, ~newer.exists(), ~withheld.exists())
    matched = _has_version(said, AlertVersion.released_at.is_not(None), shown)
    if actor and (allowed(actor, Permission.ALERT_SEE_VERSIONS) or allowed(actor, Permission.ALERT_SEE_SUBMITTED)):
        followed = _has_version(said, AlertVersion.released_at.is_not(None))
        return or_(matched, and_(followed, Alert.partnership_id == actor.partnership_id))
    return matched


def _has_version(*tests: ColumnElement[bool]) -> ColumnElement[bool]:
    return Alert.id.in_(select(AlertVersion.alert_id).where(*tests))


def _marked(*marks: Tlp) -> ColumnElement[bool]:
    """Match alerts whose newest released version bears one of these marks; a mark counts as last given."""
    later = aliased(AlertVersion)
    newer = select(later.id).where(
        later.alert_id == AlertVersion.alert_id,
        later.number > AlertVersion.number,
        later.released_at.is_not(None),
    )
    return _has_version(AlertVersion.released_at.is_not(None), AlertVersion.tlp.in_(marks), ~newer.exists())


def _issued(*marks: Tlp) -> ColumnElement[bool]:
    return and_(Alert.state.in_(ISSUED), _marked(*marks))


def _read_from_anywhere(*marks: Tlp) -> ColumnElement[bool]:
    """Match what bears one of these marks and may be read outside its own Partnership."""
    return and_(Alert.exercise.is_(False), Alert.police_sensitive.is_(False), _issued(*marks))


def _read_by_mark(actor: Actor) -> ColumnElement[bool]:
    tests: list[ColumnElement[bool]] = [false()]
    if allowed(actor, Permission.ALERT_READ_GREEN):
        tests.append(_issued(Tlp.CLEAR, Tlp.GREEN))
    if allowed(actor, Permission.ALERT_READ_STRICT):
        tests.append(_issued(*Tlp))
    if agencies := actor.agencies(*AGENCY_ROLES):
        sent_to = select(AlertVersion.alert_id).join(Delivery).where(Delivery.agency_id.in_(agencies))
        tests.append(and_(_issued(Tlp.AMBER), Alert.id.in_(sent_to)))
    return or_(*tests)


def _not_hidden_from(actor: Actor) -> ColumnElement[bool]:
    """Leave out what is marked police-sensitive, for those who may not see that."""
    if allowed(actor, Permission.POLICE_SENSITIVE_SEE):
        return Alert.police_sensitive.is_not(None)
    return Alert.police_sensitive.is_(False)

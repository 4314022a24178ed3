"""Writing an alert: beginning it from a Signal, saving words, and putting them to the signers."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from review_app.accounts.references import next_reference
from review_app.alerts.commands import DraftAlert, EditAlert, SubmitAlert, Wording
from review_app.alerts.emails import to_sign_mail
from review_app.alerts.models import (
    Alert,
    AlertSignal,
    AlertVersion,
    AlertVersionBlock,
    AlertVersionList,
    DistributionList,
    SubmittedText,
    VersionWriter,
)
from review_app.alerts.queries.audience import audience_count
from review_app.alerts.queries.comparing import differences
from review_app.alerts.queries.prefill import prefill
from review_app.alerts.queries.readiness import missing
from review_app.alerts.queries.versions import (
    CERTAINTY,
    alert_rules,
    digest_of,
    newest_version,
    require_writer,
    signers_to_ask,
    version_in_work,
    wording_of,
)
from review_app.alerts.queries.visibility import get_locked_alert
from review_app.alerts.rendering import message_of, reference_data, render_alert
from review_app.alerts.rules import VERSION_WORKFLOW, AlertRules, AlertState, VersionAction, VersionKind, VersionState
from review_app.alerts.service.moving import move, tell
from review_app.audit.service import record
from review_app.catalogue.models import AdviceBlock
from review_app.errors import RuleBroken, Stale
from review_app.links.models import Relation
from review_app.links.service import link
from review_app.panel.queries.decisions import alerting_objection
from review_app.panel.rules import EfficacyAnswer
from review_app.policy import Actor, Permission, require
from review_app.submissions.models import Signal
from review_app.submissions.queries import get_locked_signal

CHANGED = "Somebody saved a change while you were writing. Nothing of yours is lost: compare both, then save again."


def draft_alert(session: Session, actor: Actor, command: DraftAlert, *, now: datetime) -> Alert:
    """Begin an alert about a decided Signal. Pressing twice gives the draft that nobody has written in yet."""
    signal = get_locked_signal(session, actor, command.signal)
    require(actor, Permission.ALERT_DRAFT)
    objection = alerting_objection(session, signal)
    if objection:
        raise RuleBroken(objection)
    untouched = _untouched_draft(session, signal)
    return untouched or _new_alert(session, actor, signal, now)


def edit_alert(session: Session, actor: Actor, command: EditAlert, *, now: datetime) -> AlertVersion:
    """Save the wording. One that was submitted or signed is a draft again, and every signature on it is void.

    Saving what is there already changes nothing. Raises Stale when somebody else saved other words in between.
    """
    alert = get_locked_alert(session, actor, command.reference)
    version = version_in_work(session, alert) or newest_version(session, alert)
    require_writer(actor, version)
    VERSION_WORKFLOW.after(version.state, VersionAction.EDIT)
    rules = alert_rules(session, now=now)
    before = wording_of(session, version)
    wanted = _settled(_within_reach(version, before, command.wording), rules)
    if before == wanted:
        return version
    if command.version != version.version:
        raise Stale(CHANGED, differences=differences(rules, before, wanted))
    move(session, actor, version, VersionAction.EDIT, now=now, reason="The text was changed.")
    _write(session, actor, version, wanted, now=now)
    return version


def submit_alert(session: Session, actor: Actor, command: SubmitAlert, *, now: datetime) -> AlertVersion:
    """Put the saved wording to the signers: its text is finished, and its digest is what they will sign."""
    alert = get_locked_alert(session, actor, command.reference)
    version = version_in_work(session, alert) or newest_version(session, alert)
    require_writer(actor, version)
    VERSION_WORKFLOW.after(version.state, VersionAction.SUBMIT)
    lacking = missing(session, version, alert_rules(session, now=now), now=now)
    if lacking:
        raise RuleBroken(f"Not ready for signature. Still missing: {'; '.join(f'“{step.title}”' for step in lacking)}.")
    rendered = render_alert(message_of(version), reference_data(session, version, now=now))
    version.subject, version.body = rendered.subject, rendered.body
    version.audience_count = audience_count(session, version)
    version.digest = digest_of(session, version)
    version.submitted_at, version.returned_reason = now, ""
    version.submitted_texts.append(
        SubmittedText(
            digest=version.digest,
            subject=version.subject,
            body=version.body,
            submitted_at=now,
            submitted_by_id=actor.user_id,
        )
    )
    move(session, actor, version, VersionAction.SUBMIT, now=now)
    subject, body = to_sign_mail(version.reference, version.send_at)
    tell(session, version, signers_to_ask(session, version, now=now), subject, body, now=now)
    return version


def _within_reach(version: AlertVersion, before: Wording, typed: Wording) -> Wording:
    """Keep the words of an extension as they are: it gives a later end, and nothing else."""
    if version.kind is not VersionKind.EXTENSION:
        return typed
    return replace(
        before,
        expires_at=typed.expires_at,
        send_at=typed.send_at,
        ef8=typed.ef8,
        ef8_resolution=typed.ef8_resolution,
    )


def _untouched_draft(session: Session, signal: Signal) -> Alert | None:
    about = select(AlertSignal.alert_id).where(AlertSignal.signal_id == signal.id)
    rows = (
        select(Alert)
        .join(AlertVersion)
        .where(Alert.id.in_(about), Alert.state == AlertState.UNISSUED)
        .where(AlertVersion.state == VersionState.DRAFT, AlertVersion.version == 1)
    )
    return session.scalar(rows.order_by(Alert.id).limit(1))


def _new_alert(session: Session, actor: Actor, signal: Signal, now: datetime) -> Alert:
    begins = prefill(session, signal, alert_rules(session, now=now), now=now)
    alert = Alert(
        reference=next_reference(session, signal.partnership_id, "A", now=now),
        partnership_id=signal.partnership_id,
        exercise=signal.exercise,
        created_at=now,
        created_by_id=actor.user_id,
    )
    session.add(alert)
    session.flush()
    session.add(
        AlertSignal(
            alert_id=alert.id,
            signal_id=signal.id,
            exercise=signal.exercise,
            linked_at=now,
            linked_by_id=actor.user_id,
        )
    )
    version = AlertVersion(
        alert=alert,
        number=1,
        kind=VersionKind.ORIGINAL,
        exercise=signal.exercise,
        level=begins.level,
        audience=begins.audience,
        tlp=begins.tlp,
        parts={**begins.parts, CERTAINTY: begins.certainty.value},
        expires_at=begins.expires_at,
        author_id=actor.user_id,
        created_at=now,
    )
    session.add(version)
    session.flush()
    session.add(VersionWriter(alert_version_id=version.id, user_id=actor.user_id, first_at=now))
    link(session, actor, signal, alert, Relation.WARNED_BY, now=now)
    record(session, actor, "draft", version, at=now, changes={"level": (None, version.level)})
    return alert


def _settled(wording: Wording, rules: AlertRules) -> Wording:
    """Give the wording as it is kept: only parts that the rules know, and nothing that says nothing."""
    known = {part.key for part in rules.parts} - {"headline"}
    kept: Mapping[str, str] = {key: text for key, text in wording.parts.items() if key in known and text}
    resolution = "" if wording.ef8 in (None, EfficacyAnswer.NO) else wording.ef8_resolution
    return replace(wording, parts=kept, lists=tuple(sorted(wording.lists)), ef8_resolution=resolution)


def _write(session: Session, actor: Actor, version: AlertVersion, wording: Wording, *, now: datetime) -> None:
    if version.alert.state is AlertState.UNISSUED:
        version.alert.kind = wording.kind
    if wording.ef8_resolution != version.ef8_resolution:
        version.ef8_resolved_by_id = actor.user_id if wording.ef8_resolution else None
    version.headline, version.level = wording.headline, wording.level
    version.audience, version.tlp = wording.audience, wording.tlp
    version.parts = {**wording.parts, CERTAINTY: wording.certainty.value}
    version.expires_at, version.send_at = wording.expires_at, wording.send_at
    version.ef8, version.ef8_resolution = wording.ef8, wording.ef8_resolution
    _choose_lists(version, _lists_named(session, version, wording.lists))
    _choose_blocks(version, _blocks_named(session, wording.blocks))
    if all(writer.user_id != actor.user_id for writer in version.writers):
        version.writers.append(VersionWriter(user_id=actor.user_id, first_at=now))
    flag_modified(version, "parts")


def _lists_named(session: Session, version: AlertVersion, names: tuple[str, ...]) -> list[DistributionList]:
    rows = select(DistributionList).where(
        DistributionList.reference.in_(names),
        DistributionList.partnership_id == version.partnership_id,
        DistributionList.exercise.is_(version.exercise),
    )
    found = list(session.scalars(rows.order_by(DistributionList.id)))
    if len(found) != len(set(names)):
        raise RuleBroken("One of these lists cannot be used for this alert. Choose from those shown.")
    return found


def _blocks_named(session: Session, names: tuple[str, ...]) -> list[AdviceBlock]:
    numbers = [int(name) for name in names if name.isdigit()]
    found = {block.id: block for block in session.scalars(select(AdviceBlock).where(AdviceBlock.id.in_(numbers)))}
    return [found[number] for number in dict.fromkeys(numbers) if number in found]


def _choose_lists(version: AlertVersion, chosen: list[DistributionList]) -> None:
    kept = {each.list_id: each for each in version.lists}
    version.lists = [
        kept.get(each.id) or AlertVersionList(list_id=each.id, exercise=version.exercise) for each in chosen
    ]


def _choose_blocks(version: AlertVersion, chosen: list[AdviceBlock]) -> None:
    kept = {each.advice_block_id: each for each in version.blocks}
    rows = [kept.get(block.id) or AlertVersionBlock(advice_block=block, position=0) for block in chosen]
    for position, row in enumerate(rows):
        row.position = position
    version.blocks = rows

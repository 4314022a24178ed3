"""What the editor and the sign page show: the text as it will go out, what is missing, what differs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from review_app.accounts.queries import people_names
from review_app.alerts.commands import Wording
from review_app.alerts.models import Alert, AlertVersion, DistributionList
from review_app.alerts.queries.audience import ListChoice, audience_count, chosen_lists, lists_to_choose
from review_app.alerts.queries.readiness import Step, ef8_question, least_level_of, steps
from review_app.alerts.queries.versions import (
    alert_rules,
    last_signed_text,
    newest_version,
    require_writer,
    roles_to_sign_as,
    signatures_in_force,
    signatures_missing,
    version_in_work,
    wording_of,
    wrote,
)
from review_app.alerts.queries.visibility import get_own_alert, version_in_force
from review_app.alerts.rendering import Rendered, as_read, message_of, reference_data, render_alert
from review_app.alerts.rules import (
    VERSION_WORKFLOW,
    AlertLevel,
    AlertRules,
    IdentifierKind,
    LineChange,
    VersionAction,
    VersionKind,
    VersionState,
    identifying_hints,
    line_changes,
)
from review_app.catalogue.models import AdviceBlock
from review_app.catalogue.queries import advice_blocks, unsigned_blocks
from review_app.catalogue.rules import EfficacyQuestion
from review_app.policy import Actor, Permission, Role, require


@dataclass(frozen=True, kw_only=True)
class BlockChoice:
    """An advice block that can be added, and whether a clinician has signed it."""

    key: str
    title: str
    body: str
    signed: bool


@dataclass(frozen=True, kw_only=True)
class Preview:
    """A text as its readers will have it."""

    subject: str
    body: str
    share: str


@dataclass(frozen=True, kw_only=True)
class Hint:
    """Something in the text that may identify somebody."""

    part: str
    kind: str
    text: str


@dataclass(frozen=True, kw_only=True)
class EditorPage:
    """Everything the editor of one version shows beside its form."""

    alert: Alert
    version: AlertVersion
    rules: AlertRules
    wording: Wording
    steps: Sequence[Step]
    lists: Sequence[ListChoice]
    blocks: Sequence[BlockChoice]
    ef8: EfficacyQuestion
    least_level: AlertLevel
    hints: Sequence[Hint]
    signatures: int
    extension: bool

    @property
    def done(self) -> int:
        """Say how many steps are done."""
        return sum(step.done for step in self.steps)

    @property
    def missing(self) -> Sequence[Step]:
        """Give the steps that are not done."""
        return [step for step in self.steps if not step.done]


def editor_page(session: Session, actor: Actor, reference: str, *, now: datetime) -> EditorPage:
    """Give the editor of the version in work. Raises NotVisible, NotAllowed, or MoveRefused when there is none."""
    alert = get_own_alert(session, actor, reference)
    version = version_in_work(session, alert) or newest_version(session, alert)
    require_writer(actor, version)
    VERSION_WORKFLOW.after(version.state, VersionAction.EDIT)
    rules, wording = alert_rules(session, now=now), wording_of(session, version)
    return EditorPage(
        alert=alert,
        version=version,
        rules=rules,
        wording=wording,
        steps=steps(session, version, rules, now=now),
        lists=lists_to_choose(session, alert.partnership_id, exercise=version.exercise),
        blocks=block_choices(session, version, now=now),
        ef8=ef8_question(session, now=now),
        least_level=least_level_of(session, version),
        hints=_hints(rules, wording),
        signatures=len(signatures_in_force(version)),
        extension=version.kind is VersionKind.EXTENSION,
    )


def block_choices(session: Session, version: AlertVersion, *, now: datetime) -> list[BlockChoice]:
    """Give the advice in force, and what the version holds of earlier advice, by title."""
    found = {block.id: block for block in advice_blocks(session, now=now)}
    found |= {each.advice_block_id: each.advice_block for each in version.blocks}
    unsigned = {block.id for block in unsigned_blocks(session, version.partnership_id, list(found))}
    return [
        BlockChoice(key=str(block.id), title=block.title, body=block.body, signed=block.id not in unsigned)
        for block in sorted(found.values(), key=lambda block: (block.title, block.version))
    ]


def preview(session: Session, version: AlertVersion, wording: Wording, *, now: datetime) -> Preview:
    """Give the text that a wording would make, saved or not."""
    numbers = [int(key) for key in wording.blocks if key.isdigit()]
    blocks = {block.id: block for block in session.scalars(select(AdviceBlock).where(AdviceBlock.id.in_(numbers)))}
    message = replace(
        message_of(version),
        headline=wording.headline,
        parts=wording.parts,
        certainty=wording.certainty,
        level=wording.level,
        audience=wording.audience,
        tlp=wording.tlp,
        expires_at=wording.expires_at,
    )
    chosen = [blocks[number] for number in numbers if number in blocks]
    rendered = render_alert(message, reference_data(session, version, now=now, blocks=chosen))
    return shown(rendered, wording.send_at)


def shown(rendered: Rendered, send_at: datetime | None) -> Preview:
    """Give a finished text in words a page can show."""
    return Preview(subject=rendered.subject, body=as_read(rendered.body, send_at), share=rendered.share)


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What differs from an earlier text."""

    since: str
    changes: tuple[LineChange, ...]


@dataclass(frozen=True, kw_only=True)
class SignPage:
    """Everything a signer reads before signing."""

    alert: Alert
    version: AlertVersion
    preview: Preview
    comparisons: Sequence[Comparison]
    lists: Sequence[DistributionList]
    number: int
    ef8: EfficacyQuestion
    missing: tuple[str, ...]
    roles: Sequence[Role]
    wrote: bool
    signed: bool
    names: Mapping[int, str]


def sign_page(session: Session, actor: Actor, reference: str, *, now: datetime) -> SignPage:
    """Give the page to sign or return a version. Raises NotVisible, NotAllowed, or MoveRefused when none waits."""
    alert = get_own_alert(session, actor, reference)
    require(actor, Permission.ALERT_SIGN)
    version = version_in_work(session, alert) or newest_version(session, alert)
    if version.state is not VersionState.AWAITING_SIGN_OFF:
        VERSION_WORKFLOW.after(version.state, VersionAction.RETURN)
    signed = [sign_off.signed_by_id for sign_off in signatures_in_force(version)]
    settled = {version.ef8_resolved_by_id} if version.ef8_resolved_by_id is not None else set()
    share = render_alert(message_of(version), reference_data(session, version, now=now)).share
    return SignPage(
        alert=alert,
        version=version,
        preview=shown(Rendered(subject=version.subject, body=version.body, share=share), version.send_at),
        comparisons=comparisons(session, version),
        lists=chosen_lists(session, version),
        number=audience_count(session, version),
        ef8=ef8_question(session, now=now),
        missing=signatures_missing(session, version, now=now),
        roles=roles_to_sign_as(session, actor, version, now=now),
        wrote=wrote(version, actor.user_id),
        signed=actor.user_id in signed,
        names=people_names(session, {version.author_id, *signed, *settled}),
    )


def comparisons(session: Session, version: AlertVersion) -> list[Comparison]:
    """Compare a submitted text with the one that was last signed, and with the version that readers have."""
    found, present = [], as_read(version.body, None)
    last = last_signed_text(session, version)
    if last is not None:
        changes = line_changes(as_read(last.body, None), present)
        found.append(Comparison(since="the text that was last signed", changes=changes))
    in_force = version_in_force(session, version.alert)
    if in_force is not None and in_force.id != version.id:
        words = f"version {in_force.number}, which people have now"
        changes = line_changes(as_read(in_force.body, in_force.released_at), present)
        found.append(Comparison(since=words, changes=changes))
    return found


NUMBERS_TO_RING = frozenset({"services", "naloxone", "report_back"})
"""Parts that are there to say where help is: a telephone number in them points to nobody."""


def _hints(rules: AlertRules, wording: Wording) -> list[Hint]:
    titles = {part.key: part.title for part in rules.parts}
    texts = {"headline": wording.headline, **wording.parts}
    return [
        Hint(part=titles.get(key, key), kind=hint.kind.value.replace("_", " "), text=hint.text)
        for key, text in texts.items()
        for hint in identifying_hints(text)
        if not (key in NUMBERS_TO_RING and hint.kind is IdentifierKind.PHONE)
    ]

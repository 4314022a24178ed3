"""The words of an alert, made in one place: what the editor shows, what is signed and what is sent is the same text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from review_app.accounts.models import Partnership
from review_app.alerts.models import AlertVersion
from review_app.alerts.rules import (
    AUDIENCE_WORDS,
    CERTAINTY_WORDS,
    HEADLINE_KEPT_FROM_SUBJECT,
    ISSUED_AT,
    LEVEL_TITLES,
    NOT_SHOWN_AFTERWARDS,
    TLP_MEANINGS,
    AlertLevel,
    AlertRules,
    Audience,
    Certainty,
    Part,
    Tlp,
    VersionKind,
    WithdrawalReason,
    in_reading_order,
    read_alert_rules,
)
from review_app.catalogue.models import AdviceBlock
from review_app.catalogue.queries import current_rule_set
from review_app.filters import when
from review_app.mail import PERSONAL_LINK, link, render_mail

NOT_WRITTEN = "(Not written yet)"
WHEN_SIGNED = "as soon as it is signed"
NOT_TO_SHARE = frozenset({Tlp.AMBER_STRICT, Tlp.RED})
OWN_LINK = "(each person’s own private link)"


@dataclass(frozen=True, kw_only=True)
class Message:
    """What one version says, whether it is saved or still being typed."""

    reference: str
    number: int
    kind: VersionKind
    level: AlertLevel
    audience: Audience
    tlp: Tlp
    exercise: bool
    headline: str
    parts: Mapping[str, str]
    certainty: Certainty
    expires_at: datetime | None
    replaces: int | None
    withdrawal_reason: WithdrawalReason | None = None


@dataclass(frozen=True, kw_only=True)
class ReferenceData:
    """What a text takes from elsewhere: the rules, the advice chosen, and the addresses it names."""

    rules: AlertRules
    partnership: str
    report_link: str
    page_link: str
    advice: Sequence[tuple[str, str]]


@dataclass(frozen=True, kw_only=True)
class Paragraph:
    """One titled part of the text."""

    title: str
    text: str


@dataclass(frozen=True, kw_only=True)
class AlertText:
    """The parts of a text in the order of reading: what to do, then the rest."""

    to_do: tuple[Paragraph, ...]
    rest: tuple[Paragraph, ...]


@dataclass(frozen=True, kw_only=True)
class Rendered:
    """A finished message. The body holds the places of the private link and of the time of release."""

    subject: str
    body: str
    share: str


def message_of(version: AlertVersion) -> Message:
    """Take from a version what its text is made of."""
    texts = {key: value for key, value in version.parts.items() if isinstance(value, str)}
    return Message(
        reference=version.reference,
        number=version.number,
        kind=version.kind,
        level=version.level,
        audience=version.audience,
        tlp=version.tlp,
        exercise=version.exercise,
        headline=version.headline,
        parts=texts,
        certainty=Certainty(texts.get("certainty", Certainty.SUSPECTED)),
        expires_at=version.expires_at,
        replaces=max(
            (v.number for v in version.alert.versions if v.released_at and v.number < version.number), default=None
        ),
        withdrawal_reason=version.withdrawal_reason,
    )


def _released_before(version: AlertVersion) -> list[int]:
    return [each.number for each in version.alert.versions if each.released_at and each.number < version.number]


def reference_data(
    session: Session, version: AlertVersion, *, now: datetime, blocks: Sequence[AdviceBlock] | None = None
) -> ReferenceData:
    """Gather what a version's text takes from elsewhere; `blocks` stands for those chosen and not yet saved."""
    partnership = session.get_one(Partnership, version.partnership_id)
    chosen = [each.advice_block for each in version.blocks] if blocks is None else blocks
    return ReferenceData(
        rules=read_alert_rules(current_rule_set(session, "alert_rules", now=now).content),
        partnership=partnership.name,
        report_link=link("report.form", slug=partnership.slug),
        page_link=link("alerts.show", reference=version.reference),
        advice=[(block.title, block.body) for block in chosen],
    )


def render_alert(message: Message, reference: ReferenceData) -> Rendered:
    """Make the message that goes out. The same message and reference data always give the same text."""
    ending = message.kind is VersionKind.WITHDRAWAL
    template = "alerts/withdrawal.txt" if ending else "alerts/alert.txt"
    body = render_mail(
        template,
        message=message,
        headline=headline_of(message),
        reference=reference,
        text=alert_text(message, reference),
        level=LEVEL_TITLES[message.level],
        tlp_meaning=TLP_MEANINGS[message.tlp],
        audience=AUDIENCE_WORDS[message.audience],
        reason=reference.rules.withdrawal_reasons.get(message.withdrawal_reason) if message.withdrawal_reason else "",
        issued_at=ISSUED_AT,
        personal_link=PERSONAL_LINK,
    )
    return Rendered(subject=subject_of(message), body=body, share=share_text(message, reference))


def headline_of(message: Message) -> str:
    """Give the headline, which an alert withdrawn because it identifies someone does not repeat."""
    if message.withdrawal_reason in NOT_SHOWN_AFTERWARDS:
        return "this alert"
    return message.headline.strip() or NOT_WRITTEN


def subject_of(message: Message) -> str:
    """Give the subject line. It names no person, and says no more than the mark allows on a locked phone."""
    practice = "EXERCISE: " if message.exercise else ""
    title = "Alert withdrawn" if message.kind is VersionKind.WITHDRAWAL else LEVEL_TITLES[message.level]
    name = f"{practice}{title} {message.reference} version {message.number}"
    headline = headline_of(message)
    return name if message.tlp in HEADLINE_KEPT_FROM_SUBJECT else f"{name}: {headline}"


def alert_text(message: Message, reference: ReferenceData) -> AlertText:
    """Give the titled parts in the order of reading, the chosen advice after what to do."""
    first, rest = in_reading_order(reference.rules.parts)
    to_do = [paragraph for part in first if (paragraph := _paragraph(part, message, reference))]
    advice = [Paragraph(title=f"Advice: {title}", text=body) for title, body in reference.advice]
    doing = [part for part in to_do if part.title.startswith("What to do")]
    calling = [part for part in to_do if part not in doing]
    return AlertText(
        to_do=(*doing, *advice, *calling),
        rest=tuple(paragraph for part in rest if (paragraph := _paragraph(part, message, reference))),
    )


def share_text(message: Message, reference: ReferenceData) -> str:
    """Give a text short enough to share by phone, where sharing is allowed: headline, what to do, 999, who says so."""
    if message.tlp in NOT_TO_SHARE:
        return ""
    practice = "EXERCISE. " if message.exercise else ""
    call = message.parts.get("services", "").strip() or "If someone is unwell call 999."
    where = f" {reference.page_link}" if message.tlp is Tlp.CLEAR else ""
    told = [message.headline, message.parts.get("do_people", ""), call, f"{reference.partnership} {message.reference}"]
    return practice + " ".join(_sentence(text) for text in told if text.strip()) + where


def with_issue_time(text: str, at: datetime | None) -> str:
    """Put the time of release into a text; without one, say that it goes when it is signed."""
    return text.replace(ISSUED_AT, when(at) if at else WHEN_SIGNED)


def as_read(text: str, at: datetime | None) -> str:
    """Give a body as a page shows it, with words where each person's own link stands."""
    return with_issue_time(text, at).replace(PERSONAL_LINK, OWN_LINK)


def without_link(text: str) -> str:
    """Give a released body without the paragraph that leads to the page on which it is now read."""
    return "\n\n".join(part for part in text.strip().split("\n\n") if PERSONAL_LINK not in part)


def _paragraph(part: Part, message: Message, reference: ReferenceData) -> Paragraph | None:
    text = message.parts.get(part.key, "").strip()
    if not text and not part.required:
        return None
    lines = [text or NOT_WRITTEN]
    if part.key == "substance":
        lines.append(CERTAINTY_WORDS[message.certainty])
    if part.key == "report_back":
        lines.append(reference.report_link)
    return Paragraph(title=part.title, text="\n".join(lines))


def _sentence(text: str) -> str:
    return text.strip() if text.strip().endswith((".", "!", "?")) else f"{text.strip()}."

"""What an alert must say, and the versioned rules as they are read from their content."""

from collections.abc import Mapping
from dataclasses import dataclass

from review_app.alerts.rules.signing import SignerSlot, SigningRule
from review_app.alerts.rules.states import AlertLevel, WithdrawalReason
from review_app.catalogue.rules import Content, flag, number, rows, section, text, texts
from review_app.policy import Role

HEADLINE_LIMIT = 90


@dataclass(frozen=True, kw_only=True)
class Part:
    """One part that an alert's text has."""

    key: str
    title: str
    hint: str
    required: bool
    default: str = ""
    limit: int = 0


@dataclass(frozen=True, kw_only=True)
class AlertRules:
    """One version of the alert rules: parts, signers, lifetimes, and the words of a withdrawal."""

    parts: tuple[Part, ...]
    signing: SigningRule
    lifetime_days: dict[str, int]
    chase_after_hours: Mapping[AlertLevel, int]
    withdrawal_headline: str
    withdrawal_body: str
    withdrawal_reasons: Mapping[WithdrawalReason, str]
    told_although_unsubscribed: str


def missing_parts(parts: tuple[Part, ...], written: Mapping[str, str]) -> list[Part]:
    """Give the required parts that say nothing yet, and those that say too much."""
    return [
        part
        for part in parts
        if (part.required and not written.get(part.key, "").strip())
        or (part.limit and len(written.get(part.key, "").strip()) > part.limit)
    ]


def headline_objection(headline: str) -> str | None:
    """Say what is wrong with a headline, or give None."""
    if not headline.strip():
        return "Enter a headline"
    if len(headline.strip()) > HEADLINE_LIMIT:
        return f"Headline must be {HEADLINE_LIMIT} characters or fewer"
    return None


def read_alert_rules(content: Content) -> AlertRules:
    """Turn the stored alert rules into rules. Raises ValueError when they are malformed."""
    signing, withdrawal = section(content, "sign_off"), section(content, "withdrawal")
    slots = {key: read_slot(key, section(section(signing, "slots"), key)) for key in section(signing, "slots")}
    levels = section(signing, "levels")
    reasons = section(withdrawal, "reasons")
    return AlertRules(
        parts=tuple(map(read_part, rows(content, "parts"))),
        signing=SigningRule(
            levels={level: pick(slots, texts(levels, level)) for level in AlertLevel},
            public_adds=pick(slots, texts(signing, "public_adds")),
            never_waited_for_out_of_hours=frozenset(map(AlertLevel, texts(signing, "never_waited_for_out_of_hours"))),
            provisional=pick(slots, texts(signing, "provisional")),
        ),
        lifetime_days={key: number(section(content, "lifetime_days"), key) for key in ("local", "public", "standing")},
        chase_after_hours={
            AlertLevel(key): number(section(content, "chase_after_hours"), key)
            for key in section(content, "chase_after_hours")
        },
        withdrawal_headline=text(withdrawal, "headline"),
        withdrawal_body=text(withdrawal, "body"),
        withdrawal_reasons={reason: text(reasons, reason) for reason in WithdrawalReason},
        told_although_unsubscribed=text(withdrawal, "told_although_unsubscribed"),
    )


def read_slot(key: str, content: Content) -> SignerSlot:
    """Turn a stored signer slot into a SignerSlot."""
    return SignerSlot(key=key, roles=frozenset(map(Role, texts(content, "roles"))), words=text(content, "words"))


def pick(slots: Mapping[str, SignerSlot], keys: list[str]) -> tuple[SignerSlot, ...]:
    """Give the slots named, in their order."""
    return tuple(slots[key] for key in keys)


def read_part(row: Content) -> Part:
    """Turn a stored part into a Part."""
    return Part(
        key=text(row, "key"),
        title=text(row, "title"),
        hint=text(row, "hint"),
        required=flag(row, "required"),
        default=text(row, "default"),
        limit=number(row, "limit", 0),
    )

"""Who must sign a version, and what exactly a signature covers."""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from review_app.alerts.rules.states import AlertLevel
from review_app.marks import Audience
from review_app.policy import Role


@dataclass(frozen=True, kw_only=True)
class SignerSlot:
    """One signature that is needed: any of these roles fills it, each slot by a different person."""

    key: str
    roles: frozenset[Role]
    words: str


@dataclass(frozen=True, kw_only=True)
class SigningRule:
    """The sign-off rule of one version of the alert rules."""

    levels: Mapping[AlertLevel, tuple[SignerSlot, ...]]
    public_adds: tuple[SignerSlot, ...]
    never_waited_for_out_of_hours: frozenset[AlertLevel]
    provisional: tuple[SignerSlot, ...]


def signatures_needed(
    rule: SigningRule, level: AlertLevel, audience: Audience, *, out_of_hours: bool, provisional: bool = False
) -> tuple[SignerSlot, ...]:
    """Give the signatures a version needs, none of them its author's.

    A public alert adds its own signers, except that at a level which never waits out of hours it does not wait for
    them then. A provisional alert takes one signer beside its author, whatever its level.
    """
    if provisional:
        return rule.provisional
    waits = not (out_of_hours and level in rule.never_waited_for_out_of_hours)
    return rule.levels[level] + (rule.public_adds if audience is Audience.PUBLIC and waits else ())


def signatures_suffice(slots: Sequence[SignerSlot], roles: Sequence[Role]) -> bool:
    """Say whether these signatures, one role for each person who signed, fill every slot."""
    return not unfilled(slots, roles)


def still_needed(slots: Sequence[SignerSlot], roles: Sequence[Role]) -> tuple[str, ...]:
    """Give in words the signatures that are still needed."""
    return tuple(slot.words for slot in unfilled(slots, roles))


def may_sign_as(slots: Sequence[SignerSlot], signed: Sequence[Role], role: Role) -> bool:
    """Say whether one more signature in this role would fill a slot that is still open."""
    return len(unfilled(slots, [*signed, role])) < len(unfilled(slots, signed))


def unfilled(slots: Sequence[SignerSlot], roles: Sequence[Role]) -> tuple[SignerSlot, ...]:
    """Give the slots left open when the signatures fill as many as they can, those with the fewest roles first."""
    if not roles:
        return tuple(slots)
    first, rest = roles[0], roles[1:]
    places = [index for index, slot in enumerate(slots) if first in slot.roles]
    tries = [unfilled([*slots[:index], *slots[index + 1 :]], rest) for index in places]
    return min([*tries, unfilled(slots, rest)], key=lambda left: (len(left), -sum(len(slot.roles) for slot in left)))


def digest(
    *,
    parts: Mapping[str, str],
    attachments: Collection[str],
    audience: Mapping[str, object],
    exercise: bool,
    send_at: datetime | None,
) -> str:
    """Give the SHA-256 of everything a signature covers; the same content always gives the same digest.

    `parts` holds every text and marking that is sent, `attachments` the digest of each file's bytes, `audience` what
    defines who gets it. `send_at` is None when it goes out as soon as it is signed.
    """
    if send_at is not None and send_at.tzinfo is None:
        raise ValueError("an instant must say its time zone")
    covered = {
        "parts": dict(parts),
        "attachments": sorted(attachments),
        "audience": dict(audience),
        "exercise": exercise,
        "send_at": "when_signed" if send_at is None else send_at.astimezone(UTC).isoformat(timespec="microseconds"),
    }
    canonical = json.dumps(covered, sort_keys=True, ensure_ascii=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()

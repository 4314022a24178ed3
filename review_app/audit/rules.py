"""What an audit event says, and how its hash is made. Pure; nothing here reads a database."""

import hashlib
import hmac
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import Enum, StrEnum

from review_app.policy import Actor
from review_app.workflow import Workflow

GENESIS = "0" * 64

Plain = str | int | float | bool | None
Change = tuple[object, object]


class AuditAction(StrEnum):
    """The kinds of thing that are recorded."""

    VIEW = "view"
    REVEAL = "reveal"
    CREATE = "create"
    CHANGE = "change"
    DELETE = "delete"
    EXPORT = "export"
    PRINT = "print"
    SEND = "send"
    SIGN = "sign"
    SIGN_IN = "sign_in"
    DENIED = "denied"
    BREAK_GLASS = "break_glass"
    CONFIG = "config"


TECHNICAL = frozenset({AuditAction.SIGN_IN, AuditAction.CONFIG})

KIND_OF_VERB: Mapping[str, AuditAction] = {
    **{action.value: action for action in AuditAction},
    "open": AuditAction.VIEW,
    "add": AuditAction.CREATE,
    "draft": AuditAction.CREATE,
    "import": AuditAction.CREATE,
    "receive": AuditAction.CREATE,
    "remove": AuditAction.DELETE,
    "erase": AuditAction.DELETE,
    "release": AuditAction.SEND,
    "resend": AuditAction.SEND,
    "sign_off": AuditAction.SIGN,
    "sign_out": AuditAction.SIGN_IN,
    "sign_in_failed": AuditAction.SIGN_IN,
    "prune": AuditAction.DELETE,
    "destroy": AuditAction.DELETE,
}


def kind_of(verb: str) -> AuditAction:
    """Give the kind of a verb; what is not listed changes a record."""
    return KIND_OF_VERB.get(verb, AuditAction.CHANGE)


def instant_text(at: datetime) -> str:
    """Write an instant in UTC with one width, so that its text sorts and every byte of it is hashed."""
    if at.tzinfo is None:
        raise ValueError("an instant must say its time zone")
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def instant_of(text: str) -> datetime:
    """Read what `instant_text` wrote."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)


def canonical(value: object) -> str:
    """Write JSON in the one way that is hashed: sorted keys, no spaces, ASCII."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def plain(value: object) -> Plain:
    """Give a value as JSON can hold it: states by their stored word, instants and days in ISO form."""
    match value:
        case Enum():
            return plain(value.value)
        case None | bool() | int() | float() | str():
            return value
        case datetime():
            return instant_text(value)
        case date():
            return value.isoformat()
        case _:
            return str(value)


def digest(salt: bytes, value: object) -> str:
    """Give the keyed digest that stands for a value which the audit may not hold."""
    return hmac.new(salt, canonical(plain(value)).encode(), hashlib.sha256).hexdigest()


def content_of(changes: Mapping[str, Change], open_fields: frozenset[str], salt: bytes | None) -> str:
    """Write old and new values: in clear for fields marked N, as digests under the record's salt for all others."""
    content: dict[str, dict[str, Plain]] = {}
    for name, (old, new) in changes.items():
        if name in open_fields:
            content[name] = {"old": plain(old), "new": plain(new)}
        else:
            content[name] = {"old_digest": _digest_or_none(salt, old), "new_digest": _digest_or_none(salt, new)}
    return canonical(content)


def _digest_or_none(salt: bytes | None, value: object) -> str | None:
    if value is None:
        return None
    if salt is None:
        raise ValueError("a value that is not marked N needs the record's salt")
    return digest(salt, value)


def roles_of(actor: Actor | None) -> str:
    """Write the roles a person holds at this moment, with what each is held on."""
    held = {f"{a.held.value}:{a.role.value}" for a in actor.assignments} if actor else set()
    return canonical(sorted(held))


def agencies_of(actor: Actor | None) -> str:
    """Write the agencies a person acts for at this moment."""
    return canonical(sorted(actor.agencies()) if actor else [])


HASHED = (
    "sequence", "at", "actor_id", "roles", "agency_ids", "partnership_id", "action", "verb", "object_table",
    "object_reference", "section", "purpose", "content", "request_id", "key_id", "previous_hash",
)  # fmt: skip


def event_message(row: Mapping[str, object]) -> bytes:
    """Give the bytes whose HMAC is the event's hash: every column as it is stored, its type included.

    Raises ValueError for a stored value of a type that no event has.
    """
    values = [row[name] for name in HASHED]
    if not all(value is None or type(value) in (int, str) for value in values):
        raise ValueError("a column holds a value of another type")
    return canonical(values).encode()


SEGMENT_HASHED = ("month", "first_sequence", "last_sequence", "previous_hash", "last_hash", "closed_at", "key_id")


def segment_message(row: Mapping[str, object]) -> bytes:
    """Give the bytes that the signature of a monthly segment covers."""
    return canonical(["segment", *(row[name] for name in SEGMENT_HASHED)]).encode()


@dataclass(frozen=True, kw_only=True)
class Head:
    """The last event of the chain: how many there are, and its hash."""

    sequence: int
    hash: str


@dataclass(frozen=True, kw_only=True)
class Report:
    """What a walk along the chain found: the first bad place, if there is one."""

    ok: bool
    events: int
    problem: str = ""
    sequence: int | None = None

    def __str__(self) -> str:
        if self.ok:
            return f"The audit is whole: {self.events} events."
        return f"The audit is broken. {self.problem}"


LEAST_YEARS = 6
"""However the retention is set, no event is pruned before it is this old."""


def kept_until(month: str, years: int) -> datetime:
    """Give the instant from which a month may be pruned: so many years after it ended."""
    end = month_end(month)
    return end.replace(year=end.year + years)


def approvals_needed(concerned: Collection[int], proposed_for: int) -> frozenset[int]:
    """Give the Partnerships whose information governance lead must approve: each whose events would go.

    The proposal speaks for its own; where nobody else is concerned, a second person of it must approve.
    """
    return frozenset(concerned) - {proposed_for} or frozenset({proposed_for})


class PruningState(StrEnum):
    """Where a proposal to prune stands."""

    PROPOSED = "proposed"
    CARRIED_OUT = "carried_out"
    WITHDRAWN = "withdrawn"


class PruningAction(StrEnum):
    """What can happen to a proposal to prune."""

    APPROVE = "approve"
    CARRY_OUT = "carry_out"
    WITHDRAW = "withdraw"


PRUNING_WORKFLOW = Workflow(
    {
        (PruningState.PROPOSED, PruningAction.APPROVE): PruningState.PROPOSED,
        (PruningState.PROPOSED, PruningAction.CARRY_OUT): PruningState.CARRIED_OUT,
        (PruningState.PROPOSED, PruningAction.WITHDRAW): PruningState.WITHDRAWN,
    }
)


def next_month(month: str) -> str:
    """Give the month after `2026-11`."""
    year, number = int(month[:4]), int(month[5:])
    return f"{year + number // 12:04d}-{number % 12 + 1:02d}"


def month_end(month: str) -> datetime:
    """Give the first instant after a month, in UTC."""
    return datetime.strptime(next_month(month) + "-01", "%Y-%m-%d").replace(tzinfo=UTC)

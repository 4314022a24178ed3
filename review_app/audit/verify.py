"""Walking the chain from its beginning and naming the first place where it is broken."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from sqlalchemy import Select, String, inspect, type_coerce
from sqlalchemy.orm import Session

from review_app import crypto
from review_app.audit import outside
from review_app.audit.models import AuditEvent, AuditHead, AuditSegment
from review_app.audit.rules import GENESIS, Head, Report, event_message, segment_message
from review_app.db import Base

BATCH = 1000
Row = Mapping[str, object]


class _Broken(Exception):
    def __init__(self, problem: str, sequence: int | None = None) -> None:
        super().__init__(problem)
        self.problem = problem
        self.sequence = sequence


def verify(session: Session, head_path: Path | None) -> Report:
    """Walk the whole chain. The first changed, missing or removed event is named by its number.

    The file outside the database is read first and the head inside it last, so that events which are added during the
    walk are never taken for a fault.
    """
    walk = _Walk(session)
    try:
        kept = outside.read_head(head_path) if head_path else None
        walk.segments = _signed_segments(session)
        walk.to_the_head()
        if head_path is not None:
            walk.check_outside(kept, head_path.name)
    except outside.OutsideHeadDamaged as error:
        return Report(ok=False, events=walk.events, problem=f"The head kept outside the database is damaged: {error}")
    except _Broken as error:
        return Report(ok=False, events=walk.events, problem=error.problem, sequence=error.sequence)
    return Report(ok=True, events=walk.events)


def problem_of(session: Session, months: Sequence[str]) -> str:
    """Say what is wrong with the events of signed months that follow one another, or nothing."""
    walk = _Walk(session)
    try:
        walk.segments = [each for each in _signed_segments(session) if each["month"] in months]
        walk.over(walk.segments)
    except _Broken as error:
        return error.problem
    return ""


def _as_stored(model: type[Base]) -> Select[*tuple[object, ...]]:
    """Read every column as the driver gives it, so that nothing which was changed is tidied on the way."""
    columns = [type_coerce(column, String).label(column.name) for column in inspect(model).local_table.columns]
    return Select(*columns)


class _Walk:
    """One walk: where it stands, and what it must still meet."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.at = Head(sequence=0, hash=GENESIS)
        self.events = 0
        self.segments: list[Row] = []
        self.prunings_to_meet: set[str] = set()
        self.hashes: dict[int, str] = {}

    def over(self, segments: Sequence[Row]) -> None:
        """Walk from the event before these months to their last, and hold every signature to what is met."""
        first, last = segments[0], segments[-1]
        self.at = Head(sequence=int(str(first["first_sequence"])) - 1, hash=str(first["previous_hash"]))
        for row in self._rows():
            self._step(row)
            if self.at.sequence == last["last_sequence"]:
                break
        if self.at.sequence != last["last_sequence"]:
            raise _Broken(f"The chain stops at event {self.at.sequence}.", self.at.sequence)

    def to_the_head(self) -> None:
        """Walk on until the walk stands where the head says the chain ends."""
        while True:
            before = self.at.sequence
            for row in self._rows():
                self._step(row)
            head = self.session.execute(_as_stored(AuditHead)).mappings().first()
            if head is None and self.at.sequence == 0:
                break
            if head is None:
                raise _Broken("The row that holds the head of the chain is missing.", self.at.sequence)
            if head["sequence"] == self.at.sequence:
                if head["hash"] != self.at.hash:
                    raise _Broken("The head of the chain was changed.", self.at.sequence)
                break
            self._compare_ends(head["sequence"], before)
        if self.segments:
            raise _Broken(f"The signed month {self.segments[0]['month']} does not fit the chain.", self.at.sequence)
        if self.prunings_to_meet:
            raise _Broken(f"The month {min(self.prunings_to_meet)} was pruned and no event says so.")

    def _compare_ends(self, head: object, before: int) -> None:
        if not isinstance(head, int) or head < self.at.sequence:
            raise _Broken(
                f"The head of the chain was set back: event {self.at.sequence} is after it.", self.at.sequence
            )
        if self.at.sequence == before:
            raise _Broken(
                f"Events {before + 1} to {head} were removed from the end: the chain stops at event {before}.",
                before + 1,
            )

    def check_outside(self, kept: Head | None, name: str) -> None:
        """Compare with the head that was kept outside the database before the walk began."""
        if kept is None:
            if self.at.sequence:
                raise _Broken(f"The head kept outside the database ({name}) is missing.", self.at.sequence)
            return
        if kept.sequence > self.at.sequence:
            raise _Broken(
                f"Events {self.at.sequence + 1} to {kept.sequence} were removed from the end: "
                f"the database is behind the head kept outside it ({name}).",
                self.at.sequence + 1,
            )
        stored = self._hash_of(kept.sequence)
        if stored is not None and stored != kept.hash:
            raise _Broken(f"Event {kept.sequence} is not the one that {name} remembers.", kept.sequence)

    def _hash_of(self, sequence: int) -> str | None:
        event = self.session.get(AuditEvent, sequence, populate_existing=True)
        return event.hash if event else None

    def _rows(self) -> Iterator[Row]:
        while True:
            batch = (
                self.session.execute(
                    _as_stored(AuditEvent)
                    .where(AuditEvent.sequence > self.at.sequence)
                    .order_by(AuditEvent.sequence)
                    .limit(BATCH)
                )
                .mappings()
                .all()
            )
            if not batch:
                return
            yield from (dict(row) for row in batch)

    def _step(self, row: Row) -> None:
        sequence = row["sequence"]
        if not isinstance(sequence, int):
            raise _Broken("An event has no number.")
        if sequence != self.at.sequence + 1:
            self._skip_pruned(sequence)
        if not _genuine(row):
            raise _Broken(f"Event {sequence} was changed.", sequence)
        if row["previous_hash"] != self.at.hash:
            raise _Broken(f"Event {sequence} does not follow event {sequence - 1}.", sequence)
        self.at = Head(sequence=sequence, hash=str(row["hash"]))
        self.events += 1
        if row["verb"] == "prune" and row["object_table"] == AuditSegment.__tablename__:
            self.prunings_to_meet = {month for month in self.prunings_to_meet if month > str(row["object_reference"])}
        if self.segments and self.segments[0]["last_sequence"] == sequence:
            if self.segments[0]["last_hash"] != self.at.hash:
                raise _Broken(f"The signed month {self.segments[0]['month']} does not fit event {sequence}.", sequence)
            self.segments.pop(0)

    def _skip_pruned(self, sequence: int) -> None:
        """Step over whole months that were pruned; anything else that is not there is missing."""
        while self.at.sequence + 1 < sequence:
            segment = self.segments[0] if self.segments else None
            expected = self.at.sequence + 1
            if (
                segment is None
                or segment["pruned_at"] is None
                or (segment["first_sequence"], segment["previous_hash"]) != (expected, self.at.hash)
            ):
                missing = (
                    f"Event {expected} is" if sequence == expected + 1 else f"Events {expected} to {sequence - 1} are"
                )
                raise _Broken(f"{missing} missing: event {sequence} follows event {self.at.sequence}.", expected)
            last = segment["last_sequence"]
            assert isinstance(last, int)
            self.at = Head(sequence=last, hash=str(segment["last_hash"]))
            self.prunings_to_meet.add(str(segment["month"]))
            self.segments.pop(0)


def _genuine(row: Row) -> bool:
    try:
        return crypto.audit_mac(str(row["key_id"]), event_message(row)) == row["hash"]
    except (crypto.CannotOpen, ValueError):
        return False


def _signed_segments(session: Session) -> list[Row]:
    rows = [dict(row) for row in session.execute(_as_stored(AuditSegment)).mappings()]
    for row in rows:
        try:
            signature = crypto.audit_mac(str(row["key_id"]), segment_message(row))
        except crypto.CannotOpen:
            signature = ""
        if signature != row["signature"] or not isinstance(row["last_sequence"], int):
            raise _Broken(f"The signed month {row['month']} was changed.")
    return sorted(rows, key=lambda row: int(str(row["last_sequence"])))

"""What a service may refuse with. Each message can be read, and acted on, by the person it is shown to."""


class DomainError(Exception):
    """Something the person asked for cannot be done; the message says what and what to do next."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class NotVisible(DomainError):
    """The record does not exist for this person. It is answered as 404, whether or not it exists."""

    def __init__(self, message: str, *, reference: str = "") -> None:
        super().__init__(message)
        self.reference = reference


class NotAllowed(DomainError):
    """The person may know of the record and may not do this to it. It is answered as 403."""


class RuleBroken(DomainError):
    """A rule of the procedure stands in the way. It is answered as 409 unless the page can show it beside a field."""


class MoveRefused(RuleBroken):
    """The record is not in a state from which this can be done, often because somebody else was first."""


class Stale(RuleBroken):
    """The record changed after the person opened it; `differences` says what, as (label, theirs, now) rows."""

    def __init__(self, message: str, *, differences: tuple[tuple[str, str, str], ...] = ()) -> None:
        super().__init__(message)
        self.differences = differences


class Throttled(DomainError):
    """Too many tries in a short time. It is answered as 429."""


class LinkSpent(DomainError):
    """A private link is unknown, used or past its date. It is answered as 404 with a way to ask for a new one."""

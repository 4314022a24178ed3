"""What a submitter can ask of a report they have sent, by their private link or from their account."""

from dataclasses import dataclass, field

from review_app.policy import Actor


@dataclass(frozen=True, kw_only=True)
class ByLink:
    """The submitter holds the private link of the report."""

    token: str = field(repr=False)
    actor: None = None


@dataclass(frozen=True, kw_only=True)
class ByAccount:
    """The submitter was signed in when they sent the report, and is now."""

    actor: Actor
    reference: str


Whose = ByLink | ByAccount


@dataclass(frozen=True, kw_only=True)
class AddToReport:
    """Add something to a report. `form_token` makes a double press one addition."""

    whose: Whose
    form_token: str = field(repr=False)
    address: str = field(repr=False)
    danger_now: bool
    own_words: str = field(repr=False)
    names_nobody: bool


@dataclass(frozen=True, kw_only=True)
class AnswerQuestion:
    """Answer the coordinator's question with this number, counted from one."""

    whose: Whose
    number: int
    answer: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class WithdrawReport:
    """Take a report back, saying why."""

    whose: Whose
    reason: str = field(repr=False)

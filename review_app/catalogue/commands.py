"""What can be asked of the catalogue."""

from collections.abc import Mapping
from dataclasses import dataclass

from review_app.catalogue.rules import ClockKey
from review_app.catalogue.rules.agency_return import AnswerKind, ReturnSection
from review_app.catalogue.rules.review import ReviewSetting
from review_app.catalogue.rules.substances import Control, SubstanceClass


@dataclass(frozen=True, kw_only=True)
class ClockOf:
    """The one record that a clock belongs to. Exactly one of the ids is given."""

    partnership_id: int
    submission_id: int | None = None
    signal_id: int | None = None
    corroboration_request_id: int | None = None
    alert_id: int | None = None
    review_case_id: int | None = None
    information_request_id: int | None = None

    def __post_init__(self) -> None:
        """Refuse a clock of no record or of several."""
        if len(self.subject()) != 1:
            raise ValueError("a clock belongs to exactly one record")

    def subject(self) -> dict[str, int]:
        """Give the column that names the record, with its id."""
        columns = {
            "submission_id": self.submission_id,
            "signal_id": self.signal_id,
            "corroboration_request_id": self.corroboration_request_id,
            "alert_id": self.alert_id,
            "review_case_id": self.review_case_id,
            "information_request_id": self.information_request_id,
        }
        return {column: value for column, value in columns.items() if value is not None}


@dataclass(frozen=True, kw_only=True)
class SignAdviceBlock:
    """Agree, as a clinician, to one version of an advice block."""

    key: str
    version: int


@dataclass(frozen=True, kw_only=True)
class SaveSetting:
    """Make a new version of one setting of the review. `base_id` is the version that the person was looking at."""

    setting: ReviewSetting
    base_id: int
    content: Mapping[str, object]
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class SetClock:
    """Make a new version of one clock of the review, of so many days in the way that the clock counts."""

    key: ClockKey
    base_id: int
    days: int
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class WordQuestion:
    """Change the words of a question of the agency return, its hint, and whether it must be answered."""

    base_id: int
    key: str
    words: str
    hint: str
    required: bool
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class SwitchQuestion:
    """Stop asking a question of the agency return, or ask it again."""

    base_id: int
    key: str
    on: bool


@dataclass(frozen=True, kw_only=True)
class AddQuestion:
    """Ask one question more, of every agency (the core) or of the agencies of one block."""

    block: str
    kind: AnswerKind
    words: str
    hint: str
    required: bool
    section: ReturnSection
    third_party: bool
    options: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class AddTheme:
    """Add a theme of the Partnership's own to the library."""

    name: str
    domain: str
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class ChangeTheme:
    """Change what a theme is called and where it belongs. `version_id` is the version the person was looking at."""

    theme_id: int
    version_id: int
    name: str
    domain: str
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class RetireTheme:
    """Take a theme out of use, or back into it."""

    theme_id: int
    version_id: int
    retire: bool
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class MergeTheme:
    """Let a theme count as another from now on."""

    theme_id: int
    version_id: int
    into_id: int
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class SubstanceEntry:
    """What an entry of the substance list is to say."""

    name: str
    substance_class: SubstanceClass
    control: Control
    aliases: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class AddSubstance:
    """Add an entry to the substance list."""

    entry: SubstanceEntry
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class ChangeSubstance:
    """Change an entry of the substance list. `version` is the one the person was looking at."""

    substance_id: int
    version: int
    entry: SubstanceEntry
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class RetireSubstance:
    """Take an entry off the substance list, or put it back."""

    substance_id: int
    version: int
    retire: bool
    reason: str = ""

"""What the settings of the avoidable-death review say: one frozen dataclass for each, and its reader.

Every reader takes the content of a RuleSet and raises ValueError when it is malformed.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from review_app.catalogue.rules.content import Content, Option, number, options, rows, text, texts


class ReviewSetting(StrEnum):
    """The keys of the RuleSets of the death review."""

    INCLUSION = "inclusion"
    FACTORS = "factors"
    NOTIFICATION_SOURCES = "notification_sources"
    PLACE_KINDS = "place_kinds"
    CHRONOLOGY_TYPES = "chronology_types"
    RISK_WINDOWS = "risk_windows"
    CONFIDENTIALITY_STATEMENT = "confidentiality_statement"
    RETENTION = "retention"
    SMALL_NUMBERS = "small_numbers"
    THEME_CODES = "theme_codes"


class LimbCJoin(StrEnum):
    """Whether limb C asks for alcohol and drugs together, as it is written, or for either."""

    AND = "and"
    OR = "or"


class AreaTest(StrEnum):
    """Which of the three places decides whether a death belongs to the area."""

    RESIDENCE = "residence"
    DEATH = "death"
    SERVICE = "service"


@dataclass(frozen=True, kw_only=True)
class InclusionSettings:
    """Which deaths are in scope. `adult_age` is in years; `limb_a` to `limb_c` are the words of the limbs."""

    start_date: date
    limb_c_join: LimbCJoin
    adult_age: int
    area_test: AreaTest
    limb_a: str
    limb_b: str
    limb_c: str


def read_inclusion(content: Content) -> InclusionSettings:
    """Read the inclusion settings."""
    return InclusionSettings(
        start_date=date.fromisoformat(text(content, "start_date")),
        limb_c_join=LimbCJoin(text(content, "limb_c_join")),
        adult_age=number(content, "adult_age"),
        area_test=AreaTest(text(content, "area_test")),
        limb_a=text(content, "limb_a"),
        limb_b=text(content, "limb_b"),
        limb_c=text(content, "limb_c"),
    )


@dataclass(frozen=True, kw_only=True)
class FactorDomain:
    """One of the five domains of factors: its letter, its words and examples of what belongs to it."""

    key: str
    words: str
    examples: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Factors:
    """How factors are sorted and judged. Influence and modifiable are kept by key, never by a digit."""

    domains: tuple[FactorDomain, ...]
    influence: tuple[Option, ...]
    modifiable: tuple[Option, ...]

    def domain(self, key: str) -> FactorDomain:
        """Give one domain by its letter. Raises KeyError when there is none."""
        return {domain.key: domain for domain in self.domains}[key]


def read_factors(content: Content) -> Factors:
    """Read the domains and the two scales."""
    return Factors(
        domains=tuple(
            FactorDomain(key=text(row, "key"), words=text(row, "words"), examples=tuple(texts(row, "examples")))
            for row in rows(content, "domains")
        ),
        influence=options(content, "influence"),
        modifiable=options(content, "modifiable"),
    )


@dataclass(frozen=True, kw_only=True)
class RiskWindow:
    """A time of raised risk: it begins on the day of an entry of the type `after` and lasts `days` calendar days.

    The days are those of London, so a window is correct across a change of the clocks. `basis` says where it is from.
    """

    key: str
    words: str
    after: str
    days: int
    basis: str


def read_risk_windows(content: Content) -> tuple[RiskWindow, ...]:
    """Read the risk windows in their order."""
    return tuple(
        RiskWindow(
            key=text(row, "key"),
            words=text(row, "words"),
            after=text(row, "after"),
            days=number(row, "days"),
            basis=text(row, "basis"),
        )
        for row in rows(content, "windows")
    )


@dataclass(frozen=True, kw_only=True)
class Statement:
    """A text that everybody at a meeting accepts: a title and the text, paragraphs parted by an empty line."""

    title: str
    body: str


def read_statement(content: Content) -> Statement:
    """Read the confidentiality statement."""
    return Statement(title=text(content, "title"), body=text(content, "body"))


@dataclass(frozen=True, kw_only=True)
class Retention:
    """For how long records are kept, each period in the unit its name ends in or begins with."""

    case_years_after_death: int
    case_years_after_closure: int
    returns_years_after_sign_off: int
    packs_days_after_meeting: int
    packs_readable_days_after_meeting: int
    access_audit_years_after_case: int
    access_audit_least_years: int

    def case_kept_until(self, *, died_by: date, closed_on: date) -> date:
        """Give the day until which an identifiable case is kept: the later of the two periods.

        `died_by` is the last day on which the person may have died.
        """
        return max(
            years_after(died_by, self.case_years_after_death), years_after(closed_on, self.case_years_after_closure)
        )


def years_after(day: date, years: int) -> date:
    """Give the same day so many years later; 29 February becomes 1 March, so that nothing ends early."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def read_retention(content: Content) -> Retention:
    """Read the retention periods."""
    return Retention(
        case_years_after_death=number(content, "case_years_after_death"),
        case_years_after_closure=number(content, "case_years_after_closure"),
        returns_years_after_sign_off=number(content, "returns_years_after_sign_off"),
        packs_days_after_meeting=number(content, "packs_days_after_meeting"),
        packs_readable_days_after_meeting=number(content, "packs_readable_days_after_meeting"),
        access_audit_years_after_case=number(content, "access_audit_years_after_case"),
        access_audit_least_years=number(content, "access_audit_least_years"),
    )


@dataclass(frozen=True, kw_only=True)
class SmallNumbers:
    """Which counts are hidden: those from `mask_from` to `mask_to`, both included, shown as `mark` instead."""

    mask_from: int
    mask_to: int
    mark: str

    def shown(self, count: int) -> str:
        """Write one count of people as it may be shown: hidden when it is small.

        This is for a count that stands alone. In a table a hidden count can be worked out from its totals.
        """
        return self.mark if self.mask_from <= count <= self.mask_to else f"{count:,}"


def read_small_numbers(content: Content) -> SmallNumbers:
    """Read the profile for small numbers."""
    return SmallNumbers(
        mask_from=number(content, "mask_from"), mask_to=number(content, "mask_to"), mark=text(content, "mark")
    )


@dataclass(frozen=True, kw_only=True)
class ThemeCode:
    """A published theme that ours correspond to. `linked` is the code with which it is one phrase in its source."""

    key: str
    words: str
    linked: str


def read_theme_codes(content: Content) -> tuple[ThemeCode, ...]:
    """Read the published themes."""
    return tuple(
        ThemeCode(key=text(row, "key"), words=text(row, "words"), linked=text(row, "linked"))
        for row in rows(content, "codes")
    )


def option_rows(content: Content) -> tuple[Option, ...]:
    """Read a plain list of choices: notification sources, kinds of place, types of chronology entry."""
    return options(content, "options")

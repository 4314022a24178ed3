"""What a setting says, part by part, in the words of its page; and what differs between two versions of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from review_app.catalogue.rules.agency_return import ReturnForm, ReturnQuestion
from review_app.catalogue.rules.clocks import ClockUnit
from review_app.catalogue.rules.content import Content
from review_app.catalogue.rules.review import (
    AreaTest,
    Factors,
    InclusionSettings,
    LimbCJoin,
    Retention,
    ReviewSetting,
    SmallNumbers,
    Statement,
    read_factors,
    read_inclusion,
    read_retention,
    read_small_numbers,
    read_statement,
)
from review_app.fuzzy import day_in_words
from review_app.working_time import CountingMode


@dataclass(frozen=True, kw_only=True)
class Part:
    """One part of a setting: the key by which it is found again in another version, its label and what it says."""

    key: str
    label: str
    words: str


def changes(before: Sequence[Part], after: Sequence[Part]) -> tuple[tuple[str, str, str], ...]:
    """Give what differs, as (label, before, after) rows in the order of the later version; what is gone comes last."""
    old, new = ({part.key: part for part in parts} for parts in (before, after))
    named = [*new.values(), *(part for key, part in old.items() if key not in new)]
    rows = [(part.label, _said(old, part.key), _said(new, part.key)) for part in named]
    return tuple(row for row in rows if row[1] != row[2])


def _said(parts: Mapping[str, Part], key: str) -> str:
    return parts[key].words if key in parts else "Not there"


def _parts(*rows: tuple[str, str]) -> tuple[Part, ...]:
    return tuple(Part(key=label, label=label, words=words) for label, words in rows)


LIMB_C_WORDS = {
    LimbCJoin.AND: "Alcohol and drug use, both: as the limb is written",
    LimbCJoin.OR: "Alcohol use or drug use: either is enough",
}
AREA_WORDS = {
    AreaTest.RESIDENCE: "Where the person usually lived",
    AreaTest.DEATH: "Where the person died",
    AreaTest.SERVICE: "The area of the services that the person used",
}


def inclusion_parts(settings: InclusionSettings) -> tuple[Part, ...]:
    """Say which deaths are in scope."""
    return _parts(
        ("First day", day_in_words(settings.start_date)),
        ("Adult from", f"{settings.adult_age} years"),
        ("Which place decides", AREA_WORDS[settings.area_test]),
        ("How limb C is read", LIMB_C_WORDS[settings.limb_c_join]),
        ("Limb A", settings.limb_a),
        ("Limb B", settings.limb_b),
        ("Limb C", settings.limb_c),
    )


def factors_parts(factors: Factors) -> tuple[Part, ...]:
    """Say what the domains are called and what belongs to each."""
    return tuple(
        part
        for domain in factors.domains
        for part in _parts(
            (f"Domain {domain.key}", domain.words), (f"Examples of domain {domain.key}", ", ".join(domain.examples))
        )
    )


def statement_parts(statement: Statement) -> tuple[Part, ...]:
    """Say what is accepted at a meeting."""
    return _parts(("Title", statement.title), ("Statement", statement.body))


def retention_parts(retention: Retention) -> tuple[Part, ...]:
    """Say for how long records are kept."""
    return _parts(
        ("Case, after the death", in_years(retention.case_years_after_death)),
        ("Case, after its closure", in_years(retention.case_years_after_closure)),
        ("Agencies’ returns, after sign-off", in_years(retention.returns_years_after_sign_off)),
        ("Meeting packs, after the meeting", in_days(retention.packs_days_after_meeting)),
        ("Meeting packs can be read, after the meeting", in_days(retention.packs_readable_days_after_meeting)),
        ("Access audit, after the case is gone", in_years(retention.access_audit_years_after_case)),
        ("Access audit, at least", in_years(retention.access_audit_least_years)),
    )


def small_numbers_parts(numbers: SmallNumbers) -> tuple[Part, ...]:
    """Say which counts are hidden."""
    return _parts(
        ("Counts that are hidden", f"{numbers.mask_from} to {numbers.mask_to}"), ("Shown instead", numbers.mark)
    )


_IN_PARTS: Mapping[ReviewSetting, Callable[[Content], tuple[Part, ...]]] = {
    ReviewSetting.INCLUSION: lambda content: inclusion_parts(read_inclusion(content)),
    ReviewSetting.FACTORS: lambda content: factors_parts(read_factors(content)),
    ReviewSetting.CONFIDENTIALITY_STATEMENT: lambda content: statement_parts(read_statement(content)),
    ReviewSetting.RETENTION: lambda content: retention_parts(read_retention(content)),
    ReviewSetting.SMALL_NUMBERS: lambda content: small_numbers_parts(read_small_numbers(content)),
}
EDITABLE = tuple(_IN_PARTS)
"""The settings that have a page of their own."""


def setting_parts(setting: ReviewSetting, content: Content) -> tuple[Part, ...]:
    """Say what a setting says. Raises ValueError when the content is malformed, KeyError for one without a page."""
    return _IN_PARTS[setting](content)


def return_parts(form: ReturnForm) -> tuple[Part, ...]:
    """Say what the agency return asks, question by question."""
    return tuple(
        Part(key=question.key, label=f"{block.words}, {number}", words=question_in_words(question))
        for block in form.blocks
        for number, question in enumerate(block.questions, start=1)
    )


def question_in_words(question: ReturnQuestion) -> str:
    """Say one question with what belongs to it."""
    marks = [
        f"hint: {question.hint}" if question.hint else "",
        "must be answered" if question.required else "",
        "switched off" if not question.active else "",
    ]
    added = "; ".join(mark for mark in marks if mark)
    return f"{question.words} ({added})" if added else question.words


def duration_in_words(unit: ClockUnit, amount: int, mode: CountingMode) -> str:
    """Say how long a clock in days runs, with its weeks where it is whole weeks of the calendar."""
    if unit is not ClockUnit.DAYS:
        raise ValueError("this clock does not count days")
    if mode is not CountingMode.ELAPSED:
        return f"{amount} working {_plural('day', amount)}"
    weeks = f" ({in_weeks(amount // 7)})" if amount and amount % 7 == 0 else ""
    return f"{in_days(amount)}{weeks}"


def in_days(number: int) -> str:
    """Say a number of days."""
    return f"{number} {_plural('day', number)}"


def in_weeks(number: int) -> str:
    """Say a number of weeks."""
    return f"{number} {_plural('week', number)}"


def in_years(number: int) -> str:
    """Say a number of years."""
    return f"{number} {_plural('year', number)}"


def _plural(word: str, number: int) -> str:
    return word if number == 1 else f"{word}s"

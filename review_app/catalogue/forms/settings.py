"""The forms of the settings that have a page of their own, one for each kind of content.

A form is filled from the content in force and hands back whole content: what it does not ask stays as it is.
"""

from collections.abc import Mapping
from typing import ClassVar

from review_app.catalogue.commands import SaveSetting, SetClock
from review_app.catalogue.rules import ClockKey, Content
from review_app.catalogue.rules.in_words import AREA_WORDS, LIMB_C_WORDS
from review_app.catalogue.rules.review import (
    ReviewSetting,
    read_factors,
    read_inclusion,
    read_retention,
    read_small_numbers,
    read_statement,
)
from review_app.forms import (
    BaseForm,
    DateField,
    IntegerField,
    RadioField,
    Required,
    TextAreaField,
    TextField,
    VersionField,
    choice,
)

WHY = "Why are you changing this? (optional)"
WHY_HINT = "Kept in the history, where everybody who keeps these settings can read it. Name nobody."


class SettingForm(BaseForm):
    """What the form of every setting has."""

    setting: ClassVar[ReviewSetting]
    reason = TextField(WHY, max_length=300, hint=WHY_HINT)
    version = VersionField()

    @staticmethod
    def filled(content: Content) -> Mapping[str, object]:
        """Give the values of the fields that the content in force says."""
        raise NotImplementedError

    def answers(self) -> Mapping[str, object]:
        """Give the parts of the content that the form asks."""
        raise NotImplementedError

    def to_command(self, content: Content) -> SaveSetting:
        """Hand on the content, changed where the form asks for it."""
        return SaveSetting(
            setting=self.setting,
            base_id=self.version.data or 0,
            content={**content, **self.answers()},
            reason=self.reason.data,
        )


class InclusionForm(SettingForm):
    """Which deaths are in scope."""

    setting = ReviewSetting.INCLUSION
    start_date = DateField(
        "First day", [Required("Enter the first day")], hint="Deaths on or after this day are in scope, like 1 1 2024."
    )
    adult_age = IntegerField("Age from which a person is an adult", [Required("Enter the age")], least=16, most=25)
    area_test = RadioField(
        "Which place decides whether a death belongs to our area?",
        [Required("Select which place decides")],
        choices=[choice(test.value, words) for test, words in AREA_WORDS.items()],
        hint="The other two are recorded as well.",
    )
    limb_c_join = RadioField(
        "How is limb C read?",
        [Required("Select how limb C is read")],
        choices=[choice(join.value, words) for join, words in LIMB_C_WORDS.items()],
        hint="Whether suicide is in scope when only one of the two was a significant factor in the person’s life.",
    )
    limb_a = TextAreaField("Words of limb A", [Required("Enter the words of limb A")], max_length=600, rows=3)
    limb_b = TextAreaField("Words of limb B", [Required("Enter the words of limb B")], max_length=600, rows=3)
    limb_c = TextAreaField("Words of limb C", [Required("Enter the words of limb C")], max_length=600, rows=3)

    @staticmethod
    def filled(content: Content) -> Mapping[str, object]:
        """Fill the form."""
        return vars(read_inclusion(content))

    def answers(self) -> Mapping[str, object]:
        """Give every part of the content."""
        day = self.start_date.data
        return {
            "start_date": day.isoformat() if day else "",
            "adult_age": self.adult_age.data,
            "area_test": self.area_test.data,
            "limb_c_join": self.limb_c_join.data,
            "limb_a": self.limb_a.data,
            "limb_b": self.limb_b.data,
            "limb_c": self.limb_c.data,
        }


def _words(letter: str) -> TextField:
    return TextField(f"Name of domain {letter}", [Required(f"Enter the name of domain {letter}")], max_length=120)


def _examples(letter: str) -> TextAreaField:
    return TextAreaField(f"Examples of domain {letter}", max_length=600, rows=4, hint="One on each line.")


class FactorsForm(SettingForm):
    """What the five domains of factors are called, and examples of what belongs to each."""

    setting = ReviewSetting.FACTORS
    words_a, examples_a = _words("A"), _examples("A")
    words_b, examples_b = _words("B"), _examples("B")
    words_c, examples_c = _words("C"), _examples("C")
    words_d, examples_d = _words("D"), _examples("D")
    words_e, examples_e = _words("E"), _examples("E")

    @staticmethod
    def filled(content: Content) -> Mapping[str, object]:
        """Fill the form."""
        values: dict[str, object] = {}
        for domain in read_factors(content).domains:
            values[f"words_{domain.key.lower()}"] = domain.words
            values[f"examples_{domain.key.lower()}"] = "\n".join(domain.examples)
        return values

    def answers(self) -> Mapping[str, object]:
        """Give the domains; the scales are not asked."""
        return {
            "domains": [
                {
                    "key": letter.upper(),
                    "words": self[f"words_{letter}"].data,
                    "examples": lines(self[f"examples_{letter}"].data),
                }
                for letter in "abcde"
            ]
        }


def lines(text: str) -> list[str]:
    """Give the lines that say something, each once."""
    return list(dict.fromkeys(line.strip() for line in text.split("\n") if line.strip()))


class StatementForm(SettingForm):
    """What everybody at a meeting accepts."""

    setting = ReviewSetting.CONFIDENTIALITY_STATEMENT
    title = TextField("Title", [Required("Enter the title")], max_length=120)
    body = TextAreaField(
        "Statement", [Required("Enter the statement")], max_length=8000, rows=18, hint="An empty line parts paragraphs."
    )

    @staticmethod
    def filled(content: Content) -> Mapping[str, object]:
        """Fill the form."""
        return vars(read_statement(content))

    def answers(self) -> Mapping[str, object]:
        """Give the title and the text."""
        return {"title": self.title.data, "body": self.body.data}


def _period(label: str, *, least: int = 1, most: int = 99, hint: str = "") -> IntegerField:
    return IntegerField(label, [Required("Enter a whole number")], least=least, most=most, hint=hint, width="3")


class RetentionForm(SettingForm):
    """For how long records are kept."""

    setting = ReviewSetting.RETENTION
    case_years_after_death = _period("Years after the death that a case is kept")
    case_years_after_closure = _period(
        "Years after its closure that a case is kept", hint="A case is kept until the later of the two."
    )
    returns_years_after_sign_off = _period("Years after sign-off that agencies’ returns are kept")
    packs_days_after_meeting = _period("Days after a meeting that its packs are kept", most=3650)
    packs_readable_days_after_meeting = _period("Days after a meeting that its packs can still be opened", most=90)
    access_audit_years_after_case = _period("Years after a case is gone that the record of who read it is kept")
    access_audit_least_years = _period("Years that the record of who read what is kept at least")

    @staticmethod
    def filled(content: Content) -> Mapping[str, object]:
        """Fill the form."""
        return vars(read_retention(content))

    def answers(self) -> Mapping[str, object]:
        """Give the periods."""
        return {name: self[name].data for name in _PERIODS}


_PERIODS = (
    "case_years_after_death",
    "case_years_after_closure",
    "returns_years_after_sign_off",
    "packs_days_after_meeting",
    "packs_readable_days_after_meeting",
    "access_audit_years_after_case",
    "access_audit_least_years",
)


class SmallNumbersForm(SettingForm):
    """Up to which count numbers of people are hidden."""

    setting = ReviewSetting.SMALL_NUMBERS
    mask_to = IntegerField(
        "Hide counts of people from 1 up to",
        [Required("Enter the largest count that is hidden")],
        least=1,
        most=20,
        hint="4 is usual. A larger number hides more.",
        width="3",
    )

    @staticmethod
    def filled(content: Content) -> Mapping[str, object]:
        """Fill the form."""
        return vars(read_small_numbers(content))

    def answers(self) -> Mapping[str, object]:
        """Give the largest count that is hidden."""
        return {"mask_to": self.mask_to.data}


SETTING_FORMS: Mapping[ReviewSetting, type[SettingForm]] = {
    form.setting: form for form in (InclusionForm, FactorsForm, StatementForm, RetentionForm, SmallNumbersForm)
}


class ClockForm(BaseForm):
    """How long a clock of the review runs."""

    days = IntegerField("How many days?", [Required("Enter the number of days")], least=1, most=1000, width="4")
    reason = TextField(WHY, max_length=300, hint=WHY_HINT)
    version = VersionField()

    def to_command(self, key: ClockKey) -> SetClock:
        """Hand on the number of days."""
        return SetClock(key=key, base_id=self.version.data or 0, days=self.days.data or 0, reason=self.reason.data)

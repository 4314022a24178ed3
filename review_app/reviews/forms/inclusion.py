"""The wizard of inclusion: the facts that the rules weigh, and what a person decides on them."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence

from wtforms import Field, ValidationError

from review_app.catalogue.rules.review import AreaTest
from review_app.forms import (
    BaseForm,
    HiddenTextField,
    IntegerField,
    RadioField,
    Required,
    SubmitField,
    TextAreaField,
    TextField,
    TickField,
    choices,
)
from review_app.fuzzy import in_words
from review_app.reviews.commands.inclusion import ClassifyAgain, DecideInclusion, ReconsiderCase
from review_app.reviews.forms.fields import RoughDateField
from review_app.reviews.rules.inclusion import Answer, Asked, Basis, InclusionFacts, InvolvedSubstance, OpenQuestion
from review_app.reviews.rules.notified import MOST_SUBSTANCES
from review_app.reviews.rules.states import CaseState
from review_app.reviews.rules.weighing import ACTION_OF, ANSWERS, NEEDS_REASON, write_facts

SAID = choices(Answer, "known_answer")
FIELDS_OF: dict[Asked, tuple[str, ...]] = {
    Asked.START_DATE: ("died", "after_start"),
    Asked.ADULT: ("age", "adult"),
    Asked.DRUG_CAUSE: ("drug_poisoning", "drug_use", "drug_dependence"),
    Asked.SUBSTANCES: ("substances",),
    Asked.ALCOHOL_CAUSE: ("alcohol_directly_related",),
    Asked.SUICIDE: ("suicide",),
    Asked.SUICIDE_FACTORS: ("alcohol_significant", "drugs_significant"),
}
"""Which fields of the page answer what the rules ask. For one place, or one substance, it is that one's own."""
ORDER = (
    "died", "after_start", "age", "adult", "residence_in_area", "death_in_area", "service_in_area", "drug_poisoning",
    "drug_use", "drug_dependence", "substances", "alcohol_directly_related", "suicide", "alcohol_significant",
    "drugs_significant",
)  # fmt: skip


def said(words: str) -> RadioField:
    """Ask what a person knows: yes, no, or that they cannot say."""
    return RadioField(words, choices=SAID, coerce=Answer, inline=True)


class FactsForm(BaseForm):
    """What the rules weigh. `seen` stands for the facts whose answer was read."""

    settings_id = HiddenTextField(max_length=12)
    seen = HiddenTextField(max_length=64)
    basis = RadioField(
        "Is the cause suspected or confirmed?", choices=choices(Basis, "basis"), coerce=Basis, default=Basis.SUSPECTED
    )
    died = RoughDateField("When did the person die?", hint="A day, a month, about a day, or not known.", width="20")
    after_start = said("Was that on or after the start date of the review?")
    age = IntegerField("How old were they?", most=120, width="3", hint="Leave it empty if it is not known.")
    adult = said("Were they an adult?")
    residence_in_area = said("Did they usually live in our area?")
    death_in_area = said("Did they die in our area?")
    service_in_area = said("Did they use services in our area?")
    drug_poisoning = said("Is the cause drug poisoning?")
    drug_use = said("Is the cause drug use?")
    drug_dependence = said("Is the cause drug dependence?")
    substance_1 = TextField("First substance", max_length=120)
    substance_2 = TextField("Second substance", max_length=120)
    substance_3 = TextField("Third substance", max_length=120)
    substance_4 = TextField("Fourth substance", max_length=120)
    substance_5 = TextField("Fifth substance", max_length=120)
    substance_6 = TextField("Sixth substance", max_length=120)
    controlled_1 = said("Was the first substance controlled on the date of death?")
    controlled_2 = said("Was the second substance controlled on the date of death?")
    controlled_3 = said("Was the third substance controlled on the date of death?")
    controlled_4 = said("Was the fourth substance controlled on the date of death?")
    controlled_5 = said("Was the fifth substance controlled on the date of death?")
    controlled_6 = said("Was the sixth substance controlled on the date of death?")
    substance_not_known = TickField("It is not known yet which substances were used")
    alcohol_directly_related = said("Is alcohol use directly related to the cause?")
    suicide = said("Is this a suicide, by any means?")
    alcohol_significant = said("Was alcohol use a significant factor in the person’s life?")
    drugs_significant = said("Was drug use a significant factor in the person’s life?")
    outcome = RadioField("What do you decide?", choices=choices(ACTION_OF, "case"), coerce=CaseState)
    reason = TextAreaField(
        "Why?", hint="Needed unless the case is selected. Name nobody here.", max_length=2000, rows=3
    )

    def show(self, facts: InclusionFacts) -> None:
        """Fill in what is known, for a page that is opened."""
        self.basis.data, self.age.data, self.died.data = facts.basis, facts.age, in_words(facts.died)
        for name in ANSWERS:
            self[name].data = getattr(facts, name)
        for number, each in enumerate(facts.substances[:MOST_SUBSTANCES], start=1):
            self[f"substance_{number}"].data, self[f"controlled_{number}"].data = each.name, each.controlled
        self.substance_not_known.data = facts.substance_not_known

    def facts(self) -> InclusionFacts:
        """Give what was typed. The list of substances is looked into elsewhere."""
        return InclusionFacts(
            died=self.died.value,
            basis=self.basis.data or Basis.SUSPECTED,
            age=self.age.data,
            **{name: self[name].data or Answer.NOT_KNOWN for name in ANSWERS},
            substances=tuple(
                InvolvedSubstance(name=name, controlled=self[f"controlled_{number}"].data)
                for number in range(1, MOST_SUBSTANCES + 1)
                if (name := self[f"substance_{number}"].data)
            ),
            substance_not_known=bool(self.substance_not_known.data),
        )

    def asked(self, questions: Iterable[OpenQuestion], place: AreaTest) -> dict[str, tuple[str, ...]]:
        """Give what a person has to answer, with the fields of this page that answer it."""
        return {each.words: self._fields_for(each, place) for each in questions}

    def _fields_for(self, question: OpenQuestion, place: AreaTest) -> tuple[str, ...]:
        match question.asked:
            case Asked.CONTROLLED:
                places = range(1, MOST_SUBSTANCES + 1)
                return tuple(f"controlled_{n}" for n in places if self[f"substance_{n}"].data == question.substance)
            case Asked.AREA:
                return (f"{place}_in_area",)
        return FIELDS_OF[question.asked]

    def leave_open(self, asked: Mapping[str, Sequence[str]]) -> None:
        """Select no answer to what is asked and nobody has said yet, for a page that is opened."""
        for name in {name for names in asked.values() for name in names} & {*ANSWERS}:
            if self[name].data is Answer.NOT_KNOWN:
                self[name].data = None

    def other(self, asked: Mapping[str, Sequence[str]]) -> list[str]:
        """Give the fields that nothing is asked about, so that they can be put right too."""
        shown = {name for names in asked.values() for name in names}
        answered = [f"controlled_{n}" for n in range(1, MOST_SUBSTANCES + 1) if self[f"controlled_{n}"].data]
        return [name for name in (*ORDER, *answered) if name not in shown]

    @property
    def readable(self) -> bool:
        """Say whether the answers have the shape in which the rules can weigh them."""
        return not any(self[name].errors for name in ("died", "age", "basis", *ANSWERS))

    def validate_settings_id(self, field: Field) -> None:
        """Refuse a form that came without the settings that were read."""
        if not re.fullmatch(r"[0-9]{1,9}", field.data):
            raise ValidationError("This page was not complete. Open it again; nothing was changed.")

    def reads(self, facts: InclusionFacts, settings_id: int) -> None:
        """Note which facts and settings the answer on the page is about."""
        self.seen.data, self.settings_id.data = digest_of(facts, settings_id), str(settings_id)

    def has_read(self) -> bool:
        """Say whether the answer that was read is about what is typed now."""
        return bool(self.seen.data == digest_of(self.facts(), int(self.settings_id.data)))


def digest_of(facts: InclusionFacts, settings_id: int) -> str:
    """Give a mark of facts and settings that changes when any of them does, and tells nothing."""
    return hashlib.sha256(json.dumps([write_facts(facts), settings_id], sort_keys=True).encode()).hexdigest()


class DecideForm(FactsForm):
    """The wizard, ending in a decision."""

    save = SubmitField("Save decision")

    def validate(self, extra_validators: object = None) -> bool:
        """When the decision is to be saved: it was made on what the page says, and has its reason."""
        sound = super().validate(extra_validators)
        return sound and (not self.save.data or self._decides())

    def _decides(self) -> bool:
        if not self.has_read():
            self.refuse("The answers have changed. Read below what the rules say now, then save your decision.")
        elif self.outcome.data is None:
            self.add_error("outcome", "Select what you decide")
        elif self.outcome.data in NEEDS_REASON and not self.reason.data:
            self.add_error("reason", "Enter why: out of scope and not selected need a reason")
        return not self.errors

    def to_command(self, reference: str) -> DecideInclusion:
        """Hand on the decision."""
        return DecideInclusion(
            reference=reference,
            facts=self.facts(),
            settings_id=int(self.settings_id.data),
            outcome=self.outcome.data,
            reason=self.reason.data,
        )


class ClassifyForm(FactsForm):
    """The wizard for a case under review, which goes on whatever the rules say."""

    save = SubmitField("Keep this classification")

    def validate(self, extra_validators: object = None) -> bool:
        """When it is to be kept: the answer of the rules was read."""
        sound = super().validate(extra_validators)
        if sound and self.save.data and not self.has_read():
            self.refuse("The answers have changed. Read below what the rules say now, then keep it.")
        return sound and not self.errors

    def to_command(self, reference: str) -> ClassifyAgain:
        """Hand on the facts."""
        return ClassifyAgain(reference=reference, facts=self.facts(), settings_id=int(self.settings_id.data))


class ReconsiderForm(BaseForm):
    """Why a case is taken up again."""

    reason = TextAreaField(
        "What is new?",
        [Required("Enter what is new")],
        hint="For example toxicology, the conclusion of an inquest, or another notification. Name nobody here.",
        max_length=2000,
        rows=3,
    )

    def to_command(self, reference: str) -> ReconsiderCase:
        """Hand on the reason."""
        return ReconsiderCase(reference=reference, reason=self.reason.data)

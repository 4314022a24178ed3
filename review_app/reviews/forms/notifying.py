"""What a notifier fills in: what is known of a death on one page, and who the person was on another."""

import re
from collections.abc import Sequence
from datetime import date

from wtforms import Field, ValidationError

from review_app.crypto import new_token
from review_app.forms import (
    BaseForm,
    CheckboxesField,
    DateField,
    HiddenTextField,
    IntegerField,
    RadioField,
    Required,
    SelectChoice,
    SelectField,
    TextAreaField,
    TextField,
    TickField,
    VersionField,
    choices,
)
from review_app.fuzzy import FuzzyDate, in_words
from review_app.identifying import IdentifierHint, identifying_hints, is_nhs_number
from review_app.reviews.commands.notifying import (
    AttachNotification,
    SaveIdentity,
    SaveKnown,
    SettleNotification,
    SettleRisk,
    StartCase,
)
from review_app.reviews.forms.fields import RoughDateField
from review_app.reviews.rules.inclusion import Answer
from review_app.reviews.rules.notified import (
    MOST_SOURCES,
    MOST_SUBSTANCES,
    Identity,
    Known,
    OtherReview,
    Place,
    RiskKind,
    Source,
    Suspected,
    Where,
)

TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
POSTCODE = re.compile(r"[A-Z]{1,2}[0-9][A-Z0-9]? ?[0-9][ABD-HJLNP-UW-Z]{2}")
ROUGH = "For example 5 March 2026, about 5 March 2026, March 2026, or not known."
YES_NO = choices(Answer, "known_answer")
NO_AGENCY = "None: I learned of it myself"


class KnownForm(BaseForm):
    """What is known, in the order of its page. Nobody is named there."""

    form_token = HiddenTextField(max_length=43)
    signal = HiddenTextField(max_length=30)
    agency = SelectField("Which agency are you notifying for?", coerce=int, blank="")
    risk = RadioField(
        "May anyone living be at immediate risk now?", [Required("Select whether anyone may be at risk now")],
        choices=YES_NO, coerce=Answer,
        hint="For example children, people who depended on them, people who used with them or have the same drugs.",
    )  # fmt: skip
    risk_kinds = CheckboxesField("If so, who?", choices=choices(RiskKind, "risk_kind"), coerce=RiskKind)
    risk_words = TextAreaField("What is known about the risk, and what has been done?", max_length=1000, rows=3)
    source_1 = SelectField("Who told you?", [Required("Select who told you")])
    told_1 = DateField("On which day did they tell you?", hint="Leave it empty if you do not know.")
    source_2 = SelectField("Who else told you?", blank="Nobody else")
    told_2 = DateField("On which day did the second one tell you?")
    source_3 = SelectField("And who else?", blank="Nobody else")
    told_3 = DateField("On which day did the third one tell you?")
    died = RoughDateField(
        "When did the person die?", [Required("Enter when the person died, or “not known”")], hint=ROUGH, width="20"
    )
    last_alive = RoughDateField("When were they last known to be alive?", hint=ROUGH, width="20")
    place_kind = SelectField("In what kind of place did they die?", blank="Not known")
    residence = RadioField(
        "Did they usually live in our area?", [Required("Select whether they usually lived in our area")],
        choices=YES_NO, coerce=Answer, inline=True,
    )  # fmt: skip
    residence_locality = SelectField("Where in our area did they live?", coerce=int, blank="Not known")
    death = RadioField(
        "Did they die in our area?", [Required("Select whether they died in our area")],
        choices=YES_NO, coerce=Answer, inline=True,
    )  # fmt: skip
    death_locality = SelectField("Where in our area did they die?", coerce=int, blank="Not known")
    service = RadioField(
        "Did they use services in our area?", [Required("Select whether they used services in our area")],
        choices=YES_NO, coerce=Answer, inline=True,
    )  # fmt: skip
    service_locality = SelectField("Where in our area were those services?", coerce=int, blank="Not known")
    age = IntegerField("How old were they?", most=120, width="3", hint="Leave it empty if you do not know.")
    adult = RadioField(
        "If you do not know their age: were they 18 or over?", choices=YES_NO, coerce=Answer, inline=True
    )
    suspected = CheckboxesField(
        "What is suspected to have caused the death?",
        [Required("Select what is suspected, or “Not known yet”")],
        choices=choices(Suspected, "suspected"),
        coerce=Suspected,
        hint="A suspicion is enough. Nobody has to wait for a post-mortem or an inquest.",
    )
    substance_1 = TextField("First substance", max_length=120)
    substance_2 = TextField("Second substance", max_length=120)
    substance_3 = TextField("Third substance", max_length=120)
    substance_4 = TextField("Fourth substance", max_length=120)
    substance_5 = TextField("Fifth substance", max_length=120)
    substance_6 = TextField("Sixth substance", max_length=120)
    substance_not_known = TickField("It is not known yet which substances were used")
    other_reviews = CheckboxesField(
        "Is another review of this death needed, or running?",
        choices=choices(OtherReview, "other_review"),
        coerce=OtherReview,
    )
    other_reviews_words = TextField("Who leads it, and its reference", max_length=300)
    story = TextAreaField(
        "What happened?",
        hint="In your own words. Name nobody here: who the person was is asked on a page of its own.",
        max_length=6000,
        rows=6,
    )

    def offer(
        self,
        *,
        agencies: Sequence[tuple[int, str]],
        localities: Sequence[tuple[int, str]],
        sources: Sequence[tuple[str, str]],
        place_kinds: Sequence[tuple[str, str]],
    ) -> None:
        """Give the lists from which answers are chosen. One agency is no choice."""
        self.agency.choices = [SelectChoice(str(number), name) for number, name in agencies]
        if len(agencies) < 2:
            del self.agency
        for number in range(1, MOST_SOURCES + 1):
            self[f"source_{number}"].choices = [SelectChoice(key, words) for key, words in sources]
        self.place_kind.choices = [SelectChoice(key, words) for key, words in place_kinds]
        for place in Place:
            self[f"{place}_locality"].choices = [SelectChoice(str(number), name) for number, name in localities]

    def begin(self, signal: str) -> None:
        """Give a new form its one-time number, and the Signal it began at."""
        if not self.is_submitted():
            self.form_token.data, self.signal.data = new_token(), signal

    def validate_form_token(self, field: Field) -> None:
        """Refuse a number that this page did not give."""
        if not TOKEN.fullmatch(field.data):
            raise ValidationError("This page was not complete. Open it again; nothing was changed.")

    def hints(self) -> list[IdentifierHint]:
        """Give what in the words looks as if it could identify somebody."""
        return hints_in(self.known())

    def show(self, known: Known) -> None:
        """Fill in what was kept in a draft, for a page that is opened."""
        for number, source in enumerate(known.sources[:MOST_SOURCES], start=1):
            self[f"source_{number}"].data = source.kind
            self[f"told_{number}"].show(source.told_on)
        for place in Place:
            self[place.value].data = known.where(place).in_area
            self[f"{place}_locality"].data = known.where(place).locality_id
        for number, name in enumerate(known.substances[:MOST_SUBSTANCES], start=1):
            self[f"substance_{number}"].data = name
        self.died.data, self.last_alive.data = _written(known.died), _written(known.last_alive)
        for name in (
            "place_kind", "age", "adult", "suspected", "substance_not_known", "other_reviews", "other_reviews_words",
            "risk", "risk_kinds", "risk_words", "story",
        ):  # fmt: skip
            self[name].data = getattr(known, name) or (None if name in ("place_kind", "age") else self[name].data)
        if "agency" in self:
            self.agency.data = known.agency_id

    def known(self, agency_id: int | None = None) -> Known:
        """Give what was typed."""
        sources = [(self[f"source_{n}"].data, self[f"told_{n}"].data) for n in range(1, MOST_SOURCES + 1)]
        substances = [self[f"substance_{n}"].data for n in range(1, MOST_SUBSTANCES + 1)]
        return Known(
            sources=tuple(Source(kind=kind, told_on=day) for kind, day in sources if kind),
            died=self.died.value,
            last_alive=self.last_alive.value,
            place_kind=self.place_kind.data or "",
            places={place: self._where(place) for place in Place},
            age=self.age.data,
            adult=self.adult.data or Answer.NOT_KNOWN,
            suspected=tuple(self.suspected.data or ()),
            substances=tuple(dict.fromkeys(name for name in substances if name)),
            substance_not_known=bool(self.substance_not_known.data),
            other_reviews=tuple(self.other_reviews.data or ()),
            other_reviews_words=self.other_reviews_words.data,
            risk=self.risk.data or Answer.NOT_KNOWN,
            risk_kinds=tuple(self.risk_kinds.data or ()),
            risk_words=self.risk_words.data,
            story=self.story.data,
            agency_id=self.agency.data if "agency" in self else agency_id,
        )

    def _where(self, place: Place) -> Where:
        in_area = self[place.value].data or Answer.NOT_KNOWN
        locality = self[f"{place}_locality"].data if in_area is Answer.YES else None
        return Where(in_area=in_area, locality_id=locality)

    def to_command(self, agency_id: int | None, form_token: str = "") -> SaveKnown:
        """Hand on what was typed, under the number of its draft."""
        token = form_token or self.form_token.data
        return SaveKnown(form_token=token, known=self.known(agency_id), signal=self.signal.data)


def hints_in(known: Known) -> list[IdentifierHint]:
    """Give what in a notifier's words looks as if it could identify somebody."""
    written = (known.story, known.risk_words, known.other_reviews_words, *known.substances)
    return [hint for text in written for hint in identifying_hints(text)]


def _written(value: FuzzyDate) -> str:
    return in_words(value)


class IdentityForm(BaseForm):
    """Who the person was. Every part may be left empty."""

    forename = TextField("First name", max_length=120, width="two-thirds", autocomplete="off")
    surname = TextField("Last name", max_length=120, width="two-thirds", autocomplete="off")
    other_names = TextField("Other names they were known by", max_length=200, width="two-thirds", autocomplete="off")
    nhs_number = TextField("NHS number", max_length=20, width="10", hint="Ten figures, such as 999 000 0018",
                           autocomplete="off", input_mode="numeric")  # fmt: skip
    born = DateField("Date of birth")
    address = TextAreaField("Last address", max_length=300, rows=3)
    postcode = TextField("Postcode of that address", max_length=10, width="10", autocomplete="off")

    def validate_nhs_number(self, field: Field) -> None:
        """Refuse a number whose last figure does not fit the others; keep only the figures."""
        figures = re.sub(r"[ -]", "", field.data)
        if figures and not (figures.isdecimal() and is_nhs_number(figures)):
            raise ValidationError("Check the NHS number: it has ten figures, and the last one must fit the others")
        field.data = figures

    def validate_postcode(self, field: Field) -> None:
        """Refuse what is no postcode; write it in capitals."""
        written = " ".join(field.data.upper().split())
        if written and not POSTCODE.fullmatch(written):
            raise ValidationError("Enter a full UK postcode, like PL1 2AA, or leave it empty")
        field.data = written

    def show(self, identity: Identity) -> None:
        """Fill in what was kept in a draft, for a page that is opened."""
        for name in ("forename", "surname", "other_names", "nhs_number", "address", "postcode"):
            self[name].data = getattr(identity, name)
        self.born.show(identity.born)

    def identity(self) -> Identity:
        """Give what was typed."""
        born: date | None = self.born.data
        return Identity(
            forename=self.forename.data,
            surname=self.surname.data,
            other_names=self.other_names.data,
            nhs_number=self.nhs_number.data,
            born=born,
            address=self.address.data,
            postcode=self.postcode.data,
        )

    def to_command(self, form_token: str) -> SaveIdentity:
        """Hand on what was typed."""
        return SaveIdentity(form_token=form_token, identity=self.identity())


class SendForm(BaseForm):
    """The press that sends a draft, or throws it away."""


class AttachForm(BaseForm):
    """To which case a notification belongs."""

    case = HiddenTextField(max_length=30)
    version = VersionField()

    def to_command(self, reference: str) -> AttachNotification:
        """Hand on the choice."""
        return AttachNotification(reference=reference, case=self.case.data, version=self.version.data or 0)


class StartCaseForm(BaseForm):
    """That a notification starts a case."""

    version = VersionField()

    def to_command(self, reference: str) -> StartCase:
        """Hand on the choice."""
        return StartCase(reference=reference, version=self.version.data or 0)


class WithdrawForm(BaseForm):
    """Why a notification is withdrawn."""

    reason = TextAreaField(
        "Why are you withdrawing it?", [Required("Enter why you are withdrawing it")], hint="Name nobody here.",
        max_length=1000, rows=3,
    )  # fmt: skip

    def to_command(self, reference: str) -> SettleNotification:
        """Hand on the reason."""
        return SettleNotification(reference=reference, reason=self.reason.data)


class ExcludeForm(BaseForm):
    """Why a notification is nothing for the review."""

    reason = TextAreaField(
        "Why is it not for the review?", [Required("Enter why it is not for the review")], hint="Name nobody here.",
        max_length=1000, rows=3,
    )  # fmt: skip

    def to_command(self, reference: str) -> SettleNotification:
        """Hand on the reason."""
        return SettleNotification(reference=reference, reason=self.reason.data)


class RiskForm(BaseForm):
    """What was done for somebody who may be at risk."""

    note = TextAreaField(
        "What has been done?", [Required("Enter what has been done")],
        hint="For example a safeguarding referral, a call to the children’s team, a report of the drug. Name nobody.",
        max_length=1000, rows=3,
    )  # fmt: skip

    def to_command(self, reference: str) -> SettleRisk:
        """Hand on what was done."""
        return SettleRisk(reference=reference, note=self.note.data)

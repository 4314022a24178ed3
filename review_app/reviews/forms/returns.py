"""The agency's forms: its return as the form's version asks it, the events it tells, sending and declining."""

from collections.abc import Mapping, Sequence

from wtforms.validators import Regexp

from review_app.catalogue.rules.agency_return import AnswerKind, ReturnBlock, ReturnQuestion, ReturnSection
from review_app.forms import (
    BaseForm,
    FilterForm,
    HiddenTextField,
    RadioField,
    Required,
    SelectField,
    TextAreaField,
    TextField,
    TickField,
    VersionField,
    choice,
    choices,
)
from review_app.reviews.commands.requests import DeclineRequest, SaveDraft, SaveEntry, SendReturn
from review_app.reviews.forms.fields import PastedField, RoughDateField
from review_app.reviews.rules.chronology import Certainty
from review_app.reviews.rules.requests import Answer, ReturnEntry
from review_app.reviews.rules.states import RequestState, ReturnKind

LONGEST = 10_000
SHOWN = (
    RequestState.SENT,
    RequestState.OPENED,
    RequestState.RETURNED,
    RequestState.DECLINED,
    RequestState.WAIVED,
)
SAID = "q_"
ADD, SEND, CHANGE = "add", "send", "change-"


class RequestFilterForm(FilterForm):
    """Narrow the list of requests."""

    state = SelectField("State", choices=choices(SHOWN, "request"), coerce=RequestState, blank="Any state")
    late = TickField("Late only")


class ReturnForm(BaseForm):
    """The answers of a return. `go` is where its writer goes next, once the draft is saved."""

    saved = VersionField()
    go = TextField("Next", max_length=60)
    keys: Sequence[str] = ()
    differences: tuple[tuple[str, str, str], ...] = ()

    def answers(self) -> dict[str, Answer]:
        """Give what was answered, by question."""
        return {key: self[SAID + key].data for key in self.keys if self[SAID + key].data}

    def to_command(self, reference: str) -> SaveDraft:
        """Hand on the answers."""
        return SaveDraft(reference=reference, saved=self.saved.data or 0, answers=self.answers())


def return_form(blocks: Sequence[ReturnBlock], saved: int, answers: Mapping[str, Answer]) -> ReturnForm:
    """Make the form that asks these blocks, filled in with what was saved."""
    questions = [question for block in blocks for question in block.asked()]
    fields = {SAID + question.key: answer_field(question) for question in questions}
    attributes = {**fields, "keys": tuple(question.key for question in questions)}
    kept = {SAID + key: value for key, value in answers.items()}
    form: ReturnForm = type("ReturnForm", (ReturnForm,), attributes)(saved=saved, **kept)
    return form


def answer_field(
    question: ReturnQuestion,
) -> TextAreaField | TextField | RadioField | TickField:
    """Make the field of one question. Nothing is required before the return is sent."""
    match question.kind:
        case AnswerKind.TEXT:
            return PastedField(question.words, hint=question.hint, max_length=LONGEST, rows=4)
        case AnswerKind.SHORT_TEXT:
            return TextField(question.words, hint=question.hint, max_length=300)
        case AnswerKind.FUZZY_DATE:
            return RoughDateField(question.words, hint=question.hint, max_length=80, width="20")
        case AnswerKind.TICK:
            return TickField(question.words, hint=question.hint)
        case AnswerKind.CHOICE | AnswerKind.YES_NO_UNABLE:
            listed = [choice(each.key, each.words, each.hint) for each in question.options]
            return RadioField(question.words, hint=question.hint, choices=listed, small=True)


class EventForm(BaseForm):
    """One event for the chronology."""

    happened = RoughDateField(
        "When did it happen?",
        [Required("Enter when it happened, or “not known”")],
        hint="For example 5 March 2026, about 5 March 2026, March 2026, between 5 March 2026 and 9 March 2026, since"
        " 5 March 2026, or not known.",
        max_length=80,
        width="20",
    )
    kind = SelectField("What kind of event was it?", [Required("Select what kind of event it was")])
    what = PastedField(
        "What happened?",
        [Required("Enter what happened")],
        hint="Say what was done and by which role. Please write “the person”, not their name.",
        max_length=4000,
    )
    significance = PastedField("Why does it matter? (optional)", max_length=1000, rows=2)
    certainty = RadioField(
        "How sure is this?",
        [Required("Select how sure this is")],
        choices=choices(Certainty, "entry_certainty"),
        coerce=Certainty,
        small=True,
    )
    section = RadioField(
        "Is it police or safeguarding information?",
        [Required("Select whether it is police or safeguarding information")],
        choices=choices(ReturnSection, "return_section"),
        coerce=ReturnSection,
        small=True,
    )
    third_party = RadioField(
        "Does it say anything about a living person other than staff doing their work?",
        [Required("Select whether it says anything about a living person")],
        choices=[choice("yes", "Yes"), choice("no", "No")],
        hint="For example a partner, a child or a friend. It is then left out of what the panel reads.",
        small=True,
    )
    differences: tuple[tuple[str, str, str], ...] = ()

    def offer(self, kinds: Mapping[str, str]) -> None:
        """Offer the kinds of event that are in use."""
        self.kind.choices = [choice(key, words) for key, words in kinds.items()]


class ReturnEventForm(EventForm):
    """One event as an agency tells it. Its key is made with the page, so that a double press adds it once."""

    key = HiddenTextField("Key", [Regexp(r"[0-9a-f]{16}\Z")], max_length=16)
    saved = VersionField()

    def to_command(self, reference: str) -> SaveEntry:
        """Hand on the event."""
        entry = ReturnEntry(
            key=self.key.data,
            happened=self.happened.data,
            kind=self.kind.data,
            what=self.what.data,
            significance=self.significance.data,
            certainty=self.certainty.data,
            section=self.section.data,
            third_party=self.third_party.data == "yes",
            saved=self.saved.data or 0,
        )
        return SaveEntry(reference=reference, entry=entry)


def change_event_form(entry: ReturnEntry) -> ReturnEventForm:
    """Make the form of an event that is in the return, filled in with what it says."""
    return ReturnEventForm(
        key=entry.key,
        saved=entry.saved,
        happened=entry.happened,
        kind=entry.kind,
        what=entry.what,
        significance=entry.significance,
        certainty=entry.certainty.value,
        section=entry.section.value,
        third_party="yes" if entry.third_party else "no",
    )


class NothingHeldForm(BaseForm):
    """One press, with its token."""


class SendForm(BaseForm):
    """Whether the return that was checked is complete or partial."""

    kind = RadioField(
        "Is this return complete?",
        [Required("Select whether this return is complete")],
        choices=[
            choice(ReturnKind.COMPLETE.value, "Yes, it is complete"),
            choice(ReturnKind.PARTIAL.value, "No, it is a part of what there may be"),
        ],
        coerce=ReturnKind,
    )
    reason = PastedField("What is missing, and why?", hint="Needed if it is a part.", max_length=2000, rows=3)
    number = VersionField()
    checked = HiddenTextField("Checked", max_length=64)

    def to_command(self, reference: str) -> SendReturn:
        """Hand on what was checked."""
        return SendReturn(
            reference=reference,
            kind=self.kind.data,
            number=self.number.data or 0,
            checked=self.checked.data,
            reason=self.reason.data,
        )


class DeclineForm(BaseForm):
    """Why an agency declines."""

    reason = PastedField("Why does your agency decline?", [Required("Enter why your agency declines")], max_length=2000)

    def to_command(self, reference: str) -> DeclineRequest:
        """Hand on the reason."""
        return DeclineRequest(reference=reference, reason=self.reason.data)

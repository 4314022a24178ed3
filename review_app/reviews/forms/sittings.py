"""The forms of sittings: their plan, declarations, the agenda, attendance, minutes."""

from collections.abc import Mapping, Sequence

from wtforms import Field, ValidationError

from review_app.errors import Stale
from review_app.forms import (
    BaseForm,
    CheckboxesField,
    FilterForm,
    LondonTimeField,
    RadioField,
    Required,
    SelectField,
    TextAreaField,
    TextField,
    VersionField,
    choice,
    choices,
)
from review_app.panel.commands import ChangeMeeting, MeetingPlan, PlanMeeting
from review_app.panel.rules.meetings import MeetingState, Presence
from review_app.reviews.commands.meetings import (
    AgendaItem,
    CancelMeeting,
    CorrectDeclaration,
    DeclareInterest,
    MinuteMeeting,
    RecordAttendance,
)
from review_app.reviews.rules.states import ConflictKind
from review_app.wording import word

CONFLICT_CHOICES = (
    (ConflictKind.NONE, "I have nothing to do with this case", "I did not know the person, and I gain or lose nothing"),
    (ConflictKind.INVOLVED_IN_CARE, "I was involved in their care or support",
     "You can still give facts for your agency. You do not see the pack or decide about the case."),
    (ConflictKind.LINE_MANAGES, "I manage somebody who was involved",
     "You can still give facts for your agency. You do not see the pack or decide about the case."),
    (ConflictKind.FAMILY_OR_FRIEND, "I was family, a friend or otherwise close to them",
     "We are sorry. The case will no longer be shown to you anywhere."),
    (ConflictKind.COMMERCIAL, "I stand to gain or lose money by what is found",
     "The case will no longer be shown to you anywhere."),
    (ConflictKind.MEDIA, "I have spoken or written about it in public",
     "The case will no longer be shown to you anywhere."),
)  # fmt: skip


class MeetingFilterForm(FilterForm):
    """Narrow the list of sittings."""

    state = SelectField("State", choices=choices(MeetingState, "meeting"), coerce=MeetingState, blank="Any state")


class MeetingForm(BaseForm):
    """When and where a sitting is, who is asked to it, and who keeps its record."""

    starts_at = LondonTimeField("When does it begin?", [Required("Enter the date and time at which it begins")])
    place = TextField(
        "Where?", [Required("Enter where it takes place")], hint="A room, or “Online”. Write no link with a password."
    )
    people = CheckboxesField(
        "Who is invited?",
        [Required("Select who is invited")],
        hint="Everybody on this list has to declare before a case can be listed.",
    )
    scribe = SelectField(
        "Who writes down what is learned?",
        coerce=int,
        blank="The coordinator",
        hint="A member named here can record factors and learning, and who came.",
    )

    def offer(self, people: Sequence[tuple[int, str, str]]) -> None:
        """Offer people as (number, name, hint)."""
        self.people.choices = [choice(str(number), name, hint) for number, name, hint in people]
        self.scribe.choices = [choice(str(number), name) for number, name, _hint in people]

    def validate_scribe(self, field: Field) -> None:
        """The scribe is somebody who is asked."""
        if field.data is not None and str(field.data) not in (self.people.data or []):
            raise ValidationError("Select a scribe who is invited, or invite them")

    def plan(self) -> MeetingPlan:
        """Give the plan that was filled in."""
        assert self.starts_at.data is not None
        return MeetingPlan(
            starts_at=self.starts_at.data,
            place=self.place.data,
            user_ids=tuple(int(each) for each in self.people.data or ()),
            scribe_id=self.scribe.data,
        )

    def to_command(self) -> PlanMeeting:
        """Hand on the plan."""
        return PlanMeeting(plan=self.plan())


class ChangeMeetingForm(MeetingForm):
    """Another plan for a sitting, with the version that was read."""

    version = VersionField()
    differences: tuple[tuple[str, str, str], ...] = ()

    def to_change(self, reference: str) -> ChangeMeeting:
        """Hand on the plan."""
        return ChangeMeeting(reference=reference, plan=self.plan(), version=self.version.data or 0)

    def show_stale(self, stale: Stale, version: int) -> None:
        """Say that somebody else was first and what differs, and go on from the version there is now."""
        self.refuse(stale.message)
        self.version.data, self.version.raw_data = version, None
        self.differences = stale.differences


class AgendaForm(BaseForm):
    """Which case goes on the agenda."""

    case = RadioField("Which case?", [Required("Select a case")])

    def to_command(self, meeting: str) -> AgendaItem:
        """Hand on the case."""
        return AgendaItem(meeting=meeting, reference=self.case.data or "")


class DeclareForm(BaseForm):
    """What one has to do with a case."""

    kind = RadioField(
        "What have you to do with this case?",
        [Required("Select what you have to do with this case")],
        choices=[choice(kind.value, text, hint) for kind, text, hint in CONFLICT_CHOICES],
        coerce=ConflictKind,
    )
    words = TextAreaField(
        "If you have an interest, what is it?",
        hint="One sentence is enough. Only the coordinator and those who chair the case can read it.",
        max_length=1000,
        rows=3,
    )

    def validate_words(self, field: Field) -> None:
        """A conflict is told in a few words."""
        if self.kind.data not in (None, ConflictKind.NONE) and not field.data:
            raise ValidationError("Enter in a few words what the interest is")

    def to_command(self, reference: str, meeting: str = "") -> DeclareInterest:
        """Hand on the declaration."""
        return DeclareInterest(reference=reference, kind=self.kind.data, words=self.words.data, meeting=meeting)


class CorrectForm(BaseForm):
    """What somebody's declaration should say, and why it is put right for them."""

    kind = RadioField(
        "What should the declaration say?",
        [Required("Select what the declaration should say")],
        choices=choices(ConflictKind, "conflict"),
        coerce=ConflictKind,
    )
    reason = TextAreaField(
        "Why do you put it right for them?", [Required("Enter why you put it right for them")], max_length=1000, rows=3
    )

    def to_command(self, reference: str, user_id: int) -> CorrectDeclaration:
        """Hand on the correction."""
        return CorrectDeclaration(reference=reference, user_id=user_id, kind=self.kind.data, reason=self.reason.data)


class AttendanceForm(BaseForm):
    """Whether each person on the list came. `attendance_form` gives it a question for each."""

    numbers: tuple[int, ...] = ()

    @property
    def questions(self) -> list[Field]:
        """Give one question for each person, in the order of the list."""
        return [self._fields[f"person_{number}"] for number in self.numbers]

    def to_command(self, meeting: str) -> RecordAttendance:
        """Hand on who came and who sent apologies."""
        said = {number: self._fields[f"person_{number}"].data for number in self.numbers}
        return RecordAttendance(
            meeting=meeting,
            attended=frozenset(number for number, presence in said.items() if presence is Presence.ATTENDED),
            apologies=frozenset(number for number, presence in said.items() if presence is Presence.APOLOGIES),
        )


def attendance_form(people: Sequence[tuple[int, str, Presence]]) -> AttendanceForm:
    """Make the form that asks for each of these people (number, name, what is known) whether they came."""
    options = [choice(each.value, word(each.value, "presence").text) for each in Presence]
    fields = {
        f"person_{number}": RadioField(name, choices=options, coerce=Presence, inline=True, small=True, default=known)
        for number, name, known in people
    }
    numbers = tuple(number for number, _name, _known in people)
    form: AttendanceForm = type("AttendanceForm", (AttendanceForm,), {**fields, "numbers": numbers})()
    return form


class MinuteForm(BaseForm):
    """What was decided about each case. `minute_form` gives it a question for each."""

    references: tuple[str, ...] = ()

    @property
    def questions(self) -> list[Field]:
        """Give one question for each case, in the order of the agenda."""
        return [self._fields[f"case_{place}"] for place in range(len(self.references))]

    def to_command(self, meeting: str) -> MinuteMeeting:
        """Hand on the decisions."""
        said: Mapping[str, str] = {
            reference: self._fields[f"case_{place}"].data for place, reference in enumerate(self.references)
        }
        return MinuteMeeting(meeting=meeting, decisions=said)


def minute_form(references: Sequence[str]) -> MinuteForm:
    """Make the form that asks what was decided about each of these cases."""
    fields = {
        f"case_{place}": TextAreaField(
            f"What was decided about {reference}?",
            [Required(f"Enter what was decided about {reference}")],
            max_length=2000,
            rows=3,
        )
        for place, reference in enumerate(references)
    }
    form: MinuteForm = type("MinuteForm", (MinuteForm,), {**fields, "references": tuple(references)})()
    return form


class CancelMeetingForm(BaseForm):
    """Why a sitting is cancelled."""

    reason = TextAreaField(
        "Why is this meeting cancelled?",
        [Required("Enter why this meeting is cancelled")],
        hint="Everybody who was invited can read this. Write nothing about a case.",
        max_length=500,
        rows=3,
    )

    def to_command(self, meeting: str) -> CancelMeeting:
        """Hand on the reason."""
        return CancelMeeting(meeting=meeting, reason=self.reason.data)

"""The coordinator's forms for the chronology of a case."""

from collections.abc import Mapping

from review_app.forms import BaseForm, FilterForm, Required, SelectField, TextAreaField, VersionField, choice
from review_app.fuzzy import in_words
from review_app.reviews.commands.chronology import AddEvent, CorrectEvent, EventDetails, RemoveEvent
from review_app.reviews.forms.returns import EventForm
from review_app.reviews.rules.chronology import Entry


class OwnEventForm(EventForm):
    """An event that the coordinator adds: their own, or one that an agency told them."""

    agency = SelectField(
        "Which agency told you? (optional)", coerce=int, blank="None: it is from the coordinator’s own work"
    )

    def offer_agencies(self, agencies: Mapping[int, str]) -> None:
        """Offer the member agencies."""
        self.agency.choices = [choice(str(number), name) for number, name in agencies.items()]

    def details(self) -> EventDetails:
        """Give what is said of the event."""
        return EventDetails(
            happened=self.happened.value,
            kind=self.kind.data,
            what=self.what.data,
            significance=self.significance.data,
            certainty=self.certainty.data,
            section=self.section.data,
            third_party=self.third_party.data == "yes",
            agency_id=self.agency.data,
        )

    def to_command(self, reference: str) -> AddEvent:
        """Hand on the event."""
        return AddEvent(reference=reference, details=self.details())


class CorrectEventForm(OwnEventForm):
    """A correction, with its reason."""

    reason = TextAreaField("Why is it corrected?", [Required("Enter why it is corrected")], max_length=1000, rows=2)
    version = VersionField()

    def to_correction(self, reference: str, number: int) -> CorrectEvent:
        """Hand on the correction."""
        return CorrectEvent(
            reference=reference,
            number=number,
            version=self.version.data or 0,
            details=self.details(),
            reason=self.reason.data,
        )


def correction_form(entry: Entry, version: int) -> CorrectEventForm:
    """Make the form of a correction, filled in with what the event says."""
    return CorrectEventForm(
        happened=in_words(entry.happened),
        kind=entry.kind,
        what=entry.what,
        significance=entry.significance,
        certainty=entry.certainty.value,
        section=entry.section.value,
        third_party="yes" if entry.third_party else "no",
        agency=entry.agency_id,
        version=version,
    )


class RemoveEventForm(BaseForm):
    """Why an event is taken out."""

    reason = TextAreaField("Why is it taken out?", [Required("Enter why it is taken out")], max_length=1000, rows=3)

    def to_command(self, reference: str, number: int) -> RemoveEvent:
        """Hand on the reason."""
        return RemoveEvent(reference=reference, number=number, reason=self.reason.data)


class ChronologyFilterForm(FilterForm):
    """Narrow the chronology to one source or one kind."""

    source = SelectField("From", coerce=int, blank="Everyone")
    kind = SelectField("Kind", blank="Any kind")

    def offer(self, sources: Mapping[int, str], kinds: Mapping[str, str]) -> None:
        """Offer what is there to be read, then judge what was chosen."""
        self.source.choices = [choice(str(number), name) for number, name in sources.items()]
        self.kind.choices = [choice(key, words) for key, words in kinds.items()]
        self.validate()

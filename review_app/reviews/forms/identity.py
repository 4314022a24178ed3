"""Looking at who the person was, for a purpose; and putting it right without being shown it."""

from review_app.forms import (
    BaseForm,
    CheckboxesField,
    HiddenTextField,
    RadioField,
    Required,
    SelectChoice,
    TextField,
    choices,
)
from review_app.reviews.commands.identity import CorrectIdentity, RevealIdentity
from review_app.reviews.forms.notifying import IdentityForm
from review_app.reviews.rules.identity import LABELS, IdentityPurpose


class RevealForm(BaseForm):
    """What somebody needs an identity for."""

    purpose = RadioField(
        "What do you need it for?",
        [Required("Select what you need it for")],
        choices=choices(IdentityPurpose, "identity_purpose"),
        coerce=IdentityPurpose,
    )
    words = TextField(
        "In a few words", hint="Needed for another purpose. Name nobody: it is kept in the audit.", max_length=200
    )

    def to_command(self, reference: str) -> RevealIdentity:
        """Hand on the purpose."""
        return RevealIdentity(reference=reference, purpose=self.purpose.data, words=self.words.data)


class CorrectForm(IdentityForm):
    """What is to be put right. What is held is not filled in, so that nobody is shown it."""

    taken_out = CheckboxesField("Take out altogether", choices=[SelectChoice(*each) for each in LABELS.items()])
    version = HiddenTextField(max_length=9)

    def carry_on_from(self, version: int) -> None:
        """Go on from what is held now, so that the next press counts."""
        self.version.data = str(version)

    def to_correction(self, reference: str) -> CorrectIdentity:
        """Hand on what was typed."""
        version = int(self.version.data) if self.version.data.isdecimal() else 0
        return CorrectIdentity(
            reference=reference, typed=self.identity(), taken_out=tuple(self.taken_out.data or ()), version=version
        )

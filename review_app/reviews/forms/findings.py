"""The forms of a case's findings: factors, the check of facts, signing, opening again, and flags."""

from review_app.catalogue.rules.review import Factors
from review_app.errors import Stale
from review_app.forms import (
    BaseForm,
    HiddenTextField,
    RadioField,
    Required,
    TextAreaField,
    VersionField,
    choice,
    choices,
)
from review_app.reviews.commands.findings import (
    AddFactor,
    BackTo,
    ChangeFactor,
    DeferCase,
    EndFlag,
    FactorWords,
    RaiseFlag,
    ReopenCase,
    SayNoLearning,
    SignCase,
    SkipAccuracyCheck,
)
from review_app.reviews.rules.findings import NO_FACTORS, ReopenTrigger
from review_app.reviews.rules.states import FlagKind


class FactorForm(BaseForm):
    """One factor: where it belongs, how far it may have contributed, whether it could be changed, and in words."""

    differences: tuple[tuple[str, str, str], ...] = ()

    words = TextAreaField(
        "What is the factor?",
        [Required("Enter what the factor is")],
        hint="One thing, in plain words. Name nobody, and no member of staff.",
        max_length=2000,
        rows=4,
    )
    domain = RadioField("Where does it belong?", [Required("Select where it belongs")])
    influence = RadioField("How far may it have contributed?", [Required("Select how far it may have contributed")])
    modifiable = RadioField("Could it be changed?", [Required("Select whether it could be changed")])

    def offer(self, rules: Factors) -> None:
        """Offer what the settings list. That there are no factors is none, unless this one was recorded so before."""
        self.domain.choices = [
            choice(each.key, f"{each.key} {each.words}", ", ".join(each.examples)) for each in rules.domains
        ]
        self.influence.choices = [
            choice(each.key, each.words, each.hint)
            for each in rules.influence
            if each.key != NO_FACTORS or self.influence.object_data == NO_FACTORS
        ]
        self.modifiable.choices = [choice(each.key, each.words, each.hint) for each in rules.modifiable]

    def factor(self) -> FactorWords:
        """Give what was filled in."""
        return FactorWords(
            domain=self.domain.data or "",
            influence=self.influence.data or "",
            modifiable=self.modifiable.data or "",
            words=self.words.data,
        )

    def to_command(self, reference: str) -> AddFactor:
        """Hand on a new factor."""
        return AddFactor(reference=reference, factor=self.factor())


class ChangeFactorForm(FactorForm):
    """A factor as it should be, with the version that was read."""

    version = VersionField()

    def to_change(self, reference: str, factor_id: int) -> ChangeFactor:
        """Hand on the change."""
        return ChangeFactor(
            reference=reference, factor_id=factor_id, factor=self.factor(), version=self.version.data or 0
        )

    def show_stale(self, stale: Stale, version: int) -> None:
        """Say that somebody else was first and what differs, and go on from the version there is now."""
        self.refuse(stale.message)
        self.version.data, self.version.raw_data = version, None
        self.differences = stale.differences


class DeferForm(BaseForm):
    """Why a case is put off."""

    reason = TextAreaField(
        "Why is this case put off?",
        [Required("Enter why this case is put off")],
        hint="For example, a report is expected, or nobody could chair it.",
        max_length=1000,
        rows=3,
    )

    def to_command(self, reference: str) -> DeferCase:
        """Hand on the reason."""
        return DeferCase(reference=reference, reason=self.reason.data)


class AccuracyForm(BaseForm):
    """Why no agency was asked to check the facts."""

    reason = TextAreaField(
        "Why were agencies not asked to check the facts?",
        [Required("Enter why agencies were not asked")],
        hint="For example, everything in the findings was read out to the agencies that were there.",
        max_length=1000,
        rows=3,
    )

    def to_command(self, reference: str) -> SkipAccuracyCheck:
        """Hand on the reason."""
        return SkipAccuracyCheck(reference=reference, reason=self.reason.data)


class NoLearningForm(BaseForm):
    """Why there is nothing to learn from a case."""

    reason = TextAreaField(
        "Why was no learning identified?",
        hint="Leave this empty to take back that there is none.",
        max_length=2000,
        rows=4,
    )

    def to_command(self, reference: str) -> SayNoLearning:
        """Hand on the reason."""
        return SayNoLearning(reference=reference, reason=self.reason.data)


class SignForm(BaseForm):
    """The signature under exactly what was read."""

    digest = HiddenTextField(max_length=64)

    def to_command(self, reference: str) -> SignCase:
        """Hand on what was read."""
        return SignCase(reference=reference, digest=self.digest.data)


class ReopenForm(BaseForm):
    """What makes it necessary to open a case again, where it goes on, and why."""

    trigger = RadioField(
        "What is new?",
        [Required("Select what is new")],
        choices=choices(ReopenTrigger, "reopen_trigger"),
        coerce=ReopenTrigger,
    )
    back_to = RadioField(
        "Where does it go on?", [Required("Select where it goes on")], choices=choices(BackTo, "back_to"), coerce=BackTo
    )
    reason = TextAreaField(
        "What does it change?", [Required("Enter what the new information changes")], max_length=2000, rows=4
    )

    def to_command(self, reference: str) -> ReopenCase:
        """Hand on trigger, state and reason."""
        return ReopenCase(
            reference=reference, trigger=self.trigger.data, back_to=self.back_to.data, reason=self.reason.data
        )


class RaiseFlagForm(BaseForm):
    """Which hold or warning is put beside a case, and why."""

    kind = RadioField("Which hold or warning?", [Required("Select a hold or warning")], coerce=FlagKind)
    reason = TextAreaField("Why?", [Required("Enter why")], max_length=1000, rows=3)

    def to_command(self, reference: str) -> RaiseFlag:
        """Hand on the flag."""
        return RaiseFlag(reference=reference, kind=self.kind.data, reason=self.reason.data)


class EndFlagForm(BaseForm):
    """Why a hold or warning is taken away."""

    reason = TextAreaField("Why can it be taken away?", [Required("Enter why it can be taken away")], max_length=1000,
                           rows=3)  # fmt: skip

    def to_command(self, reference: str, kind: FlagKind) -> EndFlag:
        """Hand on the reason."""
        return EndFlag(reference=reference, kind=kind, reason=self.reason.data)

"""The forms of corroboration and of the panel. Questions come from the scheme that the view hands over."""

from collections.abc import Mapping

from wtforms import Field, ValidationError

from review_app.catalogue.rules import Scale, Scheme
from review_app.forms import (
    BaseForm,
    CheckboxesField,
    RadioField,
    Required,
    SubmitField,
    TextAreaField,
    TextField,
    TickField,
    choice,
    choices,
)
from review_app.identifying import IdentifierHint, identifying_hints
from review_app.marks import Confidence, Grade, Modifier, ModifierLevel, Severity
from review_app.panel.commands import (
    Answer,
    AskAgencies,
    CancelRound,
    OverturnDecision,
    RatifyDecision,
    RecordDecision,
    RecordDissent,
    RevealGrades,
    SaveGrading,
)
from review_app.panel.rules import (
    EfficacyAnswer,
    Outcome,
    ReplyAnswer,
    SuggestedGrade,
    grade_steps,
    suggest_grade,
)

NEUTRAL = "Have you, or people you work with, seen or heard of this in the last 7 days?\n\n"
WORDS = 2000
ONE_PRESS = (ReplyAnswer.SEEN, ReplyAnswer.NOT_SEEN, ReplyAnswer.CANNOT_SAY)
WITH_WORDS = (ReplyAnswer.SEEN, ReplyAnswer.NOT_SEEN, ReplyAnswer.MORE_TO_SAY)


class AskAgenciesForm(BaseForm):
    """Which agencies, which neutral question, and how fast."""

    agencies = CheckboxesField("Which agencies do you want to ask?", [Required("Select at least one agency")])
    summary = TextAreaField(
        "Your question, in neutral words",
        [Required("Enter the question for the agencies")],
        hint="Say what to look out for. Leave out who reported it, names, and anything that points to one person.",
        max_length=WORDS,
        rows=7,
    )
    checked = TickField("I have checked the question: it points to nobody")
    urgent = TickField("This is urgent", hint="Agencies get 4 hours to answer, at any time of day.")
    hints: tuple[IdentifierHint, ...] = ()

    def validate_summary(self, field: Field) -> None:
        """Hold back a question that asks nothing yet, or that seems to point to a person and was not checked."""
        if str(field.data).strip() == NEUTRAL.strip():
            raise ValidationError("Enter what you are asking about, in neutral words")
        self.hints = tuple(identifying_hints(str(field.data)))
        if self.hints and not self.checked.data:
            found = ", ".join(f"“{hint.text}”" for hint in self.hints)
            raise ValidationError(f"Enter the question without what may identify someone ({found}), or say it is safe")

    def to_command(self, reference: str) -> AskAgencies:
        """Hand on what was chosen."""
        return AskAgencies(
            reference=reference,
            agency_ids=tuple(int(each) for each in self.agencies.data or []),
            summary=self.summary.data or "",
            urgent=bool(self.urgent.data),
        )


class CancelRoundForm(BaseForm):
    """Why a question is taken back."""

    reason = TextAreaField(
        "Why are you cancelling this question?", [Required("Enter why you are cancelling it")], max_length=WORDS, rows=3
    )

    def to_command(self, reference: str, round_id: int) -> CancelRound:
        """Hand on the reason."""
        return CancelRound(reference=reference, round_id=round_id, reason=self.reason.data or "")


class AnswerForm(BaseForm):
    """One press: seen, not seen, or cannot say."""

    answer = RadioField(
        "Your answer", [Required("Select an answer")], choices=choices(ONE_PRESS, "reply"), coerce=ReplyAnswer
    )

    def to_command(self) -> Answer:
        """Hand on the answer."""
        return Answer(answer=self.answer.data)


class MoreForm(BaseForm):
    """An answer with words."""

    answer = RadioField(
        "Have you seen it?",
        [Required("Select an answer")],
        choices=[choice("seen", "Seen"), choice("not_seen", "Not seen"), choice("more_to_say", "Something else")],
        coerce=ReplyAnswer,
        inline=True,
    )
    words = TextAreaField(
        "What do you want to tell us?",
        [Required("Enter what you want to tell us")],
        hint="Do not give anybody’s name, address or date of birth.",
        max_length=WORDS,
    )

    def to_command(self) -> Answer:
        """Hand on the answer and the words."""
        return Answer(answer=self.answer.data, words=self.words.data or "")


class RevealForm(BaseForm):
    """One press, by the ordinary or by the urgent rule."""

    urgent_rule = TickField("By the urgent rule")

    def to_command(self, reference: str) -> RevealGrades:
        """Hand on by which rule."""
        return RevealGrades(reference=reference, urgent_rule=bool(self.urgent_rule.data))


def scale_choices(scale: Scale) -> list[object]:
    """Give the levels of a scale, each with the text that says when it applies."""
    return [choice(level.key, level.words, level.anchor) for level in scale.levels]


def efficacy_fields(scheme: Scheme) -> dict[str, RadioField]:
    """Give one question for each of the scheme's efficacy check, by its key."""
    answers = [choice("yes", "Yes"), choice("no", "No"), choice("unsure", "Unsure")]
    return {
        question.key: RadioField(question.words, choices=answers, coerce=EfficacyAnswer, inline=True, small=True)
        for question in scheme.efficacy
    }


class SchemeForm(BaseForm):
    """What the two forms that ask the scheme's questions share."""

    efficacy_keys: tuple[str, ...] = ()

    @property
    def efficacy_questions(self) -> list[Field]:
        """Give the fields of the efficacy check, in the order of the scheme."""
        return [self._fields[key] for key in self.efficacy_keys]

    def efficacy(self) -> dict[str, EfficacyAnswer]:
        """Give the questions of the efficacy check that were answered."""
        return {key: self._fields[key].data for key in self.efficacy_keys if self._fields[key].data is not None}


class GradingForm(SchemeForm):
    """One member's own grading."""

    severity = RadioField("Severity of harm", [Required("Select how severe the harm is")], coerce=Severity)
    confidence = RadioField("Confidence", [Required("Select how confident you are")], coerce=Confidence)
    relevance = RadioField("Relevance", [Required("Select the local relevance and spread")], coerce=ModifierLevel)
    novelty = RadioField("Novelty", [Required("Select how new or unexpected it is")], coerce=ModifierLevel)
    vulnerability = RadioField(
        "Vulnerability", [Required("Select how exposed vulnerable people are")], coerce=ModifierLevel
    )
    time = RadioField("Time", [Required("Select how time-sensitive it is")], coerce=ModifierLevel)
    reason = TextAreaField(
        "Your reason", hint="A sentence or two that the panel can follow after the reveal.", max_length=4000, rows=4
    )
    preview = SubmitField("Show the suggested grade")

    def validate_reason(self, field: Field) -> None:
        """A reason is needed to save, and not to look at what the answers suggest."""
        if not field.data and not self.preview.data:
            raise ValidationError("Enter the reason for your grading")

    @property
    def modifiers(self) -> Mapping[Modifier, ModifierLevel]:
        """Give the levels of the four modifiers."""
        return {modifier: self._fields[modifier.value].data for modifier in Modifier}

    def suggestion(self, scheme: Scheme) -> tuple[SuggestedGrade, list[str]]:
        """Give what the answers suggest, and how the scheme comes to it."""
        severity, confidence = self.severity.data, self.confidence.data
        steps = grade_steps(scheme, severity, confidence, self.modifiers)
        return suggest_grade(scheme, severity, confidence, self.modifiers), steps

    def to_command(self, reference: str) -> SaveGrading:
        """Hand on the grading."""
        return SaveGrading(
            reference=reference,
            severity=self.severity.data,
            confidence=self.confidence.data,
            modifiers=self.modifiers,
            reason=self.reason.data or "",
            efficacy=self.efficacy(),
        )


def grading_form(scheme: Scheme, values: Mapping[str, object]) -> GradingForm:
    """Make the form that asks this scheme's questions, filled with the member's own earlier answers."""
    fields = efficacy_fields(scheme)
    form: GradingForm = type("GradingForm", (GradingForm,), {**fields, "efficacy_keys": tuple(fields)})(data=values)
    scales = [("severity", scheme.severity), ("confidence", scheme.confidence)]
    scales += [(modifier.value, scale) for modifier, scale in scheme.modifiers.items()]
    for name, scale in scales:
        field = form[name]
        field.label.text, field.choices = scale.words, scale_choices(scale)
    return form


class DecisionForm(SchemeForm):
    """What the chair decides."""

    final_grade = RadioField("Final grade", [Required("Select the final grade")], coerce=Grade)
    grade_reason = TextAreaField("If the final grade differs from the suggested one, why?", max_length=WORDS, rows=3)
    outcome = RadioField("Outcome", [Required("Select the outcome")], coerce=Outcome)
    reason = TextAreaField("Reason for the decision", [Required("Enter the reason for the decision")], max_length=4000)
    audience_reason = TextAreaField(
        "If the check recommends a narrower audience, why is this audience right?", max_length=WORDS, rows=3
    )

    def notes(self) -> dict[str, str]:
        """Give the notes written beside the questions of the efficacy check."""
        notes = {key: self._fields[f"{key}_note"].data for key in self.efficacy_keys}
        return {key: note for key, note in notes.items() if note}

    @property
    def efficacy_pairs(self) -> list[tuple[Field, Field]]:
        """Give each question of the efficacy check with its note."""
        return [(self._fields[key], self._fields[f"{key}_note"]) for key in self.efficacy_keys]

    def to_command(self, reference: str) -> RecordDecision:
        """Hand on the decision."""
        return RecordDecision(
            reference=reference,
            final_grade=self.final_grade.data,
            outcome=self.outcome.data,
            reason=self.reason.data or "",
            grade_reason=self.grade_reason.data or "",
            audience_reason=self.audience_reason.data or "",
            efficacy=self.efficacy(),
            efficacy_notes=self.notes(),
        )


def decision_form(scheme: Scheme) -> DecisionForm:
    """Make the form that offers this scheme's grades and outcomes and asks its efficacy check."""
    fields = efficacy_fields(scheme)
    notes = {f"{key}_note": TextField("Note (optional)", max_length=500) for key in fields}
    attributes = {**fields, **notes, "efficacy_keys": tuple(fields)}
    form: DecisionForm = type("DecisionForm", (DecisionForm,), attributes)()
    form.final_grade.choices = [choice(key, level.words, level.anchor) for key, level in scheme.grades.items()]
    form.outcome.choices = [choice(option.key, option.words, option.hint) for option in scheme.outcomes]
    return form


class DissentForm(BaseForm):
    """Why a member disagrees."""

    reason = TextAreaField("Why do you disagree?", [Required("Enter why you disagree")], max_length=4000)

    def to_command(self, reference: str) -> RecordDissent:
        """Hand on the reason."""
        return RecordDissent(reference=reference, reason=self.reason.data or "")


class RatifyForm(BaseForm):
    """Ratify or overturn an urgent decision."""

    reason = TextAreaField("Reason", hint="Needed if you overturn the decision.", max_length=4000)
    ratify = SubmitField("Ratify")
    overturn = SubmitField("Overturn")

    @property
    def done(self) -> str:
        """Say what was done."""
        if self.overturn.data:
            return "The decision is overturned. The Signal is open again, and alerts about it need your attention."
        return "The decision is ratified."

    def to_command(self, reference: str) -> RatifyDecision | OverturnDecision:
        """Hand on which of the two buttons was pressed."""
        kind = OverturnDecision if self.overturn.data else RatifyDecision
        return kind(reference=reference, reason=self.reason.data or "")

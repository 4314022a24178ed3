"""What versioned content means: readers that turn a stored table into typed rules, and the words on a page."""

from review_app.catalogue.rules.clocks import ClockKey, ClockState, ClockUnit, clock_due, clock_state
from review_app.catalogue.rules.content import (
    Content,
    Option,
    flag,
    items,
    number,
    options,
    rows,
    section,
    text,
    texts,
)
from review_app.catalogue.rules.questions import Form, Question, QuestionType, read_form
from review_app.catalogue.rules.scheme import (
    EfficacyQuestion,
    Floor,
    Level,
    QuorumRule,
    Scale,
    Scheme,
    read_scale,
    read_scheme,
)

__all__ = [
    "ClockKey",
    "ClockState",
    "ClockUnit",
    "Content",
    "EfficacyQuestion",
    "Floor",
    "Form",
    "Level",
    "Option",
    "Question",
    "QuestionType",
    "QuorumRule",
    "Scale",
    "Scheme",
    "clock_due",
    "clock_state",
    "flag",
    "items",
    "number",
    "options",
    "read_form",
    "read_scale",
    "read_scheme",
    "rows",
    "section",
    "text",
    "texts",
]

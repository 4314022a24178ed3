"""Whether a death is in scope, by which limb, and why: pure, in words, and never deciding on a date nobody checked.

`decide` weighs the facts by the settings in force. Each test comes out met, not met or open. Open means that a person
has to answer something first; a test is left open rather than guessed. Source: the limbs of the Plymouth avoidable
death review group, as its annual report 2024/25 gives them; the settings are this service's own.
"""

from review_app.reviews.rules.inclusion.deciding import Inclusion, decide
from review_app.reviews.rules.inclusion.facts import (
    Answer,
    Asked,
    Basis,
    InclusionFacts,
    InclusionOutcome,
    InclusionTest,
    InvolvedSubstance,
    Limb,
    OpenQuestion,
    Verdict,
)

__all__ = [
    "Answer",
    "Asked",
    "Basis",
    "Inclusion",
    "InclusionFacts",
    "InclusionOutcome",
    "InclusionTest",
    "InvolvedSubstance",
    "Limb",
    "OpenQuestion",
    "Verdict",
    "decide",
]

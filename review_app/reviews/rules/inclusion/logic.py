"""Tests that are met, not met or open, joined so that what is open is never guessed."""

from collections.abc import Iterable
from datetime import date

from review_app.fuzzy import FuzzyDate
from review_app.reviews.rules.inclusion.facts import Answer, OpenQuestion, Verdict


def all_of(verdicts: Iterable[Verdict]) -> Verdict:
    """Join tests that must all be met: one that is not met decides, and one that is open leaves it open."""
    found = set(verdicts)
    return next((each for each in (Verdict.NOT_MET, Verdict.OPEN) if each in found), Verdict.MET)


def any_of(verdicts: Iterable[Verdict]) -> Verdict:
    """Join tests of which one is enough: one that is met decides, and one that is open leaves it open."""
    found = set(verdicts)
    return next((each for each in (Verdict.MET, Verdict.OPEN) if each in found), Verdict.NOT_MET)


def verdict_of(answer: Answer) -> Verdict:
    return {Answer.YES: Verdict.MET, Answer.NO: Verdict.NOT_MET, Answer.NOT_KNOWN: Verdict.OPEN}[answer]


def if_open(answer: Answer, questions: tuple[OpenQuestion, ...]) -> tuple[OpenQuestion, ...]:
    return questions if answer is Answer.NOT_KNOWN else ()


def on_or_after(died: FuzzyDate, day: date) -> Verdict:
    """Say whether a rough date is on or after a day: met or not only where every day it can mean agrees."""
    if died.earliest is not None and died.earliest >= day:
        return Verdict.MET
    return Verdict.NOT_MET if died.latest is not None and died.latest < day else Verdict.OPEN

"""The panel's parts of a Signal's page, with the address of the one thing the person can do next."""

from collections.abc import Mapping
from dataclasses import replace

from flask import url_for
from sqlalchemy.orm import Session

from review_app.panel.queries import sections
from review_app.sections import NextAction, Section, SignalPage

# what can be done next: heading, why, words of the button, and the page it leads to (none: the section itself)
NEXT: Mapping[str, tuple[str, str, str, str]] = {
    "ask": (
        "Ask agencies",
        "Find out whether others have seen the same thing. Agencies see only the neutral words you write.",
        "Ask agencies",
        "panel.ask",
    ),
    "close": (
        "Every agency has answered",
        "Read the answers, then close the round. The Signal is then ready for the panel.",
        "Go to the answers",
        "",
    ),
    "open": (
        "Ready for the panel",
        "Open grading, so that each member can grade this Signal alone.",
        "Go to assessments",
        "",
    ),
    "grade": (
        "Your grading is needed",
        "Read the reports and the agencies’ answers, then grade alone. Nobody sees your grading until the reveal.",
        "Grade this Signal",
        "panel.grade",
    ),
    "reveal": (
        "A quorum has graded",
        "The grades can be revealed. After that nobody can change theirs.",
        "Go to assessments",
        "",
    ),
    "decide": (
        "The grades are revealed",
        "Decide on the grade and on what to do.",
        "Record decision",
        "panel.decide",
    ),
    "ratify": (
        "A decision waits to be ratified",
        "It was made under the urgent rule. Ratify or overturn it.",
        "Ratify or overturn",
        "panel.ratify",
    ),
}


def corroboration_section(session: Session, page: SignalPage) -> Section | None:
    """Show the question rounds."""
    return _with_next(sections.corroboration_section(session, page))


def assessments_section(session: Session, page: SignalPage) -> Section | None:
    """Show who has graded, and after the reveal how."""
    return _with_next(sections.assessments_section(session, page))


def decision_section(session: Session, page: SignalPage) -> Section | None:
    """Show the decision."""
    return _with_next(sections.decision_section(session, page))


def _with_next(section: Section | None) -> Section | None:
    if section is None or not section.context.get("next"):
        return section
    title, text, button, endpoint = NEXT[str(section.context["next"])]
    reference = str(section.context["reference"])
    href = url_for(endpoint, reference=reference) if endpoint else f"#{section.key}"
    return replace(section, next_action=NextAction(title=title, text=text, button=button, href=href))

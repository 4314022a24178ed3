"""The panel's lines in the story of a Signal. Before the reveal they say who graded and never how, or how often."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from review_app.accounts.queries import people_names
from review_app.panel.models import Assessment, PanelDecision
from review_app.panel.queries.rounds import RoundView
from review_app.panel.rules import CorroborationState, PanelDecisionState
from review_app.sections import Happening
from review_app.wording import word


def of_rounds(session: Session, views: Sequence[RoundView]) -> list[Happening]:
    """Tell of agencies' answers and how rounds ended, to those who may see the answers."""
    ended = {view.request.closed_by_id for view in views if view.request.closed_by_id is not None}
    names = people_names(session, ended)
    lines = []
    for view in views:
        for ask in view.asks:
            for reply in ask.replies:
                taken_back = " (taken back)" if reply.undone_at is not None else ""
                said = f"{ask.agency.name} answered: {word(reply.answer, 'reply').text.lower()}{taken_back}"
                lines.append(Happening(at=reply.replied_at, what=said))
        if view.request.closed_at is not None:
            how = "cancelled" if view.request.state is CorroborationState.CANCELLED else "closed"
            who = names.get(view.request.closed_by_id or 0, "")
            lines.append(
                Happening(
                    at=view.request.closed_at,
                    what=f"Question round {view.number} was {how}",
                    who=who,
                    note=view.request.closure_note,
                )
            )
    return lines


def of_grading(session: Session, decision: PanelDecision) -> list[Happening]:
    """Tell who first graded when, and of the reveal."""
    first = select(Assessment.user_id, func.min(Assessment.made_at)).where(Assessment.decision_id == decision.id)
    rows = session.execute(first.group_by(Assessment.user_id).order_by(Assessment.user_id)).all()
    names = people_names(session, {user_id for user_id, _at in rows} | {decision.revealed_by_id or 0})
    lines = [Happening(at=at, what="Graded the Signal", who=names.get(user_id, "")) for user_id, at in rows]
    if decision.revealed_at is not None:
        rule = " under the urgent rule" if decision.urgent_rule else ""
        who = names.get(decision.revealed_by_id or 0, "")
        lines.append(Happening(at=decision.revealed_at, what=f"The grades were revealed{rule}", who=who))
    return lines


def of_decisions(session: Session, made: Sequence[PanelDecision]) -> list[Happening]:
    """Tell of dissent, and of ratification."""
    people = {each.user_id for decision in made for each in decision.dissents}
    names = people_names(session, people | {decision.ratified_by_id or 0 for decision in made})
    lines = []
    for decision in made:
        for each in decision.dissents:
            lines.append(Happening(at=each.at, what="Dissent was recorded", who=names.get(each.user_id, "")))
        if decision.ratified_at is not None:
            overturned = decision.state is PanelDecisionState.OVERTURNED
            what = f"The urgent decision was {'overturned' if overturned else 'ratified'}"
            lines.append(Happening(at=decision.ratified_at, what=what, who=names.get(decision.ratified_by_id or 0, "")))
    return lines

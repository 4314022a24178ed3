"""The use cases of the panel."""

from review_app.panel.service.answering import answer_by_link, answer_signed_in, undo_by_link, undo_signed_in
from review_app.panel.service.asking import ask_agencies, cancel_round, chase_rounds, close_round
from review_app.panel.service.deciding import (
    DecisionRefused,
    overturn_decision,
    ratify_decision,
    record_decision,
    record_dissent,
    settle_decision,
)
from review_app.panel.service.grading import open_grading, reveal_grades, save_grading

__all__ = [
    "DecisionRefused",
    "answer_by_link",
    "answer_signed_in",
    "ask_agencies",
    "cancel_round",
    "chase_rounds",
    "close_round",
    "open_grading",
    "overturn_decision",
    "ratify_decision",
    "record_decision",
    "record_dissent",
    "reveal_grades",
    "save_grading",
    "settle_decision",
    "undo_by_link",
    "undo_signed_in",
]

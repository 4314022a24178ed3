"""Doing what a form of the review asks for."""

from collections.abc import Callable

from sqlalchemy.orm import Session

from review_app.errors import RuleBroken
from review_app.forms import BaseForm
from review_app.guards import acting
from review_app.policy import Actor


def done(form: BaseForm, work: Callable[[Session, Actor], object]) -> bool:
    """Do the work when the form was accepted, and say whether it is done; a refusal is shown above the form."""
    if not form.accepted():
        return False
    try:
        with acting() as (session, actor):
            work(session, actor)
    except RuleBroken as refusal:
        form.refuse(refusal.message)
        return False
    return True

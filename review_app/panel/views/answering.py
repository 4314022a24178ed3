"""An agency's answer: by private link, or signed in as its representative. Opening a page never answers."""

from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from review_app.clock import utc_now
from review_app.db import unit_of_work
from review_app.guards import acting, current_actor, public, read, requires
from review_app.panel import queries, service
from review_app.panel.commands import Answer
from review_app.panel.forms import AnswerForm, MoreForm
from review_app.panel.queries.rounds import QuestionView
from review_app.policy import Permission

bp = Blueprint("corroborate", __name__)


@dataclass(frozen=True, kw_only=True)
class Door:
    """By which door the agency came in: with a private link's token, or signed in with the question's reference."""

    token: str = ""
    reference: str = ""

    def to(self, page: str) -> str:
        """Give the address of one of the question's pages."""
        if self.token:
            return url_for(f"corroborate.{page}", token=self.token)
        return url_for(f"corroborate.own_{page}", reference=self.reference)

    def view(self) -> QuestionView:
        """Give the question, to whoever holds its link or answers for its agency."""
        if self.token:
            return queries.question_by_link(read(), self.token, now=utc_now())
        return queries.own_question(read(), current_actor(), self.reference, now=utc_now())

    def answer(self, command: Answer) -> None:
        """Keep an answer."""
        if self.token:
            with unit_of_work() as session:
                service.answer_by_link(session, self.token, command, now=utc_now())
        else:
            with acting() as (session, actor):
                service.answer_signed_in(session, actor, self.reference, command, now=utc_now())

    def undo(self) -> None:
        """Take the latest answer back."""
        if self.token:
            with unit_of_work() as session:
                service.undo_by_link(session, self.token, now=utc_now())
        else:
            with acting() as (session, actor):
                service.undo_signed_in(session, actor, self.reference, now=utc_now())


def _question(door: Door) -> ResponseReturnValue:
    view, form = door.view(), AnswerForm()
    if form.accepted():
        door.answer(form.to_command())
        return redirect(door.to("thanks"))
    return render_template("corroborate/question.html", view=view, form=form, door=door), form.status


def _more(door: Door) -> ResponseReturnValue:
    view = door.view()
    form = MoreForm(answer=view.worded_answer, words=view.words)
    if form.accepted():
        door.answer(form.to_command())
        return redirect(door.to("thanks"))
    return render_template("corroborate/more.html", view=view, form=form, door=door), form.status


def _thanks(door: Door) -> ResponseReturnValue:
    view = door.view()
    if view.reply is None:
        return redirect(door.to("question"))
    return render_template("corroborate/thanks.html", view=view, door=door)


def _undo(door: Door) -> ResponseReturnValue:
    door.undo()
    flash("Your answer was taken back. You can answer again.", "info")
    return redirect(door.to("question"))


@bp.route("/corroborate/<token>", methods=["GET", "POST"])
@public
def question(token: str) -> ResponseReturnValue:
    """Show the neutral question; one press answers it."""
    return _question(Door(token=token))


@bp.route("/corroborate/<token>/more", methods=["GET", "POST"])
@public
def more(token: str) -> ResponseReturnValue:
    """Answer with words."""
    return _more(Door(token=token))


@bp.get("/corroborate/<token>/thanks")
@public
def thanks(token: str) -> ResponseReturnValue:
    """Thank for the answer, and let it be taken back for ten minutes."""
    return _thanks(Door(token=token))


@bp.post("/corroborate/<token>/undo")
@public
def undo(token: str) -> ResponseReturnValue:
    """Take the answer back."""
    return _undo(Door(token=token))


@bp.get("/corroborate")
@requires(Permission.CORROBORATION_SEE_AGENCY)
def index() -> ResponseReturnValue:
    """List the questions put to the person's agency, with its own answers."""
    asked = queries.own_questions(read(), current_actor(), now=utc_now())
    return render_template("corroborate/index.html", asked=asked, now=utc_now())


@bp.route("/corroborate/asked/<reference>", methods=["GET", "POST"])
@requires(Permission.CORROBORATION_ANSWER, record=queries.get_ask)
def own_question(reference: str) -> ResponseReturnValue:
    """Show the neutral question to a representative of the asked agency; one press answers it."""
    return _question(Door(reference=reference))


@bp.route("/corroborate/asked/<reference>/more", methods=["GET", "POST"])
@requires(Permission.CORROBORATION_ANSWER, record=queries.get_ask)
def own_more(reference: str) -> ResponseReturnValue:
    """Answer with words, signed in."""
    return _more(Door(reference=reference))


@bp.get("/corroborate/asked/<reference>/thanks")
@requires(Permission.CORROBORATION_ANSWER, record=queries.get_ask)
def own_thanks(reference: str) -> ResponseReturnValue:
    """Thank for the answer, signed in."""
    return _thanks(Door(reference=reference))


@bp.post("/corroborate/asked/<reference>/undo")
@requires(Permission.CORROBORATION_ANSWER, record=queries.get_ask)
def own_undo(reference: str) -> ResponseReturnValue:
    """Take the answer back, signed in."""
    return _undo(Door(reference=reference))

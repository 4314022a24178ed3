"""A submitter's own report: by the private link, or signed in. Both doors lead to the same pages."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from review_app.accounts.queries import get_partnership
from review_app.clock import utc_now
from review_app.db import unit_of_work
from review_app.errors import NotVisible, RuleBroken, Throttled
from review_app.guards import acting, current_actor, public, read, requires
from review_app.policy import Permission
from review_app.submissions.commands.following import ByAccount, ByLink, Whose
from review_app.submissions.forms.follow import AddForm, AnswerForm, WithdrawForm
from review_app.submissions.queries import own
from review_app.submissions.service import following

bp = Blueprint("follow", __name__)


@dataclass(frozen=True, kw_only=True)
class Door:
    """By which door the submitter came in: whose report it is, and the addresses of its pages."""

    whose: Whose

    def to(self, page: str, number: int | None = None) -> str:
        """Give the address of one of the report's pages; `number` is that of a question."""
        if isinstance(self.whose, ByLink):
            return url_for(f"follow.{page}", token=self.whose.token, number=number)
        return url_for(f"follow.own_{page}", reference=self.whose.reference, number=number)

    @property
    def mine(self) -> str:
        """Give the address of the person's own reports, if they came in by their account."""
        return "" if isinstance(self.whose, ByLink) else url_for("report.mine")


def _by_link(token: str) -> Door:
    return Door(whose=ByLink(token=token))


def _by_account(reference: str) -> Door:
    return Door(whose=ByAccount(actor=current_actor(), reference=reference))


@bp.get("/follow/<token>")
@public
def show(token: str) -> ResponseReturnValue:
    """Show how far the report has got, to whoever holds its private link."""
    return _show(_by_link(token))


@bp.get("/my-reports/<reference>")
@requires(Permission.SUBMISSION_MAKE)
def own_show(reference: str) -> ResponseReturnValue:
    """Show how far the person's own report has got."""
    return _show(_by_account(reference))


@bp.route("/follow/<token>/add", methods=["GET", "POST"])
@public
def add(token: str) -> ResponseReturnValue:
    """Add something to the report, by its private link."""
    return _add(_by_link(token))


@bp.route("/my-reports/<reference>/add", methods=["GET", "POST"])
@requires(Permission.SUBMISSION_MAKE)
def own_add(reference: str) -> ResponseReturnValue:
    """Add something to the person's own report."""
    return _add(_by_account(reference))


@bp.route("/follow/<token>/answer/<int:number>", methods=["GET", "POST"])
@public
def answer(token: str, number: int) -> ResponseReturnValue:
    """Answer a question, by the private link."""
    return _answer(_by_link(token), number)


@bp.route("/my-reports/<reference>/answer/<int:number>", methods=["GET", "POST"])
@requires(Permission.SUBMISSION_MAKE)
def own_answer(reference: str, number: int) -> ResponseReturnValue:
    """Answer a question about the person's own report."""
    return _answer(_by_account(reference), number)


@bp.route("/follow/<token>/withdraw", methods=["GET", "POST"])
@public
def withdraw(token: str) -> ResponseReturnValue:
    """Withdraw the report, by its private link."""
    return _withdraw(_by_link(token))


@bp.route("/my-reports/<reference>/withdraw", methods=["GET", "POST"])
@requires(Permission.SUBMISSION_MAKE)
def own_withdraw(reference: str) -> ResponseReturnValue:
    """Withdraw the person's own report."""
    return _withdraw(_by_account(reference))


def _show(door: Door) -> ResponseReturnValue:
    now = utc_now()
    report = own.own_report(read(), door.whose, now=now)
    place = get_partnership(read(), report.partnership_id)
    return render_template("follow/show.html", report=report, door=door, place=place, now=now)


def _add(door: Door) -> ResponseReturnValue:
    report, form = own.own_report(read(), door.whose, now=utc_now()), AddForm()
    if not report.may_add and not form.is_submitted():
        return redirect(door.to("show"))
    if form.accepted():
        try:
            with _writing(door) as (session, whose):
                following.add_to_report(session, form.to_command(whose, request.remote_addr or ""), now=utc_now())
        except (RuleBroken, Throttled) as refusal:
            form.refuse(refusal.message)
            form.status = 429 if isinstance(refusal, Throttled) else form.status
        else:
            flash("Thank you. What you added is with the coordinator.", "success")
            return redirect(door.to("show"))
    return render_template("follow/add.html", report=report, door=door, form=form), form.status


def _answer(door: Door, number: int) -> ResponseReturnValue:
    report = own.own_report(read(), door.whose, now=utc_now())
    form = AnswerForm()
    asked = next((each for each in report.questions if each.number == number), None)
    if form.accepted():
        with _writing(door) as (session, whose):
            following.answer_question(session, form.to_command(whose, number), now=utc_now())
        flash("Thank you. Your answer is with the coordinator.", "success")
        return redirect(door.to("show"))
    if asked is None:
        raise NotVisible("We cannot find an open question there. You may have answered it already.")
    return render_template("follow/answer.html", report=report, door=door, form=form, asked=asked), form.status


def _withdraw(door: Door) -> ResponseReturnValue:
    report = own.own_report(read(), door.whose, now=utc_now())
    form = WithdrawForm()
    if form.accepted():
        with _writing(door) as (session, whose):
            following.withdraw_report(session, form.to_command(whose), now=utc_now())
        flash("Your report is withdrawn.", "success")
        return redirect(door.to("show"))
    if not report.may_withdraw:
        return redirect(door.to("show"))
    return render_template("follow/withdraw.html", report=report, door=door, form=form), form.status


@contextmanager
def _writing(door: Door) -> Iterator[tuple[Session, Whose]]:
    """Open the unit of work of what the submitter does; who is signed in has their roles read again inside it."""
    match door.whose:
        case ByLink():
            with unit_of_work() as session:
                yield session, door.whose
        case ByAccount():
            with acting() as (session, actor):
                yield session, replace(door.whose, actor=actor)

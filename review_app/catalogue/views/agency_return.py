"""What agencies are asked: change the words of a question, switch it off or on, add one."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from review_app.catalogue import queries, service
from review_app.catalogue.forms.agency_return import QuestionForm, SwitchForm, WordForm
from review_app.catalogue.rules.agency_return import ALWAYS_ASKED, KIND_WORDS, SECTION_WORDS
from review_app.catalogue.views.blueprint import bp
from review_app.clock import utc_now
from review_app.errors import RuleBroken, Stale
from review_app.forms import choice
from review_app.guards import acting, current_actor, read, requires
from review_app.policy import Permission


@bp.get("/reviews/questions")
@requires(Permission.SETTINGS_MANAGE)
def questions() -> ResponseReturnValue:
    """Show every question in its group, those switched off included, and the history."""
    actor = current_actor()
    row, asked = queries.agency_return(read(), actor.partnership_id, now=utc_now())
    history = queries.return_history(read(), actor)
    return render_template("settings/questions/index.html", row=row, asked=asked, history=history)


@bp.route("/reviews/questions/new", methods=["GET", "POST"])
@requires(Permission.SETTINGS_MANAGE)
def add_question() -> ResponseReturnValue:
    """Ask one question more."""
    _row, asked = queries.agency_return(read(), current_actor().partnership_id, now=utc_now())
    form = QuestionForm()
    form.offer(choice(block.key, block.words) for block in asked.blocks)
    if form.accepted() and _added(form):
        flash("The question is added. It is asked in requests that are made from now on.", "success")
        return redirect(url_for("catalogue.questions"))
    return render_template("settings/questions/new.html", form=form), form.status


def _added(form: QuestionForm) -> bool:
    """Add the question, or put the rule that stands in the way beside its words."""
    try:
        with acting() as (session, actor):
            service.add_question(session, actor, form.to_command(), now=utc_now())
    except RuleBroken as refusal:
        form.add_error("words", refusal.message)
        return False
    return True


@bp.route("/reviews/questions/<key>", methods=["GET", "POST"])
@requires(Permission.SETTINGS_MANAGE)
def edit_question(key: str) -> ResponseReturnValue:
    """Change the words of one question."""
    row, question = queries.return_question(read(), current_actor(), key, now=utc_now())
    form = WordForm(obj=question, version=row.id)
    if form.accepted() and _worded(form, key):
        flash("The question is saved. Requests that were made keep its earlier words.", "success")
        return redirect(url_for("catalogue.questions"))
    page = {"kind": KIND_WORDS[question.kind], "section": SECTION_WORDS[question.section]}
    fixed = key in ALWAYS_ASKED
    return render_template(
        "settings/questions/edit.html", form=form, question=question, row=row, fixed=fixed, **page
    ), form.status


def _worded(form: WordForm, key: str) -> bool:
    """Save the words, or put the rule that stands in the way beside its field."""
    try:
        with acting() as (session, actor):
            service.word_question(session, actor, form.to_command(key), now=utc_now())
    except Stale:
        raise
    except RuleBroken as refusal:
        form.add_error("required", refusal.message)
        return False
    return True


@bp.post("/reviews/questions/<key>/off")
@requires(Permission.SETTINGS_MANAGE)
def switch_off(key: str) -> ResponseReturnValue:
    """Stop asking a question."""
    return _switch(key, on=False, done="The question is switched off. What was answered to it is kept.")


@bp.post("/reviews/questions/<key>/on")
@requires(Permission.SETTINGS_MANAGE)
def switch_on(key: str) -> ResponseReturnValue:
    """Ask a question again."""
    return _switch(key, on=True, done="The question is asked again.")


def _switch(key: str, *, on: bool, done: str) -> ResponseReturnValue:
    form = SwitchForm()
    if form.accepted():
        with acting() as (session, actor):
            service.switch_question(session, actor, form.to_command(key, on=on), now=utc_now())
        flash(done, "success")
    return redirect(url_for("catalogue.questions"))

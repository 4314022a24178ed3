"""The library of learning themes: rename, add, retire, put back and merge."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from review_app.catalogue import queries, service
from review_app.catalogue.forms.themes import ThemeForm, ThemeReasonForm
from review_app.catalogue.views.blueprint import bp
from review_app.clock import utc_now
from review_app.errors import RuleBroken, Stale
from review_app.forms import SelectChoice, choice
from review_app.guards import acting, current_actor, read, requires
from review_app.policy import Permission


@bp.get("/reviews/themes")
@requires(Permission.SETTINGS_MANAGE)
def themes() -> ResponseReturnValue:
    """List every theme, those retired and merged included."""
    lines = queries.theme_lines(read(), current_actor(), now=utc_now())
    return render_template("settings/themes/index.html", lines=lines)


@bp.route("/reviews/themes/new", methods=["GET", "POST"])
@requires(Permission.SETTINGS_MANAGE)
def add_theme() -> ResponseReturnValue:
    """Add a theme of the Partnership's own."""
    form = ThemeForm(data={"version": 0})
    form.offer(_domains())
    if form.accepted() and _saved(form, None):
        flash("The theme is in the library.", "success")
        return redirect(url_for("catalogue.themes"))
    return render_template("settings/themes/new.html", form=form), form.status


@bp.route("/reviews/themes/<int:theme_id>", methods=["GET", "POST"])
@requires(Permission.SETTINGS_MANAGE)
def edit_theme(theme_id: int) -> ResponseReturnValue:
    """Rename a theme or move it to another domain, with everything it was before."""
    actor = current_actor()
    theme = queries.get_theme(read(), actor.partnership_id, theme_id, now=utc_now())
    form = ThemeForm(data={"name": theme.name, "domain": theme.domain, "version": theme.version_id})
    form.offer(_domains())
    if form.accepted() and _saved(form, theme_id):
        flash("The theme is saved.", "success")
        return redirect(url_for("catalogue.edit_theme", theme_id=theme_id))
    history = queries.theme_history(read(), actor, theme_id, now=utc_now())
    return render_template("settings/themes/edit.html", form=form, theme=theme, history=history), form.status


def _domains() -> list[SelectChoice]:
    factors = queries.factors(read(), current_actor().partnership_id, now=utc_now())
    return [choice(domain.key, f"{domain.key}: {domain.words}") for domain in factors.domains]


def _saved(form: ThemeForm, theme_id: int | None) -> bool:
    """Save the theme, or put a name that is taken beside its field."""
    try:
        with acting() as (session, actor):
            if theme_id is None:
                service.add_theme(session, actor, form.to_add(), now=utc_now())
            else:
                service.change_theme(session, actor, form.to_change(theme_id), now=utc_now())
    except Stale:
        raise
    except RuleBroken as refusal:
        form.add_error("name", refusal.message)
        return False
    return True


@bp.route("/reviews/themes/<int:theme_id>/retire", methods=["GET", "POST"])
@requires(Permission.SETTINGS_MANAGE)
def retire_theme(theme_id: int) -> ResponseReturnValue:
    """Take a theme out of use, after saying what that does."""
    return _out_of_use(theme_id, retire=True, done="The theme is out of use.")


@bp.route("/reviews/themes/<int:theme_id>/restore", methods=["GET", "POST"])
@requires(Permission.SETTINGS_MANAGE)
def restore_theme(theme_id: int) -> ResponseReturnValue:
    """Put back a theme that was retired or merged, after saying what that does."""
    return _out_of_use(theme_id, retire=False, done="The theme is in use again.")


def _out_of_use(theme_id: int, *, retire: bool, done: str) -> ResponseReturnValue:
    theme = queries.get_theme(read(), current_actor().partnership_id, theme_id, now=utc_now())
    form = ThemeReasonForm(data={"version": theme.version_id})
    if form.accepted():
        with acting() as (session, actor):
            service.retire_theme(session, actor, form.to_retire(theme_id, retire=retire), now=utc_now())
        flash(done, "success")
        return redirect(url_for("catalogue.themes"))
    return render_template("settings/themes/retire.html", form=form, theme=theme, retire=retire), form.status


@bp.get("/reviews/themes/<int:theme_id>/merge")
@requires(Permission.SETTINGS_MANAGE)
def merge_theme(theme_id: int) -> ResponseReturnValue:
    """Ask into which theme one is merged; the next page says what that does."""
    actor = current_actor()
    theme = queries.get_theme(read(), actor.partnership_id, theme_id, now=utc_now())
    others = [each for each in queries.themes(read(), actor.partnership_id, now=utc_now()) if each.id != theme_id]
    return render_template("settings/themes/merge.html", theme=theme, others=others)


@bp.route("/reviews/themes/<int:theme_id>/merge/<int:into_id>", methods=["GET", "POST"])
@requires(Permission.SETTINGS_MANAGE)
def confirm_merge(theme_id: int, into_id: int) -> ResponseReturnValue:
    """Say what a merge does, then do it."""
    partnership_id, now = current_actor().partnership_id, utc_now()
    theme, into = (queries.get_theme(read(), partnership_id, each, now=now) for each in (theme_id, into_id))
    form = ThemeReasonForm(data={"version": theme.version_id})
    if form.accepted():
        with acting() as (session, actor):
            service.merge_theme(session, actor, form.to_merge(theme_id, into_id), now=now)
        flash("The themes are merged.", "success")
        return redirect(url_for("catalogue.themes"))
    return render_template("settings/themes/confirm.html", form=form, theme=theme, into=into), form.status

"""The settings of the review and its clocks: what is in force, since when, by whom, and the form that changes it."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from review_app.catalogue import queries, service
from review_app.catalogue.forms.settings import SETTING_FORMS, ClockForm
from review_app.catalogue.rules import ClockKey
from review_app.catalogue.rules.clocks import REVIEW_CLOCKS
from review_app.catalogue.rules.review import ReviewSetting
from review_app.catalogue.views.blueprint import bp
from review_app.clock import utc_now
from review_app.errors import NotVisible, RuleBroken, Stale
from review_app.guards import acting, current_actor, read, requires
from review_app.policy import Permission


@bp.route("/reviews/<setting>", methods=["GET", "POST"])
@requires(Permission.SETTINGS_MANAGE)
def setting(setting: str) -> ResponseReturnValue:
    """Show what one setting says, and change it."""
    key, actor = _setting_called(setting), current_actor()
    row = queries.current_rule_set(read(), key, now=utc_now(), partnership_id=actor.partnership_id)
    form = SETTING_FORMS[key](data={**SETTING_FORMS[key].filled(row.content), "version": row.id})
    if form.accepted():
        with acting() as (session, actor):
            service.save_setting(session, actor, form.to_command(row.content), now=utc_now())
        flash("The settings are saved. They are in force now.", "success")
        return redirect(url_for("catalogue.setting", setting=setting))
    history = queries.setting_history(read(), actor, key)
    return render_template(f"settings/reviews/{key}.html", form=form, row=row, history=history), form.status


def _setting_called(name: str) -> ReviewSetting:
    """Give the setting that an address names."""
    for key in SETTING_FORMS:
        if key.value.replace("_", "-") == name:
            return key
    raise NotVisible("We cannot find that page.")


@bp.get("/reviews/clocks")
@requires(Permission.SETTINGS_MANAGE)
def clocks() -> ResponseReturnValue:
    """List the clocks of the review."""
    lines = queries.review_clocks(read(), current_actor(), now=utc_now())
    return render_template("settings/reviews/clocks.html", lines=lines)


@bp.route("/reviews/clocks/<key>", methods=["GET", "POST"])
@requires(Permission.SETTINGS_MANAGE)
def edit_clock(key: str) -> ResponseReturnValue:
    """Change how long one clock runs."""
    actor, clock = current_actor(), _clock_called(key)
    rule = queries.current_clock_rule(read(), clock, now=utc_now(), partnership_id=actor.partnership_id)
    form = ClockForm(data={"days": rule.amount, "version": rule.id})
    if form.accepted() and _clock_saved(form, clock):
        flash("The clock is saved. Clocks that run already are not changed.", "success")
        return redirect(url_for("catalogue.clocks"))
    history = queries.clock_history(read(), actor, clock)
    return render_template("settings/reviews/clock.html", form=form, row=rule, history=history), form.status


def _clock_called(key: str) -> ClockKey:
    """Give the clock that an address names."""
    for clock in REVIEW_CLOCKS:
        if clock.value.replace("_", "-") == key:
            return clock
    raise NotVisible("We cannot find that page.")


def _clock_saved(form: ClockForm, clock: ClockKey) -> bool:
    """Save the clock, or put the rule that stands in the way beside its field."""
    try:
        with acting() as (session, actor):
            service.set_clock(session, actor, form.to_command(clock), now=utc_now())
    except Stale:
        raise
    except RuleBroken as refusal:
        form.add_error("days", refusal.message)
        return False
    return True

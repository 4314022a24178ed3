"""Advice blocks: reading them, and a clinician's signature on each."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from review_app.alerts.queries import advice as queries
from review_app.catalogue.commands import SignAdviceBlock
from review_app.catalogue.service import sign_advice_block
from review_app.clock import utc_now
from review_app.guards import acting, current_actor, read, requires
from review_app.policy import Permission, allowed

bp = Blueprint("advice", __name__, url_prefix="/settings/advice")


@bp.get("")
@requires(Permission.ADVICE_SEE)
def index() -> ResponseReturnValue:
    """Every advice block in force, and who has signed it."""
    actor = current_actor()
    return render_template(
        "advice/index.html",
        rows=queries.advice_rows(read(), actor, now=utc_now()),
        signs=allowed(actor, Permission.ADVICE_SIGN),
    )


@bp.post("/<key>/<int:version>/sign")
@requires(Permission.ADVICE_SIGN)
def sign(key: str, version: int) -> ResponseReturnValue:
    """Agree, as a clinician, to one version of a block."""
    with acting() as (session, actor):
        sign_advice_block(session, actor, SignAdviceBlock(key=key, version=version), now=utc_now())
    flash("You have signed this advice. Alerts can hold it now.", "success")
    return redirect(url_for("advice.index"))

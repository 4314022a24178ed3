"""Who the person was: shown for a purpose, once a press; and put right."""

from flask import render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from review_app.clock import utc_now
from review_app.doing import done
from review_app.guards import current_actor, read, requires
from review_app.policy import Actor, Permission
from review_app.reviews import queries
from review_app.reviews.forms.identity import CorrectForm, RevealForm
from review_app.reviews.queries import identity as identities
from review_app.reviews.queries import notifications
from review_app.reviews.service import identity as service
from review_app.reviews.views.blueprint import bp
from review_app.reviews.views.deaths import deciding, to_notification
from review_app.reviews.views.notifying import bp as deaths


@bp.route("/<reference>/identity", methods=["GET", "POST"])
@requires(Permission.IDENTITY_REVEAL, record=queries.get_known_case)
def identity(reference: str) -> ResponseReturnValue:
    """Show who the person was, for a purpose; each showing is recorded."""
    form, shown = RevealForm(), list[service.Shown]()

    def show_once(session: Session, actor: Actor) -> None:
        shown.extend(service.reveal_identity(session, actor, form.to_command(reference), now=utc_now()))

    if done(form, show_once):
        return render_template("reviews/identity_shown.html", reference=reference, shown=shown, case=True)
    case = queries.get_case(read(), current_actor(), reference)
    section = identities.identity_section_of(read(), current_actor(), case.id)
    return render_template("reviews/identity.html", reference=reference, section=section, form=form), form.status


@deaths.route("/<reference>/identity", methods=["GET", "POST"])
@deciding
def waiting_identity(reference: str) -> ResponseReturnValue:
    """Show who a notification in no case says the person was; each showing is recorded."""
    form, shown = RevealForm(), list[service.Shown]()

    def show_once(session: Session, actor: Actor) -> None:
        shown.extend(service.reveal_waiting_identity(session, actor, form.to_command(reference), now=utc_now()))

    if done(form, show_once):
        return render_template("reviews/identity_shown.html", reference=reference, shown=shown, case=False)
    notifications.get_notification(read(), current_actor(), reference)
    return render_template("reviews/identity.html", reference=reference, section=None, form=form), form.status


@deaths.route("/<reference>/identity/correct", methods=["GET", "POST"])
@deciding
def correct_identity(reference: str) -> ResponseReturnValue:
    """Put right or add who the person was, without being shown what is held."""
    form, before = CorrectForm(), _held(reference)
    if not form.is_submitted():
        form.carry_on_from(before.version)
    if done(form, lambda s, a: service.correct_identity(s, a, form.to_correction(reference), now=utc_now())):
        return to_notification(reference, "Who the person was is put right.")
    stale = form.is_submitted() and form.version.data != str(before.version)
    form.carry_on_from(before.version)
    return render_template("reviews/correct_identity.html", form=form, held=before, stale=stale), form.status


def _held(reference: str) -> identities.HeldIdentity:
    notification = notifications.get_notification(read(), current_actor(), reference)
    return identities.held_identity(read(), notification)

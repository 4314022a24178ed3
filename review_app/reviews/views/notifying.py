"""Notifying a death: what is known, who the person was, and one look at both before it goes."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from review_app.accounts.queries import agencies_of, localities_of
from review_app.catalogue.queries import review_options, substance_names
from review_app.catalogue.rules.review import ReviewSetting
from review_app.clock import utc_now
from review_app.counting import asked_page
from review_app.doing import done
from review_app.guards import acting, current_actor, read, requires
from review_app.policy import Actor, Permission, Role
from review_app.reviews.commands.notifying import DiscardDraft, NotifyDeath
from review_app.reviews.forms.notifying import IdentityForm, KnownForm, SendForm, hints_in
from review_app.reviews.queries import notification_page, notifications
from review_app.reviews.queries.known_facts import known_lines
from review_app.reviews.rules.notified import read_identity, read_known
from review_app.reviews.service import notifying

bp = Blueprint("deaths", __name__, url_prefix="/deaths")
notifier = requires(Permission.DEATH_NOTIFY)


@bp.get("")
@notifier
def index() -> ResponseReturnValue:
    """List what the person and their agency notified, and what is not sent yet."""
    page = notification_page.own_page(read(), current_actor(), page=asked_page())
    return render_template("deaths/index.html", page=page, now=utc_now())


@bp.route("/new", methods=["GET", "POST"])
@notifier
def new() -> ResponseReturnValue:
    """Ask what is known, and keep it in a draft."""
    form = _known_form()
    form.begin(request.args.get("signal", "")[:30])
    return _keep_known(form, form.form_token.data)


@bp.route("/new/<token>", methods=["GET", "POST"])
@notifier
def known(token: str) -> ResponseReturnValue:
    """Change what a draft says is known."""
    draft, form = notifications.get_draft(read(), current_actor(), token), _known_form()
    form.form_token.data = token
    if not form.is_submitted():
        form.show(read_known(draft.known))
    return _keep_known(form, token)


@bp.route("/new/<token>/identity", methods=["GET", "POST"])
@notifier
def identity(token: str) -> ResponseReturnValue:
    """Ask who the person was, on a page of its own."""
    draft, form = notifications.get_draft(read(), current_actor(), token), IdentityForm()
    if not form.is_submitted():
        form.show(read_identity(draft.identity))
    if done(form, lambda s, a: notifying.save_identity(s, a, form.to_command(token), now=utc_now())):
        return redirect(url_for("deaths.check", token=token))
    risk = read_known(draft.known).someone_at_risk
    return render_template("deaths/identity.html", form=form, token=token, risk=risk), form.status


@bp.route("/new/<token>/check", methods=["GET", "POST"])
@notifier
def check(token: str) -> ResponseReturnValue:
    """Show everything once more, and send it. A second press finds what the first one sent."""
    form = SendForm()
    if form.accepted():
        with acting() as (session, actor):
            sent = notifying.notify_death(session, actor, NotifyDeath(form_token=token), now=utc_now())
        return redirect(url_for("deaths.sent", reference=sent.reference))
    draft, now = notifications.get_draft(read(), current_actor(), token), utc_now()
    facts = read_known(draft.known)
    lines = known_lines(read(), draft.partnership_id, facts, now=now)
    shown = {"lines": lines, "identity": read_identity(draft.identity), "hints": hints_in(facts), "known": facts}
    return render_template("deaths/check.html", form=form, token=token, **shown), form.status


@bp.post("/new/<token>/discard")
@notifier
def discard(token: str) -> ResponseReturnValue:
    """Throw a draft away."""
    with acting() as (session, actor):
        notifying.discard_draft(session, actor, DiscardDraft(form_token=token), now=utc_now())
    flash("The half-filled notification is thrown away.", "success")
    return redirect(url_for("deaths.index"))


@bp.get("/<reference>/sent")
@requires(Permission.DEATH_NOTIFY, record=notifications.get_known_notification)
def sent(reference: str) -> ResponseReturnValue:
    """Confirm that the notification has come in, and say what happens next."""
    notification = notifications.get_own_notification(read(), current_actor(), reference)
    return render_template("deaths/sent.html", notification=notification, now=utc_now())


def _keep_known(form: KnownForm, token: str) -> ResponseReturnValue:
    agency = _only_agency(current_actor())
    if done(form, lambda s, a: notifying.save_known(s, a, form.to_command(agency, token), now=utc_now())):
        return redirect(url_for("deaths.identity", token=token))
    names, unsent = substance_names(read()), notifications.count_other_drafts(read(), current_actor(), token)
    return render_template("deaths/known.html", form=form, names=names, unsent=unsent), form.status


def _known_form() -> KnownForm:
    session, here = read(), current_actor().partnership_id
    form = KnownForm()
    own = current_actor().agencies(Role.AGENCY_REPRESENTATIVE)
    form.offer(
        agencies=[(each.id, each.name) for each in agencies_of(session, here) if each.id in own],
        localities=[(each.id, each.name) for each in localities_of(session, here)],
        sources=_options(ReviewSetting.NOTIFICATION_SOURCES),
        place_kinds=_options(ReviewSetting.PLACE_KINDS),
    )
    return form


def _options(setting: ReviewSetting) -> list[tuple[str, str]]:
    options = review_options(read(), setting, current_actor().partnership_id, now=utc_now())
    return [(option.key, option.words) for option in options]


def _only_agency(actor: Actor) -> int | None:
    """Give the one agency a person notifies for. Who represents several chooses; coordinators notify for none."""
    own = sorted(actor.agencies(Role.AGENCY_REPRESENTATIVE))
    return own[0] if len(own) == 1 else None

"""Where a demo's sent mail can be read. The page exists in demo mode only; production never shows mail."""

from flask import Blueprint, current_app, redirect, render_template
from flask.typing import ResponseReturnValue

from review_app.demo.forms import MailFilter
from review_app.errors import NotVisible
from review_app.guards import public
from review_app.mail import SentMail, sent_mail

bp = Blueprint("demo", __name__, url_prefix="/demo")


def _mailbox() -> list[SentMail]:
    return sent_mail(current_app.extensions["config"].instance / "mail", limit=300)


@bp.route("/mail", methods=["GET", "POST"])
@public
def mail() -> ResponseReturnValue:
    """List the mail this demo has sent, newest first, to everyone or to one address."""
    form = MailFilter()
    if form.accepted():
        return redirect(form.kept_address())
    shown = [message for message in _mailbox() if form.to.data.lower() in message.to.lower()]
    return render_template("demo/mail.html", messages=shown, form=form), form.status


@bp.get("/mail/<name>")
@public
def message(name: str) -> ResponseReturnValue:
    """Show one message."""
    for found in _mailbox():
        if found.name == name:
            return render_template("demo/message.html", message=found)
    raise NotVisible("We cannot find that message. Older ones are not listed.")

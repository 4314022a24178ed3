"""Where a demo's sent mail can be read. The page exists in demo mode only; production never shows mail."""

from flask import Blueprint, current_app, render_template, request
from flask.typing import ResponseReturnValue

from review_app.errors import NotVisible
from review_app.guards import public
from review_app.mail import SentMail, sent_mail

bp = Blueprint("demo", __name__, url_prefix="/demo")


def _mailbox() -> list[SentMail]:
    return sent_mail(current_app.extensions["config"].instance / "mail", limit=300)


@bp.get("/mail")
@public
def mail() -> ResponseReturnValue:
    """List the mail this demo has sent, newest first, to everyone or to one address."""
    to = request.args.get("to", "").strip().lower()
    shown = [message for message in _mailbox() if not to or to in message.to.lower()]
    return render_template("demo/mail.html", messages=shown, to=to)


@bp.get("/mail/<name>")
@public
def message(name: str) -> ResponseReturnValue:
    """Show one message."""
    for found in _mailbox():
        if found.name == name:
            return render_template("demo/message.html", message=found)
    raise NotVisible("We cannot find that message. Older ones are not listed.")

"""A small application with nothing but the web edge, for tests of what every page shares."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path

from bs4 import Tag
from flask import Flask, flash, redirect, render_template, request, session
from flask.typing import ResponseReturnValue
from jinja2 import ChoiceLoader, FileSystemLoader
from sqlalchemy.orm.exc import StaleDataError

from review_app import pages
from review_app.errors import LinkSpent, MoveRefused, NotAllowed, NotVisible, RuleBroken, Stale, Throttled
from review_app.forms import (
    BaseForm,
    CheckboxesField,
    DateField,
    EmailField,
    FileField,
    FilterForm,
    IntegerField,
    LondonTimeField,
    PasswordField,
    RadioField,
    Required,
    SelectField,
    TelField,
    TextAreaField,
    TextField,
    TickField,
    VersionField,
    choice,
    choices,
)
from review_app.web import init_web
from tests.browser import Browser

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 11, 20, 13, 48, tzinfo=UTC)


class Harm(StrEnum):
    """Invented, for the gallery."""

    SUSPECTED = "suspected"
    CONFIRMED = "confirmed"


class GalleryForm(BaseForm):
    """One of every field."""

    place = TextField("Where did it happen?", [Required("Enter the place")], max_length=40, hint="A town or an area.")
    story = TextAreaField("What happened, in your own words?", [Required("Enter what happened")], count=True)
    harm = RadioField("How sure are you?", [Required("Select how sure you are")], choices=choices(Harm, "certainty"))
    seen = CheckboxesField("What did you see?", choices=[choice("a", "Powder"), choice("b", "Tablets", "Pills too")])
    area = SelectField("Area", [Required("Select the area")], choices=[("n", "Northgate"), ("s", "Southmoor")])
    day = DateField("When did you become aware?", [Required("Enter the date")], hint="For example, 27 3 2026")
    send_at = LondonTimeField("When should it go out?", hint="For example, 27 3 2026 at 18:40")
    number = IntegerField("How many people?", most=500)
    email = EmailField("E-mail address")
    phone = TelField("Phone number")
    password = PasswordField("Password")
    photo = FileField("Photo", accept="image/jpeg,image/png")
    agree = TickField("I have given no names", [Required("Select that you have given no names")])
    version = VersionField()


class OneQuestion(BaseForm):
    """One question a page."""

    place = TextField("Where did it happen?", [Required("Enter the place")], max_length=40)


class GalleryFilters(FilterForm):
    """Filters of a list."""

    state = SelectField("State", choices=[("open", "Open"), ("closed", "Closed")], blank="Any state")
    words = TextField("Words")


@dataclass(frozen=True)
class Event:
    """A line of the gallery's timeline."""

    at: datetime
    what: str
    who: str = ""
    note: str = ""


EVENTS = (
    Event(NOW - timedelta(hours=3), "Report received"),
    Event(NOW - timedelta(hours=2), "Triage started", "Amina Okafor, coordinator"),
    Event(NOW - timedelta(minutes=20), "Linked to a Signal", "Amina Okafor, coordinator", "Same tablets, same street."),
)
REFUSALS: dict[str, Exception] = {
    "not-visible": NotVisible("We cannot find that alert.", reference="WES-A-2026-0001"),
    "not-allowed": NotAllowed("Your role does not let you do this."),
    "rule": RuleBroken("You wrote this version, so someone else must sign it."),
    "move": MoveRefused("You cannot sign now: this is already “sent”."),
    "stale": Stale("Somebody else changed this.", differences=(("Headline", "Blue tablets", "Blue triangle tablets"),)),
    "throttled": Throttled("Too many tries."),
    "link": LinkSpent("This link has been used."),
    "stale-data": StaleDataError("UPDATE statement on table 'alert' expected to update 1 row(s); 0 were matched."),
    "broken": RuntimeError("Jane Secret, 1 Hidden Street"),
}


def one(browser: Browser, selector: str) -> Tag:
    """Give the first element of the open page that a selector names."""
    found = browser.soup.select_one(selector)
    assert found is not None, f"no {selector} on {browser.url}"
    return found


def attribute(browser: Browser, selector: str, name: str) -> str:
    """Give an attribute of the first element of the open page that a selector names."""
    return str(one(browser, selector)[name])


def edge_app(mode: str = "demo") -> Flask:
    """Build the application."""
    app = Flask("edge", static_folder=str(ROOT / "static"), template_folder=str(ROOT / "templates"))
    app.config.update(SECRET_KEY="k" * 40, TESTING=True)
    init_web(app, mode=mode)
    gallery = FileSystemLoader(Path(__file__).parent / "gallery")
    app.jinja_loader = ChoiceLoader([*filter(None, [app.jinja_loader]), gallery])
    app.register_blueprint(pages.bp)
    _context(app)
    _views(app)
    return app


def _context(app: Flask) -> None:
    signed_in = "?signed-in"

    @app.context_processor
    def person() -> dict[str, object]:
        if not request.query_string.startswith(signed_in[1:].encode()):
            return {}
        labels = ("Home", "Reports", "Signals", "Alerts", "Lists", "People")
        return {
            "navigation": lambda: [(label, f"/{label.lower()}", label == "Signals") for label in labels],
            "signed_in_name": lambda: "Amina Okafor",
            "partnership_choices": lambda: [("westhaven", "Westhaven", True), ("eastmoor", "Eastmoor", False)],
        }


def _views(app: Flask) -> None:
    @app.route("/gallery")
    def gallery() -> ResponseReturnValue:
        flash("The grades are revealed.", "success")
        return render_template("gallery.html", now=NOW, events=EVENTS, minutes=lambda n: NOW + timedelta(minutes=n))

    @app.route("/list")
    def listing() -> ResponseReturnValue:
        form = GalleryFilters()
        return render_template("list.html", now=NOW, filters=form, minutes=lambda n: NOW + timedelta(minutes=n))

    @app.route("/form", methods=["GET", "POST"])
    def form() -> ResponseReturnValue:
        form = GalleryForm(version=3)
        if form.accepted():
            session["done"] = {name: str(field.data) for name, field in form._fields.items() if name != "csrf_token"}
            return redirect("/done")
        return render_template("form.html", form=form), form.status

    @app.route("/question", methods=["GET", "POST"])
    def question() -> ResponseReturnValue:
        form = OneQuestion()
        if form.accepted():
            return redirect("/done")
        return render_template("question.html", form=form), form.status

    @app.route("/done")
    def done() -> ResponseReturnValue:
        return render_template("done.html", answers=session.get("done", {}))

    @app.route("/press", methods=["POST"])
    def press() -> ResponseReturnValue:
        session["pressed"] = True
        return redirect("/done")

    @app.route("/pressed")
    def pressed() -> ResponseReturnValue:
        return {"pressed": session.get("pressed", False)}

    @app.route("/refuse/<name>")
    def refuse(name: str) -> ResponseReturnValue:
        raise REFUSALS[name]

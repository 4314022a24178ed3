"""The web edge: what every page and every request share. `init_web` puts it together."""

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from flask import Flask, current_app, request, url_for
from jinja2 import ChainableUndefined, ChoiceLoader, Environment, PackageLoader, PrefixLoader, StrictUndefined
from jinja2.defaults import DEFAULT_NAMESPACE
from markupsafe import Markup

from review_app import error_pages, filters, forgery, forms, security

PRODUCT_NAME = "Drug Alerts and Reviews"
OUR_MACROS = ("page", "states", "lists", "forms", "settings")
GOVUK_COMPONENTS = (
    "accordion",
    "back-link",
    "breadcrumbs",
    "button",
    "character-count",
    "checkboxes",
    "cookie-banner",
    "date-input",
    "details",
    "error-message",
    "error-summary",
    "fieldset",
    "file-upload",
    "generic-header",
    "hint",
    "input",
    "inset-text",
    "label",
    "notification-banner",
    "pagination",
    "panel",
    "password-input",
    "phase-banner",
    "radios",
    "select",
    "service-navigation",
    "skip-link",
    "summary-list",
    "table",
    "tabs",
    "tag",
    "task-list",
    "textarea",
    "warning-text",
)


class Macro:
    """A macro of a template, found when it is first used, so that the start does not compile what no page needs."""

    def __init__(self, environment: Environment, template: str, name: str) -> None:
        self.environment, self.template, self.name = environment, template, name

    def __call__(self, *args: object, **kwargs: object) -> Markup:
        """Call the macro."""
        module = self.environment.get_template(self.template).module
        markup: Markup = getattr(module, self.name)(*args, **kwargs)
        return markup


class Macros:
    """All macros of `templates/macros/` under one name, so that a page needs no imports: `ui.table(...)`."""

    def __init__(self, macros: Mapping[str, Macro]) -> None:
        self._macros = macros

    def __getattr__(self, name: str) -> Macro:
        try:
            return self._macros[name]
        except KeyError:
            raise AttributeError(f"there is no macro “{name}” in templates/macros/") from None


def init_web(app: Flask, *, mode: str = "demo") -> None:
    """Wire templates, forms, errors and headers into the application."""
    app.jinja_loader = ChoiceLoader(
        [
            *filter(None, [app.jinja_loader]),
            PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")}),
        ]
    )
    app.jinja_env.undefined = StrictUndefined
    filters.init_filters(app)
    lenient = app.jinja_env.overlay(undefined=ChainableUndefined)
    lenient.globals = dict(DEFAULT_NAMESPACE)  # the components use no others, and each import compares them all
    app.jinja_env.globals.update(_govuk_macros(lenient))
    app.jinja_env.globals.update(
        ui=_our_macros(app),
        error_summary=Macro(app.jinja_env, "macros/forms.html", "error_summary"),
        form_problems=forms.form_problems,
        asset=asset,
        page_address=page_address,
        product_name=PRODUCT_NAME,
        demo=mode != "production",
        navigation=list,
        partnership_choices=list,
        signed_in_name=str,
    )
    security.init_security(app, production=mode == "production")
    forgery.init_forgery(app, error_pages.token_page)
    error_pages.init_error_pages(app)


def _govuk_macros(environment: Environment) -> dict[str, Macro]:
    """The design system's macros, rendered where a missing parameter is nothing, as they expect."""
    names = {
        f"govuk{component.replace('-', ' ').title().replace(' ', '')}": component for component in GOVUK_COMPONENTS
    }
    return {
        name: Macro(environment, f"govuk_frontend_jinja/components/{component}/macro.html", name)
        for name, component in names.items()
    }


def _our_macros(app: Flask) -> Macros:
    """Our own macros, rendered strictly: a misspelt name is an error, not a gap."""
    macros: dict[str, Macro] = {}
    for file in OUR_MACROS:
        template = f"macros/{file}.html"
        with app.app_context():
            exported = app.jinja_env.get_template(template).make_module({}).__dict__
        names = [name for name, value in exported.items() if type(value).__name__ == "Macro"]
        macros.update({name: Macro(app.jinja_env, template, name) for name in names})
    return Macros(macros)


def asset(path: str) -> str:
    """Give the address of a static file with the hash of its content, so that browsers keep it until it changes."""
    assert current_app.static_folder is not None
    return url_for("static", filename=path, v=_hash(Path(current_app.static_folder) / path))


@cache
def _hash(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()[:12]


def page_address(number: int) -> str:
    """Give the address of another page of the list that is open, keeping its filters."""
    assert request.endpoint is not None
    kept = {name: values for name, values in request.args.lists() if name != "page"}
    return url_for(request.endpoint, **(request.view_args or {}), **kept, page=number)  # type: ignore[arg-type]

"""How a field becomes markup: the fields of WTForms rendered by the design system's own macros.

Built on `govuk-frontend-wtf`, whose mapping of errors and attributes is kept. Its rendering through the strict template
environment, its `required` attribute (our messages say more than the browser's) and its date input are replaced.
"""

from collections.abc import Callable, Iterable

from flask import current_app
from govuk_frontend_wtf.gov_form_base import GovFormBase
from markupsafe import Markup
from wtforms import Field

OPTIONS = frozenset({"autocapitalize", "autocomplete", "classes", "inputmode", "maxlength", "prefix", "rows", "suffix"})


class GovWidget(GovFormBase):  # type: ignore[misc]
    """One control with its label, hint and error.

    Options when rendering or in `render_kw`: `size` of the label (s, m, l, xl or plain), `heading` (the label is the
    page's h1), `hint`, and the design system's own `classes`, `autocomplete`, `inputmode`, `prefix`, `suffix`, `rows`.
    """

    title = "label"

    def __init__(self, macro: str, kind: str = "") -> None:
        self.macro = macro
        self.kind = kind

    def __call__(self, field: Field, **kwargs: object) -> Markup:
        """Give the markup of the field."""
        size, heading = str(kwargs.pop("size", "") or "s"), bool(kwargs.pop("heading", False))
        hint = kwargs.pop("hint", "") or field.description
        options = {name: kwargs.pop(name) for name in sorted(OPTIONS & kwargs.keys())}
        extra = self.extra(field, kwargs)
        kwargs.pop("required", None)
        kwargs["id"] = field.id
        params: dict[str, object] = {**self.map_gov_params(field, **kwargs), **options, **extra}
        params["hint"] = {"text": hint} if hint else None
        classes = f"govuk-{self.title.replace('legend', 'fieldset__legend')}--{size}" if size != "plain" else ""
        title = {"text": field.label.text, "isPageHeading": heading, "classes": classes}
        return self.render(self.entitle(params, title))

    def extra(self, field: Field, kwargs: dict[str, object]) -> dict[str, object]:
        """Give what this kind of control needs besides; take its own options out of `kwargs`."""
        value = field._value() if hasattr(field, "_value") and self.kind not in {"password", "file"} else None
        return {"value": value, **({"type": self.kind} if self.kind else {})}

    def entitle(self, params: dict[str, object], title: dict[str, object]) -> dict[str, object]:
        """Put the title where this kind of control wants it."""
        return {**params, "label": title}

    def render(self, params: dict[str, object]) -> Markup:
        """Render by the design system's macro."""
        macro: Callable[[dict[str, object]], Markup] = current_app.jinja_env.globals[self.macro]  # type: ignore[assignment]
        return macro(params)


class GovGroup(GovWidget):
    """Radios, checkboxes or date parts: a fieldset whose legend is the question."""

    title = "legend"

    def entitle(self, params: dict[str, object], title: dict[str, object]) -> dict[str, object]:
        """The question is the legend of the fieldset."""
        params.pop("label", None)
        return {**params, "fieldset": {"legend": title}}


class GovChoices(GovGroup):
    """Radios or checkboxes. `conditional={value: markup}` shows more questions under one answer."""

    def extra(self, field: Field, kwargs: dict[str, object]) -> dict[str, object]:
        """Give the options, with the hint each may have."""
        conditional = kwargs.pop("conditional", {})
        assert isinstance(conditional, dict)
        sizes = [
            "govuk-{}--small" if kwargs.pop("small", False) else "",
            "govuk-{}--inline" if kwargs.pop("inline", False) else "",
        ]
        kind = "radios" if self.macro == "govukRadios" else "checkboxes"
        items = [_item(option, conditional) for option in field.iter_choices()]  # type: ignore[attr-defined]
        return {"items": items, "idPrefix": field.id, "classes": " ".join(sizes).format(kind, kind).strip()}


class GovSelect(GovWidget):
    """A drop-down list."""

    def extra(self, field: Field, kwargs: dict[str, object]) -> dict[str, object]:
        """Give the options."""
        options = field.iter_choices()  # type: ignore[attr-defined]
        return {"items": [{"text": o.label, "value": str(o.value), "selected": o.selected} for o in options]}


class GovTick(GovWidget):
    """One checkbox that stands for itself."""

    def extra(self, field: Field, kwargs: dict[str, object]) -> dict[str, object]:
        """Give the one box."""
        box = {"text": field.label.text, "value": "y", "checked": bool(field.data)}
        return {"items": [box], "idPrefix": field.id, "value": None}

    def entitle(self, params: dict[str, object], title: dict[str, object]) -> dict[str, object]:
        """The box has its own words, so there is no title above it."""
        params.pop("label", None)
        return params


class GovParts(GovGroup):
    """A date, or a date and time, typed in parts. The error link leads to the first part, which bears the id."""

    def extra(self, field: Field, kwargs: dict[str, object]) -> dict[str, object]:
        """Give one input for each part, marking those that are wrong."""
        kwargs.pop("id", None)
        parts: Iterable[tuple[str, str, str, str]] = field.parts  # type: ignore[attr-defined]
        return {
            "id": f"{field.id}-parts",
            "items": [
                {
                    "label": label,
                    "id": field.id if place == 0 else f"{field.id}-{part}",
                    "name": f"{field.name}-{part}",
                    "value": field.typed.get(part, ""),  # type: ignore[attr-defined]
                    "inputmode": mode,
                    "classes": f"govuk-input--width-{width}"
                    + (" govuk-input--error" if field.errors and part in field.faulty else ""),  # type: ignore[attr-defined]
                }
                for place, (part, label, width, mode) in enumerate(parts)
            ],
        }


class GovButton(GovWidget):
    """A submit button that is a field, for a form that can be sent in more than one way."""

    def __call__(self, field: Field, **kwargs: object) -> Markup:
        """Give the button."""
        params = {"text": field.label.text, "name": field.name, "value": "y", "preventDoubleClick": True}
        return self.render({**params, **kwargs})


def _item(option: object, conditional: dict[str, object]) -> dict[str, object]:
    value, more = str(option.value), option.render_kw  # type: ignore[attr-defined]
    item: dict[str, object] = {"text": option.label, "value": value, "checked": option.selected}  # type: ignore[attr-defined]
    if more.get("hint"):
        item["hint"] = {"text": more["hint"]}
    if value in conditional:
        item["conditional"] = {"html": conditional[value]}
    return item

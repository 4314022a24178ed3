"""Forms that would put what somebody types into an address, where a browser's history keeps it."""

import re

from bs4 import BeautifulSoup, Tag

FORM = re.compile(r"<form\b[^>]*>", re.IGNORECASE)
CHOSEN = {"hidden", "checkbox", "radio", "submit", "button", "reset", "image"}


def forms_that_type_into_an_address(page: str) -> list[str]:
    """Give the opening tags of the forms of a page that are sent by GET and take free text."""
    if not any("post" not in tag.lower() for tag in FORM.findall(page)):
        return []
    forms = BeautifulSoup(page, "html.parser").find_all("form")
    return [str(form).partition(">")[0] for form in forms if _by_get(form) and any(map(_free, form.select(FIELDS)))]


FIELDS = "input, textarea"


def _by_get(form: Tag) -> bool:
    return str(form.get("method") or "get").lower() != "post"


def _free(field: Tag) -> bool:
    """Say whether anything can be typed; the parts of a date are numbers."""
    return field.name == "textarea" or not (
        str(field.get("type") or "text").lower() in CHOSEN or field.get("inputmode") == "numeric"
    )

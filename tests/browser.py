"""A browser without script, for tests: it fills and submits the form that is really on the page.

    browser = Browser(app)
    browser.get("/sign-in")
    browser.fill("Email address", "coordinator@westhaven.example")
    browser.press("Sign in")
    assert browser.heading == "What needs you"

Fields are found by the words of their label (or their legend, for dates and choices), buttons and links by their own.
Where the page has no such thing the test fails and says what there is. Redirects within the site are followed.
"""

import io
from collections.abc import Iterator
from typing import Self
from urllib.parse import urljoin, urlsplit

from bs4 import BeautifulSoup, Tag
from flask import Flask, has_app_context
from werkzeug.test import TestResponse

BUTTONS = "button, input[type=submit]"
TEXTUAL = {"text", "email", "password", "tel", "search", "number", "url", "date", "time", "datetime-local", "hidden"}


class NotOnThePage(AssertionError):
    """The page has no such field, button or link. The message says what it has."""


class Browser:
    """One visitor with cookies of their own."""

    def __init__(self, app: Flask, *, address: str = "127.0.0.1") -> None:
        self._client = app.test_client()
        self._environ = {"REMOTE_ADDR": address}
        self._chosen_files: dict[str, tuple[bytes, str]] = {}
        self.status = 0
        self.url = "/"
        self.headers: dict[str, str] = {}
        self.body = b""
        self.soup = BeautifulSoup("", "html.parser")

    def get(self, url: str, *, status: int | None = 200) -> Self:
        """Open a page, and hold it to a status (None: any)."""
        return self._show(self._open("GET", url), status)

    def post(self, url: str, fields: dict[str, str] | None = None, *, status: int | None = None) -> Self:
        """Send fields no form was read for, as an attacker or a stale page would."""
        return self._show(self._open("POST", url, fields=list((fields or {}).items())), status)

    @property
    def title(self) -> str:
        """The words of the title."""
        return _words(self.soup.title) if self.soup.title else ""

    @property
    def heading(self) -> str:
        """The words of the one main heading."""
        headings = self.soup.find_all("h1")
        if len(headings) != 1:
            raise NotOnThePage(f"a page has one main heading, and {self.url} has {len(headings)}")
        return _words(headings[0])

    @property
    def text(self) -> str:
        """Everything there is to read in the main part of the page."""
        return _words(self.soup.find("main") or self.soup)

    @property
    def errors(self) -> list[str]:
        """The lines of the error summary."""
        return [_words(each) for each in self.soup.select(".govuk-error-summary__list li")]

    @property
    def buttons(self) -> list[str]:
        """The words of every button."""
        return [_label(each) for each in self.soup.select(f"main :is({BUTTONS})")]

    @property
    def links(self) -> list[str]:
        """The words of every link in the main part of the page."""
        return [_words(each) for each in self.soup.select("main a[href]")]

    def table(self, caption: str = "") -> list[list[str]]:
        """Give the rows of a table, found by words of its caption (the first, if none are named)."""
        for table in self.soup.find_all("table"):
            if caption in (_words(table.caption) if table.caption else ""):
                return [[_words(cell) for cell in row.find_all(["th", "td"])] for row in table.find_all("tr")]
        raise NotOnThePage(f"no table with the caption {caption!r} on {self.url}")

    def fill(self, label: str, value: str) -> Self:
        """Type into the field with this label, or choose from its list by the words of the option."""
        field = self._field(label)
        if field.name == "select":
            self._select(field, value)
        elif field.name == "textarea":
            field.string = value
        elif _type(field) in TEXTUAL:
            field["value"] = value
        else:
            raise NotOnThePage(f"{label!r} is not a field to type into")
        return self

    def fill_parts(self, legend: str, **values: str) -> Self:
        """Type into the parts of a grouped question, such as a date: `fill_parts("When?", Day="5", Month="11")`."""
        group = self._group(legend)
        for label, value in values.items():
            self._field(label.replace("_", " "), within=group)["value"] = value
        return self

    def choose(self, option: str, *, question: str = "") -> Self:
        """Pick the radio button with this label, under this question if several have it."""
        button = self._option(option, "radio", question)
        for other in self._form_of(button).select("input[type=radio]"):
            if other.get("name") == button.get("name"):
                del other["checked"]
        button["checked"] = ""
        return self

    def check(self, option: str, *, question: str = "") -> Self:
        """Tick the box with this label."""
        self._option(option, "checkbox", question)["checked"] = ""
        return self

    def uncheck(self, option: str, *, question: str = "") -> Self:
        """Clear the box with this label."""
        del self._option(option, "checkbox", question)["checked"]
        return self

    def attach(self, label: str, name: str, content: bytes) -> Self:
        """Choose a file for the field with this label."""
        field = self._field(label)
        if _type(field) != "file":
            raise NotOnThePage(f"{label!r} does not take a file")
        self._chosen_files[str(field["name"])] = (content, name)
        return self

    def press(self, button: str, *, within: str = "", status: int | None = 200) -> Self:
        """Press the button with these words and hold what follows to a status (None: any).

        Where several buttons have the same words, `within` is text of the row, card or section that holds it.
        """
        chosen = self._one(BUTTONS, button, within)
        form = self._form_of(chosen)
        url = str(chosen.get("formaction") or form.get("action") or self.url)
        method = str(chosen.get("formmethod") or form.get("method") or "get").upper()
        fields = list(_successful(form, chosen))
        if method == "GET":
            response = self._open("GET", urlsplit(url)._replace(query="").geturl(), query=fields)
        else:
            response = self._open("POST", url, fields=fields, form=form)
        return self._show(response, status)

    def follow(self, link: str, *, within: str = "", status: int | None = 200) -> Self:
        """Follow the link with these words."""
        return self.get(str(self._one("a[href]", link, within)["href"]), status=status)

    def sign_in(self, email: str, password: str) -> Self:
        """Sign in through the page."""
        return self.get("/sign-in").fill("Email address", email).fill("Password", password).press("Sign in")

    def _open(
        self,
        method: str,
        url: str,
        *,
        query: list[tuple[str, str]] | None = None,
        fields: list[tuple[str, str]] | None = None,
        form: Tag | None = None,
    ) -> TestResponse:
        if has_app_context():
            raise AssertionError("leave the app context first: flask-login keeps the user in it from call to call")
        target = urljoin(self.url, url)
        parts = urlsplit(target)
        if parts.netloc:  # an absolute link of our own, as in e-mails
            target = parts._replace(scheme="", netloc="").geturl()
        files = {name: (io.BytesIO(content), file) for name, (content, file) in self._chosen_files.items()}
        self._chosen_files = {}
        data: dict[str, object] = {}
        for name, value in fields or []:
            values = data.setdefault(name, [])
            assert isinstance(values, list)
            values.append(value)
        multipart = form is not None and form.get("enctype") == "multipart/form-data"
        return self._client.open(
            target,
            method=method,
            query_string=query,
            data={**data, **files} if multipart else data or None,
            content_type="multipart/form-data" if multipart else None,
            environ_overrides=self._environ,
            headers={"Referer": f"http://localhost{self.url}"},
            follow_redirects=True,
        )

    def _show(self, response: TestResponse, status: int | None) -> Self:
        self.status = response.status_code
        self.url = response.request.full_path.rstrip("?") if response.request.query_string else response.request.path
        self.headers = dict(response.headers)
        self.body = response.get_data()
        self.soup = BeautifulSoup(self.body if response.mimetype == "text/html" else b"", "html.parser")
        if status is not None and self.status != status:
            problem = "; ".join(self.errors) or self.text[:600] or self.body[:600].decode(errors="replace")
            raise AssertionError(f"{self.url} answered {self.status}, not {status}: {problem}")
        return self

    def _field(self, label: str, *, within: Tag | None = None) -> Tag:
        place = within or self.soup
        for each in place.find_all("label"):
            if _same(each, label):
                field = self.soup.find(id=str(each.get("for")))
                if isinstance(field, Tag):
                    return field
        raise NotOnThePage(
            f"no field {label!r} on {self.url}; there are {[_words(x) for x in place.find_all('label')]}"
        )

    def _group(self, legend: str) -> Tag:
        legends = self.soup.find_all("legend")
        for each in legends:
            group = each.find_parent("fieldset")
            if _same(each, legend) and group is not None:
                return group
        raise NotOnThePage(f"no question {legend!r} on {self.url}; there are {[_words(each) for each in legends]}")

    def _option(self, option: str, kind: str, question: str) -> Tag:
        field = self._field(option, within=self._group(question) if question else None)
        if _type(field) != kind:
            raise NotOnThePage(f"{option!r} is not a {kind}")
        return field

    def _select(self, field: Tag, value: str) -> None:
        options = field.find_all("option")
        chosen = [each for each in options if _same(each, value)]
        if not chosen:
            raise NotOnThePage(f"no choice {value!r}; there are {[_words(each) for each in options]}")
        for each in options:
            del each["selected"]
        chosen[0]["selected"] = ""

    def _one(self, selector: str, words: str, within: str) -> Tag:
        found = [each for each in self.soup.select(selector) if _label(each) == words]
        if within:
            sizes = [_size_of_surroundings(each, within) for each in found]
            found = [each for each, size in zip(found, sizes, strict=True) if size and size == min(filter(None, sizes))]
        if not found:
            there = [_label(each) for each in self.soup.select(selector)]
            raise NotOnThePage(
                f"no {words!r} {'with ' + repr(within) if within else ''} on {self.url}; there are {there}"
            )
        if len({str(each.get("href", "")) for each in found}) > 1 or (len(found) > 1 and found[0].name != "a"):
            raise NotOnThePage(f"{len(found)} times {words!r} on {self.url}; say within what")
        return found[0]

    def _form_of(self, field: Tag) -> Tag:
        named = field.get("form")
        form = self.soup.find("form", id=str(named)) if named else field.find_parent("form")
        if not isinstance(form, Tag):
            raise NotOnThePage(f"{_label(field)!r} stands outside any form")
        return form


def _successful(form: Tag, pressed: Tag) -> Iterator[tuple[str, str]]:
    """Give the fields that a browser would send, in the order of the page."""
    for field in form.select("input, select, textarea, button"):
        name = str(field.get("name") or "")
        disabled = field.has_attr("disabled") or field.find_parent("fieldset", disabled=True) is not None
        if not name or disabled:
            continue
        if field.name == "select":
            options = field.find_all("option")
            chosen = [each for each in options if each.has_attr("selected")]
            if not chosen and not field.has_attr("multiple"):
                chosen = options[:1]
            for each in chosen:
                yield name, str(each["value"]) if each.has_attr("value") else _words(each)
        elif field.name == "textarea":
            yield name, field.get_text().removeprefix("\n").replace("\r\n", "\n").replace("\n", "\r\n")
        elif field.name == "button" or _type(field) in {"submit", "image", "button", "reset"}:
            if field is pressed:
                yield name, str(field.get("value") or "")
        elif _type(field) in {"radio", "checkbox"}:
            if field.has_attr("checked"):
                yield name, str(field["value"]) if field.has_attr("value") else "on"
        elif _type(field) != "file":
            yield name, str(field.get("value") or "")


def _type(field: Tag) -> str:
    return str(field.get("type") or "text").lower() if field.name == "input" else str(field.name)


def _words(tag: Tag) -> str:
    return " ".join(tag.get_text(" ", strip=True).split())


def _label(tag: Tag) -> str:
    return str(tag.get("value") or "") if tag.name == "input" else _words(tag)


def _same(tag: Tag, words: str) -> bool:
    return _words(tag) == " ".join(words.split())


def _size_of_surroundings(tag: Tag, words: str) -> int:
    """Give how much text the smallest row, item, card or section around the tag has that holds these words, or 0."""
    for around in tag.find_parents(["tr", "li", "div", "section", "fieldset", "article", "form"]):
        text = _words(around)
        if words in text:
            return len(text)
    return 0

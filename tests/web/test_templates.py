"""What holds for every template there is, whichever feature it belongs to."""

from pathlib import Path

import pytest
from flask import Flask
from jinja2 import nodes

from tests.forms_of_a_page import FORM, forms_that_type_into_an_address
from tests.web.edge import ROOT, edge_app

TEMPLATES = ROOT / "templates"
PAGES = sorted(TEMPLATES.rglob("*.html"))


@pytest.fixture(scope="module")
def edge() -> Flask:
    return edge_app()


@pytest.mark.parametrize("file", PAGES, ids=lambda file: str(file.relative_to(TEMPLATES)))
def test_a_template_compiles_and_calls_only_macros_that_exist(edge: Flask, file: Path) -> None:
    source = file.read_text(encoding="utf-8")
    edge.jinja_env.compile(source)  # an unknown filter or test is an error here
    macros = edge.jinja_env.globals["ui"]
    for found in edge.jinja_env.parse(source).find_all(nodes.Getattr):
        if isinstance(found.node, nodes.Name) and found.node.name == "ui":
            assert getattr(macros, found.attr), found.lineno


@pytest.mark.parametrize("file", PAGES, ids=lambda file: str(file.relative_to(TEMPLATES)))
def test_a_template_has_no_inline_script_or_style_and_asks_for_no_user(file: Path) -> None:
    if file.is_relative_to(TEMPLATES / "emails"):
        return
    source = file.read_text(encoding="utf-8")
    refused = ("<style", " style=", " onclick=", " onsubmit=", "javascript:", "current_user", "<script>", "| safe")
    assert [words for words in refused if words in source] == []


@pytest.mark.parametrize("file", PAGES, ids=lambda file: str(file.relative_to(TEMPLATES)))
def test_every_form_of_a_template_is_posted_so_that_nothing_typed_stands_in_an_address(file: Path) -> None:
    if file == TEMPLATES / "macros/lists.html":  # the panel of filters, which is posted where anything is typed
        return
    opened = FORM.findall(file.read_text(encoding="utf-8"))
    assert [form for form in opened if 'method="post"' not in form] == []


def test_a_form_that_would_put_typed_words_into_an_address_is_noticed() -> None:
    chosen = '<input type="checkbox" name="urgent"><input inputmode="numeric" name="day"><select></select>'
    assert forms_that_type_into_an_address(f'<form method="get">{chosen}</form>') == []
    assert forms_that_type_into_an_address('<form method="post"><input name="words"></form>') == []
    for typed in ('<input name="words">', '<input type="search">', "<textarea></textarea>", '<input type="email">'):
        assert len(forms_that_type_into_an_address(f'<form action="/x">{chosen}{typed}</form>')) == 1
        assert len(forms_that_type_into_an_address(f'<p></p><form METHOD="GET">{typed}</form>')) == 1

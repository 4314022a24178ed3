"""What holds for every template there is, whichever feature it belongs to."""

from pathlib import Path

import pytest
from flask import Flask
from jinja2 import nodes

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

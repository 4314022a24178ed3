"""The import rules: features see only leftwards, arrows inside a feature point inwards, and flask stays at the edge."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "review_app"
FEATURES = (
    "audit",
    "outbox",
    "accounts",
    "links",
    "files",
    "catalogue",
    "submissions",
    "panel",
    "reviews",
    "learning",
    "alerts",
    "thread",
    "search",
    "reports",
    "api",
    "demo",
    "home",
)
INSIDE = {"rules": 0, "commands": 1, "models": 1, "events": 1, "queries": 2, "emails": 2, "service": 3, "views": 4}
OPEN_TO_OTHERS = {"rules", "commands", "models", "queries", "service", "events", "references", "throttle"}
EDGE = {"forms", "views"}
FLASK_SHARED = {
    "app",
    "cli",
    "jobs",
    "mail",
    "clock",
    "forms",
    "guards",
    "error_pages",
    "filters",
    "forgery",
    "denials",
    "web",
    "security",
    "pages",
    "wiring",
    "jinja",
    "once",
    "counting",
}
COMPOSERS = {"app", "wiring", "cli", "jobs"}  # the factory, and the two other entrances
DOORS = {"route", "get", "post"}


@cache
def modules() -> dict[str, ast.Module]:
    """Parse every module, once, and only in the process that judges them."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        dotted = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        found[dotted] = ast.parse(path.read_text())
    return found


def imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names)


def place(dotted: str) -> tuple[str, str]:
    """Give (feature or "", part) of a module: review_app.panel.service.rounds is ("panel", "service")."""
    parts = dotted.split(".")
    if len(parts) > 1 and parts[1] in FEATURES:
        return parts[1], parts[2] if len(parts) > 2 else ""
    return "", parts[1] if len(parts) > 1 else ""


def known(dotted: str) -> str | None:
    """Give the module an import names: itself, or the module that holds the imported name."""
    while dotted.startswith("review_app"):
        if dotted in modules():
            return dotted
        dotted = dotted.rpartition(".")[0]
    return None


@cache
def arrows() -> list[tuple[str, str]]:
    """Give which module imports which."""
    return sorted(
        {
            (source, target)
            for source, tree in modules().items()
            for name in imports(tree)
            if (target := known(name)) is not None and target not in ("review_app", source)
        }
    )


def test_there_are_modules_and_arrows_to_judge():
    assert len(modules()) > 40
    assert len(arrows()) > 100


@pytest.mark.parametrize("feature", [feature for feature in FEATURES if (PACKAGE / feature).exists()])
def test_a_feature_sees_only_features_on_its_left_and_only_their_open_files(feature):
    offending = []
    for source, target in arrows():
        (mine, _), (theirs, part) = place(source), place(target)
        if mine != feature or theirs in ("", feature):
            continue
        if FEATURES.index(theirs) > FEATURES.index(feature) or (part and part not in OPEN_TO_OTHERS):
            offending.append(f"{source} -> {target}")
    assert offending == []


def test_arrows_inside_a_feature_point_inwards():
    offending = []
    for source, target in arrows():
        (mine, part), (theirs, aim) = place(source), place(target)
        if mine != theirs or not mine or part not in INSIDE or aim not in INSIDE:
            continue
        if INSIDE[part] < INSIDE[aim] or (part == "views" and aim == "models"):
            offending.append(f"{source} -> {target}")
    assert offending == []


def test_forms_see_only_rules_and_commands_of_their_feature():
    offending = [
        f"{source} -> {target}"
        for source, target in arrows()
        if place(source)[1] == "forms"
        and place(source)[0]
        and place(target)[0]
        and place(target)[1] not in ("rules", "commands", "forms")
    ]
    assert offending == []


def test_shared_files_never_import_features():
    offending = [
        f"{source} -> {target}"
        for source, target in arrows()
        if not place(source)[0] and place(target)[0] and place(source)[1] not in COMPOSERS
    ]
    assert offending == []


def test_flask_is_imported_only_at_the_edge():
    offending = []
    for source, tree in modules().items():
        feature, part = place(source)
        uses = {name.split(".")[0] for name in imports(tree)} & {"flask", "flask_login", "flask_wtf", "werkzeug"}
        edge = part in EDGE if feature else part in FLASK_SHARED
        if source == "review_app.accounts.models":
            uses -= {"flask_login"}
        if uses and not edge:
            offending.append(f"{source} imports {sorted(uses)}")
    assert offending == []


def test_views_never_see_models():
    offending = [
        f"{source} -> {target}"
        for source, target in arrows()
        if place(source)[1] == "views" and place(source)[0] and place(target)[1] == "models"
    ]
    assert offending == []


def test_config_is_imported_only_by_the_factory_its_commands_and_the_start():
    users = {source for source, tree in modules().items() if "config" in {name.split(".")[0] for name in imports(tree)}}
    assert {user for user in users if place(user)[1] not in ("app", "cli", "starting", "__main__")} == set()


def test_no_file_is_past_four_hundred_lines():
    long = {
        str(path.relative_to(ROOT)): lines
        for path in sorted(PACKAGE.rglob("*.py"))
        if (lines := len(path.read_text().splitlines())) > 400
    }
    assert long == {}


def test_no_view_is_past_fifteen_lines():
    long = []
    for source, tree in modules().items():
        if place(source)[1] != "views":
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef):
                body = node.body[1:] if isinstance(node.body[0], ast.Expr) else node.body
                if body and (body[-1].end_lineno or 0) - body[0].lineno + 1 > 15:
                    long.append(f"{source}:{node.name}")
    assert long == []


def test_views_have_doors():
    doors = [
        source
        for source, tree in modules().items()
        if place(source)[1] == "views"
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        for mark in node.decorator_list
        if isinstance(mark, ast.Call) and isinstance(mark.func, ast.Attribute) and mark.func.attr in DOORS
    ]
    assert len(doors) > 20


def reads_the_time(called: ast.expr) -> bool:
    """Say whether this is utcnow(), today() or datetime.now()."""
    if not isinstance(called, ast.Attribute):
        return False
    on_datetime = isinstance(called.value, ast.Name) and called.value.id == "datetime"
    return called.attr in ("utcnow", "today") or (called.attr == "now" and on_datetime)


def test_the_time_is_read_only_by_the_clock():
    offending = []
    for source, tree in modules().items():
        if place(source) in (("", "clock"), ("", "starting")):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and reads_the_time(node.func):
                offending.append(f"{source}:{node.lineno}")
    assert offending == []


def test_services_never_commit():
    offending = [
        f"{source}:{node.lineno}"
        for source, tree in modules().items()
        if place(source)[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "commit"
    ]
    assert offending == []

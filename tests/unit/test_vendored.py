"""What is kept of other people's packages is exactly what was fetched, without what we may not use."""

import hashlib
import json
from pathlib import Path

import pytest

from tools import vendor

ROOT = Path(__file__).resolve().parents[2]
TEXT = {".css", ".js", ".svg", ".html", ".json", ".txt"}


@pytest.mark.parametrize("package", vendor.PACKAGES, ids=lambda package: package.name)
def test_each_kept_file_has_the_hash_that_is_recorded_for_it(package):
    folder = ROOT / package.folder
    record = json.loads((folder / "vendored.json").read_text())
    assert (record["version"], record["package_sha256"]) == (package.version, package.sha256)
    assert set(record["files"]) == set(package.files.values())
    for name, expected in record["files"].items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == expected, name


@pytest.mark.parametrize("forbidden", ["GDS Transport", "/assets/", "govuk-crest", "govuk-logotype"])
def test_neither_the_typeface_nor_the_marks_of_gov_uk_are_served(forbidden):
    licence = ROOT / "static" / "vendor" / "govuk-frontend" / "LICENCE.txt"
    served = [file for file in (ROOT / "static").rglob("*") if file.suffix in TEXT and file != licence]
    assert served
    assert [file.name for file in served if forbidden in file.read_text(encoding="utf-8")] == []


def test_no_font_and_no_picture_of_others_is_served():
    kinds = {file.suffix for file in (ROOT / "static").rglob("*") if file.is_file()}
    assert kinds <= {".css", ".js", ".json", ".svg", ".txt"}


def test_the_brand_is_taken_out_of_the_style_sheet():
    style = (
        "@font-face{font-family:GDS Transport;src:url(/assets/x.woff2)}a{font-family:GDS Transport,arial,sans-serif}"
        ".govuk-footer__copyright-logo:before{background:url(/assets/images/govuk-crest.svg)}b{color:red}"
    )
    kept = vendor.without_brand(style)
    assert kept.startswith("a{font-family:system-ui,")
    assert kept.rstrip().endswith("b{color:red}")


def test_a_style_sheet_that_still_holds_the_brand_is_refused():
    with pytest.raises(SystemExit):
        vendor.without_brand(".other{background:url(/assets/images/govuk-crest.svg)}")

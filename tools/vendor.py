"""Fetch again the two packages of others that are kept in this repository, and strip what may not be used here.

    python3 tools/vendor.py

The GOV.UK Design System's code is free to use (MIT); the GDS Transport typeface, the crown, the crest and the GOV.UK
logo may be used only on gov.uk, so the style sheet is written without them. Each folder keeps a `vendored.json` with
the package's version, the SHA-256 of the package as it was fetched and of each file as it is kept; tests compare them.
The standard library is enough: Node is not needed.
"""

import hashlib
import io
import json
import re
import sys
import tarfile
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REGISTRY = "https://registry.npmjs.org"
SYSTEM_FONTS = (
    'system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue","Noto Sans","Liberation Sans",Arial,sans-serif'
)
BRAND_RULE = re.compile(
    r"[^{}]*\.govuk-(?:header__(?:logotype|product-name)|logo-dot|footer__(?:crown|copyright-logo))[^{}]*\{[^{}]*\}"
)

Change = Callable[[str], str]


@dataclass(frozen=True, kw_only=True)
class Package:
    """One package: what is fetched, which of its files are kept, where, and how each is changed."""

    name: str
    version: str
    sha256: str
    folder: str
    files: Mapping[str, str]
    changes: Mapping[str, Change]


def without_brand(style: str) -> str:
    """Take the typeface, the crest and the logo out of the style sheet, and say the system's own fonts instead."""
    style = re.sub(r"@font-face\{[^}]*\}", "", style)
    style = BRAND_RULE.sub("", style)
    style = style.replace("GDS Transport,arial,sans-serif", SYSTEM_FONTS)
    style = re.sub(r"/\*# sourceMappingURL=.*?\*/", "", style)
    for forbidden in ("GDS Transport", "/assets/", "crest"):
        if forbidden in style:
            raise SystemExit(f"The style sheet still holds “{forbidden}”: this version is laid out differently.")
    return style.rstrip() + "\n"


def without_source_map(script: str) -> str:
    """Take out the pointer to a source map that is not kept."""
    return re.sub(r"//# sourceMappingURL=.*", "", script).rstrip() + "\n"


PACKAGES = (
    Package(
        name="govuk-frontend",
        version="6.6.0",
        sha256="52c4eb554e54d8a6e4ba801e9da5ec3a5b930fd2f117a39677f0b6296e954751",
        folder="static/vendor/govuk-frontend",
        files={
            "package/dist/govuk/govuk-frontend.min.css": "govuk-frontend.min.css",
            "package/dist/govuk/govuk-frontend.min.js": "govuk-frontend.min.js",
        },
        changes={"govuk-frontend.min.css": without_brand, "govuk-frontend.min.js": without_source_map},
    ),
    Package(
        name="axe-core",
        version="4.14.1",
        sha256="e6b0ce02b84d892e2e33e403485e7f3d6c29e2be6df65daf44d89ba564139745",
        folder="tests/vendor/axe",
        files={"package/axe.min.js": "axe.min.js", "package/LICENSE": "LICENSE"},
        changes={},
    ),
)


def fetch(package: Package) -> bytes:
    """Fetch the package from the registry, and refuse it unless its hash is the one written here."""
    address = f"{REGISTRY}/{package.name}/-/{package.name}-{package.version}.tgz"
    with urllib.request.urlopen(address, timeout=60) as answer:
        fetched: bytes = answer.read()
    found = hashlib.sha256(fetched).hexdigest()
    if found != package.sha256:
        raise SystemExit(f"{address} has the hash {found}, not {package.sha256}. Nothing was changed.")
    return fetched


def keep(package: Package, fetched: bytes) -> None:
    """Write the files that are kept, changed where they must be, and the record of where they came from."""
    folder = ROOT / package.folder
    folder.mkdir(parents=True, exist_ok=True)
    hashes: dict[str, str] = {}
    with tarfile.open(fileobj=io.BytesIO(fetched), mode="r:gz") as archive:
        for inside, kept in package.files.items():
            member = archive.extractfile(inside)
            if member is None:
                raise SystemExit(f"{package.name} {package.version} holds no file {inside}.")
            text = member.read().decode("utf-8")
            text = package.changes.get(kept, str)(text)
            (folder / kept).write_text(text, encoding="utf-8", newline="\n")
            hashes[kept] = hashlib.sha256(text.encode("utf-8")).hexdigest()
    record = {
        "name": package.name,
        "version": package.version,
        "package_sha256": package.sha256,
        "files": hashes,
        "made_by": "tools/vendor.py",
    }
    (folder / "vendored.json").write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


def main() -> int:
    """Fetch and keep every package."""
    for package in PACKAGES:
        keep(package, fetch(package))
        sys.stdout.write(f"{package.name} {package.version} is in {package.folder}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""What tests give as a person's identity, and as private words about living people: found wherever it stands.

Every identity that a test plants is made of these words (`tests/reviewing.py` has them as `SAM`, the journey has its
own), so that one search of everything that left the product tells whether any of it got out. They stand for nobody:
the number, the streets and the postcode do not exist. Words about living people are made by `living("sister")`.
"""

import re

LIVING = "zqliving"
IDENTIFYING = re.compile(
    rb"applethwaite|samuel|sammy"
    rb"|943[ -]?476[ -]?5919"
    rb"|17 mar(?:ch)? 1984|1984-0?3-17|17[/.]0?3[/.]1984"
    rb"|quillfeather|ze99 ?9qq"
    rb"|tansyfield|quillwort",
    re.IGNORECASE,
)
PARTS = (
    b"applethwaite", b"samuel", b"sammy", b"quillfeather", b"tansyfield", b"quillwort", b"ze99", b"4765919",
    b"476 5919", b"476-5919", b"mar 1984", b"march 1984",
    b"1984-03-17", b"1984-3-17", b"/03/1984", b"/3/1984", b".03.1984", b".3.1984", LIVING.encode(),
)  # fmt: skip
"""Each word has one of these in it, and they are found faster than a pattern is."""
OF_THE_LIVING = re.compile(rb"zqliving-[a-z]+", re.IGNORECASE)


def living(name: str) -> str:
    """Give a word about a living person, of its own."""
    return f"{LIVING}-{name}"


def found_in(content: bytes) -> set[str]:
    """Give every planted word in some bytes, in small letters, also where spaces are percent-encoded."""
    plain = content.lower().replace(b"%20", b" ").replace(b"+", b" ").replace(b"%2f", b"/")
    if not any(part in plain for part in PARTS):
        return set()
    found = (*IDENTIFYING.findall(plain), *OF_THE_LIVING.findall(plain))
    return {each.decode(errors="replace") for each in found}

"""How two wordings of one version differ, in words for the two people who wrote them."""

from datetime import datetime

from review_app.alerts.commands import Wording
from review_app.alerts.rules import AUDIENCE_WORDS, AlertRules
from review_app.filters import listing, when
from review_app.wording import word

Row = tuple[str, str, str]


def differences(rules: AlertRules, saved: Wording, typed: Wording) -> tuple[Row, ...]:
    """Give a row for each part that differs: its name, what was typed, and what is saved now."""
    rows = [(part.title, typed.parts.get(part.key, ""), saved.parts.get(part.key, "")) for part in rules.parts]
    typed_rest, saved_rest = _rest(typed), _rest(saved)
    rows += [(title, typed_rest[title], saved_rest[title]) for title in saved_rest]
    return tuple(row for row in rows if row[1] != row[2])


def _rest(wording: Wording) -> dict[str, str]:
    return {
        "Headline": wording.headline,
        "Certainty": word(wording.certainty, "certainty").text,
        "Level": word(wording.level, "level").text,
        "Audience": AUDIENCE_WORDS[wording.audience].capitalize(),
        "Sharing mark": wording.tlp.label,
        "Lists": listing(wording.lists),
        "Advice": f"{len(wording.blocks)} chosen ({listing(wording.blocks)})" if wording.blocks else "None",
        "When it goes out": _when(wording.send_at, "When it is signed"),
        "When it ends": _when(wording.expires_at, "Not chosen"),
        "Could it identify someone?": wording.ef8.value if wording.ef8 else "Not answered",
        "How that was settled": wording.ef8_resolution,
    }


def _when(at: datetime | None, without: str) -> str:
    return when(at) if at else without

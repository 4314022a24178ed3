"""What the people of the long journey say, and what has come of it so far."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from tests.journeys.visitors import Visitors
from tests.servers import RunningProduct
from tests.smtp import Received, SmtpSink

T = TypeVar("T")

TITLE = "Orange tablets sold as oxycodone, Harbourside"
LIST = "Hostels and outreach, everyone"
RECIPIENTS = tuple(f"worker{number:04}@outreach.example" for number in range(1, 1001))
READERS = 12
ASKED = {
    "Westhaven Council Housing": "housing.rep@westhaven.example",
    "Lantern Recovery Service": "treatment.rep@westhaven.example",
    "Quayside Pharmacy": "duty@quayside-pharmacy.example",
    "Three Rivers Ambulance Service": "duty@three-rivers-ambulance-service.example",
}
SECRET_REASON = "Three towns in four hours, and the clinical picture is the same in each."
HEADLINE = "Orange tablets are causing collapse. Do not use alone. Carry naloxone."
CHANGED_HEADLINE = "Orange tablets sold as oxycodone cause collapse. Never use alone. Carry naloxone."
PARTS = {
    "What has happened": "Several people collapsed within minutes in three towns on the same evening.",
    "What it looks like": "Small round orange tablets. Reports of markings differ.",
    "Signs to look for": "Very slow breathing, blue lips, cannot be woken.",
    "What to do if you use drugs": "Do not take these. If you do, never alone, and start very low.",
    "What to do if you support people": "Tell the people you work with today. Check that naloxone is at hand.",
    "What to do if you are a clinician": "Expect to need repeated naloxone. Send samples and report what you see.",
    "What is not known": "What the tablets contain, and how far they have spread.",
}


FORENAME, SURNAME = "Marigold", "Tansyfield-Journey"
ADDRESS = "3 Quillwort Steps"
WHAT_HAPPENED = "A neighbour found the door open on Sunday morning."
STATEMENTS = {
    "good": "Housing and the hospital rang each other every week about the person.",
    "area": "The risk assessment was older than the last overdose.",
}
WORDINGS = {
    "good": "Agencies that ring each other every week notice sooner.",
    "area": "Risk is assessed again after every overdose that somebody survives.",
}
CONTENT = (FORENAME, SURNAME, ADDRESS, "Tansyfield", WHAT_HAPPENED, *STATEMENTS.values())
"""What is read by those who carry the review out, and stands in no e-mail."""


@dataclass
class Story:
    """What has come of it so far."""

    product: RunningProduct
    sink: SmtpSink
    visitors: Visitors
    folder: Path
    reports: list[str] = field(default_factory=list)
    follow: str = ""
    asked_after: int = 0
    signal: str = ""
    list_reference: str = ""
    alert: str = ""
    send_at: datetime | None = None
    death: str = ""
    case: str = ""
    requests: dict[str, str] = field(default_factory=dict)
    meeting: str = ""
    points: list[str] = field(default_factory=list)
    recommendation: str = ""
    action: str = ""

    def mail_to(self, address: str, part: str, *, after: int = 0) -> Received:
        """Wait for a message to an address that holds a text, and give the first after so many of all messages."""

        def arrived() -> Received | None:
            there = self.sink.received[after:]
            return next((each for each in there if each.recipient == address and part in each.text), None)

        return until(arrived)

    def link_to(self, address: str, part: str, *, after: int = 0) -> str:
        """Wait for a message with a link to a page, and give the link's address without the host."""
        text = self.mail_to(address, part, after=after).text
        found = re.search(rf"{re.escape(self.product.url)}({re.escape(part)}\S*)", text)
        assert found is not None, text
        return found[1]

    def sent(self, part: str) -> list[Received]:
        """Give every message to the thousand whose subject holds a text."""
        wanted = frozenset(RECIPIENTS)
        return [each for each in self.sink.received if each.recipient in wanted and part in each.subject]


def found(pattern: str, text: str) -> str:
    """Give the first place of a text that matches."""
    match = re.search(pattern, text)
    assert match is not None, f"no {pattern} in:\n{text}"
    return match[0]


def until(ask: Callable[[], T | None], *, seconds: float = 30) -> T:
    """Ask again and again until there is an answer."""
    deadline = time.monotonic() + seconds
    while (answer := ask()) is None:
        assert time.monotonic() < deadline, f"nothing within {seconds:g} s"
        time.sleep(0.2)
    return answer

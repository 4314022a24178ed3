"""A message is composed once and made personal by bytes; nothing can be put into its headers."""

from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review_app.mail import PERSONAL_LINK, clean_address, compose, new_message_id, normalised_address
from review_app.sending import Envelope

AT = datetime(2026, 11, 9, 10, 0, tzinfo=UTC)
SENDER = "alerts@westhaven.example"


def personal(subject: str, body: str, link: str = "") -> Envelope:
    prepared = compose(subject=subject, body=body, sender=SENDER)
    return prepared.personalise(to="nurse@hospital.example", message_id="<1@westhaven.example>", at=AT, link=link)


def parsed(envelope: Envelope) -> EmailMessage:
    return message_from_bytes(envelope.content.replace(b"\r\n", b"\n"), policy=default)


def test_a_message_has_the_headers_and_the_text_it_was_given() -> None:
    envelope = personal("Report received – thank you", "Your report was received.\n\nÄ naïve line.\n")
    message = parsed(envelope)
    assert str(message["To"]) == envelope.recipient == "nurse@hospital.example"
    assert str(message["From"]) == envelope.sender == SENDER
    assert str(message["Subject"]) == "Report received – thank you"
    assert str(message["Message-ID"]) == "<1@westhaven.example>"
    assert str(message["Date"]) == "Mon, 09 Nov 2026 10:00:00 +0000"
    assert str(message["Auto-Submitted"]) == "auto-generated"
    assert message.get_content() == "Your report was received.\n\nÄ naïve line.\n"
    assert not message.defects


@given(
    st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"])), max_size=5),
    st.text("abcdefghijklmnopqrstuvwxyz0123456789-_=/?&.", min_size=1, max_size=300),
)
def test_any_text_arrives_as_it_was_written_around_a_personal_link(lines: list[str], path: str) -> None:
    link = f"https://alerts.example/{path}"
    body = "\n".join([*lines, f"Open {PERSONAL_LINK} to confirm.", *lines])
    envelope = personal("Subject", body, link)
    assert parsed(envelope).get_content() == body.replace(PERSONAL_LINK, link).rstrip() + "\n"
    assert max(len(line) for line in envelope.content.split(b"\r\n")) <= 78
    assert envelope.content.isascii()
    assert b"\n" not in envelope.content.replace(b"\r\n", b"")


def test_a_message_with_a_place_for_a_link_is_not_made_without_one() -> None:
    with pytest.raises(ValueError, match="personal link"):
        personal("Subject", f"Open {PERSONAL_LINK}")


@pytest.mark.parametrize("subject", ["Hello\r\nBcc: everyone@example.com", "Hello\nBcc: x@example.com", "Hello\rX: y"])
def test_a_line_break_in_a_header_is_refused(subject: str) -> None:
    with pytest.raises(ValueError):
        personal(subject, "Body")


@pytest.mark.parametrize(
    "address",
    [
        "a@example.com\r\nBcc: b@example.com",
        "a@example.com, b@example.com",
        "Someone <a@example.com>",
        "a b@example.com",
        "a@",
        "@there.example.com",
        "a@-example.com",
        "a@exa..mple.com",
        f"{'a' * 65}@example.com",
        f"a@{'.'.join(['b' * 60] * 5)}.com",
        "naïve@example.com",
        "",
    ],
)
def test_what_is_not_one_plain_address_is_refused_without_being_repeated(address: str) -> None:
    with pytest.raises(ValueError) as refusal:
        clean_address(address)
    assert not address or address not in str(refusal.value)


def test_an_address_keeps_its_first_part_and_its_domain_becomes_lower_case() -> None:
    assert clean_address(" J.O'Neil+tag@Hospital.EXAMPLE ") == "J.O'Neil+tag@hospital.example"
    assert clean_address("a@bücher.example") == "a@xn--bcher-kva.example"
    assert normalised_address("Nurse@Hospital.example") == "nurse@hospital.example"


def test_message_ids_are_random_and_at_the_senders_domain() -> None:
    first, second = new_message_id(SENDER), new_message_id(SENDER)
    assert first != second
    assert first.endswith("@westhaven.example>")


@pytest.mark.parametrize("extra", [{"message_id": "<1@x>\r\nBcc: y@example.com"}, {"link": "https://x\r\n.\r\n"}])
def test_control_characters_in_what_is_personal_are_refused(extra: dict[str, str]) -> None:
    prepared = compose(subject="Subject", body=f"Open {PERSONAL_LINK}", sender=SENDER)
    values = {"message_id": "<1@x>", "link": "https://x", **extra}
    with pytest.raises(ValueError):
        prepared.personalise(to="a@example.com", at=AT, message_id=values["message_id"], link=values["link"])

"""The watch over what leaves the product sees what it is there to see."""

import smtplib
import sqlite3
from email.message import EmailMessage

import pytest
from flask import Flask

from tests import watch
from tests.canaries import found_in, living
from tests.reviewing import SAM


@pytest.mark.parametrize(
    "written",
    [
        SAM.surname,
        SAM.surname.upper(),
        SAM.nhs_number,
        "943 476 5919",
        "17 March 1984",
        "1984-03-17",
        "17/03/1984",
        SAM.address,
        SAM.address.replace(" ", "%20"),
        SAM.postcode.replace(" ", ""),
        living("sister"),
    ],
)
def test_every_way_of_writing_a_planted_word_is_found(written: str) -> None:
    assert found_in(f"… {written} …".encode())


def test_ordinary_words_are_not_found() -> None:
    assert found_in(b"A report of 17 March 2026 about 1984 tablets, reference WES-2026-5919.") == set()


def test_a_page_that_shows_an_identity_is_seen() -> None:
    app = Flask("tried")
    app.add_url_rule("/case", "case", lambda: f"<p>{SAM.surname}</p>")
    app.test_client().get("/case", query_string={"words": SAM.forename})
    seen = watch.taken()
    assert any("GET case" in each and "address" not in each for each in seen)
    assert any("the address of GET case" in each for each in seen)


def test_a_file_that_holds_an_identity_is_seen(tmp_path) -> None:
    (tmp_path / "copy.db").write_bytes(b"\x00" + SAM.surname.encode() + b"\x00")
    watch.look_at_files(tmp_path)
    assert watch.taken() == ["file: applethwaite at copy.db"]


def test_what_is_written_into_a_database_that_was_searched_before_is_seen_every_time(tmp_path) -> None:
    with sqlite3.connect(tmp_path / "review.db") as database:
        database.execute("CREATE TABLE note (words TEXT)")
        database.executemany("INSERT INTO note VALUES (?)", [("ordinary " * 40,)] * 200)
    watch.look_at_files(tmp_path)
    assert watch.taken() == []
    with sqlite3.connect(tmp_path / "review.db") as database:
        database.execute("UPDATE note SET words = ? WHERE rowid = 100", (SAM.surname,))
    for _time in range(2):
        watch.look_at_files(tmp_path)
        assert watch.taken() == ["file: applethwaite at review.db"]


def test_a_message_that_holds_an_identity_is_seen_however_it_is_encoded(smtp_sink) -> None:
    for body, subject in ((f"About {SAM.surname} – read it.", "Hello"), ("Hello", f"{SAM.surname} – read it")):
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = "a@harbour.example", "b@harbour.example", subject
        message.set_content(body, cte="base64")
        with smtplib.SMTP(smtp_sink.host, smtp_sink.port) as connection:
            connection.send_message(message)
        assert watch.taken() == ["smtp: applethwaite at a message"]

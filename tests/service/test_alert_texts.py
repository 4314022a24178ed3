"""The words of every message about an alert, compared whole with a stored copy.

To store what is sent now: REVIEW_STORE_MAILS=1 python -m pytest tests/service/test_alert_texts.py
"""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from review_app.alerts.emails import back_to_draft_mail, to_sign_mail
from review_app.alerts.queries.versions import newest_version, wording_of
from review_app.alerts.rendering import message_of, reference_data, render_alert
from review_app.alerts.rules import AlertLevel, VersionKind, WithdrawalReason
from review_app.marks import Audience
from tests import factories
from tests.service.alert_cases import decided_signal, draft, edit, finished, make_list, ready_draft, soon

STORED = Path(__file__).resolve().parents[1] / "mails"


def same_as_stored(name, subject, body):
    text, file = f"Subject: {subject}\n\n{body}", STORED / f"{name}.txt"
    if os.environ.get("REVIEW_STORE_MAILS"):
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")


@pytest.mark.parametrize("timed", [False, True])
def test_a_signer_is_told_that_something_waits(work, clock, timed):
    with work():
        mail = to_sign_mail("WES-A-2026-0001", soon(clock.now(), hours=2) if timed else None)
        same_as_stored("alert_to_sign_at_a_time" if timed else "alert_to_sign", *mail)


def test_a_writer_is_told_that_it_came_back(work):
    with work():
        same_as_stored("alert_back_to_draft", *back_to_draft_mail("WES-A-2026-0001"))


def test_the_alert_itself(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        alert = ready_draft(session, here, now=clock.now(), audience=Audience.PUBLIC)
        version = newest_version(session, alert)
        rendered = render_alert(message_of(version), reference_data(session, version, now=clock.now()))
        same_as_stored("alert_red_public", rendered.subject, rendered.body)
        assert rendered.share == (
            "Blue tablets: collapse within minutes. Do not use alone. Words about what to do if you use drugs. "
            "Call 999 if someone is unwell. Stay with them. Westhaven WES-A-2026-0001. "
            "http://127.0.0.1:5000/alerts/WES-A-2026-0001"
        )


def test_an_exercise_says_so_first(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        signal = decided_signal(session, here, now=clock.now())
        alert = draft(session, here, signal, now=clock.now())
        session.flush()
        version = newest_version(session, alert)
        to = make_list(session, here, now=clock.now())
        edit(session, here, "coordinator", alert, finished(session, version, [to], now=clock.now()), now=clock.now())
        message = replace(message_of(version), exercise=True)
        rendered = render_alert(message, reference_data(session, version, now=clock.now()))
        assert rendered.subject.startswith("EXERCISE: Red alert WES-A-2026-0001")
        assert rendered.body.startswith("EXERCISE. This is practice.")
        assert rendered.share.startswith("EXERCISE. ")


def test_a_withdrawal_says_why_and_nothing_more(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        alert = ready_draft(session, here, now=clock.now(), level=AlertLevel.AMBER)
        version = newest_version(session, alert)
        message = replace(
            message_of(version),
            kind=VersionKind.WITHDRAWAL,
            number=2,
            replaces=1,
            withdrawal_reason=WithdrawalReason.NOT_CONFIRMED,
        )
        rendered = render_alert(message, reference_data(session, version, now=clock.now()))
        same_as_stored("alert_withdrawal", rendered.subject, rendered.body)
        message = replace(message, withdrawal_reason=WithdrawalReason.IDENTIFIES_SOMEONE)
        rendered = render_alert(message, reference_data(session, version, now=clock.now()))
        assert "blue tablets" not in (rendered.subject + rendered.body).casefold()


def test_the_same_words_always_make_the_same_text(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        version = newest_version(session, ready_draft(session, here, now=clock.now()))
        data = reference_data(session, version, now=clock.now())
        assert render_alert(message_of(version), data) == render_alert(message_of(version), data)
        assert wording_of(session, version) == wording_of(session, version)

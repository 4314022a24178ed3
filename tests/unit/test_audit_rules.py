"""What an event's hash covers, and what its content may hold."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review_app.audit.rules import (
    HASHED,
    AuditAction,
    Head,
    Report,
    agencies_of,
    content_of,
    event_message,
    instant_of,
    instant_text,
    kind_of,
    month_end,
    next_month,
    plain,
    roles_of,
)
from review_app.policy import Actor, Assignment, Held, Role

AT = datetime(2026, 11, 9, 10, 0, tzinfo=UTC)


@given(st.datetimes(min_value=datetime(1000, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_an_instant_is_written_with_one_width_and_read_back(instant: datetime) -> None:
    text = instant_text(instant)
    assert len(text) == 27
    assert instant_of(text) == instant


def test_an_instant_is_written_in_utc_and_a_naive_one_refused() -> None:
    assert instant_text(AT.astimezone(timezone(timedelta(hours=1)))) == "2026-11-09T10:00:00.000000Z"
    with pytest.raises(ValueError):
        instant_text(datetime(2026, 11, 9, 10, 0))  # noqa: DTZ001


def test_fields_marked_n_are_kept_in_clear_and_all_others_as_digests_under_the_salt() -> None:
    changes = {"state": (None, AuditAction.VIEW), "words": ("before", "after"), "on": (date(2026, 1, 2), None)}
    content = content_of(changes, frozenset({"state", "on"}), b"salt")
    assert '"state":{"new":"view","old":null}' in content
    assert '"on":{"new":null,"old":"2026-01-02"}' in content
    assert "before" not in content
    assert "after" not in content
    assert content != content_of(changes, frozenset({"state", "on"}), b"other")
    with pytest.raises(ValueError):
        content_of(changes, frozenset({"state"}), None)


def test_the_kind_of_an_unlisted_verb_is_a_change() -> None:
    assert [kind_of(verb) for verb in ("sign_off", "release", "view", "triage", "denied")] == [
        AuditAction.SIGN, AuditAction.SEND, AuditAction.VIEW, AuditAction.CHANGE, AuditAction.DENIED,
    ]  # fmt: skip


def test_roles_and_agencies_of_the_moment_are_listed_in_order() -> None:
    assignments = frozenset(
        {
            Assignment(role=Role.PANEL_MEMBER, held=Held.ALERT_PANEL, panel_id=1, agency_id=17),
            Assignment(role=Role.AGENCY_LEAD, held=Held.AGENCY, agency_id=3),
        }
    )
    actor = Actor(user_id=1, partnership_id=1, assignments=assignments)
    assert (roles_of(actor), agencies_of(actor)) == ('["agency:agency_lead","alert_panel:panel_member"]', "[3,17]")
    assert (roles_of(None), agencies_of(None)) == ("[]", "[]")


ROW: dict[str, object] = {name: name for name in HASHED} | {"sequence": 1, "actor_id": None, "partnership_id": 1}


@pytest.mark.parametrize("name", HASHED)
def test_every_column_and_its_type_are_hashed(name: str) -> None:
    others = {"", "x", 0, 1, 2, None} - {ROW[name]}
    messages = {event_message({**ROW, name: other}) for other in others}
    assert len(messages | {event_message(ROW)}) == len(others) + 1


@pytest.mark.parametrize("stored", [b"verb", 1.0, True])
def test_a_value_of_another_type_is_refused(stored: object) -> None:
    with pytest.raises(ValueError):
        event_message({**ROW, "verb": stored})


def test_months_follow_one_another() -> None:
    assert (next_month("2026-11"), next_month("2026-12")) == ("2026-12", "2027-01")
    assert month_end("2026-12") == datetime(2027, 1, 1, tzinfo=UTC)


def test_a_report_can_be_read() -> None:
    assert str(Report(ok=True, events=3)) == "The audit is whole: 3 events."
    assert str(Report(ok=False, events=3, problem="Event 4 was changed.")).endswith("Event 4 was changed.")
    assert Head(sequence=1, hash="a") == Head(sequence=1, hash="a")


def test_what_json_cannot_hold_is_written_as_text() -> None:
    assert plain([1, 2]) == "[1, 2]"
    assert plain(AT) == "2026-11-09T10:00:00.000000Z"

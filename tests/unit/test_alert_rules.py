import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from itertools import permutations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review_app.alerts.rules import (
    RETRIES,
    AlertKind,
    AlertLevel,
    Audience,
    SendTime,
    SignerSlot,
    WithdrawalReason,
    audience_drifted,
    default_lifetime,
    digest,
    headline_objection,
    level_for,
    may_sign_as,
    missing_parts,
    next_attempt,
    read_alert_rules,
    send_time,
    sends_unknown_again,
    signatures_needed,
    signatures_suffice,
    still_needed,
)
from review_app.catalogue import shipped
from review_app.marks import Grade, Tlp
from review_app.policy import Role

RULES = read_alert_rules({row.key: row for row in shipped.rule_sets()}["alert_rules"].content)
NOW = datetime(2026, 11, 6, 18, 40, tzinfo=UTC)
CO, CH, DC, AP, DPH, CM = (
    Role.COORDINATOR, Role.CHAIR, Role.DEPUTY_CHAIR, Role.APPROVER, Role.DPH, Role.COMMUNICATIONS,
)  # fmt: skip
SIGNERS = (CO, CH, DC, AP, DPH, CM)


def needed(
    level: AlertLevel, audience: Audience = Audience.AT_RISK_AGENCIES, out_of_hours: bool = False
) -> tuple[SignerSlot, ...]:
    return signatures_needed(RULES.signing, level, audience, out_of_hours=out_of_hours)


@pytest.mark.parametrize("role", list(Role))
def test_an_information_alert_needs_the_coordinator_or_a_chair(role: Role) -> None:
    assert signatures_suffice(needed(AlertLevel.INFORMATION), [role]) is (role in {CO, CH, DC})


@pytest.mark.parametrize(
    ("level", "first", "second"), list(product([AlertLevel.AMBER, AlertLevel.RED], SIGNERS, SIGNERS))
)
def test_amber_and_red_need_two_of_whom_one_is_the_dph_or_delegate(
    level: AlertLevel, first: Role, second: Role
) -> None:
    assert signatures_suffice(needed(level), [first, second]) is bool({first, second} & {DPH, AP})
    assert not signatures_suffice(needed(level), [first])


def test_a_public_alert_adds_communications() -> None:
    public = needed(AlertLevel.RED, Audience.PUBLIC)
    assert not signatures_suffice(public, [DPH, CH])
    assert not signatures_suffice(public, [DPH, CM])
    assert signatures_suffice(public, [DPH, CH, CM])
    assert signatures_suffice(needed(AlertLevel.INFORMATION, Audience.PUBLIC), [CM, CO])
    assert still_needed(public, [CM]) == ("the Director of Public Health or their delegate", "a second signer")


@pytest.mark.parametrize(
    ("level", "out_of_hours", "count"),
    [
        (AlertLevel.RED, True, 2),
        (AlertLevel.RED, False, 3),
        (AlertLevel.AMBER, True, 3),
        (AlertLevel.INFORMATION, True, 2),
    ],
)
def test_only_a_red_alert_out_of_hours_does_not_wait_for_communications(
    level: AlertLevel, out_of_hours: bool, count: int
) -> None:
    assert len(needed(level, Audience.PUBLIC, out_of_hours)) == count


@pytest.mark.parametrize(("level", "audience"), list(product(AlertLevel, Audience)))
def test_a_provisional_alert_takes_one_signer_beside_its_author(level: AlertLevel, audience: Audience) -> None:
    slots = signatures_needed(RULES.signing, level, audience, out_of_hours=True, provisional=True)
    assert all(signatures_suffice(slots, [role]) for role in SIGNERS)
    assert not signatures_suffice(slots, [])


@given(
    st.sampled_from(list(AlertLevel)), st.sampled_from(list(Audience)), st.lists(st.sampled_from(SIGNERS), max_size=5)
)
def test_the_order_of_signatures_does_not_matter_and_one_more_never_hurts(
    level: AlertLevel, audience: Audience, roles: list[Role]
) -> None:
    slots = needed(level, audience)
    enough = signatures_suffice(slots, roles)
    assert all(signatures_suffice(slots, list(order)) is enough for order in list(permutations(roles))[:24])
    assert (still_needed(slots, roles) == ()) is enough
    if enough:
        assert all(signatures_suffice(slots, [*roles, role]) for role in SIGNERS)
        assert not any(may_sign_as(slots, roles, role) for role in SIGNERS)


def test_a_signature_that_the_rule_does_not_ask_for_is_not_taken() -> None:
    assert not may_sign_as(needed(AlertLevel.INFORMATION), [], DPH)
    assert may_sign_as(needed(AlertLevel.RED), [CO], DPH)
    assert not may_sign_as(needed(AlertLevel.RED), [CO], CH)
    assert not may_sign_as(needed(AlertLevel.RED), [], Role.ADMIN)


PARTS = {"headline": "Take care", "what_happened": "People collapsed.", "level": "red"}
LISTS = {"audience": "public", "tlp": Tlp.CLEAR.value, "lists": [1, 2]}


def digested(
    parts: dict[str, str] = PARTS,
    attachments: tuple[str, ...] = ("aa", "bb"),
    audience: dict[str, object] = LISTS,  # type: ignore[assignment]
    exercise: bool = False,
    send_at: datetime | None = NOW,
) -> str:
    return digest(parts=parts, attachments=attachments, audience=audience, exercise=exercise, send_at=send_at)


def test_the_digest_covers_everything_that_is_signed() -> None:
    changed = [
        digested(parts={**PARTS, "headline": "Take care!"}),
        digested(parts={**PARTS, "extra": ""}),
        digested(attachments=("aa",)),
        digested(audience={**LISTS, "lists": [1, 2, 3]}),
        digested(exercise=True),
        digested(send_at=NOW + timedelta(microseconds=1)),
        digested(send_at=None),
    ]
    assert len({digested(), *changed}) == len(changed) + 1


def test_the_digest_does_not_depend_on_order_or_time_zone() -> None:
    assert digested(parts=dict(reversed(PARTS.items()))) == digested()
    assert digested(attachments=("bb", "aa")) == digested()
    assert digested(send_at=NOW.astimezone(timezone(timedelta(hours=1)))) == digested()


def test_the_digest_is_of_one_stated_text_so_that_old_signatures_can_be_checked() -> None:
    covered = (
        '{"attachments":["aa","bb"],"audience":{"audience":"public","lists":[1,2],"tlp":"clear"},"exercise":false,'
        '"parts":{"headline":"Take care","level":"red","what_happened":"People collapsed."},'
        '"send_at":"2026-11-06T18:40:00.000000+00:00"}'
    )
    assert digested() == hashlib.sha256(covered.encode()).hexdigest()


def test_a_naive_send_time_cannot_be_signed() -> None:
    with pytest.raises(ValueError):
        digested(send_at=datetime(2026, 11, 6))  # noqa: DTZ001


@given(
    st.dictionaries(st.text(max_size=8), st.text(max_size=20)),
    st.dictionaries(st.text(max_size=8), st.text(max_size=20)),
)
def test_two_texts_have_one_digest_only_if_they_are_the_same(one: dict[str, str], other: dict[str, str]) -> None:
    assert (digested(parts=one) == digested(parts=other)) is (one == other)


@pytest.mark.parametrize(
    ("minutes", "meaning"),
    [
        (1, SendTime.WAITS),
        (0, SendTime.GOES_NOW),
        (-59, SendTime.GOES_NOW),
        (-60, SendTime.TOO_OLD),
        (-600, SendTime.TOO_OLD),
    ],
)
def test_a_send_time_that_has_just_passed_goes_at_once_and_an_older_one_is_asked_again(
    minutes: int, meaning: SendTime
) -> None:
    assert send_time(NOW + timedelta(minutes=minutes), NOW) is meaning


def test_no_send_time_means_as_soon_as_it_is_signed() -> None:
    assert send_time(None, NOW) is SendTime.GOES_NOW


def test_a_failed_message_is_tried_again_after_1_2_5_10_and_20_minutes() -> None:
    waits = [next_attempt(attempts, NOW) for attempts in range(1, 7)]
    assert waits == [*(NOW + timedelta(minutes=minutes) for minutes in (1, 2, 5, 10, 20)), None]
    assert next_attempt(0, NOW) is None
    assert len(RETRIES) == 5


@pytest.mark.parametrize(
    ("signed", "resolved", "drifted"),
    [
        (1000, 1100, False),
        (1000, 1101, True),
        (1000, 900, False),
        (1000, 899, True),
        (0, 0, False),
        (0, 1, True),
        (5, 6, True),
    ],
)
def test_signers_are_asked_again_when_the_audience_differs_by_more_than_a_tenth(
    signed: int, resolved: int, drifted: bool
) -> None:
    assert audience_drifted(signed, resolved) is drifted


def test_the_level_follows_the_grade() -> None:
    assert [level_for(grade).value for grade in Grade] == ["information", "information", "information", "amber", "red"]
    assert [sends_unknown_again(level) for level in AlertLevel] == [False, True, True]


@pytest.mark.parametrize(
    ("kind", "audience", "days"),
    [
        (AlertKind.ONE_OFF, Audience.PROFESSIONALS, 14),
        (AlertKind.ONE_OFF, Audience.AT_RISK_AGENCIES, 14),
        (AlertKind.RELAY, Audience.PROFESSIONALS, 14),
        (AlertKind.ONE_OFF, Audience.PUBLIC, 7),
        (AlertKind.STANDING, Audience.PUBLIC, 90),
        (AlertKind.STANDING, Audience.PROFESSIONALS, 90),
    ],
)
def test_how_long_an_alert_lasts(kind: AlertKind, audience: Audience, days: int) -> None:
    assert default_lifetime(RULES.lifetime_days, kind, audience) == timedelta(days=days)


def test_every_required_part_is_missed_until_it_is_written() -> None:
    required = [part for part in RULES.parts if part.required]
    assert missing_parts(RULES.parts, {}) == required
    written = {part.key: "Something" for part in RULES.parts}
    assert missing_parts(RULES.parts, written) == []
    for part in required:
        assert missing_parts(RULES.parts, {**written, part.key: "  "}) == [part]
    (headline,) = missing_parts(RULES.parts, {**written, "headline": "x" * 91})
    assert headline.key == "headline"
    optional = replace(headline, required=False, limit=0)
    assert missing_parts((optional,), {}) == []


@pytest.mark.parametrize(("headline", "fits"), [("", False), (" ", False), ("x" * 90, True), ("x" * 91, False)])
def test_a_headline_has_at_most_ninety_characters(headline: str, fits: bool) -> None:
    assert (headline_objection(headline) is None) is fits


def test_every_reason_to_withdraw_has_shipped_words() -> None:
    assert all(RULES.withdrawal_reasons[reason] for reason in WithdrawalReason)
    assert "{headline}" in RULES.withdrawal_headline


def test_tlp_is_written_as_its_standard_says() -> None:
    assert [tlp.label for tlp in Tlp] == ["TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED"]

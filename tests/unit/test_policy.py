"""The policy table, every role with every permission, against a second transcript of the access rules."""

from itertools import product

import pytest

from review_app.errors import NotAllowed
from review_app.policy import (
    AGENCY_ROLES,
    GRANTS,
    PANEL_ROLES,
    PARTNERSHIP_ROLES,
    Actor,
    Assignment,
    Held,
    Permission,
    Role,
    allowed,
    qualifying,
    require,
)

EVERYONE = "submission:make home:see alert:read_green thread:see search:use"
"""What any role at all gives."""
RUNS_IT = (
    "submission:see submission:see_restricted submitter:identify police_sensitive:see signal:see corroboration:see"
    " assessment:see assessment:reveal decision:see alert:see_versions alert:read_strict alert:sign alert:withdraw"
    " delivery:see delivery:settle advice:see"
)
CHAIRS = f"{RUNS_IT} assessment:make decision:make decision:dissent list:see_totals"
SIGNS = (
    "signal:see_decided assessment:see decision:see alert:see_versions alert:read_strict alert:sign delivery:see"
    " delivery:settle advice:see"
)
ALL_LEARNING = "learning:see theme:see recommendation:see action:see"
BOARD = "case:see_totals learning:see_approved theme:see recommendation:see action:see"
REVIEWS = (
    f"case:see identity:reveal request:see meeting:see declaration:see learning:record {ALL_LEARNING}"
    " recommendation:draft"
)
REVIEW_CHAIRS = f"{REVIEWS} case:sign sensitive:see_by_reason learning:agree"
GIVEN: dict[tuple[Held, Role], str] = {
    (Held.ALERT_PANEL, Role.COORDINATOR): f"{RUNS_IT} submission:triage signal:manage corroboration:ask"
    " panel:open_grading alert:draft list:see list:manage delivery:resend death:notify",
    (Held.ALERT_PANEL, Role.CHAIR): CHAIRS,
    (Held.ALERT_PANEL, Role.DEPUTY_CHAIR): CHAIRS,
    (Held.ALERT_PANEL, Role.PANEL_MEMBER): "submission:see_corroborating submission:see_restricted_with_panel"
    " submitter:identify_consented signal:see corroboration:see assessment:make assessment:see decision:see"
    " decision:dissent alert:see_submitted alert:read_strict delivery:see_totals advice:see",
    (Held.PARTNERSHIP, Role.APPROVER): f"{SIGNS} alert:draft alert:withdraw delivery:resend list:see_totals",
    (Held.PARTNERSHIP, Role.COMMUNICATIONS): f"{SIGNS} alert:draft delivery:resend list:see list:manage",
    (
        Held.PARTNERSHIP,
        Role.DPH,
    ): f"{SIGNS} alert:withdraw list:see_totals case:see_exists recommendation:decide {ALL_LEARNING}",
    (Held.PARTNERSHIP, Role.ON_CALL): "submission:see_urgent submission:see_restricted_urgent submitter:identify_urgent"
    " signal:see corroboration:see assessment:see decision:see alert:see_versions alert:withdraw list:see_totals"
    " delivery:see delivery:settle",
    (Held.PARTNERSHIP, Role.ANALYST): "submission:see_deidentified signal:see_totals assessment:see_totals"
    f" decision:see_totals delivery:see_totals case:see_totals case:see_deidentified {ALL_LEARNING}",
    (
        Held.PARTNERSHIP,
        Role.SRO,
    ): f"{BOARD} recommendation:decide submission:see_totals signal:see_totals decision:see delivery:see_totals",
    (
        Held.PARTNERSHIP,
        Role.IG_LEAD,
    ): f"audit:read audit:prune case:see_exists case:destroy_approve declaration:see {ALL_LEARNING}",
    (Held.PARTNERSHIP, Role.ADMIN): "accounts:manage settings:manage audit:read_technical",
    (Held.PARTNERSHIP, Role.BOARD_READER): BOARD,
    (Held.PARTNERSHIP, Role.FAMILY_LIAISON): "learning:see theme:see",
    (Held.AGENCY, Role.AGENCY_LEAD): "submission:see_agency_totals corroboration:see_agency list:see_agency"
    " delivery:see_agency audit:read_own_staff",
    (Held.AGENCY, Role.AGENCY_REPRESENTATIVE): "corroboration:see_agency corroboration:answer"
    " death:notify request:see_agency request:answer learning:see theme:see recommendation:see_agency action:see_agency"
    " action:do",
    (Held.AGENCY, Role.SUBMITTER): "",
    (Held.REVIEW_PANEL, Role.COORDINATOR): f"{REVIEWS} death:notify case:manage case:destroy_propose sensitive:see"
    " meeting:manage action:manage action:do",
    (Held.REVIEW_PANEL, Role.CHAIR): REVIEW_CHAIRS,
    (Held.REVIEW_PANEL, Role.DEPUTY_CHAIR): REVIEW_CHAIRS,
    (Held.REVIEW_PANEL, Role.PANEL_MEMBER): f"case:see_listed request:see_agency meeting:see_own learning:record"
    f" {ALL_LEARNING}",
}


def holder(held: Held, role: Role, **facts: object) -> Actor:
    scope = {"agency_id": 1} if held is Held.AGENCY else {"panel_id": 1} if role in PANEL_ROLES else {}
    assignment = Assignment(role=role, held=held, **{**scope, **facts})  # type: ignore[arg-type]
    return Actor(user_id=1, partnership_id=1, assignments=frozenset({assignment}))


def held_by(actor: Actor) -> set[str]:
    return {permission.value for permission in Permission if allowed(actor, permission)}


def test_every_role_on_everything_it_can_be_held_on_is_in_the_transcript() -> None:
    panels = product((Held.ALERT_PANEL, Held.REVIEW_PANEL), PANEL_ROLES)
    partnerships, agencies = product((Held.PARTNERSHIP,), PARTNERSHIP_ROLES), product((Held.AGENCY,), AGENCY_ROLES)
    assert set(GIVEN) == {*panels, *partnerships, *agencies}


@pytest.mark.parametrize(("held", "role"), sorted(GIVEN))
def test_a_role_gives_exactly_what_the_access_rules_say(held: Held, role: Role) -> None:
    assert held_by(holder(held, role)) == {*EVERYONE.split(), *GIVEN[held, role].split()}


@pytest.mark.parametrize(
    ("role", "facts", "more"),
    [
        (Role.PANEL_MEMBER, {"agency_type": "police"}, {"police_sensitive:see"}),
        (Role.PANEL_MEMBER, {"clinical": True}, {"advice:sign"}),
        (Role.COORDINATOR, {"agency_id": 1}, {"assessment:make", "decision:dissent"}),
    ],
)
def test_a_seat_gives_more_where_its_facts_say_so(role: Role, facts: dict[str, object], more: set[str]) -> None:
    plain = held_by(holder(Held.ALERT_PANEL, role))
    assert held_by(holder(Held.ALERT_PANEL, role, **facts)) == plain | more
    assert held_by(holder(Held.REVIEW_PANEL, role, **facts)) == held_by(holder(Held.REVIEW_PANEL, role))


def test_every_permission_is_in_the_table_and_given_to_somebody() -> None:
    assert set(GRANTS) == set(Permission)
    given = {word for words in (EVERYONE, *GIVEN.values()) for word in words.split()}
    assert given | {"advice:sign"} == {permission.value for permission in Permission}


def test_nobody_without_a_role_holds_anything() -> None:
    assert held_by(Actor(user_id=1, partnership_id=1)) == set()


def test_administering_accounts_gives_no_right_to_read() -> None:
    seen = held_by(holder(Held.PARTNERSHIP, Role.ADMIN)) - set(EVERYONE.split())
    assert not {word for word in seen if ":see" in word}


def test_a_permission_is_required_by_the_role_that_is_named() -> None:
    chair = holder(Held.ALERT_PANEL, Role.CHAIR)
    require(chair, Permission.ALERT_SIGN, acting_as=Role.CHAIR)
    for refused in (
        lambda: require(chair, Permission.ALERT_SIGN, acting_as=Role.DPH),
        lambda: require(chair, Permission.ALERT_DRAFT),
    ):
        with pytest.raises(NotAllowed):
            refused()
    assert {a.role for a in qualifying(chair, Permission.ALERT_SIGN)} == {Role.CHAIR}
    assert qualifying(chair, Permission.ALERT_DRAFT) == frozenset()

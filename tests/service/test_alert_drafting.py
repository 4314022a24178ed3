"""Beginning an alert from a Signal, writing it, and putting it to the signers."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from review_app.alerts.commands import AddRecipient, DraftAlert, RecipientDetails, RemoveRecipient
from review_app.alerts.models import Alert, AlertVersion
from review_app.alerts.queries.audience import audience_count
from review_app.alerts.queries.editor import editor_page, preview
from review_app.alerts.queries.readiness import missing
from review_app.alerts.queries.versions import alert_rules, newest_version, wording_of
from review_app.alerts.rules import AlertKind, AlertLevel, VersionState
from review_app.alerts.service import drafting, lists
from review_app.catalogue.commands import SignAdviceBlock
from review_app.catalogue.models import AdviceBlock
from review_app.catalogue.service import sign_advice_block
from review_app.errors import MoveRefused, NotAllowed, NotVisible, RuleBroken, Stale
from review_app.links.models import EvidenceLink, Relation
from review_app.marks import Audience, Certainty, Grade, Tlp
from review_app.panel.rules import EfficacyAnswer, Outcome
from review_app.submissions.models import ReportedSubstance
from tests import factories
from tests.service.alert_cases import decided_signal, draft, edit, finished, make_list, ready_draft, soon, submitted

WRITERS = ("coordinator", "approver", "communications")
OWN_WORDS = "My friend Zed at 12 Quay Street went blue and I gave him two doses"


def test_a_draft_takes_grade_audience_and_coded_answers_and_never_the_submitters_words(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        signal = decided_signal(
            session, here, now=clock.now(), outcome=Outcome.PUBLIC_ALERT, own_words=OWN_WORDS, sold_as="zed's blue ones"
        )
        drug = session.scalars(select(ReportedSubstance)).one()
        drug.suspected, drug.certainty = ["bromazolam", "something zed said"], Certainty.PRESUMPTIVE
        alert = draft(session, here, signal, now=clock.now())
        version = newest_version(session, alert)
        assert (version.level, version.audience, version.tlp) == (AlertLevel.RED, Audience.PUBLIC, Tlp.CLEAR)
        assert version.parts["certainty"] == "presumptive"
        assert version.parts["where_and_when"] == "Westhaven Harbour, on 9 November 2026."
        assert version.parts["substance"] == "Not confirmed. It may contain bromazolam."
        assert "sold_as" not in version.parts
        assert "zed" not in str(version.parts).casefold()
        assert "quay" not in str(version.parts).casefold()
        assert version.expires_at == soon(clock.now(), days=7, hours=13, minutes=59)
        assert version.author_id == here.user("coordinator").id


def test_a_street_name_that_the_list_knows_is_taken_by_its_listed_name(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        signal = decided_signal(session, here, now=clock.now(), sold_as="  DIAZEPAM ")
        version = newest_version(session, draft(session, here, signal, now=clock.now()))
        assert version.parts["sold_as"] == "diazepam"


def test_a_draft_is_linked_to_its_signal_as_evidence(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        signal = decided_signal(session, here, now=clock.now())
        alert = draft(session, here, signal, now=clock.now())
        session.flush()
        link = session.scalars(select(EvidenceLink).where(EvidenceLink.relation == Relation.WARNED_BY)).one()
        assert (link.from_signal_id, link.to_alert_id) == (signal.id, alert.id)
        assert [each.signal_id for each in alert.signals] == [signal.id]


def test_pressing_twice_makes_one_draft_and_a_second_alert_comes_after_the_first_is_written_in(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        signal = decided_signal(session, here, now=clock.now())
        first = draft(session, here, signal, now=clock.now())
        session.flush()
        assert draft(session, here, signal, now=clock.now()) is first
        wording = replace(wording_of(session, newest_version(session, first)), headline="For professionals")
        edit(session, here, "coordinator", first, wording, now=clock.now())
        assert draft(session, here, signal, now=clock.now()) is not first


@pytest.mark.parametrize("outcome", [Outcome.NO_FURTHER_ACTION, Outcome.COUNTERPRODUCTIVE, Outcome.MONITOR])
def test_no_alert_is_drafted_where_the_panel_decided_against_one(work, clock, outcome):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        signal = decided_signal(session, here, now=clock.now(), outcome=outcome)
        with pytest.raises(RuleBroken):
            draft(session, here, signal, now=clock.now())


def test_no_alert_is_drafted_before_the_panel_decides(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        signal = factories.make_signal(session, here, now=clock.now())
        with pytest.raises(RuleBroken):
            draft(session, here, signal, now=clock.now())


def test_only_writers_draft_and_others_learn_only_what_they_may(work, clock):
    with work() as session:
        world = factories.world(session, now=clock.now())
        here = world.westhaven
        signal = decided_signal(session, here, now=clock.now())
        for key in sorted(here.users):
            actor = here.actor(key)
            command = DraftAlert(signal=signal.reference)
            if key in WRITERS or key == "coordinator2":
                drafting.draft_alert(session, actor, command, now=clock.now())
                continue
            with pytest.raises((NotAllowed, NotVisible)):
                drafting.draft_alert(session, actor, command, now=clock.now())
        with pytest.raises(NotVisible):
            draft(session, world.eastmoor, signal, now=clock.now())


def test_every_required_part_is_asked_for_and_nothing_else_is(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        alert = draft(session, here, decided_signal(session, here, now=clock.now()), now=clock.now())
        session.flush()
        version, rules = newest_version(session, alert), alert_rules(session, now=clock.now())
        asked = {step.field for step in missing(session, version, rules, now=clock.now())}
        assert {"headline", "what_happened", "do_people", "not_known", "lists", "ef8"} <= asked
        assert not {"naloxone", "expires_on", "level"} & asked
        to = make_list(session, here, now=clock.now())
        whole = finished(session, version, [to], now=clock.now())
        edit(session, here, "coordinator", alert, whole, now=clock.now())
        assert missing(session, version, rules, now=clock.now()) == []
        for key in whole.parts:
            parts = {other: text for other, text in whole.parts.items() if other != key}
            edit(session, here, "coordinator", alert, replace(whole, parts=parts), now=clock.now())
            assert [step.field for step in missing(session, version, rules, now=clock.now())] == [key]
            with pytest.raises(RuleBroken, match="Still missing"):
                submitted(session, here, alert, now=clock.now())


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"headline": ""}, "headline"),
        ({"lists": ()}, "lists"),
        ({"ef8": None}, "ef8"),
        ({"ef8": EfficacyAnswer.YES}, "ef8_resolution"),
        ({"ef8": EfficacyAnswer.UNSURE}, "ef8_resolution"),
        ({"audience": Audience.PUBLIC}, "audience"),
        ({"tlp": Tlp.CLEAR}, "audience"),
        ({"level": AlertLevel.AMBER}, "level"),
        ({"expires_at": None}, "expires_on"),
    ],
)
def test_what_is_not_right_is_said_and_cannot_be_submitted(work, clock, change, field):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        alert = ready_draft(session, here, now=clock.now())
        version, rules = newest_version(session, alert), alert_rules(session, now=clock.now())
        edit(session, here, "coordinator", alert, replace(wording_of(session, version), **change), now=clock.now())
        assert [step.field for step in missing(session, version, rules, now=clock.now())] == [field]
        with pytest.raises(RuleBroken, match="Still missing"):
            submitted(session, here, alert, now=clock.now())


def test_a_send_time_must_be_to_come_and_before_the_end(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        alert = ready_draft(session, here, now=clock.now(), send_at=soon(clock.now(), minutes=-1))
        with pytest.raises(RuleBroken, match="When it goes out"):
            submitted(session, here, alert, now=clock.now())
        wording = wording_of(session, newest_version(session, alert))
        edit(session, here, "coordinator", alert, replace(wording, send_at=soon(clock.now(), days=90)), now=clock.now())
        with pytest.raises(RuleBroken, match="When it ends"):
            submitted(session, here, alert, now=clock.now())


def test_a_settled_question_keeps_who_settled_it_and_why(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        alert = ready_draft(session, here, now=clock.now(), ef8=EfficacyAnswer.YES)
        version = newest_version(session, alert)
        wording = replace(wording_of(session, version), ef8_resolution="Agreed with the police on Friday.")
        edit(session, here, "approver", alert, wording, now=clock.now())
        submitted(session, here, alert, now=clock.now())
        assert version.ef8_resolved_by_id == here.user("approver").id
        assert version.state is VersionState.AWAITING_SIGN_OFF


def test_unsigned_advice_stands_in_the_way_until_a_clinician_here_signs_it(work, clock):
    with work() as session:
        world = factories.world(session, now=clock.now())
        here = world.westhaven
        block = session.scalars(select(AdviceBlock).where(AdviceBlock.key == "opioid_core")).one()
        alert = ready_draft(session, here, now=clock.now(), blocks=(str(block.id),))
        with pytest.raises(RuleBroken, match="Advice signed by a clinician"):
            submitted(session, here, alert, now=clock.now())
        command = SignAdviceBlock(key=block.key, version=block.version)
        sign_advice_block(session, world.eastmoor.actor("clinician.panel"), command, now=clock.now())
        with pytest.raises(RuleBroken, match="Advice signed by a clinician"):
            submitted(session, here, alert, now=clock.now())
        sign_advice_block(session, here.actor("clinician.panel"), command, now=clock.now())
        version = submitted(session, here, alert, now=clock.now())
        assert "ADVICE: OPIOIDS\nDo not use alone." in version.body


def test_the_second_of_two_writers_is_shown_both_texts_and_can_keep_both(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        alert = ready_draft(session, here, now=clock.now())
        opened = newest_version(session, alert).version
        wording = wording_of(session, newest_version(session, alert))
        theirs = replace(wording, parts={**wording.parts, "signs": "Blue lips."})
        yours = replace(wording, parts={**wording.parts, "signs": "Slow breathing."})
        edit(session, here, "approver", alert, theirs, now=clock.now(), version=opened)
        with pytest.raises(Stale) as stale:
            edit(session, here, "coordinator", alert, yours, now=clock.now(), version=opened)
        assert stale.value.differences == (("Signs to look for", "Slow breathing.", "Blue lips."),)
        both = replace(wording, parts={**wording.parts, "signs": "Blue lips. Slow breathing."})
        edit(session, here, "coordinator", alert, both, now=clock.now())
        assert newest_version(session, alert).parts["signs"] == "Blue lips. Slow breathing."


def test_a_change_to_the_lists_alone_is_a_change(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        alert = ready_draft(session, here, now=clock.now())
        opened = newest_version(session, alert).version
        other = make_list(session, here, now=clock.now(), name="Second list", people=2)
        wording = wording_of(session, newest_version(session, alert))
        edit(session, here, "approver", alert, replace(wording, lists=(other.reference,)), now=clock.now())
        assert newest_version(session, alert).version > opened
        with pytest.raises(Stale):
            edit(session, here, "coordinator", alert, replace(wording, headline="X"), now=clock.now(), version=opened)


def test_an_address_on_two_lists_counts_once_and_those_who_left_not_at_all(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        alert = ready_draft(session, here, now=clock.now(), people=3)
        second = make_list(session, here, now=clock.now(), name="Second", people=0)
        coordinator = here.actor("coordinator")
        for address in ("P0@wes-l-2026-0001.EXAMPLE", "new@hostel.example", "gone@hostel.example"):
            details = RecipientDetails(address=address)
            command = AddRecipient(reference=second.reference, details=details)
            added = lists.add_recipient(session, coordinator, command, now=clock.now())
        session.flush()
        gone = RemoveRecipient(reference=second.reference, recipient_id=added.id, version=added.version)
        lists.remove_recipient(session, coordinator, gone, now=clock.now())
        version = newest_version(session, alert)
        wording = wording_of(session, version)
        edit(
            session,
            here,
            "coordinator",
            alert,
            replace(wording, lists=(*wording.lists, second.reference)),
            now=clock.now(),
        )
        assert audience_count(session, version) == 4
        assert submitted(session, here, alert, now=clock.now()).audience_count == 4


def test_lists_of_a_neighbour_or_for_exercises_cannot_be_chosen(work, clock):
    with work() as session:
        world = factories.world(session, now=clock.now())
        here = world.westhaven
        alert = ready_draft(session, here, now=clock.now())
        wording = wording_of(session, newest_version(session, alert))
        theirs = make_list(session, world.eastmoor, now=clock.now())
        practice = make_list(session, here, now=clock.now(), name="Practice", exercise=True)
        for wrong in (theirs, practice):
            with pytest.raises(RuleBroken, match="cannot be used"):
                edit(session, here, "coordinator", alert, replace(wording, lists=(wrong.reference,)), now=clock.now())


def test_what_was_cancelled_cannot_be_edited_or_submitted(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        alert = ready_draft(session, here, now=clock.now())
        version = newest_version(session, alert)
        version.state = VersionState.CANCELLED
        session.flush()
        wording = replace(wording_of(session, version), headline="X")
        with pytest.raises(MoveRefused):
            edit(session, here, "coordinator", alert, wording, now=clock.now())
        with pytest.raises(MoveRefused):
            submitted(session, here, alert, now=clock.now())


def test_the_preview_of_the_editor_is_the_text_that_is_submitted(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        alert = ready_draft(session, here, now=clock.now(), send_at=soon(clock.now(), hours=2))
        version = newest_version(session, alert)
        shown = preview(session, version, wording_of(session, version), now=clock.now())
        submitted(session, here, alert, now=clock.now())
        assert shown.subject == version.subject
        assert "Issued: Monday 9 November 2026 at 12:00" in shown.body
        assert (
            shown.body.replace("Monday 9 November 2026 at 12:00", "[[issued-at]]", 1).replace(
                "(each person’s own private link)", "[[personal-link]]"
            )
            == version.body
        )


def test_a_red_mark_keeps_the_headline_out_of_the_subject_and_makes_no_text_to_share(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        alert = ready_draft(session, here, now=clock.now())
        version = newest_version(session, alert)
        shown = preview(session, version, replace(wording_of(session, version), tlp=Tlp.RED), now=clock.now())
        assert shown.subject == f"Red alert {alert.reference} version 1"
        assert shown.share == ""


def test_text_that_may_identify_somebody_is_pointed_out(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        alert = ready_draft(session, here, now=clock.now())
        wording = wording_of(session, newest_version(session, alert))
        told = replace(
            wording,
            parts={
                **wording.parts,
                "where_and_when": "12 Quay Street, AB1 2DE",
                "what_happened": "Her sister is on 01632 960 144.",
                "services": "Ring 01632 960 144 at any time.",
            },
        )
        edit(session, here, "coordinator", alert, told, now=clock.now())
        page = editor_page(session, here.actor("coordinator"), alert.reference, now=clock.now())
        assert {(hint.part, hint.kind) for hint in page.hints} == {
            ("Where and when", "street address"),
            ("Where and when", "postcode"),
            ("What has happened", "phone"),
        }


def test_the_kind_of_an_alert_is_settled_until_it_is_issued(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        alert = ready_draft(session, here, now=clock.now(), kind=AlertKind.STANDING)
        assert alert.kind is AlertKind.STANDING


def test_references_of_alerts_count_up_in_their_own_series(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        references = [ready_draft(session, here, now=clock.now()).reference for _ in range(2)]
        assert references == ["WES-A-2026-0001", "WES-A-2026-0002"]
        assert len(session.scalars(select(AlertVersion)).all()) == len(session.scalars(select(Alert)).all()) == 2


def test_a_grade_of_two_informs_and_a_level_may_be_raised(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        signal = decided_signal(session, here, now=clock.now(), grade=Grade.G2, outcome=Outcome.SHARE_FOR_INFORMATION)
        alert = draft(session, here, signal, now=clock.now())
        version = newest_version(session, alert)
        assert (version.level, version.tlp) == (AlertLevel.INFORMATION, Tlp.GREEN)
        session.flush()
        whole = finished(session, version, [make_list(session, here, now=clock.now())], now=clock.now())
        edit(session, here, "coordinator", alert, replace(whole, level=AlertLevel.AMBER), now=clock.now())
        assert submitted(session, here, alert, now=clock.now()).level is AlertLevel.AMBER

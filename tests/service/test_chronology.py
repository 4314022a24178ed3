"""The merged chronology of a case: what each reader sees, what the coordinator adds, what the panel's papers hold."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from review_app.audit.queries import timeline
from review_app.errors import NotAllowed, NotVisible, RuleBroken, Stale
from review_app.fuzzy import NOT_KNOWN, about_day, between, on_day
from review_app.reviews.commands.chronology import AddEvent, CorrectEvent, EventDetails, RemoveEvent
from review_app.reviews.commands.requests import ReadRestricted, SayNothingHeld
from review_app.reviews.queries.chronology import MASKED, ChronologyFilter, chronology_page, own_event
from review_app.reviews.queries.pack import pack_chronology, pack_reflections
from review_app.reviews.rules.chronology import Since
from review_app.reviews.rules.requests import RestrictedPurpose
from review_app.reviews.rules.states import CaseState, ConflictKind, RequestState, ReturnKind
from review_app.reviews.service import chronology as service
from review_app.reviews.service.requests import read_restricted
from review_app.reviews.service.returns import say_nothing_held
from tests import factories, reviewing

COORDINATOR, CHAIR = "review.coordinator", "review.chair"
DIED = date(2026, 11, 5)
SEEN = EventDetails(happened=on_day(date(2026, 10, 1)), kind="contact", what="Seen at the clinic.")


@pytest.fixture
def here(work, clock):
    with work() as session:
        return factories.world(session, now=clock.now()).westhaven


@pytest.fixture
def case(work, here, clock):
    with work() as session:
        return reviewing.make_case(session, here, now=clock.now(), state=CaseState.SELECTED, identity=reviewing.SAM)


def before(days: int) -> str:
    return f"{DIED - timedelta(days=days):%-d %B %Y}"


@pytest.fixture
def told(work, here, case, clock):
    """Two agencies' returns: an overdose that both tell of, contacts, a safeguarding and a third-party event."""
    with work() as session:
        housing, treatment = reviewing.ask(session, here, case, "housing", "treatment", now=clock.now())
        events = [
            reviewing.an_event("a", before(28), kind="non_fatal_overdose", what="Samuel Applethwaite woke up."),
            reviewing.an_event("b", before(12), what="A visit to Flat 2, 17 Quillfeather Row."),
            reviewing.an_event("c", before(20), section="safeguarding", kind="safeguarding", what="A concern."),
            reviewing.an_event("d", before(5), third_party=True, what="His sister rang."),
        ]
        reviewing.answer(
            session, here, housing, now=clock.now(), events=events, worked_well="Sammy was met at the gate.",
            do_differently="Ring first.", safeguarding="One concern.", third_party_information="yes",
        )  # fmt: skip
        reviewing.answer(
            session, here, treatment, now=clock.now(),
            events=[reviewing.an_event("a", f"about {before(29)}", kind="non_fatal_overdose", certainty="approximate")],
        )  # fmt: skip
    return case


def read(session, here, case, clock, who=COORDINATOR, **narrower):
    return chronology_page(session, here.actor(who), case.reference, now=clock.now(), **narrower)


def test_returns_and_own_entries_are_merged_in_order_with_days_and_risks(work, here, told, clock):
    with work() as session:
        page = read(session, here, told, clock)
        assert [row.when for row in page.rows] == [
            "About 7 October 2026", "8 October 2026", "16 October 2026", "24 October 2026", "31 October 2026",
        ]  # fmt: skip
        assert [row.source for row in page.rows] == ["Westhaven Treatment", *["Westhaven Housing"] * 4]
        assert [row.told_twice for row in page.rows] == [True, True, False, False, False]
        visit = page.rows[3]
        assert visit.reading.since == {Since.OVERDOSE: "14 to 16 days"}
        assert page.at_death.since[Since.CONTACT] == "5 days"
        assert [words for words, sure in page.at_death.marks if sure] == [
            "Within 28 days after an overdose that the person survived"
        ]
        assert [row.before_death for row in page.rows] == [
            "26 to 32 days before", "28 days before", "20 days before", "12 days before", "5 days before",
        ]  # fmt: skip
        assert [(each.source, each.count.contacts, each.count.entries) for each in page.counts] == [
            ("Westhaven Housing", 2, 4), ("Westhaven Treatment", 0, 1),
        ]  # fmt: skip


def test_a_chair_reads_it_without_restricted_entries_unless_by_reason_and_they_count_for_nothing(
    work, here, told, clock
):
    with work() as session:
        page = read(session, here, told, clock, CHAIR)
        assert (len(page.rows), page.total, page.hidden, page.may_reveal) == (4, 4, 1, True)
        assert "A concern." not in str(page)
        by_reason = read(session, here, told, clock, CHAIR, restricted=True)
        assert (len(by_reason.rows), by_reason.hidden) == (5, 0)
        why = ReadRestricted(reference=told.reference, purpose=RestrictedPurpose.SAFEGUARDING_DUTY)
        read_restricted(session, here.actor(CHAIR), why, now=clock.now())
    with work() as session:
        last = timeline(session, "review_case", told.reference)[-1]
        assert (last.action.value, last.section, last.purpose) == ("reveal", "restricted", "safeguarding_duty")


@pytest.mark.parametrize("who", ["review.member", "housing.rep", "dph", "ig", "analyst", "coordinator", "admin"])
def test_nobody_else_reads_it_or_gives_a_reason_to(work, here, told, clock, who):
    why = ReadRestricted(reference=told.reference, purpose=RestrictedPurpose.CHECK_FACTS)
    with pytest.raises((NotVisible, NotAllowed)), work() as session:
        read(session, here, told, clock, who)
    with pytest.raises((NotVisible, NotAllowed)), work() as session:
        read_restricted(session, here.actor(who), why, now=clock.now())


@pytest.mark.parametrize("kind", [kind for kind in ConflictKind if kind is not ConflictKind.NONE])
def test_a_chair_with_a_conflict_reads_none_of_it(work, here, told, clock, kind):
    with work() as session:
        reviewing.declare(session, here, told, CHAIR, kind, now=clock.now())
    with pytest.raises(NotVisible), work() as session:
        read(session, here, told, clock, CHAIR)


def test_it_can_be_narrowed_to_a_source_and_a_kind_and_days_are_still_counted_from_everything(work, here, told, clock):
    with work() as session:
        housing = here.agencies["housing"].id
        contacts = read(session, here, told, clock, wanted=ChronologyFilter(source=housing, kind="contact"))
        assert [row.when for row in contacts.rows] == ["24 October 2026", "31 October 2026"]
        assert [row.entry.what for row in contacts.rows][1] == MASKED
        assert Since.OVERDOSE in contacts.rows[0].reading.since
        assert contacts.total == 5


def test_the_coordinator_adds_corrects_and_takes_out_their_own_with_a_reason(work, here, case, clock):
    actor = here.actor(COORDINATOR)
    add = AddEvent(reference=case.reference, details=replace(SEEN, agency_id=here.agencies["hospital"].id))
    with work() as session:
        row = service.add_event(session, actor, add, now=clock.now())
        assert service.add_event(session, actor, add, now=clock.now()) is row
        [shown] = read(session, here, case, clock).rows
        assert (shown.source, shown.own) == ("Westhaven Hospital, told to the coordinator", True)
        number = row.id
    better = replace(SEEN, happened=about_day(date(2026, 10, 1)))
    correct = CorrectEvent(reference=case.reference, number=number, version=1, details=better, reason="Rang again.")
    with pytest.raises(RuleBroken, match="why it is corrected"), work() as session:
        service.correct_event(session, actor, replace(correct, reason=" "), now=clock.now())
    with work() as session:
        service.correct_event(session, actor, correct, now=clock.now())
        service.correct_event(session, actor, correct, now=clock.now())
        event = own_event(session, actor, case.reference, number)
        assert [(str(each.happened), each.reason) for each in event.earlier] == [("1 October 2026", "Rang again.")]
        assert event.entry.agency_id is None
    with pytest.raises(Stale) as stale, work() as session:
        service.correct_event(session, actor, replace(correct, details=SEEN), now=clock.now())
    assert stale.value.differences == (("When it happened", "1 October 2026", "about 1 October 2026"),)
    remove = RemoveEvent(reference=case.reference, number=number, reason="Another person.")
    with pytest.raises(RuleBroken, match="why it is taken out"), work() as session:
        service.remove_event(session, actor, replace(remove, reason=""), now=clock.now())
    with work() as session:
        service.remove_event(session, actor, remove, now=clock.now())
        assert read(session, here, case, clock).rows == ()
    with pytest.raises(NotVisible), work() as session:
        service.remove_event(session, actor, remove, now=clock.now())
    with work() as session:
        verbs = [each.verb for each in timeline(session, "review_case", case.reference)]
        assert [verb for verb in verbs if verb.endswith("_event")] == ["add_event", "correct_event", "remove_event"]


def test_an_agencys_entry_is_only_the_agencys_to_correct(work, here, told, clock):
    with work() as session:
        entry = read(session, here, told, clock).rows[0].entry
    correct = CorrectEvent(reference=told.reference, number=entry.number, version=1, details=SEEN, reason="Better.")
    with pytest.raises(NotVisible), work() as session:
        service.correct_event(session, here.actor(COORDINATOR), correct, now=clock.now())


def test_an_entry_of_another_case_is_not_found_under_this_one(work, here, told, clock):
    with work() as session:
        other = reviewing.make_case(session, here, now=clock.now(), state=CaseState.SELECTED)
        row = service.add_event(
            session, here.actor(COORDINATOR), AddEvent(reference=other.reference, details=SEEN), now=clock.now()
        )
    remove = RemoveEvent(reference=told.reference, number=row.id, reason="Wrong.")
    with pytest.raises(NotVisible), work() as session:
        service.remove_event(session, here.actor(COORDINATOR), remove, now=clock.now())


@pytest.mark.parametrize("who", [CHAIR, "review.member", "housing.rep", "dph", "admin"])
def test_only_the_coordinator_keeps_the_chronology(work, here, case, clock, who):
    add = AddEvent(reference=case.reference, details=SEEN)
    with pytest.raises((NotAllowed, NotVisible)), work() as session:
        service.add_event(session, here.actor(who), add, now=clock.now())


@pytest.mark.parametrize(
    ("details", "words"),
    [
        (replace(SEEN, what=" "), "Enter what happened"),
        (replace(SEEN, happened=on_day(date(2026, 11, 10))), "still to come"),
    ],
)
def test_an_event_says_what_happened_and_has_happened(work, here, case, clock, details, words):
    add = AddEvent(reference=case.reference, details=details)
    with pytest.raises(RuleBroken, match=words), work() as session:
        service.add_event(session, here.actor(COORDINATOR), add, now=clock.now())


def test_a_closed_case_keeps_its_chronology_as_it_is(work, here, case, clock):
    add = AddEvent(reference=case.reference, details=replace(SEEN, happened=NOT_KNOWN))
    with work() as session:
        service.add_event(session, here.actor(COORDINATOR), add, now=clock.now())
        session.get_one(type(case), case.id).state = CaseState.CLOSED
    with pytest.raises(RuleBroken, match="until it has ended"), work() as session:
        service.add_event(session, here.actor(COORDINATOR), replace(add, details=SEEN), now=clock.now())


def test_the_panels_papers_hold_no_name_no_third_party_and_no_restricted_section(work, here, told, clock):
    with work() as session:
        pack = pack_chronology(session, told, now=clock.now())
        assert [row.entry.what for row in pack.rows] == [
            "Seen.", "[the person] woke up.", "A visit to [left out].",
        ]  # fmt: skip
        assert [row.when for row in pack.rows] == ["About 4 weeks before", "About 4 weeks before", "12 days before"]
        assert pack.left_out == 2
        assert pack.at_death.since[Since.CONTACT] == "12 days"
        assert [(each.source, each.count.contacts) for each in pack.counts] == [
            ("Westhaven Housing", 1), ("Westhaven Treatment", 0),
        ]  # fmt: skip
        housing, treatment = pack_reflections(session, told)
        assert housing.answers == (
            ("What worked well?", "[the person] was met at the gate."),
            ("What would you do differently now?", "Ring first."),
        )
        assert (housing.third_party, treatment.third_party) == (True, False)
        assert treatment.answers == ()
        for secret in ("Samuel", "Applethwaite", "Sammy", "sister", "concern", "Quillfeather", "Pat Example"):
            assert secret not in str((pack, housing, treatment))


def test_an_agency_that_holds_nothing_is_in_the_papers_with_what_it_said(work, here, case, clock):
    with work() as session:
        [request] = reviewing.ask(session, here, case, "housing", now=clock.now())
        say_nothing_held(
            session, here.actor("housing.rep"), SayNothingHeld(reference=request.reference), now=clock.now()
        )
        [reflection] = pack_reflections(session, case)
        assert (reflection.state, reflection.kind, reflection.answers) == (RequestState.RETURNED, ReturnKind.NIL, ())


def test_an_event_between_two_days_has_the_same_range_of_days_in_the_papers_and_on_the_chronology(
    work, here, case, clock
):
    seen = replace(SEEN, happened=between(DIED - timedelta(days=4), DIED - timedelta(days=1)))
    with work() as session:
        add = AddEvent(reference=case.reference, details=seen)
        service.add_event(session, here.actor(COORDINATOR), add, now=clock.now())
        session.flush()
        (page,) = read(session, here, case, clock).rows
        (papers,) = pack_chronology(session, case, now=clock.now()).rows
        assert (page.before_death, papers.when) == ("1 to 4 days before", "1 to 4 days before")

"""Receiving a report: what one transaction keeps, starts and owes; and what is refused."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import LargeBinary, func, select, text

from review_app.accounts.models import ThrottleRow
from review_app.audit.queries import timeline
from review_app.catalogue.commands import ClockOf
from review_app.catalogue.queries import clocks_of
from review_app.crypto import new_token, token_hash
from review_app.db import Base, db, unit_of_work
from review_app.errors import LinkSpent, NotVisible, RuleBroken, Throttled
from review_app.events import on
from review_app.outbox.models import OutboxMessage
from review_app.submissions.commands.following import AddToReport, AnswerQuestion, ByAccount, ByLink, WithdrawReport
from review_app.submissions.commands.intake import SendReport
from review_app.submissions.events import SubmissionAnswered, SubmissionReceived, SubmissionUpdated, SubmissionWithdrawn
from review_app.submissions.models import Submission, SubmissionQuestion, SubmitterContact
from review_app.submissions.queries.own import own_lines, own_report
from review_app.submissions.rules import (
    KnownPlace,
    PlainStage,
    ReportKind,
    SourceKind,
    SubmissionKind,
    SubmissionState,
    Urgency,
)
from review_app.submissions.service.following import add_to_report, answer_question, withdraw_report
from review_app.submissions.service.intake import send_report
from tests import factories

ADDRESS = "203.0.113.77"


@pytest.fixture
def here(work, clock):
    """Westhaven, with everyone in it."""
    with work() as session:
        return factories.world(session, now=clock.now()).westhaven


def a_report(here, **answers):
    """The command of a plain report without an account."""
    given = {
        "slug": here.partnership.slug,
        "form_token": new_token(),
        "address": ADDRESS,
        "danger_now": False,
        "reporting": (ReportKind.UNUSUALLY_STRONG, ReportKind.NON_FATAL_OVERDOSE),
        "sold_as": "blue tablets",
        "locality_id": here.localities[0].id,
        "known_place": None,
        "how_known": SourceKind.SAW_IT,
        "own_words": "Two people collapsed at once.",
        "names_nobody": True,
    }
    return SendReport(**{**given, **answers})


def sent(session, clock, command, actor=None):
    """Send a report; give its row and what the submitter was given."""
    given = send_report(session, actor, command, now=clock.now())
    return session.scalars(select(Submission).where(Submission.reference == given.reference)).one(), given


def test_a_report_has_a_reference_its_answers_and_its_clocks_in_one_transaction(work, clock, here):
    with work() as session:
        report, _ = sent(session, clock, a_report(here))
        assert report.reference == "WES-2026-0001"
        assert (report.state, report.urgency) == (SubmissionState.RECEIVED, Urgency.ROUTINE)
        assert {each.question_key: each.value["answer"] for each in report.answers} == {
            "A3": False,
            "A1": ["unusually_strong", "non_fatal_overdose"],
            "B1": f"locality:{here.localities[0].id}",
            "E1": "saw_it",
            "D0": "Two people collapsed at once.",
            "A5": "not_known",
            "F7": True,
        }
        assert [each.sold_as for each in report.substances] == ["blue tablets"]
        clocks = clocks_of(session, ClockOf(partnership_id=report.partnership_id, submission_id=report.id))
        due = {each.rule.key: (each.due_at - clock.now(), each.stopped_at) for each in clocks}
        assert due == {
            "receipt": (timedelta(0), clock.now()),
            "triage_routine": (timedelta(hours=4), None),
            "feedback": (timedelta(hours=48), None),
        }


@pytest.mark.parametrize(
    ("answers", "urgency"),
    [
        ({}, Urgency.ROUTINE),
        ({"danger_now": True}, Urgency.URGENT),
        ({"reporting": (ReportKind.SUSPECTED_DEATH,)}, Urgency.URGENT),
        ({"sold_as": "heroin"}, Urgency.ROUTINE),
        ({"sold_as": "metonitazene"}, Urgency.URGENT),
        ({"own_words": "The test strip said FENTANYL."}, Urgency.URGENT),
    ],
)
def test_urgency_follows_from_the_short_form_alone(work, clock, here, answers, urgency):
    with work() as session:
        report, _ = sent(session, clock, a_report(here, **answers))
        assert report.urgency is urgency


def test_an_urgent_report_is_to_be_looked_at_within_the_hour_and_rings_whoever_is_on_call(work, clock, here):
    with work() as session:
        report, _ = sent(session, clock, a_report(here, danger_now=True))
        mail = session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)).all()
        expected = sorted(here.email(key) for key in ("coordinator", "coordinator2", "oncall"))
        assert [each.to for each in mail] == expected
        assert {each.subject for each in mail} == {f"Urgent: report {report.reference} waits"}
        clocks = clocks_of(session, ClockOf(partnership_id=report.partnership_id, submission_id=report.id))
        triage = next(each for each in clocks if each.rule.key == "triage_urgent")
        assert triage.due_at == clock.now() + timedelta(hours=1)


def test_notices_to_staff_say_that_something_waits_and_never_what(work, clock, here):
    with work() as session:
        report, _ = sent(session, clock, a_report(here, contact="worker@hostel.example", name="Pat Invented"))
        notices = session.scalars(select(OutboxMessage).where(OutboxMessage.purpose == "report_waits")).all()
        assert sorted(each.to for each in notices) == sorted(here.email(key) for key in ("coordinator", "coordinator2"))
        assert notices[0].body == (
            "A report waits for you: WES-2026-0001.\n\n"
            "It is to be looked at by Monday 9 November 2026 at 14:00.\n\n"
            "Sign in to read it:\n\n"
            "http://127.0.0.1:5000/reports/WES-2026-0001\n"
        )
        assert report.contact is not None


def test_the_receipt_gives_the_reference_and_the_private_link_and_nothing_of_the_report(work, clock, here):
    with work() as session:
        _, given = sent(session, clock, a_report(here, contact="worker@hostel.example"))
        receipt = session.scalars(select(OutboxMessage).where(OutboxMessage.purpose == "receipt")).one()
        assert receipt.to == "worker@hostel.example"
        assert receipt.subject == "We have received your report WES-2026-0001"
        assert receipt.body == (
            "Thank you. We have received your report to Westhaven.\n\n"
            "Your reference is WES-2026-0001.\n\n"
            "A coordinator will look at it by Monday 9 November 2026 at 14:00.\n"
            "We aim to tell you what was decided by Wednesday 11 November 2026 at 10:00.\n\n"
            "Your private link shows how far your report has got. There you can also add\n"
            "something, answer a question or withdraw the report:\n\n"
            f"http://127.0.0.1:5000/follow/{given.follow_token}\n\n"
            "Keep the link to yourself: whoever has it can read what you told us. It works\n"
            "for two years.\n\n"
            "If someone is in danger now, call 999.\n"
        )


@pytest.mark.parametrize("contact", ["", "07700 900123"])
def test_without_an_email_address_there_is_no_receipt_by_email(work, clock, here, contact):
    with work() as session:
        sent(session, clock, a_report(here, contact=contact))
        assert session.scalars(select(OutboxMessage).where(OutboxMessage.purpose == "receipt")).all() == []


def test_who_may_not_be_contacted_is_not_written_to(work, clock, here):
    with work() as session:
        sent(session, clock, a_report(here, contact="worker@hostel.example", may_contact=False))
        assert session.scalars(select(OutboxMessage).where(OutboxMessage.purpose == "receipt")).all() == []


def everything_stored(session):
    """Every value of every row in the database, as one text."""
    found = []
    for table in Base.metadata.tables:
        for row in session.execute(text(f'SELECT * FROM "{table}"')):
            found += [
                bytes(value).decode("latin-1") if isinstance(value, memoryview | bytes) else str(value) for value in row
            ]
    return "\n".join(found)


@pytest.mark.both_databases
def test_an_anonymous_report_leaves_no_address_and_no_contact_anywhere(work, clock, here):
    with work() as session:
        report, given = sent(session, clock, a_report(here))
        reference = report.reference
        assert report.contact is None
        assert (report.submitted_by_id, report.agency_id) == (None, None)
    with work() as session:
        kept = everything_stored(session)
        assert ADDRESS not in kept
        assert given.follow_token not in kept
        assert session.scalars(select(func.count()).select_from(SubmitterContact)).one() == 0
        created = timeline(session, "submission", reference)[0]
        assert (created.actor_id, created.verb, created.action) == (None, "send", "create")


@pytest.mark.both_databases
def test_a_contact_is_kept_sealed(work, clock, here):
    with work() as session:
        sent(session, clock, a_report(here, contact="worker@hostel.example", name="Pat Invented"))
    with work() as session:
        contact = session.scalars(select(SubmitterContact)).one()
        assert (contact.contact, contact.name) == ("worker@hostel.example", "Pat Invented")
        kept = everything_stored(session)
        assert "Pat Invented" not in kept
        assert "worker@hostel.example" not in kept
        assert isinstance(SubmitterContact.__table__.c.contact_sealed.type, LargeBinary)


def test_the_command_never_prints_what_was_written_or_who_wrote_it(here):
    printed = repr(a_report(here, contact="worker@hostel.example", name="Pat Invented", own_words="collapsed"))
    assert not any(word in printed for word in ("worker", "Pat", "collapsed", "blue", ADDRESS))


def test_a_signed_in_report_belongs_to_the_person_and_their_agency(work, clock, here):
    with work() as session:
        report, _ = sent(session, clock, a_report(here), here.actor("hostel.worker"))
        assert report.submitted_by_id == here.user("hostel.worker").id
        assert report.agency_id == here.agencies["hostel"].id
        assert session.scalars(select(ThrottleRow)).all() == []
        assert timeline(session, "submission", report.reference) == []  # chained at commit
    with work() as session:
        assert timeline(session, "submission", "WES-2026-0001")[0].actor_id == here.user("hostel.worker").id


def test_the_same_form_sent_twice_is_one_report_with_one_answer(work, clock, here):
    command = a_report(here, contact="worker@hostel.example")
    with work() as session:
        _, first = sent(session, clock, command)
    with work() as session:
        _, second = sent(session, clock, command)
        assert first == second
        assert session.scalars(select(func.count()).select_from(Submission)).one() == 1
        assert session.scalars(select(func.count()).where(OutboxMessage.purpose == "receipt")).one() == 1


@pytest.mark.parametrize(
    "changed", [{"own_words": "And a third."}, {"contact": "late@hostel.example"}, {"sold_as": "red"}]
)
def test_a_changed_second_press_is_refused_rather_than_lost(work, clock, here, changed):
    token = new_token()
    with work() as session:
        sent(session, clock, a_report(here, form_token=token))
    with work() as session, pytest.raises(RuleBroken, match="WES-2026-0001"):
        sent(session, clock, a_report(here, form_token=token, **changed))


@pytest.mark.both_databases
def test_pressing_at_the_same_instant_makes_one_report(app, work, clock, here):
    command, answers, errors = a_report(here), [], []
    start = threading.Barrier(4)

    def press():
        with app.test_request_context():
            start.wait()
            try:
                with unit_of_work() as session:
                    answers.append(send_report(session, None, command, now=clock.now()))
            except Exception as error:
                errors.append(error)
            db.session.remove()

    presses = [threading.Thread(target=press) for _ in range(4)]
    for each in presses:
        each.start()
    for each in presses:
        each.join()
    assert errors == []
    assert len({(each.reference, each.follow_token) for each in answers}) == 1
    with work() as session:
        assert session.scalars(select(Submission.reference)).all() == ["WES-2026-0001"]
        sent(session, clock, a_report(here))
        assert session.scalars(select(Submission.reference).order_by(Submission.id)).all()[-1] == "WES-2026-0002"


@pytest.mark.both_databases
def test_the_eleventh_report_in_an_hour_from_one_network_is_refused_and_the_hour_passes(work, clock, here):
    for _ in range(10):
        with work() as session:
            sent(session, clock, a_report(here))
    with work() as session, pytest.raises(Throttled):
        sent(session, clock, a_report(here))
    with work() as session:
        sent(session, clock, a_report(here, address="203.0.113.78"))
        rows = session.scalars(select(ThrottleRow)).all()
        assert {row.purpose for row in rows} == {"report"}
        assert all(len(row.digest) == 64 and ADDRESS not in row.digest for row in rows)
        assert len({row.digest for row in rows}) == 2
    clock.advance(hours=1)
    with work() as session:
        sent(session, clock, a_report(here))
        assert session.scalars(select(func.count()).select_from(ThrottleRow)).one() == 1


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        ({"names_nobody": False}, "names nobody"),
        ({"reporting": ()}, "what you are reporting"),
        ({"sold_as": ""}, "sold as"),
        ({"locality_id": 999_999}, "list of places"),
    ],
)
def test_a_report_without_what_it_must_have_is_refused_and_nothing_is_kept(work, clock, here, answers, sentence):
    with pytest.raises(RuleBroken, match=sentence), work() as session:
        sent(session, clock, a_report(here, **answers))
    with work() as session:
        assert session.scalars(select(func.count()).select_from(Submission)).one() == 0
        assert sent(session, clock, a_report(here))[0].reference == "WES-2026-0001"


def test_a_place_of_another_partnership_is_refused(work, clock):
    with work() as session:
        world = factories.world(session, now=clock.now())
    elsewhere = world.eastmoor.localities[0].id
    with work() as session, pytest.raises(RuleBroken, match="list of places"):
        sent(session, clock, a_report(world.westhaven, locality_id=elsewhere))


def test_where_the_anonymous_route_is_off_a_contact_is_needed_unless_signed_in(work, clock, here):
    with work() as session:
        session.get_one(type(here.partnership), here.partnership.id).anonymous_reports = False
    with pytest.raises(RuleBroken, match="e-mail address or a phone number"), work() as session:
        sent(session, clock, a_report(here))
    with work() as session:
        sent(session, clock, a_report(here, contact="07700 900123"))
        sent(session, clock, a_report(here), here.actor("nurse"))


def test_an_unknown_place_is_kept_as_such(work, clock, here):
    with work() as session:
        report, _ = sent(session, clock, a_report(here, locality_id=None, known_place=KnownPlace.NOT_KNOWN))
        assert (report.locality_id, report.known_place) == (None, KnownPlace.NOT_KNOWN)


@pytest.mark.both_databases
def test_text_of_every_kind_comes_back_as_it_was_sent(work, clock, here):
    words = "Ünïcode 😵‍💫 <script>alert(1)</script> ' ; DROP TABLE submission; -- \u202e right to left\n" + "é" * 3900
    with work() as session:
        report, _ = sent(session, clock, a_report(here, own_words=words, sold_as="💊" * 200))
        reference = report.reference
    with work() as session:
        kept = session.scalars(select(Submission).where(Submission.reference == reference)).one()
        assert kept.own_words == words
        assert kept.substances[0].sold_as == "💊" * 200


# ---------------------------------------------------------------- what follows


@pytest.fixture
def link(work, clock, here):
    """The private link of a report that was sent."""
    with work() as session:
        _, given = sent(session, clock, a_report(here))
    return ByLink(token=given.follow_token)


def add(whose, **changes):
    """The command that adds to a report."""
    given = {
        "whose": whose, "form_token": new_token(), "address": ADDRESS, "danger_now": False,
        "own_words": "A third person was ill.", "names_nobody": True,
    }  # fmt: skip
    return AddToReport(**{**given, **changes})


def asked(session, here, clock, state=SubmissionState.NEEDS_INFO):
    """Put a question to the submitter of the only report, as the coordinator does."""
    report = session.scalars(select(Submission)).one()
    report.state, report.triaged_at = state, clock.now()
    question = SubmissionQuestion(
        submission_id=report.id,
        question="What colour were they?",
        asked_by_id=here.user("coordinator").id,
        asked_at=clock.now(),
        due_at=clock.now() + timedelta(hours=4),
    )
    session.add(question)
    return report


def test_the_link_opens_the_report_in_plain_words(work, clock, link):
    with work() as session:
        report = own_report(session, link, now=clock.now())
        assert report.reference == "WES-2026-0001"
        assert report.stage is PlainStage.RECEIVED
        assert [each.label for each in report.promises] == ["First look by a coordinator", "Our answer to you"]
        assert ("Where did this happen?", "Westhaven Harbour") in report.told
        assert [each.what for each in report.story] == ["You sent this report"]
        assert report.may_add
        assert report.may_withdraw


def test_a_wrong_or_outdated_link_and_a_bare_reference_open_nothing(work, clock, link):
    with work() as session:
        for token in (link.token[:-1], "", "WES-2026-0001", token_hash(link.token)):
            with pytest.raises(LinkSpent):
                own_report(session, ByLink(token=token), now=clock.now())
        with pytest.raises(LinkSpent):
            own_report(session, link, now=clock.now() + timedelta(days=731))
        assert own_report(session, link, now=clock.now() + timedelta(days=729)).reference == "WES-2026-0001"


def test_an_addition_is_a_report_of_its_own_with_the_same_link_and_no_second_receipt(work, clock, here, link):
    heard = []
    on(SubmissionUpdated, lambda session, event: heard.append(event))
    with work() as session:
        update = add_to_report(session, add(link), now=clock.now())
        first = update.earlier
        assert first is not None
        assert (update.kind, update.reference) == (SubmissionKind.UPDATE, "WES-2026-0002")
        assert update.follow_token_hash is None
        assert update.locality_id == first.locality_id
        assert session.scalars(select(OutboxMessage).where(OutboxMessage.purpose == "receipt")).all() == []
        subjects = set(session.scalars(select(OutboxMessage.subject)))
        assert "More about report WES-2026-0001" in subjects
        clocks = clocks_of(session, ClockOf(partnership_id=update.partnership_id, submission_id=update.id))
        assert "triage_routine" in {each.rule.key for each in clocks}
        assert (heard[-1].submission_id, heard[-1].earlier_id) == (update.id, first.id)
    with work() as session:
        story = own_report(session, link, now=clock.now()).story
        assert [each.what for each in story] == ["You sent this report", "You added something"]


def test_an_addition_can_be_urgent_and_a_double_press_adds_once(work, clock, here, link):
    command = add(link, own_words="It was carfentanil.")
    with work() as session:
        first = add_to_report(session, command, now=clock.now()).reference
    with work() as session:
        again = add_to_report(session, command, now=clock.now())
        assert again.reference == first
        assert again.urgency is Urgency.URGENT
        assert here.email("oncall") in {each.to for each in session.scalars(select(OutboxMessage))}


def test_additions_from_one_network_are_counted_too(work, clock, link):
    for _ in range(10):
        with work() as session:
            add_to_report(session, add(link), now=clock.now())
    with work() as session, pytest.raises(Throttled):
        add_to_report(session, add(link), now=clock.now())


def test_the_last_answer_puts_the_report_back_with_the_coordinator(work, clock, here, link):
    heard = []
    on(SubmissionAnswered, lambda session, event: heard.append(event))
    with work() as session:
        asked(session, here, clock)
        asked(session, here, clock)
    with work() as session:
        answer_question(session, AnswerQuestion(whose=link, number=1, answer="Blue"), now=clock.now())
        assert session.scalars(select(Submission.state)).one() is SubmissionState.NEEDS_INFO
        answer_question(session, AnswerQuestion(whose=link, number=2, answer="Light blue"), now=clock.now())
        assert session.scalars(select(Submission.state)).one() is SubmissionState.TRIAGE
        assert len(heard) == 2
        assert "An answer waits on report WES-2026-0001" in set(session.scalars(select(OutboxMessage.subject)))
    with work() as session:
        report = own_report(session, link, now=clock.now())
        assert report.questions == []
        assert [each.note for each in report.story if each.what == "You answered"] == ["Blue", "Light blue"]
        assert [each.verb for each in timeline(session, "submission", report.reference)].count("answer") == 2


def test_an_answer_is_given_once_and_a_double_press_is_no_trouble(work, clock, here, link):
    with work() as session:
        asked(session, here, clock)
    command = AnswerQuestion(whose=link, number=1, answer="Blue")
    with work() as session:
        answer_question(session, command, now=clock.now())
    with work() as session:
        answer_question(session, command, now=clock.now())
        with pytest.raises(RuleBroken, match="already"):
            answer_question(session, AnswerQuestion(whose=link, number=1, answer="Red"), now=clock.now())
        with pytest.raises(RuleBroken, match="no longer open"):
            answer_question(session, AnswerQuestion(whose=link, number=2, answer="Red"), now=clock.now())


def test_a_withdrawn_report_keeps_its_words_and_has_no_clock_left(work, clock, here, link):
    heard = []
    on(SubmissionWithdrawn, lambda session, event: heard.append(event.submission_id))
    with work() as session:
        add_to_report(session, add(link), now=clock.now())
    with work() as session:
        report = withdraw_report(session, WithdrawReport(whose=link, reason="A mistake"), now=clock.now())
        withdraw_report(session, WithdrawReport(whose=link, reason="Pressed twice"), now=clock.now())
        assert (report.state, report.withdrawal_note) == (SubmissionState.WITHDRAWN, "A mistake")
        assert report.own_words == "Two people collapsed at once."
        assert [each.state for each in report.updates] == [SubmissionState.WITHDRAWN]
        assert len(heard) == 2
        clocks = clocks_of(session, ClockOf(partnership_id=report.partnership_id, submission_id=report.id))
        assert all(each.ended for each in clocks)
        with pytest.raises(RuleBroken, match="withdrawn"):
            add_to_report(session, add(link), now=clock.now())
        seen = own_report(session, link, now=clock.now())
        assert seen.stage is PlainStage.WITHDRAWN
        assert not (seen.may_add)
        assert not (seen.may_withdraw)


def test_a_closed_report_cannot_be_withdrawn(work, clock, here, link):
    with work() as session:
        assert own_report(session, link, now=clock.now()).may_withdraw
        session.execute(
            text("UPDATE submission SET state = 'closed', closure_reason = 'no_action', triaged_at = received_at")
        )
    with work() as session:
        assert not own_report(session, link, now=clock.now()).may_withdraw
        with pytest.raises(RuleBroken):
            withdraw_report(session, WithdrawReport(whose=link, reason="Late"), now=clock.now())


def test_people_with_accounts_follow_their_own_reports_and_nobody_elses(work, clock, here):
    with work() as session:
        sent(session, clock, a_report(here), here.actor("nurse"))
    mine = ByAccount(actor=here.actor("nurse"), reference="WES-2026-0001")
    theirs = ByAccount(actor=here.actor("officer"), reference="WES-2026-0001")
    with work() as session:
        add_to_report(session, add(mine), now=clock.now())
        lines, total = own_lines(session, here.actor("nurse"), 1)
        assert (total, [each.reference for each in lines]) == (1, ["WES-2026-0001"])
        assert own_lines(session, here.actor("officer"), 1) == ([], 0)
        assert own_report(session, mine, now=clock.now()).reference == "WES-2026-0001"
        for attempt in (
            lambda: own_report(session, theirs, now=clock.now()),
            lambda: add_to_report(session, add(theirs), now=clock.now()),
            lambda: withdraw_report(session, WithdrawReport(whose=theirs, reason="x"), now=clock.now()),
        ):
            with pytest.raises(NotVisible):
                attempt()


def test_whoever_listens_hears_of_a_new_report_in_the_same_transaction(work, clock, here):
    heard = []
    on(
        SubmissionReceived,
        lambda session, event: heard.append(session.get_one(Submission, event.submission_id).reference),
    )
    with work() as session:
        sent(session, clock, a_report(here))
    assert heard == ["WES-2026-0001"]

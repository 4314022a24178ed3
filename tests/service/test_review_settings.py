"""Settings of the review on both databases: versions by owner, who may, what is recorded, and what stays as it was."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from review_app.audit.models import AuditEvent
from review_app.catalogue import queries, service
from review_app.catalogue.commands import (
    AddQuestion,
    AddSubstance,
    AddTheme,
    ChangeSubstance,
    ChangeTheme,
    ClockOf,
    MergeTheme,
    RetireSubstance,
    RetireTheme,
    SaveSetting,
    SetClock,
    SubstanceEntry,
    SwitchQuestion,
    WordQuestion,
)
from review_app.catalogue.models import (
    ClockRule,
    FormDefinition,
    LearningTheme,
    LearningThemeVersion,
    RuleSet,
    Substance,
    SubstanceVersion,
)
from review_app.catalogue.rules import ClockKey, ClockUnit
from review_app.catalogue.rules.agency_return import AnswerKind, ReturnSection
from review_app.catalogue.rules.review import ReviewSetting
from review_app.catalogue.rules.substances import Control, MdaClass, SubstanceClass
from review_app.errors import NotAllowed, NotVisible, RuleBroken, Stale
from review_app.policy import Actor
from review_app.working_time import CountingMode, london_instant
from tests import factories, reviewing
from tests.conftest import Work
from tests.racing import at_once

NOW = london_instant(datetime.fromisoformat("2026-11-06 17:00"))
TOMORROW = NOW + timedelta(days=1)
RETENTION = ReviewSetting.RETENTION

pytestmark = pytest.mark.both_databases


def both(session: Session) -> tuple[factories.Place, factories.Place]:
    world = factories.world(session, now=NOW)
    return world.westhaven, world.eastmoor


def packs_kept(session: Session, actor: Actor, days: int, *, base_id: int | None = None) -> RuleSet:
    row = queries.current_rule_set(session, RETENTION, now=NOW, partnership_id=actor.partnership_id)
    content = {**row.content, "packs_days_after_meeting": days}
    command = SaveSetting(setting=RETENTION, base_id=base_id or row.id, content=content, reason="Our schedule.")
    return service.save_setting(session, actor, command, now=NOW)


def test_a_partnerships_own_version_wins_and_nobody_elses_does(work: Work) -> None:
    with work() as session:
        here, there = both(session)
        shipped = queries.current_rule_set(session, RETENTION, now=NOW)
        first = packs_kept(session, here.actor("admin"), 30)
        second = packs_kept(session, here.actor("admin"), 60)
        assert (first.version, second.version, second.partnership_id) == (2, 3, here.partnership.id)
        assert (second.saved_by_id, second.saved_at, second.reason) == (here.user("admin").id, NOW, "Our schedule.")
        newer = RuleSet(key="retention", version=2, content=shipped.content, active_from=date(2026, 11, 6))
        session.add(newer)
        session.flush()
        assert queries.current_rule_set(session, RETENTION, now=NOW, partnership_id=here.partnership.id) is second
        assert queries.current_rule_set(session, RETENTION, now=NOW, partnership_id=there.partnership.id) is newer
        assert queries.current_rule_set(session, RETENTION, now=NOW) is newer
        assert queries.retention(session, here.partnership.id, now=NOW).packs_days_after_meeting == 60
        assert service.install_catalogue(session) == 0
        assert packs_kept(session, there.actor("admin"), 45).version == 3


def test_what_was_decided_under_a_version_keeps_it(work: Work) -> None:
    with work() as session:
        here, _ = both(session)
        first = packs_kept(session, here.actor("admin"), 30)
        said = dict(first.content)
        packs_kept(session, here.actor("admin"), 60)
        session.expire_all()
        assert session.get_one(RuleSet, first.id).content == said


def test_the_same_content_again_makes_no_version_even_from_an_older_page(work: Work) -> None:
    with work() as session:
        here, _ = both(session)
        shipped = queries.current_rule_set(session, RETENTION, now=NOW)
        first = packs_kept(session, here.actor("admin"), 30)
        assert packs_kept(session, here.actor("admin"), 30, base_id=shipped.id) is first
        with pytest.raises(Stale) as told:
            packs_kept(session, here.actor("admin"), 50, base_id=shipped.id)
        assert told.value.differences == (("Meeting packs, after the meeting", "50 days", "30 days"),)


def test_malformed_content_and_settings_without_a_page_are_refused(work: Work) -> None:
    with work() as session:
        here, _ = both(session)
        row = queries.current_rule_set(session, RETENTION, now=NOW)
        broken = SaveSetting(setting=RETENTION, base_id=row.id, content={"case_years_after_death": "ten"})
        for command in (broken, replace(broken, setting=ReviewSetting.RISK_WINDOWS, content=row.content)):
            with pytest.raises(RuleBroken):
                service.save_setting(session, here.actor("admin"), command, now=NOW)


def test_the_database_keeps_versions_apart_by_owner(work: Work) -> None:
    with work() as session:
        here, _ = both(session)
        first = packs_kept(session, here.actor("admin"), 30)
        shipped = queries.current_rule_set(session, RETENTION, now=NOW)
        same = {"key": "retention", "version": 1, "content": {}, "active_from": shipped.active_from}
        ownerless = {"saved_by_id": first.saved_by_id, "saved_at": NOW}
        twice = {**ownerless, "partnership_id": first.partnership_id}
        for values in (same, {**same, "version": 9, **ownerless}, {**same, "version": first.version, **twice}):
            with session.begin_nested() as savepoint:
                session.add(RuleSet(**values))
                with pytest.raises(IntegrityError):
                    session.flush()
                savepoint.rollback()


@pytest.mark.parametrize("who", ["review.coordinator", "review.chair", "coordinator", "dph", "ig", "housing.rep"])
def test_only_administrators_change_settings(work: Work, who: str) -> None:
    entry = SubstanceEntry(
        name="new", substance_class=SubstanceClass.OTHER, control=Control(
            mda_class=None, controlled_on=None, controlled_before=None, source="", verified=False
        ), aliases=()
    )  # fmt: skip
    with work() as session:
        here, _ = both(session)
        actor = here.actor(who)
        with pytest.raises(NotAllowed):
            packs_kept(session, actor, 30)
        with pytest.raises(NotAllowed):
            service.set_clock(session, actor, SetClock(key=ClockKey.AGENCY_RETURN, base_id=1, days=9), now=NOW)
        with pytest.raises(NotAllowed):
            service.word_question(session, actor, WordQuestion(
                base_id=1, key="worked_well", words="What?", hint="", required=False), now=NOW)  # fmt: skip
        with pytest.raises(NotAllowed):
            service.switch_question(session, actor, SwitchQuestion(base_id=1, key="worked_well", on=False), now=NOW)
        with pytest.raises(NotAllowed):
            service.add_question(session, actor, AddQuestion(
                block="core", kind=AnswerKind.TEXT, words="What?", hint="", required=False,
                section=ReturnSection.GENERAL, third_party=False), now=NOW)  # fmt: skip
        for theme_change in (
            lambda: service.add_theme(session, actor, AddTheme(name="Pets", domain="B"), now=NOW),
            lambda: service.change_theme(
                session, actor, ChangeTheme(theme_id=1, version_id=1, name="Pets", domain="B"), now=NOW
            ),
            lambda: service.retire_theme(session, actor, RetireTheme(theme_id=1, version_id=1, retire=True), now=NOW),
            lambda: service.merge_theme(session, actor, MergeTheme(theme_id=1, version_id=1, into_id=2), now=NOW),
            lambda: service.add_substance(session, actor, AddSubstance(entry=entry), now=NOW),
            lambda: service.change_substance(
                session, actor, ChangeSubstance(substance_id=1, version=1, entry=entry), now=NOW
            ),
            lambda: service.retire_substance(
                session, actor, RetireSubstance(substance_id=1, version=1, retire=True), now=NOW
            ),
        ):
            with pytest.raises(NotAllowed):
                theme_change()
        for table in (RuleSet, FormDefinition, ClockRule, LearningThemeVersion):
            own = select(func.count()).select_from(table).where(table.partnership_id.is_not(None))
            assert session.scalar(own) == 0
        assert session.scalar(select(func.max(SubstanceVersion.version))) == 1


def test_a_clock_of_a_case_runs_by_the_partnerships_own_rule(work: Work) -> None:
    with work() as session:
        here, there = both(session)
        shipped = queries.current_clock_rule(session, ClockKey.AGENCY_RETURN, now=NOW)
        command = SetClock(key=ClockKey.AGENCY_RETURN, base_id=shipped.id, days=2)
        service.set_clock(session, here.actor("admin"), command, now=NOW)
        due = {}
        for place in (here, there):
            case = reviewing.make_case(session, place, now=NOW)
            of = ClockOf(partnership_id=place.partnership.id, review_case_id=case.id)
            due[place.partnership.id] = service.start_clock(session, ClockKey.AGENCY_RETURN, of, now=NOW).due_at
        assert due[here.partnership.id] == london_instant(datetime.fromisoformat("2026-11-10 17:00"))
        assert due[there.partnership.id] == london_instant(datetime.fromisoformat("2026-11-27 17:00"))
        with pytest.raises(NotVisible):
            service.set_clock(session, here.actor("admin"), SetClock(key=ClockKey.RECEIPT, base_id=1, days=2), now=NOW)


def test_the_clocks_of_the_review_ship_in_days_of_their_kind(work: Work) -> None:
    with work() as session:
        both(session)
        rules = {key: queries.current_clock_rule(session, key, now=NOW) for key in (
            ClockKey.NOTIFICATION_TRIAGE, ClockKey.AGENCY_RETURN, ClockKey.CASE_REVIEW, ClockKey.CASE_REVIEW_CEILING,
        )}  # fmt: skip
        assert {key: (rule.unit, rule.amount, rule.mode) for key, rule in rules.items()} == {
            ClockKey.NOTIFICATION_TRIAGE: (ClockUnit.DAYS, 5, CountingMode.WORKING_DAYS),
            ClockKey.AGENCY_RETURN: (ClockUnit.DAYS, 15, CountingMode.WORKING_DAYS),
            ClockKey.CASE_REVIEW: (ClockUnit.DAYS, 84, CountingMode.ELAPSED),
            ClockKey.CASE_REVIEW_CEILING: (ClockUnit.DAYS, 182, CountingMode.ELAPSED),
        }


def test_every_change_of_a_substance_is_kept_also_one_of_its_names_alone(work: Work) -> None:
    with work() as session:
        here, _ = both(session)
        entry = session.scalars(select(Substance).where(Substance.name == "xylazine")).one()
        wanted = SubstanceEntry(
            name="xylazine", substance_class=SubstanceClass.SEDATIVE_ADULTERANT,
            control=queries.control_of(entry), aliases=("tranq", "sleep cut"),
        )  # fmt: skip
        command = ChangeSubstance(substance_id=entry.id, version=1, entry=wanted, reason="Heard locally.")
        service.change_substance(session, here.actor("admin"), command, now=NOW)
        assert service.change_substance(session, here.actor("admin"), command, now=NOW).version == 2
        verified = replace(wanted, control=replace(wanted.control, verified=True, source="SI 2024/1361"))
        service.change_substance(
            session, here.actor("admin"), replace(command, version=2, entry=verified), now=TOMORROW
        )
        with pytest.raises(Stale):
            service.change_substance(session, here.actor("admin"), replace(command, version=2), now=TOMORROW)
        kept = session.scalars(
            select(SubstanceVersion).where(SubstanceVersion.substance_id == entry.id).order_by(SubstanceVersion.version)
        ).all()
        assert [(row.version, row.aliases, row.verified, row.saved_at) for row in kept] == [
            (1, ["tranq"], False, None),
            (2, ["tranq", "sleep cut"], False, NOW),
            (3, ["tranq", "sleep cut"], True, TOMORROW),
        ]
        assert (kept[1].saved_by_id, kept[1].saved_for_id, kept[1].reason) == (
            here.user("admin").id, here.partnership.id, "Heard locally.",
        )  # fmt: skip
        who = queries.who_verified(session, here.actor("admin"), entry.id)
        assert who is not None
        assert who.number == 3
    with work() as session:
        events = session.scalars(select(AuditEvent).where(AuditEvent.object_table == "substance")).all()
        assert [(event.verb, event.action, event.object_reference) for event in events] == [
            ("change_substance", "config", str(entry.id))
        ] * 2


def test_the_database_refuses_a_verified_entry_without_a_source_or_a_date(work: Work) -> None:
    with work() as session:
        both(session)
        values = {"substance_class": "other", "active": True, "verified": True}
        for wrong in (
            {"name": "a", "source": ""},
            {"name": "b", "source": "SI 1", "mda_class": "B"},
            {"name": "c", "source": "SI 1", "controlled_on": date(2025, 1, 1)},
        ):
            with session.begin_nested() as savepoint:
                session.add(Substance(**values, **wrong))
                with pytest.raises(IntegrityError):
                    session.flush()
                savepoint.rollback()


def test_a_renamed_substance_is_not_installed_again(work: Work) -> None:
    with work() as session:
        here, _ = both(session)
        entry = session.scalars(select(Substance).where(Substance.name == "xylazine")).one()
        wanted = SubstanceEntry(
            name="xylazine (tranq)", substance_class=SubstanceClass.SEDATIVE_ADULTERANT,
            control=replace(queries.control_of(entry), mda_class=MdaClass.B), aliases=(),
        )  # fmt: skip
        service.change_substance(
            session, here.actor("admin"), ChangeSubstance(substance_id=entry.id, version=1, entry=wanted), now=NOW
        )
        assert service.install_catalogue(session) == 0


def test_merged_themes_count_as_the_one_at_the_end_and_never_in_a_circle(work: Work) -> None:
    with work() as session:
        here, there = both(session)
        admin, ours = here.actor("admin"), here.partnership.id

        def merge(source: int, into: int) -> None:
            version = queries.get_theme(session, ours, source, now=NOW).version_id
            service.merge_theme(session, admin, MergeTheme(theme_id=source, version_id=version, into_id=into), now=NOW)

        merge(1, 2)
        merge(1, 2)
        merge(2, 3)
        themes = queries.all_themes(session, ours, now=NOW)
        assert [themes[each].counts_as_id for each in (1, 2, 3)] == [3, 3, 3]
        assert queries.get_theme(session, there.partnership.id, 1, now=NOW).active
        for source, into in ((3, 1), (3, 3)):
            with pytest.raises(RuleBroken):
                merge(source, into)
        version = queries.get_theme(session, ours, 2, now=NOW).version_id
        service.retire_theme(session, admin, RetireTheme(theme_id=2, version_id=version, retire=False), now=NOW)
        themes = queries.all_themes(session, ours, now=NOW)
        assert [themes[each].counts_as_id for each in (1, 2, 3)] == [2, 2, 3]
        assert session.scalar(select(func.count()).select_from(LearningTheme)) == 32


def test_a_theme_is_changed_by_one_person_at_a_time(work: Work) -> None:
    with work() as session:
        here, _ = both(session)
        admin, ours = here.actor("admin"), here.partnership.id
        theme = queries.get_theme(session, ours, 5, now=NOW)
        change = ChangeTheme(theme_id=5, version_id=theme.version_id, name="Advocacy", domain="D")
        service.change_theme(session, admin, change, now=NOW)
        service.change_theme(session, admin, change, now=NOW)
        assert queries.get_theme(session, ours, 5, now=NOW).version == 2
        with pytest.raises(Stale) as told:
            service.change_theme(session, admin, replace(change, name="Voice"), now=NOW)
        assert told.value.differences == (("Name", "Voice", "Advocacy"),)
        with pytest.raises(Stale):
            service.retire_theme(
                session, admin, RetireTheme(theme_id=5, version_id=theme.version_id, retire=True), now=NOW
            )


def test_of_two_who_save_a_setting_at_the_same_instant_one_is_told(app: Flask, work: Work) -> None:
    with work() as session:
        here, _ = both(session)
        base = queries.current_rule_set(session, RETENTION, now=NOW).id
    ends = at_once(
        app,
        *(partial(packs_kept, actor=here.actor("admin"), days=days, base_id=base) for days in (30, 60)),
    )
    assert [type(end) for end in ends if end is not None] == [Stale]
    with work() as session:
        saved = session.scalars(select(RuleSet).where(RuleSet.partnership_id == here.partnership.id)).one()
        assert saved.content["packs_days_after_meeting"] == (30 if ends[0] is None else 60)


def test_of_two_who_merge_themes_into_each_other_at_the_same_instant_one_is_refused(app: Flask, work: Work) -> None:
    with work() as session:
        here, _ = both(session)
        versions = {each: queries.get_theme(session, here.partnership.id, each, now=NOW).version_id for each in (1, 2)}
    commands = [MergeTheme(theme_id=each, version_id=versions[each], into_id=3 - each) for each in (1, 2)]
    ends = at_once(
        app,
        *(partial(service.merge_theme, actor=here.actor("admin"), command=command, now=NOW) for command in commands),
    )
    assert [type(end) for end in ends if end is not None] == [RuleBroken]
    with work() as session:
        themes = queries.all_themes(session, here.partnership.id, now=NOW)
        left = 2 if ends[0] is None else 1
        assert {themes[1].counts_as_id, themes[2].counts_as_id} == {left}


def test_of_two_who_change_a_substance_at_the_same_instant_one_is_told(app: Flask, work: Work) -> None:
    with work() as session:
        here, _ = both(session)
        entry = session.scalars(select(Substance).where(Substance.name == "xylazine")).one()
        wanted = SubstanceEntry(
            name="xylazine", substance_class=SubstanceClass.SEDATIVE_ADULTERANT,
            control=queries.control_of(entry), aliases=("tranq", "one"),
        )  # fmt: skip
        command = ChangeSubstance(substance_id=entry.id, version=1, entry=wanted)
    other = replace(command, entry=replace(wanted, aliases=("tranq", "two")))
    ends = at_once(
        app,
        *(
            partial(service.change_substance, actor=here.actor("admin"), command=each, now=NOW)
            for each in (command, other)
        ),
    )
    assert [type(end) for end in ends if end is not None] == [Stale]
    with work() as session:
        assert queries.get_substance(session, entry.id).version == 2

"""Which features there are: their tables, their pages, their jobs, and what each hears from those on its left."""

from flask import Flask

from review_app import denials, events, health, jobs
from review_app.accounts.views import audit_months, audit_trail, people, settings, signing_in
from review_app.alerts import dispatch
from review_app.alerts.queries import about_signal, deliveries
from review_app.alerts.queries.restricted import restricted_alert
from review_app.alerts.service.ending import withdraw_when_overturned
from review_app.alerts.service.signing import take_back_when_overturned
from review_app.alerts.views import acknowledge, advice, ending, lists, recipients, signing, writing
from review_app.alerts.views import alerts as alerts_views
from review_app.alerts.views.signal_section import signal_section
from review_app.audit import upkeep as audit_upkeep
from review_app.audit.events import AuditHides, AuditIsKept, AuditPrunes
from review_app.audit.service import record_denial
from review_app.catalogue import views as catalogue_views
from review_app.catalogue.queries import years_of_audit
from review_app.clock import utc_now
from review_app.demo import views as demo_views
from review_app.files import models as files
from review_app.home import views as home_views
from review_app.learning.queries import narrowing as learning_narrowing
from review_app.learning.service import cases as learning_cases
from review_app.learning.views import actions as action_views
from review_app.learning.views import points, recommendations, themes
from review_app.learning.views import sections as learning_sections
from review_app.outbox import service as outbox
from review_app.outbox import worker as outbox_worker
from review_app.outbox.rules import WorkerSilent
from review_app.panel import chasing
from review_app.panel import views as panel_views
from review_app.panel.events import PanelDecisionOverturned
from review_app.panel.queries.decisions import objection_to_closing
from review_app.panel.queries.restricted import restricted_question
from review_app.panel.views.sections import assessments_section, corroboration_section, decision_section
from review_app.policy import Actor
from review_app.restricted import Found, RestrictedRecord
from review_app.reviews import upkeep as reviews_upkeep
from review_app.reviews import views as reviews_views
from review_app.reviews.events import CaseCloses, CaseDestroyed, CaseSigned, CaseSignsOff
from review_app.reviews.queries.audit_kept import objection_to_pruning, references_hidden
from review_app.reviews.queries.restricted import restricted_case
from review_app.reviews.views import sittings
from review_app.reviews.views.panel_sections import factors_section, flags_section, meeting_section, sign_off_section
from review_app.reviews.views.request_sections import (
    chronology_section,
    pack_chronology_section,
    pack_reflections_section,
    requests_section,
)
from review_app.reviews.views.sections import deaths_section, identity_section, inclusion_section, notifications_section
from review_app.search import views as search_views
from review_app.sections import CasePage, PackPage, SignalPage
from review_app.submissions.events import SignalCloses
from review_app.submissions.overdue import EVERY_SECONDS as OVERDUE_EVERY
from review_app.submissions.overdue import take_up_overdue
from review_app.submissions.queries.restricted import restricted_report_or_signal
from review_app.submissions.views import follow, inbox, report, signals
from review_app.thread import views as thread_views

ON_TABLES_WITHOUT_PAGES = (files.Attachment, files.AttachmentContent)
JOINED = (audit_months, recipients, signing, writing, ending)
"""Pages that stand on another module's blueprint: importing them is what adds them."""

BLUEPRINTS = (
    signing_in.bp,
    people.bp,
    settings.bp,
    catalogue_views.bp,
    audit_trail.bp,
    report.bp,
    follow.bp,
    inbox.bp,
    signals.bp,
    panel_views.bp,
    panel_views.corroborate,
    reviews_views.bp,
    reviews_views.requests,
    points.bp,
    themes.bp,
    recommendations.bp,
    action_views.bp,
    reviews_views.notifying,
    sittings.bp,
    alerts_views.bp,
    lists.bp,
    advice.bp,
    acknowledge.bp,
    thread_views.bp,
    search_views.bp,
    home_views.bp,
)


CASE_SECTIONS = (
    notifications_section,
    inclusion_section,
    identity_section,
    requests_section,
    chronology_section,
    meeting_section,
    factors_section,
    sign_off_section,
    flags_section,
    thread_views.thread_section,
)
"""What each part of the review, and features on its right, show on the page of a case."""


def register_features(app: Flask) -> None:
    """Register every feature, from left to right."""
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    if app.extensions["config"].is_demo:
        app.register_blueprint(demo_views.bp)
    outbox.register()
    jobs.register_job("outbox", 1.0, outbox_worker.send_due)
    jobs.register_job("audit_months", audit_upkeep.EVERY_SECONDS, audit_upkeep.close_months)
    jobs.register_job("overdue_questions", OVERDUE_EVERY, take_up_overdue)
    for section in (corroboration_section, assessments_section, decision_section, signal_section, deaths_section):
        events.answer(SignalPage, section)
    events.answer(SignalPage, thread_views.thread_section)
    for case_section in CASE_SECTIONS:
        events.answer(CasePage, case_section)
    for pack_section in (pack_chronology_section, pack_reflections_section):
        events.answer(PackPage, pack_section)
    events.guard(SignalCloses, objection_to_closing)
    events.guard(SignalCloses, about_signal.objection_to_closing)
    events.on(PanelDecisionOverturned, take_back_when_overturned)
    events.on(PanelDecisionOverturned, withdraw_when_overturned)
    jobs.register_job("chase_agencies", chasing.EVERY_SECONDS, chasing.chase_agencies)
    jobs.register_job("old_drafts", reviews_upkeep.DRAFTS_EVERY, reviews_upkeep.forget_old_drafts)
    jobs.register_job("freed_keys", reviews_upkeep.KEYS_EVERY, reviews_upkeep.destroy_freed_keys)
    jobs.register_job("alerts_release", dispatch.RELEASE_EVERY, dispatch.release_due)
    jobs.register_job("alerts", dispatch.SEND_EVERY, dispatch.send_due)
    jobs.register_job("alert_signatures", dispatch.LOOK_AT_SIGNATURES_EVERY, dispatch.look_at_signatures)
    jobs.register_job("alert_reminders", dispatch.REMIND_EVERY, dispatch.remind_due)
    events.on(WorkerSilent, dispatch.on_worker_silent)
    health.register_backlog(deliveries.oldest_due)
    for restricted in (restricted_report_or_signal, restricted_question, restricted_case, restricted_alert):
        events.answer(RestrictedRecord, restricted)
    denials.init_denials(app, _record_denial)
    events.answer(AuditIsKept, years_of_audit)
    events.guard(AuditPrunes, objection_to_pruning)
    events.answer(AuditHides, references_hidden)
    _register_learning()


def _register_learning() -> None:
    """Let learning show itself on cases and in packs, and answer when a case is signed off, closed or destroyed."""
    events.answer(CasePage, learning_sections.learning_section)
    events.answer(CasePage, learning_sections.outcome_section)
    events.answer(PackPage, learning_sections.pack_learning_section)
    events.guard(CaseSignsOff, learning_cases.objection_to_signing)
    events.guard(CaseCloses, learning_cases.objection_to_closing)
    events.answer(CaseSigned, learning_cases.signed_learning)
    events.on(CaseDestroyed, learning_cases.forget_case)
    events.answer(AuditHides, learning_narrowing.references_hidden)


def _record_denial(actor: Actor | None, found: Found, reference: str) -> None:
    record_denial(actor, found.table, reference, at=utc_now(), owner_id=found.partnership_id)

"""A case's findings: putting it off, the check of facts, the signature, closing, opening again, holds and warnings."""

from flask import render_template
from flask.typing import ResponseReturnValue

from review_app.audit.service import record_view
from review_app.clock import utc_now
from review_app.forms import BaseForm, choices
from review_app.guards import acting, current_actor, read, requires
from review_app.policy import Permission
from review_app.reviews import queries
from review_app.reviews.commands.findings import CloseCase, StartFindings
from review_app.reviews.forms import findings as forms
from review_app.reviews.queries import findings, signing
from review_app.reviews.rules.states import CaseAction, FlagKind
from review_app.reviews.service import agenda, flags
from review_app.reviews.service import signing as service
from review_app.reviews.views.blueprint import bp, managing, to_case
from review_app.reviews.views.doing import done
from review_app.reviews.views.looking import looked_at

concluding = requires(Permission.CASE_MANAGE, Permission.CASE_SIGN, record=queries.get_known_case)
KINDS = ", ".join(FlagKind)
signing_off = requires(Permission.CASE_SIGN, record=queries.get_known_case)


@bp.route("/<reference>/defer", methods=["GET", "POST"])
@concluding
def defer(reference: str) -> ResponseReturnValue:
    """Put a case off."""
    form = forms.DeferForm()
    if done(form, lambda s, a: agenda.defer_case(s, a, form.to_command(reference), now=utc_now())):
        return to_case(reference, "meeting", "The case is put off. It can go on the agenda of another meeting.")
    findings.case_to_defer(read(), current_actor(), reference)
    return render_template("reviews/defer.html", reference=reference, form=form), form.status


@bp.post("/<reference>/findings")
@concluding
def start_findings(reference: str) -> ResponseReturnValue:
    """Begin to write the findings."""
    with acting() as (session, actor):
        service.start_findings(session, actor, StartFindings(reference=reference), now=utc_now())
    return to_case(reference, "sign-off", "The findings can be written. Agree the learning, then check the facts.")


@bp.route("/<reference>/accuracy", methods=["GET", "POST"])
@concluding
def accuracy(reference: str) -> ResponseReturnValue:
    """Record that no agency was asked to check the facts, and why."""
    form = forms.AccuracyForm()
    if done(form, lambda s, a: service.skip_accuracy_check(s, a, form.to_command(reference), now=utc_now())):
        return to_case(reference, "sign-off", "The check of facts is recorded. The case can be signed off.")
    findings.to_move(read(), current_actor(), reference, CaseAction.CHECK_ACCURACY, now=utc_now())
    return render_template("reviews/accuracy.html", reference=reference, form=form), form.status


@bp.route("/<reference>/no-learning", methods=["GET", "POST"])
@requires(Permission.LEARNING_AGREE, record=queries.get_known_case)
def no_learning(reference: str) -> ResponseReturnValue:
    """Say that no learning was identified, or take that back."""
    form = forms.NoLearningForm(reason=queries.get_case(read(), current_actor(), reference).no_learning)
    if done(form, lambda s, a: service.say_no_learning(s, a, form.to_command(reference), now=utc_now())):
        return to_case(reference, "sign-off", "That is recorded.")
    looked_at(reference, service.SECTION)
    return render_template("reviews/no_learning.html", reference=reference, form=form), form.status


@bp.route("/<reference>/sign", methods=["GET", "POST"])
@signing_off
def sign(reference: str) -> ResponseReturnValue:
    """Sign the case off, after reading what is signed. Opening it is recorded."""
    form = forms.SignForm()
    if done(form, lambda s, a: service.sign_case(s, a, form.to_command(reference), now=utc_now())):
        return to_case(reference, "sign-off", "The case is signed off. What you signed can never be changed.")
    shown = findings.to_sign(read(), current_actor(), reference, now=utc_now())
    looked_at(reference, service.SECTION)
    form.digest.data = shown.digest
    return render_template("reviews/sign.html", shown=shown, form=form), form.status


@bp.get("/<reference>/versions/<int:number>")
@requires(Permission.CASE_SEE, record=queries.get_known_case)
def version(reference: str, number: int) -> ResponseReturnValue:
    """Show what was signed. Opening it is recorded."""
    actor = current_actor()
    record_view(actor, queries.get_case(read(), actor, reference), at=utc_now(), section=service.SECTION)
    shown = signing.signed_version(read(), actor, reference, number)
    return render_template("reviews/version.html", shown=shown)


@bp.route("/<reference>/close", methods=["GET", "POST"])
@signing_off
def close(reference: str) -> ResponseReturnValue:
    """Close the case, after reading what that does."""
    form = BaseForm()
    if done(form, lambda s, a: service.close_case(s, a, CloseCase(reference=reference), now=utc_now())):
        return to_case(reference, "sign-off", "The case is closed.")
    shown = findings.to_move(read(), current_actor(), reference, CaseAction.CLOSE, now=utc_now())
    return render_template("reviews/close.html", shown=shown, form=form), form.status


@bp.route("/<reference>/reopen", methods=["GET", "POST"])
@signing_off
def reopen(reference: str) -> ResponseReturnValue:
    """Open the case again."""
    form = forms.ReopenForm()
    if done(form, lambda s, a: service.reopen_case(s, a, form.to_command(reference), now=utc_now())):
        return to_case(reference, "sign-off", "The case is open again. What was signed stays as it is.")
    shown = findings.to_move(read(), current_actor(), reference, CaseAction.REOPEN, now=utc_now())
    return render_template("reviews/reopen.html", shown=shown, form=form), form.status


@bp.route("/<reference>/flags/new", methods=["GET", "POST"])
@managing
def raise_flag(reference: str) -> ResponseReturnValue:
    """Put a hold or warning beside the case."""
    form, shown = forms.RaiseFlagForm(), findings.flags_of(read(), current_actor(), reference)
    form.kind.choices = choices(shown.free, "case_flag")
    if done(form, lambda s, a: flags.raise_flag(s, a, form.to_command(reference), now=utc_now())):
        return to_case(reference, "flags", "The hold or warning stands.")
    return render_template("reviews/raise_flag.html", reference=reference, form=form), form.status


@bp.route(f"/<reference>/flags/<any({KINDS}):kind>/end", methods=["GET", "POST"])
@requires(Permission.CASE_MANAGE, record=queries.get_known_case)
def end_flag(reference: str, kind: str) -> ResponseReturnValue:
    """Take a hold or warning away."""
    form, flag = forms.EndFlagForm(), findings.standing_flag(read(), current_actor(), reference, FlagKind(kind))
    if done(form, lambda s, a: flags.end_flag(s, a, form.to_command(reference, flag.kind), now=utc_now())):
        return to_case(reference, "flags", "The hold or warning is taken away.")
    return render_template("reviews/end_flag.html", reference=reference, flag=flag, form=form), form.status

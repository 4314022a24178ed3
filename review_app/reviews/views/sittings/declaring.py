"""Declaring an interest in a case, and putting a declaration right for somebody else."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from review_app.audit.service import record_view
from review_app.clock import utc_now
from review_app.forgery import token_set_aside
from review_app.guards import current_actor, read, requires
from review_app.policy import Permission
from review_app.reviews import queries
from review_app.reviews.forms.sittings import CorrectForm, DeclareForm
from review_app.reviews.queries import declarations
from review_app.reviews.queries.reading import RECOGNITION
from review_app.reviews.queries.recognition import recognition
from review_app.reviews.service.declaring import SECTION, correct_declaration, declare_interest
from review_app.reviews.views.blueprint import bp as case_pages
from review_app.reviews.views.doing import done
from review_app.reviews.views.looking import looked_at
from review_app.reviews.views.sittings.blueprint import attending, bp, managing, to_meeting

DECLARED = "Your declaration is kept. Thank you."
KNOWS = (Permission.MEETING_SEE, Permission.CASE_SEE_LISTED, Permission.CASE_SEE_EXISTS, Permission.REQUEST_ANSWER)


@bp.route("/<reference>/cases/<case_reference>/declare", methods=["GET", "POST"])
@attending
def declare(reference: str, case_reference: str) -> ResponseReturnValue:
    """Declare for one case of a sitting, having read the few facts by which a conflict is recognised."""
    actor, form, now = current_actor(), DeclareForm(), utc_now()
    case = declarations.case_to_declare(read(), actor, reference, case_reference)
    if done(form, lambda s, a: declare_interest(s, a, form.to_command(case_reference, reference), now=now)):
        return to_meeting(reference, DECLARED)
    with token_set_aside():  # it is shown again, with what was typed, also where the page was open too long
        record_view(actor, case, at=now, section=RECOGNITION)
    facts, back = recognition(read(), case), url_for("meetings.show", reference=reference)
    return render_template("meetings/declare.html", case=case, form=form, facts=facts, back=back), form.status


@case_pages.route("/<reference>/declare", methods=["GET", "POST"])
@requires(*KNOWS, record=queries.get_known_case)
def declare_at_any_time(reference: str) -> ResponseReturnValue:
    """Declare an interest in a case of which one may know, outside any sitting."""
    case, form = queries.get_known_case(read(), current_actor(), reference), DeclareForm()
    if done(form, lambda s, a: declare_interest(s, a, form.to_command(reference), now=utc_now())):
        flash(DECLARED, "success")
        still = declarations.still_known(read(), current_actor(), reference)
        return redirect(url_for("reviews.show", reference=reference) if still else url_for("home.index"))
    back = url_for("reviews.show", reference=reference)
    return render_template("meetings/declare.html", case=case, form=form, facts=None, back=back), form.status


@bp.route("/<reference>/cases/<case_reference>/declarations/<int:user_id>", methods=["GET", "POST"])
@managing
def correct(reference: str, case_reference: str, user_id: int) -> ResponseReturnValue:
    """Put somebody's declaration right for them, with the reason."""
    standing = declarations.declaration_to_correct(read(), current_actor(), case_reference, user_id)
    form = CorrectForm(kind=standing.kind)
    if done(form, lambda s, a: correct_declaration(s, a, form.to_command(case_reference, user_id), now=utc_now())):
        return to_meeting(reference, "The declaration is put right.", "declarations")
    looked_at(case_reference, SECTION)
    return render_template("meetings/correct.html", reference=reference, standing=standing, form=form), form.status

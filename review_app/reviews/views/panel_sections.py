"""What the panel's work adds to a case's page: its meetings, its factors, its way to a signature, its holds."""

from flask import url_for
from sqlalchemy.orm import Session

from review_app.reviews.queries import factors, findings
from review_app.reviews.rules.states import CaseAction
from review_app.sections import CasePage, NextAction, Section


def meeting_section(session: Session, page: CasePage) -> Section:
    """Show the sittings of the case, and what the person declared about it."""
    view = findings.case_meetings(session, page.actor, page.case_id, now=page.now)
    return Section(
        order=50,
        key="meeting",
        template="reviews/sections/meeting.html",
        context={"panel_meetings": view},
        next_action=_next_of_meeting(view),
    )


def _next_of_meeting(view: findings.CaseMeetings) -> NextAction | None:
    if view.may_put_on_agenda:
        return NextAction(
            title="Bring this case before the panel",
            text="Its information is ready. Put it on the agenda of a meeting; everybody there declares for it first.",
            button="Choose a meeting",
            href=url_for("meetings.index"),
        )
    if not view.on_agenda:
        return None
    return NextAction(
        title="This case is on an agenda",
        text=f"The next step is taken at {view.on_agenda}: declarations, listing, and the meeting itself.",
        button="Open the meeting",
        href=url_for("meetings.show", reference=view.on_agenda),
    )


def factors_section(session: Session, page: CasePage) -> Section:
    """Show the factors of the case."""
    board = factors.board_of(session, page.actor, page.case_id, now=page.now)
    return Section(order=60, key="factors", template="reviews/sections/factors.html", context={"board": board})


STEPS = (
    (
        CaseAction.DRAFT_FINDINGS,
        "Write the findings",
        "The panel has discussed this case. Record and agree its learning, then have the facts checked.",
        "Start the findings",
        "reviews.show",
    ),
    (
        CaseAction.CHECK_ACCURACY,
        "Check the facts",
        "Before the case is signed off, record how its facts were checked.",
        "Record the check of facts",
        "reviews.accuracy",
    ),
    (
        CaseAction.SIGN_OFF,
        "Sign this case off",
        "Read what will be signed. What you sign can never be changed.",
        "Sign off",
        "reviews.sign",
    ),
    (CaseAction.CLOSE, "Close this case", "It is signed off, and nothing keeps it open.", "Close", "reviews.close"),
)


def sign_off_section(session: Session, page: CasePage) -> Section:
    """Show how the case stands on its way to a signature and beyond."""
    view = findings.signing_view(session, page.actor, page.case_id, now=page.now)
    return Section(
        order=90,
        key="sign-off",
        template="reviews/sections/sign_off.html",
        context={"signing": view},
        next_action=_next_of_signing(view),
    )


def _next_of_signing(view: findings.SigningView) -> NextAction | None:
    for action, title, text, button, endpoint in STEPS:
        if view.can(action) and not view.objections:
            anchor = "sign-off" if endpoint == "reviews.show" else None
            href = url_for(endpoint, reference=view.reference, _anchor=anchor)
            return NextAction(title=title, text=text, button=button, href=href)
    return None


def flags_section(session: Session, page: CasePage) -> Section:
    """Show the holds and warnings beside the case."""
    view = findings.flags_view(session, page.actor, page.case_id)
    return Section(order=95, key="flags", template="reviews/sections/flags.html", context={"holds": view})

"""Writing to a submitter by e-mail, if there is an address and they agreed; with a private link of its own."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from review_app.accounts.models import User
from review_app.addresses import normalise_address
from review_app.crypto import new_token, token_hash
from review_app.mail import link
from review_app.outbox.service import owe
from review_app.submissions.emails.coordination import Letter
from review_app.submissions.models import FollowLink, Submission
from review_app.submissions.rules import FOLLOW_LINK_MONTHS
from review_app.working_time import months_after


def send_letter(
    session: Session, submission: Submission, write: Callable[[str, str], Letter], *, purpose: str, now: datetime
) -> bool:
    """Owe the submitter an e-mail that says what waits and where; say whether there was an address for it."""
    address = address_of(session, submission)
    if address is None:
        return False
    token, ends = new_token(), months_after(now, FOLLOW_LINK_MONTHS)
    session.add(FollowLink(submission_id=submission.id, token_hash=token_hash(token), made_at=now, expires_at=ends))
    letter = write(submission.reference, link("follow.show", token=token))
    owe(
        session,
        to=address,
        subject=letter.subject,
        body=letter.body,
        due_at=now,
        partnership_id=submission.partnership_id,
        purpose=purpose,
        exercise=submission.exercise,
        expires_at=ends,
    )
    return True


def address_of(session: Session, submission: Submission) -> str | None:
    """Give the e-mail address by which the submitter agreed to be written to: what they left, else their account's."""
    contact = submission.contact
    if contact is not None and not contact.may_contact:
        return None
    if contact is not None and contact.contact:
        try:
            return normalise_address(contact.contact)
        except ValueError:  # a telephone number
            return None
    sender = session.get(User, submission.submitted_by_id) if submission.submitted_by_id else None
    return sender.email if sender is not None and sender.active else None

"""Signing in and out, choosing a Partnership, and taking up an invitation."""

from collections.abc import Sequence
from datetime import datetime

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from review_app.accounts import queries, throttle
from review_app.accounts.commands import SetPassword, SignInWith
from review_app.accounts.models import Invitation, Partnership, SignIn, User
from review_app.accounts.rules import (
    FAILURES_AN_ACCOUNT,
    FAILURES_AN_ADDRESS,
    SIGN_IN_LASTS,
    SIGN_IN_WINDOW,
    normalise_email,
    password_problem,
)
from review_app.audit.service import RecordName, record
from review_app.crypto import new_token, token_hash
from review_app.errors import DomainError, LinkSpent, NotVisible, RuleBroken, Throttled
from review_app.policy import Actor

HASHER = PasswordHasher()
NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$OYhX7DBw9azIwUH9ZL/edQ$4pgg1ER6ftUtXyGul24SoXM1u4MsDeVnIeien3arXXU"
"""The hash of a random password that was thrown away, at the cost that `HASHER` has: made once, not at every start."""
WRONG = "The e-mail address or password is not right. Check both and try again."
WAIT = (
    "There were too many tries. Wait 15 minutes, then try again."
    " If someone else is trying your account, tell your administrator."
)


def check_password(password_hash: str | None, password: str) -> bool:
    """Say whether the password is right. An unknown account takes as long as a known one."""
    try:
        HASHER.verify(password_hash or NOBODY, password)
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


def throttled(session: Session, command: SignInWith, *, now: datetime) -> bool:
    """Say whether this account or this network address has failed too often in the last 15 minutes."""
    account = throttle.tries(session, "sign_in_account", normalise_email(command.email), within=SIGN_IN_WINDOW, now=now)
    address = throttle.tries(session, "sign_in_address", command.address, within=SIGN_IN_WINDOW, now=now)
    return account >= FAILURES_AN_ACCOUNT or address >= FAILURES_AN_ADDRESS


def sign_in(session: Session, command: SignInWith, *, right: bool, now: datetime) -> str | DomainError:
    """Start a sign-in and give its token, or give the refusal, which the caller shows after the failure is kept.

    `right` says whether the password was verified; that is slow, so it is done before the transaction begins.
    """
    if throttled(session, command, now=now):
        return Throttled(WAIT)
    user = queries.find_user_by_email(session, normalise_email(command.email))
    if user is None or not user.active or not right:
        throttle.note_try(session, "sign_in_account", normalise_email(command.email), now=now)
        throttle.note_try(session, "sign_in_address", command.address, now=now)
        if user is not None:
            concerned = queries.partnerships_concerned(session, user.id, on=now.date())
            _record(session, "sign_in_failed", user, concerned, by_them=False, now=now)
        return RuleBroken(WRONG)
    token = new_token()
    places = queries.partnerships_of(session, user.id, on=now.date())
    session.add(
        SignIn(
            user_id=user.id,
            token_hash=token_hash(token),
            partnership_id=places[0].id if len(places) == 1 else None,
            started_at=now,
            expires_at=now + SIGN_IN_LASTS,
        )
    )
    _record(session, "sign_in", user, places, by_them=True, now=now)
    return token


def _record(
    session: Session, verb: str, user: User, places: Sequence[Partnership], *, by_them: bool, now: datetime
) -> None:
    """Record what was done with an account in the audit of every Partnership whose account it is."""
    every: list[int | None] = [place.id for place in places]
    for place_id in every or [None]:
        named = RecordName(table=User.__tablename__, reference=user.reference, partnership_id=place_id)
        actor = Actor(user_id=user.id, partnership_id=place_id) if by_them and place_id is not None else None
        record(session, actor, verb, named, at=now)


def sign_out(session: Session, token: str, *, now: datetime) -> None:
    """End one sign-in."""
    session.execute(
        update(SignIn).where(SignIn.token_hash == token_hash(token), SignIn.ended_at.is_(None)).values(ended_at=now)
    )


def choose_partnership(session: Session, token: str, slug: str, *, now: datetime) -> None:
    """Act in one of the person's Partnerships from now on, in this browser."""
    found = queries.find_sign_in(session, token_hash(token))
    if found is None:
        raise NotVisible("Your sign-in has ended. Sign in again.")
    for partnership in queries.partnerships_of(session, found.user_id, on=now.date()):
        if partnership.slug == slug:
            found.partnership_id = partnership.id
            return
    raise NotVisible("We cannot find that partnership among yours.")


def find_invitation(session: Session, token: str, *, now: datetime) -> Invitation:
    """Give a live invitation. Raises LinkSpent for one that is unknown, used or past its date."""
    invitation = session.scalar(select(Invitation).where(Invitation.token_hash == token_hash(token)))
    if (
        invitation is None
        or invitation.used_at is not None
        or invitation.expires_at <= now
        or not invitation.user.active
    ):
        raise LinkSpent("This invitation has been used or is out of date. Ask your administrator for a new one.")
    return invitation


def accept_invitation(session: Session, command: SetPassword, *, now: datetime) -> User:
    """Set the password the invited person chose, and spend the link; earlier sign-ins of the account end."""
    invitation = find_invitation(session, command.token, now=now)
    problem = password_problem(command.password, invitation.user.email)
    if problem is not None:
        raise RuleBroken(problem)
    user = invitation.user
    user.password_hash = HASHER.hash(command.password)
    invitation.used_at = now
    session.execute(update(SignIn).where(SignIn.user_id == user.id, SignIn.ended_at.is_(None)).values(ended_at=now))
    record(session, None, "accept_invitation", user, at=now)
    return user

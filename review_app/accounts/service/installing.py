"""What an installation needs before anyone can sign in: its mode, its Partnerships and its first person."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from review_app.accounts.models import Area, Installation, Partnership, RoleAssignment, User
from review_app.accounts.rules import normalise_email
from review_app.accounts.service.administration import open_invitation
from review_app.audit.service import record
from review_app.errors import RuleBroken
from review_app.policy import Role


def stamp(session: Session, mode: str, *, now: datetime) -> None:
    """Stamp an empty database with its mode; refuse a database stamped with the other one."""
    installation = session.get(Installation, 1)
    if installation is None:
        session.add(Installation(id=1, mode=mode, stamped_at=now))
    elif installation.mode != mode:
        raise RuleBroken(
            f"This database belongs to {installation.mode} mode and cannot be opened in {mode} mode."
            " Set REVIEW_MODE or REVIEW_DATABASE_URL."
        )


def add_partnership(session: Session, *, name: str, slug: str, code: str, now: datetime) -> Partnership:
    """Open a Partnership with one area of the same name."""
    if session.scalar(select(Partnership.id).where((Partnership.slug == slug) | (Partnership.code == code))):
        raise RuleBroken("A partnership with this slug or code exists already.")
    partnership = Partnership(name=name, slug=slug, code=code)
    session.add(partnership)
    session.flush()
    session.add(Area(partnership_id=partnership.id, name=name))
    record(session, None, "add_partnership", partnership, at=now)
    return partnership


def add_user(session: Session, partnership: Partnership, *, name: str, email: str, now: datetime) -> str:
    """Open the account of an administrator and give the one-time link token by which they set a password."""
    address = normalise_email(email)
    user = session.scalar(select(User).where(User.email == address))
    if user is None:
        user = User(name=name, email=address, created_at=now)
        session.add(user)
        session.flush()
    session.add(RoleAssignment(user_id=user.id, role=Role.ADMIN, partnership_id=partnership.id, starts_on=now.date()))
    record(session, None, "add_user", user, at=now)
    return open_invitation(session, user, invited_by_id=None, now=now)

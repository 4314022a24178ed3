"""What agencies are asked, what they send back, and the chronology that is merged from it."""

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from review_app.accounts.models import Agency
from review_app.catalogue.models import FormDefinition
from review_app.crypto import sealed_column
from review_app.db import Base, named_enumeration
from review_app.destructible import DestructibleAnswers, DestructibleDate, DestructibleText
from review_app.reviews.models.cases import OfCase, ReviewCase
from review_app.reviews.rules.states import RequestAction, RequestState, ReturnKind


class InformationRequest(OfCase, Base):
    """What one agency is asked about one case, under which form, by when.

    `matching` names the fields of the identity that the request shows, so that the agency can find the person. An
    agency has one standing request about a case; after one was taken back it can be asked anew. `due_at` is the clock.
    """

    __tablename__ = "information_request"
    __table_args__ = (
        CheckConstraint("state IN ('draft', 'cancelled') OR sent_at IS NOT NULL", name="sent"),
        CheckConstraint("state NOT IN ('returned', 'declined', 'waived', 'cancelled') OR ended_at IS NOT NULL",
                        name="ended"),
        Index(
            "uq_information_request_standing", "case_id", "agency_id", unique=True,
            sqlite_where=text("state <> 'cancelled'"), postgresql_where=text("state <> 'cancelled'"),
        ),
        Index("ix_information_request_agency", "agency_id", "state"),
    )  # fmt: skip
    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(30), unique=True)
    partnership_id: Mapped[int] = mapped_column(ForeignKey("partnership.id"))
    case_id: Mapped[int] = mapped_column(ForeignKey("review_case.id"))
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    form_id: Mapped[int] = mapped_column(ForeignKey("form_definition.id"))
    state: Mapped[RequestState] = mapped_column(default=RequestState.DRAFT)
    matching: Mapped[list[str]] = mapped_column(JSON, default=list)
    asked_sealed: Mapped[bytes | None] = sealed_column()
    made_at: Mapped[datetime]
    made_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    sent_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    opened_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    chased: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column()
    asked = DestructibleText("asked_sealed")
    case: Mapped[ReviewCase] = relationship()
    agency: Mapped[Agency] = relationship()
    form: Mapped[FormDefinition] = relationship()
    returns: Mapped[list["AgencyReturn"]] = relationship(back_populates="request", order_by="AgencyReturn.number")
    moves: Mapped[list["RequestMove"]] = relationship(back_populates="request", order_by="RequestMove.id")
    __mapper_args__ = {"version_id_col": version}
    __audit_plain__ = frozenset({"state", "due_at"})


class RequestMove(OfCase, Base):
    """One thing that was done with a request, with the words that were given: why it was waived, what is missing."""

    __tablename__ = "request_move"
    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("information_request.id"), index=True)
    action: Mapped[RequestAction]
    words_sealed: Mapped[bytes | None] = sealed_column()
    moved_at: Mapped[datetime]
    moved_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    words = DestructibleText("words_sealed")
    request: Mapped[InformationRequest] = relationship(back_populates="moves")


class AgencyReturn(OfCase, Base):
    """One version of what an agency sent back; the newest one without `sent_at` is the draft.

    Its content holds the answers, the entries for the chronology, and how often the answers were saved.
    """

    __tablename__ = "agency_return"
    __table_args__ = (
        UniqueConstraint("request_id", "number"),
        CheckConstraint("(sent_at IS NULL) = (kind IS NULL)", name="sent_kind"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("information_request.id"))
    number: Mapped[int]
    kind: Mapped[ReturnKind | None] = mapped_column(named_enumeration(ReturnKind, "return_kind"))
    content_sealed: Mapped[bytes | None] = sealed_column()
    reason_sealed: Mapped[bytes | None] = sealed_column()
    saved_at: Mapped[datetime]
    saved_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    sent_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()
    content = DestructibleAnswers("content_sealed")
    reason = DestructibleText("reason_sealed")
    request: Mapped[InformationRequest] = relationship(back_populates="returns")
    __mapper_args__ = {"version_id_col": version}


class ChronologyEntry(OfCase, Base):
    """One dated event of a case's chronology, from a return or added by the coordinator.

    Everything about it is sealed but its place: `details` holds the kind, what happened, its significance, its
    certainty (exact, approximate, inferred), its section and whether it tells of a living third person; for one from a
    return also the key by which the return's next version names it. A corrected entry stays the same row.
    """

    __tablename__ = "chronology_entry"
    __table_args__ = (CheckConstraint("(removed_at IS NULL) = (removed_by_id IS NULL)", name="removed"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("review_case.id"), index=True)
    request_id: Mapped[int | None] = mapped_column(ForeignKey("information_request.id"), index=True)
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("agency.id"))
    happened_sealed: Mapped[bytes | None] = sealed_column()
    details_sealed: Mapped[bytes | None] = sealed_column()
    added_at: Mapped[datetime]
    added_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    removed_at: Mapped[datetime | None]
    removed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    version: Mapped[int] = mapped_column()
    happened = DestructibleDate("happened_sealed")
    details = DestructibleAnswers("details_sealed")
    __mapper_args__ = {"version_id_col": version}


class ChronologyChange(OfCase, Base):
    """What an entry of the chronology said before it was corrected or removed, and why that was done."""

    __tablename__ = "chronology_change"
    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("chronology_entry.id"), index=True)
    happened_sealed: Mapped[bytes | None] = sealed_column()
    details_sealed: Mapped[bytes | None] = sealed_column()
    reason_sealed: Mapped[bytes | None] = sealed_column()
    changed_at: Mapped[datetime]
    changed_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    happened = DestructibleDate("happened_sealed")
    details = DestructibleAnswers("details_sealed")
    reason = DestructibleText("reason_sealed")

"""Submissions, the answers in them, who sent them, and the Signals that gather reports of one batch."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, composite, mapped_column, relationship

from review_app.accounts.models import Agency, Locality
from review_app.crypto import Purpose, Sealed, SealedText, sealed_column
from review_app.db import Base
from review_app.fuzzy import DatePrecision, FuzzyDate
from review_app.marks import Certainty, Grade, Tlp
from review_app.submissions.rules import (
    ClosureReason,
    Depth,
    KnownPlace,
    LinkReason,
    NameSharing,
    SignalState,
    SourceKind,
    SubmissionKind,
    SubmissionState,
    Urgency,
    WhenKind,
)


class Submission(Base):
    """One report from one submitter at one time. The typed columns hold the value in force of each answer."""

    __tablename__ = "submission"
    __audit_plain__ = frozenset({"state", "urgency", "closure_reason", "police_sensitive"})
    __table_args__ = (
        UniqueConstraint("id", "exercise"),
        CheckConstraint("state NOT IN ('linked', 'closed') OR triaged_at IS NOT NULL", name="triaged"),
        CheckConstraint("state <> 'closed' OR closure_reason IS NOT NULL", name="closure"),
        CheckConstraint("(state = 'withdrawn') = (withdrawn_at IS NOT NULL)", name="withdrawal"),
        CheckConstraint("(known_place IS NULL) <> (locality_id IS NULL)", name="place"),
        Index("ix_submission_inbox", "partnership_id", "state", "received_at"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(30), unique=True)
    partnership_id: Mapped[int] = mapped_column(ForeignKey("partnership.id"))
    kind: Mapped[SubmissionKind]
    depth: Mapped[Depth]
    state: Mapped[SubmissionState]
    urgency: Mapped[Urgency]
    exercise: Mapped[bool] = mapped_column(default=False)
    tlp: Mapped[Tlp] = mapped_column(default=Tlp.AMBER_STRICT)
    police_sensitive: Mapped[bool] = mapped_column(default=False)
    form_definition_id: Mapped[int] = mapped_column(ForeignKey("form_definition.id"))
    form_token: Mapped[str] = mapped_column(String(64), unique=True)
    received_at: Mapped[datetime]
    submitted_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("agency.id"))
    earlier_id: Mapped[int | None] = mapped_column(ForeignKey("submission.id"))
    follow_token_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    follow_expires_at: Mapped[datetime | None]
    reporting: Mapped[list[Any]]
    danger_now: Mapped[bool]
    when_known: Mapped[WhenKind]
    happened_from: Mapped[date | None]
    happened_to: Mapped[date | None]
    happened_precision: Mapped[DatePrecision]
    happened: Mapped[FuzzyDate] = composite("happened_from", "happened_to", "happened_precision")
    known_place: Mapped[KnownPlace | None]
    locality_id: Mapped[int | None] = mapped_column(ForeignKey("locality.id"))
    place_detail: Mapped[str] = mapped_column(String(200), default="")
    own_words: Mapped[str] = mapped_column(Text, default="")
    ages: Mapped[dict[str, Any] | None]
    attended_ed: Mapped[int | None]
    admitted: Mapped[int | None]
    intensive_care: Mapped[int | None]
    deaths_suspected: Mapped[int | None]
    naloxone_given: Mapped[bool | None]
    naloxone_doses: Mapped[int | None]
    vulnerabilities: Mapped[list[Any]]
    how_known: Mapped[SourceKind]
    triaged_at: Mapped[datetime | None]
    triaged_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    closure_reason: Mapped[ClosureReason | None]
    closure_note: Mapped[str] = mapped_column(Text, default="")
    withdrawn_at: Mapped[datetime | None]
    withdrawal_note: Mapped[str] = mapped_column(Text, default="")
    version: Mapped[int] = mapped_column()
    agency: Mapped[Agency | None] = relationship()
    locality: Mapped[Locality | None] = relationship()
    earlier: Mapped["Submission | None"] = relationship(remote_side=[id], back_populates="updates")
    updates: Mapped[list["Submission"]] = relationship(order_by="Submission.id", back_populates="earlier")
    answers: Mapped[list["SubmissionAnswer"]] = relationship(order_by="SubmissionAnswer.id")
    substances: Mapped[list["ReportedSubstance"]] = relationship(order_by="ReportedSubstance.position")
    contact: Mapped["SubmitterContact | None"] = relationship()
    questions: Mapped[list["SubmissionQuestion"]] = relationship(order_by="SubmissionQuestion.id")
    messages: Mapped[list["SubmissionMessage"]] = relationship(order_by="SubmissionMessage.id")
    links: Mapped[list["SignalLink"]] = relationship(
        order_by="SignalLink.id", back_populates="submission", overlaps="signal,links"
    )
    __mapper_args__ = {"version_id_col": version}


class SubmissionAnswer(Base):
    """One append-only answer to one question, with the version of the form and who gave it."""

    __tablename__ = "submission_answer"
    __table_args__ = (Index("ix_submission_answer_question", "submission_id", "question_key", "position"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"))
    question_key: Mapped[str] = mapped_column(String(10))
    position: Mapped[int] = mapped_column(default=0)
    value: Mapped[dict[str, Any]]
    form_definition_id: Mapped[int] = mapped_column(ForeignKey("form_definition.id"))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    by_submitter: Mapped[bool]
    at: Mapped[datetime]


class ReportedSubstance(Base):
    """A drug described in a report. What it was sold as is never overwritten by what was found."""

    __tablename__ = "reported_substance"
    __table_args__ = (UniqueConstraint("submission_id", "position"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"))
    position: Mapped[int] = mapped_column(default=0)
    sold_as: Mapped[str] = mapped_column(String(200))
    street_name: Mapped[str] = mapped_column(String(200), default="")
    suspected: Mapped[list[Any]]
    certainty: Mapped[Certainty] = mapped_column(default=Certainty.SUSPECTED)


class SubmitterContact(Sealed, Base):
    """Who sent a report and how to reach them: kept apart from it, encrypted, and never for an anonymous report."""

    __tablename__ = "submitter_contact"
    id: Mapped[int] = mapped_column(primary_key=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"), unique=True)
    name_sealed: Mapped[bytes | None] = sealed_column()
    organisation_sealed: Mapped[bytes | None] = sealed_column()
    contact_sealed: Mapped[bytes | None] = sealed_column()
    name_sharing: Mapped[NameSharing]
    may_contact: Mapped[bool] = mapped_column(default=True)
    name = SealedText(Purpose.SUBMITTER, "name_sealed")
    organisation = SealedText(Purpose.SUBMITTER, "organisation_sealed")
    contact = SealedText(Purpose.SUBMITTER, "contact_sealed")


class FollowLink(Base):
    """One more private link to the same report, made for an e-mail; stored hashed, with an end.

    The link given at sending cannot be rebuilt from its hash, and the submitter may have lost it.
    """

    __tablename__ = "follow_link"
    __table_args__ = (Index("ix_follow_link_submission", "submission_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class SubmissionQuestion(Base):
    """A question the coordinator asks the submitter, and its answer."""

    __tablename__ = "submission_question"
    __table_args__ = (CheckConstraint("(answer IS NULL) = (answered_at IS NULL)", name="answer"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"))
    question: Mapped[str] = mapped_column(Text)
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    asked_at: Mapped[datetime]
    due_at: Mapped[datetime]
    answer: Mapped[str | None] = mapped_column(Text)
    answered_at: Mapped[datetime | None]


class SubmissionMessage(Base):
    """Words for the submitter, shown behind the follow-up link: what was decided and why, in plain language."""

    __tablename__ = "submission_message"
    id: Mapped[int] = mapped_column(primary_key=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"))
    body: Mapped[str] = mapped_column(Text)
    outcome: Mapped[bool] = mapped_column(default=False)
    written_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    at: Mapped[datetime]


class Signal(Base):
    """The thing that is assessed: one batch, cluster or episode, with the reports linked to it."""

    __tablename__ = "signal"
    __audit_plain__ = frozenset({"state", "urgency", "grade", "starred", "police_sensitive"})
    __table_args__ = (
        UniqueConstraint("id", "exercise"),
        CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closure"),
        Index("ix_signal_list", "partnership_id", "state", "opened_at"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(30), unique=True)
    partnership_id: Mapped[int] = mapped_column(ForeignKey("partnership.id"))
    panel_id: Mapped[int] = mapped_column(ForeignKey("panel.id"))
    title: Mapped[str] = mapped_column(String(120))
    state: Mapped[SignalState]
    urgency: Mapped[Urgency]
    exercise: Mapped[bool] = mapped_column(default=False)
    tlp: Mapped[Tlp] = mapped_column(default=Tlp.AMBER_STRICT)
    police_sensitive: Mapped[bool] = mapped_column(default=False)
    opened_at: Mapped[datetime]
    opened_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    skipped_round_reason: Mapped[str] = mapped_column(Text, default="")
    grade: Mapped[Grade | None]
    starred: Mapped[bool] = mapped_column(default=False)
    closed_at: Mapped[datetime | None]
    closure_note: Mapped[str] = mapped_column(Text, default="")
    version: Mapped[int] = mapped_column()
    links: Mapped[list["SignalLink"]] = relationship(
        order_by="SignalLink.id", back_populates="signal", overlaps="submission,links"
    )
    __mapper_args__ = {"version_id_col": version}


class SignalLink(Base):
    """Why and when a Submission was joined to a Signal, and why and when it was taken out again."""

    __tablename__ = "signal_link"
    __table_args__ = (
        ForeignKeyConstraint(["signal_id", "exercise"], ["signal.id", "signal.exercise"], name="fk_signal_link_signal"),
        ForeignKeyConstraint(
            ["submission_id", "exercise"], ["submission.id", "submission.exercise"], name="fk_signal_link_submission"
        ),
        CheckConstraint("(unlinked_at IS NULL) = (unlinked_by_id IS NULL)", name="unlinked"),
        Index(
            "uq_signal_link_in_force",
            "submission_id",
            unique=True,
            sqlite_where=text("unlinked_at IS NULL"),
            postgresql_where=text("unlinked_at IS NULL"),
        ),
        Index("ix_signal_link_signal", "signal_id"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    signal_id: Mapped[int] = mapped_column()
    submission_id: Mapped[int] = mapped_column()
    exercise: Mapped[bool]
    kind: Mapped[LinkReason]
    reason: Mapped[str] = mapped_column(Text)
    linked_at: Mapped[datetime]
    linked_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    unlinked_at: Mapped[datetime | None]
    unlinked_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    unlink_reason: Mapped[str] = mapped_column(Text, default="")
    signal: Mapped[Signal] = relationship(back_populates="links", overlaps="submission,links")
    submission: Mapped[Submission] = relationship(back_populates="links", overlaps="signal,links")


class RecordedMove(Base):
    """One change of state of a report or a Signal, with its reason in words. Rows are only ever added.

    The audit holds the same change without the words, since those must be able to be destroyed with the record.
    """

    __tablename__ = "recorded_move"
    __table_args__ = (
        CheckConstraint("(submission_id IS NULL) <> (signal_id IS NULL)", name="one_record"),
        Index("ix_recorded_move_submission", "submission_id"),
        Index("ix_recorded_move_signal", "signal_id"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    submission_id: Mapped[int | None] = mapped_column(ForeignKey("submission.id"))
    signal_id: Mapped[int | None] = mapped_column(ForeignKey("signal.id"))
    action: Mapped[str] = mapped_column(String(40))
    from_state: Mapped[str] = mapped_column(String(40))
    to_state: Mapped[str] = mapped_column(String(40))
    reason: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))


class Watch(Base):
    """A Signal kept open with an end."""

    __tablename__ = "watch"
    id: Mapped[int] = mapped_column(primary_key=True)
    signal_id: Mapped[int] = mapped_column(ForeignKey("signal.id"))
    reason: Mapped[str] = mapped_column(Text)
    expires_at: Mapped[datetime]
    started_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

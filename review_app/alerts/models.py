"""Alerts as readers know them, versions as they are written and signed, lists, deliveries and acknowledgements."""

from datetime import datetime
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
from sqlalchemy.orm import Mapped, mapped_column, relationship

from review_app.accounts.models import Agency
from review_app.alerts.rules import (
    AcknowledgementState,
    ActionTaken,
    AlertKind,
    AlertLevel,
    AlertState,
    Channel,
    DeliveryState,
    ListKind,
    VersionKind,
    VersionState,
    WithdrawalReason,
)
from review_app.catalogue.models import AdviceBlock
from review_app.db import Base
from review_app.marks import Audience, Tlp
from review_app.panel.rules import EfficacyAnswer
from review_app.policy import Role
from review_app.submissions.models import Signal


class Alert(Base):
    """A warning as its readers know it: one reference, over all its versions."""

    __tablename__ = "alert"
    __audit_plain__ = frozenset({"state"})
    __table_args__ = (
        UniqueConstraint("id", "exercise"),
        Index("ix_alert_list", "partnership_id", "state", "created_at"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(30), unique=True)
    partnership_id: Mapped[int] = mapped_column(ForeignKey("partnership.id"))
    kind: Mapped[AlertKind] = mapped_column(default=AlertKind.ONE_OFF)
    state: Mapped[AlertState] = mapped_column(default=AlertState.UNISSUED)
    exercise: Mapped[bool] = mapped_column(default=False)
    police_sensitive: Mapped[bool] = mapped_column(default=False)
    published_example: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    created_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    activated_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()
    versions: Mapped[list["AlertVersion"]] = relationship(back_populates="alert", order_by="AlertVersion.number")
    signals: Mapped[list["AlertSignal"]] = relationship(order_by="AlertSignal.id")
    __mapper_args__ = {"version_id_col": version}


class AlertSignal(Base):
    """A Signal an Alert is about. An exercise can never be tied to a real one."""

    __tablename__ = "alert_signal"
    __table_args__ = (
        ForeignKeyConstraint(["alert_id", "exercise"], ["alert.id", "alert.exercise"], name="fk_alert_signal_alert"),
        ForeignKeyConstraint(
            ["signal_id", "exercise"], ["signal.id", "signal.exercise"], name="fk_alert_signal_signal"
        ),
        UniqueConstraint("alert_id", "signal_id"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    alert_id: Mapped[int] = mapped_column()
    signal_id: Mapped[int] = mapped_column()
    exercise: Mapped[bool]
    linked_at: Mapped[datetime]
    linked_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    signal: Mapped[Signal] = relationship(overlaps="signals")


class AlertVersion(Base):
    """The wording at one time: what is written, signed and sent. Immutable once it is signed and released."""

    __tablename__ = "alert_version"
    __audit_plain__ = frozenset({"state", "level", "kind"})
    __table_args__ = (
        ForeignKeyConstraint(["alert_id", "exercise"], ["alert.id", "alert.exercise"], name="fk_alert_version_alert"),
        UniqueConstraint("alert_id", "number"),
        UniqueConstraint("id", "author_id"),
        UniqueConstraint("id", "exercise"),
        Index(
            "uq_alert_version_being_written",
            "alert_id",
            unique=True,
            sqlite_where=text("state IN ('draft', 'awaiting_sign_off', 'scheduled')"),
            postgresql_where=text("state IN ('draft', 'awaiting_sign_off', 'scheduled')"),
        ),
        CheckConstraint("state = 'draft' OR state = 'cancelled' OR digest IS NOT NULL", name="digest"),
        CheckConstraint("state NOT IN ('scheduled', 'sending', 'sent') OR release_at IS NOT NULL", name="send_time"),
        CheckConstraint("state NOT IN ('sending', 'sent') OR released_at IS NOT NULL", name="released"),
        CheckConstraint("kind <> 'withdrawal' OR withdrawal_reason IS NOT NULL", name="withdrawal"),
        Index("ix_alert_version_due", "state", "release_at"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    alert_id: Mapped[int] = mapped_column()
    number: Mapped[int]
    kind: Mapped[VersionKind]
    state: Mapped[VersionState] = mapped_column(default=VersionState.DRAFT)
    exercise: Mapped[bool]
    level: Mapped[AlertLevel]
    audience: Mapped[Audience]
    tlp: Mapped[Tlp]
    headline: Mapped[str] = mapped_column(String(90), default="")
    parts: Mapped[dict[str, Any]]
    expires_at: Mapped[datetime | None]
    send_at: Mapped[datetime | None]
    author_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    created_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    returned_reason: Mapped[str] = mapped_column(Text, default="")
    digest: Mapped[str | None] = mapped_column(String(64))
    audience_count: Mapped[int | None]
    ef8: Mapped[EfficacyAnswer | None]
    ef8_resolution: Mapped[str] = mapped_column(Text, default="")
    ef8_resolved_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    withdrawal_reason: Mapped[WithdrawalReason | None]
    release_at: Mapped[datetime | None]
    released_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    subject: Mapped[str] = mapped_column(String(200), default="")
    body: Mapped[str] = mapped_column(Text, default="")
    version: Mapped[int] = mapped_column()
    alert: Mapped[Alert] = relationship(back_populates="versions")
    lists: Mapped[list["AlertVersionList"]] = relationship(order_by="AlertVersionList.id", cascade="all, delete-orphan")
    blocks: Mapped[list["AlertVersionBlock"]] = relationship(
        order_by="AlertVersionBlock.position", cascade="all, delete-orphan"
    )
    sign_offs: Mapped[list["SignOff"]] = relationship(order_by="SignOff.id", back_populates="alert_version")
    writers: Mapped[list["VersionWriter"]] = relationship(order_by="VersionWriter.id")
    submitted_texts: Mapped[list["SubmittedText"]] = relationship(order_by="SubmittedText.id")
    __mapper_args__ = {"version_id_col": version}

    @property
    def reference(self) -> str:
        """A version is named by its alert and its number."""
        return self.alert.reference

    @property
    def partnership_id(self) -> int:
        """A version belongs where its alert does."""
        return self.alert.partnership_id


class AlertVersionList(Base):
    """A distribution list chosen for one version. Exercise versions reach exercise lists only."""

    __tablename__ = "alert_version_list"
    __table_args__ = (
        ForeignKeyConstraint(
            ["alert_version_id", "exercise"],
            ["alert_version.id", "alert_version.exercise"],
            name="fk_version_list_version",
        ),
        ForeignKeyConstraint(
            ["list_id", "exercise"], ["distribution_list.id", "distribution_list.exercise"], name="fk_version_list_list"
        ),
        UniqueConstraint("alert_version_id", "list_id"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    alert_version_id: Mapped[int] = mapped_column()
    list_id: Mapped[int] = mapped_column()
    exercise: Mapped[bool]
    distribution_list: Mapped["DistributionList"] = relationship(overlaps="lists")


class AlertVersionBlock(Base):
    """A version of an advice block that one alert version holds."""

    __tablename__ = "alert_version_block"
    __table_args__ = (UniqueConstraint("alert_version_id", "advice_block_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    alert_version_id: Mapped[int] = mapped_column(ForeignKey("alert_version.id"))
    advice_block_id: Mapped[int] = mapped_column(ForeignKey("advice_block.id"))
    position: Mapped[int]
    advice_block: Mapped[AdviceBlock] = relationship()


class VersionWriter(Base):
    """Somebody whose words a version holds. None of its writers may sign it, whoever began it."""

    __tablename__ = "alert_version_writer"
    __table_args__ = (UniqueConstraint("alert_version_id", "user_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    alert_version_id: Mapped[int] = mapped_column(ForeignKey("alert_version.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    first_at: Mapped[datetime]


class SubmittedText(Base):
    """The finished message that a digest stands for, one row a submission: what was signed can always be read again."""

    __tablename__ = "alert_submitted_text"
    __table_args__ = (Index("ix_alert_submitted_text_version", "alert_version_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    alert_version_id: Mapped[int] = mapped_column(ForeignKey("alert_version.id"))
    digest: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text)
    submitted_at: Mapped[datetime]
    submitted_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))


class SignOff(Base):
    """One approval, by one named role, of one version's exact digest. Its author can never be the signer."""

    __tablename__ = "sign_off"
    __table_args__ = (
        ForeignKeyConstraint(
            ["alert_version_id", "author_id"],
            ["alert_version.id", "alert_version.author_id"],
            name="fk_sign_off_version",
        ),
        CheckConstraint("signed_by_id <> author_id", name="not_the_author"),
        CheckConstraint("(voided_at IS NULL) = (void_reason = '')", name="voided"),
        Index(
            "uq_sign_off_in_force",
            "alert_version_id",
            "signed_by_id",
            unique=True,
            sqlite_where=text("voided_at IS NULL"),
            postgresql_where=text("voided_at IS NULL"),
        ),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    alert_version_id: Mapped[int] = mapped_column()
    author_id: Mapped[int] = mapped_column()
    signed_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    role: Mapped[Role]
    digest: Mapped[str] = mapped_column(String(64))
    signed_at: Mapped[datetime]
    voided_at: Mapped[datetime | None]
    void_reason: Mapped[str] = mapped_column(String(200), default="")
    alert_version: Mapped[AlertVersion] = relationship(back_populates="sign_offs")


class DistributionList(Base):
    """Recipients of alerts, kept by the coordinator and communications."""

    __tablename__ = "distribution_list"
    __audit_plain__ = frozenset({"archived"})
    __table_args__ = (UniqueConstraint("id", "exercise"), UniqueConstraint("partnership_id", "name"))
    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(30), unique=True)
    partnership_id: Mapped[int] = mapped_column(ForeignKey("partnership.id"))
    name: Mapped[str] = mapped_column(String(120))
    kind: Mapped[ListKind]
    exercise: Mapped[bool] = mapped_column(default=False)
    archived: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column()
    __mapper_args__ = {"version_id_col": version}


class Recipient(Base):
    """An address on a list, with the agency and role it belongs to and when it was last confirmed."""

    __tablename__ = "recipient"
    __table_args__ = (
        ForeignKeyConstraint(
            ["list_id", "exercise"], ["distribution_list.id", "distribution_list.exercise"], name="fk_recipient_list"
        ),
        UniqueConstraint("id", "exercise"),
        UniqueConstraint("list_id", "normalised"),
        Index("ix_recipient_agency", "agency_id"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    list_id: Mapped[int] = mapped_column()
    exercise: Mapped[bool]
    address: Mapped[str] = mapped_column(String(254))
    normalised: Mapped[str] = mapped_column(String(254))
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("agency.id"))
    role: Mapped[str] = mapped_column(String(80), default="")
    added_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    left_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()
    agency: Mapped[Agency | None] = relationship()
    __mapper_args__ = {"version_id_col": version}


class Delivery(Base):
    """An alert version's message to one address over one channel: one row, which is its own ledger.

    `lost_at` says that one of its attempts ended without an answer, so that it may have arrived whatever came later.
    """

    __tablename__ = "delivery"
    __table_args__ = (
        ForeignKeyConstraint(
            ["alert_version_id", "exercise"], ["alert_version.id", "alert_version.exercise"], name="fk_delivery_version"
        ),
        ForeignKeyConstraint(
            ["recipient_id", "exercise"], ["recipient.id", "recipient.exercise"], name="fk_delivery_recipient"
        ),
        UniqueConstraint("alert_version_id", "normalised", "channel"),
        CheckConstraint("state <> 'queued' OR next_attempt_at IS NOT NULL", name="queued"),
        CheckConstraint("state NOT IN ('sending', 'unknown') OR worker_id IS NOT NULL", name="claimed"),
        Index("ix_delivery_due", "state", "next_attempt_at"),
        Index("ix_delivery_worker", "worker_id", "state"),
        Index("ix_delivery_address", "normalised"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    alert_version_id: Mapped[int] = mapped_column()
    recipient_id: Mapped[int | None] = mapped_column()
    exercise: Mapped[bool]
    channel: Mapped[Channel] = mapped_column(default=Channel.EMAIL)
    address: Mapped[str] = mapped_column(String(254))
    normalised: Mapped[str] = mapped_column(String(254))
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("agency.id"))
    state: Mapped[DeliveryState] = mapped_column(default=DeliveryState.QUEUED)
    message_id: Mapped[str] = mapped_column(String(200), unique=True)
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime | None]
    claimed_at: Mapped[datetime | None]
    worker_id: Mapped[int | None] = mapped_column(ForeignKey("worker.id"))
    lost_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    reply_code: Mapped[int | None]
    alert_version: Mapped[AlertVersion] = relationship(overlaps="recipient")
    acknowledgement: Mapped["Acknowledgement | None"] = relationship(back_populates="delivery")
    seen_to: Mapped["DeliverySeenTo | None"] = relationship(back_populates="delivery")


class DeliverySeenTo(Base):
    """What somebody did about a message that did not arrive, or may not have. It stays failed, and waits for nobody."""

    __tablename__ = "delivery_seen_to"
    __table_args__ = (CheckConstraint("note <> ''", name="note"),)
    delivery_id: Mapped[int] = mapped_column(ForeignKey("delivery.id"), primary_key=True)
    seen_to_at: Mapped[datetime]
    seen_to_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    note: Mapped[str] = mapped_column(Text)
    delivery: Mapped[Delivery] = relationship(back_populates="seen_to")


class Acknowledgement(Base):
    """What one recipient said after reading: confirmed by a button, never by a link being fetched."""

    __tablename__ = "acknowledgement"
    id: Mapped[int] = mapped_column(primary_key=True)
    delivery_id: Mapped[int] = mapped_column(ForeignKey("delivery.id"), unique=True)
    state: Mapped[AcknowledgementState]
    read_at: Mapped[datetime]
    action: Mapped[ActionTaken | None]
    passed_on: Mapped[int | None]
    acted_at: Mapped[datetime | None]
    delivery: Mapped[Delivery] = relationship(back_populates="acknowledgement")

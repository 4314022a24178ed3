"""Tables of the editable, versioned data. A change is a new version; a record keeps the version it was made under."""

from datetime import date, datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, and_, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from review_app.catalogue.rules import ClockState, ClockUnit, clock_state
from review_app.db import Base
from review_app.working_time import CountingMode, Nation


class FormDefinition(Base):
    """One version of a form: its questions, options and what is required."""

    __tablename__ = "form_definition"
    __table_args__ = (UniqueConstraint("key", "version"), CheckConstraint("version > 0", name="version"))
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(40))
    version: Mapped[int]
    content: Mapped[dict[str, object]] = mapped_column(JSON)
    active_from: Mapped[date]


class AssessmentScheme(Base):
    """One version of the matrices by which a Signal is graded, with the quorum and the efficacy check."""

    __tablename__ = "assessment_scheme"
    __table_args__ = (UniqueConstraint("key", "version"), CheckConstraint("version > 0", name="version"))
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(40))
    version: Mapped[int]
    content: Mapped[dict[str, object]] = mapped_column(JSON)
    active_from: Mapped[date]


class RuleSet(Base):
    """One version of any other table of rules, such as those of alerts."""

    __tablename__ = "rule_set"
    __table_args__ = (UniqueConstraint("key", "version"), CheckConstraint("version > 0", name="version"))
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(40))
    version: Mapped[int]
    content: Mapped[dict[str, object]] = mapped_column(JSON)
    active_from: Mapped[date]


class ReportingCriterion(Base):
    """One version of a statement of what is in scope."""

    __tablename__ = "reporting_criterion"
    __table_args__ = (UniqueConstraint("key", "version"), CheckConstraint("version > 0", name="version"))
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(40))
    version: Mapped[int]
    words: Mapped[str] = mapped_column(String(300))
    source: Mapped[str] = mapped_column(String(200))
    suggested_by: Mapped[list[str]] = mapped_column(JSON)
    position: Mapped[int]
    active_from: Mapped[date]


class Substance(Base):
    """An entry of the substance list. A date of control that nobody has checked is marked as not verified."""

    __tablename__ = "substance"
    __table_args__ = (
        CheckConstraint("mda_class IN ('A', 'B', 'C')", name="mda_class"),
        CheckConstraint("controlled_on IS NULL OR controlled_before IS NULL", name="one_date"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120), unique=True)
    substance_class: Mapped[str] = mapped_column(String(40))
    mda_class: Mapped[str | None] = mapped_column(String(1))
    controlled_on: Mapped[date | None]
    controlled_before: Mapped[date | None]
    source: Mapped[str] = mapped_column(String(200))
    verified: Mapped[bool]
    novel: Mapped[bool | None]
    active: Mapped[bool] = mapped_column(default=True)
    aliases: Mapped[list["SubstanceAlias"]] = relationship(order_by="SubstanceAlias.id", back_populates="substance")


class SubstanceAlias(Base):
    """A street, brand or other name. One name may stand for several substances."""

    __tablename__ = "substance_alias"
    __table_args__ = (UniqueConstraint("substance_id", "alias"), Index("ix_substance_alias_alias", "alias"))
    id: Mapped[int] = mapped_column(primary_key=True)
    substance_id: Mapped[int] = mapped_column(ForeignKey("substance.id"))
    alias: Mapped[str] = mapped_column(String(120))
    substance: Mapped[Substance] = relationship(back_populates="aliases")


class BankHolidayOverride(Base):
    """A day that is, or is not, a bank holiday in a nation, whatever the library says."""

    __tablename__ = "bank_holiday_override"
    __table_args__ = (UniqueConstraint("nation", "on"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    nation: Mapped[Nation]
    on: Mapped[date]
    is_holiday: Mapped[bool]
    reason: Mapped[str] = mapped_column(String(200))


class ClockRule(Base):
    """One version of a setting that says when something is due."""

    __tablename__ = "clock_rule"
    __table_args__ = (
        UniqueConstraint("key", "version"),
        CheckConstraint("version > 0", name="version"),
        CheckConstraint("amount >= 0", name="amount"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(40))
    version: Mapped[int]
    name: Mapped[str] = mapped_column(String(120))
    unit: Mapped[ClockUnit]
    amount: Mapped[int]
    mode: Mapped[CountingMode]
    starts: Mapped[str] = mapped_column(String(80))
    stops: Mapped[str] = mapped_column(String(80))
    active_from: Mapped[date]


SUBJECTS = ("submission_id", "signal_id", "corroboration_request_id", "alert_id")
NOT_ENDED = "stopped_at IS NULL AND cancelled_at IS NULL"


class Clock(Base):
    """One running or ended clock of one record. Its state follows from its times."""

    __tablename__ = "clock"
    __table_args__ = (
        CheckConstraint(" + ".join(f"(CASE WHEN {each} IS NULL THEN 0 ELSE 1 END)" for each in SUBJECTS) + " = 1",
                        name="one_subject"),
        CheckConstraint("due_at >= started_at", name="due"),
        CheckConstraint("(paused_at IS NULL) = (pause_reason = '')", name="pause"),
        CheckConstraint("paused_at IS NULL OR stopped_at IS NULL", name="stopped_while_paused"),
        CheckConstraint("stopped_at IS NULL OR cancelled_at IS NULL", name="ended_once"),
        CheckConstraint("paused_seconds >= 0", name="paused_seconds"),
        *(
            Index(f"uq_clock_running_{each}", "rule_id", each, unique=True,
                  sqlite_where=text(NOT_ENDED), postgresql_where=text(NOT_ENDED))
            for each in SUBJECTS
        ),
        Index("ix_clock_due", "partnership_id", "due_at"),
    )  # fmt: skip
    id: Mapped[int] = mapped_column(primary_key=True)
    rule_id: Mapped[int] = mapped_column(ForeignKey("clock_rule.id"))
    partnership_id: Mapped[int] = mapped_column(ForeignKey("partnership.id"))
    submission_id: Mapped[int | None] = mapped_column(ForeignKey("submission.id"))
    signal_id: Mapped[int | None] = mapped_column(ForeignKey("signal.id"))
    corroboration_request_id: Mapped[int | None] = mapped_column(ForeignKey("corroboration_request.id"))
    alert_id: Mapped[int | None] = mapped_column(ForeignKey("alert.id"))
    started_at: Mapped[datetime]
    due_at: Mapped[datetime]
    stopped_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    paused_at: Mapped[datetime | None]
    paused_seconds: Mapped[int] = mapped_column(default=0)
    pause_reason: Mapped[str] = mapped_column(String(200), default="")
    version: Mapped[int] = mapped_column()
    rule: Mapped[ClockRule] = relationship(lazy="joined", innerjoin=True)
    __mapper_args__ = {"version_id_col": version}

    @property
    def ended(self) -> bool:
        """Say whether the clock was stopped or cancelled."""
        return self.stopped_at is not None or self.cancelled_at is not None

    def state(self, now: datetime) -> ClockState:
        """Say how the clock stands at an instant."""
        return clock_state(
            due=self.due_at, paused=self.paused_at, stopped=self.stopped_at, cancelled=self.cancelled_at, now=now
        )


NOT_ENDED_CLOCK = and_(Clock.stopped_at.is_(None), Clock.cancelled_at.is_(None))


class AdviceBlock(Base):
    """One version of a reusable advice paragraph. It ships unsigned."""

    __tablename__ = "advice_block"
    __table_args__ = (UniqueConstraint("key", "version"), CheckConstraint("version > 0", name="version"))
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(40))
    version: Mapped[int]
    title: Mapped[str] = mapped_column(String(120))
    body: Mapped[str] = mapped_column(Text)
    under_18_only: Mapped[bool]
    active_from: Mapped[date]
    signatures: Mapped[list["AdviceBlockSignature"]] = relationship(
        order_by="AdviceBlockSignature.id", back_populates="advice_block"
    )

    @property
    def reference(self) -> str:
        """A version of a block is named by its key and its number."""
        return f"{self.key} v{self.version}"


class AdviceBlockSignature(Base):
    """A named clinician's agreement to one version of an advice block, for the Partnership of their panel."""

    __tablename__ = "advice_block_signature"
    __table_args__ = (UniqueConstraint("advice_block_id", "partnership_id", "signed_by_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    advice_block_id: Mapped[int] = mapped_column(ForeignKey("advice_block.id"))
    partnership_id: Mapped[int] = mapped_column(ForeignKey("partnership.id"))
    panel_id: Mapped[int] = mapped_column(ForeignKey("panel.id"))
    signed_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    signed_at: Mapped[datetime]
    advice_block: Mapped[AdviceBlock] = relationship(back_populates="signatures")

    @property
    def reference(self) -> str:
        """A signature is named by what was signed."""
        return self.advice_block.reference

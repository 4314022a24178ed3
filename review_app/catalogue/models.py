"""Tables of the editable, versioned data. A change is a new version; a record keeps the version it was made under."""

from datetime import date, datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, and_, text
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.schema import SchemaItem

from review_app.catalogue.rules import ClockState, ClockUnit, clock_state
from review_app.db import Base
from review_app.working_time import CountingMode, Nation


class Owned:
    """What ships is nobody's; a version that a Partnership saved is its own, and says who saved it, when and why.

    A row never changes. Within one owner the versions of a key are numbered from 1, and the newest that has begun is in
    force; a Partnership that has a version of its own no longer follows the shipped ones.
    """

    partnership_id: Mapped[int | None] = mapped_column(ForeignKey("partnership.id"))
    saved_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    saved_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(String(300), default="", server_default="")


class OwnedByKey(Owned):
    """An owned version that is named by a key and its number."""

    key: Mapped[str] = mapped_column(String(40))
    version: Mapped[int]

    @property
    def reference(self) -> str:
        """A version is named by its key and its number."""
        return f"{self.key} v{self.version}"


def versions_by_owner(table: str) -> tuple[SchemaItem, ...]:
    """Give what the database keeps of an owned table: one row for each owner, key and version."""
    shipped = text("partnership_id IS NULL")
    return (
        UniqueConstraint("partnership_id", "key", "version"),
        Index(f"uq_{table}_shipped", "key", "version", unique=True, sqlite_where=shipped, postgresql_where=shipped),
        CheckConstraint("version > 0", name="version"),
        CheckConstraint(
            "(partnership_id IS NULL) = (saved_by_id IS NULL) AND (partnership_id IS NULL) = (saved_at IS NULL)",
            name="owner",
        ),
    )


class FormDefinition(OwnedByKey, Base):
    """One version of a form: its questions, options and what is required."""

    __tablename__ = "form_definition"
    __table_args__ = versions_by_owner("form_definition")
    id: Mapped[int] = mapped_column(primary_key=True)
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


class RuleSet(OwnedByKey, Base):
    """One version of any other table of rules, such as those of alerts. What is decided under one keeps its id."""

    __tablename__ = "rule_set"
    __table_args__ = versions_by_owner("rule_set")
    id: Mapped[int] = mapped_column(primary_key=True)
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
        CheckConstraint("mda_class IS NOT NULL OR (controlled_on IS NULL AND controlled_before IS NULL)", name="dated"),
        CheckConstraint(
            "NOT verified OR (source <> '' AND"
            " (mda_class IS NULL OR controlled_on IS NOT NULL OR controlled_before IS NOT NULL))",
            name="verified",
        ),
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
    version: Mapped[int] = mapped_column(server_default="1")
    aliases: Mapped[list["SubstanceAlias"]] = relationship(
        order_by="SubstanceAlias.id", back_populates="substance", cascade="all, delete-orphan"
    )
    __mapper_args__ = {"version_id_col": version}


class SubstanceAlias(Base):
    """A street, brand or other name. One name may stand for several substances."""

    __tablename__ = "substance_alias"
    __table_args__ = (UniqueConstraint("substance_id", "alias"), Index("ix_substance_alias_alias", "alias"))
    id: Mapped[int] = mapped_column(primary_key=True)
    substance_id: Mapped[int] = mapped_column(ForeignKey("substance.id"))
    alias: Mapped[str] = mapped_column(String(120))
    substance: Mapped[Substance] = relationship(back_populates="aliases")


class SubstanceVersion(Base):
    """What a substance's entry said after one change, who made it, acting for whom, when and why.

    Rows are only ever added. The first version of a shipped entry was saved by nobody.
    """

    __tablename__ = "substance_version"
    __table_args__ = (
        UniqueConstraint("substance_id", "version"),
        CheckConstraint("version > 0", name="version"),
        CheckConstraint("mda_class IN ('A', 'B', 'C')", name="mda_class"),
        CheckConstraint("controlled_on IS NULL OR controlled_before IS NULL", name="one_date"),
        CheckConstraint(
            "(saved_by_id IS NULL) = (saved_for_id IS NULL) AND (saved_by_id IS NULL) = (saved_at IS NULL)",
            name="saved",
        ),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    substance_id: Mapped[int] = mapped_column(ForeignKey("substance.id"))
    version: Mapped[int]
    name: Mapped[str] = mapped_column(String(120))
    substance_class: Mapped[str] = mapped_column(String(40))
    mda_class: Mapped[str | None] = mapped_column(String(1))
    controlled_on: Mapped[date | None]
    controlled_before: Mapped[date | None]
    source: Mapped[str] = mapped_column(String(200))
    verified: Mapped[bool]
    active: Mapped[bool]
    aliases: Mapped[list[str]] = mapped_column(JSON)
    saved_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    saved_for_id: Mapped[int | None] = mapped_column(ForeignKey("partnership.id"))
    saved_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(String(300), default="")


class LearningTheme(Base):
    """A theme of the library, which never goes away: what it is called is in its versions.

    A theme that ships is everybody's; one that a Partnership added is its own.
    """

    __tablename__ = "learning_theme"
    __table_args__ = (
        UniqueConstraint("partnership_id", "key"),
        Index("uq_learning_theme_shipped", "key", unique=True,
              sqlite_where=text("partnership_id IS NULL"), postgresql_where=text("partnership_id IS NULL")),
        CheckConstraint("number > 0", name="number"),
    )  # fmt: skip
    id: Mapped[int] = mapped_column(primary_key=True)
    partnership_id: Mapped[int | None] = mapped_column(ForeignKey("partnership.id"))
    key: Mapped[str] = mapped_column(String(40))
    number: Mapped[int]
    code: Mapped[str] = mapped_column(String(10), default="")
    versions: Mapped[list["LearningThemeVersion"]] = relationship(
        order_by="LearningThemeVersion.id", back_populates="theme", foreign_keys="LearningThemeVersion.theme_id"
    )


class LearningThemeVersion(Owned, Base):
    """What a theme is called, where it belongs and whether it is in use, for everybody or for one Partnership."""

    __tablename__ = "learning_theme_version"
    __table_args__ = (
        UniqueConstraint("partnership_id", "theme_id", "version"),
        Index("uq_learning_theme_version_shipped", "theme_id", "version", unique=True,
              sqlite_where=text("partnership_id IS NULL"), postgresql_where=text("partnership_id IS NULL")),
        CheckConstraint("version > 0", name="version"),
        CheckConstraint("(partnership_id IS NULL) = (saved_by_id IS NULL) AND "
                        "(partnership_id IS NULL) = (saved_at IS NULL)", name="owner"),
        CheckConstraint("domain IN ('A', 'B', 'C', 'D', 'E')", name="domain"),
        CheckConstraint("merged_into_id IS NULL OR (NOT active AND merged_into_id <> theme_id)", name="merged"),
    )  # fmt: skip
    id: Mapped[int] = mapped_column(primary_key=True)
    theme_id: Mapped[int] = mapped_column(ForeignKey("learning_theme.id"))
    version: Mapped[int]
    name: Mapped[str] = mapped_column(String(120))
    domain: Mapped[str] = mapped_column(String(1))
    active: Mapped[bool]
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("learning_theme.id"))
    active_from: Mapped[date]
    theme: Mapped[LearningTheme] = relationship(back_populates="versions", foreign_keys=theme_id)

    @property
    def reference(self) -> str:
        """A version of a theme is named by the theme's number and its own."""
        return f"learning_theme {self.theme_id} v{self.version}"


class BankHolidayOverride(Base):
    """A day that is, or is not, a bank holiday in a nation, whatever the library says."""

    __tablename__ = "bank_holiday_override"
    __table_args__ = (UniqueConstraint("nation", "on"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    nation: Mapped[Nation]
    on: Mapped[date]
    is_holiday: Mapped[bool]
    reason: Mapped[str] = mapped_column(String(200))


class ClockRule(OwnedByKey, Base):
    """One version of a setting that says when something is due."""

    __tablename__ = "clock_rule"
    __table_args__ = (*versions_by_owner("clock_rule"), CheckConstraint("amount >= 0", name="amount"))
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    unit: Mapped[ClockUnit]
    amount: Mapped[int]
    mode: Mapped[CountingMode]
    starts: Mapped[str] = mapped_column(String(80))
    stops: Mapped[str] = mapped_column(String(80))
    active_from: Mapped[date]


SUBJECTS = (
    "submission_id",
    "signal_id",
    "corroboration_request_id",
    "alert_id",
    "review_case_id",
    "information_request_id",
)
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
    review_case_id: Mapped[int | None] = mapped_column(ForeignKey("review_case.id"))
    information_request_id: Mapped[int | None] = mapped_column(ForeignKey("information_request.id"))
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

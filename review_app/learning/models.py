"""Learning points, recommendations and actions.

What a point says about a case is sealed under the case's key. Its polarity, its themes and the wording that was
approved for sharing identify nobody: they outlive the case. Recommendations and actions hold no content of any case.
"""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from review_app.accounts.models import Agency
from review_app.crypto import sealed_column
from review_app.db import Base
from review_app.destructible import Destructible, DestructibleAnswers, DestructibleText, KeyName
from review_app.keystore import RecordKind
from review_app.learning.rules.states import (
    ActionMove,
    ActionState,
    Level,
    PointState,
    Polarity,
    RecommendationState,
    Recurred,
    Strength,
)
from review_app.links.models import Debrief, Incident, exactly_one
from review_app.reviews.models import ReviewCase


class LearningPoint(Destructible, Base):
    """One thing a panel learned from one case.

    `details` holds the agencies concerned, the strength of the evidence and the panel's confidence, `wording` what is
    proposed for sharing; `shareable` is the wording that was approved. When the case is destroyed its key goes with
    it: what stays belongs to no case, and points that were of one case share only a random mark, to be counted once.
    """

    __tablename__ = "learning_point"
    __table_args__ = (
        CheckConstraint("(case_id IS NULL) = (case_uuid IS NULL) AND (case_id IS NULL) = (case_mark IS NOT NULL)",
                        name="case"),
        CheckConstraint("case_id IS NULL OR (recorded_by_id IS NOT NULL AND statement_sealed IS NOT NULL)",
                        name="recorded"),
        CheckConstraint(
            "case_id IS NOT NULL OR (state = 'agreed' AND shareable <> '' AND statement_sealed IS NULL AND"
            " wording_sealed IS NULL AND details_sealed IS NULL AND reason_sealed IS NULL AND recorded_by_id IS NULL"
            " AND agreed_by_id IS NULL AND meeting_id IS NULL AND worded_by_id IS NULL AND approved_by_id IS NULL)",
            name="anonymous",
        ),
        CheckConstraint("state <> 'draft' OR agreed_at IS NULL", name="draft"),
        CheckConstraint("state <> 'agreed' OR agreed_at IS NOT NULL", name="agreed"),
        CheckConstraint("(state = 'withdrawn') = (withdrawn_at IS NOT NULL)", name="withdrawn"),
        CheckConstraint("(shareable = '') = (approved_at IS NULL)", name="approved"),
        CheckConstraint("case_id IS NULL OR ((agreed_at IS NULL) = (agreed_by_id IS NULL) AND"
                        " (approved_at IS NULL) = (approved_by_id IS NULL))", name="by_whom"),
        CheckConstraint("approved_at IS NULL OR state = 'agreed'", name="approved_state"),
        CheckConstraint("approved_by_id IS NULL OR approved_by_id <> worded_by_id", name="not_the_writer"),
        Index("ix_learning_point_state", "partnership_id", "state"),
    )  # fmt: skip
    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(30), unique=True)
    partnership_id: Mapped[int] = mapped_column(ForeignKey("partnership.id"))
    case_id: Mapped[int | None] = mapped_column(ForeignKey("review_case.id"), index=True)
    case_uuid: Mapped[str | None] = mapped_column(String(36))
    case_mark: Mapped[str | None] = mapped_column(String(32), index=True)
    meeting_id: Mapped[int | None] = mapped_column(ForeignKey("panel_meeting.id"))
    state: Mapped[PointState] = mapped_column(default=PointState.DRAFT)
    polarity: Mapped[Polarity]
    statement_sealed: Mapped[bytes | None] = sealed_column()
    details_sealed: Mapped[bytes | None] = sealed_column()
    wording_sealed: Mapped[bytes | None] = sealed_column()
    reason_sealed: Mapped[bytes | None] = sealed_column()
    shareable: Mapped[str] = mapped_column(Text, default="")
    recorded_at: Mapped[datetime]
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    worded_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    agreed_at: Mapped[datetime | None]
    agreed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    approved_at: Mapped[datetime | None]
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    withdrawn_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()
    statement = DestructibleText("statement_sealed")
    details = DestructibleAnswers("details_sealed")
    wording = DestructibleText("wording_sealed")
    reason = DestructibleText("reason_sealed")
    themes: Mapped[list["LearningPointTheme"]] = relationship(
        order_by="LearningPointTheme.position", cascade="all, delete-orphan"
    )
    case: Mapped[ReviewCase | None] = relationship()
    __mapper_args__ = {"version_id_col": version}
    __audit_plain__ = frozenset({"state", "polarity"})

    @property
    def data_key_name(self) -> KeyName:
        """The case's key."""
        if self.case_uuid is None:
            raise LookupError("this learning point belongs to no case any more")
        return RecordKind.REVIEW_CASE, self.case_uuid


class LearningPointTheme(Base):
    """One of the one to three themes of a learning point; the place keeps them to three."""

    __tablename__ = "learning_point_theme"
    __table_args__ = (
        UniqueConstraint("point_id", "position"),
        CheckConstraint("position BETWEEN 1 AND 3", name="position"),
        Index("ix_learning_point_theme_theme", "theme_id"),
    )
    point_id: Mapped[int] = mapped_column(ForeignKey("learning_point.id"), primary_key=True)
    theme_id: Mapped[int] = mapped_column(ForeignKey("learning_theme.id"), primary_key=True)
    position: Mapped[int]


class Recommendation(Base):
    """What should change, drawn from one or more learning points, and what the Partnership decided about it."""

    __tablename__ = "recommendation"
    __table_args__ = (
        CheckConstraint("owner_id IS NULL OR owner_words = ''", name="one_owner"),
        CheckConstraint("state = 'draft' OR state = 'superseded' OR proposed_at IS NOT NULL", name="proposed"),
        CheckConstraint("(decided_at IS NULL) = (decided_by_id IS NULL)", name="decided_by"),
        CheckConstraint("state NOT IN ('accepted', 'declined', 'completed') OR decided_at IS NOT NULL", name="decided"),
        CheckConstraint("state NOT IN ('draft', 'proposed') OR decided_at IS NULL", name="undecided"),
        CheckConstraint("state <> 'declined' OR decision_reason <> ''", name="declined"),
        CheckConstraint("(state IN ('completed', 'superseded')) = (ended_at IS NOT NULL)", name="ended"),
        CheckConstraint("superseded_by_id IS NULL OR (state = 'superseded' AND superseded_by_id <> id)",
                        name="superseded"),
        Index("ix_recommendation_state", "partnership_id", "state"),
    )  # fmt: skip
    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(30), unique=True)
    partnership_id: Mapped[int] = mapped_column(ForeignKey("partnership.id"))
    state: Mapped[RecommendationState] = mapped_column(default=RecommendationState.DRAFT)
    words: Mapped[str] = mapped_column(Text)
    level: Mapped[Level]
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("agency.id"))
    owner_words: Mapped[str] = mapped_column(String(200), default="")
    expected_effect: Mapped[str] = mapped_column(Text)
    monitoring: Mapped[str] = mapped_column(Text)
    drafted_at: Mapped[datetime]
    drafted_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    proposed_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    decision_reason: Mapped[str] = mapped_column(Text, default="")
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str] = mapped_column(Text, default="")
    superseded_by_id: Mapped[int | None] = mapped_column(ForeignKey("recommendation.id"))
    version: Mapped[int] = mapped_column()
    owner: Mapped[Agency | None] = relationship()
    superseded_by: Mapped["Recommendation | None"] = relationship(remote_side=[id])
    points: Mapped[list["RecommendationPoint"]] = relationship(
        order_by="RecommendationPoint.point_id", cascade="all, delete-orphan"
    )
    __mapper_args__ = {"version_id_col": version}
    __audit_plain__ = frozenset({"state", "level"})


class RecommendationPoint(Base):
    """One learning point that a recommendation is drawn from."""

    __tablename__ = "recommendation_point"
    __table_args__ = (Index("ix_recommendation_point_point", "point_id"),)
    recommendation_id: Mapped[int] = mapped_column(ForeignKey("recommendation.id"), primary_key=True)
    point_id: Mapped[int] = mapped_column(ForeignKey("learning_point.id"), primary_key=True)
    point: Mapped[LearningPoint] = relationship()


class Action(Base):
    """What one agency does about a recommendation, an incident or a debrief. That it is overdue follows from its day.

    `blocked_at` and `transferred_at` are flags beside its state; what was done to it, with the reasons, is in `steps`.
    """

    __tablename__ = "action"
    __table_args__ = (
        CheckConstraint(exactly_one("recommendation_id", "incident_id", "debrief_id"), name="one_source"),
        CheckConstraint("(state = 'proposed') = (answered_at IS NULL)", name="answered"),
        CheckConstraint("(answered_at IS NULL) = (answered_by_id IS NULL)", name="answered_by"),
        CheckConstraint("(state = 'not_accepted') = (refusal_reason <> '')", name="refused"),
        CheckConstraint("(state IN ('done', 'impact_checked', 'closed')) = (done_at IS NOT NULL)", name="done"),
        CheckConstraint("(state IN ('impact_checked', 'closed')) = (checked_at IS NOT NULL)", name="checked"),
        CheckConstraint("(checked_at IS NULL) = (recurred IS NULL)", name="outcome"),
        CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed"),
        CheckConstraint("look_again_on IS NULL OR state = 'done'", name="look_again"),
        CheckConstraint("(blocked_at IS NULL) = (blocked_reason = '')", name="blocked"),
        CheckConstraint("blocked_at IS NULL OR state IN ('proposed', 'accepted', 'in_progress')", name="blocked_state"),
        CheckConstraint("(transferred_at IS NULL) = (transfer_reason = '')", name="transferred"),
        Index("ix_action_state", "partnership_id", "state", "due_on"),
        Index("ix_action_owner", "owner_id", "state"),
        Index("ix_action_recommendation", "recommendation_id"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(30), unique=True)
    partnership_id: Mapped[int] = mapped_column(ForeignKey("partnership.id"))
    recommendation_id: Mapped[int | None] = mapped_column(ForeignKey("recommendation.id"))
    incident_id: Mapped[int | None] = mapped_column(ForeignKey("incident.id"))
    debrief_id: Mapped[int | None] = mapped_column(ForeignKey("debrief.id"))
    state: Mapped[ActionState] = mapped_column(default=ActionState.PROPOSED)
    words: Mapped[str] = mapped_column(Text)
    owner_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    strength: Mapped[Strength]
    due_on: Mapped[date]
    proposed_at: Mapped[datetime]
    proposed_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    answered_at: Mapped[datetime | None]
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    refusal_reason: Mapped[str] = mapped_column(Text, default="")
    done_at: Mapped[datetime | None]
    checked_at: Mapped[datetime | None]
    recurred: Mapped[Recurred | None]
    impact: Mapped[str] = mapped_column(Text, default="")
    look_again_on: Mapped[date | None]
    closed_at: Mapped[datetime | None]
    blocked_at: Mapped[datetime | None]
    blocked_reason: Mapped[str] = mapped_column(Text, default="")
    transferred_at: Mapped[datetime | None]
    transfer_reason: Mapped[str] = mapped_column(Text, default="")
    version: Mapped[int] = mapped_column()
    recommendation: Mapped[Recommendation | None] = relationship()
    incident: Mapped[Incident | None] = relationship()
    debrief: Mapped[Debrief | None] = relationship()
    owner: Mapped[Agency] = relationship()
    evidence: Mapped[list["ActionEvidence"]] = relationship(order_by="ActionEvidence.id")
    steps: Mapped[list["ActionStep"]] = relationship(order_by="ActionStep.id")
    __mapper_args__ = {"version_id_col": version}
    __audit_plain__ = frozenset({"state", "due_on", "strength", "recurred", "look_again_on"})


class ActionEvidence(Base):
    """What shows that an action was done, in words, and where it can be seen. Rows are only ever added."""

    __tablename__ = "action_evidence"
    id: Mapped[int] = mapped_column(primary_key=True)
    action_id: Mapped[int] = mapped_column(ForeignKey("action.id"), index=True)
    words: Mapped[str] = mapped_column(Text)
    kept_where: Mapped[str] = mapped_column(String(300), default="")
    added_at: Mapped[datetime]
    added_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    on_behalf: Mapped[bool] = mapped_column(default=False)


class ActionStep(Base):
    """One thing that was done to an action: by whom, whether on the owner's behalf, why, and from which day to which.

    Rows are only ever added.
    """

    __tablename__ = "action_step"
    __table_args__ = (
        CheckConstraint("(move IN ('change_due', 'send_back_action')) = (due_before IS NOT NULL)", name="due_before"),
        CheckConstraint("(due_before IS NULL) = (due_after IS NULL)", name="due_after"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    action_id: Mapped[int] = mapped_column(ForeignKey("action.id"), index=True)
    move: Mapped[ActionMove]
    at: Mapped[datetime]
    by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    on_behalf: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str] = mapped_column(Text, default="")
    due_before: Mapped[date | None]
    due_after: Mapped[date | None]

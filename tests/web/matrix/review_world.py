"""The reviews of deaths in the world of the matrix: a case at every depth that matters, with a word in every field.

notified    notified by the drug panel's coordinator about a Signal, with an identity, and by housing once more:
            the second waits for somebody to say that it is the same death
asked       selected: housing has returned, treatment has not
panel       held: the deputy declared an interest before, so that it is hidden from them; learning is being written
closed      signed and closed, with learning that was told, a recommendation and actions of two agencies
eastmoor    the neighbour's
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from review_app.fuzzy import on_day
from review_app.learning.models import LearningPoint
from review_app.learning.rules.states import ActionState, Polarity, RecommendationState
from review_app.panel.models.meetings import PanelMeeting
from review_app.reviews.commands.chronology import AddEvent, EventDetails
from review_app.reviews.commands.findings import AddFactor, FactorWords
from review_app.reviews.models import DeathNotification, ReviewCase
from review_app.reviews.rules.states import CaseState, ConflictKind, FlagKind
from review_app.reviews.service.chronology import add_event
from review_app.reviews.service.factors import add_factor
from tests import learned, reviewing, sittings
from tests.canaries import living
from tests.factories import Place

WORD = "zqzq-{}"


class ReviewTeller:
    """Makes the cases, each by the service that a page would call."""

    def __init__(self, session: Session, here: Place, there: Place, at: datetime) -> None:
        self.session, self.here, self.there, self.at = session, here, there, at
        self.references: dict[str, str] = {}
        self.numbers: dict[str, int] = {}
        self.tokens: dict[str, str] = {}

    def tell(self, signal: str) -> None:
        """Make everything; the first death is notified about this Signal."""
        self.notified(signal)
        self.asked()
        self.in_panel()
        self.closed()
        case = self.case("eastmoor", self.there, CaseState.SELECTED)
        self.name("request eastmoor", reviewing.ask(self.session, self.there, case, "treatment", now=self.at)[0])
        planned = sittings.plan_meeting(self.session, self.there, now=self.at)
        self.references["meeting eastmoor"] = planned.reference
        self.tokens["draft coordinator"] = reviewing.draft(self.session, self.here, "coordinator", now=self.at)
        self.numbers["deputy id"] = self.here.user("review.deputy").id
        self.session.flush()

    def name(self, name: str, record: object) -> None:
        """Keep a record's reference and number under a name."""
        self.references[name] = record.reference  # type: ignore[attr-defined]
        self.numbers[f"{name} id"] = record.id  # type: ignore[attr-defined]

    def case(self, name: str, place: Place, state: CaseState) -> ReviewCase:
        """Make a case with a word in the notifier's story."""
        story = f"Found in the morning. {WORD.format(f'story-{name}')}"
        case = reviewing.make_case(self.session, place, now=self.at, state=state, story=story)
        self.name(f"case {name}", case)
        made = select(DeathNotification).where(DeathNotification.case_id == case.id)
        self.name(f"death {name}", self.session.scalars(made).one())
        return case

    def notified(self, signal: str) -> None:
        """A death that is notified about a Signal, and again by an agency."""
        about: dict[str, object] = {"now": self.at, "identity": reviewing.SAM}
        story = f"Found at home. {WORD.format('story-notified')}"
        first = reviewing.notify(self.session, self.here, "coordinator", signal=signal, story=story, **about)  # type: ignore[arg-type]
        self.name("death notified", first)
        self.name("case notified", reviewing.case_of(first))
        story = f"Found at home. {WORD.format('story-waiting')}"
        again = reviewing.notify(self.session, self.here, "housing.rep", story=story, **about)  # type: ignore[arg-type]
        self.name("death waiting", again)
        assert again.case is None

    def asked(self) -> None:
        """A case about which two agencies were asked; one has returned."""
        case = self.case("asked", self.here, CaseState.SELECTED)
        asked = reviewing.ask(
            self.session, self.here, case, "housing", "treatment", now=self.at, words=WORD.format("asked-asked")
        )
        for agency, request in zip(("housing", "treatment"), asked, strict=True):
            self.name(f"request {agency}", request)
        event = reviewing.an_event(what=f"Seen at the door. {WORD.format('event-asked')}")
        third = reviewing.an_event("b", what=f"Her {living('sister')} rang.", third_party=True)
        worked = WORD.format("worked-asked")
        reviewing.answer(self.session, self.here, asked[0], now=self.at, events=(event, third), worked_well=worked)
        self.session.flush()
        reviewing.write(
            self.session, self.here.actor("treatment.rep"), asked[1].reference, now=self.at,
            events=(reviewing.an_event(what=f"Missed a pickup. {WORD.format('event-draft')}"),),
        )  # fmt: skip
        details = EventDetails(happened=on_day(self.at.date()), kind="contact", what=WORD.format("event-own"))
        own = AddEvent(reference=case.reference, details=details)
        self.numbers["event"] = add_event(self.session, self.here.actor("review.coordinator"), own, now=self.at).id
        reviewing.raise_flag(self.session, self.here, case, FlagKind.LEGAL_HOLD, now=self.at)

    def in_panel(self) -> None:
        """A case whose sitting was held; the deputy has an interest, and the member sat and keeps the record."""
        case = self.case("panel", self.here, CaseState.INFO_READY)
        meeting = self.sitting("held", [case])
        sittings.be_ready(
            self.session, self.here, meeting, now=self.at, conflicts={"review.deputy": ConflictKind.INVOLVED_IN_CARE}
        )
        sittings.hold(self.session, self.here, meeting, now=self.at)
        self.factor(case)
        self.point("panel", case, agreed=False)

    def sitting(self, name: str, cases: Sequence[ReviewCase]) -> PanelMeeting:
        """Plan a sitting."""
        meeting = sittings.plan_meeting(self.session, self.here, now=self.at, cases=cases, scribe="review.member")
        self.name(f"meeting {name}", meeting)
        return meeting

    def factor(self, case: ReviewCase) -> None:
        """Record a factor."""
        said = FactorWords(
            domain="D", influence="may_have_contributed", modifiable="yes", words=WORD.format("factor-panel")
        )
        command = AddFactor(reference=case.reference, factor=said)
        made = add_factor(self.session, self.here.actor("review.coordinator"), command, now=self.at)
        self.session.flush()
        self.numbers["factor"] = made.id

    def point(self, name: str, case: ReviewCase, *, agreed: bool) -> LearningPoint:
        """Write a learning point, agreed and told or not."""
        statement = f"Treatment and housing met. {WORD.format(f'statement-{name}')}"
        wording = f"Services that meet know sooner. {WORD.format(f'wording-{name}')}"
        make = learned.told_point if agreed else learned.make_point
        point = make(self.session, self.here, case, now=self.at, statement=statement, wording=wording)
        self.session.flush()
        self.name(f"point {name}", point)
        return point

    def closed(self) -> None:
        """A closed case with a whole thread behind it."""
        case = self.case("closed", self.here, CaseState.IN_PANEL)
        point = self.point("closed", case, agreed=True)
        words = f"Meet every week. {WORD.format('recommendation-closed')}"
        accepted = learned.make_recommendation(
            self.session, self.here, [point], now=self.at, state=RecommendationState.ACCEPTED, words=words
        )
        self.name("recommendation accepted", accepted)
        proposed = learned.make_recommendation(
            self.session, self.here, [point], now=self.at, state=RecommendationState.PROPOSED,
            words=f"Share notes. {WORD.format('recommendation-proposed')}",
        )  # fmt: skip
        self.name("recommendation proposed", proposed)
        for owner, state in (("housing", ActionState.IN_PROGRESS), ("treatment", ActionState.PROPOSED)):
            words = f"Hold the meeting. {WORD.format(f'action-{owner}')}"
            action = learned.make_action(
                self.session, self.here, accepted, now=self.at, owner=owner, state=state, words=words
            )
            self.name(f"action {owner}", action)
        case.state, case.signed_at, case.closed_at = CaseState.CLOSED, self.at, self.at
        assert point.polarity is Polarity.GOOD_PRACTICE

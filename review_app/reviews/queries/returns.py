"""What agencies sent back, as each side reads it: the agency its own, coordinator and chairs all that was sent."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from review_app.accounts.queries import get_partnership, people_names
from review_app.catalogue.rules.agency_return import AnswerKind, ReturnBlock, ReturnQuestion, ReturnSection
from review_app.errors import NotVisible
from review_app.policy import Actor, Permission, allowed
from review_app.reviews.models import AgencyReturn, InformationRequest
from review_app.reviews.queries.chronology import MASKED, kind_words, sentence_case
from review_app.reviews.queries.requests import (
    RequestRow,
    being_written,
    blocks_of,
    content_in_work,
    draft_of,
    get_own_request,
    get_request_of,
    latest_content,
    people_answering,
    row_of,
    sent_returns,
)
from review_app.reviews.queries.visibility import get_case
from review_app.reviews.rules.requests import (
    MatchField,
    ReturnContent,
    ReturnEntry,
    answer_words,
    asked_questions,
    digest_of,
    missing,
    read_content,
    under_review,
)
from review_app.reviews.rules.states import REQUEST_WAITING, REQUEST_WORKFLOW, RequestAction, RequestState, ReturnKind
from review_app.sections import Happening
from review_app.working_time import london_day

EVERY_SECTION = frozenset(ReturnSection)
ORDINARY = frozenset({ReturnSection.GENERAL})


@dataclass(frozen=True, kw_only=True)
class AnsweredBlock:
    """One part of a return in words: each question that was answered."""

    words: str
    answers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class ToldEvent:
    """One event of a return in words."""

    key: str
    when: str
    kind: str
    what: str
    significance: str
    certainty: str
    section: ReturnSection
    third_party: bool


@dataclass(frozen=True, kw_only=True)
class Told:
    """What a return says, as far as its reader may see.

    `hidden` counts the answers and events that they may not; `masked` says that words about living people are withheld
    until the reader says why they read them.
    """

    blocks: tuple[AnsweredBlock, ...]
    events: tuple[ToldEvent, ...]
    hidden: int
    masked: bool = False

    @property
    def empty(self) -> bool:
        """Say whether there is nothing to read."""
        return not self.events and not any(block.answers for block in self.blocks)


def told(
    content: ReturnContent,
    blocks: Sequence[ReturnBlock],
    kinds: dict[str, str],
    sections: Collection[ReturnSection],
    *,
    masked: bool = False,
) -> Told:
    """Put a return into words. A question that is switched off is shown where it was answered.

    Where it is `masked`, what tells of living people is there and cannot be read.
    """
    answered = [
        (block, question) for block in blocks for question in block.questions if content.answers.get(question.key)
    ]
    hidden = [question for _block, question in answered if question.section not in sections]
    events = sorted(
        (each for each in content.entries if each.section in sections),
        key=lambda each: (each.when.earliest or date.max, each.when.latest or date.max),
    )
    return Told(
        blocks=tuple(
            AnsweredBlock(
                words=block.words,
                answers=tuple(
                    (question.words, MASKED if masked and _of_the_living(question) else _answer_to(question, content))
                    for of, question in answered
                    if of is block and question.section in sections
                ),
            )
            for block in blocks
        ),
        events=tuple(
            ToldEvent(
                key=each.key,
                when=sentence_case(each.happened),
                kind=kinds.get(each.kind, each.kind),
                what=MASKED if masked and each.third_party else each.what,
                significance="" if masked and each.third_party else each.significance,
                certainty=each.certainty.value,
                section=each.section,
                third_party=each.third_party,
            )
            for each in events
        ),
        hidden=len(hidden) + len(content.entries) - len(events),
        masked=masked
        and (
            any(each.third_party for each in events)
            or any(_of_the_living(each) for _, each in answered if each.section in sections)
        ),
    )


def _of_the_living(question: ReturnQuestion) -> bool:
    return question.third_party and question.kind is AnswerKind.TEXT


def _answer_to(question: ReturnQuestion, content: ReturnContent) -> str:
    return answer_words(question, content.answers.get(question.key))


@dataclass(frozen=True, kw_only=True)
class SentVersion:
    """One version that an agency sent."""

    number: int
    kind: ReturnKind
    sent_at: datetime
    sent_by: str
    reason: str
    told: Told


@dataclass(frozen=True, kw_only=True)
class OwnRequest:
    """A request as the people who answer it for their agency see it."""

    reference: str
    agency: str
    partnership: str
    state: RequestState
    due_at: datetime | None
    ended_at: datetime | None
    asked: str
    more_asked: tuple[Happening, ...]
    matching: tuple[MatchField, ...]
    blocks: tuple[ReturnBlock, ...]
    kinds: dict[str, str]
    content: ReturnContent
    draft: Told
    number: int
    missing: tuple[str, ...]
    has_draft: bool
    saved_at: datetime | None
    saved_by: str
    versions: tuple[SentVersion, ...]
    writing: bool
    open: bool
    may_say_nothing: bool
    may_decline: bool
    may_correct: bool

    @property
    def digest(self) -> str:
        """Give what tells this content from any other."""
        return digest_of(self.content)

    @property
    def corrects(self) -> bool:
        """Say whether what is written is the next version of something that was sent."""
        return bool(self.versions)


def own_request(session: Session, actor: Actor, reference: str, *, now: datetime) -> OwnRequest:
    """Give a request to somebody who answers for its agency, with the draft. Raises NotVisible."""
    request = get_own_request(session, actor, reference)
    content, blocks, draft = content_in_work(request), blocks_of(request), draft_of(request)
    kinds, writing = dict(kind_words(session, request.case, now=now)), being_written(request)
    legal, open_ = REQUEST_WORKFLOW.actions_from(request.state), under_review(request.case.state)
    names = people_names(session, {draft.saved_by_id} if draft else set())
    return OwnRequest(
        reference=request.reference,
        agency=request.agency.name,
        partnership=get_partnership(session, request.partnership_id).name,
        state=request.state,
        due_at=request.due_at,
        ended_at=request.ended_at,
        asked=request.asked,
        more_asked=_more_asked(request),
        matching=tuple(MatchField(each) for each in request.matching),
        blocks=blocks,
        kinds=kinds,
        content=content,
        draft=told(content, blocks, kinds, EVERY_SECTION),
        number=draft.number if draft else len(request.returns) + 1,
        missing=tuple(each.words for each in missing(asked_questions(blocks), content.answers)),
        has_draft=draft is not None,
        saved_at=draft.saved_at if draft else None,
        saved_by=names.get(draft.saved_by_id, "") if draft else "",
        versions=_versions(session, request, kinds, EVERY_SECTION),
        writing=writing,
        open=open_,
        may_say_nothing=writing and latest_content(request) is None,
        may_decline=open_ and RequestAction.DECLINE in legal,
        may_correct=open_ and RequestAction.CORRECT in legal and draft is None,
    )


def event_of(page: OwnRequest, key: str) -> ReturnEntry:
    """Give one event of a return that is being written. Raises NotVisible."""
    event = page.content.entry(key) if page.writing else None
    if event is None:
        raise NotVisible("We cannot find that event. A colleague may have taken it out.", reference=page.reference)
    return event


def _more_asked(request: InformationRequest) -> tuple[Happening, ...]:
    """Give what was asked after an answer, the newest first."""
    again = [each for each in request.moves if each.action is RequestAction.ASK_AGAIN]
    return tuple(Happening(at=each.moved_at, what=each.words) for each in again[::-1])


def _versions(
    session: Session,
    request: InformationRequest,
    kinds: dict[str, str],
    sections: Collection[ReturnSection],
    *,
    masked: bool = False,
) -> tuple[SentVersion, ...]:
    """Give what was sent, the newest first."""
    sent, blocks = sent_returns(request), blocks_of(request)
    names = people_names(session, {each.saved_by_id for each in sent})
    return tuple(
        _version(each, names, told(read_content(each.content), blocks, kinds, sections, masked=masked))
        for each in sent[::-1]
    )


def _version(row: AgencyReturn, names: dict[int, str], words: Told) -> SentVersion:
    assert row.kind is not None
    assert row.sent_at is not None
    return SentVersion(
        number=row.number,
        kind=row.kind,
        sent_at=row.sent_at,
        sent_by=names.get(row.saved_by_id, ""),
        reason=row.reason,
        told=words,
    )


@dataclass(frozen=True, kw_only=True)
class CaseRequest:
    """A request as coordinator and chairs read it: what was asked, what was sent, and what was done with it."""

    row: RequestRow
    case_reference: str
    asked: str
    matching: tuple[MatchField, ...]
    blocks: tuple[str, ...]
    versions: tuple[SentVersion, ...]
    happened: tuple[Happening, ...]
    people: tuple[str, ...]
    actions: frozenset[RequestAction]
    may_reveal: bool


def case_request(
    session: Session, actor: Actor, case_reference: str, reference: str, *, now: datetime, restricted: bool = False
) -> CaseRequest:
    """Give one request about a case that the person may read. Only what was sent is there, never a draft.

    What police or safeguarding said is for the coordinator, what tells of living people for nobody at first sight;
    `restricted` is for who has just said why they read it.
    """
    case = get_case(session, actor, case_reference)
    request = get_request_of(session, case, reference)
    sees = restricted or allowed(actor, Permission.SENSITIVE_SEE)
    legal = REQUEST_WORKFLOW.actions_from(request.state) if allowed(actor, Permission.CASE_MANAGE) else []
    again = {RequestAction.ASK_AGAIN} if not under_review(case.state) else set()
    people = people_answering(session, case, request.agency_id, on=london_day(now))
    versions = _versions(
        session,
        request,
        dict(kind_words(session, case, now=now)),
        EVERY_SECTION if sees else ORDINARY,
        masked=not restricted,
    )
    may_ask = allowed(actor, Permission.SENSITIVE_SEE_BY_REASON) or allowed(actor, Permission.SENSITIVE_SEE)
    return CaseRequest(
        row=row_of(
            request,
            may_read=True,
            may_answer=False,
            nobody_left=request.state in REQUEST_WAITING and not people,
        ),
        case_reference=case.reference,
        asked=request.asked,
        matching=tuple(MatchField(each) for each in request.matching),
        blocks=tuple(block.words for block in blocks_of(request)),
        versions=versions,
        happened=story_of(session, request),
        people=tuple(each.name for each in people),
        actions=frozenset(legal) - again,
        may_reveal=may_ask and any(each.told.hidden or each.told.masked for each in versions),
    )


STORY = {
    RequestAction.SEND: "Asked",
    RequestAction.OPEN: "Opened by the agency",
    RequestAction.RETURN: "Answered",
    RequestAction.DECLINE: "Declined",
    RequestAction.WAIVE: "Waived",
    RequestAction.CANCEL: "Taken back",
    RequestAction.ASK_AGAIN: "Asked again",
    RequestAction.CHASE: "Reminded",
    RequestAction.MOVE_DUE: "Given more time",
    RequestAction.CORRECT: "Corrected",
}


def story_of(session: Session, request: InformationRequest, *, named: bool = False) -> tuple[Happening, ...]:
    """Tell what was done with a request, oldest first; `named` says with each line which agency it is about."""
    names = people_names(session, {each.moved_by_id for each in request.moves})
    return tuple(
        Happening(
            at=each.moved_at,
            what=f"{STORY[each.action]}: {request.agency.name}" if named else STORY[each.action],
            who=names.get(each.moved_by_id, ""),
            note=each.words,
        )
        for each in request.moves
    )

"""The demo's distribution lists, the alerts that wait for signatures, and one that has gone out."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from review_app.alerts.commands import (
    DraftAlert,
    EditAlert,
    ImportRecipients,
    MakeList,
    SignAlert,
    SubmitAlert,
    Wording,
)
from review_app.alerts.models import AlertVersion, Delivery, DistributionList
from review_app.alerts.queries.versions import wording_of
from review_app.alerts.rules import AlertLevel, DeliveryState, ImportRow, ListKind
from review_app.alerts.service.delivering import finish
from review_app.alerts.service.drafting import draft_alert, edit_alert, submit_alert
from review_app.alerts.service.ending import expire
from review_app.alerts.service.lists import import_recipients, make_list
from review_app.alerts.service.releasing import release
from review_app.alerts.service.signing import sign_alert
from review_app.catalogue.queries import advice_blocks
from review_app.demo.stories import Teller
from review_app.demo.world import Place
from review_app.marks import Audience, Grade, Tlp
from review_app.panel.rules import EfficacyAnswer, Outcome
from review_app.policy import Role
from review_app.submissions.models import Signal

ROLES = ("duty worker", "team leader", "outreach worker", "shift nurse", "pharmacist")
ADVICE = ("opioid_core", "how_to_report")
TEXTS = {
    "what_happened": "Several people have become unconscious within minutes of using it. All have recovered.",
    "where_and_when": "Westhaven, since the start of this week.",
    "appearance": "There are no consistent reports of how it looks.",
    "signs": "Sudden collapse, slow or no breathing, blue lips, snoring or gurgling.",
    "do_people": "Do not use alone. Start with a small amount and wait. Keep naloxone with you.",
    "do_staff": "Tell people you work with today. Check rooms more often. Have naloxone within reach.",
    "do_clinicians": "Expect to repeat naloxone. Observe for longer than usual. Ask for toxicology.",
    "naloxone": "Lantern Recovery Service and every pharmacy on the list hand out kits without an appointment.",
    "services": "Call 999 if someone is unwell, and stay with them. Lantern Recovery Service: 01632 960 144.",
    "issued_by": "Westhaven drug alert panel, on behalf of the Director of Public Health.",
    "not_known": "No test result has come back. We do not know how far it has spread.",
}


def make_lists(session: Session, place: Place, *, now: datetime) -> list[DistributionList]:
    """Make two lists with plainly invented addresses at the demo's agencies."""
    keeper = place.actors["communications"]
    made = []
    for name, kind, number in (
        ("Westhaven professional network", ListKind.NETWORK, 36),
        ("Hostels and outreach", ListKind.AT_RISK_AGENCIES, 14),
    ):
        found = make_list(session, keeper, MakeList(name=name, kind=kind), now=now - timedelta(days=60))
        agencies = [agency.name for agency in place.agencies.values()]
        rows = tuple(
            ImportRow(
                line=line,
                address=f"{kind.value.replace('_', '.')}.{line}@westhaven-partners.example",
                agency=agencies[line % len(agencies)],
                role=ROLES[line % len(ROLES)],
            )
            for line in range(1, number + 1)
        )
        command = ImportRecipients(reference=found.reference, rows=rows)
        import_recipients(session, keeper, command, now=now - timedelta(days=60))
        made.append(found)
    return made


def tell_warnings(
    session: Session,
    place: Place,
    decided: Sequence[Signal],
    sent: Sequence[Signal],
    lists: Sequence[DistributionList],
    *,
    now: datetime,
) -> None:
    """Put an alert about each decided Signal to its signers, and send the quieter one."""
    for number, signal in enumerate(decided):
        public = number == 1
        version = _written(session, place, signal, lists, AlertLevel.AMBER, public=public, now=now)
        submit_alert(session, place.actors["coordinator"], SubmitAlert(reference=version.reference), now=now)
    for signal in sent:
        _send(session, place, signal, lists, now=now)


def tell_earlier(session: Session, place: Place, lists: Sequence[DistributionList], *, now: datetime) -> Signal:
    """Tell of a Signal seven weeks ago that people were warned of; the alert has ended. Give the Signal."""
    minutes = 50 * 24 * 60
    teller = Teller(session, place, now)
    title, words = "Grey tablets with a moon mark", "Collapsed within minutes. Naloxone was given twice."
    signal = teller.signal(title, words, minutes=minutes, place=0)
    teller.put_to_panel(signal, minutes=minutes - 60, grades=True)
    teller.decide(signal, Grade.G2, Outcome.SHARE_FOR_INFORMATION, minutes=minutes - 120)
    at = teller.ago(minutes - 180)
    version = _send(session, place, signal, lists, now=at)
    session.execute(
        update(Delivery)
        .where(Delivery.alert_version_id == version.id)
        .values(state=DeliveryState.SENT, attempts=1, next_attempt_at=None, settled_at=at)
    )
    finish(session, version.alert_id, now=at)
    session.flush()
    expire(session, version.alert_id, now=at + timedelta(days=8))
    return signal


def _send(
    session: Session, place: Place, signal: Signal, lists: Sequence[DistributionList], *, now: datetime
) -> AlertVersion:
    """Write an alert for information, let the chair sign it, and release it."""
    version = _written(session, place, signal, lists, AlertLevel.INFORMATION, public=False, now=now)
    submit_alert(session, place.actors["coordinator"], SubmitAlert(reference=version.reference), now=now)
    command = SignAlert(reference=version.reference, digest=version.digest or "", role=Role.CHAIR)
    sign_alert(session, place.actors["chair"], command, now=now)
    session.flush()
    release(session, version.id, now=now)
    session.flush()
    return version


def _written(
    session: Session,
    place: Place,
    signal: Signal,
    lists: Sequence[DistributionList],
    level: AlertLevel,
    *,
    public: bool,
    now: datetime,
) -> AlertVersion:
    writer = place.actors["coordinator"]
    alert = draft_alert(session, writer, DraftAlert(signal=signal.reference), now=now)
    session.flush()
    version = session.scalars(select(AlertVersion).where(AlertVersion.alert_id == alert.id)).one()
    start = wording_of(session, version)
    ids = {block.key: str(block.id) for block in advice_blocks(session, now=now)}
    wording = Wording(
        headline=f"{signal.title}: people have collapsed. Carry naloxone, do not use alone."[:90],
        parts={**start.parts, **TEXTS, "sold_as": signal.title, "substance": "Not confirmed."},
        certainty=start.certainty,
        kind=start.kind,
        level=level,
        audience=Audience.PUBLIC if public else Audience.AT_RISK_AGENCIES,
        tlp=Tlp.CLEAR if public else (Tlp.GREEN if level is AlertLevel.INFORMATION else Tlp.AMBER),
        expires_at=now + timedelta(days=7),
        send_at=None,
        lists=tuple(sorted(each.reference for each in lists)),
        blocks=tuple(ids[key] for key in ADVICE),
        ef8=EfficacyAnswer.NO,
    )
    return edit_alert(
        session, writer, EditAlert(reference=alert.reference, version=version.version, wording=wording), now=now
    )

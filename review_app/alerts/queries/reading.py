"""What a recipient reads by their own link, without an account."""

import re
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from review_app.alerts.models import Alert, AlertVersion, Delivery
from review_app.alerts.queries.deliveries import newest_released
from review_app.alerts.rules import NOT_SHOWN_AFTERWARDS, AlertState, VersionKind
from review_app.crypto import derive_token, token_matches
from review_app.errors import LinkSpent

KIND = "acknowledge"
PLAIN_NUMBER = re.compile(r"[1-9][0-9]{0,11}")
SPENT = "This link is not complete or is out of date. Open it again from the e-mail, or ask whoever sent it."


def token_of(delivery_id: int) -> str:
    """Give the token of a Delivery's own link. It is derived, so a message sent again holds the same one."""
    return f"{delivery_id}-{derive_token(KIND, delivery_id)}"


def find_delivery(session: Session, token: str, *, lock: bool = False) -> Delivery:
    """Give the Delivery whose own link this is, held if asked for. Raises LinkSpent for any other text."""
    number, _, proof = token.partition("-")
    if not (PLAIN_NUMBER.fullmatch(number) and token_matches(proof, KIND, int(number))):
        raise LinkSpent(SPENT)
    rows = select(Delivery).where(Delivery.id == int(number))
    loaded = rows.options(joinedload(Delivery.alert_version).joinedload(AlertVersion.alert))
    delivery = session.scalar(loaded.with_for_update(of=Delivery) if lock else loaded)
    if delivery is None:
        raise LinkSpent(SPENT)
    return delivery


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One recipient's message, and what has become of the alert since. `withheld` says that its words are not shown."""

    delivery: Delivery
    version: AlertVersion
    alert: Alert
    newest: AlertVersion

    @property
    def acknowledged(self) -> bool:
        """Say whether the recipient has told us that they read it."""
        return self.delivery.acknowledgement is not None

    @property
    def ended(self) -> bool:
        """Say whether the alert no longer applies."""
        return self.alert.state is not AlertState.ACTIVE

    @property
    def tells_the_end(self) -> bool:
        """Say whether this message is itself the withdrawal."""
        return self.version.kind is VersionKind.WITHDRAWAL

    @property
    def replaced(self) -> bool:
        """Say whether a newer text applies."""
        return not self.ended and self.newest.number > self.version.number

    @property
    def withheld(self) -> bool:
        """Say whether the words are not shown, because they could tell who somebody is."""
        return self.newest.withdrawal_reason in NOT_SHOWN_AFTERWARDS and not self.tells_the_end


def get_reading(session: Session, token: str) -> Reading:
    """Give what a recipient reads by their own link. Raises LinkSpent for any other text."""
    delivery = find_delivery(session, token)
    version = delivery.alert_version
    newest = newest_released(session, version.alert_id)
    return Reading(delivery=delivery, version=version, alert=version.alert, newest=newest or version)

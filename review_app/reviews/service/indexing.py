"""Making the blind indexes of reviews anew under the current key, so that an older one can be taken away."""

from contextlib import suppress

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from review_app.keystore import KeyDestroyed, KeyUnknown
from review_app.reviews.models import DeathNotification, IdentityRecord
from review_app.reviews.queries.matching import day_index, identity_indexes
from review_app.reviews.rules.notified import read_identity, read_known
from review_app.reviews.service.holding import hold_every_notification


def renew_indexes(session: Session) -> int:
    """Renew every index whose record can be opened, and give the number of rows. Nobody's edit becomes stale by it."""
    hold_every_notification(session)
    renewed = 0
    identities = select(IdentityRecord).where(IdentityRecord.details_sealed.is_not(None))
    for record in session.scalars(identities.order_by(IdentityRecord.id)).all():
        with suppress(KeyDestroyed, KeyUnknown):
            values = identity_indexes(read_identity(record.details))
            session.execute(update(IdentityRecord).where(IdentityRecord.id == record.id).values(**values))
            renewed += 1
    notifications = select(DeathNotification).where(DeathNotification.content_sealed.is_not(None))
    for notification in session.scalars(notifications.order_by(DeathNotification.id)).all():
        with suppress(KeyDestroyed, KeyUnknown):
            index = day_index(read_known(notification.content).died)
            own = update(DeathNotification).where(DeathNotification.id == notification.id)
            session.execute(own.values(death_day_index=index))
            renewed += 1
    return renewed

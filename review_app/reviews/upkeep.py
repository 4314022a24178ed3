"""The jobs of the review: keys that open nothing any more are destroyed, and old drafts are thrown away."""

from collections.abc import Sequence
from contextlib import suppress

from review_app import keystore
from review_app.clock import Clock
from review_app.db import db, unit_of_work
from review_app.destructible import forget_keys
from review_app.reviews.service import destroying, keys, notifying
from review_app.sending import Mailer

KEYS_EVERY = 10.0
DRAFTS_EVERY = 3600.0


def destroy_freed_keys(_worker: object, _mailers: Sequence[Mailer], clock: Clock) -> None:
    """Destroy every key that is free, and then note it: what is interrupted in between is done once more.

    A key that the store does not know is gone already, as after the store itself was lost. No session of this process
    keeps a key that it opened before.
    """
    with unit_of_work() as session:
        waiting = keys.freed_keys(session)
    for kind, record_uuid in waiting:
        with suppress(keystore.KeyUnknown):
            keystore.destroy_data_key(kind, record_uuid, now=clock.now())
        with unit_of_work() as session:
            keys.note_destroyed(session, kind, record_uuid, now=clock.now())
    with unit_of_work() as session:
        destroying.note_keys_gone(session, now=clock.now())
    forget_keys(db.session())


def forget_old_drafts(_worker: object, _mailers: Sequence[Mailer], clock: Clock) -> None:
    """Throw away the notifications that were begun and not gone on with for two weeks."""
    with unit_of_work() as session:
        notifying.forget_old_drafts(session, now=clock.now())

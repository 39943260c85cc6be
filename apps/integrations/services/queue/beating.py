"""How a node keeps what it has in hand, and makes sure that it has before anything is sent.

A node that stood still (stopped, swapped out, its database away) does not know that its leases are over and
what it held was done by another. So before bytes leave it asks: its own clock while that is enough, else the
database.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection
from django.utils.translation import gettext_noop

from apps.core.outlasting import DATABASE_AWAY
from apps.core.phrases import Phrase
from apps.integrations.crash import crash_point
from apps.integrations.errors import LeaseError
from apps.integrations.services.queue.claiming import LEASE_S, since_boot_s

if TYPE_CHECKING:
    from collections.abc import Collection

    from apps.integrations.services.queue.claiming import Claimed

BEAT_EVERY_S = 5.0
OVER = gettext_noop("This was in work for so long that another took it over; nothing more was sent.")
UNSURE = gettext_noop("The database could not be asked whether this is still ours; nothing more was sent.")
# A row that is being written now is left alone, so that it does not keep all others waiting for their beat.
BEAT = """
UPDATE integrations_operation o SET doubted = false,
    lease_until = clock_timestamp() + make_interval(secs => %(lease_s)s)
FROM (
    SELECT mine.id FROM integrations_operation mine
    JOIN unnest(%(ids)s::bigint[], %(attempts)s::integer[]) AS held(id, attempt)
        ON mine.id = held.id AND mine.attempt = held.attempt
    WHERE mine.state = 'processing'
    ORDER BY mine.id FOR NO KEY UPDATE OF mine SKIP LOCKED) ours
WHERE o.id = ours.id
RETURNING o.id, o.attempt
"""


def beat(held: Collection[Claimed]) -> None:
    """Prolong the leases of what this node does, as far as it is still its own."""
    rows = {(claimed.operation_id, claimed.attempt): claimed for claimed in held}
    if not rows:
        return
    asked_at = since_boot_s()
    ids, attempts = zip(*sorted(rows), strict=True)
    with connection.cursor() as cursor:
        cursor.execute(BEAT, {"ids": list(ids), "attempts": list(attempts), "lease_s": LEASE_S})
        for key, number in cursor.fetchall():
            rows[key, number].hold.renew(asked_at)
    crash_point("at_heartbeat")


def make_sure(claimed: Claimed) -> None:
    """Return when a claimed operation is ours, so that something of it may leave now.

    Raises `LeaseError` when another may have it.
    """
    hold = claimed.hold
    if not hold.is_sure:
        try:
            beat([claimed])
        except DATABASE_AWAY as error:
            raise LeaseError(Phrase(UNSURE), detail=str(error), sent=hold.has_sent) from error
    if not hold.is_sure:
        raise LeaseError(Phrase(OVER), sent=hold.has_sent)
    hold.has_sent = True

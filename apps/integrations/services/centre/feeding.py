"""How old is what centres told, for the health of their connections."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.integrations.choices import System
from apps.integrations.models import Connection
from apps.integrations.registry import feed_age_source
from apps.monitoring.selectors import newest_data

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence


@feed_age_source(System.CONTACT_CENTRE)
@feed_age_source(System.MCE)
def feed_ages(connection_ids: Sequence[int]) -> dict[int, dt.datetime]:
    """Give when each connection was last heard of, by push, socket or polling."""
    codes = dict(Connection.objects.filter(pk__in=connection_ids).values_list("code", "pk"))
    return {codes[code]: at for code, at in newest_data(codes).items()}

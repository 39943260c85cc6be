from __future__ import annotations

from typing import TYPE_CHECKING

from apps.integrations.models import Call

if TYPE_CHECKING:
    from django.db.models import QuerySet

BODIES = ("request", "answer")


def calls_of(connection_id: int, *, endpoint: str = "", failed: bool = False) -> QuerySet[Call]:
    """Give the calls of a connection, newest first: all, those of an endpoint, or only those that failed."""
    calls = Call.objects.filter(connection=connection_id)
    if endpoint:
        calls = calls.filter(endpoint=endpoint)
    return calls.exclude(failure="") if failed else calls

"""Whether a contact centre's connection works: each of its methods is asked once, nothing is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from apps.core import clock
from apps.core.errors import DomainError
from apps.integrations.choices import System
from apps.integrations.errors import AuthenticationError, ExchangeError
from apps.integrations.registry import connection_test
from apps.integrations.services.centre.options import DAY, centre_options, days_of
from apps.integrations.wire.centre import asking

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterator

    from apps.integrations.types import Access
    from apps.integrations.wire.centre.rows import Told


@connection_test(System.CONTACT_CENTRE)
def look_at(access: Access) -> list[tuple[bool, str]]:
    """Ask for the directory, yesterday's past and the present; say in words what came."""
    try:
        centre_options(access.options)
    except DomainError as refusal:
        return [(False, refusal.message)]
    findings = []
    for name, ask in _questions(access):
        try:
            findings.append((True, f"{name}: {ask()}"))
        except ExchangeError as error:
            findings.append((False, f"{name}: {error}"))
            if isinstance(error, AuthenticationError):
                break  # the others would be refused alike
    return findings


def _questions(access: Access) -> Iterator[tuple[str, Callable[[], str]]]:
    session = uuid4()
    start, end = _yesterday(access)

    def directory() -> str:
        found = asking.ask_personnel(access, session_id=session)
        counts = {"groups": len(found.groups), "agents": len(found.agents), "bad": len(found.problems)}
        return _("%(groups)d groups, %(agents)d agents, %(bad)d rows that cannot be read") % counts

    def rows(told: Told[Any]) -> str:
        return _("%(rows)d rows, %(bad)d that cannot be read") % {
            "rows": len(told.rows),
            "bad": len(told.problems),
        }

    yield "personnel", directory
    yield (
        "serviceGroupData",
        lambda: rows(asking.ask_group_intervals(access, start, end, 900_000, (), session_id=session)),
    )
    yield "agentStatusData", lambda: rows(asking.ask_states(access, start, end, (), session_id=session))
    yield "online/agentStatus", lambda: rows(asking.ask_present(access, session_id=session))
    yield "online/groupsOnlineLoad", lambda: rows(asking.ask_loads(access, (), session_id=session))


def _yesterday(access: Access) -> tuple[dt.datetime, dt.datetime]:
    zone = ZoneInfo(access.time_zone)
    now = clock.now().astimezone(zone)
    return next(days_of(now - DAY, now, zone))

"""Calls of 1C that read: people, norms, time codes; the dialect decides what the answer looks like."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_noop

from apps.core.phrases import Phrase
from apps.integrations.choices import Dialect
from apps.integrations.errors import ConfigurationError
from apps.integrations.wire.client import call
from apps.integrations.wire.onec.agents import read_agents
from apps.integrations.wire.onec.gateway_agents import read_gateway_agents

if TYPE_CHECKING:
    import datetime as dt
    from uuid import UUID

    from apps.integrations.types import Access
    from apps.integrations.wire.onec.people import PersonnelAnswer

NO_METHOD = gettext_noop(
    "The integration gateway has no %(method)s: norms and time codes come from 1C:ZUP only."
)


def fetch_agents(access: Access, first: dt.date, last: dt.date, *, session_id: UUID) -> PersonnelAnswer:
    """Ask for everybody as of now, with balances of leave from `first` to `last` (both included).

    Raises the `ExchangeError` family.
    """
    path = f"agents/{first.isoformat()}/{last.isoformat()}"
    answer = call(access, "GET", path, endpoint="agents", session_id=session_id, reads_json=True)
    return (read_gateway_agents if is_gateway(access) else read_agents)(answer.data)


def is_gateway(access: Access) -> bool:
    """Tell whether the connection speaks the gateway's dialect; `zup` is the default of 1C."""
    return access.dialect == Dialect.GATEWAY


def refuse_gateway(access: Access, method: str) -> None:
    """Refuse a method that the gateway does not have with `ConfigurationError`."""
    if is_gateway(access):
        raise ConfigurationError(Phrase(NO_METHOD, {"method": method}), sent=False)

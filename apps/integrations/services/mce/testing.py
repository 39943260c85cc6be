"""Whether MCE/Oktell can be reached: the token, the list of agents, the socket."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from apps.integrations.choices import System
from apps.integrations.errors import ExchangeError
from apps.integrations.registry import connection_check, connection_test
from apps.integrations.wire.mce.listing import ask_agents
from apps.integrations.wire.mce.socket import StatusSocket
from apps.integrations.wire.mce.tokens import Tokens

if TYPE_CHECKING:
    from apps.integrations.types import Access


@connection_test(System.MCE)
def look_at(access: Access) -> list[tuple[bool, str]]:
    """Ask for a token and the list, open the socket and close it; say in words what came."""
    tokens = Tokens(access)
    findings: list[tuple[bool, str]] = []
    try:
        tokens.current()
        findings.append((True, _("A token is given.")))
        findings.append((True, _("%(count)d agents are listed.") % {"count": len(ask_agents(tokens).rows)}))
        StatusSocket(access, tokens.current()).close()
        findings.append((True, _("The socket opens.")))
    except ExchangeError as error:
        findings.append((False, str(error)))
    return findings


@connection_check(System.MCE)
def check(access: Access) -> None:
    """Ask for a token."""
    Tokens(access).current()

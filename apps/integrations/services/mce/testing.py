"""Whether MCE/Oktell can be reached: the token, the list of agents, the socket."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from apps.core.phrases import Phrase
from apps.integrations.choices import System
from apps.integrations.errors import ExchangeError, PoisonError
from apps.integrations.registry import connection_check, connection_test
from apps.integrations.services.mce.session import AGENTS_PATH
from apps.integrations.wire.centre.asking import NOT_A_LIST
from apps.integrations.wire.centre.online import read_present
from apps.integrations.wire.mce.socket import StatusSocket
from apps.integrations.wire.mce.tokens import Tokens
from apps.integrations.wire.reading import read_json

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
        findings.append((True, _("%(count)d agents are listed.") % {"count": _agents(tokens)}))
        StatusSocket(access, tokens.current()).close()
        findings.append((True, _("The socket opens.")))
    except ExchangeError as error:
        findings.append((False, str(error)))
    return findings


@connection_check(System.MCE)
def check(access: Access) -> None:
    """Ask for a token."""
    Tokens(access).current()


def _agents(tokens: Tokens) -> int:
    data = read_json(tokens.get(AGENTS_PATH, endpoint="mce.agents"))
    if not isinstance(data, list):
        raise PoisonError(Phrase(NOT_A_LIST))
    return len(read_present(data).rows)

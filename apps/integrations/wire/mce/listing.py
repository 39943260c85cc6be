"""The list of agents of MCE/Oktell, in the shape of a centre's online statuses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.core.phrases import Phrase
from apps.integrations.errors import PoisonError
from apps.integrations.wire.centre.asking import NOT_A_LIST, data_of
from apps.integrations.wire.centre.online import read_present
from apps.integrations.wire.centre.rows import Told

if TYPE_CHECKING:
    from apps.integrations.wire.mce.tokens import Tokens
    from apps.monitoring.types import PresentState

AGENTS_PATH = "/api/v1/agents"


def ask_agents(tokens: Tokens) -> Told[PresentState]:
    """Ask who does what now; nobody when the centre says that it has no data."""
    data = data_of(tokens.get(AGENTS_PATH, endpoint="mce.agents"), AGENTS_PATH)
    if data is None:
        return Told()
    if not isinstance(data, list):
        raise PoisonError(Phrase(NOT_A_LIST))
    return read_present(data)

"""The centre's methods as calls: parameters, at most 100 ids at once, and what a 404 means."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from django.utils.translation import gettext_noop

from apps.core.phrases import Phrase
from apps.integrations.errors import (
    ConfigurationError,
    ExchangeError,
    PoisonError,
    RefusedError,
    TemporaryError,
)
from apps.integrations.wire.answers import clock_reading
from apps.integrations.wire.centre import histories, online
from apps.integrations.wire.centre.personnel import Personnel, read_personnel
from apps.integrations.wire.centre.rows import Told
from apps.integrations.wire.client import call
from apps.integrations.wire.reading import json_of, read_json
from apps.integrations.wire.statuses import EMPTY

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterator, Sequence
    from uuid import UUID

    from apps.integrations.types import Access
    from apps.integrations.wire.answers import Answer
    from apps.monitoring.types import (
        AgentContact,
        AgentLogin,
        ChatWork,
        GroupInterval,
        PresentState,
        QueueLoad,
        StateSpan,
    )

RowT = TypeVar("RowT")
MOST_IDS = 100
_OK, _BAD, _NOTHING = 200, 400, 404
JUDGED = (_OK, _BAD, _NOTHING)  # statuses that `data_of` says the meaning of
NO_SUCH_METHOD = gettext_noop(
    "There is no %(path)s at this address (404 without an error object): check the address."
)
REFUSED = gettext_noop("The contact centre refused the request.")
REFUSED_SAYING = gettext_noop("The contact centre refused the request: “%(said)s”.")
NOT_A_LIST = gettext_noop("The answer is not a list.")
NOT_PERSONNEL = gettext_noop("The answer holds neither services nor agents.")
_SHOWN_CHARS = 500


def ask_personnel(access: Access, *, session_id: UUID) -> Personnel:
    """Ask for services, groups and agents; no data is no groups and no agents."""
    path = "/personnel"
    data = data_of(_asked(access, path, {}, session_id), path)
    if data is None:
        return Personnel()
    if not isinstance(data, dict) or not {"services", "agents"} & data.keys():
        raise PoisonError(Phrase(NOT_PERSONNEL))
    return read_personnel(data)


def ask_group_intervals(
    access: Access,
    start: dt.datetime,
    end: dt.datetime,
    step_ms: int,
    groups: Sequence[str],
    *,
    session_id: UUID,
) -> Told[GroupInterval]:
    """Ask for the contacts of groups by interval of `[start, end)`; no group names all of them."""
    params = {**_window(start, end), "step": str(step_ms)}
    return _rows(
        access,
        "/historic/serviceGroupData",
        params,
        "groupId",
        groups,
        session_id,
        histories.read_group_intervals,
    )


def ask_states(
    access: Access, start: dt.datetime, end: dt.datetime, agents: Sequence[str], *, session_id: UUID
) -> Told[StateSpan]:
    """Ask for statuses that begin or end in `[start, end)`: those around all of it are not answered."""
    path = "/historic/agentStatusData"
    return _rows(access, path, _window(start, end), "agentId", agents, session_id, histories.read_states)


def ask_logins(
    access: Access, start: dt.datetime, end: dt.datetime, agents: Sequence[str], *, session_id: UUID
) -> Told[AgentLogin]:
    """Ask for logins that begin or end in `[start, end)`."""
    path = "/historic/agentLoginData"
    return _rows(access, path, _window(start, end), "agentId", agents, session_id, histories.read_logins)


def ask_contacts(
    access: Access, start: dt.datetime, end: dt.datetime, agents: Sequence[str], *, session_id: UUID
) -> Told[AgentContact]:
    """Ask for contacts that begin in `[start, end)`."""
    path = "/historic/agentCallsData"
    return _rows(access, path, _window(start, end), "agentId", agents, session_id, histories.read_contacts)


def ask_chat_work(
    access: Access, start: dt.datetime, end: dt.datetime, agents: Sequence[str], *, session_id: UUID
) -> Told[ChatWork]:
    """Ask for time in chats by day."""
    path = "/historic/agentChatsWorkTime"
    return _rows(access, path, _window(start, end), "agentId", agents, session_id, histories.read_chat_work)


def ask_present(access: Access, *, session_id: UUID) -> Told[PresentState]:
    """Ask who does what now."""
    return _rows(access, "/online/agentStatus", {}, "agentId", (), session_id, online.read_present)


def ask_loads(access: Access, groups: Sequence[str], *, session_id: UUID) -> Told[QueueLoad]:
    """Ask for the groups' figures of now."""
    return _rows(access, "/online/groupsOnlineLoad", {}, "groupId", groups, session_id, online.read_loads)


def _rows(
    access: Access,
    path: str,
    params: dict[str, str],
    id_name: str,
    ids: Sequence[str],
    session_id: UUID,
    read: Callable[[Any], Told[RowT]],
) -> Told[RowT]:
    """Ask for at most 100 ids at once and put the answers together."""
    told: Told[RowT] = Told()
    for part in _parts(ids):
        named = {id_name: ",".join(part)} if part else {}
        answer = _asked(access, path, params | named, session_id)
        told.clocks = clock_reading(answer)
        data = data_of(answer, path)
        if data is None:
            continue
        if not isinstance(data, list):
            raise PoisonError(Phrase(NOT_A_LIST))
        found = read(data)
        told.rows += found.rows
        told.problems += found.problems
    return told


def _parts(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    if not ids:
        yield ()
    for begin in range(0, len(ids), MOST_IDS):
        yield ids[begin : begin + MOST_IDS]


def _window(start: dt.datetime, end: dt.datetime) -> dict[str, str]:
    return {"startDate": start.isoformat(), "endDate": end.isoformat()}


def _asked(access: Access, path: str, params: dict[str, str], session_id: UUID) -> Answer:
    return call(
        access,
        "GET",
        path,
        endpoint=path.rpartition("/")[2],
        params=params,
        session_id=session_id,
        accept_status=JUDGED,
        needs_body=False,
    )


def data_of(answer: Answer, path: str) -> Any:
    """Give the data of an answer of 200, 400 or 404; None where the centre says that it has none.

    Raises `TemporaryError` for an empty answer, `RefusedError` for a 400 and `ConfigurationError` for a 404
    that is not the centre's own.
    """
    if answer.status == _OK and not answer.body.strip():
        raise TemporaryError(Phrase(EMPTY))
    if answer.status == _OK:
        return read_json(answer)
    said = _error_object(answer)
    if answer.status == _BAD:
        if said:
            raise RefusedError(Phrase(REFUSED_SAYING, {"said": said}))
        raise RefusedError(Phrase(REFUSED), detail=answer.body[:_SHOWN_CHARS].decode("utf-8", "replace"))
    if said is None:
        raise ConfigurationError(Phrase(NO_SUCH_METHOD, {"path": path}), status=_NOTHING)
    return None


def _error_object(answer: Answer) -> str | None:
    """Give what an error object says; None where the body is none."""
    try:
        data = json_of(answer.body)
    except ExchangeError:
        return None
    if not isinstance(data, dict) or not {"message", "description"} & data.keys():
        return None
    texts = (data.get(name) for name in ("field", "message", "description"))
    return " – ".join(str(text) for text in texts if text)[:_SHOWN_CHARS]

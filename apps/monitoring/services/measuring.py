"""What groups and agents did: snapshots, contacts by interval, logins, contacts, time in chats."""

from __future__ import annotations

from collections import defaultdict
from functools import partial
from typing import TYPE_CHECKING, Any

from django.db import transaction

from apps.core import clock
from apps.core.partitions import ensure_months
from apps.monitoring.choices import Transport
from apps.monitoring.models import AgentContact, AgentLogin, ChatWork, GroupInterval, QueueSnapshot
from apps.monitoring.services.checking import id_fault, span_fault
from apps.monitoring.services.hearing import heard_data
from apps.monitoring.services.naming import agent_ids, group_ids, source_of
from apps.monitoring.services.notifying import notify
from apps.monitoring.services.writing import insert_rows
from apps.monitoring.types import Changes, Problem, Received

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

    from apps.monitoring import types

_COUNTERS = ("received", "answered", "answered_in_target", "in_progress")
_TIMES = ("aht_ms", "wait_ms")
_INTERVAL_COUNTS = ("received", "treated", "missed", "unique_received", "unique_treated", "unique_missed")
_INTERVAL_TIMES = ("aht_ms", "wrap_ms")


@transaction.atomic
def receive_loads(
    source: str, loads: Sequence[types.QueueLoad], *, at: dt.datetime, transport: Transport
) -> Received:
    """Append one snapshot of each group, taken at an instant of our clock."""
    row = source_of(source)
    good, refused = _with_ids({load.group: load for load in loads}, lambda load: {"group": load.group})
    groups = group_ids(row, {load.group: load.service for load in good.values()})
    heard_data(row, transport)
    if not good:
        return Received(refused=refused)
    ensure_months(QueueSnapshot, at, at)
    columns: dict[str, tuple[str, list[Any]]] = {
        "group_id": ("bigint", [groups[name] for name in good]),
        "start": ("timestamptz", [at] * len(good)),
        "transport": ("text", [transport] * len(good)),
        "acd_percent": ("float8", [load.acd_percent for load in good.values()]),
    }
    columns |= _of(good, ("waiting", "operators", *_COUNTERS), "integer") | _of(good, _TIMES, "bigint")
    written = insert_rows(QueueSnapshot, columns, key=("group_id", "start"))
    changed = tuple(sorted(group for group, _start in written))
    transaction.on_commit(partial(notify, Changes(source, queues=changed)))
    return Received(len(written), len(good) - len(written), refused)


@transaction.atomic
def receive_group_intervals(source: str, intervals: Sequence[types.GroupInterval]) -> Received:
    """Keep contacts by interval as the centre counts them; asked for again, the later answer holds."""
    row = source_of(source)
    now = clock.now()
    once = {(item.group, item.start): item for item in intervals}
    good, refused = _with_ids(
        once,
        lambda item: {"group": item.group},
        lambda item: span_fault(item.group, item.start, item.end, now),
    )
    heard_data(row, Transport.PULL)
    if not good:
        return Received(refused=refused)
    groups = group_ids(row, {item.group: item.service for item in good.values()})
    starts = [item.start for item in good.values()]
    ensure_months(GroupInterval, min(starts), max(starts))
    columns = {
        "group_id": ("bigint", [groups[item.group] for item in good.values()]),
        "start": ("timestamptz", starts),
        "end": ("timestamptz", [item.end for item in good.values()]),
        "received_at": ("timestamptz", [now] * len(good)),
    }
    columns |= _of(good, _INTERVAL_COUNTS, "integer") | _of(good, _INTERVAL_TIMES, "bigint")
    told = ("end", *_INTERVAL_COUNTS, *_INTERVAL_TIMES)
    written = insert_rows(
        GroupInterval,
        columns,
        key=("group_id", "start"),
        update=(*told, "received_at"),
        only_if=_differs(told),
    )
    return Received(len(written), len(good) - len(written), refused)


@transaction.atomic
def receive_logins(source: str, logins: Sequence[types.AgentLogin]) -> Received:
    """Keep logins by agent and start; one that was open gets its end when it is known."""
    row = source_of(source)
    now = clock.now()
    once = {(login.agent, login.start): login for login in logins}
    good, refused = _with_ids(
        once,
        lambda login: {"agent": login.agent},
        lambda login: span_fault(login.agent, login.start, login.end, now),
    )
    heard_data(row, Transport.PULL)
    if not good:
        return Received(refused=refused)
    agents = agent_ids(row, (login.agent for login in good.values()))
    starts = [login.start for login in good.values()]
    ensure_months(AgentLogin, min(starts), max(starts))
    columns = {
        "agent_id": ("bigint", [agents[login.agent] for login in good.values()]),
        "start": ("timestamptz", starts),
        "end": ("timestamptz", [login.end for login in good.values()]),
    }
    written = insert_rows(
        AgentLogin, columns, key=("agent_id", "start"), update=("end",), only_if="excluded.end IS NOT NULL"
    )
    return Received(len(written), len(good) - len(written), refused)


@transaction.atomic
def receive_contacts(
    source: str, contacts: Sequence[types.AgentContact], *, transport: Transport = Transport.PULL
) -> Received:
    """Keep contacts by agent, group and start; those that began together are told apart by their ends."""
    row = source_of(source)
    now = clock.now()
    together: defaultdict[tuple[str, str, dt.datetime], list[types.AgentContact]] = defaultdict(list)
    for contact in dict.fromkeys(contacts):
        together[contact.agent, contact.group, contact.start].append(contact)
    once = {
        (*key, ordinal): contact
        for key, those in together.items()
        for ordinal, contact in enumerate(sorted(those, key=lambda contact: contact.end))
    }
    good, refused = _with_ids(
        once,
        lambda contact: {"agent": contact.agent, "group": contact.group},
        lambda contact: span_fault(contact.agent, contact.start, contact.end, now),
    )
    heard_data(row, transport)
    if not good:
        return Received(refused=refused)
    agents = agent_ids(row, (contact.agent for contact in good.values()))
    groups = group_ids(row, {contact.group: contact.service for contact in good.values()})
    starts = [contact.start for contact in good.values()]
    ensure_months(AgentContact, min(starts), max(starts))
    columns = {
        "agent_id": ("bigint", [agents[contact.agent] for contact in good.values()]),
        "group_id": ("bigint", [groups[contact.group] for contact in good.values()]),
        "start": ("timestamptz", starts),
        "ordinal": ("smallint", [key[3] for key in good]),
        "end": ("timestamptz", [contact.end for contact in good.values()]),
    }
    written = insert_rows(
        AgentContact, columns, key=("agent_id", "group_id", "start", "ordinal"), update=("end",)
    )
    return Received(len(written), len(good) - len(written), refused)


@transaction.atomic
def receive_chat_work(source: str, work: Sequence[types.ChatWork]) -> Received:
    """Keep time in chats by agent and day."""
    row = source_of(source)
    good, refused = _with_ids(
        {(item.agent, item.day): item for item in work}, lambda item: {"agent": item.agent}
    )
    heard_data(row, Transport.PULL)
    agents = agent_ids(row, (item.agent for item in good.values()))
    columns = {
        "agent_id": ("bigint", [agents[item.agent] for item in good.values()]),
        "day": ("date", [item.day for item in good.values()]),
        "worked_ms": ("bigint", [item.worked_ms for item in good.values()]),
    }
    written = insert_rows(ChatWork, columns, key=("agent_id", "day"), update=("worked_ms",))
    return Received(len(written), len(good) - len(written), refused)


def _with_ids(
    rows: Mapping[Any, Any], ids: Any, fault: Any = lambda _row: None
) -> tuple[dict[Any, Any], tuple[Problem, ...]]:
    """Split rows, by their keys, into those that can be taken and what is wrong with the others."""
    good: dict[Any, Any] = {}
    refused: list[Problem] = []
    for key, row in rows.items():
        names = ids(row)
        problem = id_fault(next(iter(names.values())), **names) or fault(row)
        if problem is None:
            good[key] = row
        else:
            refused.append(problem)
    return good, tuple(refused)


def _of(rows: Mapping[Any, Any], names: Sequence[str], kind: str) -> dict[str, tuple[str, list[Any]]]:
    return {name: (kind, [getattr(row, name) for row in rows.values()]) for name in names}


def _differs(names: Sequence[str]) -> str:
    held = ", ".join(f'held."{name}"' for name in names)
    given = ", ".join(f'excluded."{name}"' for name in names)
    return f"({held}) IS DISTINCT FROM ({given})"

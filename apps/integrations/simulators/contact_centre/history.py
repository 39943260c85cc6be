"""What happened, by the rules of the historic methods."""

from __future__ import annotations

import datetime as dt
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from apps.algorithms.simulation import Outcome
from apps.integrations.simulators.contact_centre.centre import midnight, status_of

if TYPE_CHECKING:
    from apps.algorithms.intervals import BoolArray, FloatArray, IntArray
    from apps.algorithms.simulation import ContactTable
    from apps.integrations.simulators.contact_centre.centre import Centre
    from apps.integrations.simulators.contact_centre.windows import Window

Rows = list[dict[str, Any]]
MS = 1000


def group_rows(centre: Centre, window: Window, step_s: int, ids: set[str] | None) -> Rows:
    """Count contacts by the interval in which they began; intervals without any are left out."""
    groups = centre.plan.groups
    contacts = centre.simulation.contacts()
    wanted = np.array([ids is None or group.plan.key in ids for group in groups])
    midnights = _midnights(centre, window)
    known = (
        wanted[contacts.group]
        & (contacts.outcome != Outcome.CLOSED_BY_BOT)
        & (np.round(contacts.arrived_s, 3) >= midnights[0])
        & (np.round(contacts.arrived_s, 3) < midnights[-1])
    )
    arrived = np.round(contacts.arrived_s[known], 3)  # as it is told, so that no window cuts it in two
    day = np.searchsorted(midnights, arrived, side="right") - 1
    group = contacts.group[known]
    is_first = first_of_day(group, day, contacts.customer[known], arrived)
    begins = midnights[day] + (arrived - midnights[day]) // step_s * step_s
    inside = (arrived >= window.start_s) & (arrived < window.end_s)
    counted = _count(contacts, known, group, begins, is_first, inside)
    ends = dict(pairwise(midnights))
    rows: Rows = []
    for place, data in groupby(counted, key=lambda row: row[0]):
        intervals = []
        for _, start_s, figures in data:
            day_ends = ends[midnights[np.searchsorted(midnights, start_s, side="right") - 1]]
            span = {
                "startInterval": _stamp(centre, start_s),
                "endInterval": _stamp(centre, min(start_s + step_s, day_ends)),
            }
            intervals.append(span | figures)
        row = {"serviceId": groups[place].service_id, "groupId": groups[place].plan.key}
        rows.append(row | {"historicData": intervals})
    return rows


def first_of_day(group: IntArray, day: IntArray, customer: IntArray, arrived_s: FloatArray) -> BoolArray:
    """Tell which contacts are the first of their customer on that day in that group."""
    order = np.lexsort((arrived_s, customer, day, group))
    keys = np.stack((group, day, customer))[:, order]
    is_first = np.ones(order.size, np.bool_)
    is_first[order[1:]] = (keys[:, 1:] != keys[:, :-1]).any(axis=0)
    return is_first


def _count(
    contacts: ContactTable,
    known: BoolArray,
    group: IntArray,
    begins: FloatArray,
    is_first: BoolArray,
    inside: BoolArray,
) -> list[tuple[int, float, dict[str, int]]]:
    cells, place = np.unique(np.stack((group[inside], begins[inside])), axis=1, return_inverse=True)
    place = place.reshape(-1)

    def total(values: FloatArray | BoolArray) -> FloatArray:
        return np.bincount(place, values[inside].astype(np.float64), cells.shape[1]).astype(np.float64)

    treated = contacts.outcome[known] == Outcome.TREATED
    handle = (contacts.ring_s + contacts.talk_s + contacts.hold_s)[known] * MS
    after = (contacts.wrap_up_s + contacts.relax_s)[known] * MS
    all_treated = total(treated)
    divisor = np.maximum(all_treated, 1)
    columns = {
        "notUniqueReceived": total(np.ones_like(treated)),
        "notUniqueTreated": all_treated,
        "notUniqueMissed": total(~treated),
        "receivedCalls": total(is_first),
        "treatedCalls": total(is_first & treated),
        "missCalls": total(is_first & ~treated),
        "aht": total(np.where(treated, handle, 0)) / divisor,
        "postProcessing": total(np.where(treated, after, 0)) / divisor,
    }
    rounded = (np.rint(column).astype(int).tolist() for column in columns.values())
    figures = [dict(zip(columns, cell, strict=True)) for cell in zip(*rounded, strict=True)]
    return list(zip(cells[0].astype(int).tolist(), cells[1].tolist(), figures, strict=True))


def status_rows(centre: Centre, window: Window, ids: set[str] | None, *, repeated: bool = True) -> Rows:
    """Give the states that begin or end in the window; those of no group once for each group of the agent."""
    states = centre.simulation.presence.state_table()
    names = centre.simulation.presence.states
    inside = _touches(states.start_s, states.end_s, window) & _is_wanted(centre, states.agent, ids)
    found: dict[tuple[int, int], Rows] = {}
    agents = centre.simulation.plans
    for row in np.flatnonzero(inside)[np.argsort(states.start_s[inside], kind="stable")]:
        status = status_of(names[states.state[row]])
        state = {
            "startDate": _stamp(centre, states.start_s[row]),
            "endDate": _stamp(centre, states.end_s[row]),
            "stateCode": status.code,
            "stateName": status.name,
        }
        agent, group = int(states.agent[row]), int(states.group[row])
        for place in (group,) if group >= 0 or not repeated else agents[agent].groups:
            found.setdefault((agent, place), []).append(state)
    return [
        {**_group_of(centre, place), "agentId": agents[agent].key, "states": rows}
        for (agent, place), rows in sorted(found.items())
    ]


def login_rows(centre: Centre, window: Window, ids: set[str] | None) -> Rows:
    """Give the presences that begin or end in the window."""
    logins = centre.simulation.presence.login_table()
    inside = _touches(logins.login_s, logins.logout_s, window) & _is_wanted(centre, logins.agent, ids)
    found: dict[int, Rows] = {}
    for row in np.flatnonzero(inside):
        begins, ends = logins.login_s[row], logins.logout_s[row]
        found.setdefault(int(logins.agent[row]), []).append(
            {
                "loginDate": _stamp(centre, begins),
                "logoutDate": _stamp(centre, ends),
                "duration": round((ends - begins) * MS) if np.isfinite(ends) else None,
            }
        )
    return [
        {"agentId": centre.simulation.plans[agent].key, "logins": rows}
        for agent, rows in sorted(found.items())
    ]


def call_rows(centre: Centre, window: Window, ids: set[str] | None) -> Rows:
    """Give the contacts that agents began in the window."""
    contacts = centre.simulation.contacts()
    begins = contacts.answered_s
    inside = _is_inside(begins, window) & _is_wanted(centre, contacts.agent, ids)
    found: dict[tuple[int, int], Rows] = {}
    for row in np.flatnonzero(inside)[np.argsort(begins[inside], kind="stable")]:
        key = int(contacts.agent[row]), int(contacts.group[row])
        found.setdefault(key, []).append(
            {
                "startCall": _stamp(centre, begins[row]),
                "endCall": _stamp(centre, contacts.ended_s[row]),
                "duration": _ms(contacts.ended_s[row]) - _ms(begins[row]),
            }
        )
    return [
        {"agentId": centre.simulation.plans[agent].key, **_group_of(centre, group), "agentCalls": rows}
        for (agent, group), rows in sorted(found.items())
    ]


def chat_rows(centre: Centre, window: Window, ids: set[str] | None) -> Rows:
    """Give by agent and day for how long they were in at least one chat, within the window."""
    contacts = centre.simulation.contacts()
    is_chat = np.array([group.channel == "CHATS" for group in centre.plan.groups])
    inside = (
        is_chat[contacts.group]
        & (contacts.answered_s < window.end_s)
        & (contacts.ended_s > window.start_s)
        & _is_wanted(centre, contacts.agent, ids)
    )
    spans: dict[int, list[tuple[float, float]]] = {}
    for row in np.flatnonzero(inside):
        span = float(contacts.answered_s[row]), float(contacts.ended_s[row])
        spans.setdefault(int(contacts.agent[row]), []).append(span)
    return [
        {"agentId": centre.simulation.plans[agent].key, "workDate": day, "workTime": work_ms}
        for agent, own in sorted(spans.items())
        for day, work_ms in chat_days(own, window, centre)
    ]


def chat_days(spans: list[tuple[float, float]], window: Window, centre: Centre) -> list[tuple[str, int]]:
    """Give the length of the union of the spans by day of the centre, in milliseconds."""
    midnights = _midnights(centre, window)
    days = []
    for begins, ends in pairwise(midnights):
        first, last = max(begins, window.start_s), min(ends, window.end_s)
        work_s = _union_s([(max(start, first), min(end, last)) for start, end in spans])
        if work_s > 0:
            days.append((centre.moment(float(begins)).date().isoformat(), round(work_s * MS)))
    return days


def _union_s(spans: list[tuple[float, float]]) -> float:
    total, reached = 0.0, -np.inf
    for start, end in sorted(spans):
        total += max(0.0, end - max(start, reached)) if end > start else 0.0
        reached = max(reached, end)
    return total


def _touches(start_s: FloatArray, end_s: FloatArray, window: Window) -> BoolArray:
    touched: BoolArray = _is_inside(start_s, window) | _is_inside(end_s, window)
    return touched


def _is_inside(at_s: FloatArray, window: Window) -> BoolArray:
    told_s = np.round(at_s, 3)
    inside: BoolArray = (told_s >= window.start_s) & (told_s < window.end_s)
    return inside


def _is_wanted(centre: Centre, agent: IntArray, ids: set[str] | None) -> BoolArray:
    agents = centre.simulation.plans
    wanted = np.array([ids is None or plan.key in ids for plan in agents] + [False])  # the last is nobody
    chosen: BoolArray = wanted[agent]
    return chosen


def _group_of(centre: Centre, place: int) -> dict[str, str]:
    if place < 0:
        return {}
    group = centre.plan.groups[place]
    return {"serviceId": group.service_id, "groupId": group.plan.key}


def _midnights(centre: Centre, window: Window) -> FloatArray:
    """Return where the days of the window begin, and where the last ends."""
    first, last = centre.moment(window.start_s).date(), centre.moment(window.end_s).date()
    days = (last - first).days + 2
    return np.array(
        [midnight(first + dt.timedelta(days=day), centre.plan) for day in range(days)], np.float64
    )


def _ms(at_s: float) -> int:
    return round(at_s * MS)


def _stamp(centre: Centre, at_s: float) -> str | None:
    """Give the instant in ISO-8601 with the centre's offset; nothing for what goes on."""
    if not np.isfinite(at_s):
        return None
    return centre.moment(_ms(float(at_s)) / MS).isoformat(timespec="milliseconds")

"""What happens now, by the rules of the online methods."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from apps.algorithms.simulation import OPEN, Outcome
from apps.integrations.simulators.contact_centre.centre import midnight, status_of

if TYPE_CHECKING:
    from apps.integrations.simulators.contact_centre.centre import Centre

MS = 1000


def agent_rows(centre: Centre) -> list[dict[str, Any]]:
    """Give the state of everybody who is signed in."""
    states = centre.simulation.presence.state_table()
    rows = []
    for row in np.flatnonzero(states.end_s == OPEN):
        status = status_of(centre.simulation.presence.states[states.state[row]])
        since = centre.moment(round(float(states.start_s[row]) * MS) / MS)
        rows.append(
            {
                "agentId": centre.simulation.plans[states.agent[row]].key,
                "stateCode": status.code,
                "stateName": status.name,
                "startDate": since.isoformat(timespec="milliseconds"),
            }
        )
    return rows


def load_rows(centre: Centre, ids: set[str] | None, answered_within_s: float) -> list[dict[str, Any]]:
    """Give what waits and what was counted since the day began, for each group."""
    day_s = midnight(centre.moment(centre.now_s).date(), centre.plan)
    contacts = centre.simulation.contacts()
    today = (contacts.arrived_s >= day_s) & (contacts.outcome != Outcome.CLOSED_BY_BOT)
    waiting, in_talk = centre.simulation.waiting(), centre.simulation.in_talk()
    signed_in = [agent for agent in centre.simulation.agents if agent.duty is not None]
    rows = []
    for place, group in enumerate(centre.plan.groups):
        if not group.is_active or (ids is not None and group.plan.key not in ids):
            continue
        mine = today & (contacts.group == place)
        treated = mine & (contacts.outcome == Outcome.TREATED)
        talking = [(contact, since) for contact, _, since in in_talk if contact.group == place]
        current = [(contact.arrives_s, since) for contact, since in talking if contact.arrives_s >= day_s]
        queued = sum(contact.arrives_s >= day_s for contact in waiting[place])
        waits_s = np.concatenate(
            (
                (contacts.answered_s - contacts.arrived_s)[treated],
                np.array([since - arrived for arrived, since in current]),
            )
        )
        received, answered = int(mine.sum()) + len(current) + queued, len(waits_s)
        handle_s = (contacts.ring_s + contacts.talk_s + contacts.hold_s)[treated]
        rows.append(
            {
                "serviceId": group.service_id,
                "groupId": group.plan.key,
                "callNumber": len(waiting[place]),
                "operatorNumber": sum(place in agent.groups for agent in signed_in),
                "callReceived": received,
                "aht": _mean_ms(handle_s),
                "acd": round(100 * answered / received, 1) if received else 0,
                "awt": _mean_ms(waits_s),
                "callAnswered": answered,
                "callAnsweredTst": int((waits_s <= answered_within_s).sum()),
                "callProcessing": len(talking),
            }
        )
    return rows


def _mean_ms(values_s: np.ndarray) -> int:
    return round(float(values_s.mean()) * MS) if values_s.size else 0

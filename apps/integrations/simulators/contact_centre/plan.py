"""What a simulated centre is made of, and its form as a file of JSON."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np

from apps.algorithms.simulation import (
    AgentPlan,
    Arrivals,
    Channel,
    Duty,
    GroupPlan,
    Handling,
    Patience,
)

if TYPE_CHECKING:
    from pathlib import Path

CHANNELS = {
    "INCOMING_CALLS": Channel.CALLS,
    "OUTGOING_CALLS": Channel.CALLS,
    "CHATS": Channel.CHATS,
    "MAILS": Channel.MAILS,
}


@dataclass(frozen=True)
class Group:
    """A service group; `plan.key` is its id."""

    name: str
    service_id: str
    service_name: str
    channel: str
    plan: GroupPlan
    is_active: bool = True


@dataclass(frozen=True)
class Person:
    """An agent; `duties` are planned, `groups` are ids."""

    key: str
    name: str
    surname: str
    second_name: str
    number: str
    login: str
    groups: tuple[str, ...]
    duties: tuple[Duty, ...]


@dataclass(frozen=True)
class CentrePlan:
    """A whole centre: `zone` is where its days begin."""

    zone: str
    groups: tuple[Group, ...]
    people: tuple[Person, ...]
    zone_info: ZoneInfo = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "zone_info", ZoneInfo(self.zone))

    def agent_plans(self) -> list[AgentPlan]:
        places = {group.plan.key: place for place, group in enumerate(self.groups)}
        return [
            AgentPlan(person.key, tuple(places[key] for key in person.groups), person.duties)
            for person in self.people
        ]


def write_plan(plan: CentrePlan, path: Path) -> None:
    """Keep the plan as JSON; instants are seconds since 1970."""
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {
        "zone": plan.zone,
        "groups": [_group_as_json(group) for group in plan.groups],
        "people": [
            asdict(person) | {"duties": [[duty.start_s, duty.end_s, duty.kind] for duty in person.duties]}
            for person in plan.people
        ],
    }
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")


def read_plan(path: Path) -> CentrePlan:
    """Read what `write_plan` wrote."""
    content = json.loads(path.read_text(encoding="utf-8"))
    people = tuple(
        Person(
            **person
            | {
                "groups": tuple(person["groups"]),
                "duties": tuple(Duty(start_s, end_s, kind) for start_s, end_s, kind in person["duties"]),
            }
        )
        for person in content["people"]
    )
    return CentrePlan(content["zone"], tuple(map(_group_from_json, content["groups"])), people)


def _group_as_json(group: Group) -> dict[str, Any]:
    plan = asdict(group.plan) | {"channel": group.plan.channel.value}
    plan["arrivals"]["expected"] = [round(value, 4) for value in group.plan.arrivals.expected.tolist()]
    plan["patience"]["mean_s"] = (
        plan["patience"]["mean_s"] if np.isfinite(plan["patience"]["mean_s"]) else None
    )
    return asdict(group) | {"plan": plan}


def _group_from_json(content: dict[str, Any]) -> Group:
    plan = content["plan"]
    arrivals, patience = plan["arrivals"], plan["patience"]
    expected = np.array(arrivals["expected"], np.float64)
    mean_s = np.inf if patience["mean_s"] is None else patience["mean_s"]
    built = GroupPlan(
        **plan
        | {
            "channel": Channel(plan["channel"]),
            "arrivals": Arrivals(arrivals["start_s"], arrivals["step_s"], expected),
            "handling": Handling(**plan["handling"]),
            "patience": Patience(mean_s, patience["spread"]),
            "transfers": tuple(plan["transfers"]),
        }
    )
    return Group(**content | {"plan": built})

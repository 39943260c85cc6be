"""What both faces of a simulated centre share: its options, its clock, its way on."""

from __future__ import annotations

import asyncio
import datetime as dt
import math
from argparse import ArgumentTypeError
from pathlib import Path
from typing import TYPE_CHECKING, Any

from apps.algorithms.simulation import Deviations
from apps.integrations.simulators.contact_centre.centre import Centre, Clock
from apps.integrations.simulators.contact_centre.disturbing import Disturber, Line
from apps.integrations.simulators.contact_centre.invention import invent_centre
from apps.integrations.simulators.contact_centre.live import agent_rows
from apps.integrations.simulators.contact_centre.plan import CentrePlan, read_plan
from apps.integrations.simulators.contact_centre.pushing import status_messages
from apps.integrations.simulators.serving.messages import BadRequestError, json_answer, present
from apps.integrations.simulators.serving.simulator import Simulator

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Sequence

    from apps.integrations.simulators.contact_centre.disturbing import Message
    from apps.integrations.simulators.serving.ledger import Ledger
    from apps.integrations.simulators.serving.messages import Answer, Request
    from apps.integrations.simulators.serving.simulator import Table

TICK_S = 0.2
AHEAD_DAYS = 30
USUAL = Deviations(
    absent_share=0.03, late_share=0.15, early_share=0.08, long_break_share=0.15, late_s=300, early_s=300
)


class CentreSimulator(Simulator):
    """A centre that goes on by its own clock; what it shows and to whom is for those who derive from it."""

    def __init__(
        self, *, seed: int = 1, ledger: Ledger | None = None, options: Namespace | None = None
    ) -> None:
        super().__init__(seed=seed, ledger=ledger, options=options)
        self.clock = Clock(_start_s(options), getattr(options, "clock_factor", 1.0))
        self.history_days = getattr(options, "history_days", 1)
        self.system_id = getattr(options, "system_id", "simulated")
        self.disturber = Disturber(seed)
        self.plan = self._make_plan()
        self.centre = self._make_centre()

    @classmethod
    def add_arguments(cls, parser: ArgumentParser) -> None:
        parser.add_argument("--plan", type=Path, help="Groups, people, schedule and forecast, as JSON.")
        parser.add_argument("--people", type=int, default=40, help="How many to invent without a plan.")
        parser.add_argument("--zone", default="Europe/Moscow", help="Where its days begin, without a plan.")
        parser.add_argument("--start", type=_moment, help="Its first moment, ISO-8601 with zone; now.")
        parser.add_argument("--clock-factor", type=_factor, default=1.0, help="0 stands still.")
        parser.add_argument("--history-days", type=_days, default=1, help="Days that lie behind it.")
        parser.add_argument("--punctual", action="store_true", help="Everybody keeps to the schedule.")
        parser.add_argument("--system-id", default="simulated", help="What it calls itself in pushes.")

    def control(self, request: Request) -> Answer | None:
        match request.method, request.path:
            case "POST", "/_clock":
                return json_answer(self._set_clock(request.json()))
            case "POST", "/_line":
                self.disturber.line = Line.of(request.json())
                return json_answer(self.disturber.told())
        return None

    def state(self) -> dict[str, Any]:
        simulation = self.centre.simulation
        return {
            "now": self.centre.moment(self.centre.now_s).isoformat(),
            "clock_factor": self.clock.factor,
            "contacts": len(simulation.contacts().group),
            "waiting": sum(map(len, simulation.waiting())),
            "signed_in": sum(agent.duty is not None for agent in simulation.agents),
            "line": self.disturber.told(),
        }

    def reset(self) -> None:
        self.disturber = Disturber(self.seed)

    def tables(self) -> Sequence[Table]:
        groups = self.centre.simulation.groups
        waiting = self.centre.simulation.waiting()
        rows = [(g.plan.key, g.name, g.channel, len(waiting[n])) for n, g in enumerate(self.plan.groups)]
        names = {person.key: f"{person.surname} {person.name}" for person in self.plan.people}
        present_rows = [
            (row["agentId"], names[row["agentId"]], row["stateName"], row["startDate"])
            for row in agent_rows(self.centre)
        ]
        return [
            (f"Группы ({len(groups)})", ("код", "название", "канал", "в очереди"), rows),
            ("На месте", ("код", "кто", "статус", "с"), present_rows),
        ]

    async def background(self) -> None:
        """Go on by the clock and tell the changes."""
        while True:
            self.go_on()
            await asyncio.sleep(TICK_S)

    def go_on(self) -> None:
        """Let happen what is due and hand its changes on, as the line lets them through."""
        self.centre.catch_up()
        messages = status_messages(self.centre, self.centre.take_changes(), self.system_id)
        self.tell(list(self.disturber.pass_on(messages)))

    def tell(self, messages: Sequence[Message]) -> None:
        """Hand messages on to who listens."""

    def _set_clock(self, wanted: Any) -> dict[str, Any]:
        """Move the clock: `{"factor": f}` from now on, `{"forward_s": s}` at once."""
        if not isinstance(wanted, dict) or not wanted.keys() <= {"factor", "forward_s"}:
            raise BadRequestError("A clock is told a factor, forward_s, or both.")
        factor, forward_s = wanted.get("factor", self.clock.factor), wanted.get("forward_s", 0)
        if not all(isinstance(n, int | float) and 0 <= n < math.inf for n in (factor, forward_s)):
            raise BadRequestError("The clock only goes forward.")
        self.clock.set_to(self.clock.now_s() + forward_s, factor)
        self.go_on()
        return self.state()

    def _make_plan(self) -> CentrePlan:
        given: CentrePlan | None = getattr(self.options, "given", None)
        if given is not None:
            return given
        path = getattr(self.options, "plan", None)
        if path is not None:
            return read_plan(path)
        now = dt.datetime.fromtimestamp(self.clock.now_s(), dt.UTC).date()
        return invent_centre(
            self.seed,
            people=getattr(self.options, "people", 40),
            first=now - dt.timedelta(days=self.history_days + 1),
            days=self.history_days + 2 + AHEAD_DAYS,
            zone=getattr(self.options, "zone", "Europe/Moscow"),
        )

    def _make_centre(self) -> Centre:
        is_punctual = getattr(self.options, "punctual", False)
        return Centre(
            self.plan,
            self.clock,
            history_days=self.history_days,
            seed=self.seed,
            deviations=Deviations() if is_punctual else USUAL,
        )


def _start_s(options: Namespace | None) -> float:
    start = getattr(options, "start", None)
    return float((start or present()).timestamp())


def _moment(text: str) -> dt.datetime:
    moment = dt.datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ArgumentTypeError(f"{text} has no zone")
    return moment


def _factor(text: str) -> float:
    factor = float(text)
    if not 0 <= factor < math.inf:
        raise ArgumentTypeError("a clock does not run backwards")
    return factor


def _days(text: str) -> int:
    days = int(text)
    if not 0 <= days <= 400:  # noqa: PLR2004 - more is a mistake
        raise ArgumentTypeError("0 to 400 days")
    return days

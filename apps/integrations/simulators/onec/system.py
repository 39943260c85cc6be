"""The simulator of 1C:ZUP: both dialects on one port, over the same people and documents."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from apps.integrations.simulators.onec.books import Books
from apps.integrations.simulators.onec.control import control
from apps.integrations.simulators.onec.dates import MOSCOW
from apps.integrations.simulators.onec.gateway import GatewayService
from apps.integrations.simulators.onec.people import (
    Department,
    invent_departments,
    invent_people,
    person_of,
)
from apps.integrations.simulators.onec.production import ProductionCalendar
from apps.integrations.simulators.onec.refusals import FaultyRequestError
from apps.integrations.simulators.onec.zup import ZupService
from apps.integrations.simulators.serving.messages import json_answer, present
from apps.integrations.simulators.serving.simulator import Simulator

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Sequence

    from apps.integrations.simulators.serving.ledger import Ledger
    from apps.integrations.simulators.serving.messages import Answer, Request
    from apps.integrations.simulators.serving.simulator import Table

PEOPLE = 100
GATEWAY = "/services/personnel"
GATEWAY_LACKS = ("/getNormHours", "/getTimetypeInfo")
FEED = "AR_agents"


class OneC(Simulator):
    """1C:ZUP. Paths with `/services/personnel/` are the gateway's, all others those of the vendor's service.

    The ledger has `schedule_created`, `schedule_updated`, `schedule_repeated` (key: employee/month),
    `schedule_refused`, `fact_document`, `fact_without_document` (key: employee/date), `fact_refused` and
    `person_changed`.
    """

    name = "onec"

    def __init__(
        self, *, seed: int = 1, ledger: Ledger | None = None, options: Namespace | None = None
    ) -> None:
        super().__init__(seed=seed, ledger=ledger, options=options)
        self.books = Books(self.ledger)
        self.reset()
        self.books.recall()
        zup = ZupService(self.books, self.today, is_untidy=bool(options and options.untidy))
        gateway = GatewayService(self.books, self.today)
        self.routes.add("GET", f"{GATEWAY}/agents/{{start}}/{{end}}", gateway.agents)
        self.routes.add("POST", f"{GATEWAY}/sendSchedule", gateway.schedules)
        self.routes.add("POST", f"{GATEWAY}/sendFactWorkTime", gateway.fact)
        self.routes.add("GET", f"{GATEWAY}/health", gateway.health)
        self.routes.add("GET", "/agents/{start}/{end}", zup.agents)
        self.routes.add("POST", "/getNormHours", zup.norms)
        self.routes.add("POST", "/sendSchedule", zup.schedule)
        self.routes.add("POST", "/getTimetypeInfo", zup.timetypes)
        self.routes.add("POST", "/sendFactWorkTime", zup.fact)

    @classmethod
    def add_arguments(cls, parser: ArgumentParser) -> None:
        parser.add_argument("--people", type=int, default=PEOPLE, help="How many to invent.")
        parser.add_argument("--numbers-from", type=int, default=1, help="Their first personnel number.")
        parser.add_argument("--people-file", type=Path, help="JSON with {departments, people} instead.")
        parser.add_argument("--today", type=dt.date.fromisoformat, help="Its day, if not today's in Moscow.")
        parser.add_argument(
            "--untidy", action="store_true", help="Other spellings, numbers as text, its own empty date."
        )

    def today(self) -> dt.date:
        return self.books.today or present().astimezone(MOSCOW).date()

    async def answer(self, request: Request) -> Answer:
        """Answer; what cannot be handled is a 500 with a text (the gateway says 400)."""
        if GATEWAY in request.path and request.path.endswith(GATEWAY_LACKS):
            return json_answer({"error": f"{request.path}: нет такой операции."}, 404)
        try:
            return await super().answer(request)
        except FaultyRequestError as error:
            if GATEWAY in request.path:
                return json_answer({"error": str(error)}, 400)
            return json_answer({"error": str(error)}, 500)

    def bend(self, kind: str, request: Request, answer: Answer) -> Answer:
        """Halve or empty the people of the feed; its departments stay, as they do in real half-answers."""
        content: Any = json.loads(answer.body)
        if kind == "refuse" or not _is_feed(content):
            return super().bend(kind, request, answer)
        agents = content[0]["AR_agents"]
        kept = agents[: len(agents) // 2] if kind == "half" else []
        return json_answer([{**content[0], "AR_agents": kept}])

    def control(self, request: Request) -> Answer | None:
        return control(self.books, request)

    def state(self) -> dict[str, Any]:
        return {
            "today": self.today(),
            "people": len(self.books.people),
            "people_told": len(list(self.books.told_people(self.today()))),
            "schedules": len(self.books.schedules),
            "facts": sum(len(facts) for facts in self.books.facts.values()),
            "calendar_years": self.books.calendar.filled,
        }

    def reset(self) -> None:
        books = self.books
        for held in (books.schedules, books.facts, books.absences, books.part_months, books.refused):
            held.clear()
        books.calendar = ProductionCalendar()
        books.today = self.options.today if self.options else None
        books.departments, people = self._people()
        books.people.clear()
        books.people.update({person.agent_id: person for person in people})

    def _people(self) -> tuple[list[Department], Sequence[Any]]:
        options = self.options
        given = getattr(options, "given", None)
        if options is not None and options.people_file:
            given = json.loads(options.people_file.read_text(encoding="utf-8"))
        if given is not None:
            departments = [
                Department(row["departmentId"], row["department"], row.get("parentDepartmentId", ""))
                for row in given["departments"]
            ]
            return departments, [person_of(row) for row in given["people"]]
        departments = invent_departments()
        count = options.people if options is not None else PEOPLE
        first = options.numbers_from if options is not None else 1
        return departments, invent_people(count, departments, seed=self.seed, today=self.today(), first=first)

    def tables(self) -> Sequence[Table]:
        names = {department.identifier: department.name for department in self.books.departments}
        people = [
            (
                person.tab_number,
                f"{person.last_name} {person.first_name} {person.second_name}",
                person.position,
                names.get(person.department_id, ""),
                person.week,
                person.hired,
                person.dismissed,
                person.agent_id,
            )
            for person in self.books.people.values()
        ]
        schedules = [
            (document.number, document.agent_id, document.month, len(document.shifts))
            for document in self.books.schedules.values()
        ]
        facts = [
            (fact.agent_id, fact.date, fact.document, ", ".join(fact.codes))
            for found in self.books.facts.values()
            for fact in found
        ]
        return [
            (
                "Сотрудники",
                ("табель", "ФИО", "должность", "подразделение", "неделя", "принят", "уволен", "agentId"),
                people,
            ),
            ("Графики", ("документ", "agentId", "месяц", "смен"), schedules),
            ("Факты", ("agentId", "дата", "документ", "коды"), facts),
        ]


def _is_feed(content: Any) -> bool:
    return isinstance(content, list) and len(content) == 1 and FEED in content[0]

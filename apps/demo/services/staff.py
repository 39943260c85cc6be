"""Store the invented people: cards, terms, limits, skills, queues, work rules, absences, managers."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np
from django.db import transaction

from apps.demo.absences import absences_of
from apps.demo.blueprint import LEADS, SITES
from apps.demo.names import full_name
from apps.demo.people import PersonPlan
from apps.demo.services.structure import make_departments
from apps.organization.choices import Restriction
from apps.organization.models import (
    Department,
    DeputyPeriod,
    Employee,
    EmployeeSkill,
    EmploymentTerms,
    PersonalLimit,
    Position,
    Queue,
    QueueMembership,
    Site,
    Skill,
)
from apps.schedules.models import Absence, WorkRule, WorkRuleAssignment
from apps.workcalendar.models import AbsenceKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from apps.demo.absences import AbsencePlan

PREFIX = "demo-"
LEAD_HIRED = dt.date(2019, 4, 1)
FIRST_LEAD_NUMBER = 900_001
DEPUTY_DAYS = 28
MONDAY = dt.date(2024, 1, 1)


@transaction.atomic
def store_people(agents: Sequence[PersonPlan], *, seed: int, today: dt.date) -> None:
    """Store agents and, for each department, a manager; heads of sites have a deputy from today on."""
    tree = make_departments(person.department for person in agents)
    leads = _leads(tree.values(), seed=seed)
    people = [*agents, *leads.values()]
    cards = _store_cards(people)
    _store_terms(people, cards, tree)
    _store_agents(agents, cards)
    for code, lead in leads.items():
        tree[code].manager = cards[lead.personnel_number]
    Department.objects.bulk_update(tree.values(), ["manager"])
    _store_deputies(tree, today)


@transaction.atomic
def add_absences(month: dt.date, *, seed: int) -> int:
    """Invent absences that begin in `month` for everybody who is in a queue; give how many.

    None meets an absence that is there, so that repeating adds nothing.
    """
    kinds = {kind.code: kind for kind in AbsenceKind.objects.all()}
    agents = Employee.objects.filter(external_id__startswith=PREFIX).exclude(memberships=None).distinct()
    added: list[Absence] = []
    for agent in agents.prefetch_related("absences", "limits", "terms__site"):
        zone = ZoneInfo(agent.terms.all()[0].site.time_zone)
        rng = np.random.default_rng([seed, month.toordinal(), int(agent.personnel_number)])
        is_minor = any(limit.kind == Restriction.MINOR for limit in agent.limits.all())
        taken = [(row.start, row.end) for row in agent.absences.all()]
        for plan in absences_of(rng, month, is_minor=is_minor):
            start, end = _instants(plan, zone)
            if plan.first >= month and all(end <= first or last <= start for first, last in taken):
                added.append(Absence(employee=agent, kind=kinds[plan.kind], start=start, end=end))
    Absence.objects.bulk_create(added)
    return len(added)


def _instants(plan: AbsencePlan, zone: ZoneInfo) -> tuple[dt.datetime, dt.datetime]:
    after = plan.last + dt.timedelta(days=1)
    return dt.datetime.combine(plan.first, dt.time(), zone), dt.datetime.combine(after, dt.time(), zone)


def _leads(departments: Iterable[Department], *, seed: int) -> dict[str, PersonPlan]:
    """Invent a manager of each department; its code tells the level (retail, retail-msk, retail-msk-1)."""
    rng = np.random.default_rng([seed, FIRST_LEAD_NUMBER])
    leads: dict[str, PersonPlan] = {}
    for number, department in enumerate(departments):
        parts = department.code.split("-")
        level = "root" if parts == ["centre"] else ("queue", "site", "team")[len(parts) - 1]
        last, first, middle = full_name(rng, is_woman=bool(rng.random() < 0.5))  # noqa: PLR2004 - even odds
        leads[department.code] = PersonPlan(
            personnel_number=str(FIRST_LEAD_NUMBER + number),
            last_name=last,
            first_name=first,
            middle_name=middle,
            site=parts[1] if len(parts) > 1 else SITES[0].code,
            department=department.code,
            position=LEADS[level],
            hired_on=LEAD_HIRED + dt.timedelta(days=int(rng.integers(0, 900))),
        )
    return leads


def _store_cards(people: Sequence[PersonPlan]) -> dict[str, Employee]:
    cards = Employee.objects.bulk_create(
        Employee(
            personnel_number=person.personnel_number,
            external_id=f"{PREFIX}{person.personnel_number}",
            last_name=person.last_name,
            first_name=person.first_name,
            middle_name=person.middle_name,
            hired_on=person.hired_on,
        )
        for person in people
    )
    return {card.personnel_number: card for card in cards}


def _store_terms(
    people: Sequence[PersonPlan], cards: dict[str, Employee], tree: dict[str, Department]
) -> None:
    sites = {site.code: site for site in Site.objects.all()}
    positions = {position.name: position for position in Position.objects.all()}
    EmploymentTerms.objects.bulk_create(
        EmploymentTerms(
            employee=cards[person.personnel_number],
            valid_from=person.hired_on,
            position=positions[person.position],
            department=tree[person.department],
            site=sites[person.site],
            rate=str(round(person.rate, 3)),
            weekly_norm_minutes=person.weekly_minutes,
            max_shift_minutes=person.max_shift_minutes,
            overtime_consent=person.overtime_consent,
            night_consent=person.night_consent,
        )
        for person in people
    )


def _store_agents(agents: Sequence[PersonPlan], cards: dict[str, Employee]) -> None:
    queues = {queue.code: queue for queue in Queue.objects.all()}
    skills = {skill.code: skill for skill in Skill.objects.all()}
    rules = {rule.code: rule for rule in WorkRule.objects.all()}
    kinds = {kind.code: kind for kind in AbsenceKind.objects.all()}
    zones = {site.code: ZoneInfo(site.zone) for site in SITES}
    pairs = [(person, cards[person.personnel_number]) for person in agents]
    QueueMembership.objects.bulk_create(
        QueueMembership(
            employee=card,
            queue=queues[person.queue],
            productivity=str(person.productivity),
            valid_from=person.hired_on,
        )
        for person, card in pairs
    )
    WorkRuleAssignment.objects.bulk_create(
        WorkRuleAssignment(
            employee=card,
            work_rule=rules[person.rule],
            anchor=MONDAY + dt.timedelta(days=person.phase),
            valid_from=person.hired_on,
        )
        for person, card in pairs
    )
    PersonalLimit.objects.bulk_create(
        PersonalLimit(employee=card, kind=kind, valid_from=person.hired_on)
        for person, card in pairs
        for kind in person.limits
    )
    EmployeeSkill.objects.bulk_create(
        EmployeeSkill(employee=card, skill=skills[code], proficiency=level)
        for person, card in pairs
        for code, level in person.skills
    )
    absences = [
        (card, kinds[row.kind], *_instants(row, zones[person.site]))
        for person, card in pairs
        for row in person.absences
    ]
    Absence.objects.bulk_create(
        Absence(employee=card, kind=kind, start=start, end=end) for card, kind, start, end in absences
    )


def _store_deputies(tree: dict[str, Department], today: dt.date) -> None:
    """Let the first team's lead stand in for each head of a site for four weeks from today."""
    DeputyPeriod.objects.bulk_create(
        DeputyPeriod(
            department=department,
            employee=tree[f"{code}-1"].manager,
            valid_from=today,
            valid_to=today + dt.timedelta(days=DEPUTY_DAYS - 1),
        )
        for code, department in tree.items()
        if f"{code}-1" in tree
    )

"""Make sites, the department tree, queues, groups, targets and work rules of the demo; safe to repeat."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from apps.demo.blueprint import (
    AGENT,
    CALENDAR,
    LEADS,
    QUEUES,
    RULES,
    SENIOR,
    SITES,
    SKILLS,
    ZONE,
    QueuePlan,
)
from apps.organization.models import Department, OpeningHours, Position, Queue, Service, Site, Skill
from apps.schedules.models import PlanningGroup
from apps.schedules.services.reference import ensure_work_rule, load_default_rules
from apps.staffing.models import StaffingTarget

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from apps.demo.callrecords import CallFacts

SINCE = dt.date(2020, 1, 1)


def make_structure(calls: CallFacts, queues: Sequence[QueuePlan]) -> dict[str, Queue]:
    """Make everything but the people; give the queues by the key of their plan."""
    for site in SITES:
        Site.objects.update_or_create(
            code=site.code,
            defaults={
                "name": site.name,
                "time_zone": site.zone,
                "calendar_code": CALENDAR,
                "latitude": site.latitude,
                "longitude": site.longitude,
            },
        )
    for name in (AGENT, SENIOR, *LEADS.values()):
        Position.objects.get_or_create(name=name, defaults={"is_planned": name in {AGENT, SENIOR}})
    for code, name in SKILLS.items():
        Skill.objects.update_or_create(code=code, defaults={"name": name})
    load_default_rules()
    for rule in RULES:
        ensure_work_rule(
            code=rule.code,
            name=rule.name,
            templates=rule.templates,
            rotation=rule.rotation,
            max_days_a_week=rule.max_days_a_week,
            follows_calendar=rule.follows_calendar,
        )
    return {plan.key: _make_queue(plan, calls) for plan in queues}


def make_departments(codes: Iterable[str]) -> dict[str, Department]:
    """Make the tree centre > queue > site > team that holds the teams `codes`; give all by code."""
    tree = {"centre": _department("centre", "Контактный центр", None)}
    sites = {site.code: site.name for site in SITES}
    for plan in QUEUES:
        tree[plan.department] = _department(plan.department, plan.department_name, tree["centre"])
    for code in sorted(set(codes)):
        queue_code, site_code, number = code.split("-")
        above = f"{queue_code}-{site_code}"
        if above not in tree:
            name = f"{sites[site_code]}: {tree[queue_code].name.lower()}"
            tree[above] = _department(above, name, tree[queue_code])
        tree[code] = _department(code, f"{sites[site_code]}, группа {number}", tree[above])
    return tree


def _department(code: str, name: str, parent: Department | None) -> Department:
    return Department.objects.update_or_create(code=code, defaults={"name": name, "parent": parent})[0]


def _make_queue(plan: QueuePlan, calls: CallFacts) -> Queue:
    service, _ = Service.objects.update_or_create(code=plan.service, defaults={"name": plan.service_name})
    queue, _ = Queue.objects.update_or_create(
        code=plan.code,
        defaults={
            "service": service,
            "name": plan.name,
            "time_zone": ZONE,
            "step_minutes": plan.step_minutes,
            "calendar_code": CALENDAR,
            "closed_on_holidays": plan.closed_on_holidays,
        },
    )
    opens, closes = plan.opening
    for weekday in plan.open_days:
        OpeningHours.objects.update_or_create(
            queue=queue, weekday=weekday, defaults={"opens_minute": opens, "closes_minute": closes}
        )
    StaffingTarget.objects.update_or_create(
        queue=queue,
        valid_from=SINCE,
        defaults={
            "model": plan.model,
            "service_level": "0.800",
            "answer_within_s": 20,
            "patience_s": round(calls.patience_s),
            "minimum_agents": plan.minimum_agents,
        },
    )
    group, _ = PlanningGroup.objects.update_or_create(
        code=plan.code, defaults={"name": plan.name, "time_zone": ZONE}
    )
    group.queues.set([queue])
    return queue

"""A variant as plain data for a checker that knows nothing of this product; see docs/export-schedule.md."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import asdict
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from apps.core.errors import NotFoundError
from apps.core.zones import to_datetime
from apps.organization.selectors import members_of
from apps.schedules.models import Absence, Activity, ScheduleVariant, Shift
from apps.schedules.selectors.work_rules import assignments, work_rule_facts
from apps.schedules.types import ActivityFacts, Month, ShiftFacts
from apps.staffing.selectors import requirement_points

if TYPE_CHECKING:
    from apps.organization.types import Member
    from apps.schedules.models import PlannedPerson, WorkRuleAssignment
    from apps.schedules.types import WorkRuleFacts

FORMAT = "wfm-schedule-1"
DAY = dt.timedelta(days=1)


def export_variant(variant_id: int) -> dict[str, Any]:
    """Give people, shifts, activities, requirement, rules and figures of a variant, JSON-ready.

    Instants are ISO 8601 with the offset of the person's zone, days are local dates, lengths are in their
    names.
    """
    variant = ScheduleVariant.objects.select_related("group").filter(pk=variant_id).first()
    if variant is None:
        raise NotFoundError(_("There is no variant %(key)s.") % {"key": variant_id})
    month = Month(variant.month, variant.group.time_zone)
    planned = list(variant.people.select_related("queue", "work_rule").order_by("employee_id"))
    rules = work_rule_facts({person.work_rule_id for person in planned})
    return {
        "format": FORMAT,
        "variant": _variant(variant, month),
        "people": _people(variant, month, planned),
        "work_rules": {facts.code: _work_rule(facts) for facts in rules.values()},
        "rules": variant.parameters.get("rules", {}),
        "shifts": _shifts(variant, {person.employee_id: person.time_zone for person in planned}),
        "requirement": _requirement(variant),
        "metrics": variant.metrics,
        "reasons": variant.reasons,
    }


def _variant(variant: ScheduleVariant, month: Month) -> dict[str, Any]:
    return {
        "id": variant.pk,
        "number": variant.number,
        "state": variant.state,
        "group": variant.group.code,
        "month": f"{variant.month:%Y-%m}",
        "time_zone": month.zone_name,
        "first_day": month.first.isoformat(),
        "last_day": month.last.isoformat(),
        "start": month.start.isoformat(),
        "end": month.end.isoformat(),
        "seed": variant.seed,
        "code_version": variant.code_version,
        "parameters": variant.parameters,
    }


def _people(variant: ScheduleVariant, month: Month, planned: list[PlannedPerson]) -> list[dict[str, Any]]:
    members = {
        (queue_id, member.employee_id): member
        for queue_id in sorted({person.queue_id for person in planned})
        for member in members_of(queue_id, month.first, month.last)
    }
    ids = [person.employee_id for person in planned]
    zones = {person.employee_id: ZoneInfo(person.time_zone) for person in planned}
    absences = _absences(zones, month)
    held = assignments(ids, month)
    tolerance = variant.parameters.get("rules", {}).get("month_norm", {})
    people = []
    for person in planned:
        member = members.get((person.queue_id, person.employee_id))
        facts = _person(person, held.get(person.employee_id), absences.get(person.employee_id, []))
        facts["norm_tolerance_s"] = {name: tolerance.get(name) for name in ("over_s", "under_s")}
        people.append(facts | (_contract(member) if member is not None else {}))
    return people


def _person(
    person: PlannedPerson, held: WorkRuleAssignment | None, absences: list[dict[str, Any]]
) -> dict[str, Any]:
    anchor = None if held is None else held.anchor
    return {
        "id": person.employee_id,
        "queue": person.queue.code,
        "time_zone": person.time_zone,
        "work_rule": person.work_rule.code,
        "rotation_anchor": None if anchor is None else anchor.isoformat(),
        "norm_s": person.norm_s,
        "reachable_s": person.reachable_s,
        "absences": absences,
    }


def _contract(member: Member) -> dict[str, Any]:
    return {
        "personnel_number": member.personnel_number,
        "name": member.name,
        "hired_on": member.hired_on.isoformat(),
        "dismissed_on": _iso(member.dismissed_on),
        "contract": [
            {
                "from": span.first.isoformat(),
                "to": _iso(span.last),
                "department": span.department,
                "site": span.site,
                "time_zone": span.zone_name,
                "calendar": span.calendar_code,
                "rate": span.rate,
                "weekly_norm_minutes": span.weekly_norm_minutes,
                "max_shift_minutes": span.max_shift_minutes,
                "night_consent": span.night_consent,
                "overtime_consent": span.overtime_consent,
            }
            for span in member.terms
        ],
        "limits": [
            {"kind": span.kind, "from": span.first.isoformat(), "to": _iso(span.last)}
            for span in member.limits
        ],
        "skills": member.skills,
        "memberships": [
            {
                "kind": span.kind,
                "productivity": span.productivity,
                "from": span.first.isoformat(),
                "to": _iso(span.last),
            }
            for span in member.memberships
        ],
    }


def _iso(day: dt.date | None) -> str | None:
    return None if day is None else day.isoformat()


def _absences(zones: dict[int, ZoneInfo], month: Month) -> dict[int, list[dict[str, Any]]]:
    rows = Absence.objects.filter(
        employee__in=zones, start__lt=month.end + DAY, end__gt=month.start - DAY
    ).order_by("start")
    found: dict[int, list[dict[str, Any]]] = {}
    for employee_id, kind, reduces, start, end in rows.values_list(
        "employee_id", "kind__code", "kind__reduces_norm", "start", "end"
    ):
        zone = zones[employee_id]
        found.setdefault(employee_id, []).append(
            {
                "kind": kind,
                "reduces_norm": reduces,
                "start": start.astimezone(zone).isoformat(),
                "end": end.astimezone(zone).isoformat(),
            }
        )
    return found


def _work_rule(facts: WorkRuleFacts) -> dict[str, Any]:
    plain = asdict(facts)
    plain.pop("work_rule_id")
    return plain


def _shifts(variant: ScheduleVariant, zones: dict[int, str]) -> list[dict[str, Any]]:
    queues = {queue.pk: queue.code for queue in variant.group.queues.all()}
    exported = []
    for employee_id, shifts in sorted(shifts_of(variant.pk).items()):
        zone = ZoneInfo(zones[employee_id])
        exported += [
            {
                "employee": employee_id,
                "day": shift.local_date.isoformat(),
                "start": shift.start.astimezone(zone).isoformat(),
                "end": shift.end.astimezone(zone).isoformat(),
                "paid_s": shift.paid_s,
                "activities": [
                    {
                        "kind": leaf.kind,
                        "queue": None if leaf.queue_id is None else queues.get(leaf.queue_id),
                        "start": leaf.start.astimezone(zone).isoformat(),
                        "end": leaf.end.astimezone(zone).isoformat(),
                    }
                    for leaf in shift.activities
                ],
            }
            for shift in shifts
        ]
    return exported


def shifts_of(variant_id: int) -> defaultdict[int, list[ShiftFacts]]:
    """Give the shifts of a variant with their activities, by person, in order; two queries."""
    leaves: defaultdict[int, list[ActivityFacts]] = defaultdict(list)
    rows = Activity.objects.filter(shift__variant=variant_id).order_by("start")
    for shift_id, kind, start, end, queue_id in rows.values_list(
        "shift_id", "kind__code", "start", "end", "queue_id"
    ):
        leaves[shift_id].append(ActivityFacts(kind, start, end, queue_id))
    found: defaultdict[int, list[ShiftFacts]] = defaultdict(list)
    for pk, employee_id, local_date, start, end, paid_s in (
        Shift.objects.filter(variant=variant_id)
        .order_by("start")
        .values_list("pk", "employee_id", "local_date", "start", "end", "paid_s")
    ):
        shift = ShiftFacts(employee_id, local_date, start, end, paid_s, tuple(leaves[pk]))
        found[employee_id].append(shift)
    return found


def _requirement(variant: ScheduleVariant) -> list[dict[str, Any]]:
    """Give one entry per queue, with the intervals that its version holds."""
    exported = []
    for version in variant.requirements.select_related("queue").order_by("queue__code"):
        points = requirement_points(version.pk)
        exported.append(
            {
                "queue": version.queue.code,
                "version": version.number,
                "step_s": version.step_s,
                "intervals": [
                    {
                        "start": to_datetime(start).isoformat(),
                        "load_erl": round(load, 6),
                        "positions": positions,
                        "required": required,
                    }
                    for start, load, positions, required in zip(
                        points.starts,
                        points.load_erl.tolist(),
                        points.positions.tolist(),
                        points.required.tolist(),
                        strict=True,
                    )
                ],
            }
        )
    return exported

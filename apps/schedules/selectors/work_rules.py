"""Work rules as facts, and who works by which of them."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from django.db.models import Prefetch, Q

from apps.schedules.models import BreakRule, ShiftTemplate, WorkRule, WorkRuleAssignment
from apps.schedules.types import BreakFacts, TemplateSpec, WorkRuleFacts

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from apps.schedules.types import Month


def work_rule_facts(work_rule_ids: Collection[int]) -> dict[int, WorkRuleFacts]:
    """Give the work rules by id; three queries."""
    rules = WorkRule.objects.filter(pk__in=work_rule_ids).select_related("break_policy")
    return {
        rule.pk: _facts(rule)
        for rule in rules.prefetch_related(
            "templates",
            Prefetch("break_policy__rules", BreakRule.objects.order_by("paid_from_minutes")),
        )
    }


def assignments(employee_ids: Collection[int], month: Month) -> dict[int, WorkRuleAssignment]:
    """Give each person's assignment that holds on most days of the month (of two equals the later)."""
    rows = WorkRuleAssignment.objects.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gte=month.first),
        employee__in=employee_ids,
        valid_from__lte=month.last,
    )
    by_person: defaultdict[int, list[WorkRuleAssignment]] = defaultdict(list)
    for row in rows.order_by("valid_from"):
        by_person[row.employee_id].append(row)
    return {employee_id: _longest(held, month) for employee_id, held in by_person.items()}


def _longest(rows: Iterable[WorkRuleAssignment], month: Month) -> WorkRuleAssignment:
    def days(row: WorkRuleAssignment) -> tuple[int, int]:
        last = min(row.valid_to or month.last, month.last)
        return (last - max(row.valid_from, month.first)).days, row.valid_from.toordinal()

    return max(rows, key=days)


def _facts(rule: WorkRule) -> WorkRuleFacts:
    policy = rule.break_policy
    return WorkRuleFacts(
        work_rule_id=rule.pk,
        code=rule.code,
        rotation=rule.rotation,
        weekdays=rule.weekdays,
        follows_calendar=rule.follows_calendar,
        max_days_a_week=rule.max_days_a_week,
        templates=tuple(_template(row) for row in rule.templates.all()),
        breaks=tuple(
            BreakFacts(
                paid_from=row.paid_from_minutes,
                paid_to=row.paid_to_minutes,
                lunch=row.lunch_minutes,
                lunch_earliest=row.lunch_earliest_minutes,
                lunch_latest=row.lunch_latest_minutes,
                breaks=row.breaks,
                break_length=row.break_minutes,
                min_stretch=policy.min_without_break_minutes,
                max_stretch=policy.max_without_break_minutes,
            )
            for row in policy.rules.all()
        ),
    )


def _template(row: ShiftTemplate) -> TemplateSpec:
    return TemplateSpec(
        name=row.name,
        start_from=row.start_from_minute,
        start_to=row.start_to_minute,
        paid_from=row.paid_from_minutes,
        paid_to=row.paid_to_minutes,
        start_step=row.start_step_minutes,
        paid_step=row.paid_step_minutes,
        letter=row.letter,
    )

"""Make a draft the schedule that people work by."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.db.models import Min, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.accounts.policies import Capability, require
from apps.algorithms.rostering.rules import Mode
from apps.audit.services import record
from apps.core import clock
from apps.core.errors import ConflictError, NotFoundError
from apps.core.events import emit
from apps.core.locks import lock_in_order
from apps.organization.models import Employee
from apps.schedules.choices import VariantState
from apps.schedules.models import PlannedPerson, ScheduleVariant, Shift
from apps.schedules.selectors.checking import check_variant, mode_in_edits
from apps.schedules.selectors.labour_rules import planning_only, rule_name
from apps.schedules.services.editing.answers import answered_rows, answers
from apps.schedules.services.editing.judging import mark

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from apps.accounts.models import User
    from apps.schedules.selectors.checking import Finding

REFUSALS = {
    "no_published_shift_in_an_absence": "absence",
    "no_overlap_in_what_is_published": "no_overlap",
}


def publish_variant(*, variant_id: int, actor: User | None) -> ScheduleVariant:
    """Publish a draft in place of what is published for its group and month.

    Refuses with `ConflictError`: a variant that is not a draft, hard violations of the labour rules as they
    are now (but for what somebody was warned of and let pass when editing), shifts that overlap other
    published shifts or absences, and whoever comes second when two publish the same month at once. Less than
    a month of notice (art. 103) is allowed and kept in the metrics, the audit and the event.
    """
    require(actor, Capability.PUBLISH_SCHEDULE)
    seen = published_now(variant_id)
    try:
        return _publish(variant_id, seen, actor)
    except IntegrityError as error:
        raise _refusal_of(error) from error


def published_now(variant_id: int) -> int | None:
    """Give the variant that is published for the group and month of this one."""
    variant = ScheduleVariant.objects.filter(pk=variant_id).first()
    if variant is None:
        raise NotFoundError(_("There is no variant %(key)s.") % {"key": variant_id})
    published = _of_month(variant).filter(state=VariantState.PUBLISHED)
    return published.values_list("pk", flat=True).first()


@transaction.atomic
def _publish(variant_id: int, seen: int | None, actor: User | None) -> ScheduleVariant:
    variant, replaced = _lock(variant_id, seen)
    _refuse_violations(_not_let_pass(variant_id, check_variant(variant_id)))
    notice = _notice(variant)
    if replaced is not None:
        Shift.objects.filter(variant=replaced).update(is_published=False)
        replaced.state = VariantState.ARCHIVED
        replaced.save(update_fields=["state"])
    variant.state = VariantState.PUBLISHED
    variant.published_at, variant.published_by = clock.now(), actor
    variant.metrics = variant.metrics | {"publication": notice}
    variant.save(update_fields=["state", "published_at", "published_by", "metrics"])
    Shift.objects.filter(variant=variant).update(is_published=True)
    _tell(variant, replaced, notice, actor)
    return variant


def _lock(variant_id: int, seen: int | None) -> tuple[ScheduleVariant, ScheduleVariant | None]:
    """Lock the people of the variant and all variants of its month; guard the states.

    The people's rows are what the triggers on shifts and absences lock; taken here first, and in order,
    nobody meets somebody else half-way. Everybody planned is locked: an edit under way may give the first
    shift to somebody who has none yet.
    """
    month = _of_month(ScheduleVariant.objects.get(pk=variant_id))
    touched = (variant_id, seen)
    planned = PlannedPerson.objects.filter(variant__in=touched).values("employee")
    with_shifts = Shift.objects.filter(variant__in=touched).values("employee")
    people = Employee.objects.filter(Q(pk__in=planned) | Q(pk__in=with_shifts))
    _people, variants = lock_in_order(people, month)
    by_id: dict[int, ScheduleVariant] = {row.pk: row for row in variants}
    published = next((row for row in variants if row.state == VariantState.PUBLISHED), None)
    if (None if published is None else published.pk) != seen:
        raise ConflictError(_("Another variant of this month has just been published."))
    variant = by_id[variant_id]
    if variant.state != VariantState.DRAFT:
        message = _("Only a draft can be published; this variant is %(state)s.")
        raise ConflictError(message % {"state": variant.get_state_display()})
    return variant, published


def _of_month(variant: ScheduleVariant) -> QuerySet[ScheduleVariant]:
    return ScheduleVariant.objects.filter(group=variant.group_id, month=variant.month)


def _not_let_pass(variant_id: int, findings: list[Finding]) -> list[Finding]:
    """Give the findings without those that somebody has answered for, unchanged, when editing.

    Only what edits merely warn of, as the rules are set now, can be answered for.
    """
    let_pass, planning_rules = answers(answered_rows(variant_id)), planning_only()
    return [
        finding
        for finding in findings
        if mark(finding) not in let_pass or mode_in_edits(finding, planning_rules) == Mode.HARD
    ]


def _refuse_violations(findings: list[Finding]) -> None:
    hard = [finding for finding in findings if finding.is_hard]
    if hard:
        by_rule: dict[str, int] = {}
        for finding in hard:
            by_rule[finding.code] = by_rule.get(finding.code, 0) + 1
        rules = ", ".join(f"{rule_name(code)}: {count}" for code, count in sorted(by_rule.items()))
        message = ngettext(
            "The variant breaks a labour rule: %(rules)s.",
            "The variant breaks labour rules %(count)s times: %(rules)s.",
            len(hard),
        )
        raise ConflictError(message % {"count": len(hard), "rules": rules}, violations=by_rule)


def _notice(variant: ScheduleVariant) -> dict[str, Any]:
    """Tell how long before the first shift people learn of it, on the group's clock (art. 103: a month)."""
    first = Shift.objects.filter(variant=variant).aggregate(first=Min("local_date"))["first"]
    today = clock.now().astimezone(ZoneInfo(variant.group.time_zone)).date()
    return {
        "first_shift": None if first is None else first.isoformat(),
        "notice_days": None if first is None else (first - today).days,
        "less_than_a_month": first is not None and _month_later(today) > first,
    }


def _month_later(day: dt.date) -> dt.date:
    """Give the same day of the next month, or its last day."""
    first = (day.replace(day=1) + dt.timedelta(days=32)).replace(day=1)
    last = (first + dt.timedelta(days=32)).replace(day=1) - dt.timedelta(days=1)
    return min(first + dt.timedelta(days=day.day - 1), last)


def _tell(
    variant: ScheduleVariant, replaced: ScheduleVariant | None, notice: dict[str, Any], actor: User | None
) -> None:
    replaces = None if replaced is None else replaced.pk
    record(
        action="schedule.publish",
        obj=variant,
        actor=actor,
        before={"state": VariantState.DRAFT.value},
        after={"state": VariantState.PUBLISHED.value, "replaces": replaces} | notice,
    )
    emit(
        "schedule.published",
        aggregate="schedules.schedulevariant",
        aggregate_id=variant.pk,
        data={
            "variant_id": variant.pk,
            "group": variant.group.code,
            "month": f"{variant.month:%Y-%m}",
            "replaces": replaces,
            "shifts": variant.shifts.count(),
            "people": variant.people.count(),
        }
        | notice,
        actor=actor,
    )


def _refusal_of(error: IntegrityError) -> ConflictError:
    diagnosis = getattr(error.__cause__, "diag", None)
    rule = REFUSALS.get(getattr(diagnosis, "constraint_name", None) or "")
    if rule is None:
        raise error
    if rule == "absence":
        return ConflictError(_("Somebody is absent during a shift of this variant; plan the month again."))
    return ConflictError(_("Somebody already has another published shift at the time of one of these."))

"""Who is planned in a month, with every fact that planning needs; a constant number of queries per queue."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import TYPE_CHECKING

from apps.organization.choices import Membership, Restriction
from apps.organization.selectors import members_of
from apps.schedules.models import Absence, Activity, Shift
from apps.schedules.selectors.calendars import Calendars
from apps.schedules.selectors.norms import AbsenceSpan, month_norm_s
from apps.schedules.selectors.work_rules import assignments, work_rule_facts
from apps.schedules.types import ActivityFacts, Crew, PersonFacts, ShiftFacts, Unplannable, WorkRuleFacts

if TYPE_CHECKING:
    from collections.abc import Collection

    from apps.organization.types import Member, TermsSpan
    from apps.schedules.models import PlanningGroup, WorkRuleAssignment
    from apps.schedules.types import Month

KNOWN_DAYS = 14
"""How far the rules look beyond the month: further than a week and the longest run of days."""
MINOR_MAX_PAID_S = 7 * 3600
"""Art. 94: seven hours from 16 to 18 years."""
NIGHT_BANS = frozenset({Restriction.MINOR, Restriction.PREGNANT, Restriction.NO_NIGHT})
HOLIDAY_BANS = frozenset({Restriction.MINOR, Restriction.PREGNANT})
"""Art. 259 and 268: no work on public holidays."""


def crew_of(group: PlanningGroup, month: Month, only: Collection[int] | None = None) -> Crew:
    """Give the main members of the group's queues who are employed in the month, or of them `only` these.

    A person who changes the queue is planned in the one of most days, and only on its days. Where the terms
    change inside these days the strictest consent to nights and cap of a shift hold for all of them;
    department, site, zone and calendar are those of the last day. People without a work rule are left out
    and named.
    """
    placed = _place(group, month, only)
    ids = list(placed)
    held = assignments(ids, month)
    rules = work_rule_facts({row.work_rule_id for row in held.values()})
    calendars = Calendars(month)
    absences = absences_of(ids, month)
    known = known_shifts(ids, group, month)
    people = [
        _person(placed[employee_id], held[employee_id], rules, month, calendars, absences[employee_id], known)
        for employee_id in ids
        if employee_id in held
    ]
    left_out = [
        Unplannable(employee_id, placed[employee_id].member.name, "no_work_rule")
        for employee_id in ids
        if employee_id not in held
    ]
    return Crew(tuple(people), tuple(left_out))


class _Place:
    """A member with the days on which this queue is the main one."""

    def __init__(self, member: Member, queue_id: int, days: frozenset[int]) -> None:
        self.member = member
        self.queue_id = queue_id
        self.days = days


def _place(group: PlanningGroup, month: Month, only: Collection[int] | None) -> dict[int, _Place]:
    placed: dict[int, _Place] = {}
    for queue_id in group.queues.order_by("pk").values_list("pk", flat=True):
        for member in members_of(queue_id, month.first, month.last, only):
            days = frozenset(index for index, day in enumerate(month.days) if _is_planned(member, day))
            known = placed.get(member.employee_id)
            if days and (known is None or len(days) > len(known.days)):
                placed[member.employee_id] = _Place(member, queue_id, days)
    return placed


def _is_planned(member: Member, day: dt.date) -> bool:
    terms = member.terms_on(day)
    is_main = any(span.kind == Membership.MAIN and span.holds(day) for span in member.memberships)
    return is_main and terms is not None and terms.is_planned and member.is_employed_on(day)


def _person(
    place: _Place,
    held: WorkRuleAssignment,
    rules: dict[int, WorkRuleFacts],
    month: Month,
    calendars: Calendars,
    absences: list[AbsenceSpan],
    known: dict[int, list[ShiftFacts]],
) -> PersonFacts:
    member, rule = place.member, rules[held.work_rule_id]
    spans = _terms(place, month)
    terms = spans[-1]
    limits = {kind for day in month.days for kind in member.limits_on(day)}
    shifts = known.get(member.employee_id, ())
    return PersonFacts(
        employee_id=member.employee_id,
        name=member.name,
        queue_id=place.queue_id,
        department_id=terms.department_id,
        site_id=terms.site_id,
        zone_name=terms.zone_name,
        work_rule=rule,
        anchor=held.anchor,
        days=place.days,
        off_days=_off_days(rule, limits, terms, month, calendars),
        norm_s=month_norm_s(member, place.days, absences, month, calendars),
        absences=tuple((span.start, span.end) for span in absences),
        night_ban=bool(limits & NIGHT_BANS) or not all(span.night_consent for span in spans),
        max_paid_s=_max_paid_s(limits, spans),
        previous=tuple(shift for shift in shifts if shift.local_date < month.first),
        committed=tuple(shift for shift in shifts if shift.local_date >= month.first),
    )


def _terms(place: _Place, month: Month) -> list[TermsSpan]:
    """Give the terms that hold on the planned days, in order; a day without terms is not planned."""
    found = [place.member.terms_on(month.days[index]) for index in sorted(place.days)]
    return list(dict.fromkeys(terms for terms in found if terms is not None))


def _max_paid_s(limits: Collection[str], spans: Collection[TermsSpan]) -> int | None:
    longest = [MINOR_MAX_PAID_S] if Restriction.MINOR in limits else []
    longest += [span.max_shift_minutes * 60 for span in spans if span.max_shift_minutes is not None]
    return min(longest, default=None)


def _off_days(
    rule: WorkRuleFacts, limits: set[str], terms: TermsSpan, month: Month, calendars: Calendars
) -> frozenset[int]:
    off = {index for index, day in enumerate(month.days) if str(day.weekday()) not in rule.weekdays}
    if rule.follows_calendar:
        off |= calendars.days_off(terms.calendar_code)
    if limits & HOLIDAY_BANS:
        off |= calendars.holidays(terms.calendar_code)
    return frozenset(off)


def absences_of(employee_ids: Collection[int], month: Month) -> defaultdict[int, list[AbsenceSpan]]:
    """Give the absences that touch the month in any zone, by person, in order."""
    start, end = _wide_span(month)
    rows = Absence.objects.filter(employee__in=employee_ids, start__lt=end, end__gt=start).order_by("start")
    found: defaultdict[int, list[AbsenceSpan]] = defaultdict(list)
    for row in rows.values_list("employee_id", "start", "end", "kind__reduces_norm"):
        found[row[0]].append(AbsenceSpan(*row[1:]))
    return found


def known_shifts(
    employee_ids: Collection[int], group: PlanningGroup, month: Month
) -> defaultdict[int, list[ShiftFacts]]:
    """Give the published shifts around the month that are not of this group's month, by person, in order.

    From a fortnight before the month to a fortnight after it. Those from before that may run into the month
    come with their work for queues; two queries.
    """
    fortnight = dt.timedelta(days=KNOWN_DAYS)
    rows = Shift.objects.filter(
        local_date__range=(month.first - fortnight, month.last + fortnight),
        employee__in=employee_ids,
        is_published=True,
    ).exclude(local_date__range=(month.first, month.last), variant__group=group)
    work = _work_running_into(month, employee_ids)
    found: defaultdict[int, list[ShiftFacts]] = defaultdict(list)
    for pk, employee_id, local_date, start, end, paid_s in rows.order_by("start").values_list(
        "pk", "employee_id", "local_date", "start", "end", "paid_s"
    ):
        shift = ShiftFacts(employee_id, local_date, start, end, paid_s, tuple(work[pk]))
        found[employee_id].append(shift)
    return found


def _work_running_into(month: Month, employee_ids: Collection[int]) -> defaultdict[int, list[ActivityFacts]]:
    from_instant, _end = _wide_span(month)
    rows = Activity.objects.filter(
        shift__is_published=True,
        shift__employee__in=employee_ids,
        shift__local_date__gte=month.first - dt.timedelta(days=2),
        shift__local_date__lt=month.first,
        end__gt=from_instant,
        queue__isnull=False,
    ).order_by("start")
    found: defaultdict[int, list[ActivityFacts]] = defaultdict(list)
    for pk, kind, start, end, queue_id in rows.values_list(
        "shift_id", "kind__code", "start", "end", "queue_id"
    ):
        found[pk].append(ActivityFacts(kind, start, end, queue_id))
    return found


def _wide_span(month: Month) -> tuple[dt.datetime, dt.datetime]:
    """Give the month with a day on either side, so that it holds every person's month."""
    day = dt.timedelta(days=1)
    return month.start - day, month.end + day

"""Reads of queues and people; the number of queries does not grow with the number of people."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, TypeVar
from zoneinfo import ZoneInfo

import numpy as np
from django.db.models import Prefetch, Q
from django.utils.translation import gettext as _

from apps.accounts.policies import today
from apps.core.errors import NotFoundError
from apps.organization.models import (
    Employee,
    EmployeeSkill,
    EmploymentTerms,
    OpeningHours,
    PersonalLimit,
    Queue,
    QueueMembership,
)
from apps.organization.types import LimitSpan, Member, MembershipSpan, TermsSpan

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from django.db.models import QuerySet
    from numpy.typing import NDArray

DAY_MINUTES = 1440
RowT = TypeVar("RowT", PersonalLimit, EmployeeSkill, EmploymentTerms, QueueMembership)
DatedT = TypeVar("DatedT", PersonalLimit, EmploymentTerms, QueueMembership)


def queue_by_code(code: str) -> Queue:
    """Give the queue called `code`, or `NotFoundError`."""
    queue = Queue.objects.filter(code=code).first()
    if queue is None:
        raise NotFoundError(_("There is no queue %(code)s.") % {"code": code})
    return queue


def queue_by_id(queue_id: int) -> Queue:
    """Give the queue with this id, or `NotFoundError`."""
    queue = Queue.objects.filter(pk=queue_id).first()
    if queue is None:
        raise NotFoundError(_("There is no queue %(code)s.") % {"code": queue_id})
    return queue


def zone_of(queue: Queue) -> ZoneInfo:
    """Give the zone that decides what a day of the queue is."""
    return ZoneInfo(queue.time_zone)


def open_slots(queue: Queue, step_s: int) -> NDArray[np.bool_]:
    """Give when the queue is open: bool array (7 weekdays from Monday, slots of `step_s` in a day).

    A slot is open when any part of it is. A queue without opening hours is always open; days off of the
    calendar are the caller's to close (`Queue.closed_on_holidays`). Raises `ValueError` if `step_s` does not
    divide a day.
    """
    slots, rest = divmod(DAY_MINUTES * 60, step_s)
    if rest:
        raise ValueError(f"step_s={step_s} does not divide a day")
    hours = list(
        OpeningHours.objects.filter(queue=queue).values_list("weekday", "opens_minute", "closes_minute")
    )
    is_open = np.full((7, slots), fill_value=not hours)
    for weekday, opens, closes in hours:
        is_open[weekday, opens * 60 // step_s : -(-closes * 60 // step_s)] = True
    return is_open


def members_of(queue_id: int, start: dt.date, end: dt.date) -> list[Member]:
    """Give who belongs to the queue on any day from `start` to `end` (both included), ordered by name.

    Main and reserve members alike; each fact comes with its days, cut to none. Five queries.
    """
    memberships = _touching(QueueMembership.objects.filter(queue=queue_id), start, end)
    by_person = _by_employee(memberships.order_by("valid_from"))
    people = Employee.objects.filter(pk__in=by_person, hired_on__lte=end).exclude(dismissed_on__lt=start)
    rows = list(people)
    ids = [person.pk for person in rows]
    terms = _by_employee(
        _touching(EmploymentTerms.objects.filter(employee__in=ids), start, end)
        .select_related("department", "site", "position")
        .order_by("valid_from")
    )
    limits = _by_employee(
        _touching(PersonalLimit.objects.filter(employee__in=ids), start, end).order_by("valid_from")
    )
    skills = _by_employee(EmployeeSkill.objects.filter(employee__in=ids).select_related("skill"))
    return [
        Member(
            employee_id=person.pk,
            name=str(person),
            personnel_number=person.personnel_number,
            hired_on=person.hired_on,
            dismissed_on=person.dismissed_on,
            memberships=tuple(_membership_span(row) for row in by_person[person.pk]),
            terms=tuple(terms_span(row) for row in terms[person.pk]),
            limits=tuple(LimitSpan(row.valid_from, row.valid_to, row.kind) for row in limits[person.pk]),
            skills={row.skill.code: row.proficiency for row in skills[person.pk]},
        )
        for person in rows
    ]


def with_todays_facts(people: QuerySet[Employee]) -> QuerySet[Employee]:
    """Load with each person the terms and queues that hold today, and the skills; three more queries."""
    day = today()
    return people.prefetch_related(
        Prefetch(
            "terms",
            _touching(EmploymentTerms.objects.all(), day, day).select_related(
                "department", "site", "position"
            ),
        ),
        Prefetch("memberships", _touching(QueueMembership.objects.all(), day, day).select_related("queue")),
        Prefetch("skills", EmployeeSkill.objects.select_related("skill")),
    )


def terms_span(row: EmploymentTerms) -> TermsSpan:
    """Give the facts of one row of terms; its department, site and position must be loaded."""
    return TermsSpan(
        first=row.valid_from,
        last=row.valid_to,
        department_id=row.department_id,
        department=row.department.name,
        site_id=row.site_id,
        site=row.site.name,
        zone_name=row.time_zone or row.site.time_zone,
        calendar_code=row.site.calendar_code,
        position=row.position.name,
        is_planned=row.position.is_planned,
        rate=float(row.rate),
        weekly_norm_minutes=row.weekly_norm_minutes,
        max_shift_minutes=row.max_shift_minutes,
        overtime_consent=row.overtime_consent,
        night_consent=row.night_consent,
    )


def _membership_span(row: QueueMembership) -> MembershipSpan:
    return MembershipSpan(row.valid_from, row.valid_to, row.kind, float(row.productivity))


def _touching(rows: QuerySet[DatedT], start: dt.date, end: dt.date) -> QuerySet[DatedT]:
    return rows.filter(Q(valid_to__isnull=True) | Q(valid_to__gte=start), valid_from__lte=end)


def _by_employee(rows: Iterable[RowT]) -> defaultdict[int, list[RowT]]:
    grouped: defaultdict[int, list[RowT]] = defaultdict(list)
    for row in rows:
        grouped[row.employee_id].append(row)
    return grouped

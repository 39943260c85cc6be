"""Reads of queues and people; the number of queries does not grow with the number of people."""

from __future__ import annotations

from collections import defaultdict
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar
from zoneinfo import ZoneInfo

import numpy as np
from django.db import connection
from django.db.models import Case, Exists, FloatField, OuterRef, Q, When
from django.db.models.functions import Cast
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
    from collections.abc import Collection, Iterator, Sequence

    from django.db.models import QuerySet
    from numpy.typing import NDArray

    from apps.organization.models import Department, Position, Site

DAY_MINUTES = 1440
CARD = ("pk", "personnel_number", "hired_on", "dismissed_on", "last_name", "first_name", "middle_name")
TERMS = (  # as the fields of `TermsSpan` follow one another
    "department_id",
    "department__name",
    "site_id",
    "site__name",
    Case(When(time_zone="", then="site__time_zone"), default="time_zone"),
    "site__calendar_code",
    "position__name",
    "position__is_planned",
    Cast("rate", FloatField()),
    "weekly_norm_minutes",
    "max_shift_minutes",
    "overtime_consent",
    "night_consent",
)
CARD_FIELDS = (
    "id",
    "personnel_number",
    "external_id",
    "last_name",
    "first_name",
    "middle_name",
    "hired_on",
    "dismissed_on",
)
CARDS_AT_ONCE = 2000
_FACTS = """
SELECT person.id,
  (SELECT json_build_object(
      'valid_from', terms.valid_from,
      'department', json_build_object('id', department.id, 'name', department.name),
      'site', json_build_object('id', site.id, 'name', site.name),
      'position', json_build_object('id', position.id, 'name', position.name),
      'time_zone', coalesce(nullif(terms.time_zone, ''), site.time_zone),
      'rate', terms.rate::float8,
      'weekly_norm_minutes', terms.weekly_norm_minutes,
      'max_shift_minutes', terms.max_shift_minutes,
      'overtime_consent', terms.overtime_consent,
      'night_consent', terms.night_consent)
   FROM organization_employmentterms terms
   JOIN organization_department department ON department.id = terms.department_id
   JOIN organization_site site ON site.id = terms.site_id
   JOIN organization_position position ON position.id = terms.position_id
   WHERE terms.employee_id = person.id AND terms.valid_from <= %(day)s
     AND (terms.valid_to IS NULL OR terms.valid_to >= %(day)s)
   LIMIT 1),
  (SELECT coalesce(json_agg(json_build_object(
      'id', queue.id, 'code', queue.code, 'kind', place.kind, 'productivity', place.productivity::float8)
      ORDER BY queue.code), '[]')
   FROM organization_queuemembership place
   JOIN organization_queue queue ON queue.id = place.queue_id
   WHERE place.employee_id = person.id AND place.valid_from <= %(day)s
     AND (place.valid_to IS NULL OR place.valid_to >= %(day)s)),
  (SELECT coalesce(json_object_agg(skill.code, held.proficiency ORDER BY skill.code), '{}')
   FROM organization_employeeskill held
   JOIN organization_skill skill ON skill.id = held.skill_id
   WHERE held.employee_id = person.id)
FROM unnest(%(ids)s::bigint[]) AS person (id)
"""
DatedT = TypeVar("DatedT", PersonalLimit, EmploymentTerms, QueueMembership)
SpanT = TypeVar("SpanT", MembershipSpan, TermsSpan, LimitSpan)


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


def members_of(
    queue_id: int, start: dt.date, end: dt.date, only: Collection[int] | None = None
) -> list[Member]:
    """Give who belongs to the queue on any day from `start` to `end` (both included), ordered by name.

    Main and reserve members alike, or of them `only` these; each fact comes with its days, cut to none. Five
    queries.
    """
    in_queue = Exists(
        _touching(QueueMembership.objects.filter(queue=queue_id, employee=OuterRef("pk")), start, end)
    )
    people = Employee.objects.filter(in_queue, hired_on__lte=end).exclude(dismissed_on__lt=start)
    if only is not None:
        people = people.filter(pk__in=only)
    ids = people.order_by().values("pk")
    memberships = _spans(
        _touching(QueueMembership.objects.filter(queue=queue_id, employee__in=ids), start, end),
        MembershipSpan,
        "kind",
        Cast("productivity", FloatField()),
    )
    terms = _spans(_touching(EmploymentTerms.objects.filter(employee__in=ids), start, end), TermsSpan, *TERMS)
    limits = _spans(_touching(PersonalLimit.objects.filter(employee__in=ids), start, end), LimitSpan, "kind")
    skills: defaultdict[int, dict[str, int]] = defaultdict(dict)
    rows = EmployeeSkill.objects.filter(employee__in=ids).values_list(
        "employee_id", "skill__code", "proficiency"
    )
    for employee_id, code, proficiency in rows:
        skills[employee_id][code] = proficiency
    return [
        Member(
            pk,
            " ".join(part for part in names if part),
            number,
            hired_on,
            dismissed_on,
            tuple(memberships[pk]),
            tuple(terms[pk]),
            tuple(limits[pk]),
            skills[pk],
        )
        for pk, number, hired_on, dismissed_on, *names in people.values_list(*CARD)
    ]


def with_todays_facts(cards: Sequence[dict[str, Any]], *, day: dt.date | None = None) -> list[dict[str, Any]]:
    """Give cards (`people.values(*CARD_FIELDS)`) with the terms, queues and skills of today, in one query.

    `day` asks for the terms and queues of another day.

    `terms` is a dict or None, `queues` a list of dicts, `skills` a dict of levels by code; personal limits
    are never there. The query is written out: composing it anew takes Django longer than the database.
    """
    with connection.cursor() as cursor:
        cursor.execute(_FACTS, {"day": day or today(), "ids": [card["id"] for card in cards]})
        facts = {row[0]: row[1:] for row in cursor.fetchall()}
    return [
        {**card, **dict(zip(("terms", "queues", "skills"), facts[card["id"]], strict=True))} for card in cards
    ]


def dated_terms(employee_id: int) -> list[dict[str, Any]]:
    """Give all the terms of a person in order of days, each as `with_todays_facts` gives those of today."""
    rows = EmploymentTerms.objects.filter(employee=employee_id).order_by("valid_from")
    return [
        {
            "valid_from": row.valid_from,
            "valid_to": row.valid_to,
            **{name: _named(getattr(row, name)) for name in ("department", "site", "position")},
            "time_zone": row.time_zone or row.site.time_zone,
            "rate": float(row.rate),
            "weekly_norm_minutes": row.weekly_norm_minutes,
            "max_shift_minutes": row.max_shift_minutes,
            "overtime_consent": row.overtime_consent,
            "night_consent": row.night_consent,
        }
        for row in rows.select_related("department", "site", "position")
    ]


def dated_places(employee_id: int) -> list[dict[str, Any]]:
    """Give all the places of a person in queues, in order of days."""
    rows = QueueMembership.objects.filter(employee=employee_id).order_by("valid_from", "queue_id")
    return [
        {
            "queue": row.queue_id,
            "code": row.queue.code,
            "kind": row.kind,
            "productivity": float(row.productivity),
            "valid_from": row.valid_from,
            "valid_to": row.valid_to,
        }
        for row in rows.select_related("queue")
    ]


def _named(row: Department | Site | Position) -> dict[str, Any]:
    return {"id": row.pk, "name": row.name}


def card_rows(people: QuerySet[Employee]) -> Iterator[dict[str, Any]]:
    """Give every card with what holds today, `CARDS_AT_ONCE` at a time: for files of all people."""
    cards = people.values(*CARD_FIELDS).iterator(CARDS_AT_ONCE)
    while chunk := list(islice(cards, CARDS_AT_ONCE)):
        yield from with_todays_facts(chunk)


def _touching(rows: QuerySet[DatedT], start: dt.date, end: dt.date) -> QuerySet[DatedT]:
    return rows.filter(Q(valid_to__isnull=True) | Q(valid_to__gte=start), valid_from__lte=end)


def _spans(rows: QuerySet[DatedT], make: type[SpanT], *facts: Any) -> defaultdict[int, list[SpanT]]:
    """Give dated rows by person as `make(first, last, *facts)`, in order of days."""
    grouped: defaultdict[int, list[SpanT]] = defaultdict(list)
    columns = ("employee_id", "valid_from", "valid_to", *facts)
    for employee_id, *values in rows.order_by("valid_from").values_list(*columns):
        grouped[employee_id].append(make(*values))
    return grouped

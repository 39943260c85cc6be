"""Ten thousand people and a million intervals, made in bulk; and keys to ask for them with."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np
from django.db import connection, transaction

from apps.accounts.choices import Role
from apps.accounts.models import RoleGrant, User
from apps.accounts.services.api_keys import issue_key
from apps.core.copying import copy_rows
from apps.core.partitions import ensure_months
from apps.demand.choices import ImportState
from apps.demand.models import ImportBatch, IntervalHistory
from apps.organization.models import (
    Department,
    Employee,
    EmployeeSkill,
    EmploymentTerms,
    Position,
    Queue,
    QueueMembership,
    Service,
    Site,
    Skill,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

HIRED = dt.date(2024, 1, 9)
NAMES = ("Иванова", "Петров", "Сидорова", "Кузнецов", "Смирнова", "Волков", "Фёдорова", "Орлов")
STEP_S = 900
HISTORY_START = dt.datetime(2022, 1, 1, tzinfo=dt.UTC)
QUEUES = 10


@transaction.atomic
def make_people(count: int) -> None:
    """Make `count` people with terms, a queue and two skills each."""
    service = Service.objects.create(code="bank", name="Bank")
    site = Site.objects.create(code="site", name="Site", time_zone="Europe/Moscow")
    department = Department.objects.create(code="department", name="Department")
    position = Position.objects.create(name="Operator")
    queues = Queue.objects.bulk_create(
        Queue(service=service, code=f"queue-{at}", name=f"Queue {at}") for at in range(QUEUES)
    )
    skills = Skill.objects.bulk_create(Skill(code=f"skill-{at}", name=f"Skill {at}") for at in range(6))
    people = Employee.objects.bulk_create(
        (
            Employee(
                personnel_number=f"{at:06d}",
                last_name=f"{NAMES[at % len(NAMES)]}{at // 100}",
                first_name="Анна",
                hired_on=HIRED,
            )
            for at in range(count)
        ),
        batch_size=5000,
    )
    EmploymentTerms.objects.bulk_create(
        (
            EmploymentTerms(
                employee=person, valid_from=HIRED, position=position, department=department, site=site
            )
            for person in people
        ),
        batch_size=5000,
    )
    QueueMembership.objects.bulk_create(
        (
            QueueMembership(employee=person, queue=queues[at % QUEUES], valid_from=HIRED)
            for at, person in enumerate(people)
        ),
        batch_size=5000,
    )
    EmployeeSkill.objects.bulk_create(
        (
            EmployeeSkill(employee=person, skill=skills[(at + shift) % len(skills)], proficiency=3)
            for at, person in enumerate(people)
            for shift in (0, 1)
        ),
        batch_size=5000,
    )


@transaction.atomic
def make_history(queues: Sequence[Queue], rows: int) -> tuple[dt.datetime, dt.datetime]:
    """Fill the queues with `rows` intervals of 15 minutes together; give the span."""
    slots = rows // len(queues)
    end = HISTORY_START + dt.timedelta(seconds=slots * STEP_S)
    starts = np.datetime64(HISTORY_START.replace(tzinfo=None), "us") + np.arange(slots) * np.timedelta64(
        STEP_S, "s"
    )
    ensure_months(IntervalHistory, HISTORY_START, end)
    rng = np.random.default_rng(7)
    for queue in queues:
        batch = ImportBatch.objects.create(
            queue=queue, file_name="made.csv", sha256="0" * 64, state=ImportState.APPLIED
        )
        offered = rng.poisson(20.0, slots)
        columns = {
            "queue_id": ("int8", np.full(slots, queue.pk)),
            "start": ("timestamptz", starts),
            "step_s": ("int4", np.full(slots, STEP_S)),
            "offered": ("int4", offered),
            "handled": ("int4", offered),
            "abandoned": ("int4", offered // 20),
            "handle_s": ("int8", offered * 240),
            "answered_in_target": ("int4", offered * 4 // 5),
            "batch_id": ("int8", np.full(slots, batch.pk)),
        }
        with connection.cursor() as cursor:
            copy_rows(cursor, IntervalHistory._meta.db_table, columns)  # noqa: SLF001 - Django's public name for it
    return HISTORY_START, end


def make_keys(count: int) -> list[str]:
    """Issue keys that read people: each client has one, as each caller has its own limit."""
    issued = [issue_key(name=f"client {at}", scopes=["people:read"], actor=None) for at in range(count)]
    return [key.secret for key in issued]


def make_sessions(count: int) -> list[str]:
    """Sign planners in; give their session cookies."""
    from django.test import Client  # noqa: PLC0415 - after Django is set up

    cookies = []
    for at in range(count):
        user = User.objects.create_user(f"planner-{at}")
        RoleGrant.objects.create(user=user, role=Role.PLANNER, valid_from=HIRED)
        client = Client()
        client.force_login(user)
        cookies.append(client.cookies["sessionid"].value)
    return cookies

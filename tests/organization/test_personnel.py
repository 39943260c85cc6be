"""People taken over in bulk from another system."""

from __future__ import annotations

import datetime as dt
import threading
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from apps.organization.models import Department, Employee, EmploymentTerms, Position, Site
from apps.organization.services.personnel import apply_people, plan_people
from apps.organization.types import (
    PersonnelOutcome,
    WantedDepartment,
    WantedNamed,
    WantedPerson,
    WantedSite,
    WantedStructure,
)
from tests.concurrency import at_once

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 11, 20)
HIRED = dt.date(2026, 1, 12)
STRUCTURE = WantedStructure(
    departments=(
        WantedDepartment("d-1", "Contact centre"),
        WantedDepartment("d-2", "First line", "d-1"),
    ),
    positions=(WantedNamed("p-1", "Operator"), WantedNamed("p-2", "Senior operator")),
    sites=(WantedSite("Vladivostok", "Asia/Vladivostok"), WantedSite("Moscow", "Europe/Moscow")),
)


def person(number: int = 1, **facts: Any) -> WantedPerson:
    stated = {
        "key": f"a-{number}",
        "external_id": f"a-{number}",
        "personnel_number": f"{number:06d}",
        "last_name": "Петрова",
        "first_name": "Анна",
        "middle_name": "",
        "hired_on": HIRED,
        "is_dismissal_said": True,
        "department": "d-2",
        "position": "p-1",
        "site": "Moscow",
        "rate": Decimal(1),
        "weekly_norm_minutes": 2400,
    }
    return WantedPerson(**(stated | facts))


def take(*people: WantedPerson, **facts: Any) -> PersonnelOutcome:
    return apply_people(people, STRUCTURE, **({"actor": None, "today": TODAY, "source": "test"} | facts))


def known(wanted: WantedPerson, **facts: Any) -> WantedPerson:
    found = Employee.objects.get(external_id=wanted.external_id)
    return replace(wanted, employee_id=found.pk, **facts)


def terms(number: int = 1) -> list[tuple[Any, ...]]:
    rows = EmploymentTerms.objects.filter(employee__external_id=f"a-{number}").order_by("valid_from")
    return list(rows.values_list("valid_from", "valid_to", "position__external_id", "weekly_norm_minutes"))


def test_new_people_come_with_their_structure() -> None:
    outcome = take(person(1), person(2, department="d-1"))
    assert (outcome.created, outcome.problems) == (2, [])
    first_line = Department.objects.get(external_id="d-2")
    assert first_line.parent is not None
    assert first_line.parent.name == "Contact centre"
    assert Site.objects.get(name="Moscow").time_zone == "Europe/Moscow"
    assert not Site.objects.filter(name="Vladivostok").exists()
    assert Position.objects.get(name="Operator").external_id == "p-1"
    assert terms() == [(HIRED, None, "p-1", 2400)]


def test_the_same_again_writes_nothing() -> None:
    take(*(person(number) for number in range(1, 6)))
    again = [known(person(number)) for number in range(1, 6)]
    with CaptureQueriesContext(connection) as queries:
        outcome = take(*again)
    assert (outcome.unchanged, outcome.created, outcome.updated, outcome.problems) == (5, 0, 0, [])
    assert not [query for query in queries if query["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]
    assert {one.action for one in plan_people(again, STRUCTURE, today=TODAY).people} == {"none"}


def test_the_number_of_queries_does_not_grow_with_the_people() -> None:
    counts, new = [], []
    for base, size in ((0, 100), (10_000, 1000)):
        fresh = [person(base + number) for number in range(1, size + 1)]
        with CaptureQueriesContext(connection) as created:
            take(*fresh)
        ids = dict(Employee.objects.values_list("external_id", "pk"))
        moved = [
            replace(one, employee_id=ids[one.key], position="p-2", last_name="Иванова", placed_from=TODAY)
            for one in fresh
        ]
        with CaptureQueriesContext(connection) as updated:
            take(*moved)
        gone = [replace(one, dismissed_on=TODAY) for one in moved]
        with CaptureQueriesContext(connection) as dismissed:
            take(*gone)
        counts.append((len(updated), len(dismissed)))
        new.append(len(created))
    assert counts[0] == counts[1]
    assert new[0] >= new[1]  # the first ones make the structure


def test_a_plan_says_what_differs_and_writes_nothing() -> None:
    take(person())
    wanted = known(person(), position="p-2", placed_from=dt.date(2026, 11, 2), last_name="Сидорова")
    plan = plan_people([wanted, person(2)], STRUCTURE, today=TODAY)
    changed, new = plan.people
    assert changed.action == "update"
    assert changed.fields == {
        "last_name": ("Петрова", "Сидорова"),
        "position": ("Operator", "Senior operator"),
        "terms_from": ("", "2026-11-02"),
    }
    assert (new.action, new.fields["weekly_norm"]) == ("create", ("", "40"))
    assert not plan.structure
    assert Employee.objects.count() == 1


def test_a_new_norm_and_a_new_position_hold_from_their_own_days() -> None:
    take(person())
    outcome = take(
        known(
            person(),
            position="p-2",
            placed_from=dt.date(2026, 3, 1),
            weekly_norm_minutes=1200,
            norm_from=dt.date(2026, 2, 1),
        )
    )
    assert outcome.updated == 1
    assert terms() == [
        (HIRED, dt.date(2026, 1, 31), "p-1", 2400),
        (dt.date(2026, 2, 1), dt.date(2026, 2, 28), "p-1", 1200),
        (dt.date(2026, 3, 1), None, "p-2", 1200),
    ]


def test_a_change_without_a_day_holds_from_today() -> None:
    take(person())
    take(known(person(), weekly_norm_minutes=1800))
    assert terms() == [(HIRED, TODAY - dt.timedelta(days=1), "p-1", 2400), (TODAY, None, "p-1", 1800)]


def test_a_late_change_is_dated_back_into_earlier_terms() -> None:
    take(person())
    take(known(person(), weekly_norm_minutes=1800, norm_from=dt.date(2026, 6, 1)))
    take(known(person(), weekly_norm_minutes=1800, position="p-2", placed_from=dt.date(2026, 4, 1)))
    assert terms() == [
        (HIRED, dt.date(2026, 3, 31), "p-1", 2400),
        (dt.date(2026, 4, 1), dt.date(2026, 5, 31), "p-2", 2400),
        (dt.date(2026, 6, 1), None, "p-2", 1800),
    ]


def test_a_dismissal_ends_terms_and_can_be_taken_back() -> None:
    take(person())
    outcome = take(known(person(), dismissed_on=TODAY))
    assert outcome.dismissed == 1
    assert terms() == [(HIRED, TODAY, "p-1", 2400)]
    outcome = take(known(person()))
    assert outcome.updated == 1
    assert terms() == [(HIRED, None, "p-1", 2400)]


def test_who_is_hired_anew_keeps_the_earlier_terms() -> None:
    take(person(dismissed_on=dt.date(2026, 5, 31)))
    take(known(person(), hired_on=dt.date(2026, 9, 1), weekly_norm_minutes=1200))
    assert terms()[0] == (HIRED, dt.date(2026, 5, 31), "p-1", 2400)
    assert terms()[1] == (dt.date(2026, 9, 1), None, "p-1", 1200)


def test_a_personnel_number_of_somebody_else_is_refused_and_the_rest_goes_on() -> None:
    people = [person(number) for number in range(1, 101)]
    people[50] = replace(people[50], personnel_number=people[3].personnel_number)
    outcome = take(*people)
    assert outcome.created == 99
    assert [(one.subject, one.field) for one in outcome.problems] == [("a-51", "personnel_number")]


def test_who_the_database_refuses_is_found_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apps.organization.services.personnel.drafts.MOST_RATE", Decimal(100))
    people = [person(number) for number in range(1, 41)]
    people[17] = replace(people[17], rate=Decimal("10.5"))  # more than the column holds
    outcome = take(*people)
    assert outcome.created == 39
    assert [one.subject for one in outcome.problems] == ["a-18"]
    assert EmploymentTerms.objects.count() == 39


def test_who_was_changed_after_the_plan_is_refused_by_name() -> None:
    take(person(1), person(2))
    wanted = [known(person(number), last_name="Новая") for number in (1, 2)]
    plan = plan_people(wanted, STRUCTURE, today=TODAY)
    Employee.objects.filter(external_id="a-1").update(last_name="Другая")
    outcome = take(*wanted, expected={one.key: one.fields for one in plan.people})
    assert (outcome.updated, [one.subject for one in outcome.problems]) == (1, ["a-1"])
    assert Employee.objects.get(external_id="a-1").last_name == "Другая"


def test_terms_that_the_new_hire_day_leaves_behind_begin_anew() -> None:
    take(person())
    EmploymentTerms.objects.update(valid_to=dt.date(2026, 3, 1))
    outcome = take(known(person(), hired_on=dt.date(2026, 6, 1)))
    assert outcome.updated == 1
    assert terms() == [(dt.date(2026, 6, 1), None, "p-1", 2400)]


def test_a_key_that_nobody_knows_refuses_its_person_only() -> None:
    outcome = take(person(1), person(2, department="nowhere"))
    assert outcome.created == 1
    assert [(one.subject, one.field) for one in outcome.problems] == [("a-2", "department")]


def test_positions_keep_whether_they_are_planned() -> None:
    Position.objects.create(name="operator", is_planned=False)
    take(person())
    position = Position.objects.get(external_id="p-1")
    assert (position.name, position.is_planned) == ("operator", False)


def test_a_department_is_moved_and_renamed_by_its_id() -> None:
    take(person())
    moved = WantedStructure(
        departments=(WantedDepartment("d-1", "Centre"), WantedDepartment("d-2", "Chat")),
        positions=STRUCTURE.positions,
        sites=STRUCTURE.sites,
    )
    apply_people([known(person())], moved, actor=None, today=TODAY, source="test")
    chat = Department.objects.get(external_id="d-2")
    assert (chat.name, chat.parent) == ("Chat", None)
    assert Department.objects.count() == 2


def test_departments_in_a_ring_are_told_and_stay_apart() -> None:
    ring = WantedStructure(
        departments=(WantedDepartment("d-1", "A", "d-2"), WantedDepartment("d-2", "B", "d-1")),
        positions=STRUCTURE.positions,
        sites=STRUCTURE.sites,
    )
    outcome = apply_people([person()], ring, actor=None, today=TODAY, source="test")
    assert outcome.created == 1
    assert {one.field for one in outcome.problems} == {"parent"}
    assert not Department.objects.exclude(parent=None).exists()


@pytest.mark.django_db(transaction=True)
def test_a_change_that_is_just_being_saved_is_waited_for() -> None:
    take(person())
    wanted = known(person(), last_name="Из1С")
    plan = plan_people([wanted], STRUCTURE, today=TODAY)
    held, go_on = threading.Event(), threading.Event()

    def change() -> None:
        with transaction.atomic():
            Employee.objects.filter(external_id="a-1").update(last_name="Здешняя")
            held.set()
            go_on.wait(timeout=5)

    def apply() -> PersonnelOutcome:
        held.wait(timeout=5)
        threading.Timer(0.3, go_on.set).start()
        return take(wanted, expected={one.key: one.fields for one in plan.people})

    _changed, outcome = at_once(change, apply)
    assert isinstance(outcome, PersonnelOutcome)
    assert [one.subject for one in outcome.problems] == ["a-1"]
    assert Employee.objects.get().last_name == "Здешняя"

import datetime as dt

import numpy as np
import pytest
from pytest_django import DjangoAssertNumQueries

from apps.core.errors import NotFoundError
from apps.organization.choices import Membership, Restriction
from apps.organization.selectors import members_of, open_slots, queue_by_code, queue_by_id, zone_of
from tests.factories import (
    make_employee,
    make_limit,
    make_member,
    make_opening_hours,
    make_queue,
    make_site,
    make_skill,
    make_terms,
)

pytestmark = pytest.mark.django_db
JANUARY = dt.date(2027, 1, 1), dt.date(2027, 1, 31)


def test_a_queue_is_found_by_its_code() -> None:
    queue = make_queue(code="large", time_zone="Asia/Yekaterinburg")
    assert queue_by_code("large") == queue == queue_by_id(queue.pk)
    assert zone_of(queue).key == "Asia/Yekaterinburg"
    with pytest.raises(NotFoundError, match="small"):
        queue_by_code("small")


def test_a_queue_without_hours_is_always_open() -> None:
    assert open_slots(make_queue(), 900).shape == (7, 96)
    assert open_slots(make_queue(), 900).all()


def test_opening_hours_become_slots_and_a_part_opens_the_slot() -> None:
    queue = make_queue()
    make_opening_hours(queue, opens_minute=7 * 60, closes_minute=21 * 60 + 15)
    quarter = open_slots(queue, 900)
    assert np.flatnonzero(quarter[0]).tolist() == list(range(28, 85))
    assert not quarter[5:].any()
    assert np.flatnonzero(open_slots(queue, 1800)[0]).tolist() == list(range(14, 43))
    with pytest.raises(ValueError, match="does not divide"):
        open_slots(queue, 1000)


def test_members_come_with_the_facts_of_the_span() -> None:
    queue = make_queue()
    person = make_employee(
        last_name="Абрамова",
        site=make_site(time_zone="Asia/Novosibirsk", name="Новосибирск"),
        valid_to=dt.date(2027, 1, 14),
    )
    make_terms(
        person, valid_from=dt.date(2027, 1, 15), weekly_norm_minutes=1200, time_zone="Europe/Kaliningrad"
    )
    make_limit(person, Restriction.PREGNANT, valid_from=dt.date(2027, 1, 20))
    make_limit(person, Restriction.MINOR, valid_to=dt.date(2026, 12, 31))
    make_skill("cards", person, 4)
    make_member(queue, person, productivity="0.900")
    (member,) = members_of(queue.pk, *JANUARY)
    assert member.name == "Абрамова Анна Ивановна"
    assert (member.personnel_number, member.productivity) == (person.personnel_number, 0.9)
    assert member.skills == {"cards": 4}
    first, second = member.terms_on(dt.date(2027, 1, 14)), member.terms_on(dt.date(2027, 1, 15))
    assert first is not None
    assert second is not None
    assert (first.zone_name, first.weekly_norm_minutes) == ("Asia/Novosibirsk", 2400)
    assert (second.zone_name, second.weekly_norm_minutes) == ("Europe/Kaliningrad", 1200)
    assert member.zone_name == "Europe/Kaliningrad"
    assert member.limits_on(dt.date(2027, 1, 19)) == frozenset()
    assert member.limits_on(dt.date(2027, 1, 20)) == {"pregnant"}


def test_members_are_those_of_the_span_who_are_employed() -> None:
    queue, other = make_queue(), make_queue()
    here = make_member(queue).employee
    reserve = make_member(queue, kind=Membership.RESERVE).employee
    make_member(other)
    make_member(queue, valid_to=dt.date(2026, 12, 31))
    make_member(queue, valid_from=dt.date(2027, 2, 1))
    make_member(queue, make_employee(dismissed_on=dt.date(2026, 12, 31)))
    make_member(queue, make_employee(hired_on=dt.date(2027, 2, 1)), valid_from=dt.date(2027, 1, 1))
    leaving = make_member(queue, make_employee(dismissed_on=dt.date(2027, 1, 5))).employee
    found = {member.employee_id: member for member in members_of(queue.pk, *JANUARY)}
    assert set(found) == {here.pk, reserve.pk, leaving.pk}
    assert found[reserve.pk].memberships[0].kind == Membership.RESERVE
    assert found[leaving.pk].is_employed_on(dt.date(2027, 1, 5))
    assert not found[leaving.pk].is_employed_on(dt.date(2027, 1, 6))


def test_the_number_of_queries_does_not_grow(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    queue = make_queue()
    for _ in range(6):
        make_member(queue)
    with django_assert_num_queries(5):
        assert len(members_of(queue.pk, *JANUARY)) == 6

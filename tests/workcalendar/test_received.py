"""What 1C told of people: kept once, seen in lists, taken as files."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.workcalendar.models import PersonNorm, ReceivedTimeCode, VacationBalance
from apps.workcalendar.selectors import vacation_balance
from apps.workcalendar.services.balances import store_balances
from apps.workcalendar.services.norms import NormFacts, store_norms
from apps.workcalendar.services.received_codes import MonthFacts, store_time_codes
from tests.factories import make_employee, make_user
from tests.journeys.onec_examples import make_received

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

pytestmark = pytest.mark.django_db
FIRST, LAST = dt.date(2026, 11, 1), dt.date(2026, 11, 30)
DAYS = (FIRST, LAST)


def norms(people: Sequence[int], hours: int = 151) -> int:
    rows = [NormFacts(pk, FIRST, LAST, hours * 3600, None) for pk in people]
    return store_norms(rows, mode="month", asked=people, days=DAYS, source="1c")


def codes(people: Sequence[int], code: str = "Я") -> int:
    facts = MonthFacts(
        [(FIRST, code, 3600), (FIRST, "С", 60)], [("ОТ", "14")], Decimal(1), 3660, Decimal(0), 0
    )
    return store_time_codes(dict.fromkeys(people, facts), days=DAYS, source="1c")


def balances(people: Sequence[int], days: str = "14.33") -> int:
    return store_balances({pk: {LAST: Decimal(days)} for pk in people}, source="1c")


@pytest.mark.parametrize(
    ("store", "other"), [(norms, 100), (codes, "Н"), (balances, "2")], ids=["norms", "codes", "balances"]
)
def test_what_is_known_is_not_written_again(store: Callable[..., int], other: Any) -> None:
    people = [make_employee().pk for _number in range(3)]
    assert store(people) == 3
    with CaptureQueriesContext(connection) as queries:
        assert store(people) == 0
    assert not [query for query in queries if "INSERT" in query["sql"] or "UPDATE" in query["sql"]]
    assert store(people[:1], other) == 1
    assert store(people) == 1


@pytest.mark.parametrize("store", [norms, codes, balances])
def test_the_number_of_queries_is_the_same_for_many(store: Callable[..., int]) -> None:
    counts = []
    for size in (2, 20):
        people = [make_employee().pk for _number in range(size)]
        with CaptureQueriesContext(connection) as queries:
            store(people)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_norms_that_are_not_told_any_more_go() -> None:
    person = make_employee().pk
    norms([person])
    assert store_norms([], mode="month", asked=[person], days=DAYS, source="1c") == 1
    assert not PersonNorm.objects.exists()


def test_codes_keep_their_order_and_their_month() -> None:
    person = make_employee()
    codes([person.pk])
    ReceivedTimeCode.objects.create(
        employee=person, date=dt.date(2026, 10, 31), number=0, code="В", source="1c"
    )
    codes([person.pk], "Н")
    kept = ReceivedTimeCode.objects.filter(employee=person).order_by("date", "number")
    assert list(kept.values_list("code", flat=True)) == ["В", "Н", "С"]


def test_the_balance_of_a_day_is_the_newest_one_before_it() -> None:
    person = make_employee()
    store_balances({person.pk: {FIRST: Decimal("2.33"), LAST: Decimal("4.66")}}, source="1c")
    assert vacation_balance(person.pk, dt.date(2026, 10, 31)) is None
    found = vacation_balance(person.pk, dt.date(2026, 11, 29))
    assert found is not None
    assert found.days == Decimal("2.33")
    assert VacationBalance.objects.count() == 2


@pytest.mark.parametrize(
    "model", ["personnorm", "vacationbalance", "receivedtimecode", "receivedtimesummary"]
)
def test_lists_are_seen_filtered_and_taken_as_files(model: str) -> None:
    person = make_employee(last_name="Видимая", personnel_number="000777")
    make_received(person)
    client = Client()
    client.force_login(make_user("planner"))
    address = f"/admin/workcalendar/{model}/"
    assert "Видимая" in client.get(address, {"q": "000777"}).content.decode()
    assert "Видимая" not in client.get(address, {"q": "nobody"}).content.decode()
    client.force_login(make_user("employee"))
    assert client.get(address).status_code in {302, 403}

"""Employees and operators by hour: the good rows load, the others are listed, the same again is nothing."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from apps.core.errors import DomainError, NotAllowedError
from apps.demand.errors import FileRefusedError
from apps.integrations.choices import ArgusState, ArgusTable
from apps.integrations.models import ArgusImport
from apps.integrations.services.argus import employees as loading
from apps.integrations.services.argus.importing import import_table
from apps.jobs.registry import JobCancelled
from apps.organization.models import Employee
from apps.staffing.choices import Coefficient
from apps.staffing.models import CoefficientSpan
from apps.staffing.services.minimums import set_minimums
from tests.concurrency import at_once
from tests.demand.test_importing import Job
from tests.factories import make_department, make_employee, make_position, make_queue, make_site, make_user

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apps.organization.models import Queue

pytestmark = pytest.mark.django_db
HEADING = "Табельный номер;ФИО;Отдел;Должность;Площадка;Дата приёма;Дата увольнения;Ставка;Часов в неделю\n"
IVANOVA = "000123;Иванова Анна Петровна;Продажи;Оператор;Москва;12.01.2026;;0,5;20\n"
DAY = dt.date(2027, 3, 1)
BY_HOUR = [Decimal(0)] * 8 + [Decimal("6.5")] * 12 + [Decimal(3)] * 4


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def _places() -> None:
    make_department(code="sales", name="Продажи")
    make_position(name="Оператор")
    make_site(code="msk", name="Москва")


def load(table: ArgusTable, content: str | bytes, **facts: Any) -> ArgusImport:
    data = content.encode() if isinstance(content, str) else content
    facts = {"actor": None, "target": {}, "file_name": "argus.csv"} | facts
    return import_table(table=table, file=io.BytesIO(data), **facts)


def employees(content: str | bytes, **facts: Any) -> ArgusImport:
    return load(ArgusTable.EMPLOYEES, content, **facts)


def counts(batch: ArgusImport) -> tuple[int, int, int]:
    return batch.rows_loaded, batch.rows_unchanged, batch.rows_refused


def reasons(batch: ArgusImport) -> list[tuple[int, str, str]]:
    return [(row.line, row.column, str(row.reason)) for row in batch.refusals.all()]


@pytest.mark.usefixtures("_places")
def test_people_are_made_changed_and_dismissed_and_again_nothing_changes() -> None:
    old = make_employee(personnel_number="000007", last_name="Петров", first_name="Пётр")
    text = HEADING + IVANOVA + "000007;Сидоров Пётр;Продажи;;;;31.12.2026;;\n"
    planned = employees(text, dry_run=True)
    assert not Employee.objects.filter(personnel_number="000123").exists()
    batch = employees(text)
    assert (counts(batch), reasons(batch)) == ((2, 0, 0), [])
    assert (counts(planned), planned.state) == (counts(batch), ArgusState.CHECKED)
    made = Employee.objects.get(personnel_number="000123")
    terms = made.terms.get()
    assert (made.middle_name, made.hired_on) == ("Петровна", dt.date(2026, 1, 12))
    assert (terms.department.code, terms.site.code, terms.rate) == ("sales", "msk", Decimal("0.5"))
    assert terms.weekly_norm_minutes == 20 * 60
    old.refresh_from_db()
    assert (old.last_name, old.dismissed_on) == ("Сидоров", dt.date(2026, 12, 31))
    again = employees(text)
    assert counts(again) == (0, 2, 0)


@pytest.mark.usefixtures("_places")
def test_a_broken_row_is_named_while_the_others_load() -> None:
    make_employee(personnel_number="1", external_id="a")
    make_employee(personnel_number="2", external_id="b")
    text = (
        "personnel_number;external_id;last_name;first_name;department;position;site;hired_on;rate;Pet\n"
        "77;;Ann;Lee;Продажи;Оператор;Москва;2026-01-12;1;cat\n"
        "78;;Bob;Lee;Nowhere;Оператор;Москва;2026-01-12;1;\n"
        "79;;Cid;Lee;Продажи;Оператор;Москва;2026-02-30;1;\n"
        "1;b;Dan;Lee;;;;;;\n"
        "77;;Ann;Lee;Продажи;Оператор;Москва;2026-01-12;1;cat\n"
        "80;;;Lee;Продажи;Оператор;Москва;2026-01-12;1;\n"
        "2;;Eve;Lee;;;;;2,5;\n"
        ";;Eve;Lee;;;;;;\n"
    )
    batch = employees(text)
    assert counts(batch) == (1, 0, 7)
    assert [(line, column) for line, column, _reason in reasons(batch)] == [
        (3, "department"),
        (4, "hired_on"),
        (5, "external_id"),
        (6, ""),
        (7, "last_name"),
        (8, "rate"),
        (9, "personnel_number"),
    ]
    assert batch.details["unknown"] == ["Pet"]
    assert Employee.objects.filter(personnel_number="77").exists()


@pytest.mark.usefixtures("_places")
def test_queries_do_not_grow_with_the_people() -> None:
    found = []
    for count in (2, 60):
        rows = "".join(
            f"{count}{at:04};Кто Имя;Продажи;Оператор;Москва;12.01.2026;;;\n" for at in range(count)
        )
        with CaptureQueriesContext(connection) as queries:
            assert counts(employees(HEADING + rows)) == (count, 0, 0)
        found.append(len(queries))
    assert found[0] == found[1] <= 60


@pytest.mark.usefixtures("_places")
@pytest.mark.django_db(transaction=True)
def test_two_equal_imports_at_once_make_everybody_once() -> None:
    text = HEADING + "".join(IVANOVA.replace("000123", f"{at:06}") for at in range(50))
    done = at_once(*[lambda: employees(text)] * 2)
    assert sorted(batch.rows_loaded for batch in done if isinstance(batch, ArgusImport)) == [0, 50]
    assert Employee.objects.count() == 50


@pytest.mark.usefixtures("_places")
def test_what_was_loaded_before_a_stop_stays_and_the_same_file_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(loading, "PEOPLE_AT_ONCE", 10)
    text = HEADING + "".join(IVANOVA.replace("000123", f"{at:06}") for at in range(30))
    with pytest.raises(JobCancelled):
        employees(text, job=Job(blocks=3))
    stopped = ArgusImport.objects.get()
    assert (
        (stopped.state, counts(stopped)[0])
        == (ArgusState.STOPPED, Employee.objects.count())
        == (
            "stopped",
            20,
        )
    )
    assert counts(employees(text)) == (10, 20, 0)


def test_only_who_may_edit_master_data() -> None:
    with pytest.raises(NotAllowedError):
        employees(HEADING + IVANOVA, actor=make_user("planner"))


@pytest.mark.parametrize("encode", ["utf-8", "utf-8-sig", "cp1251", "utf-16"])
@pytest.mark.usefixtures("_places")
def test_any_usual_encoding_is_read(encode: str) -> None:
    assert counts(employees((HEADING + IVANOVA).encode(encode))) == (1, 0, 0)
    assert Employee.objects.get().last_name == "Иванова"


def operators(queue: Queue, content: str, **facts: Any) -> ArgusImport:
    target = {"queue_id": queue.pk, "first_day": "2027-03-27", "last_day": "2027-03-28"}
    return load(ArgusTable.OPERATORS, content, target=target, **facts)


def hours(cells: list[str]) -> str:
    return "".join(f"0;{cell}\n" for cell in cells)


@pytest.mark.parametrize("heading", ["", "Контакты;Операторы\n"])
def test_operators_by_hour_are_the_least_agents_of_each_day(heading: str) -> None:
    queue = make_queue(time_zone="Europe/Berlin")
    text = heading + hours(["0"] * 8 + ["6,5"] * 12 + ["3.0"] * 4)
    assert counts(operators(queue, text, dry_run=True)) == (24, 0, 0)
    assert not CoefficientSpan.objects.exists()
    assert counts(operators(queue, text)) == (24, 0, 0)
    spans = [
        (span.start, span.end, span.value)
        for span in CoefficientSpan.objects.filter(queue=queue, kind=Coefficient.MINIMUM).order_by("start")
    ]
    day, night = dt.datetime(2027, 3, 27, 7, tzinfo=dt.UTC), dt.datetime(2027, 3, 26, 23, tzinfo=dt.UTC)
    hour = dt.timedelta(hours=1)
    assert spans[0] == (night, day, 0)
    assert spans[1] == (day, day + 12 * hour, Decimal("6.5"))
    assert spans[-1][1] - spans[0][0] == 47 * hour, "the 28th has 23 hours"
    assert sum((span[1] - span[0] for span in spans if span[2] == 3), dt.timedelta()) == 8 * hour
    assert counts(operators(queue, text)) == (0, 24, 0)


def test_other_days_keep_their_least_agents() -> None:
    queue, actor = make_queue(), make_user("planner")
    before = {"queue_id": queue.pk, "actor": actor}
    set_minimums(**before, first_day=DAY, last_day=DAY + dt.timedelta(days=9), by_hour=[Decimal(5)] * 24)
    changed = [Decimal(5)] * 23 + [Decimal(7)]
    second = DAY + dt.timedelta(days=1)
    assert set_minimums(**before, first_day=second, last_day=second, by_hour=changed) == (1, 23)
    spans = CoefficientSpan.objects.order_by("start").values_list("start", "end", "value")
    sizes = [((end - start) / dt.timedelta(hours=1), value) for start, end, value in spans]
    assert sizes == [(24, 5), (23, 5), (1, 7), (8 * 24, 5)]


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        (["1"] * 23, "has 23 good ones"),
        (["1"] * 25, "has 25 good ones"),
        (["1"] * 23 + ["x"], "line 24 is wrong: Not a number"),
        (["1"] * 23 + ["-1"], "line 24 is wrong"),
    ],
)
def test_a_day_of_operators_is_loaded_whole_or_not(cells: list[str], why: str) -> None:
    queue = make_queue()
    with pytest.raises(FileRefusedError, match=why) as refused:
        operators(queue, hours(cells))
    batch = ArgusImport.objects.get(pk=refused.value.extra["batch_id"])
    assert (batch.state, str(batch.reason)) == (ArgusState.REFUSED, refused.value.message)
    assert not CoefficientSpan.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"last_day": DAY - dt.timedelta(days=1)},
        {"last_day": DAY + dt.timedelta(days=366)},
        {"by_hour": BY_HOUR[:23]},
        {"by_hour": [Decimal(10_001), *BY_HOUR[1:]]},
    ],
)
def test_least_agents_that_make_no_sense_name_their_field(wrong: dict[str, Any]) -> None:
    asked = {"first_day": DAY, "last_day": DAY, "by_hour": BY_HOUR} | wrong
    with pytest.raises(DomainError) as refused:
        set_minimums(queue_id=make_queue().pk, actor=None, **asked)
    assert list(refused.value.fields) == list(wrong)

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any

import pytest
import structlog
import time_machine
from django.db import connection

from apps.core.partitions import PartitionFault, drop_months, partition_faults, partitioned_models
from apps.core.services.partition_upkeep import keep_partitions
from apps.demand.models import ImportBatch, IntervalHistory
from tests.conftest import REPOSITORY
from tests.factories.demand import make_history
from tests.factories.organization import make_queue

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2031, 11, 30, 23, 59, tzinfo=dt.UTC)
OPERATIONS = (REPOSITORY / "docs/operations.md").read_text()
TABLE = "demand_intervalhistory"


def months_of(table: str) -> list[str]:
    query = "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = %s::regclass ORDER BY 1"
    with connection.cursor() as cursor:
        cursor.execute(query, [table])
        return [name.removeprefix(f"{table}_") for (name,) in cursor.fetchall()]


def run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.fixture(autouse=True)
def _the_last_minute_of_a_month() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def test_what_the_database_partitions_is_found() -> None:
    assert IntervalHistory in partitioned_models()


def test_a_fresh_table_is_an_alarm_until_its_months_are_made() -> None:
    assert PartitionFault(TABLE, (dt.date(2031, 11, 1), dt.date(2031, 12, 1)), default_holds_rows=False) in (
        partition_faults()
    )
    assert keep_partitions() == []
    assert months_of(TABLE)[-4:] == ["2031_11", "2031_12", "2032_01", "2032_02"]
    assert keep_partitions() == [], "again changes nothing"
    assert partition_faults() == []


def test_the_next_month_is_needed_before_it_comes(client: Client) -> None:
    keep_partitions()
    run(f"DROP TABLE {TABLE}_2032_01")
    assert partition_faults() == [], "it is not needed yet"
    run(f"DROP TABLE {TABLE}_2031_12")
    assert partition_faults() == [PartitionFault(TABLE, (dt.date(2031, 12, 1),), default_holds_rows=False)]
    assert client.get("/health/live").status_code == 200


def test_rows_in_a_default_partition_are_an_alarm_that_upkeep_cannot_mend() -> None:
    run(f"CREATE TABLE {TABLE}_default PARTITION OF {TABLE} DEFAULT")
    queue = make_queue()
    IntervalHistory.objects.create(
        queue=queue,
        start=dt.datetime(2031, 12, 5, tzinfo=dt.UTC),
        step_s=900,
        offered=1,
        batch=ImportBatch(pk=1),
    )
    with structlog.testing.capture_logs() as lines:
        faults = keep_partitions()
    assert [(fault.table, fault.default_holds_rows) for fault in faults] == [(TABLE, True)]
    errors = {line["event"] for line in lines if line["log_level"] == "error"}
    assert errors == {"partition_not_made", "partition_fault"}
    for statement in re.findall(r"`(CREATE TABLE stray .*?;)`", OPERATIONS, re.DOTALL)[0].split(";"):
        run(statement or "SELECT")
    assert keep_partitions() == [], "the documented way mends it"
    for statement in re.findall(r"`(INSERT INTO .*?;)`", OPERATIONS, re.DOTALL)[0].split(";"):
        run(statement or "SELECT")
    assert IntervalHistory.objects.get().start.month == 12


def test_dropping_months_leaves_the_default_partition() -> None:
    make_history(make_queue(), dt.datetime(2030, 1, 1, tzinfo=dt.UTC), [1])
    run(f"CREATE TABLE {TABLE}_default PARTITION OF {TABLE} DEFAULT")
    assert f"{TABLE}_2030_01" in drop_months(IntervalHistory, NOW)
    assert "default" in months_of(TABLE)


@pytest.mark.django_db(transaction=True)
def test_health_tells_of_a_missing_month(client: Client) -> None:
    check = client.get("/health").json()["checks"]["partitions"]
    assert check["status"] == "degraded"
    assert check["missing"] >= 2
    keep_partitions()
    assert client.get("/health").json()["checks"]["partitions"]["status"] == "healthy"


def test_to_look_costs_one_query(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        assert partition_faults()

"""The breaker: five failures, a minute, one that tries; shared, and silent while all is well."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
from django.db.models import F

from apps.core import clock
from apps.core.models import OutboxEvent
from apps.integrations.models import Breaker
from apps.integrations.services.breaker import admit, admit_many, report, report_many
from tests.concurrency import at_once
from tests.factories.integrations import make_connection

if TYPE_CHECKING:
    from pytest_django import DjangoAssertNumQueries

    from apps.integrations.models import Connection


@pytest.fixture
def connected() -> Connection:
    return make_connection()


def fail(connected: Connection, times: int) -> None:
    for _time in range(times):
        report(connected.pk, well=False)


def a_minute_passes() -> None:
    Breaker.objects.update(
        open_until=F("open_until") - dt.timedelta(seconds=61),
        probe_until=F("probe_until") - dt.timedelta(seconds=61),
    )


def events() -> list[str]:
    return list(OutboxEvent.objects.order_by("occurred_at").values_list("type", flat=True))


@pytest.mark.django_db
class TestBreaker:
    def test_five_failures_in_a_row_open_it_for_a_minute(self, connected: Connection) -> None:
        fail(connected, 4)
        assert admit(connected.pk) is None
        report(connected.pk, well=True)
        fail(connected, 4)
        assert admit(connected.pk) is None, "they were not in a row"
        fail(connected, 1)
        again = admit(connected.pk)
        assert again is not None
        assert dt.timedelta(seconds=55) < again - clock.now() <= dt.timedelta(seconds=60)
        assert events() == ["connection.down"]

    def test_failures_while_it_is_open_do_not_prolong_it(self, connected: Connection) -> None:
        fail(connected, 5)
        first = admit(connected.pk)
        fail(connected, 5)
        assert admit(connected.pk) == first

    def test_one_tries_and_its_success_closes_it(self, connected: Connection) -> None:
        fail(connected, 5)
        a_minute_passes()
        assert admit(connected.pk) is None
        waits = admit(connected.pk)
        assert waits is not None, "one at a time"
        report(connected.pk, well=True)
        assert admit(connected.pk) is None
        assert admit(connected.pk) is None
        assert events() == ["connection.down", "connection.up"]

    def test_a_failed_try_opens_it_for_another_minute(self, connected: Connection) -> None:
        fail(connected, 5)
        for _minute in range(3):
            a_minute_passes()
            assert admit(connected.pk) is None
            fail(connected, 1)
            again = admit(connected.pk)
            assert again is not None
            assert again > clock.now()
        assert events() == ["connection.down"], "it never came up"

    def test_one_that_tried_and_died_is_followed_by_another(self, connected: Connection) -> None:
        fail(connected, 5)
        a_minute_passes()
        assert admit(connected.pk) is None
        a_minute_passes()
        assert admit(connected.pk) is None

    def test_nothing_is_written_while_all_is_well(
        self, connected: Connection, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        others = [make_connection().pk for _one in range(20)]
        with django_assert_num_queries(2):
            assert set(admit_many([connected.pk, *others]).values()) == {None}
            report_many([(key, True) for key in [connected.pk, *others] * 50])
        assert not Breaker.objects.exists()

    def test_outcomes_of_a_batch_count_in_their_order(self, connected: Connection) -> None:
        report_many([(connected.pk, False)] * 4 + [(connected.pk, True)] + [(connected.pk, False)] * 4)
        assert admit(connected.pk) is None
        report_many([(connected.pk, False)])
        assert admit(connected.pk) is not None


@pytest.mark.django_db(transaction=True)
class TestSharedBreaker:
    def test_failures_of_several_processes_add_up(self, connected: Connection) -> None:
        at_once(*[lambda: report(connected.pk, well=False)] * 5)
        assert Breaker.objects.get().failures == 5
        assert admit(connected.pk) is not None
        assert events() == ["connection.down"]

    def test_of_many_at_once_one_tries(self, connected: Connection) -> None:
        fail(connected, 5)
        for _round in range(5):
            a_minute_passes()
            answers = at_once(*[lambda: admit(connected.pk)] * 8)
            assert sum(answer is None for answer in answers) == 1
            assert all(answer is None or isinstance(answer, dt.datetime) for answer in answers)

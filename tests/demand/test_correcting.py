"""Corrections of history: what forecasts read, with the records untouched."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pytest
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.accounts.choices import Role
from apps.audit.models import AuditEntry
from apps.core.errors import ConflictError, DomainError, NotAllowedError, NotFoundError, StaleError
from apps.core.locks import advisory_lock
from apps.core.models import OutboxEvent
from apps.demand.models import HistoryCorrection, IntervalHistory
from apps.demand.selectors import corrections_of, history_digest, history_series, local_history
from apps.demand.services import correcting
from apps.demand.services.correcting import correct_history, undo_correction
from apps.demand.types import InstantSpan
from tests.concurrency import at_once
from tests.factories import make_history, make_queue, make_user

if TYPE_CHECKING:
    from apps.demand.types import HistorySeries
    from apps.organization.models import Queue

pytestmark = pytest.mark.django_db
START = dt.datetime(2026, 3, 1, 21, tzinfo=dt.UTC)  # Monday, 00:00 in Moscow
HOUR = dt.timedelta(hours=1)
WEEKS = 8
HOURS = WEEKS * 7 * 24


@pytest.fixture(autouse=True)
def _english() -> None:
    translation.activate("en")


@pytest.fixture
def queue() -> Queue:
    """Make eight weeks whose hour h has 10 + h contacts, of 100 s each."""
    queue = make_queue(step_minutes=60)
    make_history(queue, START, [10 + hour % 24 for hour in range(HOURS)], step_s=3600, aht_s=100)
    return queue


def hours(first: int, last: int) -> InstantSpan:
    return InstantSpan(START + first * HOUR, START + last * HOUR)


def correct(
    queue: Queue, *spans: InstantSpan, action: str = "exclude", **facts: object
) -> list[HistoryCorrection]:
    facts = {"reason": "a broken counter", "actor": None} | facts
    return correct_history(queue_id=queue.pk, spans=spans, action=action, **facts)  # type: ignore[arg-type]


def series(queue: Queue, *, corrected: bool = True) -> HistorySeries:
    return history_series(queue.pk, START, START + HOURS * HOUR, 3600, corrected=corrected)


def test_what_is_left_out_is_not_observed_and_the_record_stays(queue: Queue) -> None:
    correct(queue, hours(30, 33))
    read = series(queue)
    assert np.flatnonzero(~read.observed).tolist() == [30, 31, 32]
    assert np.isnan(read.offered[30:33]).all()
    assert series(queue, corrected=False).offered[30:33].tolist() == [16, 17, 18]
    assert IntervalHistory.objects.filter(queue=queue).count() == HOURS


@pytest.mark.parametrize(("action", "expected"), [("expected", [16, 17]), ("average", [16, 17])])
def test_the_usual_value_comes_from_the_weeks_around(queue: Queue, action: str, expected: list[int]) -> None:
    wild = START + (24 * 28 + 6) * HOUR
    IntervalHistory.objects.filter(queue=queue, start=wild).update(offered=900, handled=900, handle_s=90_000)
    correct(queue, hours(24 * 28 + 6, 24 * 28 + 8), action=action)
    read = series(queue)
    assert read.offered[24 * 28 + 6 : 24 * 28 + 8].tolist() == expected
    assert read.handle_s[24 * 28 + 6] / read.answered[24 * 28 + 6] == pytest.approx(100)


def test_a_given_value_keeps_the_aht_and_the_sum_is_what_was_given(queue: Queue) -> None:
    correct(queue, hours(48, 72), action="value", value=5.5)
    read, raw = series(queue), series(queue, corrected=False)
    assert read.offered[48:72].sum() == 24 * 5.5
    assert np.nansum(read.offered) == pytest.approx(raw.offered.sum() - raw.offered[48:72].sum() + 24 * 5.5)
    assert read.handle_s[50] / read.answered[50] == pytest.approx(100)


def test_a_later_correction_holds_and_undoing_it_gives_the_one_before(queue: Queue) -> None:
    correct(queue, hours(0, 4))
    (second,) = correct(queue, hours(2, 6), action="value", value=1)
    assert series(queue).offered[2:6].tolist() == [1, 1, 1, 1]
    undo_correction(correction_id=second.pk, reason="a slip", actor=None)
    read = series(queue)
    assert np.isnan(read.offered[:4]).all()
    assert read.offered[4:6].tolist() == [14, 15]
    with pytest.raises(ConflictError, match="undone already"):
        undo_correction(correction_id=second.pk, reason="a slip", actor=None)
    last = HistoryCorrection.objects.latest("pk")
    with pytest.raises(ConflictError, match="cannot be undone"):
        undo_correction(correction_id=last.pk, reason="a slip", actor=None)
    with pytest.raises(NotFoundError):
        undo_correction(correction_id=10**6, reason="a slip", actor=None)
    assert {row.pk: row.is_undone for row in corrections_of(queue.pk)}[second.pk]


@pytest.mark.parametrize(
    ("correction_s", "row_s", "expected"),
    [
        (1800, 900, [50, 50, 50, 50]),
        (900, 3600, [400]),
        (1800, 1800, [100, 100]),
        (7200, 900, [12.5] * 4),
    ],
)
def test_values_fit_the_length_of_the_intervals_they_are_laid_over(
    correction_s: int, row_s: int, expected: list[float]
) -> None:
    """Half an hour that was replaced by 100 is 100 too when its quarters are recorded again."""
    queue = make_queue(step_minutes=15)
    make_history(queue, START, [7] * (14_400 // row_s), step_s=row_s)
    HistoryCorrection.objects.create(
        queue=queue,
        start=START,
        end=START + 2 * HOUR,
        action="value",
        step_s=correction_s,
        values=[100.0] * (7200 // correction_s),
        reason="by hand",
    )
    read = history_series(queue.pk, START, START + HOUR, row_s, corrected=True)
    assert read.offered == pytest.approx(expected)


def test_the_part_of_an_interval_that_no_value_covers_stays_as_recorded() -> None:
    queue = make_queue(step_minutes=60)
    make_history(queue, START, [60, 60], step_s=3600)
    HistoryCorrection.objects.create(
        queue=queue,
        start=START,
        end=START + HOUR,
        action="value",
        step_s=900,
        values=[5, None, 5, None],
        reason="x",
    )
    read = history_series(queue.pk, START, START + 2 * HOUR, 3600, corrected=True)
    assert read.offered == pytest.approx([40, 60])


@pytest.mark.django_db(transaction=True)
def test_of_two_undoings_at_once_one_is_told() -> None:
    queue = make_queue(step_minutes=60)
    make_history(queue, START, [5] * 48, step_s=3600)
    (row,) = correct(queue, hours(3, 5))
    undo = partial(undo_correction, correction_id=row.pk, reason="a slip", actor=None)
    assert sorted(type(result).__name__ for result in at_once(undo, undo)) == [
        "ConflictError",
        "HistoryCorrection",
    ]


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.integers(0, HOURS - 1), st.integers(1, 200), st.sampled_from(["exclude", "value", "restore"])
        ),
        min_size=1,
        max_size=5,
    )
)
def test_restoring_gives_exactly_what_was_recorded(queue: Queue, steps: list[tuple[int, int, str]]) -> None:
    raw = series(queue, corrected=False)
    for first, count, action in steps:
        value = 3.25 if action == "value" else None
        correct(queue, hours(first, min(first + count, HOURS)), action=action, value=value)
    correct(queue, hours(0, HOURS), action="restore")
    read = series(queue)
    for name in ("offered", "handled", "answered", "handle_s", "observed"):
        np.testing.assert_array_equal(getattr(read, name), getattr(raw, name))


def test_an_aggregated_queue_reads_the_corrected_sum_and_is_corrected_through_its_members(
    queue: Queue,
) -> None:
    other = make_queue(step_minutes=60)
    make_history(other, START, [100] * HOURS, step_s=3600)
    whole = make_queue()
    whole.members.set([queue, other])
    correct(queue, hours(0, 2), action="value", value=1)
    correct(other, hours(1, 3))
    read = history_series(whole.pk, START, START + 4 * HOUR, 3600, corrected=True)
    np.testing.assert_array_equal(read.offered, [101, np.nan, np.nan, 113])
    with pytest.raises(ConflictError, match="correct the history of its members"):
        correct(whole, hours(0, 1))


def test_the_digest_changes_with_a_correction_and_returns_with_its_undoing(queue: Queue) -> None:
    days = (dt.date(2026, 3, 2), dt.date(2026, 4, 27))
    before = history_digest(queue.pk, queue.time_zone, *days)
    (row,) = correct(queue, hours(0, 2))
    during = local_history(queue.pk, queue.time_zone, *days, 3600)
    assert during is not None
    assert (during.corrections, during.digest) == (
        (row.pk,),
        history_digest(queue.pk, queue.time_zone, *days),
    )
    assert during.digest != before
    assert np.isnan(during.calls[0, :2]).all()
    undo_correction(correction_id=row.pk, reason="no", actor=None)
    assert history_digest(queue.pk, queue.time_zone, *days) == before


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"reason": "  "}, "reason"),
        ({"reason": "x" * 301}, "reason"),
        ({"action": "undo"}, "action"),
        ({"action": "nonsense"}, "action"),
        ({"action": "value"}, "value"),
        ({"action": "value", "value": -1}, "value"),
        ({"action": "value", "value": float("nan")}, "value"),
        ({"value": 4}, "value"),
    ],
)
def test_nonsense_is_refused_by_field(queue: Queue, facts: dict[str, object], field: str) -> None:
    with pytest.raises(DomainError) as refusal:
        correct(queue, hours(0, 1), **facts)  # type: ignore[arg-type]
    assert list(refusal.value.fields) == [field]
    assert not HistoryCorrection.objects.exists()


def test_spans_that_make_no_sense_are_named(queue: Queue) -> None:
    for span, field in (
        (hours(4, 3), "spans.1.end"),
        (hours(0, 400 * 24), "spans.1.end"),
        (hours(HOURS, HOURS + 4), "spans.1"),
    ):
        with pytest.raises(DomainError) as refusal:
            correct(queue, hours(0, 1), span)
        assert list(refusal.value.fields) == [field]
    with pytest.raises(DomainError):
        correct(queue)
    with pytest.raises(NotFoundError):
        correct_history(queue_id=10**6, spans=[hours(0, 1)], action="exclude", reason="x", actor=None)
    assert not HistoryCorrection.objects.exists()


def test_too_little_around_tells_nothing_usual() -> None:
    queue = make_queue(step_minutes=60)
    make_history(queue, START, [5] * 48, step_s=3600)
    with pytest.raises(DomainError, match="Too little is known"):
        correct(queue, hours(0, 1), action="expected")


def test_it_is_for_planners_audited_and_announced(queue: Queue) -> None:
    planner = make_user(Role.PLANNER)
    rows = correct(queue, hours(0, 1), hours(5, 6), actor=planner)
    entry = AuditEntry.objects.get(action="demand.correct_history")
    assert (entry.actor, entry.after["reason"]) == (planner, "a broken counter")
    event = OutboxEvent.objects.get(type="history.corrected")
    assert event.data["corrections"] == [row.pk for row in rows]
    employee = make_user(Role.EMPLOYEE)
    with pytest.raises(NotAllowedError):
        correct(queue, hours(0, 1), actor=employee)
    with pytest.raises(NotAllowedError):
        undo_correction(correction_id=rows[0].pk, reason="no", actor=employee)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_correct_the_same_interval_at_once_one_is_told() -> None:
    queue = make_queue(step_minutes=60)
    make_history(queue, START, [5] * 48, step_s=3600)
    tries = at_once(
        *(partial(correct, queue, hours(3, 5), seen=0), partial(correct, queue, hours(4, 6), seen=0))
    )
    refused = [result for result in tries if isinstance(result, StaleError)]
    assert (len(refused), HistoryCorrection.objects.count()) == (1, 1)
    assert list(refused[0].fields) == ["spans.0"]
    correct(queue, hours(10, 12), seen=0)


def test_reading_corrected_history_takes_few_queries(queue: Queue, django_assert_num_queries: object) -> None:
    with django_assert_num_queries(2):  # type: ignore[operator]
        series(queue, corrected=False)
    for first in (0, 10, 20):
        correct(queue, hours(first, first + 2))
    with django_assert_num_queries(3):  # type: ignore[operator]
        series(queue)


@pytest.mark.parametrize("count", [2, 40])
def test_correcting_takes_the_same_queries_however_many_spans(
    queue: Queue, count: int, django_assert_max_num_queries: object
) -> None:
    spans = [hours(24 * 14 + 5 * index, 24 * 14 + 5 * index + 2) for index in range(count)]
    with django_assert_max_num_queries(40):  # type: ignore[operator]
        made = correct(queue, *spans, action="expected", seen=0)
    assert [(row.start, row.values) for row in made] == [
        (span.start, [10 + (24 * 14 + 5 * index + part) % 24 for part in range(2)])
        for index, span in enumerate(spans)
    ]
    assert all(row.pk and row.created_at for row in made)


def test_a_value_is_kept_where_something_was_recorded_only(queue: Queue) -> None:
    IntervalHistory.objects.filter(queue=queue, start=START + 49 * HOUR).delete()
    (row,) = correct(queue, hours(48, 52), action="value", value=5)
    assert row.values == [5, None, 5, 5]


def test_spans_that_lie_far_apart_have_their_own_weeks_around(queue: Queue) -> None:
    make_history(queue, START + 52 * 168 * HOUR, [50] * (8 * 168), step_s=3600)
    first, second = correct(queue, hours(700, 701), hours(52 * 168 + 700, 52 * 168 + 701), action="expected")
    assert (first.values, second.values) == ([10 + 700 % 24], [50])


@pytest.mark.parametrize("action", ["expected", "average"])
def test_history_that_changes_under_the_eyes_is_not_replaced_by_what_it_was(
    queue: Queue, action: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The usual values were read before the lock: an import in between makes them those of other history."""

    def import_between(name: str) -> None:
        IntervalHistory.objects.filter(queue=queue, start=START + 24 * 14 * HOUR).update(offered=500)
        advisory_lock(name)

    monkeypatch.setattr(correcting, "advisory_lock", import_between)
    with pytest.raises(StaleError, match="history changed"):
        correct(queue, hours(24 * 7, 24 * 7 + 2), action=action)
    assert not HistoryCorrection.objects.exists()
    correct(queue, hours(24 * 7, 24 * 7 + 2), action="exclude")

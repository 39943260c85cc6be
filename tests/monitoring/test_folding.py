"""An agent's history is a function of what is known of them, whatever the order in which it came."""

from __future__ import annotations

import datetime as dt
import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from apps.monitoring.services.folding import Piece, Told, fold

NOON = dt.datetime(2026, 11, 18, 9, tzinfo=dt.UTC)
READY, TALK, LUNCH = 1, 2, 3


def at(second: float) -> dt.datetime:
    return NOON + dt.timedelta(seconds=second)


def told(*events: tuple[float, str, int]) -> list[Told]:
    return [Told(at(second), kind, status, number) for number, (second, kind, status) in enumerate(events)]


def piece(start: float, end: float | None, status: int) -> Piece:
    return Piece(at(start), None if end is None else at(end), status)


def test_an_exit_ends_a_status_and_a_gap_stays_a_gap() -> None:
    assert fold(told((0, "enter", READY), (60, "exit", READY), (90, "enter", TALK))) == [
        piece(0, 60, READY),
        piece(90, None, TALK),
    ]


def test_a_lost_exit_is_made_up_for_by_the_next_entry() -> None:
    assert fold(told((0, "enter", READY), (60, "enter", TALK), (70, "exit", TALK))) == [
        piece(0, 60, READY),
        piece(60, 70, TALK),
    ]


def test_within_one_second_exits_come_first_then_the_order_of_arrival() -> None:
    assert fold(told((0, "enter", READY), (9, "enter", TALK), (9, "exit", READY))) == [
        piece(0, 9, READY),
        piece(9, None, TALK),
    ]
    assert fold(told((0, "enter", READY), (9, "enter", TALK), (9, "enter", LUNCH)))[-1].status == LUNCH
    assert fold(told((0, "enter", READY), (9, "enter", LUNCH), (9, "enter", TALK)))[-1].status == TALK


def test_a_status_that_was_left_in_its_second_lasted_no_time() -> None:
    events = (
        (0, "enter", READY),
        (9, "exit", READY),
        (9, "enter", LUNCH),
        (9, "enter", TALK),
        (9, "exit", TALK),
    )
    assert fold(told(*events)) == [piece(0, 9, READY), piece(9, None, LUNCH)]


def test_a_status_entered_again_in_the_second_of_its_exit_goes_on() -> None:
    assert fold(told((0, "enter", READY), (9, "enter", READY), (9, "exit", READY))) == [
        piece(0, 9, READY),
        piece(9, None, READY),
    ]


def test_an_exit_of_what_is_not_open_changes_nothing() -> None:
    assert fold(told((0, "enter", READY), (60, "exit", TALK))) == [piece(0, None, READY)]


def test_who_is_no_longer_listed_has_left_whatever_the_status() -> None:
    assert fold(told((0, "enter", READY), (60, "absent", TALK))) == [piece(0, 60, READY)]


def test_a_span_holds_where_nothing_began_after_it() -> None:
    spans = [Told(at(0), "span", READY, 0, at(100)), Told(at(20), "span", TALK, 1, at(40))]
    assert fold(spans) == [piece(0, 20, READY), piece(20, 40, TALK), piece(40, 100, READY)]


def test_a_span_ends_what_was_open() -> None:
    events = [*told((0, "enter", READY)), Told(at(50), "span", TALK, 5, at(80))]
    assert fold(events) == [piece(0, 50, READY), piece(50, 80, TALK)]


statuses = st.sampled_from([READY, TALK, LUNCH])
steps = st.lists(st.tuples(st.integers(1, 400), statuses), min_size=1, max_size=25)


def stream_of(changes: list[tuple[int, int]]) -> list[tuple[float, str, int]]:
    """Give the two messages of each change, the changes in seconds of their own."""
    events: list[tuple[float, str, int]] = []
    second, before = 0, None
    for pause, status in changes:
        second += pause
        if before is not None:
            events.append((second, "exit", before))
        events.append((second, "enter", status))
        before = status
    return events


@settings(max_examples=300)
@given(steps, st.randoms(use_true_random=False), st.data())
def test_any_order_any_repeats_and_any_lost_exits_make_the_history_of_a_clean_replay(
    changes: list[tuple[int, int]], random: object, data: st.DataObject
) -> None:
    clean = stream_of(changes)
    kept = [event for event in clean if event[1] == "enter" or data.draw(st.booleans())]
    arrived = [*kept, *data.draw(st.lists(st.sampled_from(kept), max_size=10))]
    random.shuffle(arrived)  # type: ignore[attr-defined]
    assert fold(told(*dict.fromkeys(arrived))) == fold(told(*clean))


@settings(max_examples=200)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 60),
            st.sampled_from(["enter", "exit", "span", "absent"]),
            statuses,
            st.integers(1, 40),
        ),
        max_size=30,
    )
)
def test_no_two_pieces_overlap_and_each_lasts(events: list[tuple[int, str, int, int]]) -> None:
    pieces = fold(
        Told(at(second), kind, status, number, at(second + length) if kind == "span" else None)
        for number, (second, kind, status, length) in enumerate(events)
    )
    for one, other in itertools.pairwise(pieces):
        assert one.end is not None
        assert one.start < one.end <= other.start

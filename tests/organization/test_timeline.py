"""Dated terms under dated facts: properties that hold for any history."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from apps.organization.services.personnel.timeline import ONE_DAY, Span, held_on, keep_to, set_from

if TYPE_CHECKING:
    from collections.abc import Sequence

HIRED = dt.date(2026, 1, 1)
YEAR = [HIRED + dt.timedelta(days=day) for day in range(400)]
days = st.integers(0, 365).map(lambda offset: HIRED + dt.timedelta(days=offset))


@st.composite
def histories(draw: st.DrawFn) -> tuple[Span, ...]:
    starts = sorted({HIRED, *draw(st.lists(days, max_size=4))})
    lasts = [start - ONE_DAY for start in starts[1:]]
    end = draw(
        st.one_of(st.none(), st.integers(0, 60).map(lambda more: starts[-1] + dt.timedelta(days=more)))
    )
    return tuple(
        Span(
            first,
            last,
            {"norm": draw(st.sampled_from([20, 30, 40])), "place": draw(st.integers(1, 2))},
            number,
        )
        for number, (first, last) in enumerate(zip(starts, [*lasts, end], strict=True), 1)
    )


def on(spans: Sequence[Span], day: dt.date) -> dict[str, Any] | None:
    return next((dict(span.facts) for span in spans if span.holds(day)), None)


def are_in_order(spans: Sequence[Span]) -> bool:
    whole = all(span.last is None or span.first <= span.last for span in spans)
    return whole and all(one.last is not None and one.last < other.first for one, other in pairwise(spans))


@given(histories(), days, days, st.sampled_from([20, 30, 40]))
def test_a_dated_fact_holds_from_its_day_and_leaves_the_days_before(
    spans: tuple[Span, ...], since: dt.date, today: dt.date, norm: int
) -> None:
    made = set_from(spans, {"norm": norm}, since, today)
    assert are_in_order(made)
    assert set_from(made, {"norm": norm}, since, today) == made  # the same again changes nothing
    is_known = held_on(spans, max(since, today)).facts["norm"] == norm
    for day in YEAR:
        before, after = on(spans, day), on(made, day)
        assert (before is None) == (after is None)
        if before is None or after is None:
            continue
        assert before["place"] == after["place"]
        if day < since or is_known:
            assert before == after
        elif day <= max(since, today):
            assert after["norm"] == norm


def test_what_is_planned_ahead_stays() -> None:
    today = dt.date(2026, 6, 1)
    ahead = dt.date(2026, 7, 1)
    spans = (
        Span(HIRED, ahead - ONE_DAY, {"norm": 40, "place": 1}, 1),
        Span(ahead, None, {"norm": 20, "place": 1}, 2),
    )
    made = set_from(spans, {"norm": 30}, today, today)
    assert [(span.first, span.facts["norm"]) for span in made] == [(HIRED, 40), (today, 30), (ahead, 20)]
    assert [span.row_id for span in made] == [1, None, 2]


@given(histories(), days, days)
def test_terms_never_leave_the_employment(spans: tuple[Span, ...], hired: dt.date, left: dt.date) -> None:
    if left < hired:
        hired, left = left, hired
    before = (HIRED, spans[-1].last)
    made = keep_to(spans, before=before, after=(hired, left))
    assert are_in_order(made)
    rehired = before[1] is not None and hired > before[1]
    for day in YEAR:
        if not rehired and not hired <= day <= left:
            assert on(made, day) is None
        elif on(spans, day) is not None:
            assert on(made, day) == on(spans, day)


@given(histories(), days)
def test_a_dismissal_that_is_taken_back_gives_the_days_back(spans: tuple[Span, ...], left: dt.date) -> None:
    ended = keep_to(spans, before=(HIRED, spans[-1].last), after=(HIRED, left))
    again = keep_to(ended, before=(HIRED, left), after=(HIRED, None))
    assert again[-1].last is None or again[-1].last != left

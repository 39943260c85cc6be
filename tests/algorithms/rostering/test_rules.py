from __future__ import annotations

import pytest

from apps.algorithms.rostering.problem import BreakRule, ClockChange, Span
from apps.algorithms.rostering.rules import (
    REGISTRY,
    Absence,
    DailyRest,
    LunchAndBreaks,
    MaxConsecutiveDays,
    MaxShift,
    Mode,
    MonthNorm,
    NightBan,
    NoOverlap,
    NoTwoShiftsInRow,
    WeeklyRest,
    default_rules,
)
from apps.algorithms.rostering.rules.base import LabourRule, RuleContext, Violation, register
from apps.algorithms.rostering.shifts import Activity, ActivityKind, Shift
from tests.algorithms.rostering.rosters import HOUR_S, make_context, make_rule, make_shift, make_worker

EIGHT_TO_FIVE = {"clock": 8, "paid": 8, "lunch_at": 3}


def office_days(*days: int) -> list[Shift]:
    return [make_shift(day, **EIGHT_TO_FIVE) for day in days]


def test_all_rules_of_the_issue_are_registered_with_article_and_hard_default() -> None:
    assert set(REGISTRY) == {
        "absence",
        "daily_rest",
        "lunch_and_breaks",
        "max_consecutive_days",
        "max_shift",
        "month_norm",
        "night_ban",
        "no_overlap",
        "no_two_shifts_in_row",
        "weekly_rest",
    }
    assert all(rule.mode is Mode.HARD and rule.article for rule in default_rules())


def test_a_code_is_registered_once() -> None:
    with pytest.raises(ValueError, match="weekly_rest is registered twice"):
        register(WeeklyRest)


class TestWeeklyRest:
    def test_five_days_and_a_weekend_hold_it(self) -> None:
        assert WeeklyRest().check(office_days(0, 1, 2, 3, 4), make_context(make_worker(days=7))) == []

    def test_a_single_free_day_between_day_shifts_is_too_short(self) -> None:
        found = WeeklyRest().check(office_days(0, 1, 2, 3, 4, 5), make_context(make_worker(days=7)))
        assert [(v.measured, v.limit, v.start, v.end) for v in found] == [(31 * HOUR_S, 42 * HOUR_S, 0, 168)]

    def test_a_single_free_day_suffices_between_an_early_end_and_a_late_start(self) -> None:
        shifts = [make_shift(0, 8, 4), make_shift(2, 6, 4), *office_days(3, 4, 5, 6)]
        assert WeeklyRest().check(shifts, make_context(make_worker(days=7))) == []

    def test_rest_counts_only_inside_the_calendar_week(self) -> None:
        """Sunday and Monday free are 63 h of rest in a row, but only 31 h of them lie in the first week."""
        shifts = office_days(0, 1, 2, 3, 4, 5, 8, 9, 10)
        found = WeeklyRest().check(shifts, make_context(make_worker(days=14)))
        assert [(v.start, v.measured // HOUR_S) for v in found] == [(0, 31)]

    def test_known_shifts_before_the_period_count_in_a_week_cut_by_its_edge(self) -> None:
        before = tuple(make_shift(day, **EIGHT_TO_FIVE) for day in (-3, -2, -1))
        free = make_context(make_worker(days=4), first_weekday=3)
        known = make_context(make_worker(days=4, previous=before), first_weekday=3)
        planned = office_days(0, 1, 2)
        assert WeeklyRest().check(planned, free) == []
        assert [v.measured // HOUR_S for v in WeeklyRest().check(planned, known)] == [31]

    def test_days_after_the_period_count_as_free(self) -> None:
        assert WeeklyRest().check(office_days(0, 1, 2, 3, 4), make_context(make_worker(days=5))) == []


class TestDailyRest:
    def test_twelve_hours_are_enough_and_eleven_are_not(self) -> None:
        context = make_context(make_worker())
        assert DailyRest().check([make_shift(0, 9, 12), make_shift(1, 9, 3)], context) == []
        found = DailyRest().check([make_shift(0, 9, 12), make_shift(1, 8, 3)], context)
        assert [(v.measured, v.limit) for v in found] == [(11 * HOUR_S, 12 * HOUR_S)]

    def test_the_last_shift_of_the_previous_period_counts(self) -> None:
        context = make_context(make_worker(previous=(make_shift(-1, 15, 8),)))
        assert [v.measured for v in DailyRest().check([make_shift(0, 8, 3)], context)] == [9 * HOUR_S]


class TestNoTwoShiftsInRow:
    def test_two_starts_on_one_day_are_found(self) -> None:
        found = NoTwoShiftsInRow().check(
            [make_shift(0, 0, 4), make_shift(0, 20, 3)], make_context(make_worker())
        )
        assert [v.key for v in found] == ["no_two_shifts_in_row.same_day"]

    def test_adjacent_shifts_are_found(self) -> None:
        found = NoTwoShiftsInRow().check(
            [make_shift(0, 16, 8), make_shift(1, 0, 8)], make_context(make_worker())
        )
        assert [(v.key, v.measured) for v in found] == [("no_two_shifts_in_row.adjacent", 0)]

    def test_one_shift_a_day_is_fine(self) -> None:
        assert NoTwoShiftsInRow().check(office_days(0, 1), make_context(make_worker())) == []


def test_no_overlap_finds_double_booking_and_passes_neighbours() -> None:
    context = make_context(make_worker())
    found = NoOverlap().check([make_shift(0, 8, 8), make_shift(0, 12, 8)], context)
    assert [(v.start, v.end) for v in found] == [(12, 16)]
    assert NoOverlap().check([make_shift(0, 8, 4), make_shift(0, 12, 4)], context) == []


def test_no_overlap_sees_a_short_shift_inside_a_long_one_after_a_third() -> None:
    context = make_context(make_worker())
    found = NoOverlap().check([make_shift(0, 0, 20), make_shift(0, 2, 2), make_shift(0, 10, 2)], context)
    assert [(v.start, v.end) for v in found] == [(2, 4), (10, 12)]


def test_max_shift_takes_the_smaller_of_rule_and_person() -> None:
    shift = make_shift(0, 8, 8, lunch_at=3)
    assert MaxShift().check([shift], make_context(make_worker())) == []
    found = MaxShift().check([shift], make_context(make_worker(max_paid_s=7 * HOUR_S)))
    assert [(v.measured, v.limit) for v in found] == [(8 * HOUR_S, 7 * HOUR_S)]
    assert len(MaxShift(max_paid_s=6 * HOUR_S).check([shift], make_context(make_worker()))) == 1


class TestMaxConsecutiveDays:
    def test_six_in_a_row_pass_and_seven_do_not(self) -> None:
        context = make_context(make_worker(days=14))
        assert MaxConsecutiveDays().check(office_days(*range(6)), context) == []
        found = MaxConsecutiveDays().check(office_days(*range(1, 8)), context)
        assert [(v.measured, v.limit) for v in found] == [(7, 6)]

    def test_the_tail_of_the_previous_period_counts_but_is_not_judged_alone(self) -> None:
        tail = tuple(make_shift(-day, **EIGHT_TO_FIVE) for day in range(1, 8))
        assert MaxConsecutiveDays().check([], make_context(make_worker(previous=tail))) == []
        context = make_context(make_worker(previous=tail[:5]))
        assert MaxConsecutiveDays().check(office_days(0), context) == []
        assert len(MaxConsecutiveDays().check(office_days(0, 1), context)) == 1


class TestMonthNorm:
    @pytest.mark.parametrize(
        ("norm_h", "keys"),
        [(24, []), (32, []), (33, ["month_norm.under"]), (23, ["month_norm.over"])],
    )
    def test_total_lies_within_the_tolerance(self, norm_h: int, keys: list[str]) -> None:
        found = MonthNorm().check(office_days(0, 1, 2), make_context(make_worker(norm_h=norm_h)))
        assert [v.key for v in found] == keys

    def test_asks_for_no_more_than_can_be_reached(self) -> None:
        worker = make_worker(norm_h=100)
        context = RuleContext(worker, 0, 7, HOUR_S, reachable_paid_s=24 * HOUR_S)
        assert MonthNorm().check(office_days(0, 1, 2), context) == []
        assert [v.limit for v in MonthNorm().check(office_days(0, 1), context)] == [24 * HOUR_S]


class TestNightBan:
    def test_binds_only_those_under_the_ban(self) -> None:
        late = [make_shift(0, 19, 4)]
        assert NightBan().check(late, make_context(make_worker())) == []
        found = NightBan().check(late, make_context(make_worker(night_ban=True)))
        assert [(v.start, v.end) for v in found] == [(22, 23)]

    def test_six_to_twenty_two_is_day(self) -> None:
        context = make_context(make_worker(night_ban=True))
        assert NightBan().check([make_shift(0, 6, 8), make_shift(1, 14, 8)], context) == []
        assert len(NightBan().check([make_shift(0, 5, 8)], context)) == 1

    def test_the_person_s_own_midnight_decides(self) -> None:
        east = make_worker(night_ban=True, day_starts=tuple(range(-4, 7 * 24 - 3, 24)))
        assert NightBan().check([make_shift(0, 2, 16)], make_context(east)) == []
        assert len(NightBan().check([make_shift(0, 3, 16)], make_context(east))) == 1

    def test_hours_of_the_night_are_those_of_the_local_clock(self) -> None:
        """Clocks go forward at two on day 2: its ten at night comes 21 hours after its midnight."""
        starts = (0, 24, 48, *(day * 24 - 1 for day in range(3, 8)))
        spring = make_worker(night_ban=True, day_starts=starts, clock_changes=(ClockChange(2, 2, -1),))
        nights = dict(NightBan().nights(make_context(spring)))
        assert nights[24 + 22] == 48 + 5
        assert nights[48 + 21] == 71 + 6
        starts = (0, 24, 48, *(day * 24 + 1 for day in range(3, 8)))
        autumn = make_worker(night_ban=True, day_starts=starts, clock_changes=(ClockChange(2, 3, 1),))
        nights = dict(NightBan().nights(make_context(autumn)))
        assert nights[24 + 22] == 48 + 7
        assert nights[48 + 23] == 73 + 6


class TestKnownShifts:
    """Shifts of other plans count; what they break among themselves is nobody's finding here."""

    def test_rest_before_a_shift_that_follows_the_period(self) -> None:
        context = make_context(make_worker(days=7, committed=(make_shift(7, 8, 8),)))
        late = [make_shift(6, 16, 8)]
        assert [v.measured for v in DailyRest().check(late, context)] == [8 * HOUR_S]
        assert DailyRest().check([make_shift(6, 12, 8)], context) == []

    def test_days_in_a_row_go_on_behind_the_edge(self) -> None:
        context = make_context(make_worker(days=7, committed=tuple(office_days(7, 8, 9))))
        assert MaxConsecutiveDays().check(office_days(4, 5, 6), context) == []
        assert [v.measured for v in MaxConsecutiveDays().check(office_days(3, 4, 5, 6), context)] == [7]

    def test_a_second_shift_of_a_day_worked_elsewhere(self) -> None:
        context = make_context(make_worker(days=7, committed=(make_shift(2, 6, 3),)))
        found = NoTwoShiftsInRow().check([make_shift(2, 18, 3)], context)
        assert [v.key for v in found] == ["no_two_shifts_in_row.same_day"]

    def test_the_rest_of_a_week_counts_days_behind_the_edge(self) -> None:
        context = make_context(make_worker(days=4, committed=tuple(office_days(5, 6))))
        assert WeeklyRest().check(office_days(0, 1, 2), context) == []
        assert len(WeeklyRest().check(office_days(0, 1, 2, 3), context)) == 1

    @pytest.mark.parametrize("rule", default_rules(), ids=lambda rule: rule.code)
    def test_what_is_known_alone_is_no_finding(self, rule: LabourRule) -> None:
        before = tuple(make_shift(-day, 9, 14) for day in range(9, 0, -1))
        within = tuple(make_shift(day, hour, 9) for day in range(2, 14) for hour in (0, 8))
        worker = make_worker(days=7, previous=before, committed=within, night_ban=True)
        assert rule.check([], make_context(worker, first_weekday=6)) == []

    def test_a_week_spoilt_before_the_period_takes_no_planned_shift(self) -> None:
        before = tuple(make_shift(-day, 9, 10) for day in range(6, 0, -1))
        context = make_context(make_worker(days=8, previous=before), first_weekday=6)
        assert [v.measured for v in WeeklyRest().inherited(context)] == [29 * HOUR_S]
        assert WeeklyRest().check(office_days(1), context) == []
        assert len(WeeklyRest().check(office_days(0), context)) == 1


def test_absence_finds_the_part_of_a_shift_inside_it() -> None:
    worker = make_worker(unavailable=(Span(24, 48),))
    night = make_shift(0, 20, 8)
    assert [(v.start, v.end) for v in Absence().check([night], make_context(worker))] == [(24, 28)]
    assert Absence().check([make_shift(0, 16, 8), make_shift(2, 0, 3)], make_context(worker)) == []


class TestLunchAndBreaks:
    rule = BreakRule(5, 12, 1, 2, 4, 1, 1, 1, 3)
    worker = make_worker(work_rule=make_rule(breaks=(rule,)))

    def shift(self, *leaves: tuple[str, int, int], paid: int = 8) -> Shift:
        spans = tuple(Activity(ActivityKind(kind), begin, end) for kind, begin, end in leaves)
        return Shift(1, 0, spans[0].start, spans[-1].end, paid, spans)

    def keys(self, shift: Shift) -> list[str]:
        return [v.key.removeprefix("lunch_and_breaks.") for v in self.check(shift)]

    def check(self, shift: Shift) -> list[Violation]:
        return LunchAndBreaks().check([shift], make_context(self.worker))

    def test_a_good_shift_passes(self) -> None:
        good = self.shift(
            ("work", 8, 11), ("lunch", 11, 12), ("work", 12, 14), ("break", 14, 15), ("work", 15, 17)
        )
        assert self.keys(good) == []

    def test_leaves_must_partition_the_shift(self) -> None:
        assert self.keys(self.shift(("work", 8, 11), ("lunch", 12, 13), ("work", 13, 17))) == ["partition"]
        assert self.keys(Shift(1, 0, 8, 16, 8)) == ["partition"]

    def test_paid_length_must_agree_with_the_leaves(self) -> None:
        leaves = (("work", 8, 11), ("lunch", 11, 12), ("work", 12, 14), ("break", 14, 15), ("work", 15, 17))
        assert self.keys(self.shift(*leaves, paid=9)) == ["partition"]

    def test_a_long_shift_without_lunch_and_break(self) -> None:
        keys = self.keys(self.shift(("work", 8, 16)))
        assert keys == ["no_lunch", "continuous", "break_count", "lunch_length", "continuous"]

    def test_lunch_outside_its_window(self) -> None:
        late = self.shift(
            ("work", 8, 10), ("break", 10, 11), ("work", 11, 13), ("lunch", 13, 14), ("work", 14, 17)
        )
        early = self.shift(
            ("work", 8, 9), ("lunch", 9, 10), ("work", 10, 13), ("break", 13, 14), ("work", 14, 17)
        )
        assert self.keys(late) == ["lunch_late"]
        assert self.keys(early) == ["lunch_early"]

    def test_a_lunch_may_neither_be_too_short_nor_too_long(self) -> None:
        leaves = (("work", 8, 11), ("lunch", 11, 12), ("work", 12, 14), ("break", 14, 15), ("work", 15, 17))
        shift = self.shift(*leaves)
        half = LunchAndBreaks(lunch_min_s=2 * HOUR_S).check([shift], make_context(self.worker))
        assert [v.key for v in half] == ["lunch_and_breaks.lunch_short"]
        long = LunchAndBreaks(lunch_max_s=1800).check([shift], make_context(self.worker))
        assert [v.key for v in long] == ["lunch_and_breaks.lunch_long"]

    def test_two_work_leaves_in_a_row_are_one_run(self) -> None:
        shift = self.shift(
            ("work", 8, 10),
            ("work", 10, 12),
            ("lunch", 12, 13),
            ("work", 13, 15),
            ("break", 15, 16),
            ("work", 16, 17),
        )
        assert "continuous" in self.keys(shift)

    def test_break_of_a_wrong_length_and_a_run_too_short(self) -> None:
        rule = BreakRule(5, 12, 1, 2, 4, 1, 1, 2, 3)
        worker = make_worker(work_rule=make_rule(breaks=(rule,)))
        shift = self.shift(
            ("work", 8, 10), ("lunch", 10, 11), ("work", 11, 14), ("break", 14, 16), ("work", 16, 17)
        )
        found = LunchAndBreaks().check([shift], make_context(worker))
        assert [v.key.rpartition(".")[2] for v in found] == ["break_length", "run_short"]

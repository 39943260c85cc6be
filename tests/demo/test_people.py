import datetime as dt
from itertools import pairwise

import pytest

from apps.demo.blueprint import LARGE, QUEUES, RULES, SITES, SMALL, QueuePlan
from apps.demo.people import (
    MINOR_SHIFT,
    PAID_BREAK_SHARE,
    REDUCED_WEEK,
    MonthPlan,
    PersonPlan,
    owed_hours,
    people_of,
)

JANUARY = MonthPlan(
    dt.date(2027, 1, 1),
    {
        day: False
        for day in (dt.date(2027, 1, 11) + dt.timedelta(days=n) for n in range(19))
        if day.weekday() < 5
    },
)


def drawn(plan: QueuePlan = LARGE, required_h: float = 27_000, seed: int = 1) -> list[PersonPlan]:
    return people_of(plan, required_h, JANUARY, seed=seed, first_number=1)


def test_the_same_seed_draws_the_same_people() -> None:
    assert drawn() == drawn()
    assert drawn() != drawn(seed=2)


@pytest.mark.parametrize(("plan", "required_h"), [(LARGE, 27_000), (SMALL, 3_100)])
def test_heads_are_as_many_as_the_requirement_needs_and_no_more(plan: QueuePlan, required_h: float) -> None:
    people = drawn(plan, required_h)
    needed_h = required_h / (1 - PAID_BREAK_SHARE) * plan.slack
    owed_h = [owed_hours(person, JANUARY) for person in people]
    assert sum(owed_h) >= needed_h > sum(owed_h[:-1])


def test_the_large_bank_has_some_315_people() -> None:
    assert 290 <= len(drawn()) <= 330


def test_a_full_timer_without_absences_owes_the_norm_of_the_month() -> None:
    person = next(person for person in drawn() if person.weekly_minutes == 2400 and not person.absences)
    assert owed_hours(person, JANUARY) == 120
    shortened = MonthPlan(JANUARY.first, dict.fromkeys(JANUARY.working_days, True))
    assert owed_hours(person, shortened) == 105


def test_contracts_sites_and_zones_are_mixed() -> None:
    people = drawn()
    assert {person.rule for person in people} == {contract.rule for contract in LARGE.contracts}
    assert {person.site for person in people} == {site.code for site in SITES}
    pairs = {(person.rule, person.site) for person in people}
    assert len(pairs) == len(LARGE.contracts) * len(SITES)
    cycle = [person for person in drawn(SMALL, 3_100) if person.rule == "cycle-2-2"]
    assert {person.phase for person in cycle} == {0, 1, 2, 3}


def test_names_agree_in_gender() -> None:
    for person in drawn():
        is_woman = person.middle_name.endswith("на")
        assert is_woman or person.middle_name.endswith("ич")
        if person.last_name.endswith(("ова", "ева", "ёва", "ина", "ая")):
            assert is_woman
        if person.last_name.endswith(("ов", "ев", "ёв", "ин", "ий")):
            assert not is_woman


def test_limits_bring_what_the_law_asks() -> None:
    limited = [person for person in drawn() if person.limits]
    assert {limit for person in limited for limit in person.limits} == {
        "minor",
        "pregnant",
        "disabled",
        "no_night",
    }
    for person in limited:
        assert not person.night_consent
        assert not person.overtime_consent
        if {"minor", "disabled"} & set(person.limits):
            assert (person.weekly_minutes, person.max_shift_minutes) == (REDUCED_WEEK, MINOR_SHIFT)
        if "pregnant" in person.limits:
            assert person.middle_name.endswith("на")
    assert not any(person.limits for person in drawn(SMALL, 3_100))


def test_everybody_has_a_shift_short_enough() -> None:
    shortest = {rule.code: min(template.paid_from for template in rule.templates) for rule in RULES}
    for plan in QUEUES:
        for person in drawn(plan, 3_000):
            assert person.max_shift_minutes is None or person.max_shift_minutes >= shortest[person.rule]


def test_absences_of_a_person_share_no_day_and_take_a_lawful_part_of_the_month() -> None:
    people = drawn()
    for person in people:
        for earlier, later in pairwise(person.absences):
            assert earlier.last < later.first
    absent = 1 - sum(owed_hours(person, JANUARY) for person in people) / sum(
        len(JANUARY.working_days) * person.weekly_minutes / 300 for person in people
    )
    assert 0.04 < absent < 0.12
    assert {row.kind for person in people for row in person.absences} >= {"vacation", "sick", "training"}


def test_nobody_is_in_two_teams_or_in_one_too_large() -> None:
    teams: dict[str, int] = {}
    for person in drawn():
        teams[person.department] = teams.get(person.department, 0) + 1
    assert max(teams.values()) <= 18
    assert all(name.startswith("retail-") for name in teams)

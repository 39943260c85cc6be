"""What the database itself refuses, also from two transactions at once."""

from __future__ import annotations

import datetime as dt
import threading
from typing import TYPE_CHECKING

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F

from apps.schedules.models import Absence, Activity, Shift
from tests.concurrency import at_once
from tests.factories.organization import make_employee
from tests.factories.schedules import make_absence, make_activity, make_shift, make_variant

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.django_db(transaction=True)
HOUR = dt.timedelta(hours=1)
PARTS = (("work", 240), ("lunch", 60), ("work", 240))


def commit(change: Callable[[], object]) -> None:
    with transaction.atomic():
        change()


def test_activities_that_fill_the_shift_are_kept() -> None:
    shift = make_shift(make_variant(), parts=PARTS)
    assert shift.activities.count() == 3
    assert shift.paid_s == 8 * 3600


@pytest.mark.parametrize("index", [0, 1, 2])
def test_a_hole_is_refused(index: int) -> None:
    shift = make_shift(make_variant(), parts=PARTS)
    victim = shift.activities.order_by("start")[index]
    with pytest.raises(IntegrityError, match="partition"):
        commit(victim.delete)
    assert shift.activities.count() == 3


def test_a_shift_without_activities_is_refused() -> None:
    variant, person = make_variant(), make_employee()
    with pytest.raises(IntegrityError, match="partition"), transaction.atomic():
        Shift.objects.create(
            variant=variant,
            employee=person,
            local_date=variant.month,
            start=variant.start,
            end=variant.start + HOUR,
            paid_s=3600,
        )


def test_an_activity_inside_another_is_refused() -> None:
    shift = make_shift(make_variant(), parts=PARTS)
    with pytest.raises(IntegrityError):
        commit(lambda: make_activity(shift, "break", shift.start + HOUR, shift.start + 2 * HOUR))


def test_an_activity_beyond_the_shift_is_refused() -> None:
    shift = make_shift(make_variant(), parts=PARTS)
    with pytest.raises(IntegrityError, match="joins nothing"):
        commit(lambda: make_activity(shift, "work", shift.end, shift.end + HOUR))


def test_activities_that_overlap_and_add_up_are_refused() -> None:
    """4 h + 1 h + 4 h again, but lunch half an hour early: a hole behind it, an overlap before it."""
    shift = make_shift(make_variant(), parts=PARTS)
    lunch = shift.activities.get(kind__code="lunch")
    with pytest.raises(IntegrityError, match="partition"):
        commit(
            lambda: Activity.objects.filter(pk=lunch.pk).update(
                start=lunch.start - HOUR / 2, end=lunch.end - HOUR / 2
            )
        )


def test_paid_time_is_that_of_the_activities() -> None:
    shift = make_shift(make_variant(), parts=PARTS)
    with pytest.raises(IntegrityError, match="paid time"):
        commit(lambda: Shift.objects.filter(pk=shift.pk).update(paid_s=9 * 3600))


def test_a_shift_moves_with_its_activities_in_one_transaction() -> None:
    shift = make_shift(make_variant(), parts=PARTS)
    with transaction.atomic():
        shift.activities.update(start=F("start") + HOUR, end=F("end") + HOUR)
        Shift.objects.filter(pk=shift.pk).update(start=shift.start + HOUR, end=shift.end + HOUR)
    assert shift.activities.order_by("start")[0].start == shift.start + HOUR


def test_a_variant_goes_with_its_shifts() -> None:
    variant = make_variant()
    make_shift(variant, parts=PARTS)
    variant.delete()
    assert not Activity.objects.exists()


def test_two_transactions_cannot_each_be_right_alone() -> None:
    """One shortens the shift by its last hour, the other splits that hour: together they leave a stray."""
    shift = make_shift(make_variant(), parts=(("work", 60), ("work", 60)))
    last = shift.activities.order_by("start")[1]
    together = threading.Barrier(2)

    def shorten() -> None:
        with transaction.atomic():
            together.wait()
            last.delete()
            Shift.objects.filter(pk=shift.pk).update(end=last.start, paid_s=3600)

    def split() -> None:
        with transaction.atomic():
            together.wait()
            middle = last.start + HOUR / 2
            Activity.objects.filter(pk=last.pk).update(end=middle)
            make_activity(shift, "work", middle, last.end)

    outcomes = at_once(shorten, split)
    assert sum(isinstance(error, IntegrityError) for error in outcomes) <= 1
    parts = list(shift.activities.order_by("start"))
    shift.refresh_from_db()
    edges = [shift.start, *(part.end for part in parts)]
    assert edges[:-1] == [part.start for part in parts]
    assert edges[-1] == shift.end


def test_shifts_of_a_person_never_overlap_in_a_variant() -> None:
    variant, person = make_variant(), make_employee()
    make_shift(variant, person)
    with pytest.raises(IntegrityError, match="no_overlap_in_a_variant"):
        make_shift(variant, person, variant.start + 10 * HOUR)


def test_published_shifts_never_overlap_between_variants() -> None:
    person = make_employee()
    make_shift(make_variant(), person, is_published=True)
    with pytest.raises(IntegrityError, match="no_overlap_in_what_is_published"):
        make_shift(make_variant(), person, is_published=True)


def test_nobody_is_published_into_an_absence() -> None:
    variant, person = make_variant(), make_employee()
    make_absence(person, variant.month, variant.month)
    draft = make_shift(variant, person)
    with pytest.raises(IntegrityError, match="absent in the published shift"):
        Shift.objects.filter(pk=draft.pk).update(is_published=True)
    with pytest.raises(IntegrityError, match="absent in the published shift"):
        make_shift(make_variant(), person, is_published=True)


def test_nobody_becomes_absent_during_a_published_shift() -> None:
    variant, person = make_variant(), make_employee()
    make_shift(variant, person, is_published=True)
    with pytest.raises(IntegrityError, match="absent in the published shift"):
        make_absence(person, variant.month, variant.month)
    later = make_absence(person, variant.month + dt.timedelta(days=1), variant.month + dt.timedelta(days=2))
    with pytest.raises(IntegrityError, match="absent in the published shift"):
        Absence.objects.filter(pk=later.pk).update(start=variant.start)


def test_an_absence_may_begin_when_a_published_shift_ends() -> None:
    variant, person = make_variant(), make_employee()
    shift = make_shift(variant, person, is_published=True)
    absence = make_absence(person, variant.month + dt.timedelta(days=1), variant.month + dt.timedelta(days=1))
    Absence.objects.filter(pk=absence.pk).update(start=shift.end)


def test_of_publishing_and_absence_at_once_one_wins() -> None:
    for _attempt in range(5):
        variant, person = make_variant(), make_employee()
        shift = make_shift(variant, person)
        together = threading.Barrier(2)

        def publish(pk: int = shift.pk, gate: threading.Barrier = together) -> None:
            with transaction.atomic():
                gate.wait()
                Shift.objects.filter(pk=pk).update(is_published=True)

        def fall_ill(
            gate: threading.Barrier = together, who: object = person, day: dt.date = variant.month
        ) -> None:
            with transaction.atomic():
                gate.wait()
                make_absence(who, day, day, kind="sick")  # type: ignore[arg-type]

        outcomes = at_once(publish, fall_ill)
        assert [type(error) for error in outcomes if error is not None] == [IntegrityError]
        shift.refresh_from_db()
        assert shift.is_published != Absence.objects.filter(employee=person).exists()

"""Editing a schedule: what each command does, what it is refused for, and that it can be undone."""

from __future__ import annotations

import datetime as dt

import pytest

from apps.schedules.selectors.snapshots import shift_snapshot
from apps.schedules.services import editing
from apps.schedules.types import (
    AddShift,
    DeleteShift,
    MoveShift,
)
from tests.schedules.scenes import START, make_plan, make_scene

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)


def test_add_move_delete_undo() -> None:
    scene = make_scene(people=2, agents=2)
    variant = make_plan(scene)
    shift = variant.shifts.order_by("start").first()
    before = shift_snapshot(shift.pk)
    outcome = editing.apply(
        variant_id=variant.pk, commands=[MoveShift(shift.pk, start=shift.start + HOUR)], actor=None
    )
    assert shift_snapshot(shift.pk).start == shift.start + HOUR
    editing.undo(variant_id=variant.pk, actor=None)
    assert shift_snapshot(shift.pk) == before
    editing.redo(variant_id=variant.pk, actor=None)
    assert shift_snapshot(shift.pk).start == shift.start + HOUR
    outcome = editing.apply(variant_id=variant.pk, commands=[DeleteShift(shift.pk)], actor=None)
    assert shift_snapshot(shift.pk) is None
    editing.undo(variant_id=variant.pk, actor=None)
    assert shift_snapshot(shift.pk).start == shift.start + HOUR
    start = START + dt.timedelta(days=7, hours=9)
    outcome = editing.apply(
        variant_id=variant.pk,
        commands=[AddShift(shift.employee_id, start, start + 8.75 * HOUR)],
        actor=None,
    )

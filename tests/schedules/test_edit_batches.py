"""Many commands as one edit: as many questions to the database as for one, and shifts that see each other."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.schedules.models import LabourRuleSetting
from apps.schedules.services import editing
from apps.schedules.types import AddShift, ResizeShift
from apps.staffing.models import RequirementPoint
from tests.schedules.edit_scenes import make_edit_scene

if TYPE_CHECKING:
    from apps.schedules.types import ActivityFacts

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)
MINUTE = dt.timedelta(minutes=1)


def test_as_many_queries_for_few_commands_as_for_many() -> None:
    """What is laid is laid among what is required and stored, which is read once."""
    scene = make_edit_scene()
    LabourRuleSetting.objects.all().update(mode="ignore")
    shifts = [scene.add(person, day) for person in scene.people for day in range(2, 19)]
    commands = [ResizeShift(shift.pk, shift.start, shift.end - HOUR) for shift in shifts[:50]]
    asked: dict[str, Any] = {"variant_id": scene.variant.pk, "actor": None}
    with CaptureQueriesContext(connection) as few:
        editing.preview(**asked, commands=commands[:1])
    with CaptureQueriesContext(connection) as many:
        editing.preview(**asked, commands=commands)
    assert len(few) == len(many) <= 40


def test_shifts_of_one_batch_see_each_other() -> None:
    """Two people at the same hours where one is required: somebody is always there."""
    scene = make_edit_scene()
    RequirementPoint.objects.update(required=1)
    people = scene.people[:2]
    start = scene.at(people[0], 3, 9)
    commands = [AddShift(person.pk, start, start + 8.75 * HOUR) for person in people]
    outcome = editing.apply(variant_id=scene.variant.pk, commands=commands, actor=None)
    assert not [
        slot for slot in outcome.effect.cover if slot.after < slot.required and slot.before != slot.after
    ]
    pauses = [
        {
            leaf.start + n * 15 * MINUTE
            for leaf in made.activities
            if leaf.queue_id is None
            for n in range(_quarters(leaf))
        }
        for made in outcome.shifts
    ]
    assert not pauses[0] & pauses[1]


def _quarters(leaf: ActivityFacts) -> int:
    return int((leaf.end - leaf.start) / (15 * MINUTE))

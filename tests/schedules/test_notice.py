"""Which day it is when a schedule is published: the group's."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from apps.core import clock
from apps.schedules.services.publishing import publish_variant
from tests.schedules.scenes import make_plan, make_scene

if TYPE_CHECKING:
    from apps.schedules.models import ScheduleVariant

pytestmark = pytest.mark.django_db
LATE = dt.datetime(2027, 1, 1, 22, 30, tzinfo=dt.UTC)


@pytest.mark.parametrize(("zone", "days", "is_late"), [("Europe/Moscow", 30, True), ("UTC", 31, False)])
def test_notice_is_counted_on_the_groups_clock(
    zone: str, days: int, monkeypatch: pytest.MonkeyPatch, *, is_late: bool
) -> None:
    """At half past ten in the evening of Greenwich Moscow has the next day already."""
    scene = make_scene(people=1)
    scene.group.time_zone = zone
    scene.group.save()
    variant: ScheduleVariant = make_plan(scene)
    monkeypatch.setattr(clock, "now", lambda: LATE)
    notice = publish_variant(variant_id=variant.pk, actor=None).metrics["publication"]
    assert (notice["notice_days"], notice["less_than_a_month"]) == (days, is_late)

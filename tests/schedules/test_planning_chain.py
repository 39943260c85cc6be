"""A small month from requirement to a published schedule."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from apps.schedules.choices import VariantState
from apps.schedules.services.optimisation import optimise_month
from apps.schedules.services.publishing import publish_variant
from apps.schedules.services.reference import load_default_rules
from apps.workcalendar.services.kinds import load_kinds
from tests.factories.organization import make_employee, make_member, make_queue
from tests.factories.schedules import make_group, make_work_rule
from tests.factories.staffing import make_requirement, make_target
from tests.factories.workcalendar import make_calendar

MONTH = dt.date(2027, 2, 1)
ORIGIN = dt.datetime(2027, 1, 31, 21, tzinfo=dt.UTC)
DAYS = 28


@pytest.mark.django_db(transaction=True)
def test_plan_and_publish() -> None:
    load_kinds()
    load_default_rules()
    make_calendar("ru", (2027,))
    queue = make_queue()
    make_target(queue)
    group = make_group(queue)
    people = [make_employee() for _ in range(8)]
    for person in people:
        make_member(queue, person)
    make_work_rule(*people)
    required = np.zeros((DAYS, 96), dtype=int)
    required[:, 36:72] = 4
    make_requirement(queue, ORIGIN, required.ravel().tolist())
    variant = optimise_month(group_id=group.pk, month=MONTH, actor=None, time_limit_s=6)
    published = publish_variant(variant_id=variant.pk, actor=None)
    assert published.state == VariantState.PUBLISHED

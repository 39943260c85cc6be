from __future__ import annotations

import datetime as dt
from functools import partial

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from apps.accounts.choices import Role
from apps.core.errors import ConflictError, NotAllowedError, NotFoundError
from apps.forecasts.choices import VersionState
from apps.forecasts.models import ForecastVersion
from apps.forecasts.selectors import active_version, forecast_points, versions_of
from apps.forecasts.services.running import run_forecast
from apps.forecasts.services.versions import activate_version, archive_version
from tests.concurrency import at_once
from tests.factories.accounts import make_user
from tests.factories.forecasts import make_forecast
from tests.factories.organization import make_queue
from tests.forecasts.series import MONDAY, import_weeks, weekly_queue

MARCH = dt.datetime(2025, 3, 1, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def _english() -> None:
    translation.activate("en")


def states() -> dict[int, str]:
    return dict(ForecastVersion.objects.order_by("pk").values_list("pk", "state"))


@pytest.mark.django_db
def test_activating_archives_what_it_overlaps_and_nothing_else() -> None:
    queue = make_queue()
    early = make_forecast(queue, MARCH, [1.0] * 96)
    late = make_forecast(queue, MARCH + DAY, [1.0] * 96)
    beside = make_forecast(queue, MARCH + 5 * DAY, [1.0] * 96)
    other = make_forecast(make_queue(), MARCH, [1.0] * 96)
    draft = make_forecast(queue, MARCH + DAY / 2, [1.0] * 96, state=VersionState.DRAFT)
    activated = activate_version(version_id=draft.pk, actor=make_user(Role.PLANNER))
    assert activated.state == VersionState.ACTIVE
    assert states() == {
        early.pk: "archived",
        late.pk: "archived",
        beside.pk: "active",
        other.pk: "active",
        draft.pk: "active",
    }
    activate_version(version_id=early.pk, actor=None)
    assert states()[early.pk] == "active", "an archived version can be taken back"
    assert states()[draft.pk] == "archived"


@pytest.mark.django_db
def test_archiving() -> None:
    version = make_forecast(make_queue(), MARCH, [1.0])
    with pytest.raises(NotAllowedError):
        archive_version(version_id=version.pk, actor=make_user(Role.EMPLOYEE))
    archive_version(version_id=version.pk, actor=None)
    with pytest.raises(ConflictError):
        archive_version(version_id=version.pk, actor=None)
    with pytest.raises(NotFoundError):
        activate_version(version_id=10**6, actor=None)


@pytest.mark.django_db
def test_a_draft_leaves_the_active_version_alone() -> None:
    queue = weekly_queue()
    import_weeks(queue)
    start = MONDAY + dt.timedelta(weeks=8)
    span = {"queue_id": queue.pk, "start": start, "end": start + DAY, "actor": None}
    first = run_forecast(**span)  # type: ignore[arg-type]
    draft = run_forecast(**span, activate=False)  # type: ignore[arg-type]
    assert (first.number, draft.number, draft.state) == (1, 2, VersionState.DRAFT)
    third = run_forecast(**span)  # type: ignore[arg-type]
    assert states() == {first.pk: "archived", draft.pk: "draft", third.pk: "active"}
    assert [version.number for version in versions_of(queue.pk)] == [3, 2, 1]


@pytest.mark.django_db
def test_the_active_version_of_a_span() -> None:
    queue = make_queue()
    first = make_forecast(queue, MARCH, [1.0] * 96)
    second = make_forecast(queue, MARCH + DAY, [1.0] * 192)
    assert active_version(queue.pk, MARCH, MARCH + DAY) == first
    assert active_version(queue.pk, MARCH + DAY, MARCH + 3 * DAY) == second
    assert active_version(queue.pk, MARCH, MARCH + 3 * DAY) == first, "none holds it all"
    assert active_version(queue.pk, MARCH - DAY, MARCH) is None


@pytest.mark.django_db
def test_points_take_two_queries() -> None:
    version = make_forecast(make_queue(), MARCH, [1.0, 2.5, 0.0], aht_s=90)
    with CaptureQueriesContext(connection) as queries:
        points = forecast_points(version.pk)
    assert len(queries) <= 2
    assert points.calls.tolist() == [1.0, 2.5, 0.0]
    assert points.starts.astype(str).tolist()[1] == "2025-03-01T00:15:00"
    assert (points.step_s, set(points.aht_s)) == (900, {90.0})


@pytest.mark.django_db(transaction=True)
def test_forecasts_at_once_take_different_numbers_and_one_is_active() -> None:
    queue = weekly_queue()
    import_weeks(queue)
    start = MONDAY + dt.timedelta(weeks=8)
    run = partial(run_forecast, queue_id=queue.pk, start=start, end=start + DAY, actor=None)
    results = at_once(run, run, run)
    assert not [result for result in results if isinstance(result, Exception)]
    assert sorted(ForecastVersion.objects.values_list("number", flat=True)) == [1, 2, 3]
    assert ForecastVersion.objects.filter(state=VersionState.ACTIVE).count() == 1


@pytest.mark.django_db(transaction=True)
def test_versions_activated_at_once_end_with_one_active() -> None:
    queue = make_queue()
    drafts = [make_forecast(queue, MARCH, [1.0], state=VersionState.DRAFT) for _ in range(4)]
    results = at_once(*(partial(activate_version, version_id=draft.pk, actor=None) for draft in drafts))
    assert not [result for result in results if isinstance(result, Exception)]
    assert sorted(states().values()) == ["active", "archived", "archived", "archived"]

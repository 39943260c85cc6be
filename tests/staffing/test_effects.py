"""What a change of the forecast does to the requirement, before anything is stored."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import translation

from apps.accounts.choices import Role
from apps.core.errors import DomainError, NotAllowedError
from apps.forecasts.choices import VersionState
from apps.forecasts.selectors import forecast_points
from apps.forecasts.services.adjusting import adjust_forecast, adjusted_points
from apps.forecasts.services.versions import activate_version
from apps.forecasts.types import Adjustment
from apps.jobs.models import Job
from apps.jobs.services import run_now
from apps.staffing.models import RequirementVersion
from apps.staffing.selectors import requirement_points
from apps.staffing.services.deriving import derive_requirement
from apps.staffing.services.effects import effect_of
from tests.factories import make_forecast, make_queue, make_user
from tests.factories.staffing import make_target

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from apps.forecasts.models import ForecastVersion

pytestmark = pytest.mark.django_db
START = dt.datetime(2027, 1, 31, 21, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def _english() -> None:
    translation.activate("en")


@pytest.fixture
def version() -> ForecastVersion:
    """Make an active month of quarters of an hour with ten calls each."""
    queue = make_queue(code="calls", step_minutes=15)
    make_target(queue)
    return make_forecast(queue, START, [10.0] * (28 * 96), number=1)


def grown(version: ForecastVersion, factor: float = 1.5, days: int = 1) -> Adjustment:
    return Adjustment(version.start, version.start + days * DAY, "calls", "multiply", factor)


def test_the_effect_is_what_deriving_gives(version: ForecastVersion) -> None:
    change = grown(version)
    points = adjusted_points(version, forecast_points(version.pk), [change])
    effect = effect_of(version=version, points=points, actor=None)
    assert not RequirementVersion.objects.exists()
    made = adjust_forecast(version_id=version.pk, adjustments=[change], reason="x", actor=None)
    before = requirement_points(derive_requirement(forecast_id=version.pk, actor=None).pk).required
    after = requirement_points(derive_requirement(forecast_id=made.pk, actor=None).pk).required
    assert len(effect.days) == 28
    first, second = effect.days[:2]
    assert first.first == dt.date(2027, 2, 1)
    assert (first.hours_before, first.hours_after) == (before[:96].sum() / 4, after[:96].sum() / 4)
    assert (first.peak_before, first.peak_after) == (before[:96].max(), after[:96].max())
    assert first.hours_change > 0
    assert (second.hours_change, second.peak_change) == (0, 0)
    assert effect.total.hours_after == after.sum() / 4
    assert effect.total.calls_after == pytest.approx(28 * 960 + 480)
    assert effect.total.peak_after == after.max()


def test_activation_is_weighed_against_what_is_planned_from(version: ForecastVersion) -> None:
    draft = make_forecast(version.queue, START, [20.0] * (7 * 96), number=2, state=VersionState.DRAFT)
    effect = effect_of(version=draft, points=None, actor=None)
    assert (effect.total.calls_before, effect.total.calls_after) == (7 * 960, 7 * 1920)
    alone = make_forecast(version.queue, START + 100 * DAY, [1.0] * 96, number=3, state=VersionState.DRAFT)
    assert effect_of(version=alone, points=None, actor=None).total.hours_before is None


def test_only_what_both_versions_reach_over_is_compared(version: ForecastVersion) -> None:
    """The draft begins with the last week of the active month and goes on for another one."""
    begin = START + 21 * DAY
    draft = make_forecast(version.queue, begin, [20.0] * (14 * 96), number=2, state=VersionState.DRAFT)
    effect = effect_of(version=draft, points=None, actor=None)
    assert effect.compared == (dt.date(2027, 2, 22), dt.date(2027, 2, 28))
    assert (effect.total.calls_before, effect.total.calls_after) == (7 * 960, 7 * 1920)
    assert (effect.total.first, effect.total.last) == effect.compared
    assert len(effect.days) == 14
    assert [row.hours_before is None for row in effect.days] == [False] * 7 + [True] * 7
    inside = make_forecast(version.queue, begin, [20.0] * 96, number=3, state=VersionState.DRAFT)
    assert effect_of(version=inside, points=None, actor=None).compared is None


def test_a_day_on_which_two_versions_meet_is_the_sum_of_both(version: ForecastVersion) -> None:
    noon = version.end + DAY / 2
    make_forecast(version.queue, version.end, [1.0] * 48, number=2)
    make_forecast(version.queue, noon, [3.0] * 48, number=3)
    draft = make_forecast(version.queue, version.end, [5.0] * 96, number=4, state=VersionState.DRAFT)
    (day,) = effect_of(version=draft, points=None, actor=None).days
    assert (day.calls_before, day.calls_after) == (4 * 48, 5 * 96)


def test_of_a_day_that_is_reached_in_part_that_part_is_compared(version: ForecastVersion) -> None:
    make_forecast(version.queue, version.end, [1.0] * 48, number=2)
    draft = make_forecast(version.queue, version.end, [5.0] * 96, number=3, state=VersionState.DRAFT)
    effect = effect_of(version=draft, points=None, actor=None)
    (day,) = effect.days
    assert (day.calls_before, day.calls_after) == (48, 5 * 48)
    assert effect.compared == (day.first, day.last)


def test_without_a_target_it_says_what_is_missing() -> None:
    bare = make_forecast(make_queue(), START, [1.0] * 96)
    with pytest.raises(DomainError, match="no staffing target"):
        effect_of(version=bare, points=None, actor=None)
    with pytest.raises(NotAllowedError):
        effect_of(version=bare, points=None, actor=make_user(Role.EMPLOYEE))


def test_it_takes_few_queries(
    version: ForecastVersion, django_assert_num_queries: Callable[..., Any]
) -> None:
    points = forecast_points(version.pk)
    with django_assert_num_queries(8):
        effect_of(version=version, points=points, actor=None)


class TestPages:
    @pytest.fixture(autouse=True)
    def _planner(self, client: Client) -> None:
        client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
        client.force_login(make_user("planner"))

    def address(self, version: ForecastVersion, **more: str) -> str:
        asked = {
            "first_day": "2027-02-01",
            "last_day": "2027-02-02",
            "measure": "calls",
            "operation": "multiply",
            "value": "1.5",
        } | more
        return f"/forecasts/{version.pk}/adjust/effect/?" + "&".join(f"{k}={v}" for k, v in asked.items())

    def test_the_effect_of_a_form(self, client: Client, version: ForecastVersion) -> None:
        page = client.get(self.address(version))
        assert page.context["effect"].total.calls_after == 28 * 960 + 2 * 480
        assert "Required person-hours" in page.content.decode()

    @pytest.mark.parametrize(
        ("more", "told"),
        [
            ({"value": ""}, "By or to: This field is required"),
            ({"value": "-1"}, "A factor lies between 0 and 100"),
            ({"last_day": "2027-01-01"}, "It ends before it begins"),
            ({"last_day": "2027-12-01"}, "outside the forecast"),
        ],
    )
    def test_what_is_wrong_is_told_instead(
        self, client: Client, version: ForecastVersion, more: dict[str, str], told: str
    ) -> None:
        page = client.get(self.address(version, **more))
        assert (page.status_code, told in page.content.decode()) == (200, True)

    def test_the_effect_of_activation_and_of_no_target(
        self, client: Client, version: ForecastVersion
    ) -> None:
        assert (
            "Most agents at once" in client.get(f"/forecasts/{version.pk}/activate/effect/").content.decode()
        )
        bare = make_forecast(make_queue(), START, [1.0] * 96)
        assert "no staffing target" in client.get(f"/forecasts/{bare.pk}/activate/effect/").content.decode()

    def test_after_a_change_the_requirement_is_outdated_and_derived_by_a_job(
        self, client: Client, version: ForecastVersion
    ) -> None:
        page = "/queues/calls/forecast/"
        assert "No requirement was derived" in client.get(page).content.decode()
        derive_requirement(forecast_id=version.pk, actor=None)
        assert "was derived from this version" in client.get(page).content.decode()
        made = adjust_forecast(version_id=version.pk, adjustments=[grown(version)], reason="x", actor=None)
        activate_version(version_id=made.pk, actor=None)
        text = client.get(page).content.decode()
        assert "is outdated: it was derived from version 1" in text
        answer = client.post(f"/forecasts/{made.pk}/derive/")
        job = Job.objects.get(kind="staffing.derive")
        assert answer["Location"].startswith(f"/jobs/{job.pk}/")
        run_now(job)
        assert "was derived from this version" in client.get(page).content.decode()

    def test_employees_see_nothing(self, client: Client, version: ForecastVersion) -> None:
        client.force_login(make_user("employee"))
        assert client.get(self.address(version)).status_code == 403
        assert client.get(f"/forecasts/{version.pk}/activate/effect/").status_code == 403
        client.post(f"/forecasts/{version.pk}/derive/")
        assert not Job.objects.exists()

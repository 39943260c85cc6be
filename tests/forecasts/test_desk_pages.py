"""Adjusting, comparing, activating and rolling back on the pages; coefficients proposed by history."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest

from apps.core import clock
from apps.demand.models import SpecialDay
from apps.forecasts.choices import VersionState
from apps.forecasts.models import ForecastVersion
from apps.forecasts.services.proposing import propose_coefficients
from apps.forecasts.services.versions import activate_version
from tests.factories import make_forecast, make_history, make_queue, make_user

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from apps.organization.models import Queue

pytestmark = pytest.mark.django_db
START = dt.datetime(2027, 1, 31, 21, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


@pytest.fixture
def queue(client: Client) -> Queue:
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    client.force_login(make_user("planner"))
    return make_queue(code="calls")


@pytest.fixture
def version(queue: Queue) -> ForecastVersion:
    made = make_forecast(queue, START, [10.0] * (28 * 96), number=1, state=VersionState.DRAFT)
    return activate_version(version_id=made.pk, actor=None)


def form(**more: str) -> dict[str, str]:
    return {
        "first_day": "2027-02-01",
        "last_day": "2027-02-07",
        "measure": "calls",
        "operation": "multiply",
        "value": "1.2",
        "reason": "a campaign",
    } | more


def test_an_adjustment_leads_to_the_new_version_with_its_chain(
    client: Client, version: ForecastVersion
) -> None:
    assert client.get(f"/forecasts/{version.pk}/adjust/").status_code == 200
    answer = client.post(f"/forecasts/{version.pk}/adjust/", form(), follow=True)
    made = ForecastVersion.objects.get(number=2)
    assert answer.context["version"] == made
    text = answer.content.decode()
    for told in (
        "Version 2 was made",
        "adjusts version 1",
        "a campaign",
        "Multiply by a factor",
        "Statistical base",
    ):
        assert told in text
    kinds = [
        row["kind"]
        for row in client.get(f"/forecasts/{made.pk}/data/?from=2027-02-01&days=1").json()["series"]
    ]
    assert "other" in kinds


@pytest.mark.parametrize(
    ("more", "status", "told"),
    [
        ({"value": "-1"}, 400, "A factor lies between 0 and 100"),
        ({"value": "x"}, 422, "Enter a number"),
        ({"reason": ""}, 422, "This field is required"),
        ({"last_day": "2027-01-01"}, 422, "It ends before it begins"),
        ({"last_day": "2028-01-01"}, 400, "outside the forecast"),
        ({"last_day": "9999-12-31"}, 422, "outside the years 1990 to 2100"),
        ({"from_time": "09:07"}, 400, "does not fall on an interval"),
    ],
)
def test_nonsense_stands_on_its_field(
    client: Client, version: ForecastVersion, more: dict[str, str], status: int, told: str
) -> None:
    answer = client.post(f"/forecasts/{version.pk}/adjust/", form(**more))
    text = answer.content.decode()
    assert (answer.status_code, ForecastVersion.objects.count()) == (status, 1)
    assert told in text.split('class="errors"', 1)[1]


def test_activate_and_roll_back_with_a_reason(client: Client, version: ForecastVersion) -> None:
    client.post(f"/forecasts/{version.pk}/adjust/", form(activate="on"))
    made = ForecastVersion.objects.get(number=2)
    assert made.state == "active"
    page = client.get(f"/forecasts/{made.pk}/roll-back/")
    assert [row.pk for row in page.context["others"]] == [version.pk]
    assert client.post(f"/forecasts/{made.pk}/roll-back/", {"reason": ""}).status_code == 422
    answer = client.post(f"/forecasts/{made.pk}/roll-back/", {"reason": "off"}, follow=True)
    assert "Version 1 is planned from again" in answer.content.decode()
    page = client.get(f"/forecasts/{made.pk}/activate/")
    assert [row.pk for row in page.context["others"]] == [version.pk]
    answer = client.post(f"/forecasts/{made.pk}/activate/", {"reason": "on again"}, follow=True)
    assert "Version 2 is planned from" in answer.content.decode()
    assert made.activations.first().reason == "on again"  # type: ignore[union-attr]


def test_compare_shows_differences_and_accuracy(
    client: Client, queue: Queue, version: ForecastVersion
) -> None:
    make_history(queue, START, [8] * 96, step_s=900)
    client.post(f"/forecasts/{version.pk}/adjust/", form())
    page = client.get("/queues/calls/forecast/compare/")
    assert (page.context["one"].number, page.context["other"].number) == (1, 2)
    row = page.context["found"].rows[0]
    assert (row.fact, row.one, row.other) == (768, 960, pytest.approx(1152))
    assert "20.0%" in page.content.decode()
    pair = f"a={version.pk}&b={page.context['other'].pk}"
    assert len(client.get(f"/queues/calls/forecast/compare/data/?{pair}").json()["labels"]) == 28
    weekly = client.get(f"/queues/calls/forecast/compare/?{pair}&by=week")
    assert [row.one for row in weekly.context["found"].rows] == [6720] * 4
    assert client.get(f"/queues/calls/forecast/compare/?{pair}&by=moon").status_code == 400


def test_compare_by_interval_and_without_a_pair(client: Client, queue: Queue) -> None:
    assert "no two versions" in client.get("/queues/calls/forecast/compare/").content.decode()
    one, other = (
        make_forecast(queue, START, [value] * 96, state=VersionState.DRAFT, number=number)
        for number, value in ((1, 1.0), (2, 2.0))
    )
    data = client.get(f"/queues/calls/forecast/compare/data/?a={one.pk}&b={other.pk}").json()
    assert (len(data["labels"]), data["labels"][0]) == (96, "01.02 00:00")
    assert [row["values"][0] for row in data["series"]] == [None, 1, 2]
    foreign = make_forecast(make_queue(), START, [1.0])
    for query in (f"a={one.pk}&b={foreign.pk}", "", "a=x&b=y"):
        assert client.get(f"/queues/calls/forecast/compare/data/?{query}").status_code in {400, 404}


def test_versions_of_other_months_are_no_dead_end(client: Client, queue: Queue) -> None:
    march = START + 28 * DAY
    february, first, second, third = (
        make_forecast(queue, start, [1.0] * 96, state=state, number=number)
        for number, (start, state) in enumerate(
            [
                (START, VersionState.ACTIVE),
                (march, VersionState.DRAFT),
                (march, VersionState.ACTIVE),
                (march, VersionState.DRAFT),
            ],
            start=1,
        )
    )

    def shown(query: str) -> tuple[int, int, bool]:
        page = client.get(f"/queues/calls/forecast/compare/{query}")
        text = page.content.decode()
        assert page.status_code == 200
        assert '<select id="a"' in text
        return page.context["one"].pk, page.context["other"].pk, "found" in page.context

    assert shown("") == (second.pk, third.pk, True)
    assert shown(f"?version={first.pk}") == (second.pk, first.pk, True)
    assert shown(f"?version={february.pk}")[2] is False
    assert shown(f"?a={february.pk}&b={third.pk}") == (february.pk, third.pk, False)
    text = client.get(f"/queues/calls/forecast/compare/?a={february.pk}&b={third.pk}").content.decode()
    assert "The two versions share no day." in text
    assert "data-url" not in text
    page = client.get(f"/queues/calls/forecast/?version={first.pk}").content.decode()
    assert f"/forecast/compare/?version={first.pk}" in page
    assert client.get("/queues/calls/forecast/compare/?version=x").status_code == 400


def test_the_version_made_from_another_is_compared_with_it(client: Client, version: ForecastVersion) -> None:
    client.post(f"/forecasts/{version.pk}/adjust/", form())
    made = ForecastVersion.objects.get(number=2)
    make_forecast(version.queue, START, [1.0] * 96, state=VersionState.DRAFT, number=3)
    for shown in (version, made):
        page = client.get(f"/queues/calls/forecast/compare/?version={shown.pk}")
        assert (page.context["one"], page.context["other"]) == (version, made)


def test_employees_may_nothing(client: Client, version: ForecastVersion) -> None:
    client.force_login(make_user("employee"))
    for name in ("adjust", "activate", "roll-back"):
        assert client.get(f"/forecasts/{version.pk}/{name}/").status_code == 403
    assert client.get("/queues/calls/forecast/compare/").status_code == 403
    assert client.get("/queues/calls/special-days/proposals/").status_code == 403


def test_the_forecast_page_takes_the_same_queries_however_many_versions(
    client: Client, version: ForecastVersion, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    queue = version.queue
    client.get("/queues/calls/forecast/")
    for number in range(2, 12):
        make_forecast(queue, START, [1.0] * 96, state=VersionState.DRAFT, number=number)
    with django_assert_max_num_queries(40):
        client.get("/queues/calls/forecast/")


def test_coefficients_are_derived_from_what_the_days_saw(client: Client, queue: Queue) -> None:
    begin = dt.datetime.combine(clock.now().date() - 70 * DAY, dt.time(), dt.UTC) - dt.timedelta(hours=3)
    sale = [20, 40]
    calls = [30 if day in sale else 10 for day in range(60) for _slot in range(24)]
    make_history(queue, begin, calls, step_s=3600)
    first = begin.date() + DAY
    for day in sale:
        SpecialDay.objects.create(
            name="Sale", first_day=first + day * DAY, last_day=first + day * DAY, coefficient=1, queue=queue
        )
    (proposal,) = [row for row in propose_coefficients(queue=queue, actor=None) if row.name == "Sale"]
    assert proposal.coefficient == pytest.approx(3)
    assert [share for _day, share in proposal.seen] == pytest.approx([3, 3])
    text = client.get("/queues/calls/special-days/proposals/").content.decode()
    assert "name=Sale&amp;coefficient=3.0" in text
    file = client.get("/queues/calls/special-days/proposals/download/", {"format": "csv"})
    rows = [line.split(";") for line in file.content.decode("utf-8-sig").splitlines()]
    assert [row[3] for row in rows if row[0] == "Sale"] == ["3.000", "3.000"]


def test_what_does_not_come_again_or_saw_nobody_is_not_proposed(queue: Queue) -> None:
    begin = dt.datetime.combine(clock.now().date() - 70 * DAY, dt.time(), dt.UTC) - dt.timedelta(hours=3)
    first = begin.date() + DAY
    calls = [0 if day == 30 else 10 for day in range(60) for _slot in range(24)]
    make_history(queue, begin, calls, step_s=3600)
    for name, day in (("Closed", 30), ("Sale", 40)):
        SpecialDay.objects.create(
            name=name, first_day=first + day * DAY, last_day=first + day * DAY, coefficient=1, queue=queue
        )
    assert [row.name for row in propose_coefficients(queue=queue, actor=None)] == ["Sale"]


def test_a_version_is_archived_by_its_page_and_then_no_longer_offered_for_it(
    client: Client, version: ForecastVersion
) -> None:
    address = f"/forecasts/{version.pk}/archive/"
    page = f"/queues/calls/forecast/?version={version.pk}"
    assert address in client.get(page).content.decode()
    answer = client.post(address, follow=True)
    assert "Version 1 is archived." in answer.content.decode()
    assert address not in client.get(page).content.decode()
    assert "archived already" in client.post(address, follow=True).content.decode()
    client.force_login(make_user("employee"))
    assert client.post(address, headers={"HX-Request": "true"}).status_code == 403

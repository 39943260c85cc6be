from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from django.db import OperationalError
from prometheus_client.parser import text_string_to_metric_families
from redis import Redis
from redis.exceptions import RedisError

from apps.core import clock
from apps.core.metrics import count_request, flush, mark, sharing, sources
from apps.core.metrics.tally import Tally, tally
from apps.core.models import DeliveryState, OutboxDelivery, OutboxEvent
from apps.jobs.choices import JobState
from apps.jobs.models import Job
from tests.conftest import REPOSITORY, child_process

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpResponse
    from django.test import Client
    from pytest_django.fixtures import SettingsWrapper

pytestmark = pytest.mark.django_db
COUNTING = """
import sys, django; django.setup()
from apps.core.metrics import announce, count_request, flush
announce("counter", lambda: {"pool_max": 20, "pool_size": 3})
for number in range(int(sys.argv[1])):
    count_request("test:page", "GET", 200, 0.02)
    if number % 7 == 0:
        flush()
"""


@pytest.fixture(autouse=True)
def _nothing_counted(settings: SettingsWrapper) -> Iterator[None]:
    settings.METRICS_ADDRESSES = ["127.0.0.0/8"]
    link = Redis.from_url(settings.REDIS_URL)
    for key in link.scan_iter(f"{settings.REDIS_PREFIX}metrics:*"):
        link.delete(key)
    link.close()
    tally.take()
    sharing.process.marks.clear()
    sources.forget()
    yield
    sources.forget()


def scrape(client: Client, **headers: str) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    response = client.get("/metrics", headers=headers)
    assert response.status_code == 200
    assert response["Content-Type"].startswith("text/plain; version=")
    assert response["Cache-Control"].startswith("max-age=0")
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(response.content.decode())
        for sample in family.samples
    }


def value(samples: dict[Any, float], name: str, **labels: str) -> float | None:
    return samples.get((name, frozenset(labels.items())))


def test_requests_are_counted_by_route_method_and_status(client: Client) -> None:
    client.get("/health/live")
    client.get("/health/live")
    client.get("/no/such/page/17")
    client.generic("BREW", "/no/such/page/18")
    b"".join(client.get("/static/core/css/tokens.css"))
    samples = scrape(client)
    assert value(samples, "wfm_requests_total", route="core:live", method="GET", status="200") == 2
    assert value(samples, "wfm_requests_total", route="unmatched", method="GET", status="404") == 1
    assert value(samples, "wfm_requests_total", route="unmatched", method="OTHER", status="404") == 1
    assert value(samples, "wfm_requests_total", route="static", method="GET", status="200") == 1
    assert value(samples, "wfm_request_duration_seconds_count", route="core:live", method="GET") == 2
    assert (
        value(samples, "wfm_request_duration_seconds_bucket", route="core:live", method="GET", le="+Inf") == 2
    )
    assert not any("/" in label for _name, labels in samples for _key, label in labels), (
        "no address is a label"
    )


def test_a_duration_falls_into_every_bucket_that_holds_it(client: Client) -> None:
    for seconds in (0.001, 0.005, 0.02, 99.0):
        count_request("test:page", "GET", 200, seconds)
    samples = scrape(client)
    found = [
        value(samples, "wfm_request_duration_seconds_bucket", route="test:page", method="GET", le=le)
        for le in ("0.005", "0.01", "0.025", "10.0", "+Inf")
    ]
    assert found == [2, 2, 3, 3, 4]
    total = value(samples, "wfm_request_duration_seconds_sum", route="test:page", method="GET")
    assert total == pytest.approx(99.026)


def test_what_several_processes_counted_is_summed(client: Client) -> None:
    with child_process("-c", COUNTING, "11") as first, child_process("-c", COUNTING, "30") as second:
        assert (first.wait(60), second.wait(60)) == (0, 0)
    count_request("test:page", "GET", 200, 0.02)
    samples = scrape(client)
    assert value(samples, "wfm_requests_total", route="test:page", method="GET", status="200") == 42
    assert value(samples, "wfm_processes", kind="counter") == 2
    assert value(samples, "wfm_database_pool", figure="pool_max") == 40


def test_while_redis_is_away_counts_are_kept_and_added_later(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    count_request("test:page", "GET", 200, 0.02)

    def away(*_args: object) -> None:
        raise RedisError

    with monkeypatch.context() as patch:
        patch.setattr(sharing, "_write", away)
        patch.setattr(sharing, "read", away)
        assert not flush()
        samples = scrape(client)
        assert value(samples, "wfm_source_up", source="redis") == 0
        assert value(samples, "wfm_requests_total", route="test:page", method="GET", status="200") == 1
    assert flush()
    assert flush(), "nothing is added twice"
    samples = scrape(client)
    assert value(samples, "wfm_requests_total", route="test:page", method="GET", status="200") == 1


def test_a_child_process_does_not_take_what_its_parent_counted() -> None:
    counted = Tally()
    counted.add([("a", 2.0)])
    counted.forget()
    assert counted.take() == {}


def test_jobs_by_kind_and_state(client: Client) -> None:
    now = clock.now()
    common = {"kind": "demand.import", "title": {}, "queue": "bulk"}
    Job.objects.create(**common, created_at=now - dt.timedelta(seconds=90))
    Job.objects.create(**common, created_at=now)
    Job.objects.create(
        **common, state=JobState.RUNNING, started_at=now, heartbeat_at=now - dt.timedelta(minutes=3)
    )
    for seconds, attempts in ((10, 1), (30, 2)):
        Job.objects.create(
            **common,
            state=JobState.SUCCEEDED,
            attempts=attempts,
            started_at=now - dt.timedelta(seconds=seconds),
            finished_at=now,
        )
    Job.objects.create(**common, state=JobState.FAILED, finished_at=now - dt.timedelta(hours=2))
    samples = scrape(client)
    kind = {"kind": "demand.import"}
    assert value(samples, "wfm_jobs", **kind, queue="bulk", state="queued") == 2
    assert value(samples, "wfm_jobs", **kind, queue="bulk", state="running") == 1
    assert value(samples, "wfm_job_oldest_queued_seconds", queue="bulk") == pytest.approx(90, abs=10)
    assert value(samples, "wfm_jobs_silent") == 1
    done = {**kind, "state": "succeeded"}
    assert value(samples, "wfm_jobs_finished_last_hour", **done) == 2
    assert value(samples, "wfm_job_attempts_last_hour", **done) == 3
    assert value(samples, "wfm_job_duration_seconds_last_hour", **done, figure="mean") == 20
    assert value(samples, "wfm_job_duration_seconds_last_hour", **done, figure="max") == 30
    assert value(samples, "wfm_jobs_finished_last_hour", **kind, state="failed") is None, "two hours ago"


def test_outbox_partitions_database_and_build(client: Client) -> None:
    event = OutboxEvent.objects.create(
        type="t", aggregate="a", aggregate_id="1", occurred_at=clock.now() - dt.timedelta(seconds=50)
    )
    OutboxDelivery.objects.create(event=event, receiver="waits")
    OutboxDelivery.objects.create(event=event, receiver="failed", state=DeliveryState.FAILED)
    mark("task:core.dispatch_outbox")
    flush()
    samples = scrape(client)
    assert value(samples, "wfm_outbox_pending") == 1
    assert value(samples, "wfm_outbox_failed") == 1
    assert value(samples, "wfm_outbox_oldest_pending_seconds") == pytest.approx(50, abs=10)
    assert value(samples, "wfm_partitions_missing", table="demand_intervalhistory") == 2
    assert (value(samples, "wfm_database_connections_max") or 0) >= 20
    last = value(samples, "wfm_periodic_last_success_timestamp_seconds", task="core.dispatch_outbox")
    assert last == pytest.approx(clock.now().timestamp(), abs=10)
    assert [labels for name, labels in samples if name == "wfm_build_info"]


def test_a_source_that_fails_is_told_and_the_others_answer(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails() -> Any:
        raise OperationalError

    monkeypatch.setitem(sources._sources, "outbox", fails)
    samples = scrape(client)
    assert value(samples, "wfm_source_up", source="outbox") == 0
    assert value(samples, "wfm_source_up", source="jobs") == 1
    assert value(samples, "wfm_outbox_pending") is None


@pytest.mark.parametrize(
    ("token", "addresses", "sent", "status"),
    [
        ("", [], {}, 403),
        ("", ["127.0.0.1"], {}, 200),
        ("", ["10.0.0.0/8", "::1"], {}, 403),
        ("", ["127.0.0.1"], {"X-Forwarded-For": "203.0.113.9"}, 403),
        ("s3cret", [], {"Authorization": "Bearer s3cret"}, 200),
        ("s3cret", [], {"Authorization": "Bearer s3cret", "X-Forwarded-For": "203.0.113.9"}, 200),
        ("s3cret", [], {"Authorization": "Bearer ключ"}, 403),
        ("s3cret", [], {}, 403),
        ("", [], {"Authorization": "Bearer "}, 403),
    ],
)
def test_only_whom_the_settings_name_may_read(
    client: Client,
    settings: SettingsWrapper,
    token: str,
    addresses: list[str],
    sent: dict[str, str],
    status: int,
) -> None:
    settings.METRICS_TOKEN, settings.METRICS_ADDRESSES = token, addresses
    response: HttpResponse = client.get("/metrics", headers=sent)  # type: ignore[assignment]
    assert response.status_code == status
    assert (b"wfm_build_info" in response.content) is (status == 200)


def test_a_scrape_asks_the_database_little(client: Client, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(40):
        scrape(client)
    with django_assert_max_num_queries(0):
        scrape(client)
    assert settings.REDIS_PREFIX.startswith("wfm-test")


def test_the_documentation_names_every_metric_and_each_alert_asks_for_one(client: Client) -> None:
    text = (REPOSITORY / "docs/operations.md").read_text()
    response = client.get("/metrics").content.decode()
    there = {
        family.name + ("_total" if family.type == "counter" else ""): set(family.samples[0].labels)
        if family.samples
        else None
        for family in text_string_to_metric_families(response)
    }
    rows = re.findall(r"^\| `(wfm_\w+)` \| (.*?) \|", text, flags=re.MULTILINE)
    assert {name for name, _labels in rows} == set(there)
    for name, labels in rows:
        known = there[name]
        assert known is None or known - {"le"} == set(re.findall(r"`(\w+)`", labels)), name
    asked = set(re.findall(r"wfm_\w+", "".join(re.findall(r"expr: '.*'", text))))
    assert len(asked) > 10
    assert {name.removesuffix("_bucket") for name in asked} <= set(there)

"""The demo's exchange with simulators on real sockets; what workers would do is done between the looks."""

from __future__ import annotations

import datetime as dt
import json
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from django.utils import translation

from apps.accounts.models import User
from apps.core.events import emit
from apps.demo.blueprint import LARGE
from apps.demo.services.exchange import Exchange, keep_figures
from apps.demo.services.neighbours import (
    CENTRE,
    MCE,
    ONEC,
    RECEIVER,
    SIMULATORS,
    Neighbour,
    forget_neighbours,
    free_ports,
    make_neighbours,
    read_neighbours,
)
from apps.demo.services.sign_in import make_accounts
from apps.demo.services.summary import summary_path
from apps.integrations.models import Connection, Run, WebhookEndpoint
from apps.integrations.simulators.serving.running import running_in_thread
from apps.integrations.simulators.table import simulator_class
from apps.jobs.choices import JobState
from apps.jobs.models import Job
from apps.jobs.services import run_now
from apps.organization.models import Queue
from apps.schedules.choices import VariantState
from tests.factories import (
    make_department,
    make_employee,
    make_forecast,
    make_group,
    make_queue,
    make_shift,
    make_variant,
)
from tests.integrations.draining import drain

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytest_django.fixtures import SettingsWrapper
    from pytest_django.live_server_helper import LiveServer

pytestmark = pytest.mark.django_db(transaction=True)
ZONE = ZoneInfo("Europe/Moscow")
PASSWORD_LENGTH = 20
NO_MCE = ["MCE/Oktell live: not done (demo-mce is not connected)"]
PARTS = (("work", 240), ("break", 15), ("work", 225))


def next_month() -> dt.date:
    return (dt.datetime.now(ZONE).date().replace(day=1) + dt.timedelta(days=40)).replace(day=1)


@pytest.fixture
def month(settings: SettingsWrapper, tmp_path: Path) -> dt.date:
    """A published month of three people who work around the clock, in the demo's departments."""
    settings.VAR_DIR = tmp_path
    settings.WEBHOOK_ALLOWED_TARGETS = ["127.0.0.1"]
    month = next_month()
    make_accounts()
    queue = make_queue(code=LARGE.code, step_minutes=60)
    variant = make_variant(make_group(queue, code=LARGE.code), month=month, state=VariantState.PUBLISHED)
    root = make_department(code="retail-msk")
    teams = [make_department(root, code=f"retail-msk-{number}") for number in (2, 3)]
    days = [month + dt.timedelta(days=number) for number in range(28)]
    for number, hour in enumerate((0, 8, 16)):
        agent = make_employee(
            personnel_number=f"00000{number}", external_id=f"demo-00000{number}", department=teams[number % 2]
        )
        for day in days:
            start = dt.datetime.combine(day, dt.time(hour), ZONE)
            make_shift(variant, agent, start, parts=PARTS, queue=queue, is_published=True)
    begins = dt.datetime.combine(month, dt.time(), ZONE)
    make_forecast(queue, begins, [12.0] * 28 * 24, step_s=3600)
    with transaction.atomic():
        emit("schedule.published", aggregate="schedules.schedulevariant", aggregate_id=variant.pk, data={})
    return month


@contextmanager
def playing(neighbours: list[Neighbour]) -> Iterator[None]:
    with ExitStack() as stack:
        for neighbour in neighbours:
            arguments = [f"--port={neighbour.port}", f"--password={neighbour.password}", *neighbour.options]
            kind = simulator_class(SIMULATORS[neighbour.code])
            stack.enter_context(running_in_thread(kind, arguments))
        yield


def work() -> None:
    for job in Job.objects.filter(state=JobState.QUEUED):
        run_now(job)
    drain()


def exchange(said: list[str], month: dt.date, site: str) -> Exchange:
    return Exchange(said.append, read_neighbours(), site=site, month=month, work=work)


def test_people_schedules_states_and_history_flow_and_a_change_comes_back(
    month: dt.date, live_server: LiveServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apps.demo.services.exchange.LISTEN_S", 1)
    said: list[str] = []
    with translation.override("ru"):
        neighbours = make_neighbours(18_207, said.append)
    assert [neighbour.code for neighbour in neighbours] == [ONEC, RECEIVER, CENTRE]
    assert said == [
        "mce is not played: Не опубликован ни один график, по которому мог бы работать контактный центр."
    ]
    with playing(neighbours):
        figures = exchange(said, month, live_server.url).run()
        keep_figures(figures)
        assert [line for line in said if "not done" in line] == NO_MCE
        assert figures["exchange_people_reconciled"] == 3
        assert figures["exchange_schedules_in_1c"] == 3, said
        assert figures["exchange_webhooks_delivered"] == 2
        assert figures["exchange_history_intervals"] > 48
        assert figures["exchange_people_changed"] == 1
        assert figures["address_1c"].startswith("http://127.0.0.1:")
        assert Queue.objects.filter(code=f"{CENTRE}-{LARGE.code}").count() == 1
        assert json.loads(summary_path().read_text()) == figures

        said.clear()
        again = exchange(said, month, live_server.url).run()
        assert [line for line in said if "not done" in line] == NO_MCE
        assert again["exchange_schedules_in_1c"] == 3
        assert "0 of 3 people sent" in "".join(said)
        assert again["exchange_webhooks_delivered"] == 3, "a test only: what was delivered is not sent again"
        assert again["exchange_people_changed"] == 1, "and back"
    assert WebhookEndpoint.objects.count() == 1
    assert Connection.objects.count() == 3
    admin = User.objects.get(username="demo-admin")
    assert not Job.objects.filter(created_by=admin, seen_at=None).exists()


def test_a_system_that_is_away_is_told_and_the_others_go_on(
    month: dt.date, live_server: LiveServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apps.demo.services.exchange.LISTEN_S", 0)
    said: list[str] = []
    neighbours = make_neighbours(18_407, said.append)
    with playing([neighbour for neighbour in neighbours if neighbour.code != ONEC]):
        monkeypatch.setattr("apps.demo.services.exchange.READY_WITHIN_S", 0.5)
        figures = exchange(said, month, live_server.url).run()
    assert [line.split(":")[0] for line in said if "not done" in line] == [
        "Outside systems",
        "Personnel of 1C",
        "Schedule to 1C",
        "A change in 1C",
        "MCE/Oktell live",
    ]
    assert figures["exchange_webhooks_delivered"] == 2
    assert "exchange_people_reconciled" not in figures
    assert not Run.objects.filter(connection__code=ONEC).exists()


def test_ports_are_free_ones_and_passwords_stay(tmp_path: Path, settings: SettingsWrapper) -> None:
    settings.VAR_DIR = tmp_path
    (first,) = free_ports(18_600, 1)
    with running_in_thread(simulator_class("webhook-receiver"), [f"--port={first}"]):
        assert first not in free_ports(18_600, 3)
    assert len(set(free_ports(65_534, 4))) == 4
    neighbour = Neighbour(MCE, first)
    assert neighbour.password == Neighbour(MCE, first + 1).password
    assert neighbour.password != Neighbour(ONEC, first).password
    child = neighbour.child()
    assert neighbour.password not in " ".join(child.command)
    assert len(child.environment["SIMULATOR_PASSWORD"]) == PASSWORD_LENGTH
    forget_neighbours()

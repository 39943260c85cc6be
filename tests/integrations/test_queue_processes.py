"""The operation queue worked by real processes that are killed, stopped and doubled."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection, transaction

from apps.core.dispatch import enqueue
from apps.core.processes import die_with_parent
from apps.integrations.models import Attempt, Operation
from apps.integrations.services.operations import add_operations
from apps.integrations.types import NewOperation
from tests.conftest import REPOSITORY, wait_until, worker_process
from tests.factories.integrations import make_connection
from tests.integrations import queue_nursery, queue_peer
from tests.integrations.draining import drain, expire_leases, make_due
from tests.integrations.queue_peer import CountingPeer, counting_peer

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.django_db(transaction=True)
POINTS = (
    "after_claim",
    "request_half_sent",
    "answer_unread",
    "at_heartbeat",
    "before_commit",
    "before_ack",
)
KILLED, STOPPED = -signal.SIGKILL, -signal.SIGSTOP
OWN_SESSION: dict[str, int] = {}


class Nursery:
    """Starts workers together and gives how they ended."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def run(self, *workers: str) -> list[int]:
        """Run workers, each `drain`, `reap` or `sweep` and, after an @, where it dies.

        After a # stands where it stops and stands still; `go on` lets it go on.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        orders = [
            dict(zip(("do", "stop" if "#" in worker else "crash"), re.split("[@#]", worker), strict=False))
            for worker in workers
        ]
        self._process.stdin.write(json.dumps(orders) + "\n")
        self._process.stdin.flush()
        statuses: list[int] = json.loads(self._process.stdout.readline())
        return statuses


@pytest.fixture(scope="module")
def nursery(request: pytest.FixtureRequest) -> Iterator[Nursery]:
    request.getfixturevalue("django_db_setup")
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.child_settings",
        "TEST_DATABASE_NAME": str(connection.settings_dict["NAME"]),
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.integrations.queue_nursery"],
        cwd=REPOSITORY,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=die_with_parent(signal.SIGKILL),  # noqa: PLW1509 - by the main thread only
    )
    try:
        yield Nursery(process)
    finally:
        process.kill()
        process.communicate()


@pytest.fixture
def peer() -> Iterator[CountingPeer]:
    with counting_peer() as running:
        yield running


@transaction.atomic
def write(
    peer: CountingPeer, *payloads: dict[str, Any], kind: str = "tests.state", **facts: Any
) -> list[int]:
    """Write operations on a connection of their own."""
    priority = facts.pop("priority", 3)
    target = make_connection(base_url=peer.url, **facts).pk
    new = [NewOperation(target, kind, payload, priority=priority) for payload in payloads]
    return [row.pk for row in add_operations(new)]


def states(rows: list[int]) -> list[str]:
    return list(Operation.objects.filter(pk__in=rows).order_by("pk").values_list("state", flat=True))


def outcomes(row: int) -> list[tuple[bool, str]]:
    attempts = Attempt.objects.filter(operation=row).order_by("number")
    return list(attempts.values_list("is_settling", "outcome"))


@pytest.mark.parametrize("point", POINTS)
def test_a_worker_killed_anywhere_leaves_one_effect(peer: CountingPeer, nursery: Nursery, point: str) -> None:
    work_s = 0.3 if point == "at_heartbeat" else 0
    (state,) = write(peer, {"key": "state", "work_s": work_s})
    (document,) = write(peer, {"key": "document", "work_s": work_s}, kind="tests.document")
    assert nursery.run(f"drain@{point}") == [KILLED]
    assert peer.documents["document"] <= 1
    expire_leases()
    drain()
    make_due()
    drain()
    assert states([state, document]) == ["completed", "completed"]
    assert peer.documents == {"document": 1}
    assert peer.states["state"] >= 1
    if point != "before_ack":  # there one of the two may have ended
        assert outcomes(document)[0] == (False, "lost")
        assert outcomes(document)[1][0], "settled before anything is sent again"


@pytest.mark.parametrize("point", ["after_claim", "request_half_sent"])
@pytest.mark.parametrize("kind", ["tests.state", "tests.document"])
def test_a_worker_that_stood_still_sends_nothing_that_another_did(
    peer: CountingPeer, nursery: Nursery, point: str, kind: str
) -> None:
    (row,) = write(peer, {"key": "one"}, kind=kind)
    assert nursery.run(f"drain#{point}") == [STOPPED]
    expire_leases()
    drain()
    make_due()
    drain()
    assert states([row]) == ["completed"]
    time.sleep(queue_nursery.SURE_S)
    assert nursery.run("go on") == [0]
    assert peer.states + peer.documents == {"one": 1}
    assert outcomes(row)[0] == (False, "lost")
    assert outcomes(row)[-1] == (False, "done")
    assert states([row]) == ["completed"]


@pytest.mark.parametrize("kind", ["tests.state", "tests.document"])
def test_a_worker_that_stood_still_and_lost_nothing_goes_on(
    peer: CountingPeer, nursery: Nursery, kind: str
) -> None:
    (row,) = write(peer, {"key": "one"}, kind=kind)
    assert nursery.run("drain#after_claim") == [STOPPED]
    time.sleep(queue_nursery.SURE_S)
    assert nursery.run("go on") == [0]
    assert peer.states + peer.documents == {"one": 1}
    assert outcomes(row) == [(False, "done")]


def test_a_reaper_killed_in_the_middle_leaves_all_to_the_next(peer: CountingPeer, nursery: Nursery) -> None:
    rows = write(peer, *[{"key": str(number)} for number in range(3)])
    assert nursery.run("drain@after_claim") == [KILLED]
    Operation.objects.update(lease_until=Operation.objects.values("created_at")[:1], doubted=True)
    assert nursery.run("reap@in_reaper") == [KILLED]
    assert states(rows) == ["processing"] * 3
    assert nursery.run("reap", "reap") == [0, 0]
    assert nursery.run("drain") == [0]
    assert states(rows) == ["completed"] * 3
    assert set(peer.states.values()) == {1}


def test_three_workers_and_two_reapers_do_each_operation_once_and_five_at_a_time(
    peer: CountingPeer, nursery: Nursery
) -> None:
    rows = write(
        peer, *[{"key": str(number), "work_s": 0.005} for number in range(150)], kind="tests.document"
    )
    assert nursery.run("sweep", "sweep", "drain") == [0, 0, 0]
    assert set(states(rows)) == {"completed"}
    assert peer.documents == dict.fromkeys(map(str, range(150)), 1)
    assert Attempt.objects.count() == 150
    assert peer.most_in_work <= 5


def test_the_urgent_overtake_and_the_slow_hold_up_nobody_else(peer: CountingPeer, nursery: Nursery) -> None:
    write(peer, *[{"key": f"slow {number}", "work_s": 0.4} for number in range(5)])
    rows = write(peer, *[{"key": f"last {number}", "work_s": 0.02} for number in range(60)], priority=5)
    target = Operation.objects.get(pk=rows[0]).connection_id
    with transaction.atomic():
        add_operations([NewOperation(target, "tests.state", {"key": "first"}, priority=1)])
    assert nursery.run("drain") == [0]
    order = [key for key in peer.order if not key.startswith("slow")]
    assert order.index("first") <= 5
    assert len(order) == 61


def cut_connections(until: threading.Event) -> None:
    """End every other session of the database again and again, as a restart does."""
    try:
        while not until.wait(0.3):
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND backend_type = 'client backend'"
                    " AND pid <> ALL(%s)",
                    [[OWN_SESSION.get("pid"), cursor.connection.info.backend_pid]],
                )
    finally:
        connection.close()


def test_a_database_that_breaks_off_loses_and_doubles_nothing(peer: CountingPeer, nursery: Nursery) -> None:
    payloads = [{"key": str(number), "work_s": 0.05} for number in range(60)]
    rows = write(peer, *payloads) + write(peer, *payloads, kind="tests.document")
    with connection.cursor() as cursor:
        OWN_SESSION["pid"] = cursor.connection.info.backend_pid
    done = threading.Event()
    cutter = threading.Thread(target=cut_connections, args=[done])
    cutter.start()
    try:
        assert nursery.run("drain", "drain") == [0, 0]
    finally:
        done.set()
        cutter.join()
    for _round in range(4):  # what was claimed in a transaction whose end nobody heard
        expire_leases()
        make_due()
        drain()
    assert set(states(rows)) == {"completed"}
    assert peer.documents == {payload["key"]: 1 for payload in payloads}


@pytest.mark.usefixtures("empty_queues")
def test_a_worker_asked_to_stop_finishes_what_it_has_in_hand(peer: CountingPeer) -> None:
    rows = write(peer, *[{"key": str(number), "work_s": 1.5} for number in range(8)], kind="tests.document")
    with worker_process("operations", queue_peer.__name__) as worker:
        enqueue("integrations.work", queue="operations")
        wait_until(lambda: peer.in_work == 5, seconds=40, what="five in flight")
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(timeout=30) == 0
    assert sorted(states(rows)) == ["completed"] * 5 + ["pending"] * 3
    assert set(peer.documents.values()) == {1}
    assert sum(peer.documents.values()) == 5

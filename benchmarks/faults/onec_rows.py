"""C2–C6: 1C away, slow, with a bad row, with half of its people, and ten thousand of them."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from apps.audit.models import AuditEntry
from apps.integrations.choices import Dialect
from apps.integrations.models import Operation
from apps.organization.models import Employee
from benchmarks.faults import world
from benchmarks.faults.rows import Row
from tests.integrations.onec_runs import run_for

if TYPE_CHECKING:
    from apps.integrations.models import Connection
    from benchmarks.faults.plant import Plant
    from benchmarks.faults.rows import Size

MONTHS = 10
MOST_REACHING = 40
BATCH = 100
TIMEOUT_S = 30
PERSONNEL = "onec.personnel"


def away(plant: Plant, size: Size) -> Row:
    """C2: 1C answers 503 for half an hour while 500 operations wait."""
    row = Row("C2", "1C away for 30 min with 500 operations")
    count, away_s = size.of(500, least=50), size.seconds(1800 * size.share)
    onec = plant.simulator("onec", "--people", "0", ledger=True)
    connection = world.connect(onec)
    people = world.hire(onec, count // MONTHS)
    onec.fault("status", match="sendSchedule", status=503)
    keys = world.send_months(connection, people, months=MONTHS)
    plant.worker()
    plant.beat()
    time.sleep(away_s)
    reached = onec.state()["requests"]
    spent = Operation.objects.filter(pk__in=keys, state="failed").count()
    onec.clear_faults()
    took = world.wait_for_end(keys, seconds=size.seconds(600, start_s=30))
    row.checks = {
        "at most 40 requests reach it": reached <= MOST_REACHING,
        "none failed of it": spent == 0,
        "all done within 10 min after": took is not None and world.states(keys) == {"completed": len(keys)},
        "each once": set(world.touches(onec).values()) == {1},
    }
    row.figures = {"operations": len(keys), "away_s": away_s, "reached": reached, "done_after_s": took}
    return row


def slow(plant: Plant, size: Size) -> Row:
    """C3: answers just within and just beyond the time-out, and another system meanwhile."""
    row = Row("C3", "answers in 29 s and in 31 s")
    timeout_s = max(3, round(size.seconds(TIMEOUT_S)))
    slow_ones = plant.simulator("onec", "--people", "0")
    quick = plant.simulator("onec", "--people", "0")
    other = world.connect(quick)
    crew = world.hire(quick, 20)
    plant.worker()
    plant.beat()
    world.wait_for_end(world.send_months(other, crew[:1]), seconds=60)
    alone = world.wait_for_end(world.send_months(other, crew, months=MONTHS), seconds=120)
    within, beyond = (world.hire(slow_ones, 1) for _ in range(2))
    for people, seconds in ((within, timeout_s - 1), (beyond, timeout_s + 1)):
        agent = Employee.objects.get(pk=people[0]).external_id
        slow_ones.fault("delay", match="sendSchedule", where=agent, seconds=seconds)
    patient = world.connect(slow_ones, timeout_s=timeout_s)
    (done,), (cut,) = (world.send_months(patient, people) for people in (within, beyond))
    beside = world.wait_for_end(world.send_months(other, crew, months=MONTHS), seconds=120)
    world.happens(lambda: Operation.objects.get(pk=cut).failure, seconds=timeout_s + 20)
    world.wait_for_end([done], seconds=timeout_s + 20)
    attempt = Operation.objects.get(pk=cut).attempts.order_by("number").first()
    lasted = (attempt.ended_at - attempt.began_at).total_seconds() if attempt and attempt.ended_at else 0.0
    row.checks = {
        "just within is done": world.states([done]) == {"completed": 1},
        "just beyond is tried again": Operation.objects.get(pk=cut).failure == "retry",
        "and cut at the time-out": timeout_s <= lasted <= timeout_s + 1,
        "other systems go on": alone is not None and beside is not None,
    }
    row.figures = {
        "timeout_s": timeout_s,
        "cut_after_s": lasted,
        "others_slower_pct": 100 * (beside / alone - 1) if alone and beside else None,
    }
    return row


def one_bad_row(plant: Plant, size: Size) -> Row:
    """C4: a hundred people in one batch of the gateway, one of whom it does not know."""
    row = Row("C4", "one bad row in a batch of 100")
    onec = plant.simulator("onec", "--people", "0", ledger=True)
    connection = world.connect(onec, dialect=Dialect.GATEWAY)
    people = world.hire(onec, BATCH)
    stranger = Employee.objects.get(pk=people[41])
    onec.post("/_people", {"action": "forget", "agentId": stranger.external_id})
    key = world.send_batch(connection, people)
    plant.drainer()
    world.wait_for_end([key], seconds=size.seconds(60, start_s=20))
    operation = Operation.objects.get(pk=key)
    told = operation.result.get("people", [])
    refused = [line["employee"] for line in told if line["outcome"] == "refused"]
    row.checks = {
        "99 applied": len(world.documents(onec)) == BATCH - 1,
        "one named": refused == [stranger.pk],
        "in one call": onec.state()["requests"] == 1,
    }
    row.figures = {"people": len(told), "refused": len(refused), "state": operation.state}
    return row


def half_the_people(plant: Plant, size: Size) -> Row:
    """C5: the personnel feed empty, then halved."""
    row = Row("C5", "personnel feed empty or halved")
    onec = plant.simulator("onec", *world.invented(size.of(1000, least=60)))
    connection = world.connect(onec)
    first = run_for(connection, PERSONNEL)
    row.checks["the first run is applied"] = first.state == "done"
    for kind in ("none", "half"):
        at_work = _at_work()
        onec.fault(kind, match="/agents/", times=1)
        run = run_for(connection, PERSONNEL)
        row.checks |= {
            f"{kind}: stops for a person or fails (was {run.state})": run.state in {"waiting", "failed"},
            f"{kind}: nobody deactivated": _at_work() == at_work,
        }
    row.figures = {"people": _at_work(), "created": first.counts.get("created")}
    return row


def twice(plant: Plant, size: Size) -> Row:
    """C6: 10 000 employees reconciled, and again."""
    row = Row("C6", "10 000 employees, twice")
    count = size.of(10_000, least=200)
    onec = plant.simulator("onec", *world.invented(count))
    connection = world.connect(onec)
    first_s, first = _timed_run(connection)
    entries = AuditEntry.objects.count()
    people = Employee.objects.count()
    second_s, second = _timed_run(connection)
    # Two rows of the audit: the run was started, and its job.
    written = AuditEntry.objects.count() - entries
    row.checks = {
        "everybody is there": first.get("created") == onec.state()["people_told"],
        "the second run writes nothing": written <= 2  # noqa: PLR2004
        and not any(second.get(name) for name in ("created", "updated", "dismissed", "deactivated")),
        "nor makes anybody": Employee.objects.count() == people,
    }
    row.figures = {"people": count, "first_s": first_s, "second_s": second_s, "second_counts": second}
    return row


def _timed_run(connection: Connection) -> tuple[float, dict[str, int]]:
    begun = time.monotonic()
    run = run_for(connection, PERSONNEL)
    return time.monotonic() - begun, run.counts


def _at_work() -> int:
    return Employee.objects.filter(dismissed_on__isnull=True).count()

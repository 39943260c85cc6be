"""Operations per second through the queue, beside a naive claim of three commits each, in the same run."""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import os
import resource
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import django

from benchmarks.report import print_table, write_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from multiprocessing.connection import Connection as Pipe

TARGET_PER_S = 500.0
KIND = "benchmarks.call"
ANSWER = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 15\r\n\r\n{"result":true}'
fork = multiprocessing.get_context("fork")


def main(argv: list[str]) -> int:
    """Return 0 when the queue reaches its target and beats the naive claim, else 1."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks operations", description=__doc__)
    parser.add_argument("--operations", type=int, default=5000)
    parser.add_argument("--connections", type=int, default=20)
    parser.add_argument("--processes", type=int, default=2, help="of the worker (2)")
    parser.add_argument("--answer-ms", type=float, default=1.0, help="of the other system (1)")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args(argv)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wfm.settings.dev")
    os.environ.setdefault("LOG_LEVEL", "WARNING")
    django.setup()
    rows = list(_measure(options))
    print_table(
        f"{options.operations} operations, {options.connections} connections, "
        f"answers after {options.answer_ms:g} ms",
        rows,
    )
    queue, naive = rows
    reached = queue["per_s"] >= TARGET_PER_S
    print(f"at least {TARGET_PER_S:.0f} a second: {reached}; {queue['per_s'] / naive['per_s']:.1f} x naive")
    write_json(options.json, {"target_per_s": TARGET_PER_S, "reached": reached, "rows": rows})
    return 0 if reached and queue["per_s"] > naive["per_s"] else 1


def _measure(options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """Measure on a database of its own, which is dropped afterwards; its commits wait for the disk."""
    from django.test.utils import setup_databases, teardown_databases  # noqa: PLC0415 - after django.setup()

    from apps.integrations.services.queue.draining import drain  # noqa: PLC0415
    from benchmarks.operations_naive import drain_naively  # noqa: PLC0415

    old = setup_databases(verbosity=0, interactive=False, serialized_aliases=[])
    port, stop_peer = _start_peer(options.answer_ms / 1000)
    try:
        for name, work in (("the queue", drain), ("naive: three commits", drain_naively)):
            _fill(options, port)
            yield _race(name, work, options)
    finally:
        stop_peer()
        teardown_databases(old, verbosity=0)


def _race(name: str, work: Callable[[], Any], options: argparse.Namespace) -> dict[str, Any]:
    from django.db import connection, connections  # noqa: PLC0415

    from apps.integrations.models import Attempt, Operation  # noqa: PLC0415

    connections.close_all()
    cpu_before_s = _cpu_of_ended_s()
    began = time.perf_counter()
    workers = [fork.Process(target=work) for _ in range(options.processes)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    took_s = time.perf_counter() - began
    connection.ensure_connection()
    done = Operation.objects.filter(state="completed").count()
    if done != options.operations:
        raise SystemExit(f"{done} of {options.operations} done")
    row = {
        "how": name,
        "processes": options.processes,
        "done": done,
        "attempts": Attempt.objects.count(),
        "seconds": took_s,
        "per_s": done / took_s,
        "cpu_ms_each": (_cpu_of_ended_s() - cpu_before_s) / done * 1000,
    }
    Operation.objects.all().delete()
    return row


def _cpu_of_ended_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _fill(options: argparse.Namespace, port: int) -> None:
    from django.db import transaction  # noqa: PLC0415

    from apps.integrations.models import Connection  # noqa: PLC0415
    from apps.integrations.services.operations import add_operations  # noqa: PLC0415
    from apps.integrations.types import NewOperation  # noqa: PLC0415

    targets = [
        Connection.objects.get_or_create(
            code=f"peer-{number}",
            defaults={
                "name": f"Peer {number}",
                "system": "onec",
                "authentication": "none",
                "base_url": f"http://127.0.0.1:{port}",
            },
        )[0].pk
        for number in range(options.connections)
    ]
    with transaction.atomic():
        add_operations(
            [
                NewOperation(targets[number % len(targets)], KIND, {"number": number})
                for number in range(options.operations)
            ]
        )


def _start_peer(answer_s: float) -> tuple[int, Callable[[], None]]:
    """Start another system in a process of its own; give its port, and what ends it."""
    here, there = fork.Pipe()
    process = fork.Process(target=_be_peer, args=(there, answer_s), daemon=True)
    process.start()
    return here.recv(), process.kill


def _be_peer(pipe: Pipe, answer_s: float) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    async def serve() -> None:
        server = await asyncio.start_server(answer, "127.0.0.1", 0, backlog=1024)
        pipe.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                length = head.partition(b"content-length:")[2].partition(b"\r\n")[0]
                await reader.readexactly(int(length or 0))
                await asyncio.sleep(answer_s)
                writer.write(ANSWER)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    asyncio.run(serve())

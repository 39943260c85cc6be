"""Runs a simulator: as a process of its own until it is told to end, or in a thread."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from argparse import ArgumentParser
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from apps.integrations.simulators.serving.certificates import server_context
from apps.integrations.simulators.serving.ledger import Ledger
from apps.integrations.simulators.serving.server import Server

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator, Sequence

    from apps.integrations.simulators.serving.simulator import Simulator

READY = "ready"


def options_parser(kind: type[Simulator], program: str = "") -> ArgumentParser:
    """Give the parser of the options of a simulator: those that every one has, and its own."""
    parser = ArgumentParser(prog=program or f"simulate {kind.name}", description=kind.__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one and says which.")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--user", default="", help="Wants HTTP Basic of this user.")
    parser.add_argument(
        "--password",
        default=os.environ.get("SIMULATOR_PASSWORD", ""),
        help="SIMULATOR_PASSWORD in the environment hides it from the list of processes.",
    )
    parser.add_argument("--quiet", action="store_true", help="Says nothing when it is ready.")
    parser.add_argument("--ledger", type=Path, help="Keeps the effects in this file of JSON lines.")
    parser.add_argument("--tls-name", default="", help="Speaks TLS with a certificate of this name.")
    parser.add_argument("--tls-directory", type=Path, default=Path("var/simulators"))
    kind.add_arguments(parser)
    return parser


def make(kind: type[Simulator], options: Namespace) -> Simulator:
    return kind(seed=options.seed, ledger=Ledger(options.ledger), options=options)


def run(simulator: Simulator, options: Namespace) -> None:
    """Serve until SIGTERM or Ctrl-C; says `ready` and its address on the standard output."""
    asyncio.run(_run(simulator, options))


async def _run(simulator: Simulator, options: Namespace) -> None:
    server, address = await _start(simulator, options)
    if not options.quiet:
        sys.stdout.write(f"{READY} {address}\n")
        sys.stdout.flush()
    ended = asyncio.ensure_future(server.wait())
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.cancel)
    try:
        await ended
    except asyncio.CancelledError:
        if not options.quiet:
            sys.stdout.write("ended\n")
    finally:
        await server.stop()


async def _start(simulator: Simulator, options: Namespace) -> tuple[Server, str]:
    server = Server(simulator, user=options.user, password=options.password)
    tls = server_context(options.tls_name, options.tls_directory) if options.tls_name else None
    port = await server.start(options.host, options.port, tls)
    return server, f"{'https' if tls else 'http'}://{options.host}:{port}"


@contextmanager
def running_in_thread(
    kind: type[Simulator], arguments: Sequence[str] = ()
) -> Iterator[tuple[Simulator, str]]:
    """Serve in a thread of this process while the block lasts; gives the simulator and its address."""
    options = options_parser(kind).parse_args(arguments)
    simulator = make(kind, options)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name=f"simulator-{kind.name}", daemon=True)
    thread.start()
    try:
        server, address = asyncio.run_coroutine_threadsafe(_start(simulator, options), loop).result(10)
        try:
            yield simulator, address
        finally:
            asyncio.run_coroutine_threadsafe(server.stop(), loop).result(10)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()

"""The processes of a fault run: servers of its own or those of the tests, workers, beats and simulators."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
from redis import Redis as RedisClient

from tests.force.site import PYTHON, REPOSITORY, Process, wait_for
from tests.integrations.simulated import SimulatedProcess
from wfm.embedded.programs import Postgres, Redis

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wfm.embedded.programs import Program

SETTINGS = "benchmarks.faults.settings"
CELERY = ("celery", "--quiet", "--app=wfm.celery")
READY = "ready"
LONGEST_START_S = 180.0
QUIET = {"PYTHONWARNINGS": "ignore"}


class Plant:
    """Starts what a fault run needs and ends it; `environment` is that of every process it starts."""

    def __init__(self, folder: Path, environment: dict[str, str], *, pace: float) -> None:
        self.folder = folder
        self.pace = pace
        self.environment = {
            **{name: text for name, text in os.environ.items() if name != "DJANGO_ALLOW_ASYNC_UNSAFE"},
            **environment,
            "DJANGO_SETTINGS_MODULE": SETTINGS,
            "FAULTS_PACE": str(pace),
            "WEBHOOK_ALLOWED_TARGETS": "127.0.0.1",
            **QUIET,
        }
        self._running: list[Process] = []
        self._simulators: list[SimulatedProcess] = []
        self._numbers = itertools.count()
        self.servers: Servers | None = None

    def drainer(
        self, name: str = "drainer", crash_at: str = "", more: dict[str, str] | None = None
    ) -> Process:
        """Start a worker of the queue without Celery and wait until it works.

        `crash_at` names the point at which it dies.
        """
        before = len(self.log_of(name))
        crash = {"WFM_CRASH_AT": crash_at} if crash_at else {}
        process = self._start(name, ["benchmarks.faults.drainer"], {**crash, **(more or {})})
        wait_for(
            lambda: READY in self.log_of(name)[before:], seconds=LONGEST_START_S, what=f"the start of {name}"
        )
        return process

    def worker(self, number: int = 0, *, queues: str = "operations,interactive,integrate") -> Process:
        """Start a Celery worker as `serve` does."""
        options = [f"--queues={queues}", "--concurrency=2", "--without-gossip", "--without-mingle"]
        return self._start(
            f"worker{number}", [*CELERY, "worker", f"-nworker{number}@%h", "--loglevel=WARNING", *options]
        )

    def beat(self, number: int = 0) -> Process:
        return self._start(f"beat{number}", [*CELERY, "beat", "--pidfile=", "--loglevel=WARNING"])

    def web(self) -> str:
        """Start the site; gives its address once it is ready."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        options = [f"--port={port}", "--lifespan=off", "--no-access-log", "--log-level=warning"]
        self._start("web", ["uvicorn", "wfm.asgi:application", *options], {"DB_POOL_SIZE": "10"})
        address = f"http://127.0.0.1:{port}"
        wait_for(lambda: _answers(f"{address}/health/live"), what="the site")
        return address

    def simulator(
        self, name: str, *arguments: str, ledger: bool = False, trust: Path | None = None
    ) -> SimulatedProcess:
        """Start a simulator; with `ledger` it knows after a kill what it had done."""
        number = next(self._numbers)  # of no other in this run: a simulator takes up what its ledger says
        kept = ["--ledger", str(self.folder / f"{name}{number}.jsonl")] if ledger else []
        simulated = SimulatedProcess(name, *arguments, *kept, trust=trust)
        self._simulators.append(simulated)
        return simulated

    def log_of(self, name: str) -> str:
        """Give what a process wrote."""
        path = self.folder / f"{name}.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def revive(self) -> int:
        """Start what died by itself, as the supervisor of `serve` does; give how many that were."""
        dead = [process for process in self._running if not process.is_alive]
        for process in dead:
            process.start()
        return len(dead)

    def end(self, *processes: Process) -> None:
        """End processes at once; without any all that run."""
        for process in processes or tuple(self._running):
            process.kill()
            if process in self._running:
                self._running.remove(process)

    def clear(self) -> None:
        """End workers, beats and simulators, and forget the messages of the broker."""
        self.end()
        while self._simulators:
            simulated = self._simulators.pop()
            simulated.close()
            simulated.kill()

    def _start(self, name: str, command: list[str], more: dict[str, str] | None = None) -> Process:
        log = self.folder / f"{name}.log"
        process = Process(name, [*PYTHON, *command], {**self.environment, **(more or {})}, log)
        process.start()
        self._running.append(process)
        return process


class Servers:
    """PostgreSQL and Redis of the run's own, to be killed and brought back."""

    def __init__(self, folder: Path) -> None:
        self._postgres = Postgres(folder / "postgres")
        self._redis = Redis(folder / "redis")
        for program in (self._postgres, self._redis):
            program.folder.mkdir()
        self.postgres = self._process(self._postgres, folder)
        self.redis = self._process(self._redis, folder)
        self.environment = {
            "DATABASE_URL": "postgres://the/settings/say",
            "FAULTS_DATABASE_HOST": str(self._postgres.sockets),
            "REDIS_URL": f"unix://{self._redis.socket}",
        }

    def start_postgres(self) -> None:
        self._postgres.prepare()
        self.postgres.start()
        wait_for(self._postgres.ready, what="PostgreSQL")

    def start_redis(self) -> None:
        self._redis.prepare()
        self.redis.start()
        wait_for(self._redis.ready, what="Redis")

    def empty_redis(self) -> None:
        with RedisClient.from_url(self.environment["REDIS_URL"]) as client:
            client.flushall()

    def kill(self) -> None:
        for server in (self.redis, self.postgres):
            server.kill()

    def _process(self, program: Program, folder: Path) -> Process:
        log = folder / f"{program.name}.log"
        return Process(
            program.name, program.command(), dict(os.environ), log, program.account(), program.stop_signal
        )


@contextmanager
def own_plant(*, pace: float, logs: Path | None = None) -> Iterator[Plant]:
    """Give a plant on servers of its own, its database migrated; what was written is kept in `logs`."""
    folder = Path(tempfile.mkdtemp(prefix="wfm-faults-"))
    folder.chmod(0o755)  # the account of PostgreSQL walks through
    servers = Servers(folder)
    plant = Plant(folder, servers.environment, pace=pace)
    plant.servers = servers
    try:
        servers.start_postgres()
        servers.start_redis()
        migrate = [sys.executable, "-W", "ignore", "manage.py", "migrate", "-v", "0"]
        subprocess.run(migrate, cwd=REPOSITORY, env=plant.environment, check=True, timeout=600)  # noqa: S603
        yield plant
    finally:
        plant.clear()
        servers.kill()
        if logs is not None:
            logs.mkdir(parents=True, exist_ok=True)
            for log in folder.glob("*.log"):
                shutil.copy(log, logs)
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def borrowed_plant(folder: Path, database: str, *, pace: float) -> Iterator[Plant]:
    """Give a plant on the servers and the database of a test."""
    plant = Plant(folder, {"TEST_DATABASE_NAME": database}, pace=pace)
    try:
        yield plant
    finally:
        plant.clear()


def _answers(address: str) -> bool:
    try:
        return httpx.get(address, timeout=5, trust_env=False).is_success
    except httpx.TransportError:
        return False


def is_killed(process: Process) -> bool:
    """Tell whether the process ended by SIGKILL, as a crash point ends it."""
    return process.running is not None and process.running.poll() == -signal.SIGKILL

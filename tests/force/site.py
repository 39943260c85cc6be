"""A whole site of real processes - PostgreSQL, Redis, web, workers, beats - to be hurt."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from http.cookiejar import CookieJar
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
from redis import Redis as RedisClient

from apps.core.processes import die_with_parent
from wfm.embedded.programs import Postgres, Redis

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from wfm.embedded.programs import Program

REPOSITORY = Path(__file__).resolve().parents[2]
PYTHON = [sys.executable, "-W", "ignore", "-m"]
TABLES = """
CREATE TABLE force_effect (job text, attempt int, at timestamptz DEFAULT clock_timestamp());
CREATE TABLE force_event (event text, at timestamptz DEFAULT clock_timestamp());
CREATE TABLE force_tick (at float8);
"""
WORKERS = 3
BEATS = 2


def wait_for(condition: Callable[[], Any], *, seconds: float = 90.0, what: str = "it") -> Any:
    """Wait until `condition` gives something true and give that; `TimeoutError` when it does not in time."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} did not happen within {seconds} s")
        time.sleep(0.05)
    return found


@dataclass
class Process:
    """A program of the site; whatever is left of it ends with this one."""

    name: str
    command: Sequence[str]
    environment: dict[str, str]
    log: Path
    account: dict[str, Any] = field(default_factory=dict)
    stop_signal: signal.Signals = signal.SIGTERM
    running: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.kill()  # what ended by itself is still to be buried
        with self.log.open("ab") as output:
            self.running = subprocess.Popen(
                self.command,
                cwd=REPOSITORY,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=die_with_parent(signal.SIGKILL),  # noqa: PLW1509 - started by the main thread only
                **self.account,
            )

    @property
    def is_alive(self) -> bool:
        return self.running is not None and self.running.poll() is None

    def kill(self) -> None:
        """End it as a power cut does."""
        if self.running is not None:
            self.running.kill()
            self.running.wait()

    def send(self, what: signal.Signals) -> None:
        assert self.running is not None
        self.running.send_signal(what)

    def stop(self, *, seconds: float = 60.0) -> int:
        """Ask it to end and give its exit status."""
        assert self.running is not None
        self.running.send_signal(self.stop_signal)
        return self.running.wait(seconds)


@dataclass(frozen=True)
class Answer:
    status: int
    kind: str
    body: bytes


class Site:
    """The processes of a site in `folder`, and what a test asks of them."""

    def __init__(self, folder: Path, *, quick: bool) -> None:
        self.folder = folder
        (folder / "die").mkdir(parents=True)
        self._postgres = Postgres(folder / "postgres")
        self._redis = Redis(folder / "redis")
        for program in (self._postgres, self._redis):
            program.folder.mkdir()
        self.port = _free_port()
        self.environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.force.settings",
            "DATABASE_URL": "postgres://the/settings/say",
            "REDIS_URL": f"unix://{self._redis.socket}",
            "FORCE_DATABASE_HOST": str(self._postgres.sockets),
            "FORCE_FOLDER": str(folder),
            "FORCE_QUICK": str(int(quick)),
            "LOG_LEVEL": "INFO",
        }
        self.postgres = self._server(self._postgres)
        self.redis = self._server(self._redis)
        self.web = self._web()
        self.workers = [self._worker(number) for number in range(WORKERS)]
        self.beats = [self._beat(number) for number in range(BEATS)]
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))

    @property
    def processes(self) -> list[Process]:
        return [*self.workers, *self.beats, self.web]

    def open(self) -> None:
        """Start everything; returns when the site answers and has ticked."""
        for program in (self._postgres, self._redis):
            program.prepare()
        self.postgres.start()
        self.redis.start()
        wait_for(lambda: self._postgres.ready() and self._redis.ready(), what="the servers")
        subprocess.run(
            [*PYTHON[:3], "manage.py", "migrate", "-v", "0"],
            cwd=REPOSITORY,
            env=self.environment,
            check=True,
            timeout=300,
        )
        with self._connection() as connection:
            connection.execute(TABLES)
        for process in self.processes:
            process.start()
        wait_for(lambda: self.get("/health/ready").status == HTTPStatus.OK, what="the site")
        self.post("/force/sign-in/")
        wait_for(lambda: self.value("SELECT count(*) FROM force_tick"), what="the first tick")

    def close(self) -> None:
        """End everything and leave nothing behind."""
        for process in [*self.processes, self.redis, self.postgres]:
            process.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    # what a test does

    def revive(self) -> None:
        """Start what was killed, as a supervisor does."""
        for process in self.processes:
            if not process.is_alive:
                process.start()

    def start_redis(self) -> None:
        self._redis.prepare()
        self.redis.start()
        wait_for(self._redis.ready, what="Redis")

    def empty_redis(self) -> None:
        with RedisClient.from_url(self.environment["REDIS_URL"]) as client:
            client.flushall()

    def start_postgres(self) -> None:
        self._postgres.prepare()
        self.postgres.start()

    def die_once_at(self, point: str) -> Path:
        """Ask the next process that passes `point` to die there; the file is gone when it did."""
        mark = self.folder / "die" / point
        mark.touch()
        return mark

    def start_jobs(self, *params: dict[str, Any], kind: str = "force.store") -> list[str]:
        jobs, answer = self.try_to_start(*params, kind=kind)
        assert answer.status == HTTPStatus.OK, answer
        return jobs

    def try_to_start(self, *params: dict[str, Any], kind: str = "force.store") -> tuple[list[str], Answer]:
        """Ask for jobs; give those that were promised, and the answer."""
        answer = self.post("/force/start/", {"kind": kind, "params": params})
        promised = json.loads(answer.body)["jobs"] if answer.status == HTTPStatus.OK else []
        return promised, answer

    def emit(self, count: int) -> list[str]:
        answer = self.post("/force/emit/", {"count": count})
        assert answer.status == HTTPStatus.OK, answer
        keys: list[str] = json.loads(answer.body)["events"]
        return keys

    def get(self, path: str) -> Answer:
        return self._ask(urllib.request.Request(f"http://127.0.0.1:{self.port}{path}"))

    def post(self, path: str, body: dict[str, Any] | None = None) -> Answer:
        data = json.dumps(body or {}).encode()
        headers = {"Content-Type": "application/json"}
        return self._ask(
            urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data=data, headers=headers)
        )

    # what a test looks at

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with self._connection() as connection:
            return connection.execute(query, values).fetchall()

    def value(self, query: str, *values: object) -> Any:
        return self.rows(query, *values)[0][0]

    def count_ended(self, jobs: Sequence[str]) -> int:
        """Count the jobs that ended."""
        ended = "SELECT count(*) FROM jobs_job WHERE id = ANY(%s::uuid[]) AND finished_at IS NOT NULL"
        return int(self.value(ended, list(jobs)))

    def wait_for_end(self, jobs: Sequence[str], *, seconds: float = 90.0) -> None:
        wait_for(
            lambda: self.count_ended(jobs) == len(jobs), seconds=seconds, what=f"the end of {len(jobs)} jobs"
        )

    def states(self, jobs: Sequence[str]) -> dict[str, int]:
        """Count the jobs by state."""
        query = "SELECT state, count(*)::int FROM jobs_job WHERE id = ANY(%s::uuid[]) GROUP BY state"
        return dict(self.rows(query, list(jobs)))

    def effects(self, jobs: Sequence[str]) -> dict[str, int]:
        """Count the traces of each job that left any."""
        query = "SELECT job, count(*)::int FROM force_effect WHERE job = ANY(%s) GROUP BY job"
        return dict(self.rows(query, list(jobs)))

    def handovers(self, events: Sequence[str]) -> dict[str, int]:
        """Count the traces of each event that left any."""
        query = "SELECT event, count(*)::int FROM force_event WHERE event = ANY(%s) GROUP BY event"
        return dict(self.rows(query, list(events)))

    def _connection(self) -> psycopg.Connection[tuple[Any, ...]]:
        return psycopg.connect(
            host=str(self._postgres.sockets), user="wfm", dbname="wfm", autocommit=True, connect_timeout=10
        )

    def _ask(self, request: urllib.request.Request) -> Answer:
        try:
            with self._opener.open(request, timeout=30) as response:
                return Answer(response.status, response.headers.get_content_type(), response.read())
        except urllib.error.HTTPError as error:
            return Answer(error.code, error.headers.get_content_type(), error.read())
        except (urllib.error.URLError, ConnectionError):
            return Answer(0, "", b"")

    # its parts

    def _server(self, program: Program) -> Process:
        account = program.account()
        log = self.folder / f"{program.name}.log"
        return Process(program.name, program.command(), dict(os.environ), log, account, program.stop_signal)

    def _program(self, name: str, *command: str, **environment: str) -> Process:
        log = self.folder / f"{name}.log"
        return Process(name, [*PYTHON, *command], {**self.environment, **environment}, log)

    def _web(self) -> Process:
        options = [f"--port={self.port}", "--lifespan=off", "--no-access-log", "--log-level=warning"]
        return self._program("web", "uvicorn", "wfm.asgi:application", *options, DB_POOL_SIZE="10")

    def _worker(self, number: int) -> Process:
        queues = "--queues=interactive,integrate,bulk,optimise"
        options = [queues, "--concurrency=1", "--without-gossip", "--without-mingle", "--loglevel=WARNING"]
        name = f"worker{number}"
        return self._program(
            name, "celery", "--quiet", "--app=wfm.celery", "worker", f"-n{name}@%h", *options
        )

    def _beat(self, number: int) -> Process:
        return self._program(
            f"beat{number}",
            "celery",
            "--quiet",
            "--app=wfm.celery",
            "beat",
            "--pidfile=",
            "--loglevel=WARNING",
        )


@contextmanager
def open_site(*, quick: bool = True) -> Iterator[Site]:
    """Run a site for the length of the block; `quick` is faster than production, for tests."""
    folder = Path(tempfile.mkdtemp(prefix="wfm-force-"))
    folder.chmod(0o755)  # the account of PostgreSQL walks through
    site = Site(folder, quick=quick)
    try:
        site.open()
        yield site
    finally:
        site.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port

"""What every test may use. The database and Redis are the bundled servers, or those of the environment."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.db import connection
from hypothesis import settings as properties
from redis import Redis

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

REPOSITORY = Path(__file__).resolve().parents[1]
properties.register_profile("house", properties(), deadline=None)  # time is never asserted
properties.load_profile("house")


def wait_until(condition: Callable[[], object], *, seconds: float = 20.0, what: str = "it") -> None:
    """Wait until `condition` holds; fail the test when it does not in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            pytest.fail(f"{what} did not happen within {seconds} s")
        time.sleep(0.05)


@contextmanager
def child_process(
    *arguments: str, stderr: int | None = None, **environment: str
) -> Iterator[subprocess.Popen[bytes]]:
    """Run Python in another process against the test database; it is killed when the block ends."""
    child = subprocess.Popen(
        [sys.executable, *arguments],
        cwd=REPOSITORY,
        env={
            **{name: value for name, value in os.environ.items() if name != "DJANGO_ALLOW_ASYNC_UNSAFE"},
            "DJANGO_SETTINGS_MODULE": "tests.child_settings",
            "TEST_DATABASE_NAME": str(connection.settings_dict["NAME"]),
            **environment,
        },
        stderr=stderr,
        start_new_session=True,
    )
    try:
        yield child
    finally:
        child.kill()
        child.wait()


@contextmanager
def worker_process(queue: str, *modules: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a real Celery worker of `queue` that also imports `modules`."""
    include = [f"--include={','.join(modules)}"] if modules else []
    options = ["--quiet", "--app=wfm.celery", "worker", f"--queues={queue}", "--concurrency=1", *include]
    with child_process(
        "-m",
        "celery",
        *options,
        "--without-gossip",
        "--without-mingle",
        "--loglevel=ERROR",
        PYTHONWARNINGS="ignore:You're running the worker with superuser",
    ) as worker:
        yield worker


@pytest.fixture
def empty_queues() -> Iterator[None]:
    """Start without messages of earlier tests."""
    client = Redis.from_url(settings.REDIS_URL)
    for key in client.scan_iter(f"{settings.REDIS_PREFIX}*"):
        client.delete(key)
    yield
    client.close()

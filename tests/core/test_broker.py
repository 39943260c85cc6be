"""Redis of one's own, restarted: its messages may be gone although its keys are there."""

from __future__ import annotations

import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

from redis import Redis
from redis.exceptions import RedisError

from apps.core.broker import broker_forgot, broker_was_told
from tests.conftest import wait_until
from wfm.embedded.programs import Redis as Program

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytest_django.fixtures import SettingsWrapper


@contextmanager
def running(folder: Path) -> Iterator[Redis]:
    """Run a Redis that keeps its data in `folder`, and end it as a power cut does."""
    socket = folder / "own.sock"
    command = [Program(folder).command()[0], "--port", "0", "--unixsocket", str(socket), "--dir", str(folder)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        with Redis(unix_socket_path=str(socket)) as client:
            wait_until(lambda: answers(client), what="Redis")
            yield client
    finally:
        server.kill()
        server.wait()


def answers(client: Redis) -> bool:
    try:
        return bool(client.ping())
    except RedisError:
        return False


def test_a_broker_that_comes_back_with_old_data_has_forgotten(
    tmp_path: Path, settings: SettingsWrapper
) -> None:
    settings.REDIS_URL = f"unix://{tmp_path}/own.sock"
    assert not broker_forgot(), "it is away: nothing is known of it"
    broker_was_told()
    with running(tmp_path) as redis:
        assert broker_forgot()
        broker_was_told()
        assert not broker_forgot()
        redis.save()
    with running(tmp_path) as redis:
        assert redis.dbsize() == 1, "the mark survived"
        assert broker_forgot()
        broker_was_told()
        assert not broker_forgot()
        redis.flushall()
        assert broker_forgot()

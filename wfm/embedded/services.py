"""The database and the Redis of this process: those of the environment, else the bundled ones."""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

from wfm.embedded import programs
from wfm.embedded.folders import REPOSITORY, BundledServerError, var_folder

if TYPE_CHECKING:
    from environ import Env

    from wfm.embedded.programs import Program

START_TIMEOUT_S = 60.0
_held: dict[str, int] = {}  # open users.lock by program: closed, and so released, by the end of the process


def database(env: Env) -> dict[str, Any]:
    """Give the entry of `DATABASES`: from `DATABASE_URL`, else the bundled server (starts when used)."""
    if env("DATABASE_URL", default=""):
        return dict(env.db("DATABASE_URL"))
    return {
        "ENGINE": "wfm.embedded.postgresql",
        "NAME": programs.DATABASE,
        "USER": programs.DATABASE_USER,
        "HOST": str(programs.postgres().sockets),
    }


def redis_url(env: Env) -> str:
    """Give the address of Redis as redis-py writes it: `REDIS_URL`, else the bundled socket."""
    return env("REDIS_URL", default="") or f"unix://{programs.redis().socket}"


def celery_url(url: str) -> str:
    """Translate redis-py's address into Celery's, which spells unix sockets `redis+socket://`."""
    if not url.startswith("unix://"):
        return url
    return "redis+socket://" + url.removeprefix("unix://").replace("?db=", "?virtual_host=")


def local_secret() -> str:
    """Give this machine's signing key, made once and readable by its owner only."""
    path = var_folder() / "secret"
    with contextlib.suppress(FileExistsError):
        own = path.with_name(f"secret.{os.getpid()}")
        own.touch(mode=0o600)
        own.write_text(secrets.token_urlsafe(48))
        try:
            os.link(own, path)  # whole or absent, and the first one wins
        finally:
            own.unlink()
    return path.read_text()


def start() -> None:
    """Attach this process to the bundled servers it needs, starting them when they do not run.

    Cheap when attached already. With `DATABASE_URL` and `REDIS_URL` set nothing bundled is touched.

    Raises `BundledServerError` when a server cannot run here; it says what to install or set.
    """
    if not os.environ.get("DATABASE_URL"):
        _attach(programs.postgres())
    if not os.environ.get("REDIS_URL"):
        _attach(programs.redis())


def _attach(program: Program) -> None:
    if program.name in _held and _kept(program) and (program.folder / "ready").exists():
        return
    program.folder.mkdir(parents=True, exist_ok=True)
    if program.name not in _held:
        users = os.open(program.folder / "users.lock", os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(users, fcntl.LOCK_SH)  # waits for a keeper that is stopping the server just now
        _held[program.name] = users
    starting = os.open(program.folder / "start.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(starting, fcntl.LOCK_EX)
        keeper = None if _kept(program) else _start_keeper(program)
        _wait_until_ready(program, keeper)
    finally:
        os.close(starting)


def _kept(program: Program) -> bool:
    """Tell whether a keeper lives: it holds its lock exclusively."""
    lock = os.open(program.folder / "keeper.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(lock)
    return False


def _start_keeper(program: Program) -> subprocess.Popen[bytes]:
    (program.folder / "ready").unlink(missing_ok=True)
    with (program.folder / "log").open("wb") as output:
        return subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-m", "wfm.embedded.keeper", program.name],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=REPOSITORY,
            start_new_session=True,
        )


def _wait_until_ready(program: Program, keeper: subprocess.Popen[bytes] | None) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while not (program.folder / "ready").exists():
        if time.monotonic() > deadline or (keeper is not None and keeper.poll() is not None):
            log = program.folder / "log"
            lines = log.read_text(errors="replace").strip().splitlines() or ["it said nothing"]
            raise BundledServerError(f"The bundled {program.name} does not start: {lines[-1]} (see {log})")
        time.sleep(0.02)
    if keeper is not None:
        keeper.returncode = 0  # it outlives this process by design: no warning about an unfinished child

"""Everything one machine needs, in the foreground: web, workers and beat under one supervisor."""

from __future__ import annotations

import os
import socket
import sys
from argparse import ArgumentTypeError
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from apps.core.services.catalogues import compile_all
from apps.core.supervision import Child, Supervisor

if TYPE_CHECKING:
    from argparse import ArgumentParser
    from collections.abc import Callable

# Of the bundled server's 100: web 20, three workers with 6 processes of up to 3 each, beat 2, and the
# sender's two processes with 24 threads, a heart and a coordinator each.
WEB_CONNECTIONS = 20
MOST_PORT = 65_535


class Command(BaseCommand):
    help = "Run web, workers and beat until Ctrl-C; a crashed one is restarted, none is left behind."
    announced = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default=os.environ.get("HOST", "127.0.0.1"))
        parser.add_argument("--port", type=port_number, default=os.environ.get("PORT", "8000"))

    def handle(self, *_args: Any, **options: Any) -> None:
        host, port = options["host"], options["port"]
        refuse_used_port(host, port)
        compile_translations(self.stdout.write)
        executor = MigrationExecutor(connection)  # the first connection also holds the bundled servers for us
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            raise CommandError("The database is not up to date: run `python manage.py migrate` first.")
        connection.close()
        Supervisor(children(host, port), on_tick=lambda: self.announce(host, port)).run()

    def announce(self, host: str, port: int) -> None:
        if not self.announced and answers(host, port):
            self.announced = True
            self.stdout.write(f"Serving at http://{_local(host)}:{port}/ - Ctrl-C stops everything.")
            self.stdout.flush()


def compile_translations(say: Callable[[str], Any]) -> None:
    """Compile the catalogues that are newer than what was compiled: a fresh clone has none."""
    try:
        for path in compile_all(settings.BASE_DIR):
            say(f"Compiled the translations: {path.relative_to(settings.BASE_DIR)}")
    except OSError as error:
        say(f"The translations are not compiled, so pages are half English: {error.strerror}")


def port_number(text: str) -> int:
    """Read a port for argparse."""
    if not text.isascii() or not text.isdigit() or not 0 < int(text[:6]) <= MOST_PORT:
        raise ArgumentTypeError(f"PORT is a number from 1 to {MOST_PORT}, not {text[:20]!r}")
    return int(text)


def refuse_used_port(host: str, port: int) -> None:
    """Raise `CommandError` when somebody listens there already."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CommandError(
                f"Port {port} of {host} cannot be used ({error.strerror}): "
                f"choose another, as in PORT={port + 1}."
            ) from error


def children(host: str, port: int) -> list[Child]:
    """Give the programs of one machine; long work and sending have workers of their own."""
    python = [sys.executable, "-m"]
    celery = [*python, "celery", "--quiet", "--app=wfm.celery"]
    worker = [*celery, "worker", "--without-gossip", "--without-mingle", "--loglevel=WARNING"]
    as_root = {
        "PYTHONWARNINGS": "ignore:You're running the worker with superuser"
    }  # meant so, where it is so
    web = [*python, "uvicorn", "wfm.asgi:application", f"--host={host}", f"--port={port}", "--lifespan=off"]
    web_quiet = ["--no-access-log", "--log-level=warning", "--timeout-graceful-shutdown=10"]
    processes = settings.WEB_PROCESSES
    several = [f"--workers={processes}"] if processes > 1 else []
    pool = {"DB_POOL_SIZE": str(max(1, WEB_CONNECTIONS // processes))}
    return [
        Child("web", [*web, *web_quiet, *several], pool),
        Child(
            "worker",
            [*worker, "--queues=interactive,bulk", "--concurrency=2", "-n", "main@%h"],
            as_root,
        ),
        Child(
            "integrator", [*worker, "--queues=integrate", "--concurrency=2", "-n", "integrator@%h"], as_root
        ),
        Child("sender", [*worker, "--queues=operations", "--concurrency=2", "-n", "sender@%h"], as_root),
        Child("optimiser", [*worker, "--queues=optimise", "--concurrency=1", "-n", "optimiser@%h"], as_root),
        Child("mce", [sys.executable, str(settings.BASE_DIR / "manage.py"), "mce_client"]),
        Child("beat", [*celery, "beat", "--pidfile=", "--loglevel=WARNING"]),
    ]


def answers(host: str, port: int) -> bool:
    """Tell whether the site is ready for requests."""
    link = HTTPConnection(_local(host), port, timeout=1)
    try:
        link.request("GET", "/health/ready")
        return link.getresponse().status == HTTPStatus.OK
    except (OSError, HTTPException):
        return False
    finally:
        link.close()


def _local(host: str) -> str:
    return "127.0.0.1" if host in {"0.0.0.0", "::"} else host  # noqa: S104 - compared, not bound

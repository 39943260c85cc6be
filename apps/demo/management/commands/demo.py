"""`manage.py demo`: from real call history to a published schedule, and the site to look at it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from apps.core.errors import DomainError
from apps.core.management.commands.serve import (
    answers,
    children,
    compile_translations,
    port_number,
    refuse_used_port,
)
from apps.core.processes import die_with_parent
from apps.core.supervision import Supervisor
from apps.demo.blueprint import QUEUES
from apps.demo.services.chain import DemoChain
from apps.demo.services.exchange import Exchange, keep_figures
from apps.demo.services.guarding import forget_everything, refuse_foreign_people
from apps.demo.services.neighbours import HOST, forget_neighbours, make_neighbours, read_neighbours
from apps.demo.services.sign_in import sign_ins
from apps.demo.services.summary import Figures, summary_path, write_summary

if TYPE_CHECKING:
    from argparse import ArgumentParser


INTERRUPTED = 130  # as shells say it


class Command(BaseCommand):
    help = "Import real history, forecast, staff, optimise, publish; then serve the site until Ctrl-C."
    begun = 0.0
    announced = False
    exchanging: subprocess.Popen[bytes] | None = None

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default=os.environ.get("HOST", "127.0.0.1"))
        parser.add_argument("--port", type=port_number, default=os.environ.get("PORT", "8000"))
        parser.add_argument(
            "--reset", action="store_true", default=os.environ.get("RESET", "0") not in {"", "0"}
        )
        parser.add_argument("--no-serve", action="store_true", help="End after the summary.")
        parser.add_argument("--plan", metavar="QUEUE", help="Plan this queue's month only.")
        parser.add_argument("--exchange", type=float, help="Exchange with the running demo's systems.")

    def handle(self, *args: Any, **options: Any) -> None:
        self.begun = time.monotonic()
        try:
            if options["plan"]:
                DemoChain(self.say).plan(options["plan"])
            elif options["exchange"] is not None:
                self.begun = options["exchange"]
                self.exchange(options["port"])
            else:
                self.demo(**options)
        except DomainError as refusal:
            raise CommandError(refusal.message) from refusal
        except KeyboardInterrupt:
            raise CommandError("Stopped; run it again to go on from here.", returncode=INTERRUPTED) from None

    def demo(self, *, host: str, port: int, reset: bool, no_serve: bool, **_others: Any) -> None:
        if not no_serve:
            refuse_used_port(host, port)
        compile_translations(self.say)
        call_command("migrate", verbosity=0)
        if reset:
            forget_everything()
            forget_neighbours()
        figures = self.figures()
        if no_serve:
            connection.close()
            self.show(figures)
            return
        neighbours = make_neighbours(port, self.say)
        connection.close()
        self.say("Starting the site and the systems around it")
        programs = [*children(host, port), *(neighbour.child() for neighbour in neighbours)]
        try:
            Supervisor(programs, on_tick=lambda: self.announce(host, port, figures)).run()
        finally:
            if self.exchanging is not None:
                self.exchanging.terminate()
                self.exchanging.wait()

    def figures(self) -> Figures:
        """Run what has not been run, and give the figures."""
        refuse_foreign_people()
        chain = DemoChain(self.say)
        if chain.is_published():
            self.say(f"The schedule of {chain.month:%Y-%m} is published already; RESET=1 plans afresh.")
            chain.prepare_accounts()
            return write_summary(chain)
        self.say(f"Planning {chain.month:%Y-%m}, the first month that may be made known in time.")
        chain.run()
        chain.seconds["total"] = time.monotonic() - self.begun
        return write_summary(chain)

    def announce(self, host: str, port: int, figures: Figures) -> None:
        """Print everything once the site answers."""
        if self.announced or not answers(host, port):
            return
        self.announced = True
        self.show(figures)
        self.stdout.write(f"\n  http://{host}:{port}/ is up; Ctrl-C stops everything.\n")
        for sign_in in sign_ins():
            self.stdout.write(f"  {sign_in.role.value:<12} {sign_in.username:<16} {sign_in.password}")
        self.stdout.flush()
        self.exchanging = subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, "manage.py", "demo", f"--exchange={self.begun}", f"--port={port}"],
            cwd=settings.BASE_DIR,
            stdin=subprocess.DEVNULL,
            preexec_fn=die_with_parent(),  # noqa: PLW1509 - this process has one thread
        )

    def exchange(self, port: int) -> None:
        """Exchange with the outside systems of the running demo, and tell what came of it."""
        site, month = f"http://{HOST}:{port}", DemoChain(self.say).month
        figures = Exchange(self.say, read_neighbours(), site=site, month=month).run()
        keep_figures(figures)
        self.stdout.write("\nOutside systems")
        for key, value in figures.items():
            self.stdout.write(f"  {key:<32} {value}")

    def show(self, figures: Figures) -> None:
        """Print the totals, then the queues side by side."""
        prefixes = tuple(f"{plan.key}." for plan in QUEUES)
        self.stdout.write(f"\nSummary, kept in {summary_path()}\n")
        for key, value in figures.items():
            if not key.startswith((*prefixes, "sign_in_")):
                self.stdout.write(f"  {key:<32} {value}")
        for plan in QUEUES:
            self.stdout.write(f"  {plan.name + ', source':<32} {plan.source}")
        self.stdout.write("\n" + _row("", *(plan.name for plan in QUEUES)))
        for key in figures:
            name = key.removeprefix(prefixes[0])
            if key.startswith(prefixes[0]) and name != "source":
                self.stdout.write(_row(f"  {name}", *(figures.get(prefix + name, "") for prefix in prefixes)))

    def say(self, line: str) -> None:
        self.stdout.write(f"[{time.monotonic() - self.begun:5.0f} s] {line}")
        self.stdout.flush()


def _row(*cells: object) -> str:
    return "".join(f"{cell!s:<34}" for cell in cells).rstrip()

"""Examine the set-up and say what to do."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand

from apps.core.doctor import Level, examine, worst

if TYPE_CHECKING:
    from argparse import ArgumentParser

    from apps.core.doctor import Line


class Command(BaseCommand):
    help = (
        "Examine versions, servers, limits, workers, clock, settings; exit 0: well, 1: warnings, 2: faults."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="for programs")

    def handle(self, *_args: Any, **options: Any) -> None:
        lines = list(examine())
        if options["json"]:
            self.stdout.write(
                json.dumps({"worst": worst(lines).name.lower(), "lines": list(map(_row, lines))})
            )
        else:
            for line in lines:
                self._write(line)
        if code := worst(lines):
            sys.exit(code)

    def _write(self, line: Line) -> None:
        style = {Level.OK: self.style.SUCCESS, Level.WARN: self.style.WARNING, Level.FAIL: self.style.ERROR}
        level = style[line.level](f"{line.level.name.lower():<4}")
        self.stdout.write(f"{level}  {line.name:<24}  {line.figure}")
        if line.advice:
            self.stdout.write(f"{'':30}-> {line.advice}")


def _row(line: Line) -> dict[str, str]:
    return {
        "level": line.level.name.lower(),
        "name": line.name,
        "figure": line.figure,
        "advice": line.advice,
    }

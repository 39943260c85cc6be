"""Write the vacations of a year as the file that 1C takes."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand

from apps.core.exporting import to_csv, to_xlsx
from apps.integrations.selectors.vacations import vacations_of
from apps.integrations.services.vacation_file import vacation_table

if TYPE_CHECKING:
    from argparse import ArgumentParser


class Command(BaseCommand):
    help = "Write the annual vacations that begin in a year as an Excel (or .csv) file for 1C."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--year", type=int, required=True)
        parser.add_argument("--out", type=Path, required=True, help="The file; .xlsx or .csv.")

    def handle(self, *args: Any, **options: Any) -> None:
        first, last = dt.date(options["year"], 1, 1), dt.date(options["year"], 12, 31)
        vacations = vacations_of(None, first, last)
        table = vacation_table(vacations, first, last)
        out: Path = options["out"]
        out.write_bytes(to_csv(table) if out.suffix == ".csv" else to_xlsx(table))
        self.stdout.write(f"{len(vacations)} -> {out}")

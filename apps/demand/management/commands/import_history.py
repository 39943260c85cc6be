"""`manage.py import_history`: import a file of interval history in this process."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError

from apps.core.errors import DomainError
from apps.demand.services.importing import import_history
from apps.organization.selectors import queue_by_code

if TYPE_CHECKING:
    from argparse import ArgumentParser

    from apps.demand.models import ImportBatch

SHOWN_ERRORS = 20


class Command(BaseCommand):
    help = "Import interval history (Excel, CSV or JSON) into a queue; broken rows are listed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--queue", required=True, help="code of the queue")
        parser.add_argument("--source", default="", help="where the file is from")
        parser.add_argument("--shift-weeks", type=int, default=0, help="move local times by whole weeks")
        parser.add_argument("--dry-run", action="store_true", help="check, load nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        try:
            with path.open("rb") as file:
                batch = import_history(
                    queue_id=queue_by_code(options["queue"]).pk,
                    file=file,
                    file_name=path.name,
                    actor=None,
                    source=options["source"],
                    weeks_shifted=options["shift_weeks"],
                    dry_run=options["dry_run"],
                )
        except OSError as error:
            raise CommandError(str(error)) from error
        except DomainError as error:
            raise CommandError(error.message) from error
        self._tell(batch)

    def _tell(self, batch: ImportBatch) -> None:
        verb = "to load" if batch.state == "checked" else "loaded"
        self.stdout.write(
            f"import {batch.pk}: {batch.rows_read} rows read, {batch.rows_loaded} {verb}, "
            f"{batch.rows_unchanged} unchanged, {batch.rows_refused} refused, {batch.seconds:.2f} s"
        )
        for name in batch.details["unknown"]:
            self.stderr.write(f"unknown column: {name}")
        for name in batch.details["other_sheets"]:
            self.stderr.write(f"sheet not read: {name}")
        place = f"sheet {sheet}, row" if (sheet := batch.details["sheet"]) else "line"
        errors = list(batch.errors.all()[:SHOWN_ERRORS])
        for error in errors:
            self.stderr.write(f"{place} {error.line}: {error.column}: {error.reason} {error.value!r}")
        if batch.rows_refused > len(errors):
            self.stderr.write(f"and {batch.rows_refused - len(errors)} more")

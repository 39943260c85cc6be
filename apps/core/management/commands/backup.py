"""Write a backup of the database to one file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError

from apps.core.services.backup import BackupError, back_up

if TYPE_CHECKING:
    from argparse import ArgumentParser


class Command(BaseCommand):
    help = "Back up the whole database to one file, while the product works on; Redis needs no backup."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--out", type=Path, required=True, metavar="DIR|FILE", help="where to write it")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            path = back_up(options["out"])
        except BackupError as error:
            raise CommandError(error.message) from error
        self.stdout.write(f"Backed up to {path} ({path.stat().st_size:,} bytes).")

"""Put a backup into the database."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError

from apps.core.services.backup import BackupError, restore

if TYPE_CHECKING:
    from argparse import ArgumentParser


class Command(BaseCommand):
    help = "Restore a backup into an empty database, or with --replace into one whose content is given up."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="what `backup` wrote")
        parser.add_argument("--replace", action="store_true", help="give up what the database holds now")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            manifest = restore(options["file"], replace=options["replace"])
        except BackupError as error:
            raise CommandError(error.message) from error
        rows = sum(int(fact.split(":")[0]) for fact in manifest["tables"].values())
        self.stdout.write(
            f"Restored {len(manifest['tables'])} tables with {rows:,} rows, as they were at "
            f"{manifest['made_at']}; all compared. "
            "Next: `python manage.py migrate`, then start web, workers and beat."
        )

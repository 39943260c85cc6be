"""`manage.py export_schedule`: a variant as JSON for a checker of one's own (docs/export-schedule.md)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError

from apps.core.errors import DomainError
from apps.schedules.selectors.export import export_variant

if TYPE_CHECKING:
    from argparse import ArgumentParser


class Command(BaseCommand):
    help = "Write a schedule variant with people, shifts, activities, requirement and rules to a JSON file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--variant", required=True, type=int, help="id of the variant")
        parser.add_argument("--out", required=True, type=Path, help="the file to write")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            exported = export_variant(options["variant"])
            text = json.dumps(exported, ensure_ascii=False, indent=1, allow_nan=False)
            options["out"].write_text(text + "\n", encoding="utf-8")
        except DomainError as error:
            raise CommandError(error.message) from error
        except OSError as error:
            raise CommandError(f"{options['out']}: {error.strerror}") from error
        self.stdout.write(
            f"{options['out']}: {len(exported['shifts'])} shifts of {len(exported['people'])} people"
        )

"""`manage.py load_calendars`: fill production calendars from the bundled data, or one year from a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError

from apps.core.errors import DomainError
from apps.workcalendar.services.loading import import_xmlcalendar, load_bundled_calendars

if TYPE_CHECKING:
    from argparse import ArgumentParser


class Command(BaseCommand):
    help = "Fill the bundled production calendars, or one year of a calendar from an xmlcalendar file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", nargs="?", type=Path, help="an xmlcalendar file of one year")
        parser.add_argument("--code", default="ru", help="code of the calendar that the file fills")
        parser.add_argument("--name", default="", help="name of the calendar, if it is new")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["file"] is None:
            changed = load_bundled_calendars()
        else:
            changed = [self._from_file(options["file"], options["code"], options["name"])]
        for year in changed:
            self.stdout.write(f"{year}: {year.source}")
        if not changed:
            self.stdout.write("All bundled calendars are filled already.")

    def _from_file(self, path: Path, code: str, name: str) -> Any:
        try:
            content = path.read_bytes()
            return import_xmlcalendar(
                calendar_code=code, calendar_name=name, content=content, file_name=path.name, actor=None
            )
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}") from error
        except DomainError as error:
            raise CommandError(f"{path}: {error.message}") from error

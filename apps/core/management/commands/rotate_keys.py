"""Write stored secrets anew under the newest key."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from apps.core.encryption.errors import WrongKeysError
from apps.core.encryption.keys import new_entry, put_new_key_first
from apps.core.encryption.rotation import keys_in_use, rotate

if TYPE_CHECKING:
    from argparse import ArgumentParser


class Command(BaseCommand):
    help = (
        "Write every stored secret anew under the first key of FIELD_KEYS (or FIELD_KEYS_FILE), while the "
        "product runs. May be repeated. Exit 1 when a value could not be read."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--new-key", action="store_true", help="print a new entry and do nothing else")
        parser.add_argument(
            "--make", action="store_true", help="put a new key in front of FIELD_KEYS_FILE first"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["new_key"]:
            self.stdout.write(new_entry())
            return
        if options["make"]:
            self._make()
        try:
            outcome = rotate()
        except WrongKeysError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{outcome.written} written anew under {outcome.key}")
        for line in outcome.broken:
            self.stderr.write(line)
        old = sorted(name for name in keys_in_use() if name != outcome.key)
        self.stdout.write(f"still in use: {', '.join(old)}" if old else "no other key is in use")
        if outcome.broken:
            sys.exit(1)

    def _make(self) -> None:
        if settings.FIELD_KEYS or not settings.FIELD_KEYS_FILE:
            raise CommandError("--make needs FIELD_KEYS_FILE; with FIELD_KEYS, put a key in front yourself.")
        self.stdout.write(f"new key {put_new_key_first(Path(settings.FIELD_KEYS_FILE))}")

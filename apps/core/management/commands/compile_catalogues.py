"""Compile the translations: `locale/*/LC_MESSAGES/django.po` to `.mo`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.management.base import BaseCommand

from apps.core.services.catalogues import compile_all, merge

if TYPE_CHECKING:
    from argparse import ArgumentParser


class Command(BaseCommand):
    help = "Compile the translations; with --update, collect the messages of code and templates first."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--update", action="store_true", help="collect new messages into the catalogues")

    def handle(self, *args: Any, update: bool, **options: Any) -> None:
        if update:
            for language, _name in settings.LANGUAGES:
                if language != "en":
                    self.stdout.write(str(merge(settings.BASE_DIR, language)))
        for path in compile_all(settings.BASE_DIR):
            self.stdout.write(str(path))

"""`manage.py load_reference`: production calendars, time codes, kinds of activity and absence."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from apps.workcalendar.services.kinds import load_kinds
from apps.workcalendar.services.loading import load_bundled_calendars


class Command(BaseCommand):
    help = "Load the reference data that comes with the product; safe to repeat."

    def handle(self, *args: Any, **options: Any) -> None:
        load_bundled_calendars()
        counts = load_kinds()
        self.stdout.write(", ".join(f"{name}: {count}" for name, count in counts.items()))

"""`manage.py run_forecast`: forecast a queue in this process, as the page's button does in a worker."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError

from apps.core.errors import DomainError
from apps.forecasts.selectors import accuracy_rows, version_by_id
from apps.forecasts.services.running import request_forecast
from apps.jobs.choices import JobState
from apps.jobs.services import run_now
from apps.organization.selectors import queue_by_code

if TYPE_CHECKING:
    from argparse import ArgumentParser

    from apps.forecasts.models import ForecastVersion


class Command(BaseCommand):
    help = "Forecast a queue over local days as a new version."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--queue", required=True, help="code of the queue")
        parser.add_argument("--start", required=True, type=dt.date.fromisoformat, help="first day")
        parser.add_argument("--end", required=True, type=dt.date.fromisoformat, help="day after the last")
        parser.add_argument("--seed", type=int, default=0)
        parser.add_argument("--level", type=float, default=0.8, help="share that the band holds")
        parser.add_argument("--draft", action="store_true", help="do not plan from it")
        parser.add_argument("--holidays-country", default=None, help="whose holidays the history saw")
        parser.add_argument("--assumed-aht", type=float, default=None, help="seconds, without handle times")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            job = request_forecast(
                queue_id=queue_by_code(options["queue"]).pk,
                start=options["start"],
                end=options["end"],
                actor=None,
                seed=options["seed"],
                level=options["level"],
                activate=not options["draft"],
                holidays_country=options["holidays_country"],
                assumed_aht_s=options["assumed_aht"],
            )
        except DomainError as error:
            raise CommandError(error.message) from error
        job = run_now(job)
        if job.state != JobState.SUCCEEDED:
            raise CommandError(job.reason or f"The job is {job.state}.")
        self._tell(version_by_id(job.result["version_id"]))

    def _tell(self, version: ForecastVersion) -> None:
        self.stdout.write(
            f"forecast {version.pk} ({version}): {version.state}, {version.chosen_because}, "
            f"{version.seconds:.1f} s"
        )
        for row in accuracy_rows(version):
            mark = "*" if row.is_chosen else " "
            self.stdout.write(f"{mark} {row.model:<16} WAPE {_percent(row.wape)}  bias {_percent(row.bias)}")


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.1%}"

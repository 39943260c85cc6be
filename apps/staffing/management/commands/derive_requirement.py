"""`manage.py derive_requirement`: derive the requirement of a forecast in this process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError

from apps.core.errors import DomainError
from apps.jobs.choices import JobState
from apps.jobs.services import run_now
from apps.staffing.selectors import requirement_points
from apps.staffing.services.deriving import request_requirement

if TYPE_CHECKING:
    from argparse import ArgumentParser


class Command(BaseCommand):
    help = "Derive the agents that a forecast requires under the queue's targets."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--forecast", required=True, type=int, help="id of the forecast version")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            job = run_now(request_requirement(forecast_id=options["forecast"], actor=None))
        except DomainError as error:
            raise CommandError(error.message) from error
        if job.state != JobState.SUCCEEDED:
            raise CommandError(job.reason or f"The job is {job.state}.")
        points = requirement_points(job.result["version_id"])
        hours = float(points.required.sum()) * points.step_s / 3600
        self.stdout.write(
            f"requirement {job.result['version_id']} (#{job.result['number']}): {points.required.size} "
            f"intervals, {hours:.0f} agent-hours, at most {points.required.max()} agents"
        )

"""`manage.py plan_month`: plan a month of a group in this process, as the page's button does in a worker."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError

from apps.core.errors import DomainError
from apps.jobs.choices import JobState
from apps.jobs.services import run_now
from apps.schedules.models import ScheduleVariant
from apps.schedules.selectors.planning import group_by_code
from apps.schedules.services.optimisation import TIME_LIMIT_S, request_plan

if TYPE_CHECKING:
    from argparse import ArgumentParser


def month(text: str) -> dt.date:
    """Read `yyyy-mm`; `ValueError` on anything else."""
    return dt.datetime.strptime(text, "%Y-%m").replace(tzinfo=dt.UTC).date()


class Command(BaseCommand):
    help = "Plan a month of a planning group and store it as a draft."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--group", required=True, help="code of the planning group")
        parser.add_argument("--month", required=True, type=month, help="yyyy-mm")
        parser.add_argument("--seed", type=int, default=0)
        parser.add_argument("--time-limit", type=float, default=TIME_LIMIT_S, help="seconds of solving")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            group = group_by_code(options["group"])
            job = request_plan(
                group_id=group.pk,
                month=options["month"],
                actor=None,
                seed=options["seed"],
                time_limit_s=options["time_limit"],
            )
        except DomainError as error:
            raise CommandError(error.message) from error
        job = run_now(job)
        if job.state != JobState.SUCCEEDED:
            raise CommandError(job.reason or f"The job is {job.state}.")
        self._tell(ScheduleVariant.objects.get(pk=job.result["variant_id"]))

    def _tell(self, variant: ScheduleVariant) -> None:
        figures = variant.metrics
        self.stdout.write(f"variant {variant.pk}: {variant}")
        self.stdout.write(f"people {figures['people']}, shifts {figures['shifts']}")
        self.stdout.write(f"under-cover {figures['under_share']:.2%}, over-cover {figures['over_share']:.2%}")
        self.stdout.write(
            f"objective {figures['objective']}, bound {figures['bound']}, gap {figures['gap']:.2%}, "
            f"hard violations {figures['hard_violations']}"
        )
        self.stdout.write(", ".join(f"{name} {spent} s" for name, spent in figures["seconds"].items()))

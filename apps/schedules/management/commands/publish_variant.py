"""`manage.py publish_variant`: make a draft the schedule that people work by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError

from apps.core.errors import DomainError
from apps.schedules.services.publishing import publish_variant

if TYPE_CHECKING:
    from argparse import ArgumentParser


class Command(BaseCommand):
    help = "Publish a draft in place of what is published for its group and month."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--variant", required=True, type=int, help="id of the draft")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            variant = publish_variant(variant_id=options["variant"], actor=None)
        except DomainError as error:
            raise CommandError(error.message) from error
        notice = variant.metrics["publication"]
        self.stdout.write(f"Published: {variant}, the first shift is on {notice['first_shift']}.")
        if notice["less_than_a_month"]:
            self.stderr.write(
                f"Notice of {notice['notice_days']} days; the Labour Code, art. 103, asks for a month."
            )

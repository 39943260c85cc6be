"""`manage.py simulate NAME`: plays one of the outside systems on a socket of this machine."""

from __future__ import annotations

from argparse import REMAINDER
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand

from apps.core import clock
from apps.integrations.selectors.people_for_simulator import people_for_simulator
from apps.integrations.simulators.serving.running import make, options_parser, run
from apps.integrations.simulators.table import SIMULATORS, simulator_class

if TYPE_CHECKING:
    from argparse import ArgumentParser

ONEC = "onec"
MOSCOW = ZoneInfo("Europe/Moscow")


class Command(BaseCommand):
    help = "Play an outside system: 1C:ZUP, a contact centre, MCE/Oktell or a receiver of webhooks."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("system", choices=SIMULATORS)
        parser.add_argument("options", nargs=REMAINDER, help="Its options; --help names them.")

    def handle(self, *args: Any, **options: Any) -> None:
        kind = simulator_class(options["system"])
        parser = options_parser(kind)
        if kind.name == ONEC:
            parser.add_argument(
                "--people-from-database", action="store_true", help="Knows the people of the product."
            )
        chosen = parser.parse_args(options["options"])
        if getattr(chosen, "people_from_database", False):
            chosen.given = people_for_simulator(clock.now().astimezone(MOSCOW).date())
        run(make(kind, chosen), chosen)

"""`manage.py simulate NAME`: plays one of the outside systems on a socket of this machine."""

from __future__ import annotations

from argparse import REMAINDER
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError

from apps.core import clock
from apps.core.errors import NotFoundError
from apps.integrations.selectors.centre_for_simulator import centre_for_simulator
from apps.integrations.selectors.people_for_simulator import people_for_simulator
from apps.integrations.simulators.contact_centre.running import AHEAD_DAYS, CentreSimulator
from apps.integrations.simulators.serving.running import make, options_parser, run
from apps.integrations.simulators.table import SIMULATORS, simulator_class

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from apps.integrations.simulators.contact_centre.plan import CentrePlan

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
        if issubclass(kind, CentreSimulator):
            parser.add_argument(
                "--from-database", action="store_true", help="Lives the published schedule of the product."
            )
            parser.add_argument(
                "--group", action="append", default=[], help="Code of a planning group; all without it."
            )
        chosen = parser.parse_args(options["options"])
        if getattr(chosen, "people_from_database", False):
            chosen.given = people_for_simulator(clock.now().astimezone(MOSCOW).date())
        if getattr(chosen, "from_database", False):
            chosen.given = _centre_of(chosen)
        run(make(kind, chosen), chosen)


def _centre_of(chosen: Namespace) -> CentrePlan:
    """Give the centre of the product around the day on which the simulator begins."""
    today = (chosen.start or clock.now()).astimezone(MOSCOW).date()
    try:
        return centre_for_simulator(
            today,
            days_back=chosen.history_days + 1,
            days_ahead=AHEAD_DAYS,
            group_codes=chosen.group,
        )
    except NotFoundError as missing:
        raise CommandError(missing.message) from missing

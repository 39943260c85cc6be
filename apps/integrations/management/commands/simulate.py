"""`manage.py simulate NAME`: plays one of the outside systems on a socket of this machine."""

from __future__ import annotations

from argparse import REMAINDER
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand

from apps.integrations.simulators.serving.running import make, options_parser, run
from apps.integrations.simulators.table import SIMULATORS, simulator_class

if TYPE_CHECKING:
    from argparse import ArgumentParser


class Command(BaseCommand):
    help = "Play an outside system: 1C:ZUP, a contact centre, MCE/Oktell or a receiver of webhooks."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("system", choices=SIMULATORS)
        parser.add_argument("options", nargs=REMAINDER, help="Its options; --help names them.")

    def handle(self, *args: Any, **options: Any) -> None:
        kind = simulator_class(options["system"])
        chosen = options_parser(kind).parse_args(options["options"])
        run(make(kind, chosen), chosen)

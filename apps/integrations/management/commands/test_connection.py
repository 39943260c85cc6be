"""Say what is right and wrong with one connection."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError

from apps.integrations.models import Connection
from apps.integrations.services.testing import examine_connection

if TYPE_CHECKING:
    from argparse import ArgumentParser

ILL = 2


class Command(BaseCommand):
    help = (
        "Test a connection with calls that change nothing; exit 0: well, 1: no such connection, 2: not well."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("code", help="code of the connection")
        parser.add_argument("--json", action="store_true", help="for programs")

    def handle(self, *_args: Any, **options: Any) -> None:
        connection = Connection.objects.filter(code=options["code"]).first()
        if connection is None:
            known = ", ".join(Connection.objects.values_list("code", flat=True)) or "none"
            raise CommandError(f"There is no connection {options['code']!r}; there are: {known}.")
        tested = examine_connection(connection.pk, actor=None)
        if options["json"]:
            findings = [{"well": well, "words": words} for well, words in tested.findings]
            answer = {"connection": connection.code, "well": tested.is_well, "findings": findings}
            self.stdout.write(json.dumps(answer, ensure_ascii=False))
        else:
            for well, words in tested.findings:
                style = self.style.SUCCESS if well else self.style.ERROR
                self.stdout.write(f"{style('ok  ' if well else 'fail')}  {words}")
        if not tested.is_well:
            sys.exit(ILL)

"""Keys of programs, from the command line."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError

from apps.accounts.models import ApiKey
from apps.accounts.services.api_keys import issue_key, revoke_key
from apps.core import clock
from apps.core.errors import DomainError

if TYPE_CHECKING:
    from argparse import ArgumentParser

DAYS, MOST_DAYS = 365, 36_500


class Command(BaseCommand):
    help = "Issue, list and revoke API keys; the secret of a new one is printed once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="what", required=True)
        issue = actions.add_parser("issue")
        issue.add_argument("name")
        issue.add_argument(
            "--scope", action="append", required=True, help="e.g. people:read; may be repeated"
        )
        issue.add_argument("--days", type=int, default=DAYS, help=f"how long it holds ({DAYS})")
        actions.add_parser("list")
        revoke = actions.add_parser("revoke")
        revoke.add_argument("prefix")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            getattr(self, f"_{options['what']}")(options)
        except DomainError as error:
            raise CommandError(error.message) from error

    def _issue(self, options: dict[str, Any]) -> None:
        if not 1 <= options["days"] <= MOST_DAYS:
            raise CommandError(f"A key holds from 1 to {MOST_DAYS} days.")
        expires_at = clock.now() + dt.timedelta(days=options["days"])
        issued = issue_key(name=options["name"], scopes=options["scope"], actor=None, expires_at=expires_at)
        self.stdout.write(issued.secret)
        self.stderr.write(f"Shown this once; it holds until {expires_at:%Y-%m-%d} (UTC).")

    def _list(self, _options: dict[str, Any]) -> None:
        for key in ApiKey.objects.select_related("user"):
            state = (
                "revoked" if key.revoked_at else f"until {key.expires_at:%Y-%m-%d}" if key.expires_at else "-"
            )
            used = f"{key.last_used_at:%Y-%m-%d %H:%M} UTC" if key.last_used_at else "never"
            self.stdout.write(f"{key.prefix}  {key.name}  {','.join(key.scopes)}  {state}  used {used}")

    def _revoke(self, options: dict[str, Any]) -> None:
        key = ApiKey.objects.filter(prefix=options["prefix"]).first()
        if key is None:
            raise CommandError(f"There is no key that begins with {options['prefix']}.")
        revoke_key(key_id=key.pk, actor=None)
        self.stdout.write(f"{key} is revoked.")

"""Testing a connection: what is right and what is wrong with it, in words."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from apps.accounts.selectors import acting_user
from apps.audit.services import record
from apps.core.errors import NotFoundError
from apps.core.phrases import Phrase
from apps.integrations.choices import Authentication, System
from apps.integrations.errors import ExchangeError
from apps.integrations.models import Connection
from apps.integrations.policies import require_operating
from apps.integrations.registry import find_connection_test
from apps.integrations.services.access import access_to
from apps.integrations.services.calls import belonging
from apps.integrations.wire.reaching import reach
from apps.jobs.services import start

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apps.accounts.models import User
    from apps.integrations.types import Access
    from apps.jobs.models import Job
    from apps.jobs.registry import JobContext

TEST_KIND = "integrations.test"
TITLE = gettext_noop("Test of %(connection)s")
GONE = gettext_noop("This connection is no longer there.")


@dataclass
class Tested:
    """What a test found, in the language of whoever asked: (is well, words)."""

    findings: list[tuple[bool, str]] = field(default_factory=list)

    @property
    def is_well(self) -> bool:
        return bool(self.findings) and all(well for well, _words in self.findings)


@transaction.atomic
def request_test(connection: Connection, *, actor: User | None) -> Job:
    """Start a job that tests a connection; raises `ConflictError` while one does."""
    require_operating(actor)
    title = Phrase(TITLE, {"connection": connection.name})
    key = f"test:{connection.pk}"
    params = {"connection": connection.pk}
    return start(TEST_KIND, params=params, actor=actor, title=title, queue="integrate", dedupe_key=key)


def do_test(job: JobContext) -> None:
    """Do the test of a job; what was found is its result, shown on the page of the connection."""
    key = job.params["connection"]
    tested = examine_connection(key, actor=acting_user(job.actor_id))
    with transaction.atomic():
        job.conclude({"url": page_of(key), "well": tested.is_well, "findings": tested.findings})


def page_of(connection_id: int) -> str:
    code = Connection.objects.values_list("code", flat=True).get(pk=connection_id)
    return reverse("integrations:connection-page", args=[code])


def examine_connection(connection_id: int, *, actor: User | None) -> Tested:
    """Test a connection with calls that change nothing and give what was found; the first fault ends it."""
    require_operating(actor)
    connection = Connection.objects.filter(pk=connection_id).first()
    if connection is None:
        raise NotFoundError(Phrase(GONE))
    tested = Tested()
    with belonging():
        try:
            if connection.base_url or not find_connection_test(connection.system):
                tested.findings.extend(_settings(connection))
            if not tested.findings or tested.is_well:
                tested.findings.extend(_answers(access_to(connection)))
        except ExchangeError as error:
            tested.findings.append((False, str(error)))
    after = {"well": tested.is_well}
    record(action="connection.tested", obj=connection, actor=actor, after=after)
    return tested


def _settings(connection: Connection) -> Iterator[tuple[bool, str]]:
    """Look at what is wrong before anything is sent."""
    parts = urlsplit(connection.base_url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        yield False, _("The address has to begin with http:// or https:// and name a host.")
        return
    if parts.username or parts.password:
        yield False, _("The address holds a user name or password: give them in their own fields.")
        return
    try:
        ZoneInfo(connection.time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        yield False, _("There is no time zone %(zone)s.") % {"zone": connection.time_zone}
        return
    missing = connection.authentication == Authentication.BASIC and not connection.username
    if missing:
        yield False, _("The sign-in needs a user name.")
        return
    yield True, _("The settings are complete.")


def _answers(access: Access) -> Iterator[tuple[bool, str]]:
    test = find_connection_test(access.system)
    if access.system == System.WEBHOOK:  # only its deliveries may reach it: they keep to allowed networks
        yield True, _("A receiver of webhooks is tried by a test delivery, on its own page.")
        return
    if not access.base_url and test is not None:  # files are exchanged by hand
        yield from test(access)
        return
    status = reach(access)
    words = _("%(address)s answers (status %(status)s).")
    if access.base_url.startswith("https:"):
        words = _("%(address)s answers over TLS with a valid certificate (status %(status)s).")
    yield True, words % {"address": access.base_url, "status": status}
    if test is not None:
        yield from test(access)

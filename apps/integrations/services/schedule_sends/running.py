"""The run `onec.schedules`: queue what 1C does not hold yet of the published schedules."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.accounts.models import User
from apps.core.errors import DomainError
from apps.core.phrases import Phrase
from apps.integrations.choices import System
from apps.integrations.models import Connection
from apps.integrations.registry import run_purpose
from apps.integrations.selectors.month_contents import Peer, next_month
from apps.integrations.services.schedule_sends.asking import COMPARING, MOST_MONTHS, request_schedules
from apps.integrations.services.schedule_sends.queueing import PURPOSE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from apps.integrations.types import RunInHand

USUAL_MONTHS = 2


@run_purpose(PURPOSE, system=System.ONEC, label=gettext_lazy("Schedules to 1C"))
def send_schedules(run: RunInHand) -> None:
    """Queue the months of `options`: `first` (`2026-11`, else the current), `months`, `employees`, `again`.

    The operations send them; who could not be queued is a problem of the run.
    """
    connection = Connection.objects.get(pk=run.connection_id)
    first, last = period_of(Peer.of(connection), run.options)
    employees = run.options.get("employees")

    def progress(done: int, whole: int) -> None:
        run.check_cancelled()
        run.progress(done / max(whole, 1), Phrase(COMPARING))

    requested = request_schedules(
        connection,
        first=first,
        last=last,
        employee_ids=None if employees is None else [int(key) for key in employees],
        actor=None if run.actor_id is None else User.objects.get(pk=run.actor_id),
        run_id=run.run_id,
        session_id=run.session_id,
        again=bool(run.options.get("again")),
        progress=progress,
    )
    run.counts.update(requested.counts)
    run.problems.extend(requested.problems)


def period_of(peer: Peer, options: Mapping[str, Any]) -> tuple[dt.date, dt.date]:
    """Give the first days of the first and last month that options name. Raises `DomainError`."""
    try:
        named = str(options.get("first") or "")
        first = dt.date.fromisoformat(f"{named[:7]}-01") if named else peer.current_month
        months = int(options.get("months") or USUAL_MONTHS)
    except ValueError as error:
        raise DomainError(_("The options of the run name no month.")) from error
    if not 1 <= months <= MOST_MONTHS:
        raise DomainError(_("At most %(most)s months at once.") % {"most": MOST_MONTHS})
    last = first
    for _step in range(months - 1):
        last = next_month(last)
    return first, last

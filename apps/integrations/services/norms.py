"""Norms of working time from 1C: asked for with every weekly norm, kept, and compared with our own."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from apps.algorithms.norms import NormPeriod
from apps.core.phrases import Phrase
from apps.integrations.choices import System
from apps.integrations.registry import run_purpose
from apps.integrations.services.access import access_of
from apps.integrations.services.months import month_of, people_of, period_of, portions
from apps.integrations.wire.onec.norms import WeekNorm, fetch_norms
from apps.workcalendar.choices import NormMode
from apps.workcalendar.errors import CalendarMissingError
from apps.workcalendar.selectors import employee_norms, weekly_norms
from apps.workcalendar.services.norms import NormFacts, store_norms

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Mapping, Sequence

    from apps.integrations.types import Access, RunInHand
    from apps.integrations.wire.onec.norms import OneCNorm

    Own = Mapping[int, Mapping[dt.date, int]]

NORMS = "onec.norms"
MODES = (NormMode.MONTH, NormMode.QUARTER, NormMode.YEAR)
ASKING = gettext_noop("Asking 1C for norms of %(count)s people")
TOLERANCE_S = 36
"""1C shows hours with two decimals."""
HOUR_S = 3600
MINUTE_S = 60


@run_purpose(NORMS, system=System.ONEC, label=gettext_lazy("Norms of working time from 1C"))
def receive_norms(run: RunInHand) -> None:
    """Keep the norms of a month, its quarter and its year (options `month`, `modes`). Safe to repeat.

    Raises `RefusedError` with what 1C says where its calendar is not filled, and the `ExchangeError` family.
    """
    access = access_of(run.connection_id)
    month = month_of(access, run.options)
    modes = [NormMode(mode) for mode in run.options.get("modes") or [NormMode.MONTH]]
    for mode in modes:
        _receive(run, access, mode, period_of(month, mode))


def _receive(run: RunInHand, access: Access, mode: NormMode, days: tuple[dt.date, dt.date]) -> None:
    people = people_of(access.connection_id, days)
    own, missing = _own_norms(list(people.values()), days, mode)
    if missing:
        run.problems.append({"subject": "", "field": "calendar", "reason": missing})
    done = 0
    for portion in portions(people):
        run.check_cancelled()
        run.progress(done / max(len(people), 1), Phrase(ASKING, {"count": len(people)}))
        weeks = weekly_norms(portion.values(), *days)
        asked = {
            agent_id: [WeekNorm(since, minutes) for since, minutes in weeks[employee_id]]
            for agent_id, employee_id in portion.items()
            if employee_id in weeks
        }
        answer = fetch_norms(access, days, mode.value, asked, session_id=run.session_id)
        run.problems.extend(
            {"subject": row.subject, "field": row.field, "reason": str(row.reason)} for row in answer.bad_rows
        )
        norms = _checked(run, answer.norms, portion, days, own)
        told = {norm.employee_id for norm in norms}
        unread = {row.agent_id for row in answer.bad_rows}
        # What is known of somebody stays unless the answer says all of it anew.
        whole = told - {portion.get(agent_id) for agent_id in unread} if "" not in unread else ()
        written = store_norms(norms, mode=mode, asked=list(whole), days=days, source=access.code)
        _tell_missing(run, portion, told, unread)
        _add(run, people=len(portion), norms=len(norms), written=written)
        done += len(portion)


def _own_norms(employee_ids: Sequence[int], days: tuple[dt.date, dt.date], mode: NormMode) -> tuple[Own, str]:
    """Compute norms by employee and first day, in seconds; and what calendar is missing for that."""
    try:
        rows = employee_norms(employee_ids, *days, NormPeriod(mode.value))
    except CalendarMissingError as missing:
        return {}, missing.message
    own: defaultdict[int, dict[dt.date, int]] = defaultdict(dict)
    for employee_id, norms in rows.items():
        for norm in norms:
            own[employee_id][norm.first] = round(norm.minutes * MINUTE_S)
    return own, ""


def _checked(
    run: RunInHand,
    norms: Sequence[OneCNorm],
    people: Mapping[str, int],
    days: tuple[dt.date, dt.date],
    own: Own,
) -> list[NormFacts]:
    """Give the norms of those who were asked for; what is strange or differs from ours is told."""
    found: dict[tuple[int, dt.date], NormFacts] = {}
    for norm in norms:
        employee_id = people.get(norm.agent_id)
        if employee_id is None or norm.first < days[0] or norm.last > days[1]:
            _problem(run, norm.agent_id, "norm", _("1C gives a norm that was not asked for."))
            continue
        ours = own.get(employee_id, {}).get(norm.first)
        if own and (ours is None or abs(ours - norm.seconds) > TOLERANCE_S):
            told = {"theirs": _hours(norm.seconds), "ours": "–" if ours is None else _hours(ours)}
            _problem(
                run,
                norm.agent_id,
                f"norm {norm.first.isoformat()}",
                _("1C gives %(theirs)s h, we compute %(ours)s h.") % told,
            )
            _add(run, differences=1)
        found[employee_id, norm.first] = NormFacts(employee_id, norm.first, norm.last, norm.seconds, ours)
    return list(found.values())


def _tell_missing(
    run: RunInHand, people: Mapping[str, int], told: Collection[int], unread: Collection[str]
) -> None:
    """Name those of whom nothing came; whose row could not be read has been named already."""
    for agent_id, employee_id in people.items():
        if employee_id not in told and agent_id not in unread:
            _problem(run, agent_id, "norm", _("1C gives no norm: it does not know this person."))


def _problem(run: RunInHand, subject: str, field: str, reason: str) -> None:
    run.problems.append({"subject": subject, "field": field, "reason": reason})


def _add(run: RunInHand, **counts: int) -> None:
    for name, count in counts.items():
        run.counts[name] = run.counts.get(name, 0) + count


def _hours(seconds: int) -> str:
    return f"{seconds / HOUR_S:.2f}".rstrip("0").rstrip(".")

"""Operators by hour: 24 rows that say how many agents a day needs at least."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.utils.translation import gettext_noop as _

from apps.core.phrases import Phrase
from apps.demand.errors import FileRefusedError
from apps.staffing.services.minimums import HOURS, set_minimums

if TYPE_CHECKING:
    from collections.abc import Sequence

    from apps.integrations.services.argus.work import Numbered, Work
    from apps.integrations.wire.argus.rows import OperatorRow


def load_operators(rows: Sequence[Numbered[OperatorRow]], work: Work) -> None:
    """Require the operators in each hour of the target's days; a day is loaded whole or not at all."""
    if work.report.count or len(rows) != HOURS:
        first = next(iter(work.report.sorted()), None)
        raise FileRefusedError(
            Phrase(
                _("A day has 24 rows of operators; the file has %(count)d good ones."), {"count": len(rows)}
            )
            if first is None
            else Phrase(
                _("A day has 24 rows of operators; line %(line)d is wrong: %(reason)s"),
                {"line": first.line, "reason": first.reason},
            )
        )
    work.notes["contacts"] = float(sum(item.row.contacts for item in rows))
    work.loaded, work.unchanged = set_minimums(
        queue_id=work.target["queue_id"],
        first_day=dt.date.fromisoformat(work.target["first_day"]),
        last_day=dt.date.fromisoformat(work.target["last_day"]),
        by_hour=[item.row.operators for item in rows],
        actor=work.actor,
        dry_run=work.dry_run,
    )

"""Cells of the schedule grids as markup.

A month of 500 people has 15 500 cells, and a template loop over them takes most of a second: rows are written
here by joining strings that repeat (shifts share their times) and are made once.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, ngettext, pgettext

from apps.core.templatetags.figures import hours, minutes_clock, signed_hours
from apps.schedules.types import AbsenceCell, ShiftCell

if TYPE_CHECKING:
    from collections.abc import Sequence

    from apps.schedules.types import DayRow, PersonRow, Segment
    from apps.schedules.views.day_clock import DayClock

DAY_MINUTES = 1440
NIGHT_FROM, NIGHT_TO = 22 * 60, 6 * 60
WIDE_SLOTS = 6
EDITED = '<em class="edited">✎</em>'
"""Marks what was changed by hand; the legend explains it."""
Cell = ShiftCell | AbsenceCell | None


def row_head(row: PersonRow | DayRow, zone: str = "") -> SafeString:
    """Give the first cell of a person's row; `zone` names the clock of the row where it has its own."""
    name, number, department, site, rule = map(
        conditional_escape, (row.name, row.personnel_number, row.department, row.site, row.work_rule)
    )
    mark = f'<span class="zone">{conditional_escape(zone)}</span> · ' if zone else ""
    return mark_safe(  # noqa: S308 - escaped above
        f'<span class="first" role="rowheader" title="{name} · {department} · {site} · {rule}"><b>{name}</b>'
        f'<span class="small">{mark}{number} · {site} · {rule}</span></span>'
    )


def month_cells(cells: Sequence[Cell], days_off: Sequence[bool]) -> SafeString:
    """Give the cells of a person's month, one a day."""
    language = get_language() or ""
    parts = [_cell(cell, off, language) for cell, off in zip(cells, days_off, strict=True)]
    return mark_safe("".join(parts))  # noqa: S308 - numbers and escaped texts only


def day_lane(segments: Sequence[Segment], absence: AbsenceCell | None, hands: DayClock) -> SafeString:
    """Give the parts of a person's day on a lane of the day's slots, or the absence that fills it."""
    language = get_language() or ""
    parts = [
        f'<span role="gridcell" data-shift="{part.shift_id}"'
        + _segment(
            part.kind,
            part.start_slot,
            part.end_slot - part.start_slot,
            hands.marks[part.start_slot],
            hands.marks[part.end_slot],
            part.is_edited,
            language,
        )
        for part in segments
    ]
    if absence is not None and not parts:
        parts = [_absent_day(absence.code, absence.name, hands.slots, language)]
    return mark_safe("".join(parts))  # noqa: S308 - numbers and escaped texts only


def month_balance(paid_s: int, norm_s: int, violations: int) -> SafeString:
    """Give the cells after a person's days: paid and norm hours, their difference, violations."""
    look = "t bad" if violations else "t"
    parts = _balance(paid_s, norm_s, get_language() or "")
    return mark_safe(f'{parts}<span class="{look}" role="gridcell">{int(violations)}</span>')  # noqa: S308 - numbers


def absence_code(code: str) -> str:
    """Give the short code that stands in a cell; the legend explains it."""
    codes = {
        "vacation": pgettext("short code of an absence", "V"),
        "sick": pgettext("short code of an absence", "S"),
        "unpaid": pgettext("short code of an absence", "U"),
        "training": pgettext("short code of an absence", "T"),
    }
    return codes.get(code, code[:3].upper())


def activity_code(kind: str) -> str:
    """Give the short code of a kind of activity."""
    codes = {
        "work": pgettext("short code of an activity", "W"),
        "lunch": pgettext("short code of an activity", "L"),
        "break": pgettext("short code of an activity", "B"),
    }
    return codes.get(kind, kind[:2].upper())


def is_night(start_minute: int, end_minute: int) -> bool:
    """Tell whether a shift touches the night, 22:00 to 06:00 (art. 96 of the Labour Code)."""
    return start_minute < NIGHT_TO or end_minute > NIGHT_FROM


def _cell(cell: Cell, off: bool, language: str) -> str:  # noqa: FBT001 - a hot inner call
    if isinstance(cell, ShiftCell):
        return _shift(cell.start_minute, cell.end_minute, cell.is_edited, cell.shifts, off, language)
    if isinstance(cell, AbsenceCell):
        return _absence(cell.code, cell.name, off, language)
    return _OFF if off else _FREE


_FREE = '<span role="gridcell" class="c"></span>'
_OFF = '<span role="gridcell" class="c off"></span>'


@lru_cache(maxsize=8192)
def _shift(
    start_minute: int,
    end_minute: int,
    is_edited: bool,  # noqa: FBT001
    shifts: int,
    off: bool,  # noqa: FBT001
    language: str,  # noqa: ARG001 - of the key
) -> str:
    look = "c s night" if is_night(start_minute, end_minute) else "c s"
    marks = EDITED if is_edited else ""
    if shifts > 1:
        title = conditional_escape(
            ngettext("%(count)s shift on this day", "%(count)s shifts on this day", shifts)
            % {"count": shifts}
        )
        marks += f'<em class="many" title="{title}">×{shifts}</em>'
    if marks:
        look += " marked"
    if off:
        look += " off"
    return (
        f'<span role="gridcell" class="{look}"><b>{minutes_clock(start_minute)}</b>'
        f"<i>{minutes_clock(end_minute)}</i>{marks}</span>"
    )


@lru_cache(maxsize=4096)
def _balance(paid_s: int, norm_s: int, language: str) -> str:  # noqa: ARG001 - language is of the key
    texts = (hours(paid_s), hours(norm_s), signed_hours(paid_s - norm_s, 1))
    return "".join(f'<span class="t" role="gridcell">{text}</span>' for text in texts)


@lru_cache(maxsize=256)
def _absence(code: str, name: str, off: bool, language: str) -> str:  # noqa: FBT001, ARG001 - language is of the key
    look = "c a off" if off else "c a"
    title = conditional_escape(name)
    short = conditional_escape(absence_code(code))
    return f'<span role="gridcell" class="{look}" title="{title}">{short}</span>'


@lru_cache(maxsize=16384)
def _segment(
    kind: str,
    start: int,
    width: int,
    begins: str,
    ends: str,
    is_edited: bool,  # noqa: FBT001
    language: str,  # noqa: ARG001 - of the key
) -> str:
    """Give a part of a shift without the beginning of its tag, where the shift is named."""
    code = conditional_escape(activity_code(kind))
    text = f"{code} {begins}" if width >= WIDE_SLOTS else code
    look = conditional_escape(kind)
    mark = EDITED if is_edited and width >= WIDE_SLOTS else ""
    return (
        f' class="seg {look} c{start} w{width}" '
        f'aria-label="{code} {begins}–{ends}" title="{begins}–{ends}">{text}{mark}</span>'
    )


@lru_cache(maxsize=64)
def _absent_day(code: str, name: str, slots: int, language: str) -> str:  # noqa: ARG001 - language is of the key
    short, title = conditional_escape(absence_code(code)), conditional_escape(name)
    return f'<span role="gridcell" class="seg absence c0 w{slots}">{short} – {title}</span>'

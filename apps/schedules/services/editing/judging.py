"""What an edit does to the labour rules, the hours and the cover, and whether it may be."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.core.errors import ConflictError
from apps.schedules.errors import RuleBrokenError
from apps.schedules.selectors.checking import Finding
from apps.schedules.selectors.edit_cover import cover_changes
from apps.schedules.selectors.labour_rules import article_of, explain, rule_name
from apps.schedules.types import Broken, Change, Effect, HoursChange

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from apps.schedules.models import RuleViolation
    from apps.schedules.selectors.edit_book import EditBook
    from apps.schedules.types import ShiftSnapshot

FINDING_NAMES = tuple(field.name for field in fields(Finding))


@dataclass(frozen=True)
class Compared:
    """A finding after an edit beside what it was before (None: it is new)."""

    finding: Finding
    before: Finding | None
    is_forgiven: bool = False

    @property
    def is_new(self) -> bool:
        return self.before is None and not self.is_forgiven

    @property
    def is_worse(self) -> bool:
        worse = self.before is not None and badness(self.finding) > badness(self.before)
        return worse and not self.is_forgiven

    @property
    def is_as_before(self) -> bool:
        return not self.is_new and not self.is_worse


@dataclass(frozen=True)
class Verdict:
    """The changes of an edit with everything that follows from them.

    `mended` are the findings that are gone, `changed` these and those that are no longer the same.
    """

    book: EditBook
    changes: tuple[Change, ...]
    compared: tuple[Compared, ...]
    mended: tuple[Finding, ...]
    changed: tuple[Finding, ...]
    effect: Effect

    @property
    def let_pass(self) -> list[Finding]:
        """Give what is newly broken, or broken further."""
        return [item.finding for item in self.compared if not item.is_as_before]


def judged(
    book: EditBook, changes: Sequence[Change], forgiven: Collection[tuple[Any, ...]] = frozenset()
) -> Verdict:
    """Judge the changes; findings whose `mark` is `forgiven` count as if they had been there before."""
    after_shifts = dict(book.shifts)
    for change in changes:
        if change.after is None:
            after_shifts.pop(change.shift_id)
        else:
            after_shifts[change.shift_id] = change.after
    touched = people_in(changes)
    before = book.findings(touched, book.shifts.values())
    after = book.findings(touched, after_shifts.values())
    compared = compare(before, after, forgiven)
    matched = {id(item.before) for item in compared}
    mended = tuple(finding for finding in before if id(finding) not in matched)
    remaining = {mark(finding) for finding in after}
    effect = Effect(
        cover=tuple(cover_changes(book.cover, changes)),
        hours=tuple(_hours(book, touched, after_shifts.values())),
        broken=tuple(_in_words(book, item) for item in compared),
        mended=tuple(_in_words(book, Compared(finding, finding)) for finding in mended),
    )
    changed = tuple(finding for finding in before if mark(finding) not in remaining)
    return Verdict(book, tuple(changes), tuple(compared), mended, changed, effect)


def refuse_broken(verdict: Verdict) -> None:
    """Raise `RuleBrokenError` for hard rules newly broken or broken further, with the effect as data.

    A person's shifts never overlap in a variant, whatever the rules say: that is a `ConflictError`.
    """
    refusals = verdict.effect.refusals
    if refusals:
        first, more = refusals[0], len(refusals) - 1
        message = f"{first.name}: {first.text}"
        if more:
            others = ngettext(
                "And %(count)s more finding stands against it.",
                "And %(count)s more findings stand against it.",
                more,
            )
            message = f"{message} {others % {'count': more}}"
        effect = verdict.effect.as_data()
        violations = [
            data
            for data, finding in zip(effect["broken"], verdict.effect.broken, strict=True)
            if finding.refuses
        ]
        raise RuleBrokenError(message, effect=effect, violations=violations)
    _refuse_overlap(verdict)


def mark(finding: Finding | RuleViolation) -> tuple[Any, ...]:
    """Give what makes two findings the same."""
    return (
        finding.employee_id,
        finding.key,
        finding.start.timestamp(),
        finding.end.timestamp(),
        finding.measured,
        finding.limit,
    )


def mark_of(data: Mapping[str, Any]) -> tuple[Any, ...]:
    """Give the mark of a finding that `finding_data` wrote."""
    start, end = (dt.datetime.fromisoformat(data[name]).timestamp() for name in ("start", "end"))
    return data["employee_id"], data["key"], start, end, data["measured"], data["limit"]


def finding_data(finding: Finding | RuleViolation) -> dict[str, Any]:
    """Give a finding as JSON."""
    data = {name: getattr(finding, name) for name in FINDING_NAMES}
    return data | {"start": finding.start.isoformat(), "end": finding.end.isoformat()}


def badness(finding: Finding) -> int:
    """Give how far the finding lies beyond its limit, whichever side of it is wrong."""
    return abs(finding.measured - finding.limit)


def compare(
    before: Iterable[Finding], after: Iterable[Finding], forgiven: Collection[tuple[Any, ...]] = frozenset()
) -> list[Compared]:
    """Find for each finding after an edit what it was before, one to one.

    Findings of one person and kind are the same where their spans meet; of the rest a finding is no news as
    long as another one as bad has gone, so that what is wrong may be moved along with its shift.
    """
    known: defaultdict[tuple[int, str], list[Finding]] = defaultdict(list)
    for finding in before:
        known[finding.employee_id, finding.key].append(finding)
    findings = list(after)
    found: dict[int, Finding] = {}
    for is_match in (_is_same, _meet, _is_as_bad):
        for finding in sorted(findings, key=badness, reverse=True):
            candidates = known[finding.employee_id, finding.key]
            matching = [other for other in candidates if is_match(other, finding)]
            if matching and id(finding) not in found:
                found[id(finding)] = min(matching, key=badness)
                candidates.remove(found[id(finding)])
    return [Compared(item, found.get(id(item)), mark(item) in forgiven) for item in findings]


def _is_same(one: Finding, other: Finding) -> bool:
    return mark(one) == mark(other)


def _is_as_bad(one: Finding, other: Finding) -> bool:
    return badness(one) >= badness(other)


def _meet(one: Finding, other: Finding) -> bool:
    return one.start <= other.end and other.start <= one.end


def people_in(changes: Iterable[Change]) -> list[int]:
    """Give the people whose shifts the changes touch."""
    return sorted({side.employee_id for change in changes for side in change.sides})


def _hours(book: EditBook, touched: Iterable[int], after: Iterable[ShiftSnapshot]) -> list[HoursChange]:
    paid = {employee_id: [0, 0] for employee_id in book.people}
    for place, shifts in enumerate((book.shifts.values(), after)):
        for shift in shifts:
            paid[shift.employee_id][place] += shift.paid_s
    return [
        HoursChange(key, book.people[key].name, book.people[key].row.norm_s, *paid[key]) for key in touched
    ]


def _in_words(book: EditBook, item: Compared) -> Broken:
    finding = item.finding
    return Broken(
        employee_id=finding.employee_id,
        name=book.people[finding.employee_id].name,
        code=finding.code,
        rule_name=rule_name(finding.code),
        text=explain(finding),
        article=article_of(finding.code),
        mode=book.mode_of(finding),
        start=finding.start,
        end=finding.end,
        is_new=item.is_new,
        is_worse=item.is_worse,
    )


def _refuse_overlap(verdict: Verdict) -> None:
    shifts = dict(verdict.book.shifts)
    for change in verdict.changes:
        if change.after is not None:
            shifts[change.shift_id] = change.after
        else:
            shifts.pop(change.shift_id)
    ends: dict[int, Any] = {}
    for shift in sorted(shifts.values(), key=lambda shift: shift.start):
        end = ends.get(shift.employee_id)
        if end is not None and shift.start < end:
            name = verdict.book.people[shift.employee_id].name
            message = _("%(name)s would have two shifts at once on %(day)s.")
            raise ConflictError(message % {"name": name, "day": shift.local_date})
        ends[shift.employee_id] = shift.end

"""Shifts into a draft variant: judged with everything around them, then one edit that can be undone."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.utils.translation import gettext_noop as _

from apps.core.errors import ConflictError, DomainError, NotFoundError
from apps.core.phrases import Phrase
from apps.integrations.services.argus.roster import Roster, RowError, plan_person
from apps.schedules.choices import EditSource, VariantState
from apps.schedules.models import ScheduleVariant
from apps.schedules.services import editing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from apps.integrations.services.argus.roster import PersonPlan, WantedShift
    from apps.integrations.services.argus.work import Numbered, Work
    from apps.integrations.wire.argus.rows import ShiftRow
    from apps.schedules.types import Broken, Command, ShiftSnapshot

SHIFTS_AT_ONCE = 3_000
"""Of one edit: a month of more than a hundred people."""
LONGEST_REASON = 300
TRIES = 3
"""How often the variant may change between the judging and the edit."""


def draft_variant(variant_id: int) -> ScheduleVariant:
    """Give a draft with its group; `NotFoundError`, or `ConflictError` for what is published or archived."""
    variant = ScheduleVariant.objects.select_related("group").filter(pk=variant_id).first()
    if variant is None:
        raise NotFoundError(Phrase(_("There is no variant %(key)s."), {"key": variant_id}))
    if variant.state != VariantState.DRAFT:
        raise ConflictError(Phrase(_("Shifts are imported into a draft; this variant is none.")))
    return variant


def load_schedules(rows: Sequence[Numbered[ShiftRow]], work: Work) -> None:
    """Give the people of the target's variant the shifts of the rows; a refused row does not stop the others.

    People stay together: a batch of people is judged and stored as one edit of its own. Rows that a hard
    labour rule refuses are listed with the rule, its article and what it found.
    """
    roster = Roster(draft_variant(work.target["variant_id"]))
    wanted = _wanted(roster, rows, work)
    done = len(rows) - sum(map(len, wanted.values()))
    for batch in _batches(wanted):
        work.tell(done, len(rows))
        _Batch(roster, batch, work).load()
        done += sum(map(len, batch.values()))
    work.tell(done, len(rows))


def _wanted(roster: Roster, rows: Iterable[Numbered[ShiftRow]], work: Work) -> dict[int, list[WantedShift]]:
    by_person: defaultdict[int, list[WantedShift]] = defaultdict(list)
    lines: dict[tuple[object, ...], int] = {}
    for item in rows:
        try:
            shift = roster.wanted(item)
        except RowError as error:
            work.report.add(item.line, error.column, error.reason, error.value)
            continue
        key = (shift.employee_id, shift.local_date, shift.start, shift.end)
        first = lines.setdefault(key, item.line)
        if first != item.line:
            work.report.add(item.line, "", Phrase(_("It repeats line %(line)d."), {"line": first}))
            continue
        by_person[shift.employee_id].append(shift)
    return by_person


def _batches(wanted: dict[int, list[WantedShift]]) -> Iterator[dict[int, list[WantedShift]]]:
    batch: dict[int, list[WantedShift]] = {}
    size = 0
    for employee_id, shifts in sorted(wanted.items()):
        if batch and size + len(shifts) > SHIFTS_AT_ONCE:
            yield batch
            batch, size = {}, 0
        batch[employee_id] = shifts
        size += len(shifts)
    if batch:
        yield batch


Refusal = tuple[int, str, Phrase]


@dataclass
class _Batch:
    """The rows of some people: those that are refused leave it until the rest can be one edit."""

    roster: Roster
    rows: dict[int, list[WantedShift]]
    work: Work
    wanted: dict[int, list[WantedShift]] = field(default_factory=dict)
    refused: list[Refusal] = field(default_factory=list)
    held: dict[int, list[ShiftSnapshot]] = field(default_factory=dict)

    def load(self) -> None:
        """Judge and store; when somebody edits the variant meanwhile, both again."""
        for attempt in range(TRIES):
            plans = self._settled()
            try:
                self._store(plans)
                break
            except ConflictError:
                if attempt == TRIES - 1:
                    raise
        for line, column, reason in self.refused:
            self.work.report.add(line, column, reason)
        self.work.loaded += sum(len(plan.changed) for plan in plans.values())
        self.work.unchanged += sum(len(plan.unchanged) for plan in plans.values())

    def _store(self, plans: dict[int, PersonPlan]) -> None:
        commands = [command for plan in plans.values() for command, _row in plan.commands]
        if self.work.dry_run or not commands:
            return
        outcome = editing.apply(
            variant_id=self.roster.variant.pk,
            commands=commands,
            actor=self.work.actor,
            expected={pk: revision for plan in plans.values() for pk, revision in plan.expected.items()},
            source=EditSource.IMPORT,
            reason=self.work.source[:LONGEST_REASON],
        )
        self.work.notes.setdefault("edits", []).append(outcome.edit_id)

    def _settled(self) -> dict[int, PersonPlan]:
        """Plan the rows, and let those go that are refused, until nothing stands against the rest."""
        self.refused, self.wanted = [], {key: list(rows) for key, rows in self.rows.items()}
        self.held = self.roster.held(self.rows)
        people = list(self.wanted)
        while people:
            plans = self._planned(people)
            people = self._let_go(plans)
        return self._planned(self.wanted)

    def _planned(self, people: Iterable[int]) -> dict[int, PersonPlan]:
        """Plan these people as one edit; of two shifts at once the row that brings the second one goes."""
        plans: dict[int, PersonPlan] = {}
        first_new = 1
        for employee_id in people:
            plan = plan_person(self.wanted[employee_id], self.held.get(employee_id, ()), first_new)
            while plan.overlapping:
                self._refuse(plan.overlapping[0], "start", Phrase(_("The person has another shift then.")))
                plan = plan_person(self.wanted[employee_id], self.held.get(employee_id, ()), first_new)
            plans[employee_id] = plan
            first_new += plan.added
        return plans

    def _let_go(self, plans: dict[int, PersonPlan]) -> list[int]:
        """Judge the plans, take out the rows that are refused, and give the people whom it concerns."""
        pairs = [pair for plan in plans.values() for pair in plan.commands]
        if not pairs:
            return []
        try:
            effect = editing.preview(
                variant_id=self.roster.variant.pk,
                commands=[command for command, _row in pairs],
                actor=self.work.actor,
                source=EditSource.IMPORT,
            )
        except DomainError as error:
            row = _row_of(error, pairs)
            if row is None:
                raise
            self._refuse(row, "", error.phrase)
            return list(plans)
        for finding in effect.refusals:
            self._blame(finding, plans[finding.employee_id])
        return sorted({finding.employee_id for finding in effect.refusals})

    def _blame(self, finding: Broken, plan: PersonPlan) -> None:
        """Refuse the last row that the finding is about, unless one of its rows has gone already."""
        about = [row for row in plan.changed if row.start < finding.end and row.end > finding.start]
        concerned = about or plan.changed[-1:]
        still = self.wanted[finding.employee_id]
        if all(row in still for row in concerned):
            last = max(concerned, key=lambda row: row.start)
            words = {"rule": finding.rule_name, "text": finding.text}
            self._refuse(last, "", Phrase(_("%(rule)s: %(text)s"), words))

    def _refuse(self, row: WantedShift, column: str, reason: Phrase) -> None:
        self.wanted[row.employee_id].remove(row)
        self.refused.append((row.line, column, reason))


def _row_of(error: DomainError, pairs: Sequence[tuple[Command, WantedShift]]) -> WantedShift | None:
    """Give the row of the command that a refusal names."""
    for name in error.fields:
        words = name.split(".")
        if len(words) > 1 and words[0] == "commands":
            return pairs[int(words[1])][1]
    return pairs[0][1] if error.fields and len(pairs) == 1 else None

"""Store an edit: the shifts, the log, the findings, the audit and the event, in the caller's transaction."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from structlog.contextvars import get_contextvars

from apps.audit.services import record
from apps.core import clock
from apps.core.dispatch import enqueue
from apps.core.events import emit
from apps.schedules.choices import EditKind, EditSource, EditState, VariantState
from apps.schedules.models import Activity, RuleViolation, ScheduleEdit, Shift, ShiftChange
from apps.schedules.selectors.edits import own_edits
from apps.schedules.services.editing.answers import Answer, answer_data, answered_rows, answers, answers_of
from apps.schedules.services.editing.judging import finding_data, mark, people_in
from apps.schedules.types import Change, EditOutcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from apps.accounts.models import User
    from apps.schedules.selectors.edit_book import EditBook
    from apps.schedules.services.editing.judging import Verdict
    from apps.schedules.types import ShiftSnapshot

MEASURE_TASK = "schedules.measure_edited"


@dataclass(frozen=True)
class Entry:
    """What the log says of an edit.

    `reverses` is the edit that an undo or redo is about, `turned` what it takes back: the edit itself, or the
    last undo or redo of it.
    """

    kind: EditKind
    commands: list[dict[str, Any]]
    actor: User | None
    source: EditSource
    reason: str = ""
    reverses: ScheduleEdit | None = None
    turned: ScheduleEdit | None = None


def store(verdict: Verdict, entry: Entry) -> EditOutcome:
    """Write what was judged; the people and the variant are locked."""
    book = verdict.book
    variant = book.variant
    edit = ScheduleEdit.objects.create(
        variant=variant,
        number=variant.edits + 1,
        kind=entry.kind,
        commands=entry.commands,
        actor=entry.actor,
        source=entry.source,
        request_id=str(get_contextvars().get("request_id") or "")[:100],
        reason=entry.reason,
        reverses=entry.reverses,
        allowed=[finding_data(finding) for finding in verdict.let_pass],
        answered=[answer_data(row) for row in answered_rows(variant.pk, people_in(verdict.changes))],
        mended=[finding_data(finding) for finding in verdict.changed],
    )
    _turn(edit, entry)
    changes = put_shifts(book, verdict.changes, None if entry.reverses is not None else edit.pk)
    ShiftChange.objects.bulk_create(_log(edit, change) for change in changes)
    _renew_findings(verdict, edit, entry)
    variant.edits = edit.number
    variant.save(update_fields=["edits"])
    _tell(book, edit, changes)
    enqueue(MEASURE_TASK, variant.pk, queue="bulk")
    return EditOutcome(
        edit_id=edit.pk,
        number=edit.number,
        effect=verdict.effect,
        shifts=tuple(change.after for change in changes if change.after is not None),
        removed=tuple(change.shift_id for change in changes if change.after is None),
    )


def _turn(edit: ScheduleEdit, entry: Entry) -> None:
    """Keep the stack: undo and redo turn an edit's state, a new edit discards what was undone."""
    if entry.reverses is None:
        if entry.actor is not None:
            undone = own_edits(edit.variant_id, entry.actor).filter(state=EditState.UNDONE)
            undone.update(state=EditState.DISCARDED)
    else:
        state = EditState.UNDONE if entry.kind == EditKind.UNDO else EditState.DONE
        ScheduleEdit.objects.filter(pk=entry.reverses.pk).update(state=state)


def put_shifts(book: EditBook, changes: Sequence[Change], revision: int | None) -> list[Change]:
    """Put every shift from its state before into that after, and give the changes with the ids made.

    All touched shifts are taken out before any is put in: so people may exchange overlapping shifts, and a
    shift keeps its id. Without `revision` the states after bring their own.
    """
    after = [change.after for change in changes if change.after is not None]
    Shift.objects.filter(pk__in=[c.before.shift_id for c in changes if c.before is not None]).delete()
    is_published = book.variant.state == VariantState.PUBLISHED
    rows = Shift.objects.bulk_create(
        Shift(
            pk=shift.shift_id if shift.shift_id > 0 else None,
            variant=book.variant,
            employee_id=shift.employee_id,
            local_date=shift.local_date,
            start=shift.start,
            end=shift.end,
            paid_s=shift.paid_s,
            is_published=is_published,
            revision=shift.revision if revision is None else revision,
        )
        for shift in after
    )
    stored = [
        replace(shift, shift_id=row.pk, revision=row.revision) for shift, row in zip(after, rows, strict=True)
    ]
    Activity.objects.bulk_create(
        Activity(
            shift_id=shift.shift_id,
            kind=book.kinds[leaf.kind],
            queue_id=leaf.queue_id,
            start=leaf.start,
            end=leaf.end,
        )
        for shift in stored
        for leaf in shift.activities
    )
    following = iter(stored)
    return [Change(c.before, None if c.after is None else next(following)) for c in changes]


def _log(edit: ScheduleEdit, change: Change) -> ShiftChange:
    before, after = change.before, change.after
    return ShiftChange(
        edit=edit,
        shift_id=change.shift_id,
        employee_id=change.sides[-1].employee_id,
        former_id=change.former_id,
        before=None if before is None else before.as_data(),
        after=None if after is None else after.as_data(),
    )


def _renew_findings(verdict: Verdict, edit: ScheduleEdit, entry: Entry) -> None:
    """Store what is broken now.

    What somebody let pass keeps that answer while nothing of it changes, undo and redo give back the answers
    of before what they turn back, and for what is otherwise new or worse answers who edits.
    """
    people = people_in(verdict.changes)
    known = answers(answered_rows(edit.variant_id, people))
    if entry.turned is not None:
        known = answers_of(entry.turned) | known
    RuleViolation.objects.filter(variant=edit.variant_id, employee__in=people).delete()
    own = Answer(edit.pk, edit.actor_id, clock.now())
    rows = []
    for item in verdict.compared:
        row = RuleViolation(variant_id=edit.variant_id, **asdict(item.finding))
        answer = known.get(mark(item.finding)) or (None if item.is_as_before else own)
        if answer is not None:
            row.edit_id, row.allowed_by_id, row.allowed_at = answer.edit_id, answer.user_id, answer.at
        rows.append(row)
    RuleViolation.objects.bulk_create(rows)


def _tell(book: EditBook, edit: ScheduleEdit, changes: Sequence[Change]) -> None:
    sides = [side for change in changes for side in change.sides]
    record(
        action=f"schedule.{edit.kind}",
        obj=book.variant,
        actor=edit.actor,
        before={str(c.shift_id): c.before.as_data() for c in changes if c.before is not None},
        after={
            "edit": edit.pk,
            "source": edit.source,
            "reason": edit.reason,
            "let_pass": len(edit.allowed),
            "shifts": {str(c.shift_id): c.after.as_data() for c in changes if c.after is not None},
        },
    )
    emit(
        "schedule.changed",
        aggregate="schedules.schedulevariant",
        aggregate_id=book.variant.pk,
        data={
            "variant_id": book.variant.pk,
            "group": book.variant.group.code,
            "month": f"{book.month.first:%Y-%m}",
            "edit_id": edit.pk,
            "number": edit.number,
            "kind": edit.kind,
            "source": edit.source,
            "is_published": book.variant.state == VariantState.PUBLISHED,
            "employees": people_in(changes),
            "shifts": sorted({change.shift_id for change in changes}),
            "spans": _spans(sides),
        },
        actor=edit.actor,
    )


def _spans(sides: Sequence[ShiftSnapshot]) -> list[list[str]]:
    """Give the spans of time that the edit touched, joined where they meet."""
    joined: list[list[Any]] = []
    for start, end in sorted((side.start, side.end) for side in sides):
        if joined and start <= joined[-1][1]:
            joined[-1][1] = max(joined[-1][1], end)
        else:
            joined.append([start, end])
    return [[start.isoformat(), end.isoformat()] for start, end in joined]

"""Shifts of Argus into a draft: what is right is one edit, what is wrong is listed with its reason."""

from __future__ import annotations

import datetime as dt
import io
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import translation

from apps.core.errors import ConflictError, NotAllowedError, StaleError
from apps.demand.errors import FileRefusedError
from apps.integrations.choices import ArgusTable
from apps.integrations.services.argus import schedules as loading
from apps.integrations.services.argus.importing import import_table
from apps.integrations.services.argus.undoing import undo_import
from apps.schedules.choices import VariantState
from apps.schedules.models import ScheduleEdit
from apps.schedules.services import editing
from apps.schedules.types import DeleteShift, MoveShift
from tests.concurrency import at_once
from tests.factories.accounts import make_user
from tests.schedules.edit_scenes import make_edit_scene

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apps.integrations.models import ArgusImport
    from apps.organization.models import Employee
    from apps.schedules.types import ShiftSnapshot
    from tests.schedules.edit_scenes import EditScene

pytestmark = pytest.mark.django_db
HEADING = "Табельный номер;Дата;Начало;Окончание;Обед;Перерывы\n"
PLAIN = "Табельный номер;Дата;Начало;Окончание\n"


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def scene() -> EditScene:
    return make_edit_scene()


def load(scene: EditScene, text: str, **facts: Any) -> ArgusImport:
    return import_table(
        table=ArgusTable.SCHEDULES,
        file=io.BytesIO(text.encode()),
        file_name="shifts.csv",
        target={"variant_id": scene.variant.pk},
        actor=facts.pop("actor", None),
        **facts,
    )


def counts(batch: ArgusImport) -> tuple[int, int, int]:
    return batch.rows_loaded, batch.rows_unchanged, batch.rows_refused


def reasons(batch: ArgusImport) -> list[tuple[int, str, str]]:
    return [(row.line, row.column, str(row.reason)) for row in batch.refusals.all()]


def own(scene: EditScene, person: Employee) -> list[ShiftSnapshot]:
    shifts = [shift for shift in scene.state().values() if shift.employee_id == person.pk]
    return sorted(shifts, key=lambda shift: shift.start)


def test_rows_become_shifts_of_one_edit_and_again_nothing_changes(scene: EditScene) -> None:
    first, second, third = scene.people
    text = HEADING + (
        f"{first.personnel_number};02.03.2027;09:00;17:45;12:15-13:00;"
        '"10:45-11:00, 14:30-14:45; 16:00–16:15"\n'
        f"{second.personnel_number};2027.03.02;9:00;17:45;12:15-13:00;10:45-11:00 ,14:30-14:45,16:00-16:15\n"
        f"{third.personnel_number};2027-03-03;09:00;17:45;;\n"
    )
    batch = load(scene, text)
    assert reasons(batch) == []
    assert counts(batch) == (3, 0, 0)
    (shift,) = own(scene, first)
    assert (shift.start, shift.end) == (scene.at(first, 2, 9), scene.at(first, 2, 17.75))
    pauses = [(leaf.kind, leaf.start) for leaf in shift.activities if leaf.queue_id is None]
    assert pauses == [
        ("break", scene.at(first, 2, 10.75)),
        ("lunch", scene.at(first, 2, 12.25)),
        ("break", scene.at(first, 2, 14.5)),
        ("break", scene.at(first, 2, 16)),
    ]
    laid = [leaf.kind for leaf in own(scene, third)[0].activities if leaf.queue_id is None]
    assert "lunch" in laid, "where the file says nothing, the person's break rules do"
    edit = ScheduleEdit.objects.get()
    assert (edit.source, edit.kind, edit.reason) == ("import", "batch", "Argus import: shifts.csv")
    assert batch.details["edits"] == [edit.pk]
    state = scene.state()
    assert counts(load(scene, text)) == (0, 3, 0)
    assert scene.state() == state
    assert ScheduleEdit.objects.count() == 1


def test_a_row_changes_the_shift_that_its_day_has_and_leaves_other_days(scene: EditScene) -> None:
    person = scene.people[0]
    kept, changed = scene.add(person, 4), scene.add(person, 5)
    gone = scene.add(person, 8)
    number = person.personnel_number
    text = "number;Date;Start;End;Activity\n".replace("number", "Personnel number") + (
        f"{number};05.03.2027;10:00;18:45;work\n{number};08.03.2027;;;выходной\n{number};09.03.2027;;;off\n"
    )
    batch = load(scene, text)
    assert (counts(batch), reasons(batch)) == ((2, 1, 0), [])
    shifts = {shift.shift_id: shift for shift in own(scene, person)}
    assert set(shifts) == {kept.pk, changed.pk}
    assert shifts[changed.pk].start == scene.at(person, 5, 10)
    assert gone.pk not in shifts
    assert undo_import(import_id=batch.pk, actor=make_user("planner")) == 1
    assert {shift.shift_id for shift in own(scene, person)} == {kept.pk, changed.pk, gone.pk}
    with pytest.raises(ConflictError, match="left to undo"):
        undo_import(import_id=batch.pk, actor=None)


def test_a_hard_rule_refuses_its_row_with_article_and_lets_the_others_pass(scene: EditScene) -> None:
    person, other = scene.people[:2]
    text = PLAIN + (
        f"{person.personnel_number};02.03.2027;09:00;17:45\n"
        f"{person.personnel_number};02.03.2027;20:00;23:45\n"
        f"{person.personnel_number};03.03.2027;00:15;09:00\n"
        f"{other.personnel_number};03.03.2027;09:00;17:45\n"
    )
    planned = load(scene, text, dry_run=True)
    assert scene.state() == {}
    batch = load(scene, text)
    assert reasons(planned) == reasons(batch)
    assert counts(planned) == counts(batch)
    assert batch.rows_loaded + batch.rows_refused == 4
    assert batch.rows_refused >= 1
    assert all("Labour Code, art." in reason for _line, _column, reason in reasons(batch))
    assert len(own(scene, other)) == 1


def test_every_kind_of_wrong_row_is_named(scene: EditScene) -> None:
    number = scene.people[0].personnel_number
    text = HEADING + (
        f"{number};02.03.2027;09:00;17:45;;\n"
        "nobody;02.03.2027;09:00;17:45;;\n"
        f"{number};31.02.2027;09:00;17:45;;\n"
        f"{number};03.03.2027;25:00;17:45;;\n"
        f"{number};03.04.2027;09:00;17:45;;\n"
        f"{number};04.03.2027;09:02;17:45;;\n"
        f"{number};05.03.2027;09:00;17:45;19:00-20:00;\n"
        f"{number};06.03.2027;09:00;;;\n"
        f"{number};07.03.2027;09:00;17:45;12:00-13:00;12:30-12:45\n"
        f"{number};02.03.2027;09:00;17:45;;\n"
        f"{number};02.03.2027;17:00;20:00;;\n"
        f";02.03.2027;17:00;20:00;;\n"
        f"{number};02.03.2027\n"
    )
    batch = load(scene, text)
    assert counts(batch) == (1, 0, 12)
    assert reasons(batch) == [
        (3, "Табельный номер", "Not planned in this variant."),
        (4, "Дата", "There is no such date."),
        (5, "Начало", "There is no such time of day."),
        (6, "Дата", "A shift of this variant begins in 2027-03."),
        (7, "Начало", "Times lie on five minutes."),
        (8, "Обед", "It lies outside the shift."),
        (9, "Окончание", "It is missing."),
        (10, "Перерывы", "Pauses overlap."),
        (11, "", "It repeats line 2."),
        (12, "Начало", "The person has another shift then."),
        (13, "Табельный номер", "It does not say whose row it is."),
        (14, "", "The row has 2 cells instead of 6."),
    ]


def test_names_ids_zones_and_nights(scene: EditScene) -> None:
    person = scene.people[1]
    person.external_id = "agent-7"
    person.save()
    text = (
        "ФИО;id;Начало;Окончание;Note\n"
        f"{person.last_name} Анна  Ивановна;;2027-03-02 21:00;2027-03-03 05:45;x\n"
        ";agent-7;2027-03-09T06:00:00Z;2027-03-09T14:45:00Z;y\n"
    )
    batch = load(scene, text)
    assert (counts(batch), reasons(batch)) == ((2, 0, 0), [])
    night, day = own(scene, person)
    assert (night.start, night.end) == (scene.at(person, 2, 21), scene.at(person, 2, 29.75))
    assert day.start == dt.datetime(2027, 3, 9, 6, tzinfo=dt.UTC)
    assert batch.details["unknown"] == ["Note"]


def test_large_imports_are_several_edits_undone_together(
    scene: EditScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "SHIFTS_AT_ONCE", 2)
    rows = [f"{p.personnel_number};{day:02}.03.2027;09:00;17:45\n" for p in scene.people for day in (2, 3)]
    batch = load(scene, PLAIN + "".join(rows))
    assert counts(batch) == (6, 0, 0)
    assert len(batch.details["edits"]) == 3
    assert undo_import(import_id=batch.pk, actor=None) == 3
    assert scene.state() == {}


def test_whoever_edited_since_stops_the_undo(scene: EditScene) -> None:
    person = scene.people[0]
    batch = load(scene, PLAIN + f"{person.personnel_number};02.03.2027;09:00;17:45\n")
    (shift,) = own(scene, person)
    move = MoveShift(shift.shift_id, scene.at(person, 2, 10))
    editing.apply(variant_id=scene.variant.pk, commands=[move], actor=None)
    with pytest.raises(StaleError):
        undo_import(import_id=batch.pk, actor=None)


def test_somebody_who_edits_meanwhile_is_not_overwritten(
    scene: EditScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = scene.people[0]
    shift = scene.add(person, 2)
    real, calls = editing.apply, []

    def apply(**asked: Any) -> Any:
        if not calls:
            calls.append(1)
            real(variant_id=scene.variant.pk, commands=[DeleteShift(shift.pk)], actor=None)
        return real(**asked)

    monkeypatch.setattr(editing, "apply", apply)
    batch = load(scene, PLAIN + f"{person.personnel_number};02.03.2027;10:00;18:45\n")
    assert counts(batch) == (1, 0, 0)
    assert [made.start for made in own(scene, person)] == [scene.at(person, 2, 10)]


def test_only_drafts_and_only_who_may(scene: EditScene) -> None:
    row = PLAIN + f"{scene.people[0].personnel_number};02.03.2027;09:00;17:45\n"
    with pytest.raises(NotAllowedError):
        load(scene, row, actor=make_user("employee"))
    assert counts(load(scene, row, actor=make_user("planner"))) == (1, 0, 0)
    scene.variant.state = VariantState.ARCHIVED
    scene.variant.save()
    with pytest.raises(ConflictError, match="into a draft"):
        load(scene, row)


@pytest.mark.parametrize(
    "text", ["Дата;Начало\n1;2\n", "Начало;Окончание\n1;2\n", "", PLAIN, "a;b;start;begin\n"]
)
def test_what_is_no_table_of_shifts_is_refused_whole(scene: EditScene, text: str) -> None:
    with pytest.raises(FileRefusedError):
        load(scene, text)


@pytest.mark.django_db(transaction=True)
def test_two_equal_imports_at_once_make_every_shift_once() -> None:
    scene = make_edit_scene()
    rows = [f"{p.personnel_number};{day:02}.03.2027;09:00;17:45\n" for p in scene.people for day in (2, 3, 4)]
    done = at_once(*[lambda: load(scene, PLAIN + "".join(rows))] * 2)
    assert sorted(getattr(batch, "rows_loaded", batch) for batch in done) == [0, 9]
    assert len(scene.state()) == 9
    assert ScheduleEdit.objects.count() == 1

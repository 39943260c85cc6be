"""The form of an edit, its effect before saving, the parts that come back, undo and redo, and who may."""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.schedules.choices import EditState, VariantState
from apps.schedules.models import LabourRuleSetting, ScheduleEdit
from tests.factories import make_department, make_user
from tests.schedules.scenes import MONTH, MOSCOW, add_shift, make_plan, make_scene

if TYPE_CHECKING:
    from django.http import HttpResponse
    from django.test import Client

    from apps.schedules.models import ScheduleVariant, Shift
    from tests.schedules.scenes import Scene

pytestmark = pytest.mark.django_db(transaction=False)
HTMX = {"HX-Request": "true"}


@pytest.fixture
def scene() -> Scene:
    return make_scene(people=3, agents=2)


@pytest.fixture
def variant(scene: Scene, client: Client) -> ScheduleVariant:
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    client.force_login(make_user("planner"))
    return make_plan(scene)


def place(variant: ScheduleVariant) -> str:
    return f"/planning/{variant.group.code}/2027-02/schedule/"


def shift_of(variant: ScheduleVariant, scene: Scene, person: int = 0, day: int = 0) -> Shift:
    return variant.shifts.get(employee=scene.people[person], local_date=MONTH + dt.timedelta(days=day))


def cell(scene: Scene, person: int = 0, day: int = 0) -> str:
    return f"{scene.people[person].pk}:{MONTH + dt.timedelta(days=day)}"


def seen(*shifts: Shift) -> str:
    return ",".join(f"{shift.pk}:{shift.revision}" for shift in shifts)


def filled(variant: ScheduleVariant, cells: str, kind: str, **values: Any) -> dict[str, Any]:
    return {"variant": variant.pk, "cells": cells, "kind": kind, "back": place(variant), **values}


def save(
    client: Client, variant: ScheduleVariant, data: dict[str, Any], *, looks: bool = True
) -> HttpResponse:
    """Save what was looked at before, or blindly."""
    if looks:
        data = data | {"shown": shown(client, variant, data)}
    return client.post(f"{place(variant)}edit/", data, headers=HTMX)  # type: ignore[return-value]


def shown(client: Client, variant: ScheduleVariant, data: dict[str, Any]) -> str:
    """Ask for the effect and give its digest; nothing where it cannot be saved."""
    answer = client.post(f"{place(variant)}edit/effect/", data, headers=HTMX)
    return digest(answer.content.decode()) if answer.status_code == 200 else ""


def digest(text: str) -> str:
    found = re.search(r'name="shown" value="(\w+)"', text)
    return found[1] if found else ""


def effect(client: Client, variant: ScheduleVariant, data: dict[str, Any]) -> str:
    answer = client.post(f"{place(variant)}edit/effect/", data, headers=HTMX)
    assert answer.status_code == 200
    return answer.content.decode()


def times(variant: ScheduleVariant, scene: Scene, start: str, end: str, **values: Any) -> dict[str, Any]:
    shift = shift_of(variant, scene)
    return filled(variant, cell(scene), "resize", start=start, end=end, **{"seen": seen(shift)} | values)


def test_the_form_stands_alone_for_htmx_and_in_a_page_without(
    client: Client, variant: ScheduleVariant, scene: Scene
) -> None:
    address = f"{place(variant)}edit/?variant={variant.pk}&cells={cell(scene)}"
    part = client.get(address, headers=HTMX).content.decode()
    assert "<html" not in part
    assert 'value="09:00"' in part
    whole = client.get(address).content.decode()
    assert "<html" in whole
    assert 'id="edit-form"' in whole


def test_saving_gives_back_only_what_was_touched(
    client: Client, variant: ScheduleVariant, scene: Scene
) -> None:
    answer = save(client, variant, times(variant, scene, "10:00", "18:45", reason="asked for"))
    text = answer.content.decode()
    assert answer.status_code == 200
    assert json.loads(answer["HX-Trigger"])["schedule:edited"]["text"].startswith("Saved: Move")
    assert text.count('role="row" id="p') == 1
    assert f'id="p{scene.people[0].pk}"' in text
    assert all(f'id="{name}"' in text for name in ("grid-head", "grid-summary", "edit-bar", "last-edits"))
    edit = ScheduleEdit.objects.get()
    assert (edit.reason, edit.source) == ("asked for", "page")
    row = next(row for row, *_cells in answer.context["rows"])
    assert row.cells[0].text == "10:00–18:45"
    assert row.cells[0].is_edited
    assert answer.context["grid"].people == 3


def test_without_a_script_saving_leads_back_with_a_message(
    client: Client, variant: ScheduleVariant, scene: Scene
) -> None:
    data = times(variant, scene, "10:00", "18:45")
    first = client.post(f"{place(variant)}edit/", data)
    assert first.status_code == 200
    text = first.content.decode()
    assert "Nothing is saved yet" in text
    assert "Cover: too few 3.5 → 1.8 agent-hours" in text
    assert 'value="10:00"' in text
    assert not ScheduleEdit.objects.exists()
    answer = client.post(f"{place(variant)}edit/", data | {"shown": digest(text)}, follow=True)
    assert answer.redirect_chain == [(place(variant), 302)]
    assert "Saved: Move" in answer.content.decode()


def test_the_effect_is_shown_and_nothing_is_written(
    client: Client, variant: ScheduleVariant, scene: Scene
) -> None:
    text = effect(client, variant, times(variant, scene, "10:00", "18:45"))
    assert 'data-verdict="fine"' in text
    assert "Cover: too few 3.5 → 1.8 agent-hours" in text
    assert "clock of Europe/Moscow" in text
    assert "Queue</th>" not in text  # one only: the columns that tell the effect fit a phone
    assert shift_of(variant, scene).revision == 0
    unchanged = effect(client, variant, times(variant, scene, "09:00", "17:45"))
    assert "Change something" in unchanged
    nonsense = effect(client, variant, times(variant, scene, "25:00", "17:45"))
    assert "Write a time between 00:00 and 24:00" in nonsense


def test_a_hard_finding_refuses_and_a_warning_passes_in_ones_name(
    client: Client, variant: ScheduleVariant, scene: Scene
) -> None:
    LabourRuleSetting.objects.filter(code="daily_rest").update(mode="hard")
    data = times(variant, scene, "17:00", "02:00")
    assert 'data-verdict="refused"' in effect(client, variant, data)
    answer = save(client, variant, data)
    text = answer.content.decode()
    assert answer.status_code == 409
    assert 'value="17:00"' in text
    assert "art. " in text
    LabourRuleSetting.objects.filter(code="daily_rest").update(mode="warn")
    warned = effect(client, variant, data)
    assert "saving allows" in warned
    assert 'data-verdict="fine"' in warned
    assert save(client, variant, data).status_code == 200
    assert ScheduleEdit.objects.get().allowed


def test_only_what_was_shown_is_saved(client: Client, variant: ScheduleVariant, scene: Scene) -> None:
    LabourRuleSetting.objects.filter(code="daily_rest").update(mode="warn")
    quiet = times(variant, scene, "10:00", "18:45")
    warned = times(variant, scene, "17:00", "02:00")
    blind = save(client, variant, warned, looks=False)
    assert "saving allows" in blind.content.decode()
    other = save(client, variant, warned | {"shown": shown(client, variant, quiet)}, looks=False)
    assert other.status_code == 409
    assert "Nothing is saved yet" in other.content.decode()
    agreed = digest(other.content.decode())
    LabourRuleSetting.objects.filter(code="daily_rest").update(mode="ignore")
    fewer = save(client, variant, warned | {"shown": agreed}, looks=False)
    assert fewer.status_code == 409
    assert not ScheduleEdit.objects.exists()
    LabourRuleSetting.objects.filter(code="daily_rest").update(mode="warn")
    assert save(client, variant, warned | {"shown": agreed}, looks=False).status_code == 200
    assert ScheduleEdit.objects.get().allowed
    assert re.search(r"art\. \d+\)?</span>", client.get(f"{place(variant)}edits/").content.decode())


@pytest.mark.parametrize(
    ("start", "end", "told"),
    [
        ("", "17:45", "required"),
        ("12:00", "12:00", "another time than it begins"),
        ("nine", "17:45", "Write a time"),
        ("09:01", "17:45", "five minutes"),
    ],
)
def test_bad_input_keeps_the_form(
    client: Client, variant: ScheduleVariant, scene: Scene, start: str, end: str, told: str
) -> None:
    answer = save(client, variant, times(variant, scene, start, end, reason="<b>why</b>"))
    text = answer.content.decode()
    assert answer.status_code == 400
    assert told in text
    assert "&lt;b&gt;why&lt;/b&gt;" in text
    assert f'value="{end}"' in text


def test_a_stale_form_shows_the_newer_state_and_keeps_what_was_typed(
    client: Client, variant: ScheduleVariant, scene: Scene
) -> None:
    stale = times(variant, scene, "10:00", "18:45")
    early = times(variant, scene, "08:00", "16:45")
    assert save(client, variant, early).status_code == 200
    assert 'data-verdict="nothing"' in effect(client, variant, early)  # answered late: no error
    assert "changed meanwhile" in effect(client, variant, stale)
    answer = save(client, variant, stale)
    text = answer.content.decode()
    assert answer.status_code == 412
    assert "Now 08:00–16:45" in text
    assert 'value="10:00"' in text
    shift = shift_of(variant, scene)
    assert f'name="seen" value="{seen(shift)}"' in text
    assert save(client, variant, stale | {"seen": seen(shift)}).status_code == 200


def test_a_shift_that_came_or_went_meanwhile_is_stale_too(
    client: Client, variant: ScheduleVariant, scene: Scene
) -> None:
    shift = shift_of(variant, scene)
    old = times(variant, scene, "10:00", "18:45")
    deletion = filled(variant, cell(scene), "delete", seen=seen(shift))
    assert save(client, variant, deletion).status_code == 200
    assert "data-verdict" in effect(client, variant, deletion)  # asked before, answered after: no error
    assert save(client, variant, old).status_code == 412
    assert not variant.shifts.filter(employee=scene.people[0], local_date=MONTH).exists()
    unseen = filled(variant, cell(scene, 1), "resize", seen="", start="10:00", end="18:45")
    assert save(client, variant, unseen).status_code == 412


def kinds(variant: ScheduleVariant, scene: Scene) -> dict[str, tuple[dict[str, Any], str]]:
    """Every kind of edit of the first person's first shift, and what the first row shows afterwards."""
    other = shift_of(variant, scene, 1)
    lunch = shift_of(variant, scene).activities.get(kind__code="lunch")
    tea = shift_of(variant, scene).activities.filter(kind__code="break")[0]
    return {
        "resize": ({"start": "09:00", "end": "15:00"}, "<b>09:00</b><i>15:00</i>"),
        "move": ({"day": "2027-02-08", "start": "9", "person": scene.people[0].pk}, "<b>09:00</b>"),
        "split": ({"at": "13:00", "resume": "14:00", "person": ""}, "×2"),
        "swap": ({"other": f"{other.pk}:{other.revision}"}, "<b>09:00</b>"),
        "copy": ({"day": "2027-02-08", "person": scene.people[0].pk}, "<b>09:00</b>"),
        "place_activity": (
            {"activity": "break", "start": "09:00", "end": "09:15", "queue": ""},
            "<b>09:00</b>",
        ),
        "move_activity": (
            {"activity": lunch.start.astimezone(MOSCOW).isoformat(), "start": "13:00"},
            "<b>09:00</b>",
        ),
        "remove_activity": ({"activity": tea.start.astimezone(MOSCOW).isoformat()}, "<b>09:00</b>"),
        "delete": ({}, '<span role="gridcell" class="c"></span>'),
    }


@pytest.mark.parametrize(
    "kind",
    [
        "resize",
        "move",
        "split",
        "swap",
        "copy",
        "place_activity",
        "move_activity",
        "remove_activity",
        "delete",
    ],
)
def test_every_kind_of_edit_saves_and_is_undone(
    client: Client, variant: ScheduleVariant, scene: Scene, kind: str
) -> None:
    LabourRuleSetting.objects.update(mode="warn")
    before = list(variant.shifts.order_by("pk").values_list("pk", "employee", "start", "end", "paid_s"))
    values, expected = kinds(variant, scene)[kind]
    shown = client.get(
        f"{place(variant)}edit/?variant={variant.pk}&cells={cell(scene)}&kind={kind}", headers=HTMX
    )
    assert f'name="kind" value="{kind}"' in shown.content.decode()
    data = filled(variant, cell(scene), kind, seen=seen(shift_of(variant, scene)), **values)
    answer = save(client, variant, data)
    assert answer.status_code == 200, answer.content.decode()
    assert expected in answer.content.decode()
    assert ScheduleEdit.objects.get().kind in {kind, "move"}
    undone = client.post(f"{place(variant)}undo/", {"variant": variant.pk}, headers=HTMX)
    assert undone.status_code == 200
    after = list(variant.shifts.order_by("pk").values_list("pk", "employee", "start", "end", "paid_s"))
    assert after == before


def test_several_cells_are_edited_as_one(client: Client, variant: ScheduleVariant, scene: Scene) -> None:
    cells = ",".join([cell(scene, 0, 0), cell(scene, 1, 0), cell(scene, 0, 8)])
    shown = seen(shift_of(variant, scene, 0), shift_of(variant, scene, 1))
    data = filled(variant, cells, "resize", start="10:00", end="18:45", seen=shown)
    answer = save(client, variant, data)
    assert answer.status_code == 200
    edit = ScheduleEdit.objects.get()
    assert edit.kind == "batch"
    assert [command["kind"] for command in edit.commands] == ["move", "move", "add"]
    assert {row.employee_id for row, *_cells in answer.context["rows"]} == {
        scene.people[0].pk,
        scene.people[1].pk,
    }


def night_of(variant: ScheduleVariant, scene: Scene) -> Shift:
    """Lay a shift over the night into the second day, on which the person has another one in the evening."""
    LabourRuleSetting.objects.update(mode="warn")
    night = shift_of(variant, scene)
    zone = dt.timezone(dt.timedelta(hours=3))
    start = dt.datetime.combine(MONTH, dt.time(20), zone)
    night.activities.all().delete()
    variant.shifts.filter(pk=night.pk).update(start=start, end=start + dt.timedelta(hours=8))
    night.refresh_from_db()
    return night


def test_the_end_of_a_night_is_the_shift_that_began_yesterday(
    client: Client, variant: ScheduleVariant, scene: Scene
) -> None:
    night, next_day = night_of(variant, scene), shift_of(variant, scene, 0, 1)
    tail = f"{cell(scene, 0, 1)}:{night.pk}"
    form = client.get(
        f"{place(variant)}edit/?variant={variant.pk}&cells={tail}&kind=delete", headers=HTMX
    ).content.decode()
    assert "Now 20:00–04:00" in form
    assert f'name="seen" value="{seen(night)}"' in form
    data = filled(variant, tail, "delete", seen=seen(night))
    assert save(client, variant, data).status_code == 200
    assert not variant.shifts.filter(pk=night.pk).exists()
    assert variant.shifts.filter(pk=next_day.pk).exists()
    assert save(client, variant, data).status_code == 412
    again = client.get(f"{place(variant)}edit/?variant={variant.pk}&cells={tail}", headers=HTMX)
    assert again.status_code == 404
    lost = filled(variant, tail, "resize", seen="", start="10:00", end="18:45")
    assert save(client, variant, lost).status_code == 400


def test_what_was_seen_names_nobody_else(client: Client, variant: ScheduleVariant, scene: Scene) -> None:
    """A stale form tells of the people of its cells only, whatever the sender claims to have seen."""
    other = shift_of(variant, scene, 1)
    changed = filled(variant, cell(scene, 1), "resize", seen=seen(other), start="10:00", end="18:45")
    assert save(client, variant, changed).status_code == 200
    claimed = times(variant, scene, "10:00", "18:45", seen=seen(shift_of(variant, scene), other))
    answer = save(client, variant, claimed)
    assert answer.status_code == 412
    stale = answer.content.decode().split('id="edit-stale"')[1].split("</div>")[0]
    assert scene.people[1].last_name not in stale


def test_copies_may_trade_places(client: Client, variant: ScheduleVariant, scene: Scene) -> None:
    late = shift_of(variant, scene, 1)
    moved = filled(variant, cell(scene, 1), "resize", seen=seen(late), start="11:00", end="19:45")
    assert save(client, variant, moved).status_code == 200
    both = shift_of(variant, scene), shift_of(variant, scene, 1)
    data = filled(
        variant,
        f"{cell(scene, 0)},{cell(scene, 1)}",
        "paste",
        sources=f"{cell(scene, 1)},{cell(scene, 0)}",
        seen=seen(*both),
    )
    assert save(client, variant, data).status_code == 200
    assert [shift_of(variant, scene, person).start.astimezone(MOSCOW).hour for person in (0, 1)] == [11, 9]


def test_a_copy_offers_the_next_free_day(client: Client, variant: ScheduleVariant, scene: Scene) -> None:
    form = client.get(
        f"{place(variant)}edit/?variant={variant.pk}&cells={cell(scene)}&kind=copy", headers=HTMX
    ).content.decode()
    offered = re.search(r'name="day" value="([\d-]+)"', form)
    assert offered is not None
    day = dt.date.fromisoformat(offered[1])
    taken = set(variant.shifts.filter(employee=scene.people[0]).values_list("local_date", flat=True))
    assert day == min(
        MONTH + dt.timedelta(step) for step in range(28) if MONTH + dt.timedelta(step) not in taken
    )


def test_a_refused_undo_gives_the_newer_rows(client: Client, variant: ScheduleVariant, scene: Scene) -> None:
    assert save(client, variant, times(variant, scene, "10:00", "18:45")).status_code == 200
    client.force_login(make_user("planner"))
    assert save(client, variant, times(variant, scene, "08:00", "16:45")).status_code == 200
    client.force_login(ScheduleEdit.objects.order_by("number")[0].actor)
    answer = client.post(
        f"{place(variant)}undo/", {"variant": variant.pk, "back": place(variant)}, headers=HTMX
    )
    assert answer.status_code == 412
    assert "schedule:overtaken" in json.loads(answer["HX-Trigger"])
    text = answer.content.decode()
    assert text.count('role="row" id="p') == 1
    assert "<b>08:00</b><i>16:45</i>" in text


def test_an_undo_that_was_overtaken_shows_what_it_skips_and_undoes_the_one_before(
    client: Client, variant: ScheduleVariant, scene: Scene
) -> None:
    first, second = make_user("planner"), make_user("planner")
    client.force_login(first)
    hours = {"start": "10:00", "end": "18:45", "seen": seen(shift_of(variant, scene, 1))}
    assert save(client, variant, filled(variant, cell(scene, 1), "resize", **hours)).status_code == 200
    assert save(client, variant, times(variant, scene, "10:00", "18:45")).status_code == 200
    before, last = ScheduleEdit.objects.order_by("number")
    client.force_login(second)
    assert save(client, variant, times(variant, scene, "08:00", "16:45")).status_code == 200
    client.force_login(first)
    asked = {"variant": variant.pk, "back": place(variant)}
    shown = client.post(f"{place(variant)}undo/", asked, headers=HTMX).content.decode()
    assert f'name="skip" value="{last.pk}"' in shown
    question = re.search(r'id="skip-button" data-confirm="([^"]+)"', shown)
    assert question is not None
    assert str(scene.people[0].last_name) in question[1].partition("instead")[0]
    assert str(scene.people[1].last_name) in question[1].partition("instead")[2]
    stale = client.post(f"{place(variant)}undo/", asked | {"skip": before.pk}, headers=HTMX)
    assert stale.status_code == 412, "what was shown is not what would be skipped"
    done = client.post(f"{place(variant)}undo/", asked | {"skip": last.pk}, headers=HTMX)
    assert done.status_code == 200
    assert "skip-button" not in done.content.decode()
    states = dict(ScheduleEdit.objects.filter(reverses=None).values_list("pk", "state"))
    assert (states[before.pk], states[last.pk]) == (EditState.UNDONE, EditState.OVERTAKEN)


def test_a_paste_takes_the_place_of_what_is_there(
    client: Client, variant: ScheduleVariant, scene: Scene
) -> None:
    late = add_shift(variant, scene, scene.people[2], 8, hour=11)
    target = shift_of(variant, scene, 0)
    data = filled(
        variant,
        f"{cell(scene, 0, 0)},{cell(scene, 1, 8)}",
        "paste",
        sources=f"{cell(scene, 2, 8)},{cell(scene, 2, 8)}",
        seen=seen(target),
    )
    assert save(client, variant, data).status_code == 200
    for person, day in ((0, 0), (1, 8)):
        pasted = shift_of(variant, scene, person, day)
        assert (pasted.start.time(), pasted.paid_s) == (late.start.astimezone(dt.UTC).time(), late.paid_s)


def test_undo_and_redo_say_what_they_would_do(client: Client, variant: ScheduleVariant, scene: Scene) -> None:
    page = client.get(place(variant)).content.decode()
    assert "Nothing to undo" in page
    save(client, variant, times(variant, scene, "10:00", "18:45"))
    name = f"{scene.people[0].last_name} {scene.people[0].first_name}"
    assert f"Undo: Move, {name}, 01.02" in client.get(place(variant)).content.decode()
    client.post(f"{place(variant)}undo/", {"variant": variant.pk, "back": place(variant)}, headers=HTMX)
    assert f"Redo: Move, {name}, 01.02" in client.get(place(variant)).content.decode()
    client.post(f"{place(variant)}redo/", {"variant": variant.pk, "back": place(variant)})
    assert shift_of(variant, scene).revision > 0
    nothing = client.post(f"{place(variant)}redo/", {"variant": variant.pk}, headers=HTMX)
    assert nothing.status_code == 409


def test_the_log_and_the_history_of_a_shift_say_who_and_from_what(
    client: Client, variant: ScheduleVariant, scene: Scene
) -> None:
    shift = shift_of(variant, scene)
    history = f"{place(variant)}shifts/{shift.pk}/history/?variant={variant.pk}"
    assert "As it was planned" in client.get(history).content.decode()
    save(client, variant, times(variant, scene, "10:00", "18:45", reason="dentist"))
    for address in (history, f"{place(variant)}edits/"):
        text = client.get(address).content.decode()
        assert '01.02 09:00–17:45 → 01.02 10:00–18:45 <span class="zone">UTC+3</span>' in text
        assert "dentist" in text
    save(client, variant, filled(variant, cell(scene), "delete", seen=seen(shift_of(variant, scene))))
    assert "no shift" in client.get(history).content.decode()
    gone = history.replace(f"shifts/{shift.pk}/", "shifts/999999/")
    assert client.get(gone, headers=HTMX).status_code == 404


def test_who_may_not_edit_sees_no_controls_and_is_refused(
    client: Client, variant: ScheduleVariant, scene: Scene
) -> None:
    data = times(variant, scene, "10:00", "18:45")
    variant.state = VariantState.ARCHIVED
    variant.save()
    assert "data-edit-url" not in client.get(f"{place(variant)}?variant={variant.pk}").content.decode()
    assert save(client, variant, data).status_code == 403
    client.force_login(make_user("employee"))
    for path, sent in (("edit/", data), ("edit/effect/", data), ("undo/", data), ("redo/", data)):
        answer = client.post(f"{place(variant)}{path}", sent, headers=HTMX)
        assert answer.status_code == 403
    assert client.get(f"{place(variant)}edits/").status_code == 403
    assert not ScheduleEdit.objects.exists()


def test_a_supervisor_edits_the_own_people_of_what_is_published(client: Client) -> None:
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    scene, department = make_scene(agents=2), make_department()
    own, other = scene.add_people(1, department=department) + scene.add_people(1)
    variant = make_plan(scene)
    client.force_login(make_user("supervisor", department=department))
    data = times(variant, scene, "10:00", "18:45")
    assert save(client, variant, data).status_code == 404
    variant.state = VariantState.PUBLISHED
    variant.save()
    variant.shifts.update(is_published=True)
    assert "data-edit-url" in client.get(place(variant)).content.decode()
    foreign = data | {"cells": f"{other.pk}:{MONTH}", "seen": seen(shift_of(variant, scene, 1))}
    assert save(client, variant, foreign).status_code == 404
    answer = save(client, variant, data)
    assert answer.status_code == 200
    assert {row.employee_id for row, *_cells in answer.context["rows"]} == {own.pk}
    shown = client.get(f"{place(variant)}edit/?variant={variant.pk}&cells={cell(scene)}&kind=swap")
    assert other.last_name not in shown.content.decode()


def test_an_edit_from_the_day_gives_back_rows_of_the_day(
    client: Client, variant: ScheduleVariant, scene: Scene
) -> None:
    back = f"{place(variant)}2027-02-01/?variant={variant.pk}"
    answer = save(client, variant, times(variant, scene, "10:00", "18:45", back=back))
    text = answer.content.decode()
    assert "seg work c40" in text
    assert text.count('role="row" id="p') == 1
    shift = shift_of(variant, scene)
    gone = filled(variant, cell(scene), "delete", seen=seen(shift)) | {"back": back}
    assert f'id="p{scene.people[0].pk}" hx-swap-oob="delete"' in save(client, variant, gone).content.decode()


@pytest.mark.parametrize(
    "cells", ["", "x", "1:2027-13-01", "1:9999-12-31", "99999999:2027-02-01", f"{'9' * 30}:2027-02-01"]
)
def test_cells_of_nonsense_are_refused(client: Client, variant: ScheduleVariant, cells: str) -> None:
    data = filled(variant, cells, "resize", start="09:00", end="17:45")
    assert save(client, variant, data).status_code in {400, 404}


@pytest.mark.parametrize("back", ["https://example.org/", "//example.org/x", "/accounts/logout/", "x\\y"])
def test_the_way_back_leads_to_a_grid_only(
    client: Client, variant: ScheduleVariant, scene: Scene, back: str
) -> None:
    data = times(variant, scene, "10:00", "18:45", back=back)
    data["shown"] = shown(client, variant, data)
    assert client.post(f"{place(variant)}edit/", data)["Location"] == place(variant)


def test_choosing_by_name_and_day_needs_no_grid(
    client: Client, variant: ScheduleVariant, scene: Scene
) -> None:
    page = client.get(f"{place(variant)}edit/?variant={variant.pk}")
    assert scene.people[2].last_name in page.content.decode()
    chosen = {"variant": variant.pk, "person": scene.people[2].pk, "day": "2027-02-09"}
    assert "No shift on this day" in client.get(f"{place(variant)}edit/", chosen).content.decode()


def test_the_queries_of_an_edit_do_not_grow_with_people(client: Client, variant: ScheduleVariant) -> None:
    def count(of: ScheduleVariant, scene: Scene) -> tuple[int, int]:
        data = times(of, scene, "10:00", "18:45")
        client.get(place(of))  # keeps the place in the session
        data["shown"] = shown(client, of, data)
        numbers = []
        for path in ("edit/effect/", "edit/"):
            with CaptureQueriesContext(connection) as queries:
                client.post(f"{place(of)}{path}", data, headers=HTMX)
            numbers.append(len(queries))
        return numbers[0], numbers[1]

    small, large = make_scene(people=2, agents=2), make_scene(people=9, agents=2)
    first, second = make_plan(small), make_plan(large)
    assert variant.pk < first.pk
    assert count(first, small) == count(second, large)

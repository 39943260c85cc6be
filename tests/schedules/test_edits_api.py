"""Shifts and edits by `/api/v1/`."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from apps.accounts.choices import Role
from apps.schedules.choices import VariantState
from apps.schedules.models import ScheduleEdit, Shift
from apps.schedules.services.publishing import publish_variant
from tests.factories.accounts import make_user
from tests.schedules.scenes import make_plan, make_scene

if TYPE_CHECKING:
    from apps.accounts.models import User
    from apps.schedules.models import ScheduleVariant

pytestmark = pytest.mark.django_db
SHIFTS = "/api/v1/shifts/"
HOUR = dt.timedelta(hours=1)


def client_of(user: User) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


@pytest.fixture
def planner() -> APIClient:
    return client_of(make_user(Role.PLANNER))


@pytest.fixture
def variant() -> ScheduleVariant:
    return make_plan(make_scene(people=2, agents=1))


def first_of(variant: ScheduleVariant) -> Shift:
    return variant.shifts.order_by("start", "employee").first()  # type: ignore[return-value]


def edits(variant: ScheduleVariant, tail: str = "") -> str:
    return f"/api/v1/schedules/{variant.pk}/edits/{tail}"


def move(shift: Shift, hours: int = 1) -> dict[str, Any]:
    return {"kind": "move", "shift_id": shift.pk, "start": (shift.start + hours * HOUR).isoformat()}


def test_a_shift_is_read_with_its_tag_and_not_sent_twice(
    planner: APIClient, variant: ScheduleVariant
) -> None:
    shift = first_of(variant)
    answer = planner.get(f"{SHIFTS}{shift.pk}/")
    assert answer.json()["revision"] == 0
    assert [part["kind"] for part in answer.json()["activities"]].count("lunch") == 1
    again = planner.get(f"{SHIFTS}{shift.pk}/", headers={"If-None-Match": answer["ETag"]})
    assert again.status_code == 304
    assert planner.get(f"{SHIFTS}{2**62}/").status_code == 404


def test_shifts_are_listed_by_filters_with_as_many_queries(
    planner: APIClient, variant: ScheduleVariant
) -> None:
    other = make_plan(make_scene(people=1))
    planner.get(SHIFTS, {"variant": variant.pk})  # what a user may is remembered
    with CaptureQueriesContext(connection) as few:
        found = planner.get(SHIFTS, {"variant": variant.pk, "page_size": 2}).json()
    with CaptureQueriesContext(connection) as many:
        whole = planner.get(SHIFTS, {"variant": variant.pk, "page_size": 50}).json()
    assert len(found["results"]) == 2
    assert found["next"]
    assert len(whole["results"]) == 10
    assert len(few) == len(many) <= 6
    assert len(planner.get(SHIFTS).json()["results"]) == 10 + other.shifts.count()
    day = {"variant": variant.pk, "local_date": "2027-02-02"}
    assert {row["local_date"] for row in planner.get(SHIFTS, day).json()["results"]} == {"2027-02-02"}


def test_a_shift_is_moved_by_patch_and_a_stale_one_refused(
    planner: APIClient, variant: ScheduleVariant
) -> None:
    shift = first_of(variant)
    tag = planner.get(f"{SHIFTS}{shift.pk}/")["ETag"]
    body = {"start": (shift.start + HOUR).isoformat()}
    answer = planner.patch(f"{SHIFTS}{shift.pk}/", body, format="json", headers={"If-Match": tag})
    assert answer.status_code == 200, answer.json()
    assert answer["ETag"] != tag
    assert answer.json()["effect"]["hours"][0]["after_s"] == 40 * 3600
    stale = planner.patch(f"{SHIFTS}{shift.pk}/", body, format="json", headers={"If-Match": tag})
    assert stale.status_code == 412
    assert stale["Content-Type"] == "application/problem+json"
    assert stale["ETag"] == answer["ETag"]
    assert stale.json()["current"]["revision"] == answer.json()["edit_id"]
    moved = Shift.objects.get(pk=shift.pk)
    assert (moved.start, moved.end) == (shift.start + HOUR, shift.end + HOUR)
    assert ScheduleEdit.objects.get().source == "api"


def test_hours_and_person_change_by_patch(planner: APIClient, variant: ScheduleVariant) -> None:
    shift = first_of(variant)
    free = variant.people.exclude(employee=shift.employee_id).get().employee_id
    variant.shifts.get(employee=free, local_date=shift.local_date).delete()
    body = {"employee": free, "end": (shift.end - HOUR).isoformat()}
    answer = planner.patch(f"{SHIFTS}{shift.pk}/", body, format="json")
    assert answer.status_code == 200, answer.json()
    changed = Shift.objects.get(pk=shift.pk)
    assert (changed.employee_id, changed.end) == (free, shift.end - HOUR)
    assert changed.paid_s == 7 * 3600


def test_a_deleted_shift_has_a_history(planner: APIClient, variant: ScheduleVariant) -> None:
    shift = first_of(variant)
    tag = planner.get(f"{SHIFTS}{shift.pk}/")["ETag"]
    answer = planner.delete(f"{SHIFTS}{shift.pk}/", headers={"If-Match": tag})
    assert answer.json()["removed"] == [shift.pk]
    assert planner.delete(f"{SHIFTS}{shift.pk}/", headers={"If-Match": tag}).status_code == 404
    history = planner.get(f"{SHIFTS}{shift.pk}/history/").json()
    assert [(entry["kind"], entry["after"]) for entry in history] == [("delete", None)]
    assert history[0]["before"]["activities"]
    assert planner.get(f"{SHIFTS}{2**62}/history/").status_code == 404


def test_a_batch_is_previewed_done_undone_and_redone(planner: APIClient, variant: ScheduleVariant) -> None:
    shift, other = variant.shifts.filter(local_date="2027-02-01")
    body = {"commands": [move(shift), {"kind": "delete", "shift_id": other.pk}], "reason": "training"}
    effect = planner.post(edits(variant, "preview/"), {"commands": body["commands"]}, format="json").json()
    assert not ScheduleEdit.objects.exists()
    answer = planner.post(edits(variant), body, format="json")
    assert answer.status_code == 201, answer.json()
    assert answer.json()["effect"] == effect
    assert variant.shifts.count() == 9
    assert planner.post(edits(variant, "undo/")).status_code == 201
    assert variant.shifts.count() == 10
    assert planner.post(edits(variant, "undo/")).status_code == 409
    assert planner.post(edits(variant, "redo/")).status_code == 201
    log = planner.get(edits(variant)).json()["results"]
    assert [(row["kind"], row["state"]) for row in log] == [
        ("redo", "done"),
        ("undo", "done"),
        ("batch", "done"),
    ]
    assert log[2]["reason"] == "training"
    assert log[2]["commands"][0]["kind"] == "move"


def test_a_stale_batch_tells_the_newer_state(planner: APIClient, variant: ScheduleVariant) -> None:
    shift = first_of(variant)
    planner.post(edits(variant), {"commands": [move(shift)]}, format="json")
    body = {"commands": [move(shift, 2)], "expected": {str(shift.pk): 0}}
    stale = planner.post(edits(variant), body, format="json")
    assert stale.status_code == 412
    assert stale.json()["current"][0]["start"] == (shift.start + HOUR).astimezone(dt.UTC).isoformat()


def test_a_key_has_one_effect(planner: APIClient, variant: ScheduleVariant) -> None:
    body = {"commands": [move(first_of(variant))]}
    answers = [
        planner.post(edits(variant), body, format="json", headers={"Idempotency-Key": "k"}) for _ in range(3)
    ]
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert ScheduleEdit.objects.count() == 1


def test_what_the_rules_forbid_is_told_with_its_effect(planner: APIClient, variant: ScheduleVariant) -> None:
    body = {"commands": [move(first_of(variant), 12)]}
    preview = planner.post(edits(variant, "preview/"), body, format="json").json()
    assert preview["is_refused"]
    refused = planner.post(edits(variant), body, format="json")
    assert refused.status_code == 409
    assert refused.json()["code"] == "rule_broken"
    assert refused.json()["effect"] == preview
    assert refused.json()["violations"][0]["article"] == "107"


BAD_COMMANDS: list[tuple[Any, str]] = [
    ([], "commands"),
    ("move", "commands"),
    (["move"], "commands.0"),
    ([{}], "commands.0.kind"),
    ([{"kind": "fly"}], "commands.0.kind"),
    ([{"kind": ["move"]}], "commands.0.kind"),
    ([{"kind": "undo"}], "commands.0.kind"),
    ([{"kind": "delete"}], "commands.0.shift_id"),
    ([{"kind": "delete", "shift_id": "1"}], "commands.0.shift_id"),
    ([{"kind": "delete", "shift_id": True}], "commands.0.shift_id"),
    ([{"kind": "delete", "shift_id": 2**63}], "commands.0.shift_id"),
    ([{"kind": "delete", "shift_id": 2**62}], "commands.0.shift_id"),
    ([{"kind": "delete", "shift_id": 5, "why": 1}], "commands.0.why"),
    ([{"kind": "move", "shift_id": 1, "start": "soon"}], "commands.0.start"),
    ([{"kind": "move", "shift_id": 1, "start": 5}], "commands.0.start"),
    ([{"kind": "move", "shift_id": 1, "start": "2027-02-01T09:00:00"}], "commands.0.start"),
    ([{"kind": "move", "shift_id": 1, "start": "0001-01-01T00:00:00+14:00"}], "commands.0.start"),
    ([{"kind": "copy", "shift_id": 1, "employee_id": 1, "local_date": "x"}], "commands.0.local_date"),
    ([{"kind": "delete", "shift_id": 2**61}, {"kind": "fly"}], "commands.1.kind"),
    ([{"kind": "delete", "shift_id": 2**61}] * 2, "commands.0.shift_id"),
    ([{"kind": "delete", "shift_id": 1}] * 201, "commands"),
]


def test_bad_commands_are_refused_by_field(planner: APIClient, variant: ScheduleVariant) -> None:
    for commands, field in BAD_COMMANDS:
        for address in (edits(variant), edits(variant, "preview/")):
            answer = planner.post(address, {"commands": commands}, format="json")
            assert answer.status_code == 400
            assert list(answer.json()["fields"]) == [field], commands
    assert not ScheduleEdit.objects.exists()


@pytest.mark.parametrize("year", [1, 9999])
def test_far_dates_are_refused_by_field(planner: APIClient, variant: ScheduleVariant, year: int) -> None:
    shift = first_of(variant)
    day = "0001-01-01" if year == 1 else "9999-12-31"
    start, end = f"{day}T22:00:00Z", f"{day}T23:55:00Z"
    for command, field in (
        ({"kind": "move", "start": end}, "start"),
        ({"kind": "resize", "start": start, "end": end}, "start"),
        ({"kind": "split", "at": shift.start.isoformat(), "resume": end}, "at"),
        ({"kind": "copy", "local_date": day, "employee_id": shift.employee_id}, "local_date"),
        ({"kind": "move_activity", "activity_start": start, "start": end}, "activity_start"),
        ({"kind": "place_activity", "activity_kind": "lunch", "start": start, "end": end}, "start"),
    ):
        answer = planner.post(edits(variant), {"commands": [command | {"shift_id": shift.pk}]}, format="json")
        assert answer.status_code == 400
        assert list(answer.json()["fields"]) == [f"commands.0.{field}"], command


BAD_CHANGES: list[tuple[dict[str, Any], str]] = [
    ({}, "start"),
    ({"start": "soon"}, "start"),
    ({"paid_s": 1}, "paid_s"),
    ({"employee": 0}, "employee"),
    ({"employee": 2**62}, "employee"),
    ({"start": "2027-02-01T06:01:00Z"}, "start"),
    ({"start": "2027-02-01T06:00:00Z", "end": "2027-02-01T05:00:00Z"}, "end"),
    ({"start": "2027-01-01T06:00:00Z"}, "start"),
]


def test_bad_changes_of_a_shift_are_refused_by_field(planner: APIClient, variant: ScheduleVariant) -> None:
    for body, field in BAD_CHANGES:
        answer = planner.patch(f"{SHIFTS}{first_of(variant).pk}/", body, format="json")
        assert answer.status_code == 400
        assert list(answer.json()["fields"]) == [field], body


def test_bad_revisions_are_refused(planner: APIClient, variant: ScheduleVariant) -> None:
    for expected in ([], {"x": 1}, {"1": -1}, {"1": "now"}, {"9" * 30: 1}):
        body = {"commands": [move(first_of(variant))], "expected": expected}
        answer = planner.post(edits(variant), body, format="json")
        assert answer.status_code == 400, expected
        assert next(iter(answer.json()["fields"])).startswith("expected")


def test_who_may_edit_what(variant: ScheduleVariant) -> None:
    """Supervisors edit the published shifts of their own people and learn of no others."""
    shift = first_of(variant)
    department = variant.people.get(employee=shift.employee_id).department
    supervisor = client_of(make_user(Role.SUPERVISOR, department=department))
    employee = client_of(make_user(Role.EMPLOYEE))
    other = variant.shifts.exclude(employee=shift.employee_id).first()
    body = {"commands": [move(shift)]}
    assert supervisor.post(edits(variant), body, format="json").status_code == 404
    assert employee.post(edits(variant), body, format="json").status_code == 403
    assert employee.get(f"{SHIFTS}{shift.pk}/").status_code == 404
    publish_variant(variant_id=variant.pk, actor=None)
    assert supervisor.post(edits(variant), body, format="json").status_code == 201
    hidden = supervisor.post(edits(variant), {"commands": [move(other)]}, format="json")
    assert list(hidden.json()["fields"]) == ["commands.0.shift_id"]
    given = {"kind": "move", "shift_id": shift.pk, "employee_id": other.employee_id}
    refused = supervisor.post(edits(variant), {"commands": [given]}, format="json")
    assert list(refused.json()["fields"]) == ["commands.0.employee_id"]
    assert supervisor.get(f"{SHIFTS}{other.pk}/").status_code == 404
    assert (
        supervisor.patch(f"{SHIFTS}{other.pk}/", {"end": "2027-02-01T09:00:00Z"}, format="json").status_code
        == 404
    )
    planner = client_of(make_user(Role.PLANNER))
    planner.post(edits(variant), {"commands": [move(other)]}, format="json")
    assert [row["kind"] for row in supervisor.get(edits(variant)).json()["results"]] == ["move"]
    assert supervisor.get(f"{SHIFTS}{other.pk}/history/").json() == []
    variant.refresh_from_db()
    variant.state = VariantState.ARCHIVED
    variant.save()
    assert planner.post(edits(variant), body, format="json").status_code == 409
    assert supervisor.post(edits(variant), body, format="json").status_code == 404

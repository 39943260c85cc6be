"""Who learns of which edits, who may make them, and how one that was overtaken is left behind."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from rest_framework.test import APIClient

from apps.accounts.choices import Role
from apps.core.errors import ConflictError, DomainError, NotAllowedError, StaleError
from apps.schedules.api import shifts as shifts_api
from apps.schedules.choices import EditState, VariantState
from apps.schedules.models import ScheduleEdit, ScheduleVariant, Shift
from apps.schedules.selectors.edit_log import edit_lines, history_of, titles_of
from apps.schedules.services import editing
from apps.schedules.types import MoveShift
from tests.factories import make_department, make_user
from tests.factories.organization import make_terms
from tests.schedules.scenes import add_shift, make_plan, make_scene

if TYPE_CHECKING:
    from apps.accounts.models import User
    from apps.organization.models import Employee

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)


class Two:
    """A published month with a person in each of two departments, and the supervisor of the second."""

    def __init__(self) -> None:
        scene = make_scene(people=2, agents=1)
        self.departments = [make_department(), make_department()]
        for person, department in zip(scene.people, self.departments, strict=True):
            person.terms.update(department=department)
        self.people: list[Employee] = scene.people
        variant = make_plan(scene, days=range(0))
        self.shift = add_shift(variant, scene, scene.people[0], 0)
        variant.shifts.update(is_published=True)
        ScheduleVariant.objects.filter(pk=variant.pk).update(state=VariantState.PUBLISHED)
        self.variant = ScheduleVariant.objects.select_related("group").get(pk=variant.pk)
        self.supervisor = make_user(Role.SUPERVISOR, department=self.departments[1])
        self.planner = make_user(Role.PLANNER)

    def move(self, actor: User | None, hours: int = 0, to: int | None = None) -> Any:
        start = None if not hours else self.shift.start + hours * HOUR
        employee_id = None if to is None else self.people[to].pk
        command = MoveShift(self.shift.pk, start=start, employee_id=employee_id)
        return editing.apply(variant_id=self.variant.pk, commands=[command], actor=actor)


@pytest.fixture
def two() -> Two:
    return Two()


def client_of(user: User) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


def test_a_hand_over_is_told_to_who_sees_both(two: Two) -> None:
    two.move(two.planner, hours=1)
    two.move(two.planner, to=1)
    edits = ScheduleEdit.objects.filter(variant=two.variant)
    assert edit_lines(two.variant, two.supervisor, edits, 10) == []
    assert history_of(two.variant, two.supervisor, two.shift.pk) == []
    assert two.people[0].last_name not in "".join(titles_of(two.variant, two.supervisor, edits).values())
    client = client_of(two.supervisor)
    assert client.get(f"/api/v1/schedules/{two.variant.pk}/edits/").json()["results"] == []
    assert client.get(f"/api/v1/shifts/{two.shift.pk}/history/").json() == []
    for user in (two.planner, make_user(Role.ADMIN)):
        assert len(edit_lines(two.variant, user, edits, 10)) == 2
        assert len(history_of(two.variant, user, two.shift.pk)) == 2
        assert len(client_of(user).get(f"/api/v1/shifts/{two.shift.pk}/history/").json()) == 2


def test_the_own_card_elsewhere_is_not_edited(two: Two) -> None:
    two.people[0].user = two.supervisor
    two.people[0].save()
    with pytest.raises(DomainError, match="no shift"):
        two.move(two.supervisor, hours=1)


def test_who_joins_later_is_not_edited_before(two: Two) -> None:
    terms = two.people[0].terms.get()
    terms.valid_to = dt.date(2027, 6, 30)
    terms.save()
    later = {"valid_from": dt.date(2027, 7, 1), "site": terms.site, "position": terms.position}
    make_terms(two.people[0], department=two.departments[1], **later)
    with pytest.raises(DomainError, match="no shift"):
        two.move(two.supervisor, hours=1)


def test_undo_and_redo_ask_whom_one_may_edit_now(two: Two) -> None:
    two.move(make_user(Role.PLANNER), to=1)
    made = two.move(two.supervisor, hours=1)
    grant = two.supervisor.grants.get()
    for turn in (editing.undo, editing.redo):
        grant.department = two.departments[0]
        grant.save()
        with pytest.raises(NotAllowedError):
            turn(variant_id=two.variant.pk, actor=two.supervisor)
        grant.department = two.departments[1]
        grant.save()
        turn(variant_id=two.variant.pk, actor=two.supervisor)
    assert ScheduleEdit.objects.get(pk=made.edit_id).state == EditState.DONE


def test_an_overtaken_edit_is_skipped_when_asked() -> None:
    """The last edit of one planner was overtaken: it stays, and the one before is undone."""
    two = Two()
    one, other = make_user(Role.PLANNER), make_user(Role.PLANNER)
    scene_shift = Shift.objects.get(pk=two.shift.pk)
    first = two.move(one, hours=1)
    second = editing.apply(
        variant_id=two.variant.pk,
        commands=[MoveShift(scene_shift.pk, employee_id=two.people[1].pk)],
        actor=one,
    )
    third = two.move(other, hours=2)
    undo = {"variant_id": two.variant.pk, "actor": one}
    with pytest.raises(StaleError):
        editing.undo(**undo)
    with pytest.raises(ConflictError, match="nothing to undo"):
        editing.undo(**undo, skip_overtaken=True)
    states = dict(ScheduleEdit.objects.values_list("pk", "state"))
    assert states == {
        first.edit_id: EditState.OVERTAKEN,
        second.edit_id: EditState.OVERTAKEN,
        third.edit_id: EditState.DONE,
    }
    editing.undo(variant_id=two.variant.pk, actor=other)
    editing.undo(**undo, edit_id=second.edit_id)  # by its name it can be undone once it is the last again
    assert Shift.objects.get(pk=two.shift.pk).employee_id == two.people[0].pk


def test_the_system_undoes_by_name_only(two: Two) -> None:
    made = two.move(None, hours=1)
    for turn in (editing.undo, editing.redo):
        with pytest.raises(DomainError) as refusal:
            turn(variant_id=two.variant.pk, actor=None)
        assert list(refusal.value.fields) == ["edit_id"]
    with pytest.raises(NotAllowedError):
        editing.undo(variant_id=two.variant.pk, actor=two.supervisor, edit_id=made.edit_id)
    body = {"edit_id": made.edit_id}
    answer = client_of(two.planner).post(
        f"/api/v1/schedules/{two.variant.pk}/edits/undo/", body, format="json"
    )
    assert answer.status_code == 201, answer.json()
    assert Shift.objects.get(pk=two.shift.pk).start == two.shift.start


def test_patch_answers_with_the_tag_of_what_it_made(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody edits between the commit and the answer: the tag is still that of the own version."""
    apply, other = editing.apply, make_user(Role.PLANNER)

    def apply_and_meet(**asked: Any) -> Any:
        outcome = apply(**asked)
        apply(
            variant_id=two.variant.pk,
            commands=[MoveShift(two.shift.pk, start=two.shift.start + 3 * HOUR)],
            actor=other,
        )
        return outcome

    client, address = client_of(two.planner), f"/api/v1/shifts/{two.shift.pk}/"
    monkeypatch.setattr(shifts_api.editing, "apply", apply_and_meet)
    body = {"start": (two.shift.start + HOUR).isoformat()}
    tag = client.patch(address, body, format="json")["ETag"]
    monkeypatch.undo()
    assert client.patch(address, body, format="json", headers={"If-Match": tag}).status_code == 412


def test_patch_of_one_field_overwrites_no_other(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    edited, other = shifts_api._edited, make_user(Role.PLANNER)

    def edited_second(*asked: Any) -> Any:
        two.move(other, hours=2)
        return edited(*asked)

    monkeypatch.setattr(shifts_api, "_edited", edited_second)
    body = {"employee": two.people[1].pk}
    answer = client_of(two.planner).patch(f"/api/v1/shifts/{two.shift.pk}/", body, format="json")
    assert answer.status_code == 412
    assert Shift.objects.get(pk=two.shift.pk).start == two.shift.start + 2 * HOUR


def test_a_publication_in_between_takes_the_edit_back(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    ScheduleVariant.objects.filter(pk=two.variant.pk).update(state=VariantState.DRAFT)
    two.variant.shifts.update(is_published=False)
    apply = editing.apply

    def publish_first(**asked: Any) -> Any:
        ScheduleVariant.objects.filter(pk=two.variant.pk).update(state=VariantState.PUBLISHED)
        two.variant.shifts.update(is_published=True)
        return apply(**asked)

    monkeypatch.setattr(shifts_api.editing, "apply", publish_first)
    body = {"start": (two.shift.start + HOUR).isoformat()}
    answer = client_of(two.planner).patch(f"/api/v1/shifts/{two.shift.pk}/", body, format="json")
    assert answer.status_code == 412
    assert Shift.objects.get(pk=two.shift.pk).start == two.shift.start

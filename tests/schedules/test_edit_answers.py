"""What somebody let pass holds for exactly that and is given back by undo; publishing honours no more."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from apps.accounts.choices import Role
from apps.core.errors import ConflictError
from apps.schedules.choices import VariantState
from apps.schedules.models import LabourRuleSetting, RuleViolation
from apps.schedules.services import editing
from apps.schedules.services.publishing import publish_variant
from apps.schedules.types import AddShift, DeleteShift, MoveShift
from tests.factories.accounts import make_user
from tests.schedules.edit_scenes import answers_in, make_edit_scene, turn_last

if TYPE_CHECKING:
    from apps.accounts.models import User
    from apps.schedules.types import Command
    from tests.schedules.edit_scenes import EditScene

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def scene() -> EditScene:
    """Give a scene of one planned person, whose month is short of its norm."""
    scene = make_edit_scene()
    scene.variant.people.exclude(employee=scene.people[0]).delete()
    scene.variant.people.update(reachable_s=None)
    return scene


def apply(scene: EditScene, command: Command, actor: User | None = None) -> None:
    editing.apply(variant_id=scene.variant.pk, commands=[command], actor=actor)


def set_rule(code: str, **facts: str) -> None:
    LabourRuleSetting.objects.filter(code=code).update(**facts)


def refused(scene: EditScene) -> dict[str, int]:
    with pytest.raises(ConflictError) as refusal:
        publish_variant(variant_id=scene.variant.pk, actor=None)
    found: dict[str, int] = refusal.value.extra["violations"]
    return found


def published(scene: EditScene) -> bool:
    return publish_variant(variant_id=scene.variant.pk, actor=None).state == VariantState.PUBLISHED


def test_an_edit_and_its_undo_answer_for_nothing(scene: EditScene) -> None:
    """The norm is short before anybody has looked; deleting a shift and undoing that changes nothing."""
    first, _second = scene.add(scene.people[0], 3), scene.add(scene.people[0], 5)
    assert refused(scene) == {"month_norm": 1}
    planner = make_user(Role.PLANNER)
    apply(scene, DeleteShift(first.pk), planner)
    editing.undo(variant_id=scene.variant.pk, actor=planner)
    assert not RuleViolation.objects.filter(allowed_at__isnull=False).exists()
    assert refused(scene) == {"month_norm": 1}
    editing.redo(variant_id=scene.variant.pk, actor=planner)
    assert RuleViolation.objects.get(code="month_norm").allowed_by == planner
    assert published(scene)


def test_mending_by_hand_what_was_made_worse_answers_for_nothing(scene: EditScene) -> None:
    """What is less bad than what somebody let pass is another finding, for which nobody has answered."""
    first = scene.add(scene.people[0], 3)
    scene.add(scene.people[0], 5)
    apply(scene, DeleteShift(first.pk))
    apply(scene, AddShift(scene.people[0].pk, first.start, first.end))
    assert refused(scene) == {"month_norm": 1}


def let_rest_warn_edits() -> None:
    set_rule("daily_rest", span="planning")
    set_rule("month_norm", mode="ignore")


def test_undo_gives_the_answer_of_somebody_else_back(scene: EditScene) -> None:
    let_rest_warn_edits()
    one, other = make_user(Role.PLANNER), make_user(Role.PLANNER)
    first, second = scene.add(scene.people[0], 3), scene.add(scene.people[0], 4)
    apply(scene, MoveShift(second.pk, start=first.end + 7 * HOUR), one)
    before = answers_in(scene.variant)
    apply(scene, MoveShift(second.pk, start=second.start), other)
    assert not RuleViolation.objects.exists()
    editing.undo(variant_id=scene.variant.pk, actor=other)
    assert answers_in(scene.variant) == before
    assert RuleViolation.objects.get().allowed_by == one
    assert published(scene)


def test_an_answer_falls_with_its_edit(scene: EditScene) -> None:
    """Its edit undone out of turn, somebody else's undo does not bring the answer back."""
    let_rest_warn_edits()
    first, second = scene.add(scene.people[0], 3), scene.add(scene.people[0], 4)
    apply(scene, MoveShift(second.pk, start=first.end + 7 * HOUR))
    stored = RuleViolation.objects.get()
    assert stored.edit is not None
    stored.edit.state = "undone"
    stored.edit.save()
    assert refused(scene) == {"daily_rest": 1}


def test_what_was_let_pass_as_a_warning_stops_once_the_rule_is_hard(scene: EditScene) -> None:
    set_rule("month_norm", mode="ignore")
    set_rule("daily_rest", mode="warn")
    first, second = scene.add(scene.people[0], 3), scene.add(scene.people[0], 4)
    apply(scene, MoveShift(second.pk, start=first.end + 7 * HOUR))
    set_rule("daily_rest", mode="hard")
    assert refused(scene) == {"daily_rest": 1}
    turn_last(scene.variant)
    assert published(scene)

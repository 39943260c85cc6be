"""The admin of what planning stands on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.urls import reverse

from apps.accounts.choices import Role
from apps.audit.models import AuditEntry
from apps.schedules.models import Absence, BreakPolicy, LabourRuleSetting, WorkRule
from apps.schedules.services.publishing import publish_variant
from apps.workcalendar.models import AbsenceKind
from tests.factories.accounts import PASSWORD, make_user
from tests.factories.schedules import make_absence
from tests.factories.workcalendar import make_absence_kind
from tests.schedules.scenes import MONTH, make_plan, make_scene

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.django_db
MODELS = (
    "planninggroup",
    "workrule",
    "breakpolicy",
    "workruleassignment",
    "absence",
    "labourrulesetting",
    "schedulevariant",
)


@pytest.fixture
def planner(client: Client) -> Client:
    user = make_user(Role.PLANNER, is_staff=True)
    assert client.login(username=user.username, password=PASSWORD)
    return client


@pytest.mark.parametrize("model", MODELS)
def test_lists_and_forms_open(planner: Client, model: str) -> None:
    scene = make_scene(people=1)
    make_absence(scene.people[0], MONTH, MONTH)
    make_plan(scene)
    listed = planner.get(reverse(f"admin:schedules_{model}_changelist"))
    assert listed.status_code == 200
    row = listed.context["cl"].queryset.first()
    form = planner.get(reverse(f"admin:schedules_{model}_change", args=[row.pk]))
    assert form.status_code == 200


def test_a_labour_rule_shows_its_article_and_refuses_wrong_figures(planner: Client) -> None:
    make_scene()
    rule = LabourRuleSetting.objects.get(code="weekly_rest")
    address = reverse("admin:schedules_labourrulesetting_change", args=[rule.pk])
    page = planner.get(address).content.decode()
    assert "110" in page
    refused = planner.post(address, {"mode": "warn", "span": "always", "parameters": '{"hours": 42}'})
    assert refused.status_code == 200
    assert "hours" in str(refused.context["errors"])
    planner.post(address, {"mode": "warn", "span": "planning", "parameters": '{"min_rest_s": 151200}'})
    rule.refresh_from_db()
    assert (rule.mode, rule.span) == ("warn", "planning")
    assert AuditEntry.objects.filter(action="labourrulesetting.change").exists()


def test_a_rotation_of_two_letters_or_off_the_grid_is_refused(planner: Client) -> None:
    scene = make_scene()
    address = reverse("admin:schedules_workrule_add")
    form = {
        "code": "mixed",
        "name": "Mixed",
        "rotation": "DN--",
        "weekdays": "0123456",
        "max_days_a_week": "7",
        "break_policy": scene.rule.break_policy_id,
        "templates-TOTAL_FORMS": "1",
        "templates-INITIAL_FORMS": "0",
        "templates-0-letter": "D",
        "templates-0-name": "day",
        "templates-0-start_from_minute": "485",
        "templates-0-start_to_minute": "600",
        "templates-0-start_step_minutes": "30",
        "templates-0-paid_from_minutes": "480",
        "templates-0-paid_to_minutes": "480",
        "templates-0-paid_step_minutes": "30",
    }
    refused = planner.post(address, form)
    assert refused.status_code == 200
    assert len(refused.context["errors"]) == 2
    accepted = planner.post(address, form | {"rotation": "DD--", "templates-0-start_from_minute": "480"})
    assert accepted.status_code == 302
    assert WorkRule.objects.get(code="mixed").templates.count() == 1


def test_an_absence_over_a_published_shift_is_refused_in_the_form(planner: Client) -> None:
    scene = make_scene(people=1)
    make_absence_kind("sick")
    publish_variant(variant_id=make_plan(scene).pk, actor=None)
    form = {
        "employee": scene.people[0].pk,
        "kind": AbsenceKind.objects.get(code="sick").pk,
        "start_0": "2027-02-02",
        "start_1": "00:00",
        "end_0": "2027-02-03",
        "end_1": "00:00",
    }
    refused = planner.post(reverse("admin:schedules_absence_add"), form)
    assert refused.status_code == 200
    assert Absence.objects.count() == 0
    moved = form | {"start_0": "2027-02-12", "end_0": "2027-02-13"}
    assert planner.post(reverse("admin:schedules_absence_add"), moved).status_code == 302


def test_two_break_rules_of_one_length_are_refused_in_the_form(planner: Client) -> None:
    form = {"code": "mine", "name": "Mine", "min_without_break_minutes": 60, "max_without_break_minutes": 150}
    form |= {"rules-TOTAL_FORMS": 2, "rules-INITIAL_FORMS": 0}
    for index, (first, last) in enumerate(((60, 240), (240, 360))):
        form |= {
            f"rules-{index}-paid_from_minutes": first,
            f"rules-{index}-paid_to_minutes": last,
            f"rules-{index}-lunch_minutes": 0,
            f"rules-{index}-lunch_earliest_minutes": 0,
            f"rules-{index}-lunch_latest_minutes": 0,
            f"rules-{index}-breaks": 1,
            f"rules-{index}-break_minutes": 15,
        }
    address = reverse("admin:schedules_breakpolicy_add")
    assert planner.post(address, form).status_code == 200
    assert planner.post(address, form | {"rules-1-paid_from_minutes": 255}).status_code == 302
    assert BreakPolicy.objects.get(code="mine").rules.count() == 2

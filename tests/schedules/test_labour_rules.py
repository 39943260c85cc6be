"""Settings over the figures of the Code, and words for every finding."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import translation

from apps.algorithms.rostering.rules import REGISTRY, Mode, WeeklyRest
from apps.core.errors import DomainError
from apps.schedules.models import LabourRuleSetting, RuleViolation, WorkRule
from apps.schedules.selectors.labour_rules import (
    FINDINGS,
    RULES,
    active_rules,
    build_rule,
    default_figures,
    explain,
)
from apps.schedules.services.reference import ensure_work_rule, load_default_rules
from apps.schedules.types import TemplateSpec

pytestmark = pytest.mark.django_db


def test_without_settings_the_code_holds() -> None:
    assert {rule.code for rule in active_rules()} == set(REGISTRY)
    assert all(rule.mode is Mode.HARD for rule in active_rules())


def test_settings_change_mode_and_figures() -> None:
    load_default_rules()
    LabourRuleSetting.objects.filter(code="weekly_rest").update(
        mode="warn", parameters={"min_rest_s": 48 * 3600}
    )
    LabourRuleSetting.objects.filter(code="night_ban").update(mode="ignore")
    LabourRuleSetting.objects.filter(code="month_norm").update(span="planning")
    found = {rule.code: rule for rule in active_rules()}
    assert found["weekly_rest"] == WeeklyRest(mode=Mode.WARN, min_rest_s=48 * 3600)
    assert "night_ban" not in found
    assert "month_norm" in found
    assert "month_norm" not in {rule.code for rule in active_rules(for_edit=True)}


@pytest.mark.parametrize(
    "figures", [{"min_rest": 1}, {"min_rest_s": "42"}, {"min_rest_s": -1}, {"min_rest_s": True}]
)
def test_a_wrong_figure_is_named(figures: dict[str, Any]) -> None:
    with pytest.raises(DomainError, match="weekly_rest"):
        build_rule("weekly_rest", "hard", figures)


def test_an_unknown_rule_is_named() -> None:
    with pytest.raises(DomainError, match="siesta"):
        build_rule("siesta", "hard", {})


@pytest.mark.parametrize("key", sorted(FINDINGS))
def test_every_rule_and_finding_has_words(key: str) -> None:
    code = key.partition(".")[0]
    assert set(RULES) == set(REGISTRY)
    text = explain(RuleViolation(code=code, key=key, measured=7200, limit=3600, unit="s"))
    assert text != key
    assert "%(" not in text
    assert REGISTRY[code].article in text


def test_a_finding_is_said_with_its_article() -> None:
    row = RuleViolation(
        code="weekly_rest", key="weekly_rest", measured=39 * 3600 + 900, limit=42 * 3600, unit="s"
    )
    with translation.override("en"):
        assert explain(row) == (
            "The longest rest of the week is 39 h 15 min, at least 42 h 00 min is due."
            " (Labour Code, art. 110)"
        )


def test_the_reference_is_loaded_once() -> None:
    load_default_rules()
    LabourRuleSetting.objects.filter(code="daily_rest").update(mode="warn")
    load_default_rules()
    assert LabourRuleSetting.objects.get(code="daily_rest").mode == "warn"
    assert LabourRuleSetting.objects.count() == len(REGISTRY)
    assert LabourRuleSetting.objects.get(code="weekly_rest").parameters == default_figures("weekly_rest")
    spec = TemplateSpec("day", 480, 600, 480, 480)
    first = ensure_work_rule(code="office", name="Office", templates=[spec], weekdays="01234")
    assert ensure_work_rule(code="office", name="Other", templates=[spec]) == first
    assert WorkRule.objects.get().templates.count() == 1

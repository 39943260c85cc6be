"""What every installation starts with: the usual breaks and the labour rules of the Code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.db import transaction
from django.utils.translation import gettext as _

from apps.algorithms.rostering.rules import REGISTRY
from apps.core.errors import NotFoundError
from apps.schedules.models import BreakPolicy, BreakRule, LabourRuleSetting, ShiftTemplate, WorkRule
from apps.schedules.selectors.labour_rules import default_figures

if TYPE_CHECKING:
    from collections.abc import Sequence

    from apps.schedules.types import TemplateSpec

STANDARD: Final = "standard"
STANDARD_BREAKS: Final = (
    # paid from, to; lunch, its earliest and latest start; breaks: minutes
    (60, 240, 0, 0, 0, 1),
    (255, 360, 30, 120, 210, 1),
    (375, 540, 45, 180, 300, 3),
    (555, 720, 60, 240, 390, 4),
)
"""Art. 108: an unpaid lunch from 30 min above 4 h; art. 109: paid breaks of 15 min."""


@transaction.atomic
def load_default_rules() -> None:
    """Make the standard break policy and a setting for each labour rule; what exists is left as it is."""
    policy, created = BreakPolicy.objects.get_or_create(
        code=STANDARD, defaults={"name": _("Standard breaks")}
    )
    if created:
        BreakRule.objects.bulk_create(
            BreakRule(
                policy=policy,
                paid_from_minutes=paid_from,
                paid_to_minutes=paid_to,
                lunch_minutes=lunch,
                lunch_earliest_minutes=earliest,
                lunch_latest_minutes=latest,
                breaks=breaks,
            )
            for paid_from, paid_to, lunch, earliest, latest, breaks in STANDARD_BREAKS
        )
    for code in sorted(REGISTRY):
        LabourRuleSetting.objects.get_or_create(code=code, defaults={"parameters": default_figures(code)})


@transaction.atomic
def ensure_work_rule(
    *,
    code: str,
    name: str,
    templates: Sequence[TemplateSpec],
    rotation: str = "",
    weekdays: str = "0123456",
    max_days_a_week: int = 5,
    follows_calendar: bool = False,
    break_policy: str = STANDARD,
) -> WorkRule:
    """Give the work rule called `code`; it is made with its templates where there is none."""
    policy = BreakPolicy.objects.filter(code=break_policy).first()
    if policy is None:
        raise NotFoundError(_("There is no break policy %(code)s.") % {"code": break_policy})
    facts = {
        "name": name,
        "rotation": rotation,
        "weekdays": weekdays,
        "max_days_a_week": max_days_a_week,
        "follows_calendar": follows_calendar,
        "break_policy": policy,
    }
    rule, created = WorkRule.objects.get_or_create(code=code, defaults=facts)
    if created:
        ShiftTemplate.objects.bulk_create(
            ShiftTemplate(
                work_rule=rule,
                letter=spec.letter,
                name=spec.name,
                start_from_minute=spec.start_from,
                start_to_minute=spec.start_to,
                start_step_minutes=spec.start_step,
                paid_from_minutes=spec.paid_from,
                paid_to_minutes=spec.paid_to,
                paid_step_minutes=spec.paid_step,
            )
            for spec in templates
        )
    return rule

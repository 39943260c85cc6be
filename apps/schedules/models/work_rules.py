from __future__ import annotations

from typing import Any

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import IntegerRangeField
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator, StepValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.core.ranges import date_span, key_range
from apps.schedules.choices import RuleMode, RuleSpan

SLOT_MINUTES = 15
ON_THE_GRID = StepValueValidator(SLOT_MINUTES)
ROTATION = r"^(-*([A-Z])(\2|-)*)?$"
WEEKDAYS = r"^0?1?2?3?4?5?6?$"


def grid_minutes(name: Any, **options: Any) -> models.PositiveSmallIntegerField[int, int]:
    """Minutes that fall on the planning grid."""
    return models.PositiveSmallIntegerField(name, validators=[ON_THE_GRID], **options)


class PaidRange(models.Func):
    function = "int4range"
    output_field = IntegerRangeField()


class BreakPolicy(models.Model):
    """How lunches and breaks are given; its rows hold one span of shift lengths each."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=120)
    min_without_break_minutes = grid_minutes(_("shortest stretch of work, minutes"), default=60)
    max_without_break_minutes = grid_minutes(_("longest stretch without a break, minutes"), default=150)

    class Meta:
        verbose_name = _("break policy")
        verbose_name_plural = _("break policies")
        ordering = ("name",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(max_without_break_minutes__gte=models.F("min_without_break_minutes"))
                & models.Q(min_without_break_minutes__gt=0),
                name="stretches_of_work_in_order",
            ),
        )

    def __str__(self) -> str:
        return self.name


class BreakRule(models.Model):
    """Lunch and breaks of shifts whose paid time lies in this range; starts count from the shift's start."""

    policy = models.ForeignKey(
        BreakPolicy, models.CASCADE, related_name="rules", verbose_name=_("break policy")
    )
    paid_from_minutes = grid_minutes(_("paid time from, minutes"))
    paid_to_minutes = grid_minutes(_("paid time to, minutes"))
    lunch_minutes = grid_minutes(_("lunch (unpaid), minutes"), default=0)
    lunch_earliest_minutes = grid_minutes(_("lunch begins at the earliest after, minutes"), default=0)
    lunch_latest_minutes = grid_minutes(_("lunch begins at the latest after, minutes"), default=0)
    breaks = models.PositiveSmallIntegerField(_("paid breaks"), default=0)
    break_minutes = grid_minutes(_("paid break, minutes"), default=SLOT_MINUTES)

    class Meta:
        verbose_name = _("break rule")
        verbose_name_plural = _("break rules")
        ordering = ("policy", "paid_from_minutes")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(paid_to_minutes__gte=models.F("paid_from_minutes"))
                & models.Q(lunch_latest_minutes__gte=models.F("lunch_earliest_minutes")),
                name="break_rule_ranges_in_order",
            ),
            ExclusionConstraint(
                name="one_break_rule_per_length",
                expressions=[
                    (key_range("policy"), "&&"),
                    (
                        PaidRange(
                            models.F("paid_from_minutes"), models.F("paid_to_minutes"), models.Value("[]")
                        ),
                        "&&",
                    ),
                ],
            ),
        )

    def __str__(self) -> str:
        return f"{self.policy}: {self.paid_from_minutes}–{self.paid_to_minutes}"


class WorkRule(models.Model):
    """How a person's days are laid out: a rotation of work and rest, or free days within a week's limits.

    `rotation` spells one cycle, a character a day: a letter (one per rotation) names the templates of a
    working day, `-` is rest; it repeats from the anchor date of the assignment (2/2 is `DD--`). Empty: the
    optimiser chooses the days.
    """

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=120)
    rotation = models.CharField(
        _("rotation"), max_length=64, blank=True, validators=[RegexValidator(ROTATION)]
    )
    weekdays = models.CharField(
        _("weekdays that may be worked, Monday is 0"),
        max_length=7,
        default="0123456",
        validators=[RegexValidator(WEEKDAYS)],
    )
    follows_calendar = models.BooleanField(_("no shifts on the calendar's days off"), default=False)
    max_days_a_week = models.PositiveSmallIntegerField(
        _("most days a week"), default=5, validators=[MinValueValidator(1), MaxValueValidator(7)]
    )
    break_policy = models.ForeignKey(
        BreakPolicy, models.PROTECT, related_name="+", verbose_name=_("break policy")
    )

    class Meta:
        verbose_name = _("work rule")
        verbose_name_plural = _("work rules")
        ordering = ("name",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(rotation__regex=ROTATION), name="rotation_of_one_letter_and_rest"
            ),
            models.CheckConstraint(condition=models.Q(weekdays__regex=WEEKDAYS), name="weekdays_in_order"),
            models.CheckConstraint(condition=models.Q(max_days_a_week__range=(1, 7)), name="days_in_a_week"),
        )

    def __str__(self) -> str:
        return self.name


class ShiftTemplate(models.Model):
    """The shifts a work rule allows: when they start on the person's own clock, and how long is paid."""

    work_rule = models.ForeignKey(
        WorkRule, models.CASCADE, related_name="templates", verbose_name=_("work rule")
    )
    letter = models.CharField(_("letter in the rotation"), max_length=1, default="D")
    name = models.CharField(_("name"), max_length=80)
    start_from_minute = grid_minutes(_("starts from, minute of the day"))
    start_to_minute = grid_minutes(_("starts to, minute of the day"))
    start_step_minutes = grid_minutes(_("start step, minutes"), default=30)
    paid_from_minutes = grid_minutes(_("paid from, minutes"))
    paid_to_minutes = grid_minutes(_("paid to, minutes"))
    paid_step_minutes = grid_minutes(_("length step, minutes"), default=30)

    class Meta:
        verbose_name = _("shift template")
        verbose_name_plural = _("shift templates")
        ordering = ("work_rule", "letter", "start_from_minute")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(start_to_minute__gte=models.F("start_from_minute"))
                & models.Q(paid_to_minutes__gte=models.F("paid_from_minutes"))
                & models.Q(start_to_minute__lt=1440)
                & models.Q(paid_from_minutes__gt=0)
                & models.Q(start_step_minutes__gt=0)
                & models.Q(paid_step_minutes__gt=0),
                name="shift_template_ranges_in_order",
            ),
        )

    def __str__(self) -> str:
        return f"{self.work_rule}: {self.name}"


class WorkRuleAssignment(models.Model):
    """The work rule of a person over a span of days."""

    employee = models.ForeignKey(
        "organization.Employee", models.CASCADE, related_name="work_rules", verbose_name=_("employee")
    )
    work_rule = models.ForeignKey(
        WorkRule, models.PROTECT, related_name="assignments", verbose_name=_("work rule")
    )
    anchor = models.DateField(_("first day of a rotation cycle"), null=True, blank=True)
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid to (last day)"), null=True, blank=True)

    class Meta:
        verbose_name = _("work rule assignment")
        verbose_name_plural = _("work rule assignments")
        ordering = ("employee", "valid_from")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(valid_to__isnull=True) | models.Q(valid_to__gte=models.F("valid_from")),
                name="work_rule_dates_in_order",
            ),
            ExclusionConstraint(
                name="one_work_rule_at_a_time",
                expressions=[(key_range("employee"), "&&"), (date_span(), "&&")],
            ),
        )

    def __str__(self) -> str:
        return f"{self.employee}: {self.work_rule}"


class LabourRuleSetting(models.Model):
    """How strictly a labour rule is held, and its figures; without a row the rule's own defaults hold."""

    code = models.SlugField(_("rule"), max_length=40, unique=True)
    mode = models.CharField(_("mode"), max_length=6, choices=RuleMode, default=RuleMode.HARD)
    span = models.CharField(_("applies to"), max_length=8, choices=RuleSpan, default=RuleSpan.ALWAYS)
    parameters = models.JSONField(_("figures"), default=dict, blank=True)

    class Meta:
        verbose_name = _("labour rule")
        verbose_name_plural = _("labour rules")
        ordering = ("code",)

    def __str__(self) -> str:
        return self.code

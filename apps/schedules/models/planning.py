from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.core.ranges import instant_span, key_range
from apps.schedules.choices import RuleMode, VariantState


class PlanningGroup(models.Model):
    """The queues that are planned together; their main members are the people of the plan."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=120)
    time_zone = models.CharField(_("time zone"), max_length=64, default="Europe/Moscow")
    queues = models.ManyToManyField(
        "organization.Queue", related_name="planning_groups", verbose_name=_("queues")
    )

    class Meta:
        verbose_name = _("planning group")
        verbose_name_plural = _("planning groups")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Absence(models.Model):
    """A span in which a person cannot work: vacation, sickness, training elsewhere."""

    employee = models.ForeignKey(
        "organization.Employee", models.CASCADE, related_name="absences", verbose_name=_("employee")
    )
    kind = models.ForeignKey(
        "workcalendar.AbsenceKind", models.PROTECT, related_name="+", verbose_name=_("kind")
    )
    start = models.DateTimeField(_("from"))
    end = models.DateTimeField(_("to"))
    note = models.CharField(_("note"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("absence")
        verbose_name_plural = _("absences")
        ordering = ("start",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(end__gt=models.F("start")), name="absence_span_in_order"
            ),
            ExclusionConstraint(
                name="one_absence_at_a_time",
                expressions=[(key_range("employee"), "&&"), (instant_span(), "&&")],
            ),
        )

    def __str__(self) -> str:
        return f"{self.employee}: {self.kind}"


class ScheduleVariant(models.Model):
    """One plan of one group for one month; what is published is replaced, never overwritten.

    `metrics` holds what the optimiser reached: objective, bound, gap, cover, violations, seconds by phase;
    `parameters` what it was asked: time limit, weights, rule modes; `reasons` why something could not be met.
    `edits` counts the edits of its shifts; the metrics hold as of edit `measured_edits`.
    """

    group = models.ForeignKey(
        PlanningGroup, models.PROTECT, related_name="variants", verbose_name=_("planning group")
    )
    month = models.DateField(_("month, its first day"))
    number = models.PositiveIntegerField(_("variant"))
    state = models.CharField(_("state"), max_length=9, choices=VariantState, default=VariantState.DRAFT)
    start = models.DateTimeField(_("from"))
    end = models.DateTimeField(_("to"))
    requirements = models.ManyToManyField(
        "staffing.RequirementVersion", related_name="variants", verbose_name=_("requirements")
    )
    parameters = models.JSONField(_("parameters"), default=dict)
    metrics = models.JSONField(_("metrics"), default=dict)
    reasons = models.JSONField(_("what could not be met"), default=list)
    seed = models.BigIntegerField(_("seed"), default=0)
    code_version = models.CharField(_("code version"), max_length=60)
    job_id = models.UUIDField(_("job"), null=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("by")
    )
    created_at = models.DateTimeField(_("at"), auto_now_add=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("published by")
    )
    published_at = models.DateTimeField(_("published at"), null=True)
    edits = models.PositiveIntegerField(_("edits"), default=0, db_default=0)
    measured_edits = models.PositiveIntegerField(_("edits that the figures know of"), default=0, db_default=0)

    class Meta:
        verbose_name = _("schedule variant")
        verbose_name_plural = _("schedule variants")
        ordering = ("-month", "-number")
        constraints = (
            models.UniqueConstraint(fields=["group", "month", "number"], name="variant_number_once"),
            models.UniqueConstraint(
                fields=["group", "month"],
                condition=models.Q(state=VariantState.PUBLISHED),
                name="one_published_variant_a_month",
            ),
            models.CheckConstraint(condition=models.Q(month__day=1), name="variant_month_is_first_day"),
        )
        indexes = (
            models.Index(
                fields=["id"],
                condition=models.Q(measured_edits__lt=models.F("edits")),
                name="variants_to_measure",
            ),
        )

    def __str__(self) -> str:
        return f"{self.group}, {self.month:%Y-%m}, #{self.number}"


class PlannedPerson(models.Model):
    """Whom a variant plans, and what it assumed of them.

    `norm_s` is already lowered by absences, hire and dismissal; `reachable_s` is known where the person's own
    rules allow less than the norm asks for.
    """

    variant = models.ForeignKey(
        ScheduleVariant, models.CASCADE, related_name="people", verbose_name=_("variant")
    )
    employee = models.ForeignKey(
        "organization.Employee", models.PROTECT, related_name="+", verbose_name=_("employee")
    )
    queue = models.ForeignKey("organization.Queue", models.PROTECT, related_name="+", verbose_name=_("queue"))
    department = models.ForeignKey(
        "organization.Department", models.PROTECT, related_name="+", verbose_name=_("department")
    )
    site = models.ForeignKey("organization.Site", models.PROTECT, related_name="+", verbose_name=_("site"))
    work_rule = models.ForeignKey(
        "schedules.WorkRule", models.PROTECT, related_name="+", verbose_name=_("work rule")
    )
    time_zone = models.CharField(_("time zone"), max_length=64)
    norm_s = models.PositiveIntegerField(_("norm, seconds"))
    reachable_s = models.PositiveIntegerField(_("reachable, seconds"), null=True)

    class Meta:
        verbose_name = _("planned person")
        verbose_name_plural = _("planned people")
        constraints = (
            models.UniqueConstraint(fields=["variant", "employee"], name="person_planned_once_in_a_variant"),
        )

    def __str__(self) -> str:
        return f"{self.employee}, {self.variant}"


class RuleViolation(models.Model):
    """What a check of a variant's stored shifts found against a labour rule.

    `key` names the message (`labour_rules.FINDINGS`), `measured` and `limit` are its figures in `unit`. What
    an edit let pass names the edit and who allowed it (nobody: the system).
    """

    variant = models.ForeignKey(
        ScheduleVariant, models.CASCADE, related_name="violations", verbose_name=_("variant")
    )
    employee = models.ForeignKey(
        "organization.Employee", models.CASCADE, related_name="+", verbose_name=_("employee")
    )
    code = models.SlugField(_("rule"), max_length=40)
    key = models.CharField(_("finding"), max_length=60)
    mode = models.CharField(_("mode"), max_length=6, choices=RuleMode)
    start = models.DateTimeField(_("from"))
    end = models.DateTimeField(_("to"))
    measured = models.IntegerField(_("measured"))
    limit = models.IntegerField(_("limit"))
    unit = models.CharField(_("unit"), max_length=1)
    edit = models.ForeignKey(
        "schedules.ScheduleEdit",
        models.SET_NULL,
        null=True,
        related_name="violations",
        verbose_name=_("let pass by edit"),
    )
    allowed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("let pass by")
    )
    allowed_at = models.DateTimeField(_("let pass at"), null=True)

    class Meta:
        verbose_name = _("violation")
        verbose_name_plural = _("violations")
        ordering = ("variant", "employee", "start")

    def __str__(self) -> str:
        return f"{self.employee}: {self.code}"

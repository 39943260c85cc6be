from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.core.ranges import instant_span, key_range
from apps.staffing.choices import RequirementState


class RequirementVersion(models.Model):
    """How many agents a queue needs in each interval, from one forecast version under one set of targets."""

    queue = models.ForeignKey("organization.Queue", models.PROTECT, related_name="+", verbose_name=_("queue"))
    number = models.PositiveIntegerField(_("version"))
    state = models.CharField(
        _("state"), max_length=8, choices=RequirementState, default=RequirementState.ACTIVE
    )
    forecast = models.ForeignKey(
        "forecasts.ForecastVersion", models.PROTECT, related_name="+", verbose_name=_("forecast")
    )
    start = models.DateTimeField(_("from"))
    end = models.DateTimeField(_("to"))
    step_s = models.PositiveIntegerField(_("interval, seconds"))
    targets = models.JSONField(_("targets"), default=list)
    code_version = models.CharField(_("code version"), max_length=60)
    job_id = models.UUIDField(_("job"), null=True)
    seconds = models.FloatField(_("seconds"), default=0)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("by")
    )
    created_at = models.DateTimeField(_("at"), auto_now_add=True)

    class Meta:
        verbose_name = _("requirement version")
        verbose_name_plural = _("requirement versions")
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(fields=["queue", "number"], name="requirement_number_once_per_queue"),
            ExclusionConstraint(
                name="one_active_requirement_per_queue_and_span",
                expressions=[(key_range("queue"), "&&"), (instant_span(), "&&")],
                condition=models.Q(state=RequirementState.ACTIVE),
            ),
        )

    def __str__(self) -> str:
        return f"{self.queue} #{self.number}"


class RequirementPoint(models.Model):
    """The requirement of one interval; partitioned by month of `start`.

    `positions` are agents on line by the queueing model; `required` adds minimum, reserve and absence.
    """

    pk = models.CompositePrimaryKey("version_id", "start")
    version = models.ForeignKey(
        RequirementVersion, models.CASCADE, related_name="+", db_index=False, verbose_name=_("version")
    )
    start = models.DateTimeField(_("interval start"))
    load_erl = models.FloatField(_("load, erlang"))
    positions = models.PositiveIntegerField(_("agents on line"))
    required = models.PositiveIntegerField(_("required agents"))

    class Meta:
        verbose_name = _("requirement point")
        verbose_name_plural = _("requirement points")

    def __str__(self) -> str:
        return f"{self.version_id} {self.start:%Y-%m-%d %H:%M}"

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.core.phrases import Phrase, PhraseField
from apps.core.ranges import instant_span, key_range
from apps.forecasts.choices import VersionState


class ForecastVersion(models.Model):
    """One forecast of one queue over a span. Its points never change; a better forecast is a new version.

    `inputs` (history span, row count, digest, holidays), `parameters`, `seed`, `code_version` make it again;
    `accuracy` holds the back-test: a row per model with WAPE, MAPE, bias, MASE and the coverage of the band.

    A version that a person adjusted stands on another (`based_on`) and, through it, on what a model made
    (`origin`); `adjustments` lists every change since then in the order in which they were laid.
    """

    queue = models.ForeignKey("organization.Queue", models.PROTECT, related_name="+", verbose_name=_("queue"))
    number = models.PositiveIntegerField(_("version"))
    state = models.CharField(_("state"), max_length=8, choices=VersionState, default=VersionState.DRAFT)
    start = models.DateTimeField(_("from"))
    end = models.DateTimeField(_("to"))
    step_s = models.PositiveIntegerField(_("interval, seconds"))
    based_on = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="derived", verbose_name=_("adjusts")
    )
    origin = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="+", verbose_name=_("statistical base")
    )
    adjustments = models.JSONField(_("adjustments"), default=list)
    model = models.CharField(_("model"), max_length=60)
    chosen_because = PhraseField(_("why this model"), blank=True, default=Phrase)
    level = models.DecimalField(_("band"), max_digits=4, decimal_places=3)
    parameters = models.JSONField(_("parameters"), default=dict)
    inputs = models.JSONField(_("inputs"), default=dict)
    accuracy = models.JSONField(_("accuracy"), default=dict)
    seed = models.BigIntegerField(_("seed"), default=0)
    code_version = models.CharField(_("code version"), max_length=60)
    job_id = models.UUIDField(_("job"), null=True)
    seconds = models.FloatField(_("seconds"), default=0)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("by")
    )
    created_at = models.DateTimeField(_("at"), auto_now_add=True)

    class Meta:
        verbose_name = _("forecast version")
        verbose_name_plural = _("forecast versions")
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(fields=["queue", "number"], name="forecast_number_once_per_queue"),
            models.CheckConstraint(
                condition=models.Q(end__gt=models.F("start")), name="forecast_span_in_order"
            ),
            models.CheckConstraint(
                condition=models.Q(based_on__isnull=True, origin__isnull=True)
                | models.Q(based_on__isnull=False, origin__isnull=False),
                name="adjusted_forecast_has_an_origin",
            ),
            ExclusionConstraint(
                name="one_active_forecast_per_queue_and_span",
                expressions=[(key_range("queue"), "&&"), (instant_span(), "&&")],
                condition=models.Q(state=VersionState.ACTIVE),
            ),
        )

    def __str__(self) -> str:
        return f"{self.queue} #{self.number}"


class ForecastPoint(models.Model):
    """The forecast of one interval; partitioned by month of `start`."""

    pk = models.CompositePrimaryKey("version_id", "start")
    version = models.ForeignKey(
        ForecastVersion, models.CASCADE, related_name="+", db_index=False, verbose_name=_("version")
    )
    start = models.DateTimeField(_("interval start"))
    calls = models.FloatField(_("contacts"))
    lower = models.FloatField(_("lower bound"))
    upper = models.FloatField(_("upper bound"))
    aht_s = models.FloatField(_("AHT, seconds"))

    class Meta:
        verbose_name = _("forecast point")
        verbose_name_plural = _("forecast points")

    def __str__(self) -> str:
        return f"{self.version_id} {self.start:%Y-%m-%d %H:%M}"

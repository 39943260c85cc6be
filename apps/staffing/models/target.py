from django.contrib.postgres.constraints import ExclusionConstraint
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _

from apps.core.ranges import date_span, instant_span, key_range
from apps.staffing.choices import Coefficient, QueueModel


class StaffingTarget(models.Model):
    """The service that a queue promises over a span of days, and the allowances on top of it."""

    queue = models.ForeignKey(
        "organization.Queue", models.CASCADE, related_name="staffing_targets", verbose_name=_("queue")
    )
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid to (last day)"), null=True, blank=True)
    model = models.CharField(_("model"), max_length=8, choices=QueueModel, default=QueueModel.ERLANG_C)
    service_level = models.DecimalField(
        _("service level"),
        max_digits=4,
        decimal_places=3,
        default="0.800",
        validators=[MinValueValidator(0), MaxValueValidator(1)],
    )
    answer_within_s = models.PositiveIntegerField(_("answered within, seconds"), default=20)
    max_occupancy = models.DecimalField(
        _("highest occupancy"),
        max_digits=4,
        decimal_places=3,
        default="1.000",
        validators=[MinValueValidator(0), MaxValueValidator(1)],
    )
    patience_s = models.PositiveIntegerField(_("mean patience, seconds"), null=True, blank=True)
    minimum_agents = models.PositiveIntegerField(_("least agents while open"), default=0)
    reserve = models.DecimalField(
        _("reserve, factor"), max_digits=5, decimal_places=3, default=1, validators=[MinValueValidator(0)]
    )
    absenteeism = models.DecimalField(
        _("unplanned absence, share"),
        max_digits=4,
        decimal_places=3,
        default=0,
        validators=[MinValueValidator(0), MaxValueValidator(1)],
    )

    class Meta:
        verbose_name = _("staffing target")
        verbose_name_plural = _("staffing targets")
        constraints = (
            models.CheckConstraint(
                condition=~models.Q(model=QueueModel.ERLANG_A)
                | models.Q(patience_s__isnull=False, patience_s__gt=0),
                name="erlang_a_has_patience",
            ),
            models.CheckConstraint(condition=models.Q(absenteeism__lt=1), name="absenteeism_below_one"),
            models.CheckConstraint(
                condition=models.Q(service_level__gt=0, service_level__lt=1),
                name="service_level_between_zero_and_one",
            ),
            models.CheckConstraint(
                condition=models.Q(max_occupancy__gt=0, max_occupancy__lte=1),
                name="max_occupancy_above_zero",
            ),
            models.CheckConstraint(
                condition=models.Q(valid_to__isnull=True) | models.Q(valid_to__gte=models.F("valid_from")),
                name="target_dates_in_order",
            ),
            ExclusionConstraint(
                name="one_target_per_queue_at_a_time",
                expressions=[(key_range("queue"), "&&"), (date_span(), "&&")],
            ),
        )

    def __str__(self) -> str:
        return f"{self.queue}: {number_format(self.service_level)} / {self.answer_within_s}"


class CoefficientSpan(models.Model):
    """A coefficient that replaces the target's own over a span of instants, down to an interval."""

    queue = models.ForeignKey(
        "organization.Queue", models.CASCADE, related_name="coefficients", verbose_name=_("queue")
    )
    kind = models.CharField(_("kind"), max_length=12, choices=Coefficient)
    start = models.DateTimeField(_("from"))
    end = models.DateTimeField(_("to"))
    value = models.DecimalField(_("value"), max_digits=8, decimal_places=3, validators=[MinValueValidator(0)])

    class Meta:
        verbose_name = _("coefficient")
        verbose_name_plural = _("coefficients")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(end__gt=models.F("start")), name="coefficient_span_in_order"
            ),
            *(
                ExclusionConstraint(
                    name=f"one_{kind.value}_at_a_time",
                    expressions=[(key_range("queue"), "&&"), (instant_span(), "&&")],
                    condition=models.Q(kind=kind.value),
                )
                for kind in Coefficient
            ),
        )

    def __str__(self) -> str:
        return f"{self.queue}: {self.get_kind_display()}"

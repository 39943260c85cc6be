from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.demand.choices import REPLACING, CorrectionAction


class HistoryCorrection(models.Model):
    """What a person decided about a span of a queue's history. Rows are only added, never changed.

    In each interval the last correction holds that covers it and was not undone; `restore` is one that gives
    the recorded figures, `undo` takes back the one it names. `values` are the contacts of consecutive
    intervals of `step_s` from `start`; null where nothing was recorded.
    """

    queue = models.ForeignKey("organization.Queue", models.PROTECT, related_name="+", verbose_name=_("queue"))
    start = models.DateTimeField(_("from"))
    end = models.DateTimeField(_("to"))
    action = models.CharField(_("what is done"), max_length=8, choices=CorrectionAction)
    step_s = models.PositiveIntegerField(_("interval, seconds"), null=True)
    values = ArrayField(models.FloatField(null=True), verbose_name=_("contacts instead"), null=True)
    reason = models.CharField(_("reason"), max_length=300)
    undoes = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="undone_by", verbose_name=_("undoes")
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("by")
    )
    created_at = models.DateTimeField(_("at"), auto_now_add=True)

    class Meta:
        verbose_name = _("history correction")
        verbose_name_plural = _("history corrections")
        ordering = ("-id",)
        indexes = (models.Index(fields=["queue", "start"], name="correction_by_queue_and_start"),)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(end__gt=models.F("start")), name="correction_span_in_order"
            ),
            models.CheckConstraint(
                condition=models.Q(action__in=REPLACING, values__isnull=False, step_s__isnull=False)
                | (~models.Q(action__in=REPLACING) & models.Q(values__isnull=True)),
                name="correction_has_the_values_it_needs",
            ),
            models.CheckConstraint(
                condition=models.Q(action=CorrectionAction.UNDO, undoes__isnull=False)
                | (~models.Q(action=CorrectionAction.UNDO) & models.Q(undoes__isnull=True)),
                name="correction_that_undoes_names_which",
            ),
        )

    def __str__(self) -> str:
        return f"{self.queue} {self.start:%Y-%m-%d %H:%M}: {self.get_action_display()}"

from django.db import models
from django.utils.translation import gettext_lazy as _


class IntervalHistory(models.Model):
    """What a queue received in one interval; partitioned by month of `start` (see the first migration).

    Times are totals of the interval in seconds, so that sums stay exact; AHT is `handle_s / handled`.

    Rows are written in bulk for one queue and one batch at a time: the service locks that queue and makes
    that batch in the same transaction. The database does not look both up again for every row, which would
    cost half of an import (see `benchmarks/imports.py`); a queue with history still cannot be deleted.
    """

    pk = models.CompositePrimaryKey("queue_id", "start")
    queue = models.ForeignKey(
        "organization.Queue",
        models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
        verbose_name=_("queue"),
    )
    start = models.DateTimeField(_("interval start"))
    step_s = models.PositiveIntegerField(_("interval, seconds"))
    offered = models.PositiveIntegerField(_("offered contacts"))
    handled = models.PositiveIntegerField(_("handled contacts"), null=True)
    abandoned = models.PositiveIntegerField(_("abandoned contacts"), null=True)
    handle_s = models.PositiveBigIntegerField(_("handle time, seconds"), null=True)
    wrap_s = models.PositiveBigIntegerField(_("wrap-up time, seconds"), null=True)
    answered_in_target = models.PositiveIntegerField(_("answered within the target"), null=True)
    batch = models.ForeignKey(
        "demand.ImportBatch",
        models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
        verbose_name=_("import"),
    )

    class Meta:
        verbose_name = _("interval history")
        verbose_name_plural = _("interval history")

    def __str__(self) -> str:
        return f"{self.queue_id} {self.start:%Y-%m-%d %H:%M}"

from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import models
from django.utils.formats import localize
from django.utils.translation import gettext_lazy as _

from apps.core.ranges import instant_span, key_range
from apps.schedules.models.planning import ScheduleVariant


class Shift(models.Model):
    """A person's presence between two instants; it belongs to the day on which it starts on their clock.

    Its activities partition it (a deferred trigger); `paid_s` is its length without unpaid activities.
    `revision` is the id of the edit that made this state, 0 as planned: equal revisions of a shift mean equal
    shifts, so an undone edit gives the earlier revision back.
    """

    variant = models.ForeignKey(
        ScheduleVariant, models.CASCADE, related_name="shifts", verbose_name=_("variant")
    )
    employee = models.ForeignKey(
        "organization.Employee", models.PROTECT, related_name="shifts", verbose_name=_("employee")
    )
    local_date = models.DateField(_("day"))
    start = models.DateTimeField(_("from"))
    end = models.DateTimeField(_("to"))
    paid_s = models.PositiveIntegerField(_("paid, seconds"))
    is_published = models.BooleanField(_("published"), default=False)
    revision = models.BigIntegerField(_("revision"), default=0, db_default=0)

    class Meta:
        verbose_name = _("shift")
        verbose_name_plural = _("shifts")
        ordering = ("start",)
        indexes = (
            models.Index(fields=["variant", "local_date"]),
            models.Index(fields=["employee", "start"]),
            models.Index(
                fields=["local_date"], condition=models.Q(is_published=True), name="published_shift_days"
            ),
        )
        constraints = (
            models.CheckConstraint(condition=models.Q(end__gt=models.F("start")), name="shift_span_in_order"),
            ExclusionConstraint(
                name="no_overlap_in_a_variant",
                expressions=[
                    (key_range("variant"), "&&"),
                    (key_range("employee"), "&&"),
                    (instant_span(), "&&"),
                ],
            ),
            ExclusionConstraint(
                name="no_overlap_in_what_is_published",
                expressions=[(key_range("employee"), "&&"), (instant_span(), "&&")],
                condition=models.Q(is_published=True),
            ),
        )

    def __str__(self) -> str:
        return f"{self.employee}: {localize(self.local_date)}"


class Activity(models.Model):
    """What a person does in one part of a shift: work for a queue, a lunch, a break.

    A month has a hundred thousand of them, so they carry no index that nothing reads; that they follow each
    other without gap or overlap is the trigger's business, which costs a seventh of an exclusion constraint.
    """

    shift = models.ForeignKey(
        Shift, models.CASCADE, related_name="activities", db_index=False, verbose_name=_("shift")
    )
    kind = models.ForeignKey(
        "workcalendar.ActivityKind",
        models.PROTECT,
        related_name="+",
        db_index=False,
        verbose_name=_("kind"),
    )
    queue = models.ForeignKey(
        "organization.Queue",
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("queue"),
    )
    start = models.DateTimeField(_("from"))
    end = models.DateTimeField(_("to"))

    class Meta:
        verbose_name = _("activity")
        verbose_name_plural = _("activities")
        ordering = ("start",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(end__gt=models.F("start")), name="activity_span_in_order"
            ),
            models.UniqueConstraint(
                fields=["shift", "start"],
                name="one_activity_begins_at_a_time",
                deferrable=models.Deferrable.DEFERRED,
            ),
            models.UniqueConstraint(
                fields=["shift", "end"],
                name="one_activity_ends_at_a_time",
                deferrable=models.Deferrable.DEFERRED,
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.start:%H:%M}"

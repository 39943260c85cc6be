from django.contrib.postgres.constraints import ExclusionConstraint
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.core.ranges import date_span, key_range
from apps.organization.choices import Channel, Membership
from apps.organization.models.people import Employee


class Service(models.Model):
    """A line of business that customers contact; the root of the functional tree."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=120)

    class Meta:
        verbose_name = _("service")
        verbose_name_plural = _("services")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Queue(models.Model):
    """A stream of contacts that is forecast and staffed as one; an aggregated queue sums its members."""

    service = models.ForeignKey(Service, models.PROTECT, related_name="queues", verbose_name=_("service"))
    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=120)
    external_id = models.CharField(_("external id"), max_length=64, blank=True)
    channel = models.CharField(_("channel"), max_length=12, choices=Channel, default=Channel.VOICE)
    priority = models.PositiveSmallIntegerField(_("priority"), default=5)
    time_zone = models.CharField(_("time zone"), max_length=64, default="Europe/Moscow")
    step_minutes = models.PositiveSmallIntegerField(
        _("planning step, minutes"), default=15, choices=[(5, "5"), (15, "15"), (30, "30"), (60, "60")]
    )
    calendar_code = models.SlugField(_("production calendar"), max_length=20, default="ru", blank=True)
    closed_on_holidays = models.BooleanField(_("closed on days off of the calendar"), default=False)
    members = models.ManyToManyField(
        "self", symmetrical=False, blank=True, related_name="aggregates", verbose_name=_("sums up")
    )

    class Meta:
        verbose_name = _("queue")
        verbose_name_plural = _("queues")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class OpeningHours(models.Model):
    """When a queue is open on a weekday, in minutes of its day; a queue without rows is always open."""

    queue = models.ForeignKey(Queue, models.CASCADE, related_name="opening_hours", verbose_name=_("queue"))
    weekday = models.PositiveSmallIntegerField(_("weekday, Monday is 0"))
    opens_minute = models.PositiveSmallIntegerField(_("opens, minute of the day"))
    closes_minute = models.PositiveSmallIntegerField(_("closes, minute of the day"))

    class Meta:
        verbose_name = _("opening hours")
        verbose_name_plural = _("opening hours")
        ordering = ("queue", "weekday", "opens_minute")
        constraints = (
            models.CheckConstraint(condition=models.Q(weekday__lte=6), name="weekday_in_week"),
            models.CheckConstraint(
                condition=models.Q(closes_minute__gt=models.F("opens_minute"))
                & models.Q(closes_minute__lte=1440),
                name="opening_hours_in_order",
            ),
        )

    def __str__(self) -> str:
        return f"{self.queue}: {self.weekday}"


class QueueMembership(models.Model):
    """A person's place in a queue over a span of days."""

    employee = models.ForeignKey(
        Employee, models.CASCADE, related_name="memberships", verbose_name=_("employee")
    )
    queue = models.ForeignKey(Queue, models.CASCADE, related_name="memberships", verbose_name=_("queue"))
    kind = models.CharField(_("kind"), max_length=8, choices=Membership, default=Membership.MAIN)
    productivity = models.DecimalField(
        _("productivity"),
        max_digits=4,
        decimal_places=3,
        default=1,
        validators=[MinValueValidator(0)],
        help_text=_("1 = handles a contact in the queue's average time."),
    )
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid to (last day)"), null=True, blank=True)

    class Meta:
        verbose_name = _("queue membership")
        verbose_name_plural = _("queue memberships")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(valid_to__isnull=True) | models.Q(valid_to__gte=models.F("valid_from")),
                name="membership_dates_in_order",
            ),
            ExclusionConstraint(
                name="one_membership_of_a_queue_at_a_time",
                expressions=[
                    (key_range("employee"), "&&"),
                    (key_range("queue"), "&&"),
                    (date_span(), "&&"),
                ],
            ),
            ExclusionConstraint(
                name="one_main_queue_at_a_time",
                expressions=[(key_range("employee"), "&&"), (date_span(), "&&")],
                condition=models.Q(kind=Membership.MAIN),
            ),
        )

    def __str__(self) -> str:
        return f"{self.employee}: {self.queue}"

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.demand.choices import SpecialDayKind

DAY_MINUTES = 1440


class SpecialDay(models.Model):
    """Days, or hours of days, that see another share of contacts than ordinary ones, and which share.

    It holds for one queue, else for the queues of one calendar, else for all. Coefficients that fall together
    are combined as 1 + sum(k - 1), unless one of them is 0, which wins. A special day tells the whole effect
    of its date, in place of what a forecast would learn of the holiday; the other kinds come on top of what
    the date is.
    """

    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=8, choices=SpecialDayKind, default=SpecialDayKind.DAY)
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    from_minute = models.PositiveSmallIntegerField(_("from minute of the day"), default=0)
    to_minute = models.PositiveSmallIntegerField(_("to minute of the day"), default=DAY_MINUTES)
    coefficient = models.DecimalField(
        _("coefficient"),
        max_digits=7,
        decimal_places=3,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
        help_text=_("1 = as an ordinary day; 1.25 = a quarter more contacts; 0 = none."),
    )
    queue = models.ForeignKey(
        "organization.Queue",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("queue"),
        help_text=_("Empty = all queues."),
    )
    calendar_code = models.SlugField(
        _("only queues of the calendar"), max_length=20, blank=True, help_text=_("Empty = any calendar.")
    )
    note = models.CharField(_("note"), max_length=300, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("by")
    )
    updated_at = models.DateTimeField(_("changed at"), auto_now=True)

    class Meta:
        verbose_name = _("special day")
        verbose_name_plural = _("special days")
        ordering = ("first_day", "id")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(last_day__gte=models.F("first_day")), name="special_days_in_order"
            ),
            models.CheckConstraint(
                condition=models.Q(to_minute__gt=models.F("from_minute"), to_minute__lte=DAY_MINUTES),
                name="special_day_minutes_in_order",
            ),
            models.CheckConstraint(
                condition=models.Q(coefficient__gte=0, coefficient__lte=100),
                name="special_day_coefficient_in_range",
            ),
            models.CheckConstraint(
                condition=models.Q(queue__isnull=True) | models.Q(calendar_code=""),
                name="special_day_of_a_queue_or_a_calendar",
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def is_whole_day(self) -> bool:
        return self.from_minute == 0 and self.to_minute == DAY_MINUTES

from django.conf import settings
from django.db import models
from django.utils.formats import localize
from django.utils.translation import gettext_lazy as _

from apps.workcalendar.choices import DayKind


class ProductionCalendar(models.Model):
    """The working days of a country or region."""

    code = models.SlugField(_("code"), max_length=20, unique=True)
    name = models.CharField(_("name"), max_length=120)

    class Meta:
        verbose_name = _("production calendar")
        verbose_name_plural = _("production calendars")

    def __str__(self) -> str:
        return self.name


class CalendarYear(models.Model):
    """A year for which the calendar is filled; without its row the year's norms are unknown, not guessed."""

    calendar = models.ForeignKey(
        ProductionCalendar, models.CASCADE, related_name="years", verbose_name=_("calendar")
    )
    year = models.PositiveSmallIntegerField(_("year"))
    source = models.CharField(_("source"), max_length=300)

    class Meta:
        verbose_name = _("calendar year")
        verbose_name_plural = _("calendar years")
        constraints = (models.UniqueConstraint(fields=["calendar", "year"], name="calendar_year_once"),)

    def __str__(self) -> str:
        return f"{self.calendar}, {self.year}"


class CalendarDay(models.Model):
    """A day that differs from the plain week (Monday to Friday work, Saturday and Sunday off)."""

    calendar = models.ForeignKey(
        ProductionCalendar, models.CASCADE, related_name="days", verbose_name=_("calendar")
    )
    date = models.DateField(_("date"))
    kind = models.CharField(_("kind"), max_length=8, choices=DayKind)
    is_short = models.BooleanField(_("one hour shorter"), default=False)
    holiday_name = models.CharField(_("holiday"), max_length=120, blank=True)
    moved_from = models.DateField(_("moved from"), null=True, blank=True)

    class Meta:
        verbose_name = _("calendar day")
        verbose_name_plural = _("calendar days")
        ordering = ("date",)
        constraints = (models.UniqueConstraint(fields=["calendar", "date"], name="calendar_day_once"),)

    def __str__(self) -> str:
        return f"{localize(self.date)}: {self.get_kind_display()}"


class CalendarOverride(models.Model):
    """A day that an administrator set otherwise than the calendar, with the reason."""

    calendar = models.ForeignKey(
        ProductionCalendar, models.CASCADE, related_name="overrides", verbose_name=_("calendar")
    )
    date = models.DateField(_("date"))
    kind = models.CharField(_("kind"), max_length=8, choices=DayKind)
    is_short = models.BooleanField(_("one hour shorter"), default=False)
    note = models.CharField(_("note"), max_length=300)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("set by")
    )
    created_at = models.DateTimeField(_("set at"), auto_now_add=True)

    class Meta:
        verbose_name = _("calendar override")
        verbose_name_plural = _("calendar overrides")
        ordering = ("date",)
        constraints = (
            models.UniqueConstraint(fields=["calendar", "date"], name="calendar_override_once"),
            models.CheckConstraint(condition=~models.Q(note=""), name="calendar_override_has_note"),
        )

    def __str__(self) -> str:
        return f"{localize(self.date)}: {self.get_kind_display()}"

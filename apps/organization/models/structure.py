from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.core.ranges import date_span, key_range


class Site(models.Model):
    """A place where people work; its zone and production calendar hold for them."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=120)
    time_zone = models.CharField(_("time zone"), max_length=64)
    calendar_code = models.SlugField(_("production calendar"), max_length=20, default="ru")
    latitude = models.DecimalField(_("latitude"), max_digits=8, decimal_places=5, null=True, blank=True)
    longitude = models.DecimalField(_("longitude"), max_digits=8, decimal_places=5, null=True, blank=True)

    class Meta:
        verbose_name = _("site")
        verbose_name_plural = _("sites")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Department(models.Model):
    """A node of the organisational tree; its manager and deputies answer for all people below it."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    external_id = models.CharField(
        _("external id"), max_length=64, blank=True, help_text=_("In the personnel system.")
    )
    name = models.CharField(_("name"), max_length=120)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("parent")
    )
    manager = models.ForeignKey(
        "organization.Employee",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="managed_departments",
        verbose_name=_("manager"),
    )

    class Meta:
        verbose_name = _("department")
        verbose_name_plural = _("departments")
        ordering = ("name",)
        constraints = (
            models.UniqueConstraint(
                fields=["external_id"],
                condition=~models.Q(external_id=""),
                name="department_external_id_unique",
            ),
        )

    def __str__(self) -> str:
        return self.name


class DeputyPeriod(models.Model):
    """Days on which somebody stands in for a department's manager."""

    department = models.ForeignKey(
        Department, models.CASCADE, related_name="deputies", verbose_name=_("department")
    )
    employee = models.ForeignKey(
        "organization.Employee", models.CASCADE, related_name="deputy_periods", verbose_name=_("deputy")
    )
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid to (last day)"))

    class Meta:
        verbose_name = _("deputy")
        verbose_name_plural = _("deputies")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(valid_to__gte=models.F("valid_from")), name="deputy_dates_in_order"
            ),
            ExclusionConstraint(
                name="one_deputy_period_at_a_time",
                expressions=[
                    (key_range("department"), "&&"),
                    (key_range("employee"), "&&"),
                    (date_span(), "&&"),
                ],
            ),
        )

    def __str__(self) -> str:
        return f"{self.department}: {self.employee}"


class Position(models.Model):
    """A job title; people whose position is not planned get no shifts."""

    name = models.CharField(_("name"), max_length=120, unique=True)
    external_id = models.CharField(
        _("external id"), max_length=64, blank=True, help_text=_("In the personnel system.")
    )
    is_planned = models.BooleanField(_("planned"), default=True)

    class Meta:
        verbose_name = _("position")
        verbose_name_plural = _("positions")
        ordering = ("name",)
        constraints = (
            models.UniqueConstraint(
                fields=["external_id"],
                condition=~models.Q(external_id=""),
                name="position_external_id_unique",
            ),
        )

    def __str__(self) -> str:
        return self.name

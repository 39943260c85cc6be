from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.accounts.choices import Density, Role, Theme


class User(AbstractUser):
    """A person who signs in. What they may do comes from their role grants."""

    language = models.CharField(_("language"), max_length=5, blank=True, choices=settings.LANGUAGES)
    theme = models.CharField(_("theme"), max_length=8, choices=Theme, default=Theme.SYSTEM)
    density = models.CharField(_("density"), max_length=11, choices=Density, default=Density.COMFORTABLE)

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")


class RoleGrant(models.Model):
    """A role held over days; a supervisor's, and no other, names the department it covers, with all below."""

    user = models.ForeignKey(User, models.CASCADE, related_name="grants", verbose_name=_("user"))
    role = models.CharField(_("role"), max_length=16, choices=Role)
    department = models.ForeignKey(
        "organization.Department",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("department"),
    )
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid to (last day)"), null=True, blank=True)

    class Meta:
        verbose_name = _("role grant")
        verbose_name_plural = _("role grants")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(valid_to__isnull=True) | models.Q(valid_to__gte=models.F("valid_from")),
                name="grant_dates_in_order",
            ),
            models.CheckConstraint(
                condition=~models.Q(role=Role.SUPERVISOR) | models.Q(department__isnull=False),
                name="supervisor_grant_has_department",
                violation_error_message=_("A supervisor's role needs a department."),
            ),
            models.CheckConstraint(
                condition=models.Q(role=Role.SUPERVISOR) | models.Q(department__isnull=True),
                name="only_supervisor_grant_has_department",
                violation_error_message=_("Only a supervisor's role is for a department."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()}"

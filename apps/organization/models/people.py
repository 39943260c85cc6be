from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.formats import localize
from django.utils.translation import gettext_lazy as _

from apps.core.ranges import date_span, key_range
from apps.organization.choices import Restriction
from apps.organization.models.structure import Department, Position, Site


class Employee(models.Model):
    """A person who can be planned; facts that change with time are in `EmploymentTerms`."""

    personnel_number = models.CharField(
        _("personnel number"), max_length=20, unique=True, help_text=_("Text: leading zeros count.")
    )
    external_id = models.CharField(_("external id"), max_length=64, blank=True, db_index=True)
    last_name = models.CharField(_("last name"), max_length=80)
    first_name = models.CharField(_("first name"), max_length=80)
    middle_name = models.CharField(_("patronymic"), max_length=80, blank=True)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="employee",
        verbose_name=_("user"),
    )
    hired_on = models.DateField(_("hired on"))
    dismissed_on = models.DateField(_("last working day"), null=True, blank=True)

    class Meta:
        verbose_name = _("employee")
        verbose_name_plural = _("employees")
        ordering = ("last_name", "first_name", "id")
        indexes = (models.Index(fields=["last_name", "first_name", "id"], name="employee_by_name"),)
        constraints = (
            models.UniqueConstraint(
                fields=["external_id"], condition=~models.Q(external_id=""), name="external_id_unique"
            ),
            models.CheckConstraint(
                condition=models.Q(dismissed_on__isnull=True)
                | models.Q(dismissed_on__gte=models.F("hired_on")),
                name="employment_dates_in_order",
            ),
        )

    def __str__(self) -> str:
        return " ".join(part for part in (self.last_name, self.first_name, self.middle_name) if part)


class EmploymentTerms(models.Model):
    """The contract facts of a person over days; a change is a new row, so the past stays as it was."""

    employee = models.ForeignKey(Employee, models.CASCADE, related_name="terms", verbose_name=_("employee"))
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid to (last day)"), null=True, blank=True)
    position = models.ForeignKey(Position, models.PROTECT, related_name="+", verbose_name=_("position"))
    department = models.ForeignKey(
        Department, models.PROTECT, related_name="terms", verbose_name=_("department")
    )
    site = models.ForeignKey(Site, models.PROTECT, related_name="terms", verbose_name=_("site"))
    time_zone = models.CharField(
        _("own time zone"), max_length=64, blank=True, help_text=_("Empty: that of the site.")
    )
    rate = models.DecimalField(
        _("rate"), max_digits=4, decimal_places=3, default=1, validators=[MinValueValidator(0)]
    )
    weekly_norm_minutes = models.PositiveIntegerField(
        _("weekly norm, minutes"),
        default=2400,
        validators=[MaxValueValidator(3600)],
        help_text=_("Already scaled by the rate."),
    )
    max_shift_minutes = models.PositiveIntegerField(_("longest shift, minutes"), null=True, blank=True)
    overtime_consent = models.BooleanField(_("consents to overtime"), default=False)
    night_consent = models.BooleanField(_("consents to night work"), default=True)

    class Meta:
        verbose_name = _("employment terms")
        verbose_name_plural = _("employment terms")
        ordering = ("employee", "valid_from")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(valid_to__isnull=True) | models.Q(valid_to__gte=models.F("valid_from")),
                name="terms_dates_in_order",
            ),
            ExclusionConstraint(
                name="one_set_of_terms_at_a_time",
                expressions=[(key_range("employee"), "&&"), (date_span(), "&&")],
            ),
        )

    def __str__(self) -> str:
        return f"{self.employee}: {localize(self.valid_from)}"


class PersonalLimit(models.Model):
    """A personal fact that limits work by law, seen only by those who may."""

    employee = models.ForeignKey(Employee, models.CASCADE, related_name="limits", verbose_name=_("employee"))
    kind = models.CharField(_("kind"), max_length=16, choices=Restriction)
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid to (last day)"), null=True, blank=True)

    class Meta:
        verbose_name = _("personal limit")
        verbose_name_plural = _("personal limits")

    def __str__(self) -> str:
        return f"{self.employee}: {self.get_kind_display()}"


class Skill(models.Model):
    """What a person can be trained in."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=120)

    class Meta:
        verbose_name = _("skill")
        verbose_name_plural = _("skills")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class EmployeeSkill(models.Model):
    """How well a person has a skill, 1 (learning) to 5 (expert)."""

    employee = models.ForeignKey(Employee, models.CASCADE, related_name="skills", verbose_name=_("employee"))
    skill = models.ForeignKey(Skill, models.PROTECT, related_name="holders", verbose_name=_("skill"))
    proficiency = models.PositiveSmallIntegerField(
        _("proficiency"), validators=[MinValueValidator(1), MaxValueValidator(5)]
    )

    class Meta:
        verbose_name = _("employee skill")
        verbose_name_plural = _("employee skills")
        constraints = (
            models.UniqueConstraint(fields=["employee", "skill"], name="skill_once_per_employee"),
            models.CheckConstraint(
                condition=models.Q(proficiency__range=(1, 5)), name="proficiency_one_to_five"
            ),
        )

    def __str__(self) -> str:
        return f"{self.employee}: {self.skill}"

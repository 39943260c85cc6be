from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.workcalendar.choices import TimeCodeCategory


class TimeCode(models.Model):
    """A code of the T-13 timesheet."""

    letter = models.CharField(_("letter code"), max_length=4, unique=True)
    number = models.CharField(_("digit code"), max_length=2, blank=True)
    name = models.CharField(_("name"), max_length=160)
    category = models.CharField(_("category"), max_length=8, choices=TimeCodeCategory)
    bears_hours = models.BooleanField(_("bears hours"), default=False)
    counts_toward_norm = models.BooleanField(_("counts toward the norm"), default=False)
    reduces_norm = models.BooleanField(_("reduces the norm"), default=False)
    priority = models.PositiveSmallIntegerField(_("priority"), default=100)

    class Meta:
        verbose_name = _("time code")
        verbose_name_plural = _("time codes")
        ordering = ("number", "letter")

    def __str__(self) -> str:
        return f"{self.letter} {self.name}"


class ActivityKind(models.Model):
    """What a person does in a part of a shift."""

    code = models.SlugField(_("code"), max_length=20, unique=True)
    name_ru = models.CharField(_("name in Russian"), max_length=80)
    name_en = models.CharField(_("name in English"), max_length=80)
    abbreviation = models.CharField(_("short form"), max_length=4)
    is_paid = models.BooleanField(_("paid"), default=True)
    is_productive = models.BooleanField(_("covers the requirement"), default=False)

    class Meta:
        verbose_name = _("activity kind")
        verbose_name_plural = _("activity kinds")
        ordering = ("code",)

    def __str__(self) -> str:
        return self.name_en


class AbsenceKind(models.Model):
    """Why a person is away."""

    code = models.SlugField(_("code"), max_length=20, unique=True)
    name_ru = models.CharField(_("name in Russian"), max_length=80)
    name_en = models.CharField(_("name in English"), max_length=80)
    time_code = models.ForeignKey(TimeCode, models.PROTECT, related_name="+", verbose_name=_("time code"))
    reduces_norm = models.BooleanField(_("reduces the norm"), default=True)
    counts_as_absenteeism = models.BooleanField(_("counts as absenteeism"), default=False)

    class Meta:
        verbose_name = _("absence kind")
        verbose_name_plural = _("absence kinds")
        ordering = ("code",)

    def __str__(self) -> str:
        return self.name_en

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.forecasts.choices import Activation


class ForecastActivation(models.Model):
    """When a version became the one that is planned from, by whom, why, and which versions it replaced."""

    version = models.ForeignKey(
        "forecasts.ForecastVersion", models.CASCADE, related_name="activations", verbose_name=_("version")
    )
    kind = models.CharField(_("how"), max_length=11, choices=Activation, default=Activation.ACTIVATED)
    replaced = ArrayField(models.BigIntegerField(), verbose_name=_("versions replaced"), default=list)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("by")
    )
    created_at = models.DateTimeField(_("at"), auto_now_add=True)

    class Meta:
        verbose_name = _("forecast activation")
        verbose_name_plural = _("forecast activations")
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.version}: {self.get_kind_display()}"

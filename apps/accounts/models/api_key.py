from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.accounts.models.user import User
from apps.core import clock


class ApiKey(models.Model):
    """What a program signs its requests with. Only a digest of the secret is kept: nobody can read it back.

    The digest is a plain SHA-256: the secret is 256 random bits, which no dictionary holds.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="api_keys", verbose_name=_("service user"))
    name = models.CharField(_("name"), max_length=120, help_text=_("Who uses it, and for what."))
    prefix = models.CharField(_("begins with"), max_length=16, unique=True)
    secret_sha256 = models.CharField(max_length=64, unique=True, editable=False)
    scopes = ArrayField(models.CharField(max_length=120), verbose_name=_("scopes"))
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("created by"),
    )
    created_at = models.DateTimeField(_("created at"), default=clock.now)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)
    last_address = models.GenericIPAddressField(_("last used from"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")
        ordering = ("-created_at", "-id")
        constraints = (
            models.CheckConstraint(condition=models.Q(scopes__len__gt=0), name="api_key_has_scopes"),
        )

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

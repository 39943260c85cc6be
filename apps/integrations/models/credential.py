from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.core import clock
from apps.core.encryption import EncryptedField


class Credential(models.Model):
    """A secret of a connection: kept sealed, set as a whole, never shown again."""

    id = models.UUIDField(
        _("id"), primary_key=True, default=uuid.uuid4, editable=False
    )  # sealed with the value
    connection = models.ForeignKey(
        "integrations.Connection", models.CASCADE, related_name="credentials", verbose_name=_("connection")
    )
    name = models.CharField(_("name"), max_length=20)
    value = EncryptedField(_("value"))
    set_at = models.DateTimeField(_("set at"), default=clock.now)

    class Meta:
        verbose_name = _("credential")
        verbose_name_plural = _("credentials")
        constraints = (
            models.UniqueConstraint(fields=["connection", "name"], name="credential_once_per_name"),
        )

    def __str__(self) -> str:
        return f"{self.connection_id} {self.name}"

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.core import clock


class RepeatKey(models.Model):
    """A request that says by its `Idempotency-Key` that it may come again, and the answer it got.

    The row is written in the transaction of the effect: there is one without the other never.
    """

    owner = models.CharField(_("owner"), max_length=40)
    key = models.CharField(_("key"), max_length=255)
    method = models.CharField(_("method"), max_length=8)
    path = models.CharField(_("address"), max_length=500)
    body_sha256 = models.CharField(_("digest of the body"), max_length=64)
    status = models.PositiveSmallIntegerField(_("status"), default=0)
    headers = models.JSONField(_("headers"), default=dict)
    answer = models.BinaryField(_("answer"), default=b"")
    rights = models.JSONField(
        _("rights of who asked"), default=list, db_default=models.Value([], output_field=models.JSONField())
    )
    created_at = models.DateTimeField(_("created at"), default=clock.now, db_index=True)

    class Meta:
        verbose_name = _("key of a repeatable request")
        verbose_name_plural = _("keys of repeatable requests")
        constraints = (models.UniqueConstraint(fields=["owner", "key"], name="repeat_key_once_per_owner"),)

    def __str__(self) -> str:
        return f"{self.owner} {self.key}"

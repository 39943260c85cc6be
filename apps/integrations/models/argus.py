from __future__ import annotations

import io
from typing import IO

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.core.phrases import Phrase, PhraseField
from apps.integrations.choices import ArgusState, ArgusTable


class ArgusImport(models.Model):
    """One table of Argus that was checked, applied or refused, with its counts.

    `target` says where it goes (queue and days, variant, names); `details` how it was read: format, columns,
    names that were not known. Counts of a dry run are those that applying it then would have had.
    """

    table = models.CharField(_("table"), max_length=10, choices=ArgusTable)
    file_name = models.CharField(_("file"), max_length=255)
    sha256 = models.CharField(_("SHA-256"), max_length=64, blank=True)
    state = models.CharField(_("state"), max_length=8, choices=ArgusState)
    reason = PhraseField(_("why refused"), blank=True, default=Phrase)
    target = models.JSONField(_("target"), default=dict)
    details = models.JSONField(_("what was read"), default=dict)
    rows_read = models.PositiveIntegerField(_("rows read"), default=0)
    rows_loaded = models.PositiveIntegerField(_("rows loaded"), default=0)
    rows_unchanged = models.PositiveIntegerField(_("rows unchanged"), default=0)
    rows_refused = models.PositiveIntegerField(_("rows refused"), default=0)
    seconds = models.FloatField(_("seconds"), default=0)
    job_id = models.UUIDField(_("job"), null=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("by")
    )
    created_at = models.DateTimeField(_("at"), auto_now_add=True)

    class Meta:
        verbose_name = _("Argus import")
        verbose_name_plural = _("Argus imports")
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.file_name


class ArgusRefusal(models.Model):
    """A row that did not load, and why."""

    batch = models.ForeignKey(
        ArgusImport, models.CASCADE, related_name="refusals", verbose_name=_("Argus import")
    )
    line = models.PositiveIntegerField(_("line"))
    column = models.CharField(_("column"), max_length=60, blank=True)
    reason = PhraseField(_("reason"))
    value = models.CharField(_("value"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("refused row")
        verbose_name_plural = _("refused rows")
        ordering = ("batch", "line", "id")

    def __str__(self) -> str:
        return f"{self.line}: {self.reason}"


class ArgusUpload(models.Model):
    """A file on its way to the worker that will read it; gone when the import has ended."""

    file_name = models.CharField(_("file"), max_length=255)
    content = models.BinaryField(_("content"))
    created_at = models.DateTimeField(_("at"), auto_now_add=True)

    class Meta:
        verbose_name = _("upload")
        verbose_name_plural = _("uploads")

    def __str__(self) -> str:
        return self.file_name

    def opened(self) -> IO[bytes]:
        """Give the content as a file."""
        return io.BytesIO(self.content)

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.core.phrases import Phrase, PhraseField
from apps.demand.choices import ImportState


class ImportBatch(models.Model):
    """One file of interval history that was checked, applied or refused, with its counts.

    `details` says how the file was read: separator, columns, names that were not known, step. Counts of a dry
    run are those that applying the same file would have had.
    """

    queue = models.ForeignKey("organization.Queue", models.PROTECT, related_name="+", verbose_name=_("queue"))
    file_name = models.CharField(_("file"), max_length=255)
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    source = models.CharField(_("source"), max_length=300, blank=True)
    state = models.CharField(_("state"), max_length=8, choices=ImportState)
    reason = PhraseField(_("why refused"), blank=True, default=Phrase)
    details = models.JSONField(_("what was read"), default=dict)
    rows_read = models.PositiveIntegerField(_("rows read"), default=0)
    rows_loaded = models.PositiveIntegerField(_("rows loaded"), default=0)
    rows_unchanged = models.PositiveIntegerField(_("rows unchanged"), default=0)
    rows_refused = models.PositiveIntegerField(_("rows refused"), default=0)
    first_start = models.DateTimeField(_("first interval"), null=True)
    last_start = models.DateTimeField(_("last interval"), null=True)
    weeks_shifted = models.SmallIntegerField(_("weeks shifted"), default=0)
    seconds = models.FloatField(_("seconds"), default=0)
    job_id = models.UUIDField(_("job"), null=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("by")
    )
    created_at = models.DateTimeField(_("at"), auto_now_add=True)

    class Meta:
        verbose_name = _("history import")
        verbose_name_plural = _("history imports")
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.file_name


class ImportRowError(models.Model):
    """A row that did not load, and why."""

    batch = models.ForeignKey(ImportBatch, models.CASCADE, related_name="errors", verbose_name=_("import"))
    line = models.PositiveIntegerField(_("line"))
    column = models.CharField(_("column"), max_length=60, blank=True)
    reason = PhraseField(_("reason"))
    value = models.CharField(_("value"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("refused row")
        verbose_name_plural = _("refused rows")
        ordering = ("batch", "line")

    def __str__(self) -> str:
        return f"{self.line}: {self.reason}"


class ImportUpload(models.Model):
    """A file on its way to the worker that will read it; gone when the import has ended."""

    file_name = models.CharField(_("file"), max_length=255)
    content = models.BinaryField(_("content"))
    created_at = models.DateTimeField(_("at"), auto_now_add=True)

    class Meta:
        verbose_name = _("upload")
        verbose_name_plural = _("uploads")

    def __str__(self) -> str:
        return self.file_name

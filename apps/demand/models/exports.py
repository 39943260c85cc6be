from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class HistoryExport(models.Model):
    """A file of history that a job has made, kept for some days for whoever asked for it."""

    file_name = models.CharField(_("file"), max_length=255)
    content = models.BinaryField(_("content"))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("by")
    )
    created_at = models.DateTimeField(_("at"), auto_now_add=True)

    class Meta:
        verbose_name = _("file of history")
        verbose_name_plural = _("files of history")

    def __str__(self) -> str:
        return self.file_name

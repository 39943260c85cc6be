from django.db import models
from django.utils.translation import gettext_lazy as _


class ImportState(models.TextChoices):
    CHECKED = "checked", _("Checked (dry run)")
    APPLIED = "applied", _("Applied")
    REFUSED = "refused", _("Refused")


class CorrectionAction(models.TextChoices):
    """What a correction does to the intervals of its span; the recorded figures stay as they were."""

    EXCLUDE = "exclude", _("Left out")
    EXPECTED = "expected", _("Replaced by the usual value (median)")
    AVERAGE = "average", _("Replaced by the average")
    VALUE = "value", _("Replaced by a given value")
    RESTORE = "restore", _("As recorded")
    UNDO = "undo", _("Undone")


REPLACING = (CorrectionAction.EXPECTED, CorrectionAction.AVERAGE, CorrectionAction.VALUE)


class SpecialDayKind(models.TextChoices):
    DAY = "day", _("Special day")
    EVENT = "event", _("Event")
    CAMPAIGN = "campaign", _("Campaign")
    MAILING = "mailing", _("Mailing")
    OUTAGE = "outage", _("Outage")

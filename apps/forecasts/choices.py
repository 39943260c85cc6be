from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from apps.core.phrases import Phrase


class VersionState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    ACTIVE = "active", _("Active")
    ARCHIVED = "archived", _("Archived")


NAIVE_MODEL = "week_naive"
MODEL_NAMES = {
    "ensemble": gettext_noop("mean of the models"),
    "factors": gettext_noop("day and interval factors"),
    "decomposition": gettext_noop("seasonal decomposition"),
    "smoothing": gettext_noop("seasonal smoothing"),
    NAIVE_MODEL: gettext_noop("as the week before"),
}


def model_phrase(model: str) -> Phrase:
    """Name a forecasting model; one without a name keeps its code."""
    return Phrase(MODEL_NAMES[model]) if model in MODEL_NAMES else Phrase.plain(model)


class Activation(models.TextChoices):
    ACTIVATED = "activated", _("Activated")
    ROLLED_BACK = "rolled_back", _("Rolled back to")


class Measure(models.TextChoices):
    CALLS = "calls", _("Contacts")
    AHT = "aht", _("AHT, seconds")


class Operation(models.TextChoices):
    MULTIPLY = "multiply", _("Multiply by a factor")
    SET_TOTAL = "set_total", _("Set the total of the span")
    ADD_TOTAL = "add_total", _("Add to the total of the span")
    SET = "set", _("Set each interval")
    ADD = "add", _("Add to each interval")

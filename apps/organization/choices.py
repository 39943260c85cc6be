from django.db import models
from django.utils.translation import gettext_lazy as _


class Channel(models.TextChoices):
    VOICE = "voice", _("Voice")
    CHAT = "chat", _("Chat")
    EMAIL = "email", _("E-mail")
    OUTBOUND = "outbound", _("Outbound")


class Membership(models.TextChoices):
    MAIN = "main", _("Main")
    RESERVE = "reserve", _("Reserve")


class Restriction(models.TextChoices):
    """Personal facts from which labour law derives limits; shown only to those who may see them."""

    MINOR = "minor", _("Under 18")
    PREGNANT = "pregnant", _("Pregnant")
    NO_NIGHT = "no_night", _("No night work")
    NO_OVERTIME = "no_overtime", _("No overtime")
    DISABLED = "disabled", _("Disability")

from django.db import models
from django.utils.translation import gettext_lazy as _


class Transport(models.TextChoices):
    """How a contact centre's data came in."""

    PUSH = "push", _("Sent by the centre")
    SOCKET = "socket", _("Socket")
    POLL = "poll", _("Polled")
    PULL = "pull", _("History asked for")
    SIMULATED = "simulated", _("Simulated")


class EventKind(models.TextChoices):
    """What a centre told of an agent's status."""

    ENTER = "enter", _("Entered")
    EXIT = "exit", _("Left")
    SPAN = "span", _("From – to")
    ABSENT = "absent", _("No longer listed")


class FeedState(models.TextChoices):
    """How a live feed is doing: `fallback` is polling while the socket is away."""

    LIVE = "live", _("Live")
    FALLBACK = "fallback", _("Polled instead")
    DOWN = "down", _("Down")

from __future__ import annotations

from django.core.serializers.json import DjangoJSONEncoder
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.core import clock
from apps.integrations.choices import Authentication, Dialect, System

MOST_TIMEOUT_S = 300
MOST_PARALLEL = 50
ANSWER_BYTES = 100_000_000


class Connection(models.Model):
    """One outside system: where it is, how it is spoken to, within which limits."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=120)
    system = models.CharField(_("system"), max_length=16, choices=System)
    dialect = models.CharField(_("dialect"), max_length=10, choices=Dialect, default=Dialect.STANDARD)
    base_url = models.CharField(_("address"), max_length=300)
    time_zone = models.CharField(
        _("time zone"), max_length=64, default="Europe/Moscow", help_text=_("Of the other system's days.")
    )
    authentication = models.CharField(
        _("sign-in"), max_length=8, choices=Authentication, default=Authentication.BASIC
    )
    username = models.CharField(_("user name"), max_length=120, blank=True)
    timeout_s = models.PositiveSmallIntegerField(
        _("time-out, seconds"),
        default=30,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_TIMEOUT_S)],
        help_text=_("Of a whole call, from the connection to the last byte."),
    )
    max_answer_bytes = models.PositiveBigIntegerField(
        _("longest answer, bytes"), default=ANSWER_BYTES, validators=[MinValueValidator(1024)]
    )
    max_parallel = models.PositiveSmallIntegerField(
        _("operations at once"),
        default=5,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_PARALLEL)],
    )
    options = models.JSONField(_("options"), default=dict, blank=True, encoder=DjangoJSONEncoder)
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("created at"), default=clock.now, editable=False)

    class Meta:
        verbose_name = _("connection")
        verbose_name_plural = _("connections")
        ordering = ("name",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(timeout_s__range=(1, MOST_TIMEOUT_S)), name="connection_timeout_in_range"
            ),
            models.CheckConstraint(
                condition=models.Q(max_parallel__range=(1, MOST_PARALLEL)),
                name="connection_parallel_in_range",
            ),
        )

    def __str__(self) -> str:
        return self.name

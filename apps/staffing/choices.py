from django.db import models
from django.utils.translation import gettext_lazy as _


class QueueModel(models.TextChoices):
    ERLANG_C = "erlang_c", _("Erlang C (nobody hangs up)")
    ERLANG_A = "erlang_a", _("Erlang A (with patience)")


class RequirementState(models.TextChoices):
    ACTIVE = "active", _("Active")
    ARCHIVED = "archived", _("Archived")


class Coefficient(models.TextChoices):
    RESERVE = "reserve", _("Reserve, factor")
    MINIMUM = "minimum", _("Least agents")
    ABSENTEEISM = "absenteeism", _("Unplanned absence, share")

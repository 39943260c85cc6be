from django.db import models
from django.utils.translation import gettext_lazy as _


class RuleMode(models.TextChoices):
    IGNORE = "ignore", _("Ignore")
    WARN = "warn", _("Warn")
    HARD = "hard", _("Hard")


class RuleSpan(models.TextChoices):
    PLANNING = "planning", _("Planning only")
    ALWAYS = "always", _("Planning and edits")


class VariantState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    PUBLISHED = "published", _("Published")
    ARCHIVED = "archived", _("Archived")

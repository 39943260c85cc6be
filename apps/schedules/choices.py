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


class EditKind(models.TextChoices):
    """What an edit does; several commands at once are a batch."""

    MOVE = "move", _("Move")
    RESIZE = "resize", _("Change of hours")
    SPLIT = "split", _("Split")
    SWAP = "swap", _("Swap")
    COPY = "copy", _("Copy")
    DELETE = "delete", _("Deletion")
    ADD = "add", _("New shift")
    PLACE_ACTIVITY = "place_activity", _("Activity placed")
    MOVE_ACTIVITY = "move_activity", _("Activity moved")
    REMOVE_ACTIVITY = "remove_activity", _("Activity removed")
    BATCH = "batch", _("Several changes")
    UNDO = "undo", _("Undo")
    REDO = "redo", _("Redo")


class EditState(models.TextChoices):
    DONE = "done", _("Done")
    UNDONE = "undone", _("Undone")
    DISCARDED = "discarded", _("Undone for good")
    OVERTAKEN = "overtaken", _("Left as it is")


class EditSource(models.TextChoices):
    PAGE = "page", _("Page")
    API = "api", _("API")
    REQUEST = "request", _("Request")
    PROPOSAL = "proposal", _("Proposal")
    IMPORT = "import", _("Import")

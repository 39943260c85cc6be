"""The one way in which shifts of a variant are changed: preview, apply, undo, redo."""

from apps.schedules.services.editing.applying import apply, preview
from apps.schedules.services.editing.turning import redo, undo, what_undo_skips

__all__ = ["apply", "preview", "redo", "undo", "what_undo_skips"]

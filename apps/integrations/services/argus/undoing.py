"""Taking the shifts of an import back: all its edits, the last one first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from apps.core.errors import ConflictError, NotFoundError
from apps.integrations.choices import ArgusTable
from apps.integrations.models import ArgusImport
from apps.integrations.policies import require_operating
from apps.schedules.choices import EditState
from apps.schedules.models import ScheduleEdit
from apps.schedules.services import editing

if TYPE_CHECKING:
    from apps.accounts.models import User


def edits_to_undo(batch: ArgusImport) -> list[int]:
    """Give the edits of an import that stand, the last one first."""
    ids = batch.details.get("edits", []) if batch.table == ArgusTable.SCHEDULES else []
    rows = ScheduleEdit.objects.filter(pk__in=ids, state=EditState.DONE).order_by("-number")
    return list(rows.values_list("pk", flat=True))


def undo_import(*, import_id: int, actor: User | None) -> int:
    """Undo every edit of an import that stands and give their number; again, there is nothing to undo.

    A large import has several edits; each is undone whole, and whoever edited one of its shifts since stops
    it there (`StaleError`). Raises `NotFoundError`, and `ConflictError` where nothing is left to undo.
    """
    require_operating(actor)
    batch = ArgusImport.objects.filter(pk=import_id).first()
    if batch is None:
        raise NotFoundError(_("There is no such import."))
    edits = edits_to_undo(batch)
    if not edits:
        raise ConflictError(_("Nothing of this import is left to undo."))
    for edit_id in edits:
        editing.undo(variant_id=batch.target["variant_id"], actor=actor, edit_id=edit_id)
    return len(edits)

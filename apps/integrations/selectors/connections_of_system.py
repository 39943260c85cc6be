"""Which connection of a system is meant when a request names it, or does not."""

from __future__ import annotations

from django.utils.translation import gettext as _

from apps.core.errors import ConflictError, NotFoundError
from apps.integrations.models import Connection


def connection_of_system(system: str, code: str = "") -> Connection:
    """Give the active connection of `system` called `code`, or the only one there is.

    Raises `NotFoundError` when there is none, `ConflictError` when several are there and none is named.
    """
    found = Connection.objects.filter(system=system, is_active=True).order_by("code")
    if code:
        found = found.filter(code=code)
    rows = list(found[:2])
    if not rows:
        raise NotFoundError(_("There is no such active connection."))
    if len(rows) > 1:
        message = _("There are several connections of this system: name one of them.")
        raise ConflictError(message, fields={"connection": [message]})
    return rows[0]

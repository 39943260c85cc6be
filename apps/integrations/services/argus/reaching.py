"""Whether the address of an Argus is one; nothing is asked of it otherwise."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from apps.integrations.choices import System
from apps.integrations.errors import ExchangeError
from apps.integrations.registry import connection_test
from apps.integrations.wire.client import call

if TYPE_CHECKING:
    from apps.integrations.types import Access

ANY_ANSWER = tuple(range(200, 500))


@connection_test(System.ARGUS)
def reach(access: Access) -> list[tuple[bool, str]]:
    """Ask for the address itself; any answer of a web server will do."""
    if not access.base_url:
        return [(True, _("No address is set: Argus exports files, and they are imported here."))]
    try:
        answer = call(
            access,
            "GET",
            "",
            endpoint="argus.reach",
            session_id=uuid.uuid4(),
            accept_status=ANY_ANSWER,
            needs_body=False,
        )
    except ExchangeError as error:
        return [(False, str(error))]
    return [(True, _("Something answers at the address (HTTP %(status)d).") % {"status": answer.status})]

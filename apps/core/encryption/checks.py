"""What is wrong with the keys of stored secrets is told before anything is written."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

from apps.core.encryption.errors import WrongKeysError
from apps.core.encryption.keys import key_ring

if TYPE_CHECKING:
    from collections.abc import Iterator

ADVICE = "`python manage.py rotate_keys --new-key` prints one; write name:key, several between commas."


@register(Tags.security)
def check_keys(**_kwargs: Any) -> list[CheckMessage]:
    return list(_findings())


def _findings() -> Iterator[CheckMessage]:
    try:
        key_ring()
    except (WrongKeysError, OSError) as error:
        yield Error(str(error), hint=ADVICE, id="wfm.E011")
        return
    path = None if settings.FIELD_KEYS else Path(settings.FIELD_KEYS_FILE)
    if path and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        yield Error(f"Others may read the file of keys {path}.", hint=f"chmod 600 {path}", id="wfm.E012")

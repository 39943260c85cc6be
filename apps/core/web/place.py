"""Where the reader last was - queue, group, month - so that the sidebar leads there again."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.http import HttpRequest

_KEY = "place"


def remember(request: HttpRequest, **names: str) -> None:
    """Keep what the page is about in the session; nothing is written when nothing changed."""
    place = dict(request.session.get(_KEY, {}))
    if any(place.get(key) != value for key, value in names.items()):
        request.session[_KEY] = {**place, **names}


def recall(request: HttpRequest, name: str) -> str:
    """Give what was kept under `name`, or an empty string."""
    return str(request.session.get(_KEY, {}).get(name, ""))

"""Which version of a thing a person saw: strong entity tags, and edits that say what they build on."""

from __future__ import annotations

import hashlib
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from rest_framework.response import Response

from apps.core.errors import StaleError
from apps.core.web.api.rendering import as_json

if TYPE_CHECKING:
    from rest_framework.request import Request

TAG_LENGTH = 22


def version_tag(*parts: object) -> str:
    """Make the tag of a thing that counts its versions: `version_tag("shift", shift.pk, shift.revision)`."""
    return f'"{"-".join(str(part) for part in parts)}"'


def content_tag(data: Any) -> str:
    """Make the tag of a thing that counts no versions, from how it is shown (anything with a JSON form)."""
    return f'"{hashlib.sha256(as_json(data)).hexdigest()[:TAG_LENGTH]}"'


def match_or_refuse(request: Request, tag: str, **newer: Any) -> None:
    """Refuse with `StaleError` (412) unless `If-Match` is absent, `*`, or names `tag`.

    Call it with the row locked, so that nothing changes between the look and the write. The problem document
    tells the tag that holds now (`etag`, also as header) and what else is given in `newer`.
    """
    wanted = request.headers.get("If-Match")
    if wanted is None or _names(wanted, tag):
        return
    raise StaleError(_("Somebody changed it meanwhile: read it again."), etag=tag, **newer)


def tagged(request: Request, data: Any, *, tag: str = "", status: int = HTTPStatus.OK) -> Response:
    """Answer with `data` and its tag; 304 when the reader has it already (`If-None-Match`)."""
    tag = tag or content_tag(data)
    known = request.headers.get("If-None-Match")
    if known is not None and request.method in {"GET", "HEAD"} and _names(known, tag, weakly=True):
        return Response(status=HTTPStatus.NOT_MODIFIED, headers={"ETag": tag})
    return Response(data, status=status, headers={"ETag": tag})


def _names(header: str, tag: str, *, weakly: bool = False) -> bool:
    """Tell whether a list of tags names `tag`; a weak one (`W/`) counts only for reading."""
    for text in header.split(","):
        named = text.strip()
        if named in {"*", tag} or (weakly and named == f"W/{tag}"):
            return True
    return False

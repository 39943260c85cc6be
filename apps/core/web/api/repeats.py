"""`Idempotency-Key`: a POST that is sent again does not do its work again."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.http import HttpResponse
from django.utils.translation import gettext as _
from rest_framework.response import Response

from apps.core.errors import DomainError
from apps.core.services.idempotency import claim, keep_answer, refuse_withdrawn, rights_of
from apps.core.web.api.rendering import as_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django.http.response import HttpResponseBase
    from rest_framework.request import Request

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
LONGEST = 255
KEPT_HEADERS = ("Location", "ETag")


class Repeatable:
    """Mixin of API views, put before `APIView`: their POST keeps to `Idempotency-Key`.

    The whole POST runs in one transaction with the row of its key. What is refused (a 4xx) leaves no row: it
    had no effect, and may be tried again with the same key.
    """

    repeatable = True
    headers: Any

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)  # type: ignore[misc]
        key = request.headers.get(HEADER)
        if request.method == "POST" and key is not None and self.repeatable:
            self.post = _once(request, _checked(key), self.post)  # type: ignore[has-type]


def owner_of(request: Request) -> str:
    """Name who asks: two people, or a person and a key of theirs, never meet in each other's answers."""
    key_id = getattr(request.auth, "pk", None)
    return f"key:{key_id}" if key_id is not None else f"user:{request.user.pk}"


def _checked(key: str) -> str:
    if not (0 < len(key) <= LONGEST and key.isascii() and key.isprintable()):
        message = _("An Idempotency-Key has 1 to %(most)s printable characters.") % {"most": LONGEST}
        raise DomainError(message, fields={HEADER: [message]})
    return key


def _once(
    request: Request, key: str, post: Callable[..., HttpResponseBase]
) -> Callable[..., HttpResponseBase]:
    """Give `post` so that it runs at most once for `key`."""

    def run(*args: Any, **kwargs: Any) -> HttpResponseBase:
        digest = _digest(request)
        with transaction.atomic():
            row, is_new = claim(
                owner=owner_of(request),
                key=key,
                method=str(request.method),
                path=request.get_full_path(),
                body_sha256=digest,
            )
            if not is_new:
                refuse_withdrawn(row, request.user)
                headers = row.headers | {REPLAYED: "true"}
                return HttpResponse(bytes(row.answer), status=row.status, headers=headers)
            response = post(*args, **kwargs)
            if not isinstance(response, Response):
                raise TypeError(f"{HEADER} needs a Response, not {type(response).__name__}")
            answer = b"" if response.data is None else as_json(response.data)
            kept = {name: response[name] for name in KEPT_HEADERS if name in response}
            kept["Content-Type"] = response.content_type or "application/json"
            rights = rights_of(request.user)
            keep_answer(row, status=response.status_code, headers=kept, answer=answer, rights=rights)
            return response

    return run


def _digest(request: Request) -> str:
    """Give the digest of the body; that of a form with files is made of its parts, read already or not."""
    plain = request._request  # noqa: SLF001 - DRF's documented way to Django's request
    content_type = (request.content_type or "").split(";")[0]
    digest = hashlib.sha256(content_type.encode())
    if content_type == "multipart/form-data":
        for part in _parts(plain):
            digest.update(hashlib.sha256(part).digest())
    else:
        digest.update(plain.body)
    return digest.hexdigest()


def _parts(plain: Any) -> Iterator[bytes]:
    for name, values in sorted(plain.POST.lists()):
        yield repr((name, values)).encode()
    for name, files in sorted(plain.FILES.lists()):
        for file in files:
            yield repr((name, file.name, file.size)).encode()
            yield from file.chunks()
            file.seek(0)

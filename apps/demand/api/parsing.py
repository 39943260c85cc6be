"""A JSON body as the file that it is: read by the same reader as an uploaded one, but of fewer bytes.

A body is held in memory, as a file is not: it is refused beyond `DATA_UPLOAD_MAX_MEMORY_SIZE` (2.5 MB).
"""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Any, cast

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.translation import gettext_noop as _
from rest_framework.parsers import BaseParser

from apps.core.phrases import Phrase
from apps.demand.errors import FileRefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rest_framework.request import Request


class IntervalsParser(BaseParser):
    """Keeps the body whole; `with_options` adds what stands in the address."""

    media_type = "application/json"
    options = frozenset({"source", "weeks_shifted", "dry_run"})

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        most: int = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        body = stream.read(most + 1)
        if len(body) > most:
            raise FileRefusedError(
                Phrase(_("JSON as the body may have %(kb)d kB; send more as a file."), {"kb": most // 1024})
            )
        return {"file": SimpleUploadedFile("history.json", body, self.media_type)}

    @classmethod
    def with_options(cls, request: Request) -> Any:
        """Give the request's data, with the options of the address where the body is the file itself."""
        if not cls._is_json(request):
            return request.data
        named = {name: text for name, text in request.query_params.items() if name in cls.options}
        return {**named, **cast("dict[str, Any]", request.data)}

    @classmethod
    def _is_json(cls, request: Request) -> bool:
        return (request.content_type or "").partition(";")[0].strip() == cls.media_type

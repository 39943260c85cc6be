"""Doors through which a table leaves as a file: `?format=xlsx` (the default) or `csv`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import structlog
from django.http import HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views import View

from apps.core.errors import DomainError
from apps.core.exporting import to_csv, to_xlsx
from apps.core.web.pages import PageMixin

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser
    from django.contrib.auth.models import AnonymousUser
    from django.http import HttpRequest

    from apps.core.exporting import Table

FORMATS = {
    "xlsx": (to_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "csv": (to_csv, "text/csv; charset=utf-8"),
}
MOST_ROWS_AT_ONCE = 50_000
"""What one request writes in about two seconds; a longer table is refused, or made by a job."""
FILTER_CHARS = 200
MOST_FILTERS = 30
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Download:
    """A table that leaves: who takes it, its heading, its door, the format, the rows, what narrowed it.

    `rows` is nothing for a file that a job made earlier: its heading is the file's name.
    """

    actor: AbstractBaseUser | AnonymousUser
    table: str
    door: str
    format: str
    rows: int | None
    filters: dict[str, str]


Witness = Callable[[Download], None]
_witnesses: list[Witness] = []


def witness_downloads(witness: Witness) -> Witness:
    """Call a function of a higher app with each table before it leaves; what it raises keeps the table."""
    if witness not in _witnesses:
        _witnesses.append(witness)
    return witness


class DownloadView(PageMixin, View, ABC):
    """A table as a file; a subclass makes the table as its page would, by the same policy and filters."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, **place: Any) -> HttpResponse:
        wanted = request.GET.get("format", "xlsx")
        if wanted not in FORMATS:
            raise DomainError(
                _("%(format)s is not a format to download; choose one of: %(known)s.")
                % {"format": wanted[:20], "known": ", ".join(FORMATS)}
            )
        asked = {name: str(text)[:FILTER_CHARS] for name, text in request.GET.items() if name != "format"}
        table = self.table(request, **place)
        response = table_response(table, wanted)
        tell_download(request, str(table.name), wanted, rows=table.rows_given, asked=asked)
        return response

    @abstractmethod
    def table(self, request: HttpRequest, **place: Any) -> Table:
        """Check that the reader may see it, and give the table."""


def tell_download(
    request: HttpRequest,
    heading: str,
    wanted: str,
    *,
    rows: int | None = None,
    asked: dict[str, str] | None = None,
) -> None:
    """Tell the witnesses of a table that leaves with the answer to `request`; a HEAD takes nothing."""
    if request.method != "GET":
        return
    match = request.resolver_match
    place = {name: str(value)[:FILTER_CHARS] for name, value in (match.kwargs if match else {}).items()}
    filters = dict([*place.items(), *(asked or {}).items()][:MOST_FILTERS])
    door = match.view_name if match else request.path
    download = Download(request.user, heading, door, wanted, rows, filters)
    for witness in _witnesses:
        witness(download)


def table_response(table: Table, wanted: str) -> HttpResponse:
    """Write a table whole, then answer: what is wrong with it is a page, not half a file."""
    write = FORMATS[wanted][0]
    table.most_rows = min(table.most_rows, MOST_ROWS_AT_ONCE)
    content = write(table)
    log.info("table_downloaded", table=str(table.name), format=wanted, size=len(content))
    return file_response(content, f"{table.file_stem}.{wanted}", wanted)


def file_response(content: bytes, file_name: str, wanted: str) -> HttpResponse:
    """Answer with a file to keep, under its name in any alphabet; no cache holds it."""
    response = HttpResponse(content, content_type=FORMATS[wanted][1])
    name = content_disposition_header(as_attachment=True, filename=file_name)
    response["Content-Disposition"] = name or "attachment"
    response["Cache-Control"] = "no-store, private"
    return response

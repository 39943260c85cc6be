"""Imports of Argus as files: the list, refused rows, and tables to begin with."""

from __future__ import annotations

from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING, Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from apps.accounts.policies import Capability, require
from apps.core.exporting import Column, Kind, Table
from apps.core.web.downloads import DownloadView
from apps.integrations.selectors.argus import imports_seen_by, refusals_of

if TYPE_CHECKING:
    from django.http import HttpRequest

ROWS_AT_ONCE = 10_000
_TEMPLATES: dict[str, list[tuple[str, list[str]]]] = {
    "intervals": [
        (gettext_noop("Interval start"), ["12.01.2026 09:00", "12.01.2026 09:15"]),
        (gettext_noop("Contacts"), ["120", "98"]),
        ("AHT", ["185,5", "190"]),
    ],
    "operators": [
        (gettext_noop("Contacts"), ["0"] * 24),
        (gettext_noop("Operators"), ["2"] * 8 + ["6,5"] * 12 + ["3"] * 4),
    ],
    "employees": [
        (gettext_noop("Personnel number"), ["000123"]),
        (gettext_noop("Last name"), ["Иванова"]),
        (gettext_noop("First name"), ["Анна"]),
        (gettext_noop("Patronymic"), ["Петровна"]),
        (gettext_noop("Department"), ["Продажи"]),
        (gettext_noop("Position"), ["Оператор"]),
        (gettext_noop("Site"), ["Москва"]),
        (gettext_noop("Hired on"), ["12.01.2026"]),
        (gettext_noop("Dismissed on"), [""]),
        (gettext_noop("Rate"), ["1"]),
        (gettext_noop("Weekly hours"), ["40"]),
    ],
    "schedules": [
        (gettext_noop("Personnel number"), ["000123", "000123"]),
        (gettext_noop("Date"), ["12.01.2026", "13.01.2026"]),
        (gettext_noop("Start"), ["09:00", "21:00"]),
        (gettext_noop("End"), ["18:00", "06:00"]),
        (gettext_noop("Lunch"), ["13:00-14:00", "01:00-02:00"]),
        (gettext_noop("Breaks"), ["11:00-11:15; 16:00-16:15", ""]),
    ],
}


class ImportsDownload(DownloadView):
    """The imports of one table, or of all."""

    def table(self, request: HttpRequest, **_place: Any) -> Table:
        rows = imports_seen_by(request.user)
        wanted = request.GET.get("table", "")
        return Table(
            name=_("Argus imports"),
            columns=[
                Column(_("Table"), lambda batch: batch.get_table_display()),
                Column(_("File"), attrgetter("file_name"), width=36),
                Column(_("State"), lambda batch: batch.get_state_display()),
                Column(_("Read"), attrgetter("rows_read"), Kind.INTEGER),
                Column(_("Loaded"), attrgetter("rows_loaded"), Kind.INTEGER),
                Column(_("Unchanged"), attrgetter("rows_unchanged"), Kind.INTEGER),
                Column(_("Refused"), attrgetter("rows_refused"), Kind.INTEGER),
                Column(_("Why refused"), attrgetter("reason"), width=50),
                Column(_("By"), attrgetter("created_by")),
                Column(_("At"), attrgetter("created_at"), Kind.MOMENT),
            ],
            rows=(rows.filter(table=wanted) if wanted else rows).iterator(ROWS_AT_ONCE),
        )


class RefusalsDownload(DownloadView):
    """The refused rows of an import, to mend them in the file that they came from."""

    def table(self, request: HttpRequest, **place: Any) -> Table:
        batch = get_object_or_404(imports_seen_by(request.user), pk=place["pk"])
        sheet = batch.details.get("sheet", "")
        return Table(
            name=_("Refused rows"),
            file_name=_("Refused rows of %(file)s") % {"file": batch.file_name},
            about=[(_("File"), batch.file_name), (_("Table"), batch.get_table_display())],
            columns=[
                *([Column(_("Sheet"), lambda _error: sheet)] if sheet else []),
                Column(_("Line"), attrgetter("line"), Kind.INTEGER),
                Column(_("Column"), attrgetter("column")),
                Column(_("Reason"), attrgetter("reason"), width=60),
                Column(_("What stood there"), attrgetter("value"), width=40),
            ],
            rows=refusals_of(batch).iterator(ROWS_AT_ONCE),
        )


class ArgusTemplate(DownloadView):
    """A file with the headings that an import knows, and rows as they may look."""

    def table(self, request: HttpRequest, **place: Any) -> Table:
        require(request.user, Capability.OPERATE_INTEGRATIONS)
        columns = _TEMPLATES.get(place["table"])
        if columns is None:
            raise Http404
        return Table(
            name=_("Table for Argus imports"),
            file_name=f"argus-{place['table']}",
            columns=[Column(_(name), itemgetter(at)) for at, (name, _cells) in enumerate(columns)],
            rows=zip(*(cells for _name, cells in columns), strict=True),
        )

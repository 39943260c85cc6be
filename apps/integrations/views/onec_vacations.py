"""The vacations of a year, as a page and as the file that 1C takes."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.core.paginator import Paginator
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views import View

from apps.accounts.policies import Capability, require, today
from apps.core.errors import DomainError
from apps.core.web.days import FIRST_YEAR, LAST_YEAR
from apps.core.web.downloads import DownloadView
from apps.core.web.numbers import read_number
from apps.core.web.pages import PageMixin
from apps.integrations.selectors.vacations import vacations_of
from apps.integrations.services.vacation_file import vacation_table

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from apps.core.exporting import Table

PER_PAGE = 100


def year_of(request: HttpRequest) -> tuple[dt.date, dt.date]:
    """Give the first and last day of the year that the address names, else of the present one."""
    text = request.GET.get("year", "")
    year = read_number(text) if text else today().year
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise DomainError(_("%(text)s is not a year.") % {"text": year})
    return dt.date(year, 1, 1), dt.date(year, 12, 31)


class VacationsPage(PageMixin, View):
    """Annual vacations that begin in a year."""

    def get(self, request: HttpRequest) -> HttpResponse:
        require(request.user, Capability.VIEW_INTEGRATIONS)
        first, last = year_of(request)
        page = Paginator(vacations_of(request.user, first, last), PER_PAGE).get_page(request.GET.get("page"))
        context = {
            "section": "integrations",
            "tab": "onec",
            "onec_tab": "vacations",
            "year": first.year,
            "years": [first.year - 1, first.year + 1],
            "page_obj": page,
        }
        return render(request, "integrations/onec_vacations.html", context)


class VacationsDownload(DownloadView):
    """The file for 1C: full name, type, start, end."""

    def table(self, request: HttpRequest, **_place: Any) -> Table:
        require(request.user, Capability.VIEW_INTEGRATIONS)
        first, last = year_of(request)
        return vacation_table(vacations_of(request.user, first, last), first, last)

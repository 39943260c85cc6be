"""Every list of the admin as a file: the columns, filters, search and order of the list that is looked at."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.contrib import admin
from django.contrib.admin.exceptions import NotRegistered
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import label_for_field, lookup_field
from django.core.exceptions import FieldDoesNotExist, PermissionDenied
from django.db import models
from django.http import Http404
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import strip_tags
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from apps.core.errors import DomainError
from apps.core.exporting import Column, Kind, Table
from apps.core.web.downloads import MOST_ROWS_AT_ONCE, DownloadView

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin
    from django.http import HttpRequest

ROWS_AT_ONCE = 2_000
OF_THE_PAGE = ("format", "p", "all")
"""What an address says of the file or of the page of the list, not of the rows."""
KINDS = (
    (models.BooleanField, Kind.FLAG),
    (models.DateTimeField, Kind.MOMENT),
    (models.DateField, Kind.DATE),
    (models.IntegerField, Kind.INTEGER),
    (models.DecimalField | models.FloatField, Kind.NUMBER),
)


class AdminDownload(DownloadView):
    """The rows of a change list, all pages of it, for whoever may see the list."""

    def table(self, request: HttpRequest, **place: Any) -> Table:
        model_admin = _model_admin(place["app"], place["model"])
        if not model_admin.has_view_or_change_permission(request):
            raise PermissionDenied
        asked = request.GET.copy()
        for name in OF_THE_PAGE:
            asked.pop(name, None)
        vars(request)["GET"] = asked  # where the change list reads its filters
        try:
            shown = model_admin.get_changelist_instance(request)
        except IncorrectLookupParameters as error:
            raise DomainError(_("The list knows no such filter.")) from error
        return Table(
            name=capfirst(str(model_admin.opts.verbose_name_plural)),
            columns=[
                _column(str(name), model_admin) for name in shown.list_display if name != "action_checkbox"
            ],
            rows=shown.queryset[: MOST_ROWS_AT_ONCE + 1].iterator(ROWS_AT_ONCE),
            zone=timezone.get_current_timezone_name(),
        )


def _model_admin(app: str, model: str) -> ModelAdmin[Any]:
    try:
        return admin.site.get_model_admin(apps.get_model(app, model))
    except (LookupError, NotRegistered) as error:
        raise Http404 from error


def _column(name: str, model_admin: ModelAdmin[Any]) -> Column:
    field = _field(name, model_admin)
    digits = getattr(field, "decimal_places", None)
    heading = capfirst(str(label_for_field(name, model_admin.model, model_admin)))

    def value(row: Any) -> Any:
        found = lookup_field(name, row, model_admin)[2]
        if field is None or not field.flatchoices:
            return _plain(found) if kind in {Kind.TEXT, Kind.MIXED} else found
        return dict(field.flatchoices).get(found, found)

    kind = _kind(field)
    return Column(heading, value, kind, width=max(12, min(len(heading) + 6, 28)), digits=digits)


def _field(name: str, model_admin: ModelAdmin[Any]) -> Any:
    try:
        return model_admin.opts.get_field(name)
    except FieldDoesNotExist:
        return None


def _kind(field: Any) -> Kind:
    if field is None:
        return Kind.MIXED
    if field.flatchoices:
        return Kind.TEXT
    return next((kind for of, kind in KINDS if isinstance(field, of)), Kind.TEXT)


def _plain(value: Any) -> Any:
    """Write what a method of the admin or a field without a kind gives, as a reader would say it."""
    if value is None or isinstance(value, bool | int | float):
        return value
    return float(value) if isinstance(value, Decimal) else _words(value)


def _words(value: Any) -> str:
    if isinstance(value, dt.datetime):
        return date_format(timezone.localtime(value), "SHORT_DATETIME_FORMAT")
    if isinstance(value, dt.date):
        return date_format(value, "SHORT_DATE_FORMAT")
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False, default=str)
    return strip_tags(value) if isinstance(value, SafeString) else str(value)

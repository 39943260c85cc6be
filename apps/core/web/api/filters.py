"""Filters named as fields: one that a list does not have is refused, never ignored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django_filters import BooleanFilter
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.exceptions import ValidationError
from rest_framework.filters import OrderingFilter

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django.db.models import QuerySet
    from rest_framework.request import Request

ALWAYS = frozenset({"ordering", "cursor", "page_size", "format"})


class KnownFilters(DjangoFilterBackend):  # type: ignore[misc]
    """The filters of `filterset_class` or `filterset_fields`; a view reads its `extra_filters` itself."""

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: Any) -> QuerySet[Any]:
        if ALWAYS.issuperset(request.query_params):
            return queryset
        made = self.get_filterset(request, queryset, view)
        known = set(getattr(view, "extra_filters", ()))
        refuse_unknown(request, known | set(() if made is None else made.filters))
        _refuse_nonsense(request, {} if made is None else made.filters)
        filtered: QuerySet[Any] = super().filter_queryset(request, queryset, view)
        return filtered


def _refuse_nonsense(request: Request, known: Mapping[str, Any]) -> None:
    """Refuse what is no boolean: its filter would let everything through."""
    wrong = [
        name
        for name, each in known.items()
        if isinstance(each, BooleanFilter)
        and request.query_params.get(name, "").lower() not in {"", "true", "false", "1", "0"}
    ]
    if wrong:
        raise ValidationError({name: [_("Say true or false.")] for name in wrong})


class KnownOrdering(OrderingFilter):
    """`?ordering=-hired_on,last_name` over the `ordering_fields` of the view."""

    def get_ordering(self, request: Request, queryset: QuerySet[Any], view: Any) -> Any:
        asked = request.query_params.get(self.ordering_param)
        if not asked:
            return self.get_default_ordering(view)
        terms = [term.strip() for term in asked.split(",")]
        allowed = [name for name, _label in self.get_valid_fields(queryset, view, {"request": request})]
        unknown = [term for term in terms if term.removeprefix("-") not in allowed]
        if unknown:
            message = _("Order by one of: %(fields)s.") % {"fields": ", ".join(allowed)}
            raise ValidationError({self.ordering_param: [message]})
        return terms


def refuse_unknown(request: Request, known: Iterable[str]) -> None:
    """Refuse query parameters beyond `known` and those that every list has; the problem names each."""
    unknown = [name for name in request.query_params if name not in ALWAYS and name not in set(known)]
    if unknown:
        raise ValidationError({name: [_("There is no such filter.")] for name in unknown})

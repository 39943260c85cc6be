"""Pages of lists by cursor: the next page begins after the last row seen, whatever was added meanwhile.

A cursor is the values of the last row's order keys, signed, so that nobody can make one up. The order always
ends in the primary key, which no two rows share.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core import signing
from django.core.exceptions import FieldDoesNotExist
from django.db.models import F, Q
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.pagination import BasePagination
from rest_framework.response import Response
from rest_framework.utils.urls import remove_query_param, replace_query_param

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import Model, QuerySet
    from rest_framework.request import Request

SIGNER = signing.Signer(salt="api.cursor")
DEFAULT_SIZE, MAX_SIZE = 50, 500


@dataclass(frozen=True)
class Key:
    """One field of the order; PostgreSQL puts null after every value, before every value when descending."""

    name: str
    descending: bool
    nullable: bool

    def turned(self, backwards: bool) -> Any:  # noqa: FBT001 - the one thing it is told
        descending = self.descending != backwards
        return F(self.name).desc() if descending else F(self.name).asc()

    def beyond(self, value: Any, *, backwards: bool) -> Q | None:
        """Select rows whose key comes after `value`; None where none can."""
        descending = self.descending != backwards
        if value is None:
            return Q(**{f"{self.name}__isnull": False}) if descending else None
        after = Q(**{f"{self.name}__{'lt' if descending else 'gt'}": value})
        if self.nullable and not descending:
            after |= Q(**{f"{self.name}__isnull": True})
        return after

    def equal(self, value: Any) -> Q:
        return Q(**{f"{self.name}__isnull": True}) if value is None else Q(**{self.name: value})


class Pages(BasePagination):
    """`?cursor=&page_size=` (50, at most 500); the answer is `{next, previous, results}` with addresses."""

    page_size = DEFAULT_SIZE
    max_page_size = MAX_SIZE

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        self.request = request
        size = self._size(request)
        keys = order_keys(queryset)
        cursor = self._cursor(request, keys)
        self.backwards, position = cursor or (False, None)
        rows = queryset.order_by(*(key.turned(self.backwards) for key in keys))
        if position is not None:
            rows = rows.filter(_after(keys, position, backwards=self.backwards))
        found = list(rows[: size + 1])
        self.more, page = len(found) > size, found[:size]
        if self.backwards:
            page.reverse()
        self.signature, self.is_first = _signature(keys), position is None
        self.ends = [tuple(_value(row, key.name) for key in keys) for row in (page[:1] + page[-1:])]
        return page

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"next": self._next(), "previous": self._previous(), "results": data})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        address = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {"next": address, "previous": address, "results": schema},
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        size = {"type": "integer", "minimum": 1, "maximum": self.max_page_size, "default": self.page_size}
        return [
            _parameter("cursor", {"type": "string"}, "Where the page begins: follow `next` and `previous`."),
            _parameter("page_size", size, "How many rows a page has."),
        ]

    def _next(self) -> str | None:
        there_is = self.more or self.backwards
        return self._link(self.ends[-1], backwards=False) if there_is and self.ends else None

    def _previous(self) -> str | None:
        there_is = self.more if self.backwards else not self.is_first
        return self._link(self.ends[0], backwards=True) if there_is and self.ends else None

    def _link(self, values: tuple[Any, ...], *, backwards: bool) -> str:
        plain = [value if isinstance(value, int | float | None) else str(value) for value in values]
        token = SIGNER.sign_object([self.signature, backwards, plain])
        address = remove_query_param(self.request.build_absolute_uri(), "cursor")
        return replace_query_param(address, "cursor", token)

    def _cursor(self, request: Request, keys: Sequence[Key]) -> tuple[bool, list[Any]] | None:
        token = request.query_params.get("cursor")
        if token is None:
            return None
        try:
            signature, backwards, values = SIGNER.unsign_object(token)
        except (signing.BadSignature, ValueError) as error:
            raise _refused("cursor", _("This is no cursor of this list.")) from error
        if signature != _signature(keys):
            raise _refused("cursor", _("This cursor belongs to another order: begin anew."))
        return backwards, values

    def _size(self, request: Request) -> int:
        text = request.query_params.get("page_size", str(self.page_size))
        if not (text.isascii() and text.isdigit() and 1 <= int(text[:5]) <= self.max_page_size):
            message = _("From 1 to %(most)s rows fit on a page.") % {"most": self.max_page_size}
            raise _refused("page_size", message)
        return int(text)


def order_keys(queryset: QuerySet[Any]) -> list[Key]:
    """Give the order of a queryset as keys, the primary key last."""
    model, query = queryset.model, queryset.query
    names = list(query.order_by) or list(model._meta.ordering or ())  # noqa: SLF001 - Django's public name for it
    keys: list[Key] = []
    for name in names:
        if not isinstance(name, str):
            raise TypeError(f"A list by cursor is ordered by names of fields, not by {name!r}")
        bare = name.removeprefix("-")
        keys.append(Key(bare, name.startswith("-"), _is_nullable(model, bare)))
        if bare in {"pk", "id"}:
            return keys
    return [*keys, Key("pk", keys[-1].descending if keys else False, nullable=False)]


def _after(keys: Sequence[Key], values: Sequence[Any], *, backwards: bool) -> Q:
    """Select what comes after a row: greater by the first key, or equal there and greater by the next."""
    found, equal = Q(pk__in=[]), Q()
    for key, value in zip(keys, values, strict=True):
        beyond = key.beyond(value, backwards=backwards)
        if beyond is not None:
            found |= equal & beyond
        equal &= key.equal(value)
    first, value = keys[0], values[0]
    if value is not None and not first.nullable and len(keys) > 1:  # redundant, and what lets an index serve
        side = "lte" if first.descending != backwards else "gte"
        return Q(**{f"{first.name}__{side}": value}) & found
    return found


def _is_nullable(model: type[Model], path: str) -> bool:
    """Tell whether a path of fields may end in null; an annotation may not."""
    current: Any = model
    for part in path.split("__"):
        try:
            field = current._meta.pk if part == "pk" else current._meta.get_field(part)  # noqa: SLF001 - Django's public name for it
        except FieldDoesNotExist:
            return False
        if getattr(field, "null", False):
            return True
        current = getattr(field, "related_model", None) or current
    return False


def _value(row: Any, path: str) -> Any:
    if isinstance(row, dict):
        return row["id" if path == "pk" else path]
    for part in path.split("__"):
        row = getattr(row, part)
        if row is None:
            return None
    return row.isoformat() if hasattr(row, "isoformat") else getattr(row, "pk", row)


def _signature(keys: Sequence[Key]) -> str:
    return ",".join(f"{'-' if key.descending else ''}{key.name}" for key in keys)


def _refused(name: str, message: str) -> exceptions.ValidationError:
    return exceptions.ValidationError({name: [message]})


def _parameter(name: str, schema: dict[str, Any], description: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "schema": schema, "description": description}

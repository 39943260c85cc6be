"""Range expressions for exclusion constraints that need no extension of PostgreSQL."""

from __future__ import annotations

from django.contrib.postgres.fields import BigIntegerRangeField, DateRangeField, DateTimeRangeField
from django.db.models import F, Func, Value


class _KeyRange(Func):
    function = "int8range"
    output_field = BigIntegerRangeField()


class _DateRange(Func):
    function = "daterange"
    output_field = DateRangeField()


class _InstantRange(Func):
    function = "tstzrange"
    output_field = DateTimeRangeField()


def key_range(field: str) -> Func:
    """Make a key a range of one, so that GiST compares it without btree_gist.

    Give the field's name (`employee`), never its column (`employee_id`): a form's validation puts the values
    of the row in place of names only, and would compare a column with itself.
    """
    return _KeyRange(F(field), F(field), Value("[]"))


def date_span(start: str = "valid_from", last: str = "valid_to") -> Func:
    """Days from `start` to `last`, both included; an empty `last` is open."""
    return _DateRange(F(start), F(last), Value("[]"))


def instant_span(start: str = "start", end: str = "end") -> Func:
    """Instants from `start` up to, not including, `end`."""
    return _InstantRange(F(start), F(end), Value("[)"))

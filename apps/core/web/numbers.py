"""Numbers in addresses and forms of pages."""

from __future__ import annotations

from django.utils.translation import gettext as _

from apps.core.errors import DomainError

MOST_DIGITS = 18
"""A key of the database has no more; `int` itself refuses thousands of digits with an error of its own."""
SHOWN = 40


def read_number(text: str) -> int:
    """Read a whole number of plain digits. Raises `DomainError` for anything else, `\u00b2` among it."""
    if not (text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS):
        raise DomainError(_("%(text)s is not a number.") % {"text": text[:SHOWN]})
    return int(text)

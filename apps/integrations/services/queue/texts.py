"""Texts of other systems as PostgreSQL takes them."""

from __future__ import annotations

import json
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

UNKNOWN_SIGN = "\ufffd"


def clean(text: str) -> str:
    """Replace what a text column does not take: NUL and halves of pairs."""
    return text.replace("\0", UNKNOWN_SIGN).encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def as_json(value: Any) -> str:
    """Write `value` as JSON that a jsonb column takes. Raises `TypeError` and `ValueError` of the encoder."""
    return json.dumps(_cleaned(value), cls=DjangoJSONEncoder, allow_nan=False)


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {clean(str(key)): _cleaned(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_cleaned(item) for item in value]
    return value

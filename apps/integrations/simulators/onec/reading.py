"""What both dialects read from a request body, refusing what is not there by the field's name."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from apps.integrations.simulators.onec.refusals import FaultyRequestError
from apps.integrations.simulators.serving.messages import BadRequestError

if TYPE_CHECKING:
    from apps.integrations.simulators.serving.messages import Request


def read_object(request: Request) -> dict[str, Any]:
    try:
        content = request.json()
    except BadRequestError as error:
        raise FaultyRequestError(f"Тело запроса не читается: {error.text}") from error
    if not isinstance(content, dict):
        raise FaultyRequestError("Тело запроса должно быть объектом JSON.")
    return content


def read_text(content: Any, name: str) -> str:
    value = content.get(name) if isinstance(content, dict) else None
    if not isinstance(value, str) or not value:
        raise FaultyRequestError(f"Поле {name} не заполнено или не строка.")
    return value


def read_rows(content: dict[str, Any], name: str) -> list[dict[str, Any]]:
    rows = content.get(name)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise FaultyRequestError(f"Поле {name} должно быть списком объектов.")
    return rows


def read_milliseconds(row: dict[str, Any], name: str) -> int:
    value = row.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise FaultyRequestError(f"Поле {name} должно быть целым числом миллисекунд.")
    return value


def read_number(row: dict[str, Any], name: str) -> Decimal:
    try:
        return Decimal(str(row[name]))
    except (KeyError, InvalidOperation) as error:
        raise FaultyRequestError(f"Поле {name} должно быть числом.") from error


def read_instant(row: dict[str, Any], name: str) -> dt.datetime:
    """Read a local time with its offset."""
    text = read_text(row, name)
    try:
        instant = dt.datetime.fromisoformat(text)
    except ValueError as error:
        raise FaultyRequestError(f"Поле {name}: «{text[:40]}» – не время.") from error
    if instant.tzinfo is None:
        raise FaultyRequestError(f"Поле {name}: у времени «{text[:40]}» нет смещения.")
    return instant


def as_number(value: Decimal | float) -> float:
    """Give what JSON shows as 1970 or 1772.4."""
    number = float(value)
    return int(number) if number.is_integer() else number

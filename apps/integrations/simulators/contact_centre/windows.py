"""What is asked: windows, steps and ids, and how a question is refused."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from apps.integrations.simulators.serving.messages import json_answer

if TYPE_CHECKING:
    from apps.integrations.simulators.serving.messages import Answer, Request

MOST_IDS = 100
DAY_MS = 86_400_000


class RefusalError(Exception):
    """A question that is answered with `{field, message, description}` and a status."""

    def __init__(self, status: int, field: str, message: str, description: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.content = {"field": field, "message": message, "description": description}

    def answer(self) -> Answer:
        return json_answer(self.content, self.status)


def no_data(field: str) -> RefusalError:
    return RefusalError(404, field, "Нет данных", "По запросу ничего не найдено.")


@dataclass(frozen=True)
class Window:
    """`[start_s, end_s)`, seconds since 1970."""

    start_s: float
    end_s: float


def read_window(request: Request) -> Window:
    start_s, end_s = (_instant(request, field) for field in ("startDate", "endDate"))
    if end_s <= start_s:
        raise RefusalError(400, "endDate", "Неверный период", "endDate не позже startDate.")
    return Window(start_s, end_s)


def read_step_s(request: Request) -> int:
    """Give the step in whole seconds; it is asked for in milliseconds and has to divide a day."""
    text = _required(request, "step")
    if not text.isascii() or not text.isdigit() or not 0 < int(text[:12]) <= DAY_MS or DAY_MS % int(text):
        raise RefusalError(400, "step", "Неверный шаг", f"{text[:20]!r}: целое число мс, делящее сутки.")
    if int(text) % 1000:
        raise RefusalError(400, "step", "Неверный шаг", "Шаг меньше секунды.")
    return int(text) // 1000


def read_ids(request: Request, field: str) -> set[str] | None:
    """Give the ids asked for; nothing when all are meant."""
    text = request.query.get(field, "")
    if not text:
        return None
    ids = {part.strip() for part in text.split(",")}
    if len(ids) > MOST_IDS:
        raise RefusalError(400, field, "Слишком много идентификаторов", f"Не более {MOST_IDS} за запрос.")
    if "" in ids:
        raise RefusalError(400, field, "Пустой идентификатор", text[:80])
    return ids


def _instant(request: Request, field: str) -> float:
    text = _required(request, field)
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        raise RefusalError(400, field, "Неверная дата", f"{text[:40]!r}: нужна дата ISO-8601.") from None
    if moment.tzinfo is None:
        raise RefusalError(400, field, "Дата без часового пояса", f"{text[:40]!r}: нужен пояс.")
    return moment.timestamp()


def _required(request: Request, field: str) -> str:
    text = request.query.get(field, "")
    if not text:
        raise RefusalError(400, field, "Не указан параметр", field)
    return text

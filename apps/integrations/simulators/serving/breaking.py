"""How a fault bends or breaks an answer on its way out."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from apps.integrations.simulators.serving.messages import HTML, JSON, Answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from apps.integrations.simulators.serving.faults import Fault
    from apps.integrations.simulators.serving.line import Line

CHUNK = b"x" * 65_536
BODIES = {
    "html": "<html><head><title>{0}</title></head><body><h1>{0}</h1><p>Ошибка сервера</p></body></html>",
    "json": '{{"error": "Внутренняя ошибка", "status": {0}}}',
    "text": "Ошибка {0}",
    "none": "",
}
CONTENT_TYPES = {"html": HTML, "json": JSON, "text": "text/plain; charset=utf-8", "none": HTML}
CYRILLIC_NOTE = "Ответ сервера"


async def send_broken(line: Line, answer: Answer, fault: Fault) -> tuple[str, int | None]:
    """Send what the fault makes of the answer; give what the log says: the outcome and the status sent.

    Raises `ClientLeftError` when the client leaves meanwhile.
    """
    if fault.kind in BENT:
        answer = replace(answer, body=BENT[fault.kind](answer.body))
    elif fault.kind in MADE:
        answer = MADE[fault.kind](fault)
    elif fault.kind in STREAMED:
        return await STREAMED[fault.kind](line, answer, fault)
    if fault.kind == "delay":
        await line.wait(fault.seconds)
    await line.send(answer)
    return "answered", answer.status


def _status_answer(fault: Fault) -> Answer:
    body = BODIES[fault.content].format(fault.status) if fault.body is None else fault.body
    return Answer(fault.status, body.encode(), {"Content-Type": CONTENT_TYPES[fault.content]})


def _redirection(fault: Fault) -> Answer:
    return Answer(fault.status, b"", {"Location": fault.location or "http://127.0.0.1:9/elsewhere"})


async def _hang(line: Line, _answer: Answer, _fault: Fault) -> tuple[str, int | None]:
    await line.wait(None)
    return "never answered", None


async def _cut(line: Line, _answer: Answer, _fault: Fault) -> tuple[str, int | None]:
    line.cut()
    return "cut", None


async def _truncate(line: Line, answer: Answer, _fault: Fault) -> tuple[str, int | None]:
    await line.send(answer, body=answer.body[: len(answer.body) // 2])
    await line.close()
    return "truncated", answer.status


async def _drip(line: Line, answer: Answer, fault: Fault) -> tuple[str, int | None]:
    await line.send(answer, body=b"")
    for begin in range(0, len(answer.body), fault.bytes):
        await line.wait(fault.seconds)
        await line.write(answer.body[begin : begin + fault.bytes])
    return "dripped", answer.status


async def _send_huge(line: Line, _answer: Answer, fault: Fault) -> tuple[str, int | None]:
    head, tail = b'{"result": "true", "message": "', b'"}'
    line.start(200, {"Content-Type": JSON, "Content-Length": str(len(head) + fault.bytes + len(tail))})
    await line.write(head)
    for begin in range(0, fault.bytes, len(CHUNK)):
        await line.write(CHUNK[: fault.bytes - begin])
    await line.write(tail)
    return "huge", 200


async def _send_for_ever(line: Line, _answer: Answer, fault: Fault) -> tuple[str, int | None]:
    line.start(200, {"Content-Type": JSON, "Transfer-Encoding": "chunked"})
    piece = f"{len(CHUNK):x}\r\n".encode() + CHUNK + b"\r\n"
    while not line.reader.at_eof():
        await line.write(piece)
        await asyncio.sleep(fault.seconds)
    return "endless", 200


def _half_of_json(body: bytes) -> bytes:
    return body[: len(body) // 2]


def _in_cp1251(body: bytes) -> bytes:
    if body.isascii():
        body = _with_note(body, CYRILLIC_NOTE)
    return body.decode().encode("cp1251", errors="replace")


def _behind_mark(body: bytes) -> bytes:
    return b"\xef\xbb\xbf" + body


def _with_nan(body: bytes) -> bytes:
    content = json.loads(body)
    changed = _each_number(content, lambda _number: float("nan"))
    if changed == content:  # no number was there; NaN never equals itself
        return _with_note(body, float("nan"))
    return json.dumps(changed, ensure_ascii=False).encode()


def _with_commas(body: bytes) -> bytes:
    changed = _each_number(json.loads(body), lambda number: str(number).replace(".", ","))
    return json.dumps(changed, ensure_ascii=False).encode()


def _with_note(body: bytes, note: object) -> bytes:
    content = json.loads(body)
    noted = {**content, "note": note} if isinstance(content, dict) else [*content, note]
    return json.dumps(noted, ensure_ascii=False).encode()


def _each_number(content: Any, change: Callable[[float], Any]) -> Any:
    if isinstance(content, dict):
        return {name: _each_number(value, change) for name, value in content.items()}
    if isinstance(content, list):
        return [_each_number(value, change) for value in content]
    if isinstance(content, int | float) and not isinstance(content, bool):
        return change(content)
    return content


def _nothing(_body: bytes) -> bytes:
    return b""


BENT: dict[str, Callable[[bytes], bytes]] = {
    "empty": _nothing,
    "malformed": _half_of_json,
    "cp1251": _in_cp1251,
    "bom": _behind_mark,
    "nan": _with_nan,
    "comma": _with_commas,
}
MADE = {"status": _status_answer, "redirect": _redirection}
STREAMED = {
    "hang": _hang,
    "cut": _cut,
    "truncated": _truncate,
    "drip": _drip,
    "huge": _send_huge,
    "endless": _send_for_ever,
}

"""Faults on demand: which requests they meet, and what they are."""

from __future__ import annotations

import random
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

from apps.integrations.simulators.serving.messages import BadRequestError

if TYPE_CHECKING:
    from apps.integrations.simulators.serving.messages import Request

# Whether the request takes effect first, unless the fault says so itself.
KINDS: dict[str, bool] = {
    "status": False,  # answers `status` with `body`, as `content` (html, json, text, none)
    "delay": True,  # answers rightly after `seconds`
    "hang": False,  # never answers
    "cut": True,  # closes the connection instead of answering
    "truncated": True,  # the whole Content-Length, half of the body, then closes
    "empty": True,  # 200 and nothing
    "malformed": True,  # half of the JSON with a Content-Length that fits
    "cp1251": True,  # the right answer in the wrong encoding
    "bom": True,  # the right answer behind a byte order mark
    "nan": True,  # NaN where numbers stand
    "comma": True,  # numbers as text with a decimal comma
    "huge": False,  # `bytes` of valid JSON (300 MB unless told)
    "endless": False,  # chunks until the client leaves
    "redirect": False,  # `status` 302 to `location`
    "drip": True,  # the right answer, `bytes` at a time every `seconds`
    "half": True,  # half of the people
    "none": True,  # an empty feed
    "refuse": False,  # 200 with a refusal: "result": "false"
}
STATUSES = {"redirect": 302}
SECONDS = {"delay": 5.0, "drip": 0.2}
BYTES = {"huge": 300_000_000, "drip": 16}


@dataclass
class Fault:
    """One fault: it meets requests whose path holds `match`, whose path or body holds `where`.

    The first `skip` of them pass, then it strikes `times` times (always if not given), each with
    `probability`.
    """

    kind: str
    match: str = ""
    method: str = ""
    where: str = ""
    times: int | None = None
    skip: int = 0
    probability: float = 1.0
    effect: bool | None = None
    status: int = 500
    content: str = "html"
    body: str | None = None
    seconds: float = 0.0
    bytes: int = 0
    location: str = ""
    struck: int = 0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise BadRequestError(f"{self.kind!r} is no kind of fault; there are {', '.join(KINDS)}.")
        self.effect = KINDS[self.kind] if self.effect is None else self.effect
        self.status = STATUSES.get(self.kind, self.status) if self.status == Fault.status else self.status
        self.seconds = self.seconds or SECONDS.get(self.kind, 0.0)
        self.bytes = self.bytes or BYTES.get(self.kind, 0)

    def meets(self, request: Request) -> bool:
        return (
            self.match in request.path
            and self.method in {"", request.method}
            and (not self.where or self.where in request.path or self.where.encode() in request.body)
        )


class Faults:
    """The faults in force, in the order they were asked for; the first that meets a request strikes."""

    def __init__(self, seed: int = 1) -> None:
        self.asked: list[Fault] = []
        self._chance = random.Random(seed)  # noqa: S311 - faults are no secret

    def add(self, wanted: object) -> list[Fault]:
        """Take a fault or a list of them as JSON gives them; raises `BadRequestError`."""
        rows: list[Any] = wanted if isinstance(wanted, list) else [wanted]
        known = {field.name for field in fields(Fault)} - {"struck"}
        for row in rows:
            if not isinstance(row, dict) or "kind" not in row or not row.keys() <= known:
                raise BadRequestError(f"A fault is an object with a kind and any of {sorted(known)}.")
        added = [Fault(**row) for row in rows]
        self.asked.extend(added)
        return added

    def clear(self) -> None:
        self.asked.clear()

    def take(self, request: Request) -> Fault | None:
        """Give the fault that strikes this request, and count it."""
        for fault in self.asked:
            if fault.times == 0 or not fault.meets(request):
                continue
            if fault.skip:
                fault.skip -= 1
                continue
            if self._chance.random() >= fault.probability:
                continue
            fault.times = None if fault.times is None else fault.times - 1
            fault.struck += 1
            return fault
        return None

    def told(self) -> list[dict[str, Any]]:
        return [asdict(fault) for fault in self.asked]

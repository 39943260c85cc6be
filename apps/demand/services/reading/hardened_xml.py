"""XML of strangers, event by event: no document type, no entities, and limits on depth, names and tokens.

Expat itself keeps every name it has met and every token until it is whole; both are counted here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn
from xml.parsers import expat

from django.utils.translation import gettext_noop as _

from apps.core.phrases import Phrase
from apps.demand.errors import FileRefusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from apps.demand.services.reading.limits import Limits

_TOKEN_BYTES = 1024**2


def local_name(name: str) -> str:
    """Give a name without its prefix: some programs write `x:row` for `row`."""
    return name.rpartition(":")[2]


class HardenedParser:
    """Feeds chunks to expat and calls back with local names; raises `FileRefusedError`."""

    def __init__(
        self,
        limits: Limits,
        *,
        start: Callable[[str, dict[str, str]], None],
        end: Callable[[str], None] = lambda _name: None,
        text: Callable[[str], None] | None = None,
    ) -> None:
        self._limits = limits
        self._start, self._end = start, end
        self._locals: dict[str, str] = {}
        self._attributes: set[str] = set()
        self._depth = self._fed = 0
        self._parser = parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._on_start
        parser.EndElementHandler = self._on_end
        if text is not None:
            parser.CharacterDataHandler = text
        parser.StartDoctypeDeclHandler = _refuse_doctype
        parser.EntityDeclHandler = _refuse_doctype
        parser.ExternalEntityRefHandler = _refuse_doctype

    def feed(self, chunk: bytes, *, last: bool = False) -> None:
        self._fed += len(chunk)
        try:
            self._parser.Parse(chunk, last)
        except (
            expat.ExpatError,
            ValueError,
            LookupError,
        ) as error:  # of expat, of an encoding it does not know
            raise FileRefusedError(
                Phrase(_("The workbook is damaged: %(reason)s."), {"reason": str(error)[:200]})
            ) from error
        if self._fed - max(self._parser.CurrentByteIndex, 0) > _TOKEN_BYTES:
            raise _unusual()

    def read(self, chunks: Iterable[bytes]) -> None:
        for chunk in chunks:
            self.feed(chunk)
        self.feed(b"", last=True)

    def _on_start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        local = self._locals.get(name)
        if local is None:
            local = self._locals[name] = local_name(name)
        if not self._attributes.issuperset(attributes):
            self._attributes.update(attributes)
        names = len(self._locals) + len(self._attributes)
        if self._depth > self._limits.xml_depth or names > self._limits.xml_names:
            raise _unusual()
        self._start(local, attributes)

    def _on_end(self, name: str) -> None:
        self._depth -= 1
        self._end(self._locals[name])


def _unusual() -> FileRefusedError:
    return FileRefusedError(Phrase(_("The XML in the workbook is not like that of any spreadsheet program.")))


def _refuse_doctype(*_facts: object) -> NoReturn:
    raise FileRefusedError(Phrase(_("The workbook declares XML entities; no spreadsheet program does that.")))

"""JSON as lines: records one after another, never the whole document at once.

Three shapes: a list of records under the names of CSV columns, `{"rows": [...]}` with such records, and what
contact centres answer for history (`[{"groupId": ..., "historicData": [...]}]`, lengths in milliseconds).
"""

from __future__ import annotations

import codecs
import datetime as dt
import json
import re
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_noop as _

from apps.core.phrases import Phrase
from apps.demand.errors import FileRefusedError
from apps.demand.services.reading.text_table import TextTable, in_blocks, line_of, too_wide

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from apps.demand.services.reading.layout import Wanted
    from apps.demand.services.reading.limits import Limits

_LISTS = frozenset(
    {"rows", "records", "data", "intervals", "historicData", "employees", "schedules", "shifts"}
)
_CENTRE = {"startInterval": "start", "notUniqueReceived": "offered", "notUniqueTreated": "handled"}
_CENTRE_MISSED = "notUniqueMissed"
_SPACE = re.compile(r"[ \t\r\n]*")
_VALUE_CHARS = 2_000
_SHOWN_GROUPS = 10

Record = dict[str, str]


def json_table(
    blocks: Iterable[bytes],
    limits: Limits,
    fraction: Callable[[], float],
    *,
    wanted: Wanted,
    group: str = "",
) -> TextTable:
    """Open JSON in UTF-8 or Windows-1251; `group` is the one to take where a document holds several."""
    table = TextTable("json", iter(()), fraction, first_line=0)
    records = _Document(_texts(blocks), limits, group).records()
    table.blocks = in_blocks(_lines(records, limits, table, wanted))
    return table


def _texts(blocks: Iterable[bytes]) -> Iterator[str]:
    """Decode as UTF-8; from the first block that is not, as Windows-1251."""
    utf8 = codecs.getincrementaldecoder("utf-8")()
    others = iter(blocks)
    for block in others:
        pending = utf8.getstate()[0]
        try:
            yield utf8.decode(block)
        except UnicodeDecodeError:
            yield (pending + block).decode("cp1251", errors="replace")
            break
    for block in others:
        yield block.decode("cp1251", errors="replace")
    if utf8.getstate()[0]:
        yield "\ufffd"


def _lines(records: Iterator[Record], limits: Limits, table: TextTable, wanted: Wanted) -> Iterator[str]:
    """Write the heading, then each record; a column that only comes up later makes its row too long."""
    first = list(islice(records, limits.heading_within))
    names = list(dict.fromkeys(chain.from_iterable(first)))
    if len(names) > limits.columns:
        raise too_wide(limits.columns)
    known = {wanted.column_of(name) for name in names}
    missing = [name for name in wanted.needed if name not in known]
    if first and missing:
        raise FileRefusedError(
            Phrase(
                _("The records have no member for: %(missing)s. They have: %(names)s."),
                {"missing": ", ".join(missing), "names": ", ".join(repr(name[:40]) for name in names[:8])},
            )
        )
    yield line_of([*names, ""] if len(names) == 1 else names)
    for record in chain(first, records):
        cells = [record.get(name, "") for name in names]
        for name in record.keys() - set(names):
            if wanted.column_of(name):
                cells.append(f"{name}={record[name]}")
            elif len(table.stray) < limits.columns:
                table.stray.setdefault(name[:60])
        yield line_of(cells)


class _Document:
    """Walks through the text of a document, holding no more of it than a block and a record."""

    def __init__(self, pieces: Iterator[str], limits: Limits, group: str) -> None:
        self._pieces, self._limits, self._group = pieces, limits, group
        self._text, self._at, self._is_whole = "", 0, False
        self._count = 0
        self._groups: dict[str, None] = {}
        self._decoder = json.JSONDecoder(
            object_pairs_hook=self._object_of,
            parse_constant=self._refuse_constant,
            parse_int=str,
            parse_float=_plain_number,
        )

    def records(self) -> Iterator[Record]:
        """Yield the records in order; refuses the document at its first fault."""
        yield from self._list(0, "") if self._peek() == "[" else self._members(0, "")
        if self._peek():
            raise self._fault(_("there is text after the end"))
        if self._group and self._groups and self._group not in self._groups:
            raise FileRefusedError(
                Phrase(
                    _("The file holds the groups %(groups)s, not the group %(group)s of this queue."),
                    {"groups": ", ".join(list(self._groups)[:_SHOWN_GROUPS]), "group": self._group},
                )
            )

    def _list(self, depth: int, group: str) -> Iterator[Record]:
        if depth > self._limits.json_depth:
            raise self._fault(_("it is nested too deeply"))
        self._take("[")
        if self._peek() == "]":
            self._take("]")
            return
        while True:
            if self._peek() != "{":
                raise self._fault(_("a record was expected"))
            yield from self._flat(group) if self._is_flat() else self._members(depth + 1, group)
            if self._peek() == "]":
                self._take("]")
                return
            self._take(",")

    def _is_flat(self) -> bool:
        """Tell whether the object ahead ends before any list begins: then it can be read in one go."""
        end = self._text.find("}", self._at)
        return end >= 0 and self._text.find("[", self._at, end) < 0

    def _flat(self, group: str) -> Iterator[Record]:
        value = self._value()
        self._count += 1
        if self._wanted(group):
            yield _as_record(value)

    def _members(self, depth: int, group: str) -> Iterator[Record]:
        """Yield the records of the lists in an object; an object without such a list is a record itself."""
        self._take("{")
        own: dict[str, Any] = {}
        has_list = False
        while self._peek() != "}":
            name = self._value()
            if not isinstance(name, str) or name in own:
                raise self._fault(_("a member stands twice or has no name"))
            if len(own) > self._limits.columns:
                raise self._fault(_("it has more members than a record has"))
            self._take(":")
            if self._peek() == "[" and name in _LISTS:
                has_list, own[name] = True, None
                yield from self._list(depth + 1, str(own.get("groupId") or group))
            else:
                own[name] = self._value()
            if self._peek() != "}":
                self._take(",")
        self._take("}")
        if not has_list:
            self._count += 1
            yield _as_record(own)

    def _wanted(self, group: str) -> bool:
        """Tell whether records of a centre's group are this queue's; one group in the file needs no name."""
        if not group:
            return True
        self._groups.setdefault(group)
        if not self._group and len(self._groups) > 1:
            raise FileRefusedError(
                Phrase(
                    _(
                        "The file holds several groups (%(groups)s);"
                        " the queue has no external id to choose by."
                    ),
                    {"groups": ", ".join(self._groups)},
                )
            )
        return not self._group or group == self._group

    def _value(self) -> Any:
        self._peek()
        while True:
            try:
                value, end = self._decoder.raw_decode(self._text, self._at)
            except RecursionError as error:
                raise self._fault(_("it is nested too deeply")) from error
            except json.JSONDecodeError as error:
                if len(self._text) - self._at > self._limits.line_bytes or not self._refill():
                    raise self._fault(Phrase.plain(error.msg)) from error
                continue
            if end == len(self._text) and self._refill():
                continue  # a number may go on in the next piece
            if end - self._at > self._limits.line_bytes:
                raise self._fault(_("it is longer than a record is"))
            self._at = end
            return value

    def _peek(self) -> str:
        """Give the next character that is no space; nothing at the end."""
        while True:
            found = _SPACE.match(self._text, self._at)
            self._at = found.end() if found else self._at
            if self._at < len(self._text) or not self._refill():
                return self._text[self._at : self._at + 1]

    def _take(self, char: str) -> None:
        if self._peek() != char:
            raise self._fault(_("a bracket, a comma or a colon is missing"))
        self._at += 1

    def _refill(self) -> bool:
        piece = next(self._pieces, None)
        if piece is None:
            return False
        self._text, self._at = self._text[self._at :] + piece, 0
        return True

    def _object_of(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        members = dict(pairs)
        if len(members) != len(pairs):
            raise self._fault(_("a member stands twice or has no name"))
        return members

    def _refuse_constant(self, name: str) -> None:
        raise FileRefusedError(
            Phrase(
                _("The JSON is wrong at record %(record)d: %(what)s is not JSON."),
                {"record": self._count + 1, "what": name},
            )
        )

    def _fault(self, what: str | Phrase) -> FileRefusedError:
        return FileRefusedError(
            Phrase(
                _("The JSON is wrong at record %(record)d: %(what)s."),
                {"record": self._count + 1, "what": what if isinstance(what, Phrase) else Phrase(what)},
            )
        )


def _as_record(members: dict[str, Any]) -> Record:
    if "startInterval" in members:
        members = _from_centre(members)
    return {name: _cell(value) for name, value in members.items()}


def _from_centre(members: dict[str, Any]) -> dict[str, Any]:
    """Turn a centre's interval into ours: milliseconds a contact become totals, wrap-up counted in."""
    record = {ours: members.get(theirs) for theirs, ours in _CENTRE.items()}
    record["abandoned"] = members.get(_CENTRE_MISSED)
    step = _minutes(members.get("startInterval"), members.get("endInterval"))
    if step is not None:
        record["step_minutes"] = step
    try:
        treated = float(members.get("notUniqueTreated") or 0)
        wrap_s = float(members.get("postProcessing") or 0) / 1000 * treated
        handle_s = float(members.get("aht") or 0) / 1000 * treated + wrap_s
    except (TypeError, ValueError):
        return record | {"handle_s": members.get("aht"), "wrap_s": members.get("postProcessing")}
    return record | {"handle_s": _plain_number(str(handle_s)), "wrap_s": _plain_number(str(wrap_s))}


def _minutes(start: Any, end: Any) -> str | None:
    try:
        length = dt.datetime.fromisoformat(end) - dt.datetime.fromisoformat(start)
    except (TypeError, ValueError):
        return None
    return _plain_number(str(length.total_seconds() / 60))


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else json.dumps(value)[:_VALUE_CHARS]


def _plain_number(text: str) -> str:
    """Write 1.2e2 as 120: rows know digits and a point only."""
    value = float(text)
    return f"{value:.6f}".rstrip("0").rstrip(".") if abs(value) < 1e15 else text  # noqa: PLR2004 - beyond it floats round

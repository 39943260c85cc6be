"""What stands around the sheets of an .xlsx workbook: which there are, where, and their shared texts."""

from __future__ import annotations

import posixpath
import re
from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_noop as _

from apps.core.phrases import Phrase
from apps.demand.errors import FileRefusedError
from apps.demand.services.reading.hardened_xml import HardenedParser, local_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apps.demand.services.reading.archive import Archive
    from apps.demand.services.reading.limits import Limits

_ROOT_RELATIONS = "_rels/.rels"
_ELEMENTS_OF_A_TEXT = 2  # at the cap; fewer texts may have more, as those in many formats do
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet and the member of the archive that holds it."""

    name: str
    part: str
    is_hidden: bool


@dataclass(frozen=True, slots=True)
class Workbook:
    """Sheets in the order of their tabs; `is_1904`: days are counted from 1904, as old Macs did."""

    sheets: list[Sheet]
    is_1904: bool
    strings_part: str


def read_workbook(archive: Archive, limits: Limits) -> Workbook:
    """Follow the relations of the package to its sheets; refuses what is no .xlsx workbook."""
    _refuse_others(archive)
    root = _relations(archive, _ROOT_RELATIONS, "", limits)
    part = next((target for kind, target in root.values() if kind == "officeDocument"), "xl/workbook.xml")
    if part not in archive.names:
        raise FileRefusedError(Phrase(_("This ZIP file is not an Excel workbook.")))
    folder, name = posixpath.split(part)
    relations = _relations(archive, f"{folder}/_rels/{name}.rels", folder, limits)
    sheets: list[Sheet] = []
    systems: list[bool] = []

    def start(element: str, attributes: dict[str, str]) -> None:
        plain = {local_name(key): value for key, value in attributes.items()}
        if element == "workbookPr":
            systems.append(plain.get("date1904", "0") in {"1", "true"})
        if element == "sheet":
            kind, target = relations.get(plain.get("id", ""), ("", ""))
            if kind == "worksheet":
                hidden = plain.get("state", "visible") != "visible"
                sheets.append(Sheet(plain.get("name", "")[:100], target, hidden))

    HardenedParser(limits, start=start).read([archive.whole(part)])
    strings = next((target for kind, target in relations.values() if kind == "sharedStrings"), "")
    return Workbook(sheets, any(systems), strings if strings in archive.names else "")


def _refuse_others(archive: Archive) -> None:
    if "mimetype" in archive.names:
        raise FileRefusedError(
            Phrase(_("This is an OpenDocument file. Save the table as an Excel workbook (.xlsx) or as CSV."))
        )
    if "xl/workbook.bin" in archive.names:
        raise FileRefusedError(
            Phrase(_("This is a binary workbook (.xlsb). Save it as an Excel workbook (.xlsx) or as CSV."))
        )


def _relations(archive: Archive, part: str, folder: str, limits: Limits) -> dict[str, tuple[str, str]]:
    """Give the kind and the target of each relation of a part."""
    found: dict[str, tuple[str, str]] = {}
    if part not in archive.names:
        return found

    def start(element: str, attributes: dict[str, str]) -> None:
        if element == "Relationship" and attributes.get("TargetMode") != "External":
            target = attributes.get("Target", "")
            path = target.lstrip("/") if target.startswith("/") else posixpath.join(folder, target)
            kind = attributes.get("Type", "").rpartition("/")[2]
            found[attributes.get("Id", "")] = (kind, posixpath.normpath(path))

    HardenedParser(limits, start=start).read([archive.whole(part)])
    return found


class SharedStrings:
    """The texts that cells name by number, in one piece of memory: a million of them are 30 MB.

    They are read as far as somebody asks for: the first rows of a sheet need but the first of them.
    """

    def __init__(self, chunks: Iterator[bytes], limits: Limits) -> None:
        self._chunks, self._limits = chunks, limits
        self._bytes = bytearray()
        self._ends = array("Q")
        self._inside: list[str] = []
        self._elements = 0
        self._is_whole = False
        self._parser = HardenedParser(limits, start=self._start, end=self._end, text=self._text)
        self._read_on()

    def __len__(self) -> int:
        """Give how many were read so far."""
        return len(self._ends)

    def __getitem__(self, index: int) -> str:
        """Give a text; `IndexError` if there is none, `FileRefusedError` if they cannot be read up to it."""
        while index >= len(self._ends) and not self._is_whole:
            self._read_on()
        if not 0 <= index < len(self._ends):
            raise IndexError(index)
        begin = self._ends[index - 1] if index else 0
        return unescaped(self._bytes[begin : self._ends[index]].decode())

    @classmethod
    def of(cls, archive: Archive, part: str, limits: Limits) -> SharedStrings:
        """Open the texts that are kept in `part`; a workbook without any has no such part."""
        if part and archive.size_of(part) > limits.strings_bytes:
            raise FileRefusedError(
                Phrase(
                    _("The workbook holds more than %(mb)d MB of texts: it is no table of numbers."),
                    {"mb": limits.strings_bytes // 1024**2},
                )
            )
        return cls(archive.chunks(part) if part else iter((b"<sst/>",)), limits)

    def _read_on(self) -> None:
        chunk = next(self._chunks, b"")
        self._is_whole = not chunk
        self._parser.feed(chunk, last=self._is_whole)

    def _start(self, element: str, _attributes: dict[str, str]) -> None:
        self._inside.append(element)
        self._elements += 1
        most = self._limits.strings
        if len(self._ends) >= most or self._elements > most * _ELEMENTS_OF_A_TEXT:
            raise FileRefusedError(
                Phrase(
                    _("The workbook holds more than %(most)d texts: it is no table of numbers."),
                    {"most": most},
                )
            )

    def _end(self, element: str) -> None:
        self._inside.pop()
        if element == "si":
            self._ends.append(len(self._bytes))

    def _text(self, piece: str) -> None:
        if self._inside[-1] == "t" and "rPh" not in self._inside:  # not how an East Asian text is read aloud
            self._bytes.extend(piece.encode())


def unescaped(text: str) -> str:
    """Undo `_x000D_`, by which a workbook writes characters that XML may not hold."""
    if "_x" not in text:
        return text
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)

"""From an uploaded file to a table of lines; what is no table is refused before it costs anything."""

from __future__ import annotations

import codecs
import gzip
import hashlib
import io
import zlib
from itertools import chain
from typing import IO, TYPE_CHECKING

from django.utils.translation import gettext_noop as _

from apps.core.phrases import Phrase
from apps.demand.errors import FileRefusedError
from apps.demand.services.reading.excel import INTERVALS, workbook_table
from apps.demand.services.reading.json_records import json_table
from apps.demand.services.reading.text_table import TextTable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apps.demand.services.reading.layout import Wanted
    from apps.demand.services.reading.limits import Limits

_GZIP = b"\x1f\x8b"
_SIGNATURES = (
    (b"\xd0\xcf\x11\xe0", "Excel 97–2003 (.xls)"),
    (b"%PDF", "PDF"),
    (b"\x89PNG", "PNG"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ", "xz"),
    (b"7z\xbc\xaf", "7-Zip"),
    (b"{\\rtf", "RTF"),
)
_ZIP = b"PK\x03\x04"
_UTF16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_UTF16_JSON = {b"[\0": "utf-16-le", b"{\0": "utf-16-le", b"\0[": "utf-16-be", b"\0{": "utf-16-be"}
_RATIO_COUNTS_FROM = 1024**2  # bytes: a small file may be as regular as it likes


def digest_of(file: IO[bytes], limits: Limits) -> str:
    """Give the SHA-256 of the file as it came, refusing one that is too large; leaves it at its beginning."""
    file.seek(0)
    sha256, size = hashlib.sha256(), 0
    while block := file.read(limits.block_bytes):
        size += len(block)
        if size > limits.file_bytes:
            raise FileRefusedError(
                Phrase(_("The file is larger than %(mb)d MB."), {"mb": limits.file_bytes // 1024**2})
            )
        sha256.update(block)
    file.seek(0)
    return sha256.hexdigest()


def open_table(file: IO[bytes], limits: Limits, *, group: str = "", wanted: Wanted = INTERVALS) -> TextTable:
    """Open a file by what it holds, whatever its name says: a workbook, JSON, or else lines.

    `wanted` is the table that is looked for in a workbook and among JSON records; of lines the reader finds
    the heading itself. `group` is the contact centre's group to take from a document that holds several.

    Raises
    ------
    FileRefusedError
        At once or while the blocks are read: content that is no table, damaged, hostile, beyond the limits.

    """
    file.seek(0, io.SEEK_END)
    size = max(file.tell(), 1)
    file.seek(0)
    if file.read(len(_ZIP)) == _ZIP:
        return workbook_table(file, limits, wanted)

    def fraction() -> float:
        return min(file.tell() / size, 1.0)

    blocks = _decoded(_unpacked(file, limits), limits)
    first = next((block for block in blocks if block.strip()), b"")
    if first.lstrip()[:1] in {b"[", b"{"}:
        return json_table(chain([first], blocks), limits, fraction, wanted=wanted, group=group)
    return TextTable("csv", blocks_of_lines(file, limits), fraction)


def blocks_of_lines(file: IO[bytes], limits: Limits) -> Iterator[bytes]:
    """Yield blocks of about `limits.block_bytes`, each of whole lines, in UTF-8 or cp1251.

    Gzip is unpacked as it is read, UTF-16 (what Excel calls Unicode text) recoded, a byte order mark dropped.

    Raises
    ------
    FileRefusedError
        Binary content, damaged gzip, text or a line or an unpacking beyond the limits, nothing at all.

    """
    rest, empty = b"", True
    for block in _decoded(_unpacked(file, limits), limits):
        empty = empty and not block.strip()
        if b"\x00" in block:
            raise FileRefusedError(Phrase(_("The file is binary: it holds zero bytes.")))
        cut = block.rfind(b"\n") + 1
        if not cut:
            rest += block
        else:
            yield rest + block[:cut]
            rest = block[cut:]
        if len(rest) > limits.line_bytes:
            raise FileRefusedError(
                Phrase(
                    _("The file has a line longer than %(kb)d kB: it is not a table of intervals."),
                    {"kb": limits.line_bytes // 1024},
                )
            )
    if empty:
        raise FileRefusedError(Phrase(_("The file is empty.")))
    if rest.strip():
        yield rest + b"\n"


def _unpacked(file: IO[bytes], limits: Limits) -> Iterator[bytes]:
    file.seek(0)
    head = file.read(8)
    file.seek(0)
    for signature, name in _SIGNATURES:
        if head.startswith(signature):
            raise FileRefusedError(
                Phrase(
                    _(
                        "This is a file of the kind %(kind)s."
                        " Save the table as an Excel workbook (.xlsx) or as CSV."
                    ),
                    {"kind": name},
                )
            )
    if not head.startswith(_GZIP):
        yield from iter(lambda: file.read(limits.block_bytes), b"")
        return
    try:
        yield from _gunzip(file, limits)
    except (OSError, EOFError, zlib.error) as error:
        raise FileRefusedError(
            Phrase(_("The gzip file is damaged: %(reason)s."), {"reason": str(error)})
        ) from error


def _gunzip(file: IO[bytes], limits: Limits) -> Iterator[bytes]:
    grown = 0
    with gzip.GzipFile(fileobj=file) as packed:
        while block := packed.read(limits.block_bytes):
            grown += len(block)
            if grown > max(_RATIO_COUNTS_FROM, limits.unpack_ratio * file.tell()):
                raise FileRefusedError(
                    Phrase(
                        _("The gzip file unpacks to more than %(ratio)d times its size: it is not a table."),
                        {"ratio": limits.unpack_ratio},
                    )
                )
            yield block


def _decoded(blocks: Iterator[bytes], limits: Limits) -> Iterator[bytes]:
    """Drop a byte order mark, recode UTF-16, and count the text."""
    size, decoder, first = 0, None, True
    for raw in blocks:
        block = raw
        if first:
            first = False
            marked = _UTF16.get(block[:2])
            encoding = marked or _UTF16_JSON.get(block[:2])
            decoder = codecs.getincrementaldecoder(encoding)() if encoding else None
            block = block[2:] if marked else block.removeprefix(codecs.BOM_UTF8)
        if decoder:
            block = _recoded(decoder, block)
        size += len(block)
        if size > limits.text_bytes:
            raise FileRefusedError(
                Phrase(_("The file holds more than %(mb)d MB of text."), {"mb": limits.text_bytes // 1024**2})
            )
        yield block


def _recoded(decoder: codecs.IncrementalDecoder, block: bytes) -> bytes:
    try:
        return decoder.decode(block).encode()
    except UnicodeError as error:
        raise FileRefusedError(Phrase(_("The file is not whole UTF-16 text."))) from error

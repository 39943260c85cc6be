"""A workbook's zip archive: what it holds is measured by unpacking it, never believed from its headers."""

from __future__ import annotations

import zipfile
import zlib
from typing import IO, TYPE_CHECKING

from django.utils.translation import gettext_noop as _

from apps.core.phrases import Phrase
from apps.demand.errors import FileRefusedError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apps.demand.services.reading.limits import Limits

CHUNK_BYTES = 64 * 1024
_ENTRY = b"PK\x01\x02"  # begins each entry of the directory; without it zipfile refuses the archive
_ENCRYPTED = 0x1
_ROWS = (b"<row ", b"<row>", b"<row/", b":row ")
_RATIO_COUNTS_FROM = 1024**2  # bytes: a small file may be as regular as it likes
_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError)


def damaged(error: Exception) -> FileRefusedError:
    return FileRefusedError(Phrase(_("The workbook is damaged: %(reason)s."), {"reason": str(error)[:200]}))


class Archive:
    """Members of a zip file, unpacked piece by piece under the limits; nothing is ever written to disk."""

    def __init__(self, file: IO[bytes], limits: Limits) -> None:
        self._limits = limits
        self._file_bytes = _count_entries(file, limits)
        self._unpacked = 0
        self.cells = 0
        self._sizes: dict[str, int] = {}
        try:
            self._zip = zipfile.ZipFile(file)
        except _DAMAGE as error:
            raise damaged(error) from error
        self.names = frozenset(self._zip.namelist())
        if len(self.names) != len(self._zip.namelist()):
            raise FileRefusedError(Phrase(_("The workbook holds two files of one name.")))
        if any(entry.flag_bits & _ENCRYPTED for entry in self._zip.infolist()):
            raise FileRefusedError(Phrase(_("The workbook is protected by a password; save it without one.")))

    def size_of(self, name: str) -> int:
        """Give how many bytes a member unpacks to, by unpacking it once; refuses one beyond the limits."""
        if name not in self._sizes:
            size = rows = 0
            for chunk in self._chunks(name):
                size += len(chunk)
                rows += sum(map(chunk.count, _ROWS))
                self._check(self._unpacked + size, rows)
            self._unpacked += size
            self._sizes[name] = size
        return self._sizes[name]

    def chunks(self, name: str) -> Iterator[bytes]:
        """Unpack a member that was measured."""
        self.size_of(name)
        return self._chunks(name)

    def count_cells(self, met: int) -> None:
        """Count rows and cells that were met, empty ones too: each takes time, whatever it holds."""
        self.cells += met
        if self.cells > self._limits.cells:
            raise FileRefusedError(
                Phrase(
                    _("The workbook holds more than %(most)d cells, most of them empty: it is not a table."),
                    {"most": self._limits.cells},
                )
            )

    def whole(self, name: str, most_bytes: int = 1024**2) -> bytes:
        """Give a small member."""
        if self.size_of(name) > most_bytes:
            raise FileRefusedError(
                Phrase(_("%(name)s in the workbook is larger than is usual."), {"name": name[:100]})
            )
        return b"".join(self._chunks(name))

    def _chunks(self, name: str) -> Iterator[bytes]:
        try:
            with self._zip.open(name) as member:
                while chunk := member.read(CHUNK_BYTES):
                    yield chunk
        except KeyError as error:
            raise FileRefusedError(Phrase(_("The workbook lacks %(name)s."), {"name": name[:100]})) from error
        except _DAMAGE as error:
            raise damaged(error) from error

    def _check(self, unpacked: int, rows: int) -> None:
        limits = self._limits
        if unpacked > max(_RATIO_COUNTS_FROM, limits.unpack_ratio * self._file_bytes):
            raise FileRefusedError(
                Phrase(
                    _("The workbook unpacks to more than %(ratio)d times its size: it is not a table."),
                    {"ratio": limits.unpack_ratio},
                )
            )
        if unpacked > limits.text_bytes:
            raise FileRefusedError(
                Phrase(
                    _("The workbook unpacks to more than %(mb)d MB."), {"mb": limits.text_bytes // 1024**2}
                )
            )
        if rows > min(limits.sheet_rows, limits.rows + limits.heading_within):
            raise FileRefusedError(
                Phrase(
                    _("The file has more than %(most)d rows; split it."),
                    {"most": min(limits.sheet_rows, limits.rows)},
                )
            )


def _count_entries(file: IO[bytes], limits: Limits) -> int:
    """Give the size; refuse a directory of too many entries before each of them becomes an object."""
    file.seek(0)
    size = entries = 0
    tail = b""
    while block := file.read(limits.block_bytes):
        size += len(block)
        entries += (tail + block).count(_ENTRY)
        tail = block[-(len(_ENTRY) - 1) :]
        if entries > limits.members:
            raise FileRefusedError(
                Phrase(_("The workbook holds more than %(most)d files."), {"most": limits.members})
            )
    file.seek(0)
    return size

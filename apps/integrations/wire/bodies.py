"""The body of an answer, within a limit that also holds for what is packed in it."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from django.utils.translation import gettext_noop

from apps.core.phrases import Phrase
from apps.integrations.errors import PoisonError, TemporaryError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

GZIP = 16 + zlib.MAX_WBITS
PIECE_BYTES = 1 << 20
TOO_LONG = gettext_noop("The answer is longer than the %(limit)s bytes that this connection allows.")
DAMAGED = gettext_noop("The packed answer is damaged.")
UNKNOWN_PACKING = gettext_noop("The answer is packed in a way that was not asked for: %(encoding)s.")
CUT = gettext_noop("The answer ends in the middle.")


def read_body(chunks: Iterable[bytes], headers: Mapping[str, str], limit: int) -> bytes:
    """Give the body, unpacked; never holds much more than `limit` bytes.

    Raises `PoisonError` for a longer or damaged one and `TemporaryError` for a cut one.
    """
    announced = headers.get("content-length", "")
    if announced.isascii() and announced.isdigit() and int(announced) > limit:
        raise _too_long(limit)
    encoding = headers.get("content-encoding", "").strip().lower()
    if encoding in {"gzip", "x-gzip"}:
        chunks = _unpacked(chunks)
    elif encoding not in {"", "identity"}:
        raise PoisonError(Phrase(UNKNOWN_PACKING, {"encoding": encoding[:40]}))
    body = bytearray()
    for chunk in chunks:
        if len(body) + len(chunk) > limit:
            raise _too_long(limit)
        body += chunk
    return bytes(body)


def read_beginning(chunks: Iterable[bytes], headers: Mapping[str, str], most: int) -> bytes:
    """Give at most `most` bytes of the body; what is wrong with it does not matter."""
    body = b""
    try:
        for chunk in _unpacked(chunks) if "gzip" in headers.get("content-encoding", "") else chunks:
            body += chunk[: most - len(body)]
            if len(body) >= most:
                break
    except (PoisonError, TemporaryError):
        return body
    return body


def _too_long(limit: int) -> PoisonError:
    return PoisonError(Phrase(TOO_LONG, {"limit": limit}))


def _unpacked(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Unpack gzip (of any number of members) in pieces, so that a bomb is met before it is held."""
    unpacker = zlib.decompressobj(GZIP)
    begun = False
    try:
        for chunk in chunks:
            rest, full = chunk, False
            while rest or full:
                if unpacker.eof:
                    unpacker = zlib.decompressobj(GZIP)
                begun = True
                piece = unpacker.decompress(rest, PIECE_BYTES)
                yield piece
                rest = unpacker.unused_data if unpacker.eof else unpacker.unconsumed_tail
                full = len(piece) == PIECE_BYTES and not unpacker.eof
    except zlib.error as error:
        raise PoisonError(Phrase(DAMAGED), detail=str(error)) from error
    if begun and not unpacker.eof:
        raise TemporaryError(Phrase(CUT))

"""One gzip member (RFC 1952), made of pieces that are compressed apart.

Each piece ends at a byte of its own (a sync flush, RFC 1951), so that pieces can be written by
different processes, put together without being opened, and opened one by one.
"""

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
_LAST_BLOCK = b"\x03\x00"
AROUND = len(HEADER) + len(_LAST_BLOCK) + 8
_RAW = -15
_LEVEL = 6
_WORD = 1 << 32


@dataclass(frozen=True)
class Sum:
    """What a member's end says of the text: its CRC-32 and its length in bytes."""

    crc: int = 0
    size: int = 0

    def with_piece(self, text: bytes) -> "Sum":
        """Return the sum of the text with a piece more."""
        return Sum(zlib.crc32(text, self.crc), self.size + len(text))


def packed(text: bytes) -> bytes:
    """Return a piece, compressed."""
    press = zlib.compressobj(_LEVEL, zlib.DEFLATED, _RAW)
    return press.compress(text) + press.flush(zlib.Z_SYNC_FLUSH)


def unpacked(piece: bytes) -> bytes:
    """Return a piece's text."""
    return zlib.decompressobj(_RAW).decompress(piece)


def ending(total: Sum) -> bytes:
    """Return what comes after the last piece."""
    return (
        _LAST_BLOCK + total.crc.to_bytes(4, "little") + (total.size % _WORD).to_bytes(4, "little")
    )


def member(texts: Iterable[bytes]) -> Iterator[bytes]:
    """Give a text that comes in pieces as one member."""
    total = Sum()
    yield HEADER
    for text in texts:
        total = total.with_piece(text)
        yield packed(text)
    yield ending(total)

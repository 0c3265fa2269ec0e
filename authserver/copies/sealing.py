"""The file: lines, encrypted in pieces under a passphrase (scrypt, AES-256-GCM).

A piece names its place and whether it is the last: nothing can be changed, reordered, left out or
cut off. Format: a line that says what it is, 16 bytes of salt, then pieces of 4 bytes length and
ciphertext.
"""

from collections.abc import Iterator
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from authserver.core.ids import random_bytes
from authserver.core.problems import Problem

MAGIC = b"authserver tenant copy 1\n"
LEAST_PASSPHRASE = 12
_SALT, _PIECE, _TAG = 16, 64 * 1024, 16
_LARGEST = 4 * 1024 * 1024  # a line with a picture in it
_COST = 2**17


class UnfitCopy(Problem):
    """The file is none that can be taken; the description says why."""

    code = "unfit_copy"
    title = "The copy cannot be used"


def check_passphrase(passphrase: str) -> str:
    """Return a passphrase. Raises UnfitCopy for a short one."""
    if len(passphrase) < LEAST_PASSPHRASE:
        raise UnfitCopy(f"A passphrase has at least {LEAST_PASSPHRASE} characters.")
    return passphrase


class Writer:
    """Writes lines into a file. `close` writes the last piece."""

    def __init__(self, file: BinaryIO, passphrase: str) -> None:
        """Begin the file."""
        salt = random_bytes(_SALT)
        self._file, self._cipher = file, _cipher(passphrase, salt)
        self._buffer, self._number = bytearray(), 0
        file.write(MAGIC + salt)

    def line(self, data: bytes) -> None:
        """Add a line."""
        self._buffer += data + b"\n"
        while len(self._buffer) > _PIECE:
            self._write(bytes(self._buffer[:_PIECE]), last=False)
            del self._buffer[:_PIECE]

    def close(self) -> None:
        """End the file: without this it cannot be read."""
        self._write(bytes(self._buffer), last=True)

    def _write(self, plain: bytes, *, last: bool) -> None:
        sealed = self._cipher.encrypt(_nonce(self._number), plain, _place(last=last))
        self._file.write(len(sealed).to_bytes(4, "big") + sealed)
        self._number += 1


def lines(file: BinaryIO, passphrase: str) -> Iterator[bytes]:
    """Give the lines of a file. Raises UnfitCopy, at the latest where the file was cut off."""
    if file.read(len(MAGIC)) != MAGIC:
        raise UnfitCopy("This file is no copy of a tenant, or one of another version.")
    cipher = _cipher(passphrase, file.read(_SALT))
    rest = bytearray()
    for plain in _pieces(file, cipher):
        rest += plain
        if len(rest) > _LARGEST + _PIECE:
            raise UnfitCopy("The copy is damaged: a line of it is too long.")
        *whole, left = rest.split(b"\n")
        yield from (bytes(line) for line in whole)
        rest = left
    if rest:
        raise UnfitCopy("The copy is damaged: its last line has no end.")


def _pieces(file: BinaryIO, cipher: AESGCM) -> Iterator[bytes]:
    number, length = 0, file.read(4)
    while length:
        size = int.from_bytes(length, "big")
        sealed = file.read(size) if size <= _PIECE + _TAG else b""
        length = file.read(4)
        try:
            yield cipher.decrypt(_nonce(number), sealed, _place(last=not length))
        except (InvalidTag, ValueError) as error:
            raise UnfitCopy("The passphrase is wrong, or the copy was changed.") from error
        number += 1
    if not number:
        raise UnfitCopy("The copy is cut off.")


def _cipher(passphrase: str, salt: bytes) -> AESGCM:
    made = Scrypt(salt=salt, length=32, n=_COST, r=8, p=1).derive(passphrase.encode())
    return AESGCM(made)


def _nonce(number: int) -> bytes:
    return number.to_bytes(12, "big")


def _place(*, last: bool) -> bytes:
    return MAGIC + (b"\x01" if last else b"\x00")

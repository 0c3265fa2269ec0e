"""The file: lines, encrypted in pieces under a passphrase (scrypt, AES-256-GCM).

A piece names its place and whether it is the last: nothing can be changed, reordered, left out or
cut off. Format: a line that says what it is, 16 bytes of salt, then pieces of 4 bytes length and
ciphertext.
"""

from base64 import b64decode, b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from authserver.core.ids import random_bytes
from authserver.core.problems import Problem
from authserver.core.values.said import said

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
        raise UnfitCopy(
            said("A passphrase has at least %(least)s characters.", least=LEAST_PASSPHRASE),
            field="passphrase",
        )
    return passphrase


@dataclass(frozen=True)
class Key:
    """What a file is encrypted with: made of a passphrase, slowly, with the file's own salt."""

    salt: bytes
    secret: bytes = field(repr=False)

    @classmethod
    def new(cls, passphrase: str) -> Self:
        """Make the key of a new file. Raises UnfitCopy for a short passphrase."""
        salt = random_bytes(_SALT)
        return cls(salt, _secret(check_passphrase(passphrase), salt))

    @classmethod
    def of(cls, file: BinaryIO, passphrase: str) -> Self:
        """Make the key of a file at its beginning. Raises UnfitCopy for what is no copy."""
        salt = _salt_of(file)
        return cls(salt, _secret(passphrase, salt))

    @classmethod
    def read(cls, text: str) -> Self:
        """Return the key that was written as a text."""
        raw = b64decode(text)
        return cls(raw[:_SALT], raw[_SALT:])

    def written(self) -> str:
        """Return it as a text: a secret."""
        return b64encode(self.salt + self.secret).decode()


class Writer:
    """Writes lines into a file. `close` writes the last piece."""

    def __init__(self, file: BinaryIO, key: Key) -> None:
        """Begin the file."""
        self._file, self._cipher = file, AESGCM(key.secret)
        self._buffer, self._number = bytearray(), 0
        file.write(MAGIC + key.salt)

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


def lines(file: BinaryIO, key: Key) -> Iterator[bytes]:
    """Give the lines of a file from its beginning.

    Raises UnfitCopy, at the latest where the file was cut off.
    """
    _salt_of(file)
    rest = bytearray()
    for plain in _pieces(file, AESGCM(key.secret)):
        rest += plain
        if len(rest) > _LARGEST + _PIECE:
            raise UnfitCopy("The copy is damaged: a line of it is too long.", field="file")
        *whole, left = rest.split(b"\n")
        yield from (bytes(line) for line in whole)
        rest = left
    if rest:
        raise UnfitCopy("The copy is damaged: its last line has no end.", field="file")


def _salt_of(file: BinaryIO) -> bytes:
    if file.read(len(MAGIC)) != MAGIC:
        raise UnfitCopy(
            "This file is no copy of a tenant, or one of another version.", field="file"
        )
    return file.read(_SALT)


def _pieces(file: BinaryIO, cipher: AESGCM) -> Iterator[bytes]:
    number, length = 0, file.read(4)
    while length:
        size = int.from_bytes(length, "big")
        sealed = file.read(size) if size <= _PIECE + _TAG else b""
        length = file.read(4)
        try:
            yield cipher.decrypt(_nonce(number), sealed, _place(last=not length))
        except (InvalidTag, ValueError) as error:
            raise UnfitCopy(
                "The passphrase is wrong, or the copy was changed.", field="passphrase"
            ) from error
        number += 1
    if not number:
        raise UnfitCopy("The copy is cut off.", field="file")


def _secret(passphrase: str, salt: bytes) -> bytes:
    return Scrypt(salt=salt, length=32, n=_COST, r=8, p=1).derive(passphrase.encode())


def _nonce(number: int) -> bytes:
    return number.to_bytes(12, "big")


def _place(*, last: bool) -> bytes:
    return MAGIC + (b"\x01" if last else b"\x00")

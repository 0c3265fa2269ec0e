"""Encryption at rest: AES-256-GCM under a master key, and keys derived from it.

A ciphertext names the key that made it and is bound to its place (table, column, row), so that a
value copied to another row does not decrypt. Format: version 1, key id (8), nonce (12), ciphertext.
"""

import hashlib
import hmac
import os
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from authserver.core.ids import random_bytes

_VERSION = b"\x01"
_KEY_BYTES = 32
_HEADER = 1 + 8 + 12
KEY_ID = slice(1, 9)  # of a ciphertext: the id of the key that made it


class DecryptionError(Exception):
    """The ciphertext was not made by these keys for this place, or was changed."""


class MasterKeyError(Exception):
    """The master key is missing, malformed or not the one this data was written with."""


@dataclass(frozen=True)
class Place:
    """Where a ciphertext lives; it decrypts nowhere else."""

    table: str
    column: str
    row: str

    def bytes(self) -> bytes:
        """Return the associated data, length-prefixed so that no two places collide."""
        return pack(self.table, self.column, self.row)


def pack(*parts: str) -> bytes:
    """Join texts so that different lists never give the same bytes."""
    encoded = [part.encode() for part in parts]
    return b"".join(len(part).to_bytes(4, "big") + part for part in encoded)


def seal(key: bytes | AESGCM, plaintext: bytes, context: bytes) -> bytes:
    """Encrypt under one key, or a key made ready before; returns nonce and ciphertext."""
    nonce = random_bytes(12)
    cipher = AESGCM(key) if isinstance(key, bytes) else key
    return nonce + cipher.encrypt(nonce, plaintext, context)


def unseal(key: bytes, sealed: bytes, context: bytes) -> bytes:
    """Decrypt what `seal` made. Raises DecryptionError."""
    try:
        return AESGCM(key).decrypt(sealed[:12], sealed[12:], context)
    except (InvalidTag, ValueError) as error:
        raise DecryptionError from error


def derive(key: bytes, *purpose: str) -> bytes:
    """Return a 256-bit key for one purpose (HKDF-SHA-256, RFC 5869)."""
    return HKDF(algorithm=SHA256(), length=_KEY_BYTES, salt=None, info=pack(*purpose)).derive(key)


class Keyring:
    """The master keys: the first encrypts, all decrypt."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        """Take 32-byte keys, the active one first."""
        if not keys or any(len(key) != _KEY_BYTES for key in keys):
            raise MasterKeyError("a master key is 32 bytes, base64-encoded")
        self._keys = {_key_id(key): key for key in keys}
        self._active = _key_id(keys[0])

    @property
    def ids(self) -> tuple[bytes, ...]:
        """Return the keys' ids, as ciphertexts name them: the active one's first."""
        return tuple(self._keys)

    def encrypt(self, plaintext: bytes, place: Place) -> bytes:
        """Encrypt a value for the place it is stored at."""
        sealed = seal(self._keys[self._active], plaintext, place.bytes())
        return _VERSION + self._active + sealed

    def decrypt(self, ciphertext: bytes, place: Place) -> bytes:
        """Decrypt a stored value. Raises DecryptionError."""
        key = self._keys.get(ciphertext[KEY_ID])
        if ciphertext[:1] != _VERSION or key is None or len(ciphertext) < _HEADER:
            raise DecryptionError("unknown key")
        return unseal(key, ciphertext[KEY_ID.stop :], place.bytes())

    def encrypt_text(self, text: str, place: Place) -> bytes | None:
        """Encrypt a text; nothing is stored of an empty one."""
        return self.encrypt(text.encode(), place) if text else None

    def decrypt_text(self, ciphertext: bytes | None, place: Place) -> str:
        """Decrypt a text, empty where nothing is stored. Raises DecryptionError."""
        return self.decrypt(ciphertext, place).decode() if ciphertext else ""

    def derive(self, *purpose: str) -> tuple[bytes, ...]:
        """Return keys for one purpose, of every master key, the active one's first.

        The first is another one as soon as the active key is. What it made is known by the others.
        """
        return tuple(derive(key, *purpose) for key in self._keys.values())

    @classmethod
    def parse(cls, text: str) -> "Keyring":
        """Read base64 keys, one a line, the active one first. Raises MasterKeyError."""
        try:
            return cls([b64decode(line, validate=True) for line in text.split()])
        except ValueError as error:
            raise MasterKeyError("the master key is not base64") from error

    @classmethod
    def load(cls, path: Path) -> "Keyring":
        """Read the key file. Raises MasterKeyError."""
        try:
            return cls.parse(path.read_text())
        except OSError as error:
            raise MasterKeyError(f"cannot read the master key {path}: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise MasterKeyError(f"the master key {path} is not base64") from error


def create_master_key(path: Path) -> None:
    """Write a new key file that only its owner can read; never overwrites one."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(b64encode(os.urandom(_KEY_BYTES)) + b"\n")


def same(left: bytes, right: bytes) -> bool:
    """Compare without telling by time where the difference is."""
    return hmac.compare_digest(left, right)


def _key_id(key: bytes) -> bytes:
    return hashlib.sha256(b"authserver key id\0" + key).digest()[:8]

"""A witness's folder: its key, the logs it knows, and the last head of each that it cosigned.

One process at a time has it. What a witness forgot it could sign again differently, so that each
head is on the disk before its cosignature leaves.
"""

import fcntl
import hashlib
import os
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import orjson

from authserver.audit.checkpoints.signing import Verifier
from authserver.audit.witnesses.cosigning import Cosigner, new_cosigner, read_cosigner
from authserver.audit.witnesses.policy import Known

_KEY, _LOCK, _LOGS = "witness.key", "lock", "logs"
_OWNER_ALONE = 0o600


class FolderError(Exception):
    """The folder is no witness's, or another process has it."""


class WitnessFolder:
    """Keeps what a witness has to remember."""

    def __init__(self, path: Path) -> None:
        """Take the folder."""
        self._path = path

    def make(self, name: str) -> Cosigner:
        """Make the folder, with a new key. Raises FolderError where there is one already."""
        cosigner = new_cosigner(name)
        try:
            (self._path / _LOGS).mkdir(mode=0o700, parents=True, exist_ok=True)
            handle = os.open(self._path / _KEY, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ALONE)
        except FileExistsError as error:
            raise FolderError(f"{self._path} has a witness's key already") from error
        except OSError as error:
            raise FolderError(f"{self._path}: {error.strerror}") from error
        with os.fdopen(handle, "w") as file:
            file.write(cosigner.text() + "\n")
            file.flush()
            os.fsync(file.fileno())
        return cosigner

    def cosigner(self) -> Cosigner:
        """Return the key. Raises FolderError."""
        try:
            return read_cosigner((self._path / _KEY).read_text())
        except (OSError, ValueError) as error:
            raise FolderError(f"{self._path} has no key of a witness: {error}") from error

    @contextmanager
    def held(self) -> Iterator[None]:
        """Have the folder alone. Raises FolderError where another process has it."""
        self.cosigner()
        with (self._path / _LOCK).open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise FolderError(f"another process has {self._path}") from error
            yield

    def logs(self) -> list[Known]:
        """Return every log that is known. Raises FolderError."""
        try:
            return [_read(path) for path in sorted((self._path / _LOGS).glob("*.json"))]
        except (OSError, ValueError, KeyError) as error:
            raise FolderError(f"a log in {self._path} cannot be read: {error}") from error

    def keep(self, log: Known) -> None:
        """Remember a log, durably, whole or not at all. Raises OSError."""
        folder = self._path / _LOGS
        name = hashlib.sha256(log.origin.encode()).hexdigest()[:32]
        partial = folder / f".{name}.{os.getpid()}"
        handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _OWNER_ALONE)
        with os.fdopen(handle, "wb") as file:
            file.write(_written(log))
            file.flush()
            os.fsync(file.fileno())
        partial.replace(folder / f"{name}.json")
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _written(log: Known) -> bytes:
    keys = [
        {"name": key.name, "algorithm": key.algorithm, "key": b64encode(key.public_key).decode()}
        for key in log.keys
    ]
    root = b64encode(log.root).decode()
    return orjson.dumps({"origin": log.origin, "size": log.size, "root": root, "keys": keys})


def _read(path: Path) -> Known:
    found = orjson.loads(path.read_bytes())
    keys = tuple(
        Verifier(key["name"], key["algorithm"], b64decode(key["key"])) for key in found["keys"]
    )
    return Known(found["origin"], keys, found["size"], b64decode(found["root"]))

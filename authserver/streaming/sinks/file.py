"""A file of JSON lines, opened anew for each batch: whoever moves it away gets a new one."""

import os
from collections.abc import Sequence
from pathlib import Path

from authserver.streaming.sinks import Line, Refused

_MODE = 0o600
_FLAGS = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC


class FileSink:
    """Appends whole lines and syncs them to the disk."""

    def __init__(self, path: Path) -> None:
        """Take where; the folder has to be there."""
        self._path = path

    def send(self, lines: Sequence[Line]) -> None:
        """Append them. Raises Refused."""
        data = b"".join(line.json() + b"\n" for line in lines)
        try:
            handle = os.open(self._path, _FLAGS, _MODE)
            try:
                _append(handle, data)
            finally:
                os.close(handle)
        except OSError as error:
            raise Refused(f"{self._path}: {error.strerror}") from error

    def close(self) -> None:
        """Nothing is open."""


def _append(handle: int, data: bytes) -> None:
    size = os.fstat(handle).st_size
    # What a power cut left of a line ends here: the batch that it was of comes again.
    broken = size > 0 and os.pread(handle, 1, size - 1) != b"\n"
    rest = memoryview(b"\n" + data if broken else data)
    while rest:
        rest = rest[os.write(handle, rest) :]
    os.fsync(handle)

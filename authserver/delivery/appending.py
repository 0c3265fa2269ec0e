"""Appending whole lines to a file, durably: what a power cut left of a line spoils no other."""

import os
from pathlib import Path

_MODE = 0o600
_FLAGS = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC


def append(path: Path, data: bytes) -> None:
    """Append lines and sync them to the disk. Raises OSError.

    The file is opened anew each time: whoever moves it away gets a new one.
    """
    handle = os.open(path, _FLAGS, _MODE)
    try:
        size = os.fstat(handle).st_size
        # What a power cut left of a line ends here: what it was of comes again.
        broken = size > 0 and os.pread(handle, 1, size - 1) != b"\n"
        rest = memoryview(b"\n" + data if broken else data)
        while rest:
            rest = rest[os.write(handle, rest) :]
        os.fsync(handle)
    finally:
        os.close(handle)

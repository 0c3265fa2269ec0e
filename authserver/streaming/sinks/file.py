"""A file of JSON lines, opened anew for each batch: whoever moves it away gets a new one."""

from collections.abc import Sequence
from pathlib import Path

from authserver.delivery.appending import append
from authserver.streaming.sinks import Line, Refused


class FileSink:
    """Appends whole lines and syncs them to the disk."""

    def __init__(self, path: Path) -> None:
        """Take where; the folder has to be there."""
        self._path = path

    def send(self, lines: Sequence[Line]) -> None:
        """Append them. Raises Refused."""
        try:
            append(self._path, b"".join(line.json() + b"\n" for line in lines))
        except OSError as error:
            raise Refused(f"{self._path}: {error.strerror}") from error

    def close(self) -> None:
        """Nothing is open."""

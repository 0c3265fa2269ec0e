"""A folder as a way out: each mail is a file. Where there is no mail server yet."""

import os
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import cast

from authserver.core.ids import is_id

_PICTURES = frozenset({"image/png", "image/jpeg", "image/webp", "image/gif"})


class FolderTransport:
    """Puts each mail into a folder as a file (RFC 5322) that only its owner reads."""

    def __init__(self, directory: Path) -> None:
        """Take the folder; it is made when the first mail comes."""
        self._directory = directory

    def __str__(self) -> str:
        return f"as files in {self._directory}"

    def send(self, message_id: str, message: EmailMessage) -> None:
        """Write the mail, whole or not at all, and never a second time."""
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        partial = self._directory / f".{message_id}.{os.getpid()}"
        handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(message.as_bytes())
            file.flush()
            os.fsync(file.fileno())
        try:
            # Unlike a rename, a link does not replace what is there.
            with suppress(FileExistsError):
                os.link(partial, self._directory / f"{message_id}.eml")
        finally:
            partial.unlink()


@dataclass(frozen=True)
class InlineImage:
    """A picture within a mail, and by which id the HTML names it (RFC 2392)."""

    cid: str
    media_type: str
    data: bytes


@dataclass(frozen=True)
class StoredMail:
    """A mail of the folder, when it came, and the id of its message."""

    id: str
    arrived_at: datetime
    message: EmailMessage

    def body(self, kind: str) -> str:
        """Return the body of a kind, `plain` or `html`."""
        part = cast("EmailMessage | None", self.message.get_body((kind,)))
        return str(part.get_content()) if part else ""

    def images(self) -> list[InlineImage]:
        """Return the pictures that the HTML shows, of kinds that hold no script."""
        return [
            InlineImage(cid.strip("<>"), part.get_content_type(), part.get_content())
            for part in self.message.walk()
            if (cid := str(part.get("Content-ID", ""))) and part.get_content_type() in _PICTURES
        ]


class MailFolder:
    """The same folder, for reading."""

    def __init__(self, directory: Path) -> None:
        """Take the folder, which may not be there yet."""
        self._directory = directory

    def newest(self, most: int) -> list[StoredMail]:
        """Return the last mails, newest first."""
        # An id begins with the time at which it was made.
        names = sorted((path.stem for path in self._directory.glob("msg_*.eml")), reverse=True)
        return [mail for name in names[:most] if (mail := self.find(name))]

    def find(self, message_id: str) -> StoredMail | None:
        """Return one mail, None where there is none of this id."""
        if not is_id(message_id, "msg"):
            return None
        path = self._directory / f"{message_id}.eml"
        try:
            arrived = datetime.fromtimestamp(path.stat().st_mtime, UTC)
            message = message_from_bytes(path.read_bytes(), policy=SMTP)
        except FileNotFoundError:
            return None
        return StoredMail(message_id, arrived, message)

"""Mails: made from templates in the reader's language, and a folder to put them into."""

import gettext
import os
from collections.abc import Callable
from contextlib import suppress
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from authserver.core.clock import Clock
from authserver.core.resources import folder
from authserver.delivery.outbox import Content
from authserver.settings import LANGUAGES, PRODUCT

_TRANSLATIONS = Path(__file__).parent.parent / "translations"


class Renderer:
    """Makes a mail of a template and its values.

    `mail/<template>.txt` and `.html` are its bodies; the block `subject` of the text is its
    subject. The one link there is leads to the configured issuer.
    """

    def __init__(
        self,
        issuer: str,
        *,
        clock: Clock,
        language: str = "en",
        translations: Path = _TRANSLATIONS,
    ) -> None:
        """Take the issuer's URL, the time, and the language of people who chose none."""
        self._issuer = issuer
        host = urlsplit(issuer).hostname or "localhost"
        self._host = f"[IPv6:{host}]" if ":" in host else host
        self._clock = clock
        self._language = language
        self._environment: Callable[[str], Environment] = lru_cache(len(LANGUAGES))(
            lambda locale: _environment(locale, translations)
        )

    def __call__(self, message_id: str, template: str, content: Content) -> EmailMessage:
        """Return the mail. The same message gives the same Message-ID."""
        locale = content.locale if content.locale in LANGUAGES else self._language
        environment = self._environment(locale or self._language)
        values = {**content.values, "issuer": self._issuer, "product": PRODUCT, "locale": locale}
        text = environment.get_template(f"mail/{template}.txt")
        html = environment.get_template(f"mail/{template}.html")
        message = EmailMessage(policy=SMTP if content.to.isascii() else SMTPUTF8)
        message["Message-ID"] = f"<{message_id}@{self._host}>"
        message["Date"] = self._clock.now()
        message["From"] = f"{PRODUCT} <no-reply@{self._host}>"
        message["To"] = content.to
        message["Subject"] = _one_line("".join(text.blocks["subject"](text.new_context(values))))
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday answers
        message.set_content(text.render(values))
        message.add_alternative(html.render(values), subtype="html")
        return message


class FolderTransport:
    """Puts each mail into a folder as a file (RFC 5322) that only its owner reads."""

    def __init__(self, directory: Path) -> None:
        """Take the folder; it is made when the first mail comes."""
        self._directory = directory

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


def _environment(locale: str, translations: Path) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(folder("templates")),
        autoescape=select_autoescape(("html",), default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    catalogue = gettext.translation("messages", translations, [locale], fallback=True)
    environment.install_gettext_translations(catalogue, newstyle=True)  # type: ignore[attr-defined]
    return environment


def _one_line(text: str) -> str:
    return " ".join(text.split())

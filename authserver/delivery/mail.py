"""Mails: made from templates in the reader's language, with the name of the tenant."""

import gettext
from collections.abc import Callable
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

import idna
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from authserver.core.clock import Clock
from authserver.core.resources import folder
from authserver.delivery.outbox import Content
from authserver.delivery.server import parse_sender
from authserver.settings import LANGUAGES, PRODUCT

# Bodies in seven bits: every server takes them, whatever else it can do.
_ASCII = SMTP.clone(cte_type="7bit")
_INTERNATIONAL = SMTPUTF8.clone(cte_type="7bit")
_LOGO = "logo"
_TRANSLATIONS = Path(__file__).parent.parent / "translations"


@dataclass(frozen=True)
class Brand:
    """Whose mail it is: the tenant's name, its language and the host of its website.

    The host is no link: the only one leads to the issuer, the tenant's own if it has one. The logo
    is a PNG that travels in the mail: nobody is told who opens it.
    """

    name: str = PRODUCT
    locale: str | None = None
    website: str | None = None
    accent: str | None = None
    logo: bytes | None = None
    logo_width: int | None = None
    issuer: str | None = None


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
        sender: str = "",
        brand_of: Callable[[str], Brand] = lambda _: Brand(),
        translations: Path = _TRANSLATIONS,
    ) -> None:
        """Take the issuer's URL, the time, and what holds where neither person nor tenant says."""
        self._issuer = issuer
        self._host = mail_host(issuer)
        self._sender = parse_sender(sender) if sender else Address(PRODUCT, "no-reply", self._host)
        self._clock = clock
        self._language = language
        self._brand_of = brand_of
        self._environment: Callable[[str], Environment] = lru_cache(len(LANGUAGES))(
            lambda locale: _environment(locale, translations)
        )

    def __call__(
        self, message_id: str, template: str, content: Content, *, tenant_id: str | None = None
    ) -> EmailMessage:
        """Return the mail. The same message gives the same Message-ID."""
        brand = self._brand_of(tenant_id) if tenant_id else Brand()
        locale = _spoken(content.locale) or _spoken(brand.locale) or self._language
        environment = self._environment(locale)
        values = {
            **content.values,
            "brand": brand,
            "issuer": brand.issuer or self._issuer,
            "logo": f"cid:{_LOGO}@{self._host}" if brand.logo else None,
            "product": PRODUCT,
            "locale": locale,
        }
        text = environment.get_template(f"mail/{template}.txt")
        html = environment.get_template(f"mail/{template}.html")
        recipient = _recipient(content.to)
        message = EmailMessage(policy=_ASCII if recipient.username.isascii() else _INTERNATIONAL)
        message["Message-ID"] = f"<{message_id}@{self._host}>"
        message["Date"] = self._clock.now()
        message["From"] = self._sender
        message["To"] = recipient
        message["Subject"] = _one_line("".join(text.blocks["subject"](text.new_context(values))))
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday answers
        message.set_content(text.render(values))
        message.add_alternative(html.render(values), subtype="html")
        if brand.logo:
            _attach(message, brand.logo, cid=f"<{_LOGO}@{self._host}>")
        return message


def _attach(message: EmailMessage, png: bytes, *, cid: str) -> None:
    """Let the logo travel with the body that shows it (RFC 2387)."""
    body = message.get_body(("html",))
    if isinstance(body, EmailMessage):
        body.add_related(png, "image", "png", cid=cid, disposition="inline", filename="logo.png")


def mail_host(issuer: str) -> str:
    """Return the issuer's host as it stands in mail: IP addresses are literals (RFC 5321)."""
    host = urlsplit(issuer).hostname or "localhost"
    return f"[IPv6:{host}]" if ":" in host else host


def _recipient(to: str) -> Address:
    """Return the one address: commas and line ends in it lead nowhere else.

    A domain has an ASCII form that every server takes; only the part before it may need more.
    """
    local, _, domain = to.rpartition("@")
    return Address(
        "", local, domain if domain.isascii() else idna.encode(domain.lower()).decode("ascii")
    )


def _spoken(locale: str | None) -> str | None:
    """Return the language of ours that a locale such as `de-AT` means."""
    language = (locale or "").replace("_", "-").partition("-")[0].lower()
    return language if language in LANGUAGES else None


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

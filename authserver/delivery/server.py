"""The mail server and the sender, as the settings write them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.utils import parseaddr
from typing import Literal
from urllib.parse import unquote, urlsplit

from authserver.settings import SettingsError

_Tls = Literal["starttls", "implicit", "none"]
# How the connection is encrypted, and the usual port.
_SCHEMES: Mapping[str, tuple[_Tls, int]] = {
    "smtp": ("starttls", 587),
    "smtps": ("implicit", 465),
    "smtp+cleartext": ("none", 25),
}
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


@dataclass(frozen=True)
class SmtpServer:
    """Where mail goes. `timeout` is in seconds and holds for each answer of the server."""

    host: str
    port: int
    tls: _Tls
    timeout: float
    user: str = ""
    password: str = field(default="", repr=False)


def parse_server(url: str, timeout: float) -> SmtpServer:
    """Return the server that AUTHSERVER_SMTP_URL names. Raises SettingsError."""
    try:
        parts = urlsplit(url)
        given_port = parts.port
    except ValueError as error:
        raise SettingsError("AUTHSERVER_SMTP_URL has no usable host and port") from error
    if parts.scheme not in _SCHEMES or not parts.hostname:
        schemes = ", ".join(f"{scheme}://" for scheme in _SCHEMES)
        raise SettingsError(f"AUTHSERVER_SMTP_URL is not a host after {schemes}")
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise SettingsError("AUTHSERVER_SMTP_URL has something after the host: encode it as %XX")
    tls, usual = _SCHEMES[parts.scheme]
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if tls == "none" and (parts.hostname not in _LOOPBACK or user):
        raise SettingsError(
            "AUTHSERVER_SMTP_URL is not encrypted: that is for this machine and without a password"
        )
    return SmtpServer(
        parts.hostname, given_port or usual, tls, timeout, user=user, password=password
    )


def parse_sender(text: str) -> Address:
    """Return the address that AUTHSERVER_MAIL_FROM spells. Raises SettingsError."""
    name, address = parseaddr(text)
    local, _, domain = address.rpartition("@")
    one = local and domain and text.count("@") == 1 and address.isascii()
    if not one or not text.isprintable():
        raise SettingsError(
            "AUTHSERVER_MAIL_FROM is not one address such as 'Acme <no-reply@acme.example>'"
        )
    return Address(name, local, domain)

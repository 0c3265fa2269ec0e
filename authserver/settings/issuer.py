"""What an issuer's URL may be."""

from urllib.parse import urlsplit

_LOOPBACK = {"localhost", "127.0.0.1", "[::1]"}


class SettingsError(Exception):
    """The configuration cannot be used; the message says what to change."""


def check_issuer(issuer: str) -> None:
    """Raise SettingsError unless the issuer is https, or http on a loopback address, and bare."""
    parts = urlsplit(issuer)
    host = parts.netloc.rpartition(":")[0] if parts.port else parts.netloc
    if parts.scheme not in {"https", "http"} or not host or "@" in parts.netloc:
        raise SettingsError(f"AUTHSERVER_ISSUER {issuer!r} is not an https URL")
    if parts.scheme == "http" and host not in _LOOPBACK:
        raise SettingsError("AUTHSERVER_ISSUER must be https: http is for loopback addresses only")
    if parts.path or parts.query or parts.fragment:
        raise SettingsError(
            "AUTHSERVER_ISSUER has no path, query or fragment, nor a trailing slash"
        )

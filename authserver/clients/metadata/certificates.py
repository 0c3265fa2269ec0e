"""The name by which a client's certificates are known (RFC 8705 section 2.1.2)."""

from collections.abc import Callable, Mapping
from ipaddress import ip_address

from cryptography import x509

from authserver.clients.metadata.values import check_texts
from authserver.clients.options import CERTIFICATE_NAMES, Options
from authserver.clients.policy import AuthMethod, UnfitRegistration
from authserver.core.net.addresses import check_host_name
from authserver.core.said import said


def check_names(options: Options, auth_method: AuthMethod) -> None:
    """Accept one name where an authority vouches for it, and none elsewhere."""
    named = [name for name in CERTIFICATE_NAMES if getattr(options, name) is not None]
    if auth_method is not AuthMethod.TLS:
        if named:
            raise UnfitRegistration(
                said("'%(named)s' means nothing without tls_client_auth.", named=named[0])
            )
        return
    if len(named) != 1:
        raise UnfitRegistration(
            said(
                "tls_client_auth takes one of %(certificate_names)s.",
                certificate_names=", ".join(CERTIFICATE_NAMES),
            )
        )
    [name] = named
    value = getattr(options, name)
    check_texts(name, [value], most=1)
    try:
        _READ[name](value)
    except ValueError as error:
        raise UnfitRegistration(
            said("'%(name)s' is %(wanted)s.", name=name, wanted=_SAID[name])
        ) from error


def _email(text: str) -> None:
    local, at, host = text.rpartition("@")
    if not local or not at or not text.isascii():
        raise ValueError("no address")
    check_host_name(host.lower())


def _uri(text: str) -> None:
    scheme, colon, rest = text.partition(":")
    if not (colon and rest and text.isascii() and scheme[:1].isalpha()):
        raise ValueError("no URI")


_READ: Mapping[str, Callable[[str], object]] = {
    "tls_client_auth_subject_dn": x509.Name.from_rfc4514_string,
    "tls_client_auth_san_dns": lambda text: check_host_name(text.lower()),
    "tls_client_auth_san_uri": _uri,
    "tls_client_auth_san_ip": ip_address,
    "tls_client_auth_san_email": _email,
}
_SAID = {
    "tls_client_auth_subject_dn": "a distinguished name as RFC 4514 writes it, CN=...,O=...",
    "tls_client_auth_san_dns": "the name of a host",
    "tls_client_auth_san_uri": "a URI",
    "tls_client_auth_san_ip": "an IP address",
    "tls_client_auth_san_email": "an e-mail address",
}

"""tls_client_auth and self_signed_tls_client_auth: a client proves itself by its certificate.

By the first (RFC 8705 section 2.1), an authority vouches for the one name that the client
registered. By the second (section 2.2), the client registered the key: the certificate around it is
only how the key is shown, whoever signed it and until when.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from ipaddress import ip_address
from typing import Any

from cryptography import x509

from authserver.clients.keys import ClientKeys
from authserver.clients.options import CERTIFICATE_NAMES, Options
from authserver.clients.policy import AuthMethod
from authserver.clients.registered import RegisteredClient
from authserver.core.clock import Clock
from authserver.core.jose import thumbprint
from authserver.core.net.certificates import Certificate
from authserver.oauth.client_auth.credentials import refuse
from authserver.oauth.lane.request import MachineRequest
from authserver.oauth.mtls.authorities import Authorities
from authserver.oauth.mtls.presented import presented

METHODS = (AuthMethod.TLS.value, AuthMethod.SELF_SIGNED_TLS.value)


class CertificateAuthentication:
    """Finds out whether the certificate of a request proves the client."""

    def __init__(self, keys: ClientKeys, authorities: Authorities | None, clock: Clock) -> None:
        """Take what finds clients' keys, and whom to believe about names."""
        self._keys = keys
        self._authorities = authorities
        self._clock = clock

    def prepare(self, request: MachineRequest, client: RegisteredClient) -> None:
        """Have the client's keys read, if it publishes them: `verify` finds them then."""
        certificate = presented(request)
        if (
            certificate is not None
            and client.auth_method == AuthMethod.SELF_SIGNED_TLS
            and client.options.jwks_uri
            and not _holds(self._keys.of(client), certificate)
        ):
            self._keys.of(client, certificate.thumbprint)  # read again: it has this key since

    def verify(self, request: MachineRequest, client: RegisteredClient) -> None:
        """Raise invalid_client unless the request's certificate is the client's."""
        certificate = presented(request)
        if certificate is None:
            raise refuse("no certificate")
        if client.auth_method == AuthMethod.SELF_SIGNED_TLS:
            if not _holds(self._keys.of(client), certificate):
                raise refuse("certificate: not a key of the client")
            return
        self._verify_name(client, certificate, self._clock.now())

    def _verify_name(
        self, client: RegisteredClient, certificate: Certificate, now: datetime
    ) -> None:
        if self._authorities is None:
            raise refuse("certificate: no authority is believed here")
        if not names_client(certificate.parsed, client.options):
            raise refuse("certificate: of another name")
        if not self._authorities.vouch_for(certificate.parsed, now):
            raise refuse("certificate: no authority vouches for it now")


def names_client(certificate: x509.Certificate, options: Options) -> bool:
    """Tell whether a certificate has the name that was registered (section 2.1.2)."""
    for option in CERTIFICATE_NAMES:
        wanted = getattr(options, option)
        if wanted is not None:
            return _NAMES[option](certificate, wanted)
    return False


def _subject(certificate: x509.Certificate, wanted: str) -> bool:
    return certificate.subject == x509.Name.from_rfc4514_string(wanted)


def _alternative(kind: type[Any], certificate: x509.Certificate) -> list[Any]:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):  # there is none, or it cannot be read
        return []
    return [*names.get_values_for_type(kind)]


_NAMES: Mapping[str, Callable[[x509.Certificate, str], bool]] = {
    "tls_client_auth_subject_dn": _subject,
    "tls_client_auth_san_dns": lambda found, wanted: (
        wanted.lower() in [name.lower() for name in _alternative(x509.DNSName, found)]
    ),
    "tls_client_auth_san_uri": lambda found, wanted: (
        wanted in _alternative(x509.UniformResourceIdentifier, found)
    ),
    "tls_client_auth_san_ip": lambda found, wanted: (
        ip_address(wanted) in _alternative(x509.IPAddress, found)
    ),
    "tls_client_auth_san_email": lambda found, wanted: (
        wanted in _alternative(x509.RFC822Name, found)
    ),
}


def _holds(document: Mapping[str, object], certificate: Certificate) -> bool:
    keys: Any = document["keys"]  # a list, by RFC 7517
    return certificate.key_thumbprint in [thumbprint(key) for key in keys]

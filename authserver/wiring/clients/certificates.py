"""What an installation does with clients' certificates, by its settings."""

from collections.abc import Mapping

from authserver.clients.policy import AuthMethod
from authserver.oauth.discovery import Certificates
from authserver.oauth.mtls.authorities import Authorities
from authserver.settings import Settings, SettingsError, variable

_NO_HEADER = "No proxy hands certificates on here: {header} is not set."
_NO_AUTHORITIES = "No authority names clients here: {authorities} is not set."


def missing_methods(settings: Settings) -> Mapping[AuthMethod, str]:
    """Return the ways to authenticate that are not offered here, each with what they lack."""
    if not settings.client_certificate_header:
        said = _NO_HEADER.format(header=variable("client_certificate_header"))
        return {AuthMethod.TLS: said, AuthMethod.SELF_SIGNED_TLS: said}
    if not settings.client_certificate_authorities:
        said = _NO_AUTHORITIES.format(authorities=variable("client_certificate_authorities"))
        return {AuthMethod.TLS: said}
    return {}


def offered_certificates(settings: Settings) -> Certificates:
    """Return what metadata say of certificates."""
    by_certificate = (AuthMethod.TLS, AuthMethod.SELF_SIGNED_TLS)
    missing = missing_methods(settings)
    methods = tuple(method.value for method in by_certificate if method not in missing)
    return Certificates(methods, settings.client_certificate_url.rstrip("/"))


def authorities(settings: Settings) -> Authorities | None:
    """Return whom to believe about names. Raises SettingsError for a file that is not fit."""
    file = settings.client_certificate_authorities
    if not file:
        return None
    try:
        return Authorities.load(file)
    except (OSError, ValueError) as error:
        name = variable("client_certificate_authorities")
        raise SettingsError(f"{name}: {file} cannot be read: {error}") from error

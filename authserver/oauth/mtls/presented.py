"""The certificate that a request brings, and what is bound to it."""

from authserver.clients.registered import RegisteredClient
from authserver.core import log
from authserver.core.net.certificates import Certificate, InvalidCertificate, read_certificate
from authserver.core.web import CLIENT_CERTIFICATE
from authserver.oauth.lane.request import MachineRequest
from authserver.tokens.authorization import Confirmation

_logger = log.get(__name__)


def presented(request: MachineRequest) -> Certificate | None:
    """Return the certificate whose key the sender has. One that cannot be read is none."""
    header = request.environ.get(CLIENT_CERTIFICATE)
    if not header:
        return None
    try:
        return read_certificate(header)
    except InvalidCertificate as error:
        _logger.warning(
            "client_certificate_malformed",
            reason=str(error),
            correlation_id=request.correlation_id,
        )
        return None


def confirmation(request: MachineRequest) -> Confirmation | None:
    """Return what a token would be bound to (section 3.1)."""
    certificate = presented(request)
    return Confirmation.of_certificate(certificate.thumbprint) if certificate else None


def binds(client: RegisteredClient) -> bool:
    """Tell whether the client's tokens are good with its certificate only (section 3)."""
    return client.options.tls_client_certificate_bound_access_tokens

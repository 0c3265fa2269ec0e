"""What came back with a browser, and what its provider says of it, or why there is nothing."""

from flask import request

from authserver.federation.connections import redirect_uri
from authserver.federation.connectors.base import (
    Answer,
    Callback,
    UpstreamDown,
    UpstreamRefused,
    outcome_of,
)
from authserver.federation.journeys import Journeys
from authserver.federation.states import Returned
from authserver.federation.values import Connection
from authserver.login.federation.notes import Reason
from authserver.tenants.resolve import Issuer


class Fruitless(Exception):  # noqa: N818  an outcome
    """A way through a provider that comes to nothing; the detail is for the log."""

    def __init__(self, reason: Reason, detail: str) -> None:
        """Take why."""
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


def answer_of(
    journeys: Journeys,
    connection: Connection,
    returned: Returned,
    *,
    issuer: Issuer,
    closed: bool,
) -> Answer:
    """Return who it is by the provider's word. It may take seconds. Raises Fruitless.

    `closed`: the connection was switched off meanwhile; then its provider is not asked.
    """
    if closed:
        raise Fruitless(Reason.CLOSED, "switched off meanwhile")
    callback = Callback(
        code=request.args.get("code", ""),
        issuer=request.args.get("iss"),
        redirect_uri=redirect_uri(issuer.url, connection.id),
        nonce=returned.nonce,
        code_verifier=returned.code_verifier,
        anew=returned.errand.anew,
    )
    try:
        _check(callback.code, request.args.get("error"))
        return journeys.finish(connection, callback)
    except UpstreamDown as down:
        raise Fruitless(Reason.DOWN, str(down)) from down
    except UpstreamRefused as refused:
        reason = Reason.CANCELLED if refused.cancelled else Reason.REFUSED
        raise Fruitless(reason, str(refused)) from refused


def _check(code: str, error: str | None) -> None:
    """Raise UpstreamDown or UpstreamRefused where the provider sent no code."""
    if error is not None:
        raise outcome_of(error)
    if not code:
        raise UpstreamRefused("neither a code nor an error")

"""Which scripts may read our answers (CORS): those of registered browser applications.

On the endpoints that browser applications call; public documents are open to all, and the
authorization endpoint to nobody (RFC 9700 section 2.6).
"""

from authserver.core.cache import Snapshots
from authserver.core.web import Answer
from authserver.oauth.lane.request import Endpoint, MachineRequest

_LONGEST_ORIGIN = 300
_VARY = ("Vary", "Origin")
_ONLY_VARY = (_VARY,)
_MAX_AGE = ("Access-Control-Max-Age", "600")


class Cors:
    """Answers preflights and adds the headers, on endpoints that scripts call."""

    def __init__(self, origins: Snapshots[str, bool]) -> None:
        """Take what tells whether an enabled browser application lives at an origin."""
        self._origins = origins

    def preflight(self, request: MachineRequest, endpoint: Endpoint) -> Answer | None:
        """Return the answer to a preflight; None for every other request."""
        if request.method != "OPTIONS":
            return None
        if not self._allowed(request):
            return Answer(403, b"")
        methods = ("Access-Control-Allow-Methods", ", ".join(sorted(endpoint.methods)))
        headers = ("Access-Control-Allow-Headers", "Authorization, Content-Type, DPoP")
        return Answer(204, b"", (methods, headers, _MAX_AGE))

    def headers(self, request: MachineRequest) -> tuple[tuple[str, str], ...]:
        """Return what lets the calling script read the answer."""
        if "HTTP_ORIGIN" not in request.environ or not self._allowed(request):
            return _ONLY_VARY
        allow = ("Access-Control-Allow-Origin", request.header("ORIGIN"))
        resource = ("Cross-Origin-Resource-Policy", "cross-origin")
        exposed = ("Access-Control-Expose-Headers", "WWW-Authenticate, Retry-After, DPoP-Nonce")
        return (allow, exposed, resource, _VARY)

    def _allowed(self, request: MachineRequest) -> bool:
        origin = request.header("ORIGIN")
        return 0 < len(origin) <= _LONGEST_ORIGIN and bool(self._origins.get(origin))

"""A request to a machine endpoint, parsed strictly, and what an endpoint is."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from authserver.audit.events import Actor
from authserver.core import web
from authserver.oauth.errors import OAuthError
from authserver.tenants.resolve import Issuer

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment


class MachineRequest(NamedTuple):
    """What a machine endpoint sees of an HTTP request."""

    method: str
    issuer: Issuer
    address: str
    correlation_id: str
    environ: Mapping[str, Any]

    @classmethod
    def of(cls, environ: "WSGIEnvironment") -> "MachineRequest":
        """Take what the layers in front put into the environment."""
        return cls(
            environ["REQUEST_METHOD"],
            environ[web.ISSUER],
            environ[web.CLIENT_ADDRESS],
            environ[web.CORRELATION_ID],
            environ,
        )

    @property
    def authorization(self) -> str:
        """Return the Authorization header, empty when there is none."""
        return str(self.environ.get("HTTP_AUTHORIZATION", ""))

    def header(self, name: str) -> str:
        """Return a header by its WSGI name without HTTP_, empty when there is none."""
        return str(self.environ.get(f"HTTP_{name}", ""))

    def form(self, *, repeatable: frozenset[str] = frozenset()) -> "Form":
        """Return the form in the body. A query is refused (RFC 6749 section 3.2)."""
        return Form(web.read_form(self.environ, repeatable=repeatable))

    def actor(self, kind: str, principal: str) -> Actor:
        """Return who acts in this request, for the trail."""
        return Actor(kind, principal, self.correlation_id, self.address, self.header("USER_AGENT"))


class Form(NamedTuple):
    """Parameters of a form or query; each came at most once unless declared repeatable."""

    values: Mapping[str, list[str]]

    def get(self, name: str) -> str | None:
        """Return a parameter, None when it was not sent or empty."""
        values = self.values.get(name)
        return values[0] if values else None

    def all(self, name: str) -> tuple[str, ...]:
        """Return every value of a repeatable parameter."""
        return tuple(self.values.get(name, ()))

    def need(self, name: str) -> str:
        """Return a parameter or refuse."""
        value = self.get(name)
        if value is None:
            raise OAuthError("invalid_request", f"the parameter {name} is missing")
        return value


class Endpoint(Protocol):
    """A machine endpoint; `scripts` says that browser applications call it."""

    methods: frozenset[str]
    scripts: bool

    def answer(self, request: MachineRequest) -> web.Answer:
        """Answer, or raise a Problem."""

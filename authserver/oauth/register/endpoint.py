"""POST /oauth/register, and GET, PUT and DELETE /oauth/register/<client_id>."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from authserver.audit.events import ActorKind
from authserver.clients.policy import UnfitRegistration
from authserver.clients.registering.policy import NotAdmitted
from authserver.clients.registering.service import Own, Registered, SelfRegistrations
from authserver.core.ids import is_id
from authserver.core.limits.buckets import Limiter, Rate
from authserver.core.problems import NotFound
from authserver.core.web import Answer
from authserver.oauth.errors import OAuthError, bearer_error
from authserver.oauth.lane.request import MachineRequest
from authserver.oauth.register.body import read_object
from authserver.tenants.policy import UnfitName

PATH = "/oauth/register"
# Of one address: a registration is a few rows and, with a sector, a request to somebody's server.
RATE = Rate(120, 60)
# What only the server says (RFC 7592 section 2.2).
_SERVERS = (
    "registration_access_token", "registration_client_uri", "client_secret_expires_at",
    "client_id_issued_at",
)  # fmt: skip


class _Registrations:
    """What both endpoints work with."""

    scripts = False

    def __init__(
        self, registrations: SelfRegistrations, limiter: Limiter, changed: Callable[[], None]
    ) -> None:
        """Take what registers, what counts, and what tells the caches of a change."""
        self._registrations = registrations
        self._limiter = limiter
        self._changed = changed

    def _bearer(self, request: MachineRequest) -> str:
        """Return the token of the header, once the address may still ask. Raises OAuthError."""
        verdict = self._limiter.take(f"register:{request.address}", RATE)
        if not verdict.allowed:
            raise OAuthError("slow_down", "too many requests", headers=verdict.headers())
        scheme, _, token = request.authorization.partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise bearer_error("", "an access token is needed")
        return token.strip()

    def _answer(self, request: MachineRequest, registered: Registered, status: int) -> Answer:
        document = {
            **registered.document,
            "registration_access_token": registered.token,
            "registration_client_uri": _own_url(request, str(registered.document["client_id"])),
        }
        return Answer.json(document, status=status, headers={"Pragma": "no-cache"})


class RegisterEndpoint(_Registrations):
    """Registers a client for the bearer of an initial access token (RFC 7591 section 3)."""

    methods = frozenset({"POST"})

    def answer(self, request: MachineRequest) -> Answer:
        """Register a client and return everything that is registered."""
        with refusals():
            issuer = request.issuer.tenant_id
            admission = self._registrations.admit(self._bearer(request), issuer)
            registered = self._registrations.register(
                admission,
                read_object(request),
                at_tenant_issuer=issuer is not None,
                actor=request.actor(ActorKind.INITIAL_ACCESS_TOKEN, admission.token_id),
            )
        self._changed()
        return self._answer(request, registered, 201)


class OwnRegistrationEndpoint(_Registrations):
    """Lets a client read, change and end its own registration (RFC 7592 section 2)."""

    methods = frozenset({"GET", "PUT", "DELETE"})

    def answer(self, request: MachineRequest) -> Answer:
        """Do what the method says for the client that the path names."""
        client_id = request.environ["PATH_INFO"].rpartition("/")[2]
        with refusals():
            token = self._bearer(request)
            if not is_id(client_id, "cli"):
                raise NotAdmitted(detail="the path names no client")
            own = self._registrations.find(token, request.issuer.tenant_id, client_id)
            return self._handle(request, own)

    def _handle(self, request: MachineRequest, own: Own) -> Answer:
        handlers = {"PUT": self._put, "DELETE": self._delete}
        return handlers.get(request.method, self._get)(request, own)

    def _get(self, request: MachineRequest, own: Own) -> Answer:
        found = self._registrations.read(own, request.issuer.tenant_id)
        return self._answer(request, found, 200)

    def _put(self, request: MachineRequest, own: Own) -> Answer:
        members = _check_update(read_object(request), own)
        registered = self._registrations.update(
            own,
            members,
            request.issuer.tenant_id,
            actor=request.actor(ActorKind.CLIENT, own.client_id),
        )
        self._changed()
        return self._answer(request, registered, 200)

    def _delete(self, request: MachineRequest, own: Own) -> Answer:
        actor = request.actor(ActorKind.CLIENT, own.client_id)
        self._registrations.unregister(own, request.issuer.tenant_id, actor=actor)
        self._changed()
        return Answer(204, b"")


def _check_update(members: dict[str, Any], own: Own) -> dict[str, Any]:
    """Refuse to let a client be another one, or say what the server says (RFC 7592 section 2.2)."""
    if members.get("client_id") != own.client_id:
        raise OAuthError("invalid_client_metadata", "'client_id' is that of the client")
    if said := [name for name in _SERVERS if name in members]:
        raise OAuthError("invalid_client_metadata", f"'{said[0]}' is not the client's to say")
    return members


def _own_url(request: MachineRequest, client_id: str) -> str:
    return f"{request.issuer.url}{PATH}/{client_id}"


@contextmanager
def refusals() -> Iterator[None]:
    """Say no in the words of RFC 7591 section 3.2.2 and RFC 6750 section 3."""
    try:
        yield
    except (NotAdmitted, NotFound) as error:
        raise bearer_error("invalid_token", NotAdmitted.title, error.detail) from error
    except UnfitRegistration as error:
        raise OAuthError(error.code, error.description, detail=error.detail) from error
    except UnfitName as error:
        raise OAuthError("invalid_client_metadata", error.description) from error

"""The guard of a Flask API: a route that nobody declared is refused.

    verifier = TokenVerifier(issuer="https://id.example.com", audience="https://api.example.com")
    guard = ResourceServer(verifier)
    guard.init_app(app)                       # at best after the last route: see `undeclared`

    @app.get("/invoices")
    @roles("FINANCE_ANALYST", "FINANCE_MANAGER")    # any of these
    @scopes("invoices:read")                        # and all of these
    def invoices(): return list_for(current_user.tenant_id)

The decorators stand below the route, work on functions, blueprints, view classes and single
methods of a MethodView, and add up. A route that is not written by hand is declared by wrapping:
`app.view_functions["static"] = public(app.view_functions["static"])`.

The guard looks at routes of this application only: WSGI programs mounted beside it guard
themselves. OPTIONS and HEAD need what their view needs. On a `@public` route no credentials are
looked at and `current_user` is unbound (false).
"""

import functools
import logging
import operator
from collections.abc import Callable
from typing import Any, TypeVar, cast
from urllib.parse import quote
from weakref import WeakKeyDictionary

from flask import Flask, Response, abort, current_app, request
from flask.views import MethodView, View
from werkzeug.local import LocalProxy

from authserver.sdk.access import (
    BEARER,
    DPOP,
    NO_CREDENTIALS,
    TOKEN_IN_REQUEST,
    UNDECLARED,
    Policy,
    Refusal,
    Refused,
    names,
    presented,
    quotable,
    refusal_of,
)
from authserver.sdk.api_keys.verifier import ApiKeyVerifier
from authserver.sdk.claims import AccessToken
from authserver.sdk.dpop import Shown
from authserver.sdk.errors import TokenError
from authserver.sdk.misplaced import has_token_elsewhere
from authserver.sdk.step_up import StepUp
from authserver.sdk.verifier import TokenVerifier

__all__ = [
    "ResourceServer", "current_user", "public", "requires_acr", "roles", "scopes", "service_only",
]  # fmt: skip

_EXTENSION = "authserver.sdk"
# In the WSGI environment, not in flask.g: g outlives a request where an outer context is active.
_TOKEN = "authserver.sdk.access_token"  # noqa: S105 - a name
_POLICY = "__authserver_policy__"

_LOG = logging.getLogger(__name__)
AnyView = TypeVar("AnyView", bound=Callable[..., Any])


def _access_token() -> AccessToken:
    token = request.environ.get(_TOKEN)
    if not isinstance(token, AccessToken):
        raise RuntimeError("no access token was verified for this request")  # noqa: TRY004
    return token


current_user: AccessToken = cast("AccessToken", LocalProxy(_access_token))


class ResourceServer:
    """Refuses every request whose route, method and token do not fit together."""

    def __init__(
        self,
        verifier: TokenVerifier,
        *,
        realm: str = "api",
        url: str | None = None,
        certificate: Callable[[], bytes | None] = lambda: None,
        api_keys: ApiKeyVerifier | None = None,
    ) -> None:
        """Take what verifies tokens, and the realm of challenges; ValueError if unsafe.

        `url` is where clients reach the application, e.g. https://api.example.com: proofs of keys
        (DPoP) name it. Without it only bearer tokens are taken. `certificate` returns, in DER,
        what the client of the present request showed to a proxy that you trust (RFC 8705). With
        `api_keys`, API keys are taken as bearer tokens, too; the address they come from is
        Flask's `request.remote_addr`.
        """
        if not realm or quotable(realm) != realm:
            raise ValueError("a realm has no quotes, backslashes or control characters")
        self._verifier = verifier
        self._api_keys = api_keys
        self._realm = realm
        self._url = url.rstrip("/") if url else None
        self._certificate = certificate
        self._starting: WeakKeyDictionary[Flask, frozenset[str]] = WeakKeyDictionary()

    def init_app(self, app: Flask) -> None:
        """Guard the application, before any other hook of it runs; raise RuntimeError if twice."""
        if _EXTENSION in app.extensions:
            raise RuntimeError("the application is guarded already")
        app.extensions[_EXTENSION] = self
        guard = functools.partial(self._guard, app)
        app.before_request_funcs.setdefault(None, []).insert(0, guard)
        self._starting[app] = frozenset(self.undeclared(app))
        _name_refused(self._starting[app])

    def undeclared(self, app: Flask) -> tuple[str, ...]:
        """Return each route that nothing declares as "METHOD rule (endpoint)": it is refused.

        A test that expects nothing here fails the build for a forgotten decorator.
        """
        return tuple(
            sorted(
                f"{method} {rule.rule} ({rule.endpoint})"
                for rule in app.url_map.iter_rules()
                for method in (rule.methods or {"GET"}) - {"HEAD", "OPTIONS"}
                if _declared(app, rule.endpoint, method) is None
            ),
        )

    def authenticate(self) -> AccessToken:
        """Verify this request's token, at most once; raise Refused."""
        if _TOKEN not in request.environ:
            if has_token_elsewhere():
                raise Refused(TOKEN_IN_REQUEST)
            scheme, token = presented(request.environ.get("HTTP_AUTHORIZATION"))
            try:
                request.environ[_TOKEN] = self._verified(scheme, token)
            except TokenError as error:
                _LOG.info("token refused: %s", error.detail)
                raise Refused(refusal_of(error, scheme)) from error
        return _access_token()

    def _verified(self, scheme: str, token: str) -> AccessToken:
        keys = self._api_keys
        if keys is not None and scheme == BEARER and keys.is_key(token):
            return keys.verify(token, request.remote_addr)
        shown = self._shown(scheme)
        return self._verifier.verify(token, shown, certificate=self._certificate())

    def _shown(self, scheme: str) -> Shown | None:
        """Return the proof that came along, if the scheme says that there is one."""
        if scheme != DPOP:
            return None
        if self._url is None:
            _LOG.warning("a DPoP token was refused: ResourceServer was given no url")
            raise Refused(NO_CREDENTIALS)
        path = quote(request.script_root + request.path)
        return Shown(request.headers.get("DPoP", ""), request.method, self._url + path)

    def answer(self, refusal: Refusal) -> Response:
        """Return the refusal as a response of RFC 6750 with problem details."""
        headers = refusal.headers(self._realm)
        return Response(refusal.body(), status=refusal.status.value, headers=headers)

    def enforce(self, policy: Policy) -> None:
        """Raise Refused unless the request's token satisfies the policy."""
        if not policy.is_public:
            policy.check(self.authenticate(), self._verifier.now())

    def _guard(self, app: Flask) -> Response | None:
        # Whatever stands in front of us in this process, only our own verification counts.
        request.environ.pop(_TOKEN, None)
        named = self._starting.pop(app, None)
        if named is not None:
            _name_refused(frozenset(self.undeclared(app)) - named)
        if request.url_rule is None:
            return None  # unknown URL, wrong method or redirect: Flask answers
        policy = _declared(app, request.url_rule.endpoint, request.method)
        if policy is None:
            return self.answer(UNDECLARED)
        try:
            self.enforce(policy)
        except Refused as refused:
            return self.answer(refused.refusal)
        return None


def public(view: AnyView) -> AnyView:
    """Open a view to everybody; credentials are not looked at."""
    return _demand(view, Policy(is_public=True))


def service_only(view: AnyView) -> AnyView:
    """Open a view to clients that act for themselves, never to people."""
    return _demand(view, Policy(services_only=True))


def roles(*any_of: str) -> Callable[[AnyView], AnyView]:
    """Open a view to callers with at least one of these roles, compared letter by letter."""
    policy = Policy(role_sets=(frozenset(names(any_of, of="roles")),))
    return lambda view: _demand(view, policy)


def scopes(*all_of: str) -> Callable[[AnyView], AnyView]:
    """Open a view to access tokens that carry all of these scopes."""
    policy = Policy(scopes=names(all_of, of="scopes"))
    return lambda view: _demand(view, policy)


def requires_acr(*any_of: str, max_age: int | None = None) -> Callable[[AnyView], AnyView]:
    """Open a view to people who signed in by one of these classes, at most `max_age` seconds ago.

    Others are told to sign in so (RFC 9470): their application sends them with `acr_values` and
    `max_age`, and calls again.
    """
    if max_age is not None and max_age < 0:
        raise TypeError("max_age counts seconds")
    if not any_of and max_age is None:
        raise TypeError("@requires_acr needs a class of sign-in, or max_age")
    wanted = StepUp(names(any_of, of="acr values") if any_of else (), max_age)
    return lambda view: _demand(view, Policy(step_up=wanted))


def _demand(view: AnyView, policy: Policy) -> AnyView:
    """Return the view with a demand added: written on it for the guard, and enforced by it."""
    if isinstance(view, type):
        if not issubclass(view, View):
            raise TypeError("only view functions and view classes can be declared")
        # A new list: the one that is there may be shared with other classes.
        view.decorators = [*view.decorators, lambda function: _demand(function, policy)]
        return view
    if not callable(view):
        raise TypeError("a declaration stands above a view")
    earlier = _policy(view)
    if earlier is not None and earlier.is_public != policy.is_public:
        raise TypeError("a view cannot be public and demand something at the same time")

    @functools.wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - the view's own signature
        # Again, after the guard: another view may call this one, and an application without the
        # guard must not serve it at all.
        _enforce_here(policy)
        return current_app.ensure_sync(view)(*args, **kwargs)

    # A wrapper with a policy of its own: one function may be declared differently for two routes.
    guarded.__dict__[_POLICY] = policy if earlier is None else earlier & policy
    return cast("AnyView", guarded)


def _enforce_here(policy: Policy) -> None:
    server = current_app.extensions.get(_EXTENSION)
    if not isinstance(server, ResourceServer):
        raise RuntimeError("ResourceServer.init_app was not called")  # noqa: TRY004 - not a type
    try:
        server.enforce(policy)
    except Refused as refused:
        abort(server.answer(refused.refusal))


def _policy(view: object) -> Policy | None:
    policy = getattr(view, "__dict__", {}).get(_POLICY)
    return policy if isinstance(policy, Policy) else None


def _declared(app: Flask, endpoint: str, method: str) -> Policy | None:
    """Return everything that is demanded for a method of an endpoint, or None if it is nothing."""
    view = app.view_functions.get(endpoint)
    handlers = _handlers(getattr(view, "view_class", None), method)
    inner = [_policy(handler) for handler in handlers]
    # Where several handlers come into question, all of them must have been declared.
    found = [_policy(view), *(inner if all(inner) else [])]
    policies = [policy for policy in found if policy is not None]
    return functools.reduce(operator.and_, policies) if policies else None


def _handlers(view_class: object, method: str) -> list[object]:
    """Return the functions of a view class that may answer the method."""
    if not isinstance(view_class, type) or not issubclass(view_class, View):
        return []
    if not issubclass(view_class, MethodView):
        return [view_class.dispatch_request]
    candidates = [method.lower(), "get"] if method == "HEAD" else [method.lower()]
    own = [getattr(view_class, name) for name in candidates if hasattr(view_class, name)]
    # OPTIONS is answered by Flask, for all methods at once.
    return own[:1] or [getattr(view_class, m.lower(), None) for m in view_class.methods or ()]


def _name_refused(routes: frozenset[str]) -> None:
    for route in sorted(routes):
        _LOG.warning("refused for everybody, because nothing declares it: %s", route)

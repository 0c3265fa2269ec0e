"""The outermost layer: what holds for every request and every answer of both lanes.

Correlation id, the client's address, cookie hygiene, security headers, the access line, and the
answer to a defect. No path goes round it.
"""

import time
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from authserver.core import log
from authserver.core.ids import random_bytes
from authserver.core.net import addresses as net
from authserver.core.net.bodies import Bodies
from authserver.core.problems import Problem
from authserver.core.web import (
    CLIENT_ADDRESS,
    CLIENT_CERTIFICATE,
    CORRELATION_ID,
    NO_CONTENT_POLICY,
    Answer,
    Headers,
    Lasting,
    Ready,
    check_cookies,
    content_security_policy,
    csp_nonce,
)

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_logger = log.get("http")
_FIXED_HEADERS = (
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "no-referrer"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
)
_DEFAULT_HEADERS = (
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Cache-Control", "no-store"),
)
_ID_HEADER = "X-Correlation-Id"
_OK = "200 OK"
_HSTS = ("Strict-Transport-Security", "max-age=63072000; includeSubDomains")


class Unexpected(Problem):
    """A defect of ours. The log has it under the correlation id."""

    status = 500
    code = "server_error"
    title = "Something went wrong on our side"


class Edge:
    """Wraps the whole application."""

    def __init__(
        self,
        app: "WSGIApplication",
        *,
        proxies: net.Proxies,
        https: bool,
        bodies: Bodies,
        ready: "Callable[[WSGIEnvironment], Ready | None]" = lambda _: None,
    ) -> None:
        """Take the application and the proxies to believe; `https` decides about HSTS.

        `ready` is asked first: what is the same for everybody needs neither address nor cookies.
        """
        self._app = app
        self._ready = ready
        self._bodies = bodies
        self._trusted = proxies.networks
        self._address_header = _environment_name(proxies.address_header)
        self._certificate_header = _environment_name(proxies.certificate_header)
        self._fixed = (*_FIXED_HEADERS, _HSTS) if https else _FIXED_HEADERS
        self._address = lru_cache(4096)(self._read_address)
        self._missing = lru_cache(1024)(self._find_missing)
        self._lasting = lru_cache(1024)(self._complete_lasting)

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer one request."""
        started = time.perf_counter()
        environ[CORRELATION_ID] = correlation_id = f"cor_{random_bytes(12).hex()}"
        if (ready := self._ready(environ)) is not None:
            headers = [*self._lasting(ready.headers), (_ID_HEADER, correlation_id)]
            self._log_request(environ, _OK, time.perf_counter() - started)
            start_response(_OK, headers)
            return [ready.body]

        def respond(status: str, headers: Headers, *rest: Any) -> Any:  # noqa: ANN401  WSGI's own shape
            self._complete(environ, headers)
            self._log_request(environ, status, time.perf_counter() - started)
            return start_response(status, headers, *rest)

        return self._answer(environ, respond)

    def _answer(self, environ: "WSGIEnvironment", respond: Callable[..., Any]) -> Iterable[bytes]:
        try:
            self._identify(environ)
            check_cookies(environ.get("HTTP_COOKIE", ""))
            self._bodies.guard(environ)
            return self._app(environ, respond)
        except Problem as problem:
            return Answer.problem(problem, environ[CORRELATION_ID]).send(respond)
        except Exception:
            _logger.exception("unexpected", correlation_id=environ[CORRELATION_ID])
            return Answer.problem(Unexpected(), environ[CORRELATION_ID]).send(respond)

    def _identify(self, environ: "WSGIEnvironment") -> None:
        forwarded, peer = environ.get(self._address_header), environ.get("REMOTE_ADDR", "")
        address, malformed = self._address(peer, forwarded)
        environ[CLIENT_ADDRESS] = address
        if shown := environ.get(self._certificate_header):
            self._take_certificate(environ, peer, shown)
        if malformed:
            _logger.warning("forwarded_for_malformed", correlation_id=environ[CORRELATION_ID])

    def _take_certificate(self, environ: "WSGIEnvironment", peer: str, shown: str) -> None:
        """Believe a certificate if the other end of the connection is a proxy of ours.

        Nobody else can prove that the sender has its key: whoever reaches us past the proxies
        writes into the header what they like. Two of them are none.
        """
        if net.is_trusted(peer, self._trusted) and "," not in shown:
            environ[CLIENT_CERTIFICATE] = shown
            return
        _logger.warning(
            "client_certificate_not_believed", peer=peer, correlation_id=environ[CORRELATION_ID]
        )

    def _read_address(self, peer: str, forwarded: str | None) -> tuple[str, bool]:
        found = net.client_address(peer, [forwarded] if forwarded else [], self._trusted)
        return str(found.address), found.malformed

    def _log_request(self, environ: "WSGIEnvironment", status: str, seconds: float) -> None:
        """Write the access line; no query string, because codes travel in it."""
        log.access(
            environ["REQUEST_METHOD"],
            environ.get("SCRIPT_NAME", "") + environ["PATH_INFO"],
            status=int(status[:3]),
            seconds=seconds,
            correlation_id=environ[CORRELATION_ID],
        )

    def _complete(self, environ: "WSGIEnvironment", headers: Headers) -> None:
        missing, has_policy = self._missing(tuple([name for name, _ in headers]))
        headers += missing
        if not has_policy:
            headers.append(("Content-Security-Policy", content_security_policy(csp_nonce(environ))))
        headers.append((_ID_HEADER, environ[CORRELATION_ID]))

    def _complete_lasting(self, headers: Lasting) -> Headers:
        missing, has_policy = self._missing(tuple([name for name, _ in headers]))
        # A policy of pages has a nonce, and no nonce is given twice.
        return [*headers, *missing, *(() if has_policy else (NO_CONTENT_POLICY,))]

    def _find_missing(self, names: tuple[str, ...]) -> tuple[tuple[tuple[str, str], ...], bool]:
        present = {name.lower() for name in names}
        defaults = [pair for pair in _DEFAULT_HEADERS if pair[0].lower() not in present]
        return (*self._fixed, *defaults), "content-security-policy" in present


def _environment_name(header: str) -> str:
    return f"HTTP_{header.upper().replace('-', '_')}" if header else ""

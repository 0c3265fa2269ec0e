"""The lane before Flask: machine endpoints as plain WSGI (docs/decisions/0001).

A look-up in a dictionary, the same checks and grants as everywhere, an answer in bytes. Whatever
raises becomes the endpoint's error document here, so that no endpoint forgets how to say no.
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from authserver.core import log
from authserver.core.problems import Problem
from authserver.core.web import CORRELATION_ID, NO_CONTENT_POLICY, Answer
from authserver.oauth.errors import OAuthError, as_oauth_error
from authserver.oauth.lane.cors import Cors
from authserver.oauth.lane.request import Endpoint, MachineRequest

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_logger = log.get("oauth")


class MachineLane:
    """Answers the paths it knows and passes everything else on."""

    def __init__(
        self, endpoints: Mapping[str, Endpoint], people: "WSGIApplication", *, cors: Cors
    ) -> None:
        """Take the endpoints by path, Flask, and who may call from scripts."""
        self._cors = cors
        self._endpoints = endpoints
        self._people = people

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer one request."""
        endpoint = self._endpoints.get(environ["PATH_INFO"])
        if endpoint is None:
            endpoint = self._of_resource(environ["PATH_INFO"])
        if endpoint is None:
            return self._people(environ, start_response)
        request = MachineRequest.of(environ)
        if endpoint.scripts:
            answer = self._cors.preflight(request, endpoint) or self._answer(endpoint, request)
            shared = (*self._cors.headers(request), NO_CONTENT_POLICY)
        else:
            answer, shared = self._answer(endpoint, request), (NO_CONTENT_POLICY,)
        body = Answer(answer.status, answer.body, answer.headers + shared).send(start_response)
        return [] if request.method == "HEAD" else body

    def _of_resource(self, path: str) -> Endpoint | None:
        """Return the endpoint of the resources below a path: its own path ends with a slash."""
        parent, _, name = path.rpartition("/")
        return self._endpoints.get(f"{parent}/") if name else None

    def _answer(self, endpoint: Endpoint, request: MachineRequest) -> Answer:
        try:
            if request.method not in endpoint.methods:
                return _wrong_method(endpoint)
            return endpoint.answer(request)
        except Problem as problem:
            error = as_oauth_error(problem)
            _log(request, error)
            return refusal(error)
        except Exception:
            # A client understands `error` and nothing else, whatever the defect is.
            _logger.exception("unexpected", correlation_id=request.correlation_id)
            return refusal(OAuthError("server_error", "something went wrong on our side"))


def refusal(error: OAuthError) -> Answer:
    """Return an error document (RFC 6749 section 5.2)."""
    return Answer.json(error.parameters(), status=error.status, headers=error.headers)


def _wrong_method(endpoint: Endpoint) -> Answer:
    allowed = ", ".join(sorted(endpoint.methods))
    error = OAuthError("invalid_request", f"use {allowed}", headers={"Allow": allowed})
    error.status = 405
    return refusal(error)


def _log(request: MachineRequest, error: OAuthError) -> None:
    _logger.info(
        "refused",
        path=request.environ["PATH_INFO"],
        error=error.error,
        detail=error.detail or error.description,
        correlation_id=request.environ[CORRELATION_ID],
    )

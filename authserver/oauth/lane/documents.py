"""Public documents: everybody may read them, and nobody need read them twice.

Clients fetch them again and again, so a document is made once and sent as it is.
"""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

import orjson

from authserver.core.web import NO_CONTENT_POLICY, Answer, Lasting, Ready
from authserver.oauth.lane.request import MachineRequest
from authserver.tenants.resolve import Hosts, Issuer

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

_PUBLIC = (
    ("Access-Control-Allow-Origin", "*"),
    ("Cross-Origin-Resource-Policy", "cross-origin"),
)


class Published(NamedTuple):
    """A document with everything that the machine lane says about it."""

    answer: Answer
    etag: str
    ready: Ready


def publish(document: object, media_type: str, max_age: timedelta) -> Published:
    """Return a document that every page and every cache may have."""
    body = orjson.dumps(document)
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = (
        ("Content-Type", media_type),
        ("ETag", etag),
        ("Cache-Control", f"public, max-age={int(max_age.total_seconds())}"),
        *_PUBLIC,
    )
    whole = Lasting([*headers, NO_CONTENT_POLICY, ("Content-Length", str(len(body)))])
    return Published(Answer(200, body, headers), etag, Ready(whole, body))


class PublicDocument(ABC):
    """An endpoint that says the same to everybody who asks at an issuer."""

    methods = frozenset({"GET", "HEAD"})
    scripts = False

    @abstractmethod
    def of(self, issuer: Issuer) -> Published:
        """Return the present document of an issuer. Raises a Problem where there is none."""

    def answer(self, request: MachineRequest) -> Answer:
        """Return it, or 304 when the caller has this very document (RFC 9110 section 13.1.2)."""
        found = self.of(request.issuer)
        if request.header("IF_NONE_MATCH") == found.etag:
            return Answer(304, b"", found.answer.headers)
        return found.answer


class Documents:
    """The documents of the platform's issuer, for whoever asks for no more than one of them."""

    def __init__(self, endpoints: Mapping[str, object], platform: Issuer, *, hosts: Hosts) -> None:
        """Take the machine lane's endpoints by path, the issuer, and which hosts are not its."""
        self._hosts = hosts
        self._documents = {p: e for p, e in endpoints.items() if isinstance(e, PublicDocument)}
        self._platform = platform

    def find(self, environ: "WSGIEnvironment") -> Ready | None:
        """Return the document that a request asks for; None leaves it to the ordinary way."""
        endpoint = self._documents.get(environ["PATH_INFO"])
        if endpoint is None or environ["REQUEST_METHOD"] != "GET":
            return None
        if "HTTP_IF_NONE_MATCH" in environ:
            return None
        try:
            if self._hosts.tenant_at(environ) is not None:
                return None
            return endpoint.of(self._platform).ready
        except Exception:  # noqa: BLE001  the ordinary way will meet it again, and say so
            return None

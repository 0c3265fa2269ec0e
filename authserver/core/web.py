"""What both lanes share on the wire: strict forms, bounded bodies, answers, cookie hygiene."""

from base64 import b64encode
from collections.abc import Iterable, Mapping
from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote_to_bytes

import orjson

from authserver.core.ids import random_bytes
from authserver.core.problems import Problem
from authserver.core.values.said import said

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

MAX_BODY = 64 * 1024
MAX_COOKIES = 8 * 1024
_LONGEST_KNOWN = 40
FORM = "application/x-www-form-urlencoded"
CORRELATION_ID = "authserver.correlation_id"
CLIENT_ADDRESS = "authserver.client_ip"
CLIENT_CERTIFICATE = "authserver.client_certificate"  # as a trusted proxy wrote it
CSP_NONCE = "authserver.csp_nonce"
ISSUER = "authserver.issuer"

# Of an answer that is no page: nothing may be loaded or framed by it.
NO_CONTENT_POLICY = ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")

Headers = list[tuple[str, str]]

_STATUS_LINES = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}


class Lasting(Headers):
    """Headers of an answer that is given again and again: they never change.

    Compared by identity, so that what every answer gets is added to them once.
    """

    __slots__ = ()
    __hash__ = object.__hash__  # type: ignore[assignment]  # a list has none
    __eq__ = object.__eq__


class Ready(NamedTuple):
    """A complete answer that is the same for everybody who asks: always 200."""

    headers: Lasting
    body: bytes


class Streamed(NamedTuple):
    """A file that is sent piece by piece; `size` in bytes is known before."""

    name: str
    media_type: str
    size: int
    pieces: Iterable[bytes]

    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        """Return what is said of it: to be saved, and kept nowhere on the way."""
        return (
            ("Content-Type", self.media_type),
            ("Content-Disposition", f'attachment; filename="{self.name}"'),
            ("Content-Length", str(self.size)),
            ("Cache-Control", "no-store"),
        )


class Answer(NamedTuple):
    """A complete HTTP answer of the machine lane."""

    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()

    @classmethod
    def json(
        cls, document: object, *, status: int = 200, headers: Mapping[str, str] | None = None
    ) -> "Answer":
        """Encode a document as JSON."""
        fields = (("Content-Type", "application/json"), *(headers or {}).items())
        return cls(status, orjson.dumps(document), fields)

    @classmethod
    def problem(cls, problem: Problem, correlation_id: str) -> "Answer":
        """Encode a refusal as application/problem+json (RFC 9457)."""
        fields = (("Content-Type", "application/problem+json"), *problem.headers.items())
        return cls(problem.status, orjson.dumps(problem.document(correlation_id)), fields)

    def send(self, start_response: "StartResponse") -> list[bytes]:
        """Answer a WSGI request."""
        length = ("Content-Length", str(len(self.body)))
        start_response(_STATUS_LINES[self.status], [*self.headers, length])
        return [self.body]


class MalformedRequest(Problem):
    """The request is not well-formed; nothing of it was used."""

    title = "The request is malformed"


class BodyTooLarge(MalformedRequest):
    """The body is over 64 kB."""

    status = 413


def read_body(environ: Mapping[str, Any], *, largest: int = MAX_BODY) -> bytes:
    """Return the request's body. Raises BodyTooLarge above 64 kB, or what is said."""
    length = environ.get("CONTENT_LENGTH") or ""
    if length and (not length.isascii() or not length.isdigit()):
        raise MalformedRequest("Content-Length is not a number")
    if length and int(length) > largest:
        raise BodyTooLarge(f"The request body is over {largest // 1024} kB")
    body: bytes = environ["wsgi.input"].read(int(length) if length else largest + 1)
    if len(body) > largest:
        raise BodyTooLarge(f"The request body is over {largest // 1024} kB")
    return body


def read_form(
    environ: Mapping[str, Any], *, repeatable: frozenset[str] = frozenset(), lines: bool = False
) -> dict[str, list[str]]:
    """Return the parameters of the form in the body, strictly.

    A query beside it is refused (RFC 6749 section 3.2): it would say one thing twice. `lines`: a
    value may have several, as browsers end them.
    """
    if environ.get("QUERY_STRING"):
        raise MalformedRequest("parameters belong into the request body")
    content_type = str(environ.get("CONTENT_TYPE", "")).partition(";")[0].strip().lower()
    if content_type != FORM:
        raise MalformedRequest(said("the request body must be %(form)s", form=FORM))
    return parse_form(read_body(environ), repeatable=repeatable, lines=lines)


def parse_form(
    data: bytes, *, repeatable: frozenset[str] = frozenset(), lines: bool = False
) -> dict[str, list[str]]:
    """Return the parameters of a form or query, strictly.

    Repeated parameters (RFC 6749 section 3.1), control characters, broken percent-encoding and
    bytes that are not UTF-8 raise MalformedRequest. Parameters without a value count as omitted.
    """
    parameters: dict[str, list[str]] = {}
    met = set()
    for pair in data.split(b"&") if data else ():
        raw_name, _, raw_value = pair.partition(b"=")
        name = _known_name(raw_name) if len(raw_name) <= _LONGEST_KNOWN else _decode(raw_name)
        value = _decode(raw_value, lines=lines)
        if name in met and name not in repeatable:
            raise MalformedRequest("a parameter is repeated", detail=f"repeated {name[:40]!r}")
        met.add(name)
        if value:
            parameters.setdefault(name, []).append(value)
    return parameters


def _decode(raw: bytes, *, lines: bool = False) -> str:
    if raw.isalnum():
        return raw.decode("ascii")
    return read_text(_unquoted(raw) if b"%" in raw or b"+" in raw else raw, lines=lines)


def read_text(raw: bytes, *, lines: bool = False) -> str:
    """Return the text of a parameter: UTF-8 without control characters, or MalformedRequest.

    `lines`: those that end lines in a form (HTML, section 4.10.21.8) are none.
    """
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        raise MalformedRequest("a parameter is not UTF-8") from error
    seen = text.replace("\r\n", "") if lines else text
    if not seen.isprintable() and any(map(_is_control, seen)):
        raise MalformedRequest("a parameter has control characters")
    return text


# Names are few and public; values may be secrets.
_known_name = lru_cache(256)(_decode)


def _unquoted(raw: bytes) -> bytes:
    _check_percent_encoding(raw)
    return unquote_to_bytes(raw.replace(b"+", b" "))


def _is_control(character: str) -> bool:
    """Tell C0, DEL and C1 controls."""
    code = ord(character)
    return code < 0x20 or 0x7F <= code < 0xA0  # noqa: PLR2004  the borders of the control blocks


def _check_percent_encoding(raw: bytes) -> None:
    for chunk in raw.split(b"%")[1:]:
        digits = chunk[:2]
        if len(digits) != 2 or not set(digits) <= _HEX_DIGITS:  # noqa: PLR2004  two digits
            raise MalformedRequest("a parameter is not percent-encoded properly")


_HEX_DIGITS = frozenset(b"0123456789abcdefABCDEF")


def csp_nonce(environ: "WSGIEnvironment") -> str:
    """Return the nonce of the present answer, making it when a page first asks."""
    nonce: str = environ.setdefault(CSP_NONCE, b64encode(random_bytes(16)).decode())
    return nonce


def content_security_policy(
    nonce: str, *, form_action: str = "'self'", frames: str = "", workers: bool = False
) -> str:
    """Return the policy of a page. `form_action` names where its form may lead, redirects too.

    `frames` names whose pages it may show within; `workers`: scripts of ours may run beside it.
    """
    shown = f"; frame-src {frames}" if frames else ""
    shown += "; worker-src 'self'" if workers else ""
    return (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self'; img-src 'self' data:; "
        f"connect-src 'self'; form-action {form_action}; frame-ancestors 'none'; base-uri 'none'"
        f"{shown}"
    )


class CookieProblem(MalformedRequest):
    """The browser's cookies cannot be trusted; they are cleared."""

    title = "The cookies of this site were not usable"

    def __init__(self, detail: str) -> None:
        """Clear the site's cookies, so that the next try works."""
        clear = {"Clear-Site-Data": '"cookies"'}
        super().__init__("They have been cleared. Please try again.", detail=detail, headers=clear)


def cookie(header: str, name: str) -> str | None:
    """Return a cookie of a header that `check_cookies` let through, None where it is not there."""
    for pair in header.split(";"):
        key, _, value = pair.partition("=")
        if key.strip() == name:
            return value.strip() or None
    return None


def check_cookies(header: str) -> None:
    """Refuse cookie names that come twice, nameless cookies and oversized jars (RFC 6265bis)."""
    if not header:
        return
    if len(header) > MAX_COOKIES:
        raise CookieProblem("the cookie header is over 8 kB")
    seen: set[str] = set()
    for pair in header.split(";"):
        name = pair.partition("=")[0].strip()
        if name in seen or (not name and "=" in pair):
            raise CookieProblem("a cookie name is repeated or empty")
        seen.add(name)

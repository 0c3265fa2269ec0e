"""How a document is read: checked addresses only, one deadline over everything, bounded bytes.

ssrfguard resolves once, checks every answer and connects to a checked one. Its ready-made clients
bound neither the lookup nor a slow answer, so the request is made here, on a thread that the
deadline can cut off at any point by shutting its socket down.
"""

import contextlib
import functools
import http.client
import socket
import ssl
import threading
import zlib
from collections.abc import Callable
from dataclasses import replace

from ssrfguard import SSRFGuardError, connect, resolve

from authserver.core.net.fetch.rules import (
    DEFAULT_RULES,
    FORM,
    NO_TEST,
    READ,
    FetchedDocument,
    FetchFailed,
    FetchRefused,
    FetchRequest,
    FetchRules,
    ForTestsOnly,
    check_url,
    checked_resolver,
    policy_for,
    port_of,
)
from authserver.core.net.uri import Uri

_HTTP_OK = 200
_SUCCESSES = range(200, 300)
_REDIRECTS = range(300, 400)
_ERRORS = range(400, 600)
_KEPT_HEADERS = ("content-type", "cache-control", "expires", "age", "etag", "last-modified")
_MAX_REASON = 200
_GZIP_WINDOW = 16 + zlib.MAX_WBITS


def safe_fetch(
    url: str,
    *,
    request: FetchRequest = READ,
    rules: FetchRules = DEFAULT_RULES,
    on_end: Callable[[], None] = lambda: None,
    for_tests_only: ForTestsOnly = NO_TEST,
) -> FetchedDocument:
    """Return what is answered at `url`. Raises FetchRefused or FetchFailed, nothing else.

    `on_end` is called once, when nothing of the request is left, which may be after the deadline.
    """
    try:
        uri = check_url(url, rules)
    except FetchRefused:
        on_end()
        raise
    if request.seconds is not None:
        rules = replace(rules, total_seconds=min(request.seconds, rules.total_seconds))
    exchange = _Exchange(uri, request, rules=rules, for_tests_only=for_tests_only, on_end=on_end)
    try:
        exchange.start()
    except RuntimeError as error:
        on_end()
        raise FetchFailed("no thread is left for the request") from error
    return exchange.result()


class _Exchange(threading.Thread):
    """One request and its answer; `result` waits for it no longer than the rules say."""

    def __init__(
        self,
        uri: Uri,
        request: FetchRequest,
        *,
        rules: FetchRules,
        for_tests_only: ForTestsOnly,
        on_end: Callable[[], None],
    ) -> None:
        super().__init__(name="safe-fetch", daemon=True)
        self._uri, self._request, self._rules = uri, request, rules
        self._for_tests_only = for_tests_only
        self._on_end = on_end
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._handle: socket.socket | None = None
        self._cut_off = False
        self._outcome: FetchedDocument | Exception = FetchFailed("the request never ran")

    def result(self) -> FetchedDocument:
        """Return the document or raise; after the deadline, shut the connection down."""
        if not self._over.wait(self._rules.total_seconds):
            self._cut()
            raise self._too_late()
        if isinstance(self._outcome, FetchedDocument):
            return self._outcome
        raise self._outcome

    def run(self) -> None:
        """Make the request and keep its outcome, whatever happens."""
        try:
            self._outcome = self._fetch()
        except (FetchRefused, FetchFailed) as error:
            self._outcome = error
        except TimeoutError:  # the socket's own: it has the same time, and may notice first
            self._outcome = self._too_late()
        except SSRFGuardError as error:
            self._outcome = FetchRefused(str(error))
        except Exception as error:  # noqa: BLE001  fail closed: the caller gets a refusal
            self._outcome = FetchFailed(f"{type(error).__name__}: {error}"[:_MAX_REASON])
        finally:
            with self._lock:
                if self._handle is not None:
                    self._handle.close()
            self._on_end()
            self._over.set()

    def _fetch(self) -> FetchedDocument:
        connection = _PinnedConnection(self._uri, self._open)
        try:
            path = self._uri.path or "/"
            target = path if self._uri.query is None else f"{path}?{self._uri.query}"
            body = self._request.body
            method = "GET" if body is None else "POST"
            connection.request(method, target, body, headers=self._headers())
            with connection.getresponse() as response:
                return _read(response, self._request, self._rules.max_bytes)
        finally:
            connection.close()

    def _headers(self) -> dict[str, str]:
        headers = {
            "Host": self._uri.authority,
            "Accept": ", ".join(self._request.media_types) or "application/json",
            "Accept-Encoding": "identity",
            "Connection": "close",
            "User-Agent": "authserver",
        }
        if self._request.body is not None:
            headers["Content-Type"] = "application/json" if self._request.form is None else FORM
            headers.update(self._request.headers)
        if self._request.authorization is not None:
            headers["Authorization"] = self._request.authorization
        return headers

    def _too_late(self) -> FetchFailed:
        return FetchFailed(f"no complete answer within {self._rules.total_seconds} seconds")

    def _open(self) -> socket.socket:
        """Resolve, check every address, connect to one of them, and prove the host's name."""
        policy = policy_for(self._uri, self._rules)
        target = policy.check_url(f"{self._uri.origin}/")
        resolver = checked_resolver(self._uri, self._rules, self._for_tests_only)
        addresses = resolve(target, policy=policy, resolver=resolver)
        sock = connect(addresses, policy=policy, timeout=self._rules.total_seconds)
        try:
            self._watch(sock)
            if self._uri.scheme == "http":
                return sock
            context = _tls_context(self._rules.ca_file)
            return context.wrap_socket(sock, server_hostname=self._uri.host)
        except BaseException:
            sock.close()
            raise

    def _watch(self, sock: socket.socket) -> None:
        """Keep a second handle on the connection: TLS takes the first one over."""
        with self._lock:
            if self._cut_off:
                raise FetchFailed("the deadline passed while connecting")
            self._handle = sock.dup()

    def _cut(self) -> None:
        with self._lock:
            self._cut_off = True
            if self._handle is not None:
                with contextlib.suppress(OSError):  # the other side may be gone already
                    self._handle.shutdown(socket.SHUT_RDWR)


class _PinnedConnection(http.client.HTTPConnection):
    """HTTP over a socket that is made for it: it has no other way to connect."""

    def __init__(self, uri: Uri, open_socket: Callable[[], socket.socket]) -> None:
        super().__init__(uri.host, port_of(uri))
        self._open_socket = open_socket

    def connect(self) -> None:
        """Take the checked socket; the name is never looked up again."""
        self.sock = self._open_socket()


@functools.cache
def _tls_context(ca_file: str) -> ssl.SSLContext:
    """Return a context that proves the host's certificate against authorities that we believe."""
    context = ssl.create_default_context()
    if ca_file:
        context.load_verify_locations(ca_file)
    return context


def _read(response: http.client.HTTPResponse, request: FetchRequest, limit: int) -> FetchedDocument:
    """Return the document, or refuse the answer by its status, type, coding or size."""
    status, media_type = response.status, response.headers.get_content_type()
    if status in _REDIRECTS:
        raise FetchRefused("the answer is a redirect, and redirects are not followed")
    only_status = request.no_answer or (request.excerpt and not request.reads_success)
    if only_status and status in _SUCCESSES:
        return FetchedDocument(status, b"")
    if request.excerpt:
        return FetchedDocument(status, _excerpt(response, request.excerpt))
    readable = _is_readable(media_type, request)
    if status != _HTTP_OK and not (readable and request.any_status and status in _ERRORS):
        raise FetchFailed(f"the server answered with status {status}", status)
    if not readable:
        wanted = "what was asked for" if request.media_types else "JSON"
        raise FetchFailed(f"the answer is not {wanted} by its content type", status)
    body = _decoded(response, _wire_bytes(response, limit), limit)
    headers = {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
    return FetchedDocument(response.status, body, headers)


def _excerpt(response: http.client.HTTPResponse, most: int) -> bytes:
    """Return the beginning of a body, as far as it comes, whatever is wrong with the rest."""
    body = bytearray()
    with contextlib.suppress(http.client.HTTPException, ValueError):
        while len(body) < most and (piece := response.read(most - len(body))):
            body += piece
    return bytes(body)


def _is_readable(media_type: str, request: FetchRequest) -> bool:
    if request.media_types:
        return media_type in request.media_types
    return _is_json(media_type) or (request.form_answers and media_type == FORM)


def _is_json(media_type: str) -> bool:
    kind, _, subtype = media_type.partition("/")
    return kind == "application" and (subtype == "json" or subtype.endswith("+json"))


def _wire_bytes(response: http.client.HTTPResponse, limit: int) -> bytes:
    if response.length is not None and response.length > limit:
        raise FetchFailed(f"the answer is larger than {limit} bytes")
    body = bytearray()
    while len(body) <= limit and (piece := response.read(limit + 1 - len(body))):
        body += piece
    if len(body) > limit:
        raise FetchFailed(f"the answer is larger than {limit} bytes")
    if response.length:
        raise FetchFailed("the answer ended before its announced length")
    return bytes(body)


def _decoded(response: http.client.HTTPResponse, body: bytes, limit: int) -> bytes:
    """Undo gzip, which some stores send unasked, without ever holding more than the limit."""
    coding = (response.headers.get("content-encoding") or "identity").strip().lower()
    if coding == "identity":
        return body
    if coding != "gzip":
        raise FetchFailed("the answer has a content coding that was not asked for")
    unpacker = zlib.decompressobj(_GZIP_WINDOW)
    plain = unpacker.decompress(body, limit + 1)
    if len(plain) > limit:
        raise FetchFailed(f"the answer is larger than {limit} bytes when unpacked")
    if not unpacker.eof or unpacker.unused_data:
        raise FetchFailed("the answer is not one complete gzip stream")
    return plain

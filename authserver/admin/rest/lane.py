"""`/api/v1`: every call goes through here, in this order, and no other way."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from authserver.admin.caller import API, Caller, Callers
from authserver.admin.rest import reading
from authserver.admin.rest.desk import Desk, admit
from authserver.admin.rest.idempotency import Answers, Once
from authserver.admin.rest.operation import IDS, Call, Does, Operation, Reply
from authserver.admin.rest.problems import NoSuchOperation, WrongMethod
from authserver.admin.sessions import SessionCallers
from authserver.core import log
from authserver.core.clock import Clock
from authserver.core.database.engine import Transaction
from authserver.core.ids import is_id
from authserver.core.limits.buckets import Limiter, Rate
from authserver.core.problems import Problem, TooManyRequests
from authserver.core.web import NO_CONTENT_POLICY, Answer, Streamed
from authserver.oauth.lane.request import MachineRequest

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_logger = log.get("api")
PAGE = "/docs"  # for people: Flask's
DOCUMENT = "/openapi.json"
_RATE = Rate(600, 60)
_MOST_OF_A_NAME = 255  # characters; the longest is a domain


class FileAnswer(NamedTuple):
    """An answer that is a file."""

    file: Streamed
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Tools:
    """What calls are answered with."""

    callers: Callers
    sessions: SessionCallers
    desk: Desk
    answers: Answers
    limiter: Limiter
    clock: Clock


class ApiLane:
    """Answers what is below `/api/v1`, and passes everything else on."""

    def __init__(
        self,
        next_lane: "WSGIApplication",
        operations: Sequence[Operation],
        tools: Tools,
        *,
        document: Callable[[], bytes],
    ) -> None:
        """Take what follows, what can be asked, and what makes the document that describes it.

        Few ask for it, and it takes a while: it is made for the first of them.
        """
        self._next = next_lane
        self._operations = operations
        self._tools = tools
        self._document = cache(document)

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer one call."""
        path = environ["PATH_INFO"]
        if not path.startswith(f"{API}/") or path == f"{API}{PAGE}":
            return self._next(environ, start_response)
        request = MachineRequest.of(environ)
        answer = self._answer(request, path.removeprefix(API))
        headers = (*answer.headers, NO_CONTENT_POLICY)
        if isinstance(answer, FileAnswer):
            start_response("200 OK", [*answer.file.headers, *headers])
            return answer.file.pieces
        return Answer(answer.status, answer.body, headers).send(start_response)

    def _answer(self, request: MachineRequest, path: str) -> "Answer | FileAnswer":
        try:
            if path == DOCUMENT and request.method == "GET":
                return Answer(200, self._document(), (("Content-Type", "application/json"),))
            return self._called(request, path)
        except Problem as problem:
            _logger.info(
                "refused",
                path=path,
                error=problem.code,
                detail=problem.detail or problem.description,
                correlation_id=request.correlation_id,
            )
            return Answer.problem(problem, request.correlation_id)

    def _called(self, request: MachineRequest, path: str) -> "Answer | FileAnswer":
        caller = self._tools.sessions.of(request) or self._tools.callers.of(request)
        verdict = self._tools.limiter.take(f"api:{caller.kind}:{caller.id}", _RATE)
        left = {**verdict.headers(), **dict(caller.headers)}
        try:
            if not verdict.allowed:
                raise TooManyRequests("Come back after the time that Retry-After says.")
            answer = self._done(request, path, caller)
        except Problem as problem:
            problem.headers.update(left)
            raise
        return answer._replace(headers=(*answer.headers, *left.items()))

    def _done(self, request: MachineRequest, path: str, caller: Caller) -> "Answer | FileAnswer":
        operation, values = self._find(request.method, path)
        admit(operation, caller)
        if operation.sensitive:
            caller.check_recent()
        call = Call(
            caller=caller,
            path=values,
            query=reading.query(request, operation.query),
            body=reading.body(request, operation.body, largest=operation.largest),
            version=reading.version(request),
        )
        if operation.gives:
            return _file(self._tools.desk.ask(operation, call))
        once = _once(request, path, call) if operation.does is Does.CREATE else None
        return self._tools.desk.perform(
            operation,
            call,
            lambda transaction, act: self._once(
                transaction, lambda: _answer(operation, act()), once=once
            ),
        )

    def _once(
        self, transaction: Transaction, act: Callable[[], Answer], *, once: Once | None
    ) -> Answer:
        """Act unless it was done under this key before: then answer what was answered."""
        if once is None:
            return act()
        answers = self._tools.answers
        given = answers.claim(transaction, once, self._tools.clock.now())
        if given is not None:
            return given
        try:
            answer = act()
        except Problem:
            answers.release(transaction, once)  # a refusal commits: the next try is a new one
            raise
        answers.keep(transaction, once, answer)
        return answer

    def _find(self, method: str, path: str) -> tuple[Operation, dict[str, str]]:
        """Return the operation and the values of its path. Raises NoSuchOperation, WrongMethod."""
        found = [
            (operation, values)
            for operation in self._operations
            if (values := _match(operation, path)) is not None
        ]
        if not found:
            raise NoSuchOperation
        for operation, values in found:
            if operation.method == method:
                return operation, values
        allowed = ", ".join(sorted({operation.method for operation, _ in found}))
        raise WrongMethod(f"Use {allowed}.", headers={"Allow": allowed})


def _match(operation: Operation, path: str) -> dict[str, str] | None:
    """Return the values in a path, None where it is another; an id of another kind is no match."""
    pattern, parts = operation.path.split("/"), path.split("/")
    if len(pattern) != len(parts):
        return None
    values = {}
    for wanted, part in zip(pattern, parts, strict=True):
        if not wanted.startswith("{"):
            if wanted != part:
                return None
            continue
        name = wanted[1:-1]
        if not _could_be(part, IDS[name]):
            return None
        values[name] = part
    return values


def _could_be(part: str, kind: str) -> bool:
    """Tell whether a part of a path is an id of a kind, or a name where there is no kind."""
    if kind:
        return is_id(part, kind)
    return 0 < len(part) <= _MOST_OF_A_NAME and part.isprintable()


def _once(request: MachineRequest, path: str, call: Call) -> Once | None:
    key = reading.idempotency_key(request)
    if key is None:
        return None
    sent = call.body.model_dump_json() if call.body is not None else ""
    return Once(call.caller, key, sha256(f"{request.method} {path}\0{sent}".encode()).digest())


def _file(reply: Reply) -> FileAnswer:
    if reply.file is None:
        raise TypeError("an operation that gives a file gave none")
    return FileAnswer(reply.file)


def _answer(operation: Operation, reply: Reply) -> Answer:
    headers = []
    if reply.version is not None:
        headers.append(("ETag", f'"{reply.version}"'))
    if reply.location is not None:
        headers.append(("Location", f"{API}{reply.location}"))
    if reply.content is None:
        return Answer(204, b"", tuple(headers))
    body = reply.content.model_dump_json().encode()
    return Answer(operation.status, body, (("Content-Type", "application/json"), *headers))

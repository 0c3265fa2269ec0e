"""How a screen asks for an operation: by its name, at the desk, for the person who looks.

What was asked is remembered for the page: it shows the request that a program would send.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, TypeVar
from urllib.parse import urlencode

from flask import g
from pydantic import ValidationError

from authserver.admin.caller import API, MayNot
from authserver.admin.console.visitor import caller
from authserver.admin.rest.desk import Desk, admit
from authserver.admin.rest.idempotency import Answers, Once
from authserver.admin.rest.operation import IDS, Call, Does, Operation, Reply, Shown
from authserver.admin.rest.problems import UnfitFields
from authserver.core.clock import Clock
from authserver.core.database.engine import Transaction
from authserver.core.ids import is_id
from authserver.core.problems import NotFound, Problem
from authserver.core.said import said
from authserver.core.web import Answer

T = TypeVar("T", bound=Shown)
NO_PATH: Mapping[str, str] = {}
NOTHING = said("There is nothing of this name.")


@dataclass(frozen=True)
class Asked:
    """A request as a program would send it."""

    method: str
    path: str


class Asking:
    """Asks for operations."""

    def __init__(
        self, operations: Sequence[Operation], desk: Desk, *, answers: Answers, clock: Clock
    ) -> None:
        """Take what can be asked, where, and what remembers answered creates."""
        self._operations = {operation.name: operation for operation in operations}
        self._desk = desk
        self._answers = answers
        self._clock = clock

    def operation(self, name: str) -> Operation:
        """Return the operation of this name."""
        return self._operations[name]

    def may(self, name: str) -> bool:
        """Tell whether the person may ask for it, wherever they may work."""
        try:
            admit(self.operation(name), caller())
        except MayNot:
            return False
        return True

    def ask(
        self,
        name: str,
        path: Mapping[str, str] = NO_PATH,
        *,
        given: Mapping[str, object] | None = None,
        version: int | None = None,
        once: str = "",
    ) -> Reply:
        """Ask for an operation; `given` is its query where it reads, its body elsewhere.

        `once` names the form that was sent: a create that comes twice from one happens once, and
        the second answer has no content. Raises UnfitFields, NotFound, and what it refuses with.
        """
        operation = self.operation(name)
        call = self._call(operation, path, given or {}, version=version)
        self.note(name, path, given)
        if not once or operation.does is not Does.CREATE:
            return self._desk.ask(operation, call)
        sent = call.body.model_dump_json() if call.body is not None else ""
        digest = sha256(f"console {address(operation, path)}\0{sent}".encode()).digest()
        form = Once(call.caller, f"console {once}", digest)
        return self._desk.perform(operation, call, lambda *work: self._once(form, *work))

    def read(self, name: str, shows: type[T], path: Mapping[str, str] = NO_PATH) -> tuple[T, int]:
        """Ask for an operation that reads one thing; return it, and its version (or 0)."""
        reply = self.ask(name, path)
        if not isinstance(reply.content, shows):
            raise TypeError(f"{name} does not show {shows.__name__}")
        return reply.content, reply.version or 0

    def note(
        self, name: str, path: Mapping[str, str], given: Mapping[str, object] | None = None
    ) -> None:
        """Remember a request for the page to show."""
        operation = self.operation(name)
        query = f"?{urlencode(given)}" if given and operation.method == "GET" else ""
        asked = g.setdefault("asked", [])
        asked.append(Asked(operation.method, f"{address(operation, path)}{query}"))

    def _call(
        self,
        operation: Operation,
        path: Mapping[str, str],
        given: Mapping[str, object],
        *,
        version: int | None,
    ) -> Call:
        for part, value in path.items():
            if IDS[part] and not is_id(value, IDS[part]):
                raise NotFound(NOTHING)
        is_query = operation.method == "GET"
        model = operation.query if is_query else operation.body
        checked: Any = None
        if model is not None:
            try:
                checked = model.model_validate(given)
            except ValidationError as error:
                raise UnfitFields.of(error) from error
        return Call(
            caller=caller(),
            path=path,
            query=checked if is_query else None,
            body=None if is_query else checked,
            version=version,
        )

    def _once(self, form: Once, transaction: Transaction, act: Any) -> Reply:  # noqa: ANN401  the desk's
        answers = self._answers
        given = answers.claim(transaction, form, self._clock.now())
        if given is not None:
            return Reply(location=dict(given.headers).get("Location"))
        try:
            reply: Reply = act()
        except Problem:
            answers.release(transaction, form)  # a refusal commits: the next try is a new one
            raise
        # Where the answer is, but nothing of it: it may hold a secret.
        headers = (("Location", reply.location),) if reply.location else ()
        answers.keep(transaction, form, Answer(201, b"", headers))
        return reply


def address(operation: Operation, path: Mapping[str, str]) -> str:
    """Return the URL's path of an operation with its ids."""
    return API + operation.path.format_map(path)

"""Where operations are performed: the one way to them, for programs and for people alike.

Whoever asks, by API or in the console: may the caller do this, may the caller work there, one
transaction, and the news for the caches afterwards.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from authserver.admin.caller import Caller, MayNot
from authserver.admin.reach import Reach
from authserver.admin.rest.operation import Call, Does, Operation, Reply, Where
from authserver.core.database.engine import Database, Transaction

T = TypeVar("T")
Act = Callable[[], Reply]
Around = Callable[[Transaction, Act], T]


class Desk:
    """Performs operations. `changed` is called after every write: caches, mail."""

    def __init__(self, database: Database, reach: Reach, changed: Callable[[], None]) -> None:
        """Take where it is done, who may work where, and who is told."""
        self._database = database
        self._reach = reach
        self._changed = changed

    def ask(self, operation: Operation, call: Call) -> Reply:
        """Perform an operation. Raises MayNot, NotFound, and what the operation refuses with."""
        return self.perform(operation, call, lambda _, act: act())

    def perform(self, operation: Operation, call: Call, around: Around[T]) -> T:
        """Perform an operation with something around it, in its transaction."""
        admit(operation, call.caller)
        call = self._asked(operation, call)
        replies: list[Reply] = []

        def job(transaction: Transaction) -> T:
            self._check_place(transaction, operation, call)

            def act() -> Reply:
                replies[:] = [operation.handler(transaction, call)]
                return replies[0]

            return around(transaction, act)

        if operation.does is Does.READ:
            with self._database.read() as view:
                return job(view)
        done = self._database.write(job)
        if replies and replies[0].after is not None:
            replies[0].after()
        self._changed()
        return done

    def _asked(self, operation: Operation, call: Call) -> Call:
        """Return the call with what others say to it: asked while no transaction is open."""
        if operation.before is None:
            return call
        with self._database.read() as view:
            self._check_place(view, operation, call)
            ask = operation.before(view, call)
        return replace(call, found=ask())

    def _check_place(self, transaction: Transaction, operation: Operation, call: Call) -> None:
        if operation.where is Where.PLATFORM:
            return
        tenant_id = call.path["tenant_id"]
        if operation.where is Where.VIEW and call.caller.platform:
            self._reach.check_there(transaction, tenant_id)
        else:
            self._reach.check(transaction, call.caller, tenant_id)


def admit(operation: Operation, caller: Caller) -> None:
    """Raise MayNot if the caller may not do this, wherever."""
    if operation.where is Where.PLATFORM and not caller.platform:
        raise MayNot("This is for callers of the platform's own tenant.")
    for permission in (operation.permission, *operation.also):
        caller.check(permission)

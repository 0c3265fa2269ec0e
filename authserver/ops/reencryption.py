"""Values that an older master key encrypted are encrypted with the active one, a few at a time.

A named platform service: a key is the installation's. A value is replaced only where it is still
the one that was read, so a change meanwhile stays, and each batch is a transaction of its own. What
is left to do is read off the values themselves: who is killed has nothing to remember, and any
number of processes may do it at once.
"""

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import LargeBinary, Row, func, inspect, select, update

from authserver.core import log
from authserver.core.crypto import KEY_ID, DecryptionError, Keyring, Place
from authserver.core.database.engine import Database, Transaction
from authserver.core.problems import Unavailable

BATCH = 50  # values of one transaction: nobody should wait for it
_IN_A_ROW = 50  # batches before mails have their turn
_EVERY = 3600.0  # seconds

_log = log.get(__name__)


@dataclass(frozen=True)
class Encrypted:
    """A column whose values `Keyring.encrypt` made for their table, column and primary key."""

    model: type[Any]
    column: str

    def __str__(self) -> str:
        """Name it as SQL does."""
        return f"{self.model.__tablename__}.{self.column}"

    @property
    def key(self) -> Any:  # noqa: ANN401  a column of any model
        """Return the primary key, which is one column."""
        (key,) = inspect(self.model).primary_key
        return key

    @property
    def value(self) -> Any:  # noqa: ANN401  a column of any model
        """Return the column."""
        return getattr(self.model, self.column)

    @property
    def key_id(self) -> Any:  # noqa: ANN401  an expression
        """Return what a value says of the key that made it."""
        length = KEY_ID.stop - KEY_ID.start
        return func.substr(self.value, KEY_ID.start + 1, length, type_=LargeBinary)

    def place(self, key: object) -> Place:
        """Return where the value of a row is encrypted for."""
        return Place(str(self.model.__tablename__), self.column, str(key))


@dataclass(frozen=True)
class Step:
    """What one batch did. `unreadable` are values whose key is here and does not open them."""

    column: Encrypted
    renewed: int
    unreadable: int


@dataclass(frozen=True)
class _Change:
    key: object
    old: bytes
    new: bytes | None


class Reencryption:
    """Brings every value under the active master key."""

    def __init__(
        self,
        database: Database,
        keyring: Keyring,
        columns: Sequence[Encrypted],
        *,
        batch: int = BATCH,
    ) -> None:
        """Take where the values are, and their keys."""
        self._database = database
        self._keyring = keyring
        self._columns = columns
        self._batch = batch
        self._older = keyring.ids[1:]
        self._walk: Iterator[Step] | None = None
        self._due_at = time.monotonic()

    def count(self) -> Mapping[str, Mapping[bytes, int]]:
        """Return how many values of each column are under which key, by its id."""
        with self._database.read() as view:
            return {str(column): _count(view, column) for column in self._columns}

    def renew(self) -> Iterator[Step]:
        """Encrypt everything anew, batch by batch: what is not taken is not done."""
        for column in self._columns if self._older else ():
            last = None
            while rows := self._under_older_keys(column, after=last):
                yield self._renew(column, rows)
                last = rows[-1].key

    def tick(self) -> None:
        """Do some of it, for who calls often; look for more once an hour when it is done."""
        if not self._older or time.monotonic() < self._due_at:
            return
        self._walk = self._walk or self.renew()
        try:
            steps = list(islice(self._walk, _IN_A_ROW))
        except Unavailable as down:
            self._walk = None
            _log.warning("encrypting_anew_waits", reason=down.detail)
            return
        if steps:
            _log.info("encrypted_anew", **_by_column(steps))
        if len(steps) < _IN_A_ROW:
            self._walk = None
            self._due_at = time.monotonic() + _EVERY

    def _under_older_keys(self, column: Encrypted, *, after: object) -> Sequence[Row[Any]]:
        some = (
            select(column.key.label("key"), column.value.label("value"))
            .where(column.key_id.in_(self._older))
            .order_by(column.key)
            .limit(self._batch)
        )
        if after is not None:
            some = some.where(column.key > after)
        with self._database.read() as view:
            return view.platform().execute(some).all()

    def _renew(self, column: Encrypted, rows: Sequence[Row[Any]]) -> Step:
        values = [_Change(row.key, row.value, self._anew(column, row)) for row in rows]
        changes = [change for change in values if change.new is not None]

        def job(transaction: Transaction) -> int:
            return sum(_make(transaction, column, change) for change in changes)

        renewed = self._database.write(job) if changes else 0
        return Step(column, renewed, len(rows) - len(changes))

    def _anew(self, column: Encrypted, row: Row[Any]) -> bytes | None:
        place = column.place(row.key)
        try:
            return self._keyring.encrypt(self._keyring.decrypt(row.value, place), place)
        except DecryptionError:
            _log.warning("value_does_not_open", column=str(column), row=str(row.key))
            return None


def _make(transaction: Transaction, column: Encrypted, change: _Change) -> int:
    """Put a value in the place of another, if that one is still there."""
    mine = update(column.model).where(column.key == change.key, column.value == change.old)
    changed: Any = transaction.platform().execute(
        mine.values({column.column: change.new}).execution_options(synchronize_session=False)
    )
    return int(changed.rowcount)


def _count(view: Transaction, column: Encrypted) -> dict[bytes, int]:
    # In a subquery: PostgreSQL does not see that two expressions with parameters are the same.
    made_by = select(column.key_id.label("key")).where(func.length(column.value) > 0).subquery()
    wanted = select(made_by.c.key, func.count()).group_by(made_by.c.key)
    return {bytes(key): number for key, number in view.platform().execute(wanted)}


def _by_column(steps: Sequence[Step]) -> dict[str, int]:
    renewed: Counter[str] = Counter()
    for step in steps:
        renewed[str(step.column)] += step.renewed
    return dict(renewed)

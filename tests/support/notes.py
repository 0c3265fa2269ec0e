"""A small table for tests of the database's rules, and a writer that is held."""

import threading
from collections.abc import Callable, Iterator

from sqlalchemy import Integer, String, column, insert, select, table, text

from authserver.core.database.engine import Database, Transaction, make_engine

notes = table("notes", column("id", Integer), column("text", String))


def with_table(url: str) -> Iterator[Database]:
    engine = make_engine(url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL)"))
    database = Database(engine)
    yield database
    database.close()


def adding(number: int, words: str = "") -> Callable[[Transaction], int]:
    def job(transaction: Transaction) -> int:
        transaction.connection.execute(insert(notes).values(id=number, text=words))
        return number

    return job


def kept(database: Database) -> list[int]:
    with database.read() as view:
        return list(view.connection.execute(select(notes.c.id).order_by(notes.c.id)).scalars())


class Queue:
    """Holds the writer, so that jobs sent meanwhile share the next commit, in this order."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.outcomes: dict[int, object] = {}
        self._threads: list[threading.Thread] = []
        self._release = threading.Event()
        holding = threading.Event()

        def hold(_transaction: Transaction) -> None:
            holding.set()
            self._release.wait()

        self._send(-1, hold)
        holding.wait()

    def send(self, number: int, job: Callable[[Transaction], object]) -> None:
        before = len(self.database._commits._queue)  # noqa: SLF001  the only way to know that it waits
        self._send(number, job)
        while len(self.database._commits._queue) == before:  # noqa: SLF001
            pass

    def run(self) -> dict[int, object]:
        self._release.set()
        for thread in self._threads:
            thread.join()
        return self.outcomes

    def _send(self, number: int, job: Callable[[Transaction], object]) -> None:
        def write() -> None:
            try:
                self.outcomes[number] = self.database.write(job)
            except BaseException as error:  # noqa: BLE001  it is the outcome
                self.outcomes[number] = error

        thread = threading.Thread(target=write)
        self._threads.append(thread)
        thread.start()

"""How fast events get numbers, what each takes of the disk, and what the index of the others costs.

Usage: python benchmarks/sequencing.py [--events 50000] [--tenants 100] [--database-url URL]
Prints one line of JSON. A PostgreSQL database must be empty, and the URL its owner's.
"""

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sqlalchemy import text

from authserver import schema
from authserver.audit.events import Actor, Event, EventType
from authserver.audit.sequencing.placing import BATCH, place
from authserver.audit.service import Trail
from authserver.audit.subjects import Subjects
from authserver.core.clock import SystemClock
from authserver.core.crypto import Keyring
from authserver.core.database import migrations
from authserver.core.database.engine import Database, Transaction, make_engine

AT_ONCE = 20  # events of one commit: a busy server's group
INDEX = "ix_audit_events_unplaced"


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=50_000)
    parser.add_argument("--tenants", type=int, default=100)
    parser.add_argument("--database-url", default="")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = options.database_url or f"sqlite:///{folder}/bench.db"
        database = Database(make_engine(url))
        migrations.upgrade(database.engine)
        print(json.dumps(measure(database, options.events, options.tenants)))
        database.close()


def measure(database: Database, events: int, tenants: int) -> dict[str, Any]:
    """Write events with the index and without it, by turns, then number all of them."""
    clock = SystemClock()
    trail = Trail(Subjects(database, Keyring([b"k" * 32]), clock), clock)
    names = [f"ten_{number:026}" for number in range(tenants)]
    parts = 10
    written = {True: 0.0, False: 0.0}
    write(database, trail, names, count=tenants * 2)
    for part in range(parts):
        indexed = part % 2 == 0
        with_index(database, present=indexed)
        written[indexed] += write(database, trail, names, count=events // parts)
    with_index(database, present=True)
    before = size(database)
    begun, placed, longest = time.perf_counter(), 0, 0.0
    while True:
        start = time.perf_counter()
        some = database.write(place)
        longest = max(longest, time.perf_counter() - start)
        placed += some
        if some < BATCH:
            break
    seconds = time.perf_counter() - begun
    half = events / 2
    return {
        "database": database.engine.dialect.name,
        "events": placed,
        "tenants": tenants,
        "numbered_per_second": round(placed / seconds),
        "longest_batch_ms": round(longest * 1000),
        "written_per_second": round(half / written[True]),
        "written_per_second_without_the_index": round(half / written[False]),
        "bytes_of_an_event": round(before / placed),
        "bytes_of_a_numbered_event": round(size(database) / placed),
        "tables": len(schema.metadata.tables),
    }


def with_index(database: Database, *, present: bool) -> None:
    """Have the index of events without a number, or not."""
    with database.engine.begin() as connection:
        connection.execute(text(f"DROP INDEX IF EXISTS {INDEX}"))
        if present:
            connection.execute(text(f"CREATE INDEX {INDEX} ON audit_events (id) WHERE seq IS NULL"))


def write(database: Database, trail: Trail, tenants: list[str], *, count: int) -> float:
    """Record events as a busy server does; return the seconds."""
    start = time.perf_counter()
    for first in range(0, count, AT_ONCE):

        def job(transaction: Transaction, first: int = first) -> None:
            for number in range(first, min(first + AT_ONCE, count)):
                tenant = tenants[number % len(tenants)]
                actor = Actor("user", tenant, f"cor_{number}", "192.0.2.7", "Mozilla/5.0")
                facts = {"grant": "authorization_code", "scope": "openid profile email"}
                event = Event(EventType.TOKENS_ISSUED, tenant, actor, facts=facts)
                trail.record(transaction, event)

        database.write(job)
    return time.perf_counter() - start


def size(database: Database) -> int:
    """Return how many bytes the events and their indexes take, with the trees."""
    with database.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            query = (
                "SELECT sum(pg_total_relation_size(oid)) FROM pg_class"
                " WHERE relname IN ('audit_events', 'audit_trees', 'audit_nodes')"
            )
            return int(connection.scalar(text(query)) or 0)
        pages = connection.scalar(text("PRAGMA page_count")) or 0
        return int(pages) * int(connection.scalar(text("PRAGMA page_size")) or 0)


if __name__ == "__main__":
    main()

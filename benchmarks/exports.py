"""A trail of ten million events, taken away in each form, the worker killed on the way.

Usage: python benchmarks/exports.py [--events 10000000] [--formats jsonl,csv,bundle]
In an SQLite installation of its own: 1,100 bytes of disk for an event, and a quarter more for each
file. The work is done by `authserver worker`: it is killed (SIGKILL) once a third is done, and
another one goes on behind it when the lease of the dead one is over.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from imports import PROGRAM, Import, peak
from sqlalchemy import text

from authserver.app import build
from authserver.audit.events import Actor, Event, EventType
from authserver.audit.sequencing.placing import BATCH, place
from authserver.core.database.engine import Database, Transaction
from authserver.jobs.values import Begun
from authserver.settings import from_environment
from authserver.trail_exports.service import TrailExports
from authserver.trail_exports.values import Ask, ExportView, Format, Standing
from authserver.wiring.services import Services
from authserver.wiring.trail.exporting import make_exports

TENANT = "exported"
COPY = text(
    "INSERT INTO audit_events (id, tenant_id, occurred_at, type, actor_ref, subject_ref, resource,"
    " correlation_id, body, leaf) SELECT 'evt_1' || printf('%025d', :begun + seq), tenant_id,"
    " occurred_at, type, actor_ref, subject_ref, resource, correlation_id, body, leaf"
    " FROM audit_events WHERE tenant_id = :tenant_id AND seq <= :most AND seq > 0"
)
OPERATOR = Actor("operator", "operator", "cor_benchmark")


class Exports:
    """The exports of one tenant's trail, and the processes that work on them."""

    def __init__(self, services: Services, environ: dict[str, str], tenant_id: str) -> None:
        """Take the installation."""
        self._database: Database = services.database
        self._exports: TrailExports = make_exports(services)
        self._environ, self._tenant_id = environ, tenant_id

    def ask(self, form: Format) -> ExportView:
        """Ask for a file."""
        begun = Begun("operator", "operator", self._tenant_id, OPERATOR.correlation_id)
        return self._database.write(
            lambda transaction: self._exports.ask(
                transaction, self._tenant_id, Ask(form), begun=begun, actor=OPERATOR
            )
        )

    def now(self, export_id: str) -> ExportView:
        """Return how far it is."""
        with self._database.read() as view:
            return self._exports.one(view, self._tenant_id, export_id)

    def work(self, export_id: str, until: int) -> tuple[float, int, ExportView]:
        """Let a worker work until so many events are passed; return seconds, MB and the file."""
        worker = subprocess.Popen([PROGRAM, "worker"], env=self._environ, stdout=subprocess.DEVNULL)
        before, passed = time.monotonic(), 0
        try:
            while True:
                time.sleep(1)
                one, most = self.now(export_id), peak(worker.pid)
                if one.done < passed or one.failure:
                    raise SystemExit(f"from {passed} to {one.done}: {one.failure}")
                passed = one.done
                if one.standing is Standing.READY or passed >= until:
                    return time.monotonic() - before, most, one
        finally:
            worker.kill()
            worker.wait()

    def fetched(self, one: ExportView) -> Iterator[bytes]:
        """Give the file."""
        return self._exports.pieces(self._database, one)


def fill(services: Services, tenant_id: str, events: int) -> None:
    """Write so many events of a tenant, number them, and sign what there is.

    All but the first few thousand are copies of those with other ids: made by the database alone.
    """
    database, trail = services.database, services.trail
    actor = Actor("user", tenant_id, "cor_benchmark", "192.0.2.7", "Mozilla/5.0")
    facts = {"grant": "authorization_code", "scope": "openid profile email"}
    event = Event(EventType.TOKENS_ISSUED, tenant_id, actor, facts=facts)

    def some(transaction: Transaction) -> None:
        for _ in range(BATCH):
            trail.record(transaction, event)

    def copies(transaction: Transaction) -> None:
        values = {"tenant_id": tenant_id, "begun": begun, "most": BATCH}
        transaction.connection.execute(COPY, values)

    for begun in range(0, events, BATCH):
        database.write(copies if begun else some)
        while database.write(place) == BATCH:
            pass
    services.proving.sequencer.once()


def measure(exports: Exports, form: Format) -> str:
    """Have one file made and fetched; say what it took."""
    export_id = exports.ask(form).id
    first, most, one = exports.work(export_id, exports.now(export_id).total // 3)
    killed = one.done
    rest, second, one = exports.work(export_id, one.total + 1)
    start = time.monotonic()
    size = sum(map(len, exports.fetched(one)))
    if size != one.size:
        raise SystemExit(f"{size} bytes were fetched, not {one.size}")
    return (
        f"{form.value}: killed at {killed:,} after {first:.0f} s, the rest in {rest:.0f} s with up "
        f"to 60 s of the dead one's lease; {max(most, second)} MB; {one.events:,} events, "
        f"{size / 1e6:,.0f} MB fetched in {time.monotonic() - start:.0f} s"
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="benchmarks/exports.py", description=__doc__)
    parser.add_argument("--events", type=int, default=10_000_000)
    parser.add_argument("--formats", default="jsonl,csv,bundle")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        environ = {"AUTHSERVER_DATA_DIR": folder, "AUTHSERVER_LOG_LEVEL": "error"}
        doing = Import(environ)
        doing.cli("init")
        made = doing.cli("tenants", "create", TENANT, "--name", "E", "--type", "customer", "--json")
        tenant_id = json.loads(made)["id"]
        services = build(from_environment(environ))
        start = time.monotonic()
        fill(services, tenant_id, options.events)
        seconds, size = time.monotonic() - start, Path(folder, "authserver.db").stat().st_size
        print(f"{options.events:,} events in {seconds:.0f} s, {size / 1e9:.1f} GB", flush=True)
        exports = Exports(services, environ, tenant_id)
        for form in options.formats.split(","):
            print(measure(exports, Format(form)), flush=True)


if __name__ == "__main__":
    main()

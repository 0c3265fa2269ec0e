"""The server with a trail that records nothing, and with no sequencer: what the trail costs.

No setting of the product does this. Usage, like authserver.workers:
python benchmarks/without_trail.py HOST PORT WORKERS THREADS
"""

import sys
from typing import TYPE_CHECKING

from authserver import workers

if TYPE_CHECKING:
    from flask import Flask

    from authserver.audit.events import Event, Written
    from authserver.audit.sequencer import Sequencer
    from authserver.audit.service import Trail
    from authserver.core.database.engine import Transaction


def serve_app() -> "Flask":
    """Return the application of a server process; what it would record is gone."""
    # Here, in the worker: the process that keeps it imports nothing of the server.
    from authserver import app  # noqa: PLC0415
    from authserver.audit.sequencer import Sequencer  # noqa: PLC0415
    from authserver.audit.service import Trail  # noqa: PLC0415

    Trail.record = _record_nothing  # type: ignore[method-assign]  # what this is for
    Sequencer.run = _number_nothing  # type: ignore[method-assign]  # the same
    return app.serve_app()


def _record_nothing(trail: "Trail", _transaction: "Transaction", event: "Event") -> "Written":
    from authserver.audit.events import Written  # noqa: PLC0415  as above
    from authserver.core.ids import new_id  # noqa: PLC0415  the same

    return Written(new_id("evt"), trail._clock.now(), event, None)  # noqa: SLF001  its own method


def _number_nothing(_sequencer: "Sequencer") -> None:
    """Do nothing: there are no events."""


if __name__ == "__main__":
    workers.FACTORY = "without_trail:serve_app"
    host, port, processes, threads = sys.argv[1:]
    workers.serve(host, int(port), workers=int(processes), threads=int(threads))

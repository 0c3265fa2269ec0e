"""Runs a demo application: one process, a few threads, on this machine only."""

from urllib.parse import urlsplit

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels


def serve(factory: str, address: str) -> None:
    """Serve a Flask factory at an address of this machine until a signal comes."""
    Granian(
        factory,
        factory=True,
        address="127.0.0.1",
        port=urlsplit(address).port or 80,
        interface=Interfaces.WSGI,
        blocking_threads=4,
        websockets=False,
        log_level=LogLevels.error,
    ).serve()

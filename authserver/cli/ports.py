"""Whether a port is free."""

import socket
from typing import Any

from authserver.cli.command import NotReady

_AddressInfo = tuple[int, int, int, str, Any]  # the address has a form of its own in each family


def check_free(host: str, port: int) -> None:
    """Raise NotReady where something listens already.

    The server shares its port between its processes, so a second server would quietly join in.
    """
    family, kind, protocol, _, address = _resolve(host, port)
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as error:
            raise NotReady(f"Cannot listen at {host}:{port}: {error.strerror}.") from error


def _resolve(host: str, port: int) -> _AddressInfo:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError as error:
        raise NotReady(f"Cannot listen at {host}: {error.strerror}.") from error
    return found[0]

"""The `authserver` that shell.py puts on somebody's PATH: has another process run the command.

It is started on its own, and imports next to nothing. What goes on until it is told to end is the
installed program, in this very process: whoever started it knows its number, and sends signals.
"""

import os
import socket
import sys

_GOING_ON = ("serve", "worker", "demo")


def _given(arguments: list[str]) -> bytes:
    environment = [name + b"=" + value for name, value in os.environb.items()]
    folder = os.getcwdb()  # noqa: PTH109  pathlib takes longer to import than all of this
    return b"\0".join([folder, b"%d" % len(arguments), *map(os.fsencode, arguments), *environment])


def _main(at: str, arguments: list[str]) -> None:
    if arguments[:1] and arguments[0] in _GOING_ON:
        installed = f"{os.path.dirname(sys.executable)}/authserver"  # noqa: PTH120  the same
        os.execv(installed, [installed, *arguments])  # noqa: S606  the point of it
    with socket.socket(socket.AF_UNIX) as server:
        server.connect(at)
        socket.send_fds(server, [b"."], [0, 1, 2])
        server.sendall(_given(arguments))
        server.shutdown(socket.SHUT_WR)
        code = int(server.recv(16))
    if code < 0:
        os.kill(os.getpid(), -code)
    sys.exit(code)


if __name__ == "__main__":
    _main(sys.argv[1], sys.argv[2:])

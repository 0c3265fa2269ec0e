"""How a command that works until it is told to end hears that."""

import os
import signal


def wait_to_be_ended() -> None:
    """Return when SIGTERM or Ctrl-C came; from then on they change nothing.

    No handler takes a lock: the next signal may interrupt it while it has that lock, for ever. And
    the signal may reach any thread, so the one that waits reads what C's handler writes.
    """
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    os.read(reading, 1)

"""How children end that a process forks. Knows nobody who does: workers, and the demo's server."""

import os
import signal

_REQUESTS_TO_END = (signal.SIGTERM, signal.SIGINT)


def end_children_when_asked() -> None:
    """Let a request to end reach a child that has not begun to run, or has just begun.

    It starts with its parent's handlers, which would swallow the request: its parent would wait
    for it until it is killed. So the request waits until the child has none of them.
    """
    os.register_at_fork(before=_hold, after_in_parent=_let_through, after_in_child=_end_when_asked)


def _hold() -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, _REQUESTS_TO_END)


def _let_through() -> None:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _REQUESTS_TO_END)


def _end_when_asked() -> None:
    for number in _REQUESTS_TO_END:
        signal.signal(number, signal.SIG_DFL)
    _let_through()

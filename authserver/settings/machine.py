"""What the machine has for this process."""

import os
import sys


def processors() -> int:
    """Return how many processors the process may use, which a container may have fewer of."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1

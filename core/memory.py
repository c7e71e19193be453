"""What is in this process's memory stays there: no core dumps, no other process of the same user reading along."""

from __future__ import annotations

import ctypes
import sys

_PR_SET_DUMPABLE = 4  # linux/prctl.h


def keep_memory_private() -> None:
    """Switch core dumps off; on Linux also debuggers and /proc/<pid>/mem and /environ, except for root.

    A core dump holds every key that is in use, and goes to a file or to a crash collector that nobody thinks of. What
    the system does not let us switch off stays as it is.
    """
    try:
        import resource
    except ImportError:  # Windows writes none by itself
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)

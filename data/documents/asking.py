"""One question to a limited process of its own: it is sent a file, answers once, and is killed in any case."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from data.query.frames import receive, send

_ROOT = str(Path(__file__).resolve().parents[2])
_START = "import sys, importlib; sys.path.insert(0, sys.argv[1]); importlib.import_module(sys.argv[2]).main()"
_STARTING_SECONDS = 20.0
_MESSAGE = 2**16


def ask(
    module: str, request: Mapping[str, Any], content: bytes, *, seconds: float, message: int = _MESSAGE, answer: int = 0
) -> tuple[dict[str, Any], bytes]:
    """What the `main` of a module of ours answers to `request` about `content`: a message, and bytes that belong to it.

    Both are empty when it answers nothing, too late, or more than `message` and `answer` bytes. Blocks.
    """
    child = subprocess.Popen(  # noqa: S603  # our own interpreter and module
        [sys.executable, "-I", "-c", _START, _ROOT, module],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={},
        start_new_session=True,
    )
    timer = threading.Timer(seconds + _STARTING_SECONDS, child.kill)
    timer.daemon = True
    timer.start()
    assert child.stdin is not None and child.stdout is not None
    try:
        send(child.stdin, {**request, "size": len(content)}, content)
        said = receive(child.stdout, message) or {}
        size = said.get("size", 0) if answer else 0
        return said, child.stdout.read(size) if isinstance(size, int) and 0 < size <= answer else b""
    except (OSError, ValueError, RecursionError):
        return {}, b""
    finally:
        timer.cancel()
        with contextlib.suppress(OSError):
            os.killpg(child.pid, signal.SIGKILL)  # what it may have started, too: its session is its own
        child.wait()
        child.stdout.close()
        with contextlib.suppress(OSError):  # what it never read is still in the buffer
            child.stdin.close()

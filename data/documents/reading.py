"""One document's text as the app gets it: from a process of its own that is killed at the first trouble."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from data.query.frames import receive, send
from data.values.errors import GearboxError

_ROOT = str(Path(__file__).resolve().parents[2])
_START = "import sys; sys.path.insert(0, sys.argv[1]); from data.documents.child import main; main()"
_STARTING_SECONDS = 20.0
_MOST_AT_ONCE = threading.BoundedSemaphore(2)
"""Each keeps a core busy; whoever comes next waits."""


class DocumentError(GearboxError):
    """A document that can't be read: encrypted, broken, of no known kind, or more than the limits allow."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one document may take. `chars` and `pages` cut it, the others refuse it; `memory` is in bytes."""

    seconds: float = 40.0
    memory: int = 1024 * 1024 * 1024
    pages: int = 500
    chars: int = 400_000
    unpacked: int = 150 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class DocumentText:
    """What stands in a document; `text` is empty for one that holds pictures alone, as a scan does."""

    media_type: str
    text: str


DEFAULT_LIMITS = Limits()

_TOO_MUCH = "it needs too much memory or time to read"


def read_document(content: bytes, limits: Limits = DEFAULT_LIMITS) -> DocumentText:
    """The text of a PDF, Word, PowerPoint, Excel or OpenDocument sheet file; what it is, its bytes say. Blocks.

    Its process has an empty environment, no files, no network, and no rights, as far as the system has such fences.

    Raises:
        DocumentError: in words that complete "... can't be read: ".
    """
    with _MOST_AT_ONCE:
        reply = _asked(content, limits)
    try:
        if "error" in reply:
            raise DocumentError(str(reply["error"]))
        text = str(reply["text"])[: limits.chars + 200]
        # It came from a process that a document may have taken over: as text it can do no harm.
        return DocumentText(str(reply["media_type"]), text.encode("utf-8", "replace").decode())
    except KeyError:
        raise DocumentError(_TOO_MUCH) from None


def _asked(content: bytes, limits: Limits) -> dict[str, Any]:
    child = subprocess.Popen(  # noqa: S603  # our own interpreter and module
        [sys.executable, "-I", "-c", _START, _ROOT],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={},
        start_new_session=True,
    )
    timer = threading.Timer(limits.seconds + _STARTING_SECONDS, child.kill)
    timer.daemon = True
    timer.start()
    assert child.stdin is not None and child.stdout is not None
    try:
        send(child.stdin, {"size": len(content), "limits": asdict(limits)}, content)
        return receive(child.stdout, 8 * limits.chars + 4_096) or {}
    except (OSError, ValueError, RecursionError):
        return {}
    finally:
        timer.cancel()
        child.kill()
        child.wait()
        child.stdout.close()
        with contextlib.suppress(OSError):  # what it never read is still in the buffer
            child.stdin.close()

"""One document's text as the app gets it: from a process of its own that is killed at the first trouble."""

from __future__ import annotations

import threading
from dataclasses import asdict, dataclass

from data.documents.asking import ask
from data.values.errors import GearboxError

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
        request = {"limits": asdict(limits)}
        most = 8 * limits.chars + 4_096
        reply, _ = ask("data.documents.child", request, content, seconds=limits.seconds, message=most)
    try:
        if "error" in reply:
            raise DocumentError(str(reply["error"]))
        text = str(reply["text"])[: limits.chars + 200]
        # It came from a process that a document may have taken over: as text it can do no harm.
        return DocumentText(str(reply["media_type"]), text.encode("utf-8", "replace").decode())
    except KeyError:
        raise DocumentError(_TOO_MUCH) from None

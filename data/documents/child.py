"""The limited process: it is sent one document, answers with its text, and ends."""

from __future__ import annotations

import codecs
import contextlib
import encodings.aliases
import importlib
import pkgutil
import signal
from typing import Any

import pypdf

from data.documents import office, pdf
from data.documents.problem import Problem
from data.documents.serving import pipes
from data.query import fence
from data.query.frames import receive, send

_MESSAGE = 2**20


def main() -> None:
    """Serve one request at standard input and output."""
    requests, replies = pipes()
    _import_all()
    request = receive(requests, _MESSAGE)
    if request is None:
        return
    limits: dict[str, Any] = request["limits"]
    fence.close_in(limits["memory"], 0)
    signal.setitimer(signal.ITIMER_REAL, limits["seconds"])  # the kernel ends it then
    send(replies, _answer(requests.read(request["size"]), limits))


def _answer(content: bytes, limits: dict[str, Any]) -> dict[str, Any]:
    try:
        read = pdf.read_pdf if content.startswith(b"%PDF-") else office.read_office
        media_type, text = read(content, limits)
    except Problem as problem:
        return {"error": str(problem)}
    except (MemoryError, RecursionError):
        return {"error": "it needs too much memory to read"}
    except Exception:  # noqa: BLE001  # a parser fails at other people's files in any way there is; it is why this is a process
        return {"error": "it is damaged"}
    return {"media_type": media_type, "text": text}


def _import_all() -> None:
    """Behind the fence nothing can be imported, and pypdf and Python's encodings are when they are first needed."""
    for name in {*encodings.aliases.aliases.values(), "utf_8_sig"}:
        with contextlib.suppress(LookupError):  # of another system
            codecs.lookup(name)
    for module in pkgutil.walk_packages(pypdf.__path__, "pypdf."):
        with contextlib.suppress(ImportError):  # for what is not installed here
            importlib.import_module(module.name)

"""The limited process: it is sent one picture, answers with its pixels, and ends."""

from __future__ import annotations

import io
import signal
import warnings
from typing import Any

import pi_heif  # type: ignore[import-untyped]
from PIL import AvifImagePlugin, Image, ImageOps, TiffImagePlugin, WebPImagePlugin

from data.documents.serving import pipes
from data.query import fence
from data.query.frames import receive, send

# Imports after the fence fail: what Pillow would import at the first picture is named here, the rest in `preinit`.
_NEEDED_LATER = (AvifImagePlugin, TiffImagePlugin, WebPImagePlugin)

_MESSAGE = 2**20
_THREADS = 32
"""libde265 starts one for each picture, whatever it is told; others of the same user may start some meanwhile."""


def main() -> None:
    """Serve one request at standard input and output."""
    requests, replies = pipes()
    pi_heif.options.DECODE_THREADS = 1  # more would be new threads, which the process may not start
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1
    Image.preinit()
    pi_heif.register_heif_opener(thumbnails=False)
    request = receive(requests, _MESSAGE)
    if request is None:
        return
    fence.close_in(request["memory"], 0, threads=_THREADS if request["kind"] == "HEIF" else 0)
    signal.setitimer(signal.ITIMER_REAL, request["seconds"])  # the kernel ends it then
    message, drawn = _answer(requests.read(request["size"]), request)
    send(replies, message | {"size": len(drawn)}, drawn)


def _answer(content: bytes, request: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    warnings.simplefilter("ignore")  # on pictures that are large or odd; they would be formatted, which imports
    try:
        with Image.open(io.BytesIO(content), formats=[request["kind"]]) as opened:
            if opened.width * opened.height > request["pixels"]:
                size = f"{opened.width:,} × {opened.height:,} pixels"
                return {"error": f"has {size}; that is more than can be taken"}, b""
            side = (request["side"], request["side"])
            opened.draft("RGB", side)  # a JPEG need not be decoded in full
            opened.thumbnail(side)  # before anything that makes a copy
            image = ImageOps.exif_transpose(opened)
            clean = image.convert("RGBA" if image.has_transparency_data else "RGB")
    except Image.DecompressionBombError:
        return {"error": "has more pixels than can be taken"}, b""
    except (MemoryError, RecursionError):
        return {"error": "needs too much memory to read"}, b""
    except Exception:  # noqa: BLE001  # a parser fails at other people's files in any way there is; it is why this is a process
        return {"error": "is broken: it can't be read to its end"}, b""
    return {"mode": clean.mode, "width": clean.width, "height": clean.height}, clean.tobytes()

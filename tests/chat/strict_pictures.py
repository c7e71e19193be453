"""Whether a picture on the wire is one."""

from __future__ import annotations

import base64
import io
from functools import cache

from PIL import Image


@cache
def is_picture(data: str, media_type: str) -> bool:
    """Whether it is the base64 of a picture of that type."""
    with Image.open(io.BytesIO(base64.b64decode(data, validate=True))) as opened:
        return Image.MIME[opened.format or ""] == media_type

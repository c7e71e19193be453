"""What can be said of a picture without seeing it: measured, and read in what the sandbox's own pictures say."""

from __future__ import annotations

import base64
import binascii
import io
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from core.sandbox.vocabulary import COLORS, Color

if TYPE_CHECKING:
    from PIL.Image import Image

_MOST_PIXELS = 60_000_000
_SIDE = 64
_ASKED_CHARS = 200
_SHARE = 0.12
"""Of the picture: a colour that fills less is not named."""
_TOO_GREY = 26  # between the strongest and the weakest of red, green and blue


def pictures_in(messages: Sequence[Mapping[str, Any]]) -> list[str]:
    """What is to be said of each picture of the last user message."""
    said = [message.get("content") for message in messages if message.get("role") == "user"]
    parts = said[-1] if said and isinstance(said[-1], list) else []
    return [_of_part(part) for part in parts if isinstance(part, Mapping) and part.get("type") == "image_url"]


def caption(picture: bytes) -> str:
    """Size, form, colours, brightness and contrast; for the sandbox's own pictures what they were asked for, too.

    Raises:
        ValueError: it is no picture, or has too many pixels.
    """
    from PIL import Image

    from core.sandbox.pictures import UNREADABLE, said_of

    try:
        with Image.open(io.BytesIO(picture)) as opened:  # reads the head only
            width, height = opened.size
            if width * height > _MOST_PIXELS:
                raise ValueError("It has too many pixels.")
            kind, frames = opened.format or "picture", getattr(opened, "n_frames", 1)
            opened.draft("RGB", (_SIDE * 4, _SIDE * 4))
            small = opened.convert("RGB").resize((_SIDE, _SIDE), Image.Resampling.BOX)
    except (*UNREADABLE, Image.DecompressionBombError) as error:
        raise ValueError("It can't be read.") from error
    form = "square" if width == height else "landscape" if width > height else "portrait"
    moving = f", {frames} frames" if frames > 1 else ""
    told = f"a {kind} of {width} × {height} pixels ({form}{moving}), {_colors(small)}, {_light(small)}"
    asked = " ".join(said_of(picture).split())
    return f"{told}; the sandbox drew it for “{asked[:_ASKED_CHARS]}”" if asked else told


def color_name(color: Color) -> str:
    """The name of the nearest colour that has one here."""
    red, green, blue = color
    if max(color) - min(color) < _TOO_GREY:
        mean = sum(color) / 3
        return "black" if mean < 48 else "white" if mean > 214 else "grey"
    if max(color) < 56:
        return "black"
    if red < max(color) < 140:  # dark greens and blues are nearer to brown than to themselves
        red, green, blue = (each * 180 // max(color) for each in color)

    def far(name: str) -> float:
        other = COLORS[name][0]
        mid = (red + other[0]) / 512  # weights by how red both are, as eyes see it
        return (2 + mid) * (red - other[0]) ** 2 + 4 * (green - other[1]) ** 2 + (3 - mid) * (blue - other[2]) ** 2

    return min((name for name in COLORS if name not in {"black", "white", "grey"}), key=far)


def _colors(small: Image) -> str:
    """The names of what fills most of it, the most first."""
    few = small.quantize(12)
    palette, total = few.getpalette() or [], small.size[0] * small.size[1]
    shares: dict[str, float] = {}
    for count, place in few.getcolors() or []:
        index = int(place) if isinstance(place, int | float) else 0
        red, green, blue = palette[3 * index : 3 * index + 3]
        name = color_name((red, green, blue))
        shares[name] = shares.get(name, 0) + count / total
    ranked = sorted(shares.items(), key=lambda each: -each[1])
    named = [f"{name} ({share:.0%})" for name, share in ranked if share >= _SHARE][:4] or [ranked[0][0]]
    return "mostly " + (" and ".join(named) if len(named) < 3 else ", ".join(named[:-1]) + f" and {named[-1]}")


def _light(small: Image) -> str:
    from PIL import ImageStat

    seen = ImageStat.Stat(small.convert("L"))
    mean, spread = seen.mean[0], math.sqrt(seen.var[0])
    bright = "dark" if mean < 70 else "bright" if mean > 175 else "of middle brightness"
    contrast = "hardly any contrast" if spread < 8 else "little contrast" if spread < 35 else "strong contrast"
    above, below = (
        ImageStat.Stat(small.crop((0, top, _SIDE, top + _SIDE // 2)).convert("L")).mean[0] for top in (0, _SIDE // 2)
    )
    half = f", brighter {'above' if above > below else 'below'}" if abs(above - below) > 25 else ""
    return f"{bright} with {contrast}{half}"


def _of_part(part: Mapping[str, Any]) -> str:
    held = part.get("image_url")
    url = str(held.get("url", "") if isinstance(held, Mapping) else held)
    head, _, body = url.partition(",")
    if not head.startswith("data:"):
        return "one by its address"
    try:
        picture = base64.b64decode(body, validate=True)
        return caption(picture)
    except (binascii.Error, ValueError):
        return "one that can't be read"

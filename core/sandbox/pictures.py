"""The sandbox's pictures and films: drawn here from the prompt's hash, with the words that they are scripted."""

from __future__ import annotations

import hashlib
import io
import math
import textwrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw

MIN_SIDE, MAX_SIDE = 64, 2_048
FRAMES_A_SECOND = 8
MAX_FILM_SECONDS = 8
_WORDS = "Gearbox sandbox: a scripted picture, drawn without any AI"
_Color = tuple[int, int, int]
_Point = tuple[float, float]


def draw(prompt: str, size: tuple[int, int], number: int = 0) -> bytes:
    """A PNG of `size` pixels; `number` tells several pictures of one prompt apart."""
    return _png(_scene(prompt, size, number))


def edit(picture: bytes, prompt: str, size: tuple[int, int] | None, number: int = 0) -> bytes:
    """The given picture as a PNG, framed, with the prompt written on it.

    Raises:
        ValueError: it is no picture, or has too many pixels.
    """
    from PIL import Image, ImageDraw, ImageOps

    try:
        with Image.open(io.BytesIO(picture)) as opened:  # reads the head only: no pixel is unpacked yet
            if max(opened.size) > MAX_SIDE * 2:
                raise ValueError(f"The picture is larger than {MAX_SIDE * 2} pixels a side.")
            given = opened.convert("RGB")
    except (OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise ValueError("The file is no picture.") from error
    canvas = ImageOps.fit(given, size or _fitting(given.size))
    _frame(ImageDraw.Draw(canvas), canvas.size, prompt, _colors(prompt, number)[0])
    return _png(canvas)


def film(prompt: str, seconds: int, size: tuple[int, int]) -> bytes:
    """An animated GIF whose gears turn: the smallest real film that needs no encoder."""
    frames = min(max(seconds, 1), MAX_FILM_SECONDS) * FRAMES_A_SECOND
    first, *rest = (_scene(prompt, size, 0, turn=frame / frames).quantize(64) for frame in range(frames))
    out = io.BytesIO()
    first.save(out, "GIF", save_all=True, append_images=rest, duration=1000 // FRAMES_A_SECOND, loop=0)
    return out.getvalue()


def _scene(prompt: str, size: tuple[int, int], number: int, turn: float = 0.0) -> Image:
    from PIL import Image, ImageDraw

    dark, light = _colors(prompt, number)
    canvas = Image.linear_gradient("L").resize(size)
    canvas = Image.composite(Image.new("RGB", size, light), Image.new("RGB", size, dark), canvas)
    pen, (width, height) = ImageDraw.Draw(canvas), size
    unit = min(width, height)
    _gear(pen, (width * 0.42, height * 0.42), unit * 0.22, teeth=12, angle=turn * math.tau / 12, color=light)
    _gear(pen, (width * 0.66, height * 0.58), unit * 0.13, teeth=7, angle=-turn * math.tau / 7, color=dark)
    _frame(pen, size, prompt, dark)
    return canvas


def _gear(pen: ImageDraw, center: _Point, radius: float, *, teeth: int, angle: float, color: _Color) -> None:
    points = []
    for step in range(teeth * 4):
        reach = radius * (1.0 if step % 4 < 2 else 0.8)
        at = angle + math.tau * (step + 0.5) / (teeth * 4)
        points.append((center[0] + reach * math.cos(at), center[1] + reach * math.sin(at)))
    pen.polygon(points, fill=color, outline=(255, 255, 255))
    hole = radius * 0.3
    pen.ellipse((center[0] - hole, center[1] - hole, center[0] + hole, center[1] + hole), fill=(255, 255, 255))


def _frame(pen: ImageDraw, size: tuple[int, int], prompt: str, color: _Color) -> None:
    from PIL import ImageFont

    width, height = size
    letter = max(10, min(size) // 32)
    font = ImageFont.load_default(letter)
    line = max(12, int(width / (letter * 0.55)))
    said = textwrap.wrap(f"“{prompt}”", line, max_lines=2, placeholder="…")
    text = "\n".join([*textwrap.wrap(_WORDS, line, max_lines=2, placeholder="…"), *said])
    top = height - int(letter * 1.35 * (text.count("\n") + 1)) - 8
    pen.rectangle((0, top, width, height), fill=color)
    pen.multiline_text((8, top + 2), text, fill=(255, 255, 255), font=font)
    pen.rectangle((0, 0, width - 1, height - 1), outline=(255, 255, 255), width=max(1, min(size) // 128))


def _colors(prompt: str, number: int) -> tuple[_Color, _Color]:
    seed = hashlib.sha256(f"{number}\0{prompt}".encode("utf-8", "replace")).digest()
    return (seed[0] // 3, seed[1] // 3, seed[2] // 3), (120 + seed[3] // 2, 120 + seed[4] // 2, 120 + seed[5] // 2)


def _fitting(size: tuple[int, int]) -> tuple[int, int]:
    scale = min(1.0, MAX_SIDE / max(size))
    return max(MIN_SIDE, int(size[0] * scale)), max(MIN_SIDE, int(size[1] * scale))


def _png(picture: Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()

"""The sandbox's films: what it paints, moving; or a picture that it was sent, with the camera moving over it."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

    from core.sandbox.scenes import Scene

FRAMES_A_SECOND = 12
MAX_FILM_SECONDS = 8
MAX_FILM_SIDE = 640
_CLOSER = 0.16
"""How much nearer the camera comes in the course of a film."""


def film(prompt: str, seconds: int, size: tuple[int, int], picture: bytes | None = None) -> bytes:
    """A WebM without sound, of so many seconds; it begins with the picture, where there is one.

    Raises:
        ValueError: that is no picture, or has too many pixels.
    """
    from core.sandbox.webm import webm

    even = size[0] // 2 * 2, size[1] // 2 * 2
    frames = min(max(seconds, 1), MAX_FILM_SECONDS) * FRAMES_A_SECOND
    return webm(_frames(prompt, frames, even, picture), even, FRAMES_A_SECOND)


def still(picture: bytes, size: tuple[int, int]) -> bytes:
    """What a film needs of a picture, as a JPEG.

    Raises:
        ValueError: it is none, or has too many pixels.
    """
    import io

    from PIL import ImageOps

    from core.sandbox.pictures import opened

    out = io.BytesIO()
    ImageOps.fit(opened(picture), size).save(out, "JPEG", quality=90)
    return out.getvalue()


def _frames(prompt: str, count: int, size: tuple[int, int], picture: bytes | None) -> Iterator[Image]:
    from PIL import ImageOps

    from core.sandbox.abstract import paint_abstract
    from core.sandbox.painting import mark, painted
    from core.sandbox.pictures import opened
    from core.sandbox.scenes import scene_of

    scene = scene_of(prompt)
    if picture is not None:
        ground = ImageOps.fit(opened(picture), size)
    elif scene.is_abstract:
        for number in range(count):
            yield mark(paint_abstract(scene, size, turn=number / count))
        return
    else:
        ground = painted(scene, size)
    rng = scene.rng
    aim = rng.uniform(0.3, 0.7), rng.uniform(0.35, 0.65)
    flakes = _flakes(rng) if picture is None or scene.has("rain", "snow") else []
    for number in range(count):
        at = number / count
        frame = _nearer(ground, size, _CLOSER * (1 - math.cos(math.pi * at)) / 2, aim)
        yield mark(_moving(frame, scene, flakes, at, count / FRAMES_A_SECOND))


def _nearer(ground: Image, size: tuple[int, int], by: float, aim: tuple[float, float]) -> Image:
    """A part of the picture, from parts of pixels on: whole ones would make it tremble."""
    from PIL import Image

    width, height = ground.size[0] * (1 - by), ground.size[1] * (1 - by)
    left, top = (ground.size[0] - width) * aim[0], (ground.size[1] - height) * aim[1]
    box = (left, top, left + width, top + height)
    return ground.resize(size, Image.Resampling.BICUBIC, box=box)


def _flakes(rng: random.Random) -> list[tuple[float, float, float]]:
    """Across, down, and how near each is."""
    return [(rng.random(), rng.random(), rng.random()) for _ in range(160)]


def _moving(frame: Image, scene: Scene, flakes: list[tuple[float, float, float]], at: float, seconds: float) -> Image:
    """What falls, or who flies by, at this point of the film."""
    from PIL import ImageDraw

    pen, (width, height) = ImageDraw.Draw(frame, "RGBA"), frame.size
    unit = min(frame.size)
    if scene.has("snow"):
        for x, y, near in flakes:
            speed = round(seconds * (0.15 + 0.25 * near)) or 1  # whole rounds: the end meets the beginning
            down = (y + at * speed) % 1 * height
            across = (x + 0.02 * math.sin(math.tau * (at * speed + y))) * width
            r = unit * (0.002 + 0.005 * near)
            pen.ellipse((across - r, down - r, across + r, down + r), fill=(255, 255, 255, int(110 + 130 * near)))
    elif scene.has("rain", "storm"):
        for x, y, near in flakes:
            down = (y + at * round(seconds * (1 + near))) % 1 * height * 1.1
            long = unit * (0.02 + 0.03 * near)
            across = (x * 1.2 - 0.1) * width - 0.28 * down
            line = (across % width, down, across % width - long * 0.28, down + long)
            pen.line(line, fill=(220, 230, 240, int(50 + 90 * near)), width=1)
    elif flakes and scene.hour != "night" and not scene.has("fog", "city"):
        for x, y, near in flakes[:6]:
            across = ((at + 0.1 * x) * 1.3 - 0.15 + 0.1 * near) * width
            down = (0.14 + 0.16 * y + 0.02 * math.sin(math.tau * (at * 2 + x))) * height
            beat, wide = math.sin(math.tau * (at * seconds * 1.6 + x)), unit * (0.012 + 0.008 * near)
            for side in (-1, 1):
                tip = (across + side * wide, down - wide * 0.6 * beat)
                pen.line(((across, down), tip), fill=(40, 44, 58, 230), width=max(1, unit // 180))
    return frame

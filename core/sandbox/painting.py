"""From a prompt to a picture of the sandbox: drawn larger, made smaller, and marked."""

from __future__ import annotations

from PIL import Image, ImageDraw, ImageFilter, ImageFont

from core.sandbox.abstract import paint_abstract
from core.sandbox.brushes import Picture
from core.sandbox.landscape import paint_landscape
from core.sandbox.scenes import Scene, scene_of

MARK = "Gearbox sandbox"
_FINE_SIDE = 1_100
"""Up to this many pixels a side is drawn larger by a quarter, for smooth edges."""


def paint(prompt: str, size: tuple[int, int], number: int = 0, style: int = 0) -> Picture:
    """The picture, without its mark; `style` 1 is a print in few colours."""
    scene = scene_of(prompt, number, style)
    scale = 1.25 if max(size) <= _FINE_SIDE else 1.0
    large = round(size[0] * scale), round(size[1] * scale)
    canvas = painted(scene, large)
    canvas = printed(canvas) if style else canvas
    return canvas.resize(size, Image.Resampling.BICUBIC) if large != size else canvas


def painted(scene: Scene, size: tuple[int, int]) -> Picture:
    """The scene at exactly that size."""
    return paint_abstract(scene, size) if scene.is_abstract else paint_landscape(scene, size)


def printed(canvas: Picture) -> Picture:
    """As a print: few colours, in patches."""
    few = canvas.filter(ImageFilter.GaussianBlur(min(canvas.size) / 400)).quantize(20, dither=Image.Dither.NONE)
    return few.convert("RGB")


def mark(canvas: Picture) -> Picture:
    """The same picture with the words in its corner that say where it is from."""
    width, height = canvas.size
    letter = max(8, min(canvas.size) // 60)
    font = ImageFont.load_default(letter)
    pen = ImageDraw.Draw(canvas, "RGBA")
    left, top, right, bottom = pen.textbbox((0, 0), MARK, font=font)
    x, y = width - (right - left) - letter, height - (bottom - top) - letter
    pen.text((x + 1, y + 1 - top), MARK, font=font, fill=(0, 0, 0, 110))
    pen.text((x, y - top), MARK, font=font, fill=(255, 255, 255, 190))
    return canvas

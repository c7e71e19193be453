"""What the sandbox paints with: gradients, noise, ridges, glows, all from Pillow and seeded numbers."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Sequence

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from core.sandbox.vocabulary import Color

Picture = Image.Image
Point = tuple[float, float]
Size = tuple[int, int]


def mix(one: Color, other: Color, share: float) -> Color:
    """`one` with a share of `other`, from 0 to 1."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def shade(color: Color, by: float) -> Color:
    """Lighter above 0, darker below."""
    return mix(color, (255, 255, 255), by) if by > 0 else mix(color, (8, 10, 24), -by)


def gradient(size: Size, stops: Sequence[Color]) -> Picture:
    """From top to bottom, the stops at equal distances."""
    steps = 256
    row = bytearray()
    for step in range(steps):
        at = step / (steps - 1) * (len(stops) - 1)
        place = min(int(at), len(stops) - 2)
        row += bytes(mix(stops[place], stops[place + 1], at - place))
    return Image.frombytes("RGB", (1, steps), bytes(row)).resize(size, Image.Resampling.BICUBIC)


def noise(rng: random.Random, size: Size, cells: Size, octaves: int = 4) -> Picture:
    """Grey clouds: random grids, each twice as fine and half as strong as the one before."""
    total: Picture | None = None
    for octave in range(octaves):
        wide, high = max(2, cells[0] << octave), max(2, cells[1] << octave)
        layer = Image.frombytes("L", (wide, high), rng.randbytes(wide * high)).resize(size, Image.Resampling.BICUBIC)
        total = layer if total is None else Image.blend(total, layer, 1 / (1 + 1.7**octave))
    assert total is not None, "one octave at least"
    return total


def glow(size: Size, center: Point, radius: float) -> Picture:
    """A mask that fades from the centre to nothing at the radius."""
    mask = Image.new("L", size)
    side = max(2, int(radius * 2))
    spot = Image.radial_gradient("L").point([max(0, 255 - int(each * 1.4)) for each in range(256)])
    mask.paste(spot.resize((side, side), Image.Resampling.BICUBIC), (int(center[0] - radius), int(center[1] - radius)))
    return mask


def lit(canvas: Picture, mask: Picture, color: Color, strength: float) -> Picture:
    """The canvas with light of that colour, added where the mask is white."""
    light = Image.composite(
        Image.new("RGB", canvas.size, shade(color, strength - 1)), Image.new("RGB", canvas.size), mask
    )
    return ImageChops.screen(canvas, light)


def laid(canvas: Picture, mask: Picture, color: Color, strength: float = 1.0, corner: tuple[int, int] = (0, 0)) -> None:
    """Paint with one colour through a mask, whose left upper corner lies at `corner`."""
    box = (*corner, corner[0] + mask.size[0], corner[1] + mask.size[1])
    canvas.paste(color, box, mask.point([int(each * strength) for each in range(256)]) if strength < 1 else mask)


def ridge(rng: random.Random, width: int, base: float, height: float, roughness: float) -> list[Point]:
    """A line of hills from left to right: midpoints moved at random, less with every halving.

    Args:
        rng: what moves them.
        width: of the picture.
        base: where it lies about.
        height: how far it leaves that.
        roughness: of the line, from smooth 0.3 to jagged 0.6.
    """
    line = [rng.uniform(-1, 1) for _ in range(4)]
    reach = 0.6
    while len(line) < 400:
        finer = []
        for left, right in itertools.pairwise(line):
            finer += [left, (left + right) / 2 + rng.uniform(-reach, reach)]
        line, reach = [*finer, line[-1]], reach * roughness
    if roughness < 0.4:
        line = _smoothed(line)
    low, high = min(line), max(line)
    line = [(each - low) / (high - low) * 2 - 1 for each in line]
    step = width / (len(line) - 1)
    return [(place * step, base - height * each) for place, each in enumerate(line)]


def land(canvas: Picture, line: Sequence[Point], top: Color, foot: Color) -> Picture:
    """Fill all below a line, from one colour at its highest point to another; gives the mask of it."""
    size = canvas.size
    mask = Image.new("L", size)
    ImageDraw.Draw(mask).polygon([*line, (size[0], size[1]), (0, size[1])], fill=255)
    begin = int(min(max(min(y for _, y in line), 0), size[1] - 2))
    strip = gradient((size[0], size[1] - begin), (top, foot))
    canvas.paste(strip, (0, begin), mask.crop((0, begin, *size)))
    return mask


def veil(canvas: Picture, color: Color, top: float, bottom: float, strength: float) -> None:
    """Haze that grows from `top` and is strongest at `bottom`."""
    if bottom - top < 2:
        return
    width, high = canvas.size[0], int(bottom - top)
    fading = Image.linear_gradient("L").resize((width, high)).point([int(each * strength) for each in range(256)])
    canvas.paste(color, (0, int(top)), fading)


def softened(picture: Picture, radius: float) -> Picture:
    """Blurred; far blurs are made of a smaller picture, which looks the same and takes a tenth of the time."""
    if radius < 8:
        return picture.filter(ImageFilter.GaussianBlur(radius))
    factor = int(radius // 3)
    small = picture.reduce(factor).filter(ImageFilter.GaussianBlur(radius / factor))
    return small.resize(picture.size, Image.Resampling.BICUBIC)


def polar(center: Point, radius: float, angle: float) -> Point:
    """The point at a distance and an angle in radians."""
    return center[0] + radius * math.cos(angle), center[1] + radius * math.sin(angle)


def _smoothed(line: Sequence[float]) -> list[float]:
    reach = 12
    return [
        sum(line[max(0, place - reach) : place + reach + 1]) / len(line[max(0, place - reach) : place + reach + 1])
        for place in range(len(line))
    ]

"""Pictures of the sandbox without a subject: bands, circles and folded paper in colours that go together."""

from __future__ import annotations

import colorsys
import math
import random

from PIL import Image, ImageDraw

from core.sandbox import things
from core.sandbox.brushes import Picture, gradient, laid, mix, noise, polar, ridge, shade, softened
from core.sandbox.scenes import Scene
from core.sandbox.vocabulary import Color

_SCHEMES: tuple[tuple[Color, ...], ...] = (
    ((38, 70, 83), (42, 157, 143), (233, 196, 106), (244, 162, 97), (231, 111, 81)),
    ((29, 53, 87), (69, 123, 157), (168, 218, 220), (241, 250, 238), (230, 57, 70)),
    ((53, 47, 68), (92, 84, 112), (185, 180, 199), (250, 240, 230), (214, 122, 104)),
    ((16, 37, 66), (33, 98, 131), (94, 172, 173), (246, 214, 155), (235, 94, 85)),
    ((45, 49, 66), (79, 93, 117), (191, 192, 192), (255, 244, 230), (239, 131, 84)),
    ((60, 42, 74), (127, 79, 120), (222, 138, 140), (250, 202, 170), (255, 240, 214)),
)


def paint_abstract(scene: Scene, size: tuple[int, int], turn: float = 0.0) -> Picture:
    """A composition in the scene's palette; `turn` from 0 to 1 moves what can move."""
    rng = scene.rng
    colors = _palette(scene, rng)
    canvas = gradient(size, (shade(colors[0], 0.1), mix(colors[0], colors[1], 0.7), colors[1]))
    rng.choice((_waves, _circles) if scene.has("heart") else (_waves, _circles, _rays))(rng, canvas, colors, turn)
    if scene.has("gear"):
        pen, unit = ImageDraw.Draw(canvas), min(size)
        angle = turn * math.tau / 14
        things.gear(pen, (size[0] * 0.42, size[1] * 0.44), unit * 0.24, colors[-1], teeth=14, angle=angle)
        things.gear(pen, (size[0] * 0.66, size[1] * 0.66), unit * 0.15, colors[-2], teeth=9, angle=-turn * math.tau / 9)
    if scene.has("heart"):
        red = scene.colors.get("heart", (222, 62, 80))
        for share, color in ((1.08, colors[-1]), (1.0, red)):
            things.heart(ImageDraw.Draw(canvas), (size[0] * 0.5, size[1] * 0.46), min(size) * 0.24 * share, color)
    small = (max(8, size[0] // 4), max(8, size[1] // 4))
    texture = noise(rng, small, (4, 4), 5).resize(size).point([max(0, each - 128) for each in range(256)])
    laid(canvas, texture, (255, 255, 255), 0.35)
    return canvas


def _palette(scene: Scene, rng: random.Random) -> tuple[Color, ...]:
    said = (*scene.palette, *scene.colors.values())
    if not said:
        return rng.choice(_SCHEMES)
    first, last = said[0], said[-1]
    if len(said) == 1:
        hue, light, strength = colorsys.rgb_to_hls(*(part / 255 for part in first))
        beside = colorsys.hls_to_rgb((hue + 0.09) % 1, min(0.8, light + 0.2), strength * 0.8)
        last = (round(beside[0] * 255), round(beside[1] * 255), round(beside[2] * 255))
    return shade(first, -0.55), shade(first, -0.12), shade(first, 0.4), last, shade(last, 0.5)


def _waves(rng: random.Random, canvas: Picture, colors: tuple[Color, ...], turn: float) -> None:
    """Bands of folded paper, each with its shadow on the one behind."""
    (width, height), unit, bands = canvas.size, min(canvas.size), 8
    disc = Image.new("L", canvas.size)
    at, r = (width * rng.uniform(0.3, 0.7), height * rng.uniform(0.2, 0.34)), unit * rng.uniform(0.12, 0.19)
    ImageDraw.Draw(disc).ellipse((at[0] - r, at[1] - r, at[0] + r, at[1] + r), fill=255)
    laid(canvas, disc, colors[-1])
    for band in range(bands):
        share = band / (bands - 1)
        line = ridge(rng, int(width * 1.5), height * (0.26 + 0.66 * share), height * 0.11, 0.3)
        moved = [(x - width * 0.25 + math.sin(math.tau * turn + band) * unit * 0.03, y) for x, y in line]
        mask = Image.new("L", canvas.size)
        ImageDraw.Draw(mask).polygon([*moved, (width * 1.3, height), (-width * 0.3, height)], fill=255)
        laid(canvas, softened(mask, unit / 60), (10, 10, 24), 0.3)
        place = share * (len(colors) - 1.001)
        low, part = int(place), place - int(place)
        tone = mix(colors[::-1][low], colors[::-1][low + 1], part)
        canvas.paste(gradient(canvas.size, (shade(tone, 0.14), shade(tone, -0.08))), (0, 0), mask)


def _circles(rng: random.Random, canvas: Picture, colors: tuple[Color, ...], turn: float) -> None:
    """Discs and rings that let each other shine through."""
    (width, height), unit = canvas.size, min(canvas.size)
    for step in range(16):
        radius = unit * (0.04 + 0.3 * rng.random() ** 1.6)
        center = (width * rng.uniform(0.1, 0.9), height * rng.uniform(0.1, 0.9))
        center, edge = polar(center, unit * 0.02, math.tau * turn + step), unit / 16
        # Only so much of the canvas as it fills, with room for its shadow: the whole would take ten times as long.
        side, box = int(2 * (radius + edge)), (edge, edge, edge + 2 * radius, edge + 2 * radius)
        corner = int(center[0] - radius - edge), int(center[1] - radius - edge)
        mask = Image.new("L", (side, side))
        pen = ImageDraw.Draw(mask)
        if rng.random() < 0.35:
            pen.ellipse(box, outline=255, width=max(2, int(radius * rng.uniform(0.06, 0.3))))
        elif rng.random() < 0.4:
            begin = rng.randrange(0, 360, 45)
            pen.pieslice(box, begin, begin + 180, fill=255)
        else:
            pen.ellipse(box, fill=255)
        laid(canvas, softened(mask, unit / 40), (10, 10, 24), 0.16, corner)
        laid(canvas, mask, rng.choice(colors[1:]), rng.uniform(0.62, 0.95), corner)
    pen = ImageDraw.Draw(canvas)
    for _ in range(4):
        at, angle = (width * rng.random(), height * rng.random()), rng.uniform(0, math.tau)
        pen.line((at, polar(at, unit * rng.uniform(0.3, 0.8), angle)), fill=colors[-1], width=max(2, unit // 260))


def _rays(rng: random.Random, canvas: Picture, colors: tuple[Color, ...], turn: float) -> None:
    """A fan of light around a disc, over hills of paper."""
    (width, height), unit, rays = canvas.size, min(canvas.size), 28
    center = (width * rng.uniform(0.35, 0.65), height * rng.uniform(0.5, 0.6))
    pen, reach = ImageDraw.Draw(canvas), width + height
    for ray in range(0, rays, 2):
        begin = math.tau * (ray + turn * 2) / rays
        points = [center, polar(center, reach, begin), polar(center, reach, begin + math.tau / rays)]
        pen.polygon(points, fill=mix(colors[1], colors[2], 0.5))
    for share, color in ((0.3, colors[2]), (0.24, colors[-1]), (0.18, colors[-2]), (0.1, colors[-1])):
        r = unit * share
        pen.ellipse((center[0] - r, center[1] - r, center[0] + r, center[1] + r), fill=color)
    for band in range(4):
        line = ridge(rng, width, height * (0.68 + 0.1 * band), height * 0.05, 0.36)
        mask = Image.new("L", canvas.size)
        ImageDraw.Draw(mask).polygon([*line, (width, height), (0, height)], fill=255)
        laid(canvas, softened(mask, unit / 50), (10, 10, 24), 0.25)
        laid(canvas, mask, mix(colors[-1], colors[0], 0.25 + 0.25 * band))

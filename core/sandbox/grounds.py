"""The lower half of the sandbox's landscapes: mountains, hills, forests, dunes, a city, water."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageOps

from core.sandbox.brushes import Picture, Point, laid, land, lit, mix, ridge, shade, softened, veil
from core.sandbox.heavens import light_of, sky_colors, sun_place
from core.sandbox.scenes import Scene
from core.sandbox.vocabulary import Color

_GREENS: dict[str, tuple[Color, Color]] = {  # far, near
    "spring": ((142, 176, 120), (74, 134, 66)),
    "summer": ((126, 158, 106), (48, 104, 60)),
    "autumn": ((196, 150, 88), (150, 80, 40)),
    "winter": ((226, 234, 242), (204, 218, 232)),
}
LEAVES: dict[str, tuple[Color, ...]] = {
    "spring": ((112, 164, 90), (146, 186, 104), (238, 180, 196)),
    "summer": ((44, 96, 58), (62, 116, 62), (34, 80, 58)),
    "autumn": ((196, 92, 38), (220, 140, 50), (160, 60, 36), (120, 96, 50)),
    "winter": ((86, 112, 112), (120, 146, 150), (206, 220, 230)),
}


def ambient(scene: Scene, color: Color, share: float = 0.5) -> Color:
    """A colour of the land in the light of the hour, tinted by the picture's palette."""
    stops = sky_colors(scene)
    tone = {"dawn": stops[1], "day": stops[2], "sunset": mix(stops[1], (60, 20, 50), 0.4), "night": (10, 14, 36)}
    amount = {"dawn": 0.34, "day": 0.1, "sunset": 0.46, "night": 0.74}[scene.hour]
    if scene.palette:
        color = mix(color, scene.palette[-1], 0.45)
    return mix(color, tone[scene.hour], amount * share * 2 if share < 0.5 else amount)


def paint_mountains(scene: Scene, canvas: Picture, horizon: float) -> None:
    """Three ranges, the far ones in the haze, with snow where it is cold."""
    rng, unit, haze = scene.rng, min(canvas.size), sky_colors(scene)[-1]
    rock = scene.colors.get("mountain", (74, 84, 108))
    snowy = scene.season == "winter" or scene.has("snow") or rng.random() < 0.45
    for depth in range(3):
        near = depth / 2
        base = horizon - unit * (0.15 - 0.12 * near)
        height = unit * (0.19 - 0.1 * near) * rng.uniform(0.85, 1.1)
        line = ridge(rng, canvas.size[0], base, height, 0.5)
        color = mix(haze, ambient(scene, rock), 0.46 + 0.36 * near)
        mask = land(canvas, line, color, mix(color, haze, 0.7 - 0.3 * near))
        if snowy:
            _snow(scene, canvas, line, mask, height)


def paint_hills(scene: Scene, canvas: Picture, horizon: float, *, flowers: bool) -> None:
    """Smooth rolling land, greener as it comes nearer."""
    rng, (width, height), haze = scene.rng, canvas.size, sky_colors(scene)[-1]
    far, near = _GREENS[scene.season]
    if wanted := scene.colors.get("hill"):
        far, near = mix(far, wanted, 0.6), mix(near, wanted, 0.7)
    layers = 5
    for depth in range(layers):
        share = depth / (layers - 1)
        base = horizon + (height - horizon) * (0.02 + 0.72 * share**1.4)
        line = ridge(rng, width, base, (height - horizon) * (0.1 + 0.06 * share), 0.36)
        top = mix(haze, ambient(scene, mix(far, near, share)), 0.5 + 0.5 * share)
        land(canvas, line, shade(top, 0.1 * (1 - share)), shade(top, -0.28 - 0.15 * share))
        if depth in {1, 2, 3}:
            _scattered_trees(scene, rng, canvas, line, share)
    if flowers:
        _meadow(scene, canvas, horizon)


def paint_forest(scene: Scene, canvas: Picture, horizon: float) -> None:
    """Rows of trees, one behind the other, with mist between them."""
    rng, (width, height), haze = scene.rng, canvas.size, sky_colors(scene)[-1]
    unit = min(canvas.size)
    leaves = LEAVES[scene.season]
    wanted = scene.colors.get("forest")
    rows = 5
    for depth in range(rows):
        share = depth / (rows - 1)
        base = horizon + (height - horizon) * (0.04 + 0.8 * share**1.3)
        line = ridge(rng, width, base, (height - horizon) * 0.07, 0.42)
        leaf = wanted or rng.choice(leaves)
        color = mix(haze, shade(ambient(scene, leaf), -0.25 * share), 0.34 + 0.66 * share)
        tall = unit * (0.07 + 0.2 * share)
        mask = Image.new("L", canvas.size)
        pen = ImageDraw.Draw(mask)
        x = -tall * 0.2
        while x < width + tall * 0.2:
            y = _height_at(line, x)
            _conifer(rng, pen, (x, y + tall * 0.06), tall * rng.uniform(0.6, 1.15))
            x += tall * rng.uniform(0.1, 0.34)
        laid(canvas, mask, color)
        land(canvas, line, color, shade(color, -0.3))
        if depth < rows - 1:
            veil(canvas, mix(haze, color, 0.25), base - tall * 0.3, base + (height - horizon) * 0.12, 0.5)


def paint_desert(scene: Scene, canvas: Picture, horizon: float) -> None:
    """Dunes with a bright and a dark side."""
    rng, (width, height), haze = scene.rng, canvas.size, sky_colors(scene)[-1]
    sand = scene.colors.get("desert", (226, 170, 108))
    for depth in range(5):
        share = depth / 4
        base = horizon + (height - horizon) * (0.02 + 0.66 * share**1.3)
        line = ridge(rng, width, base, (height - horizon) * (0.09 + 0.1 * share), 0.3)
        color = mix(haze, ambient(scene, sand), 0.45 + 0.5 * share)
        mask = land(canvas, line, shade(color, 0.12), shade(color, -0.22))
        # The dark side: the same dune, moved down and aside.
        slope = rng.choice((-1, 1)) * (height - horizon) * 0.22
        shifted = [
            (x + slope * (0.4 + share), y + abs(slope) * (0.35 + 0.4 * math.sin(x / width * 5))) for x, y in line
        ]
        dark = Image.new("L", canvas.size)
        ImageDraw.Draw(dark).polygon([*shifted, (width * 1.3, height), (-width * 0.3, height)], fill=255)
        laid(canvas, Image.composite(softened(dark, 1.5), Image.new("L", canvas.size), mask), shade(color, -0.34), 0.5)


def paint_city(scene: Scene, canvas: Picture, horizon: float) -> None:
    """Blocks of houses in three rows, with lit windows when it is not day."""
    rng, (width, height), haze = scene.rng, canvas.size, sky_colors(scene)[-1]
    unit, foot = min(canvas.size), horizon if scene.has("sea", "lake") else height
    stone = scene.colors.get("city", rng.choice(((70, 78, 104), (96, 84, 96), (66, 88, 104))))
    lamp = (255, 214, 134)
    for depth in range(3):
        share = depth / 2
        color = mix(haze, shade(ambient(scene, stone), -0.3 * share), 0.35 + 0.6 * share)
        pen, x = ImageDraw.Draw(canvas), -unit * 0.03
        while x < width:
            wide = unit * rng.uniform(0.045, 0.11) * (0.8 + 0.5 * share)
            tall = unit * (0.1 + 0.3 * rng.random() ** 1.7) * (1.25 - 0.45 * share)
            top = min(horizon - tall + unit * 0.1 * share, foot - unit * 0.03)
            pen.rectangle((x, top, x + wide, foot), fill=shade(color, rng.uniform(-0.06, 0.05)))
            if rng.random() < 0.2:
                pen.line((x + wide / 2, top - unit * 0.06, x + wide / 2, top), fill=color, width=max(1, unit // 300))
            chance = {"day": 0.0, "dawn": 0.1, "sunset": 0.28, "night": 0.42}[scene.hour]
            _windows(
                rng,
                pen,
                (x, top, x + wide, foot),
                (shade(color, 0.1), lamp),
                chance=chance * (0.5 + 0.5 * share),
                unit=unit,
            )
            x += wide * rng.uniform(0.86, 1.25)
        veil(canvas, haze, horizon - unit * 0.2, foot, 0.34 * (1 - share))


def paint_water(scene: Scene, canvas: Picture, horizon: float) -> Picture:
    """A mirror of all above the horizon, darker below, broken by waves, with the sun's road on it."""
    (width, height), rng, unit, top = canvas.size, scene.rng, min(canvas.size), int(horizon)
    deep = ambient(scene, scene.colors.get("sea") or scene.colors.get("lake") or (26, 78, 112))
    mirrored = ImageOps.flip(canvas.crop((0, 0, width, top))).resize((width, height - top))
    mirrored = softened(mirrored, unit / 220)
    share = 0.62 if scene.colors.keys() & {"sea", "lake"} else 0.4
    water = Image.blend(mirrored, Image.new("RGB", mirrored.size, deep), share)
    veil(water, shade(deep, -0.4), 0, height - top, 0.8)
    canvas.paste(water, (0, top))
    light, at = light_of(scene), sun_place(scene, canvas.size, horizon)
    shine, dark = Image.new("L", canvas.size), Image.new("L", canvas.size)
    bright, dull = ImageDraw.Draw(shine), ImageDraw.Draw(dark)
    clear = not scene.has("rain", "storm")
    for _ in range(900):
        near = rng.random() ** 1.6
        y = top + 1 + near * (height - top)
        long, thick = unit * (0.006 + 0.07 * near) * rng.uniform(0.4, 1.4), max(1, int(unit * 0.0045 * near))
        road = rng.gauss(at[0], unit * (0.012 + 0.1 * near)) if clear and rng.random() < 0.5 else None
        x = road if road is not None else rng.random() * width
        pen, fill = (bright, 230) if road is not None else rng.choice(((bright, 34), (dull, 60)))
        pen.ellipse((x - long / 2, y, x + long / 2, y + thick), fill=fill)
    canvas.paste(shade(deep, -0.5), (0, 0), softened(dark, unit / 900))
    return lit(canvas, softened(shine, unit / 800), light, 0.8)


def _snow(scene: Scene, canvas: Picture, line: Sequence[Point], mask: Picture, height: float) -> None:
    """White above a jagged line: the ridge itself, moved down, less so where it is low."""
    rng, top = scene.rng, min(y for _, y in line)
    tongues = ridge(rng, canvas.size[0], 0, height * 0.3, 0.72)
    edge = [
        (x, y + max(0.0, height * 0.6 + tongue - (y - top) * 0.8))
        for (x, y), (_, tongue) in zip(line, tongues, strict=True)
    ]
    cap = Image.new("L", canvas.size)
    ImageDraw.Draw(cap).polygon([*line, *reversed(edge)], fill=255)
    white = mix((250, 252, 255), ambient(scene, (236, 240, 250)), 0.75)
    laid(canvas, Image.composite(cap, Image.new("L", canvas.size), mask), white, 0.85)


def _scattered_trees(scene: Scene, rng: random.Random, canvas: Picture, line: Sequence[Point], share: float) -> None:
    unit, pen = min(canvas.size), ImageDraw.Draw(canvas)
    haze = sky_colors(scene)[-1]
    for _ in range(rng.randrange(3, 9)):
        start = rng.random() * canvas.size[0]
        for _ in range(rng.randrange(1, 5)):
            x = start + rng.uniform(-0.05, 0.05) * unit
            tall = unit * (0.02 + 0.06 * share) * rng.uniform(0.6, 1.2)
            leaf = ambient(scene, rng.choice(LEAVES[scene.season]))
            color = mix(haze, shade(leaf, -0.2), 0.5 + 0.5 * share)
            y = _height_at(line, x) + tall * 0.1
            pen.rectangle((x - tall * 0.04, y - tall * 0.4, x + tall * 0.04, y), fill=shade(color, -0.4))
            for _ in range(9):
                cx, cy, r = (
                    x + rng.gauss(0, tall * 0.15),
                    y - tall * rng.uniform(0.4, 0.9),
                    tall * rng.uniform(0.13, 0.26),
                )
                pen.ellipse((cx - r, cy - r, cx + r, cy + r), fill=shade(color, rng.uniform(-0.12, 0.14)))


def _meadow(scene: Scene, canvas: Picture, horizon: float) -> None:
    rng, (width, height), unit = scene.rng, canvas.size, min(canvas.size)
    wanted = scene.colors.get("flower")
    colors = (
        (wanted, shade(wanted, 0.25)) if wanted else ((226, 74, 66), (250, 214, 90), (240, 240, 250), (190, 110, 200))
    )
    pen, spots = ImageDraw.Draw(canvas), sorted(rng.random() ** 0.7 for _ in range(460))
    for near in spots:
        y = horizon + (height - horizon) * (0.42 + 0.6 * near)
        x, r = rng.random() * width, unit * (0.0016 + 0.012 * near**2.4) * rng.uniform(0.7, 1.2)
        stem = shade(ambient(scene, _GREENS[scene.season][1]), -0.3)
        pen.line((x, y, x + r * 0.5, y + r * 4), fill=stem, width=max(1, int(r / 3)))
        color = ambient(scene, rng.choice(colors), 0.25)
        for petal in range(5):
            px, py = x + r * math.cos(petal * 1.257), y + 0.7 * r * math.sin(petal * 1.257)
            pen.ellipse((px - r * 0.7, py - r * 0.6, px + r * 0.7, py + r * 0.6), fill=shade(color, 0.05 * (petal % 3)))
        pen.ellipse((x - r * 0.4, y - r * 0.35, x + r * 0.4, y + r * 0.35), fill=(240, 200, 80))


def _conifer(rng: random.Random, pen: ImageDraw.ImageDraw, foot: Point, tall: float) -> None:
    x, y = foot
    wide, steps = tall * rng.uniform(0.17, 0.24), 6
    left, right = [], []
    for step in range(steps):
        share = step / steps
        out, inner = wide * (1 - share) * rng.uniform(0.85, 1.15), wide * (1 - share) * 0.5
        level = y - tall * (0.08 + 0.92 * share)
        left += [(x - out, level), (x - inner, level - tall * 0.1)]
        right += [(x + out, level), (x + inner, level - tall * 0.1)]
    pen.polygon([*left, (x, y - tall), *reversed(right)], fill=255)
    pen.rectangle((x - wide * 0.1, y - tall * 0.1, x + wide * 0.1, y), fill=255)


def _windows(
    rng: random.Random,
    pen: ImageDraw.ImageDraw,
    box: tuple[float, float, float, float],
    tones: tuple[Color, Color],
    *,
    chance: float,
    unit: int,
) -> None:
    dull, lamp = tones
    step, size = unit * 0.014, unit * 0.006
    y = box[1] + step * 0.7
    while y < box[3] - step:
        x = box[0] + step * 0.6
        while x < box[2] - size - step * 0.3:
            fill = mix(dull, lamp, rng.uniform(0.55, 1)) if rng.random() < chance else dull
            pen.rectangle((x, y, x + size, y + size * 1.2), fill=fill)
            x += step
        y += step


def _height_at(line: Sequence[Point], x: float) -> float:
    step = line[1][0] - line[0][0]
    return line[min(max(int(x / step), 0), len(line) - 1)][1]

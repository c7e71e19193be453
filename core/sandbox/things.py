"""Things that stand, swim or fly in the sandbox's landscapes: simple, and told apart at once."""

from __future__ import annotations

import math
import random

from PIL import Image, ImageDraw

from core.sandbox.brushes import Picture, Point, glow, land, mix, polar, ridge, shade
from core.sandbox.grounds import LEAVES, ambient
from core.sandbox.heavens import light_of, sky_colors
from core.sandbox.scenes import Scene
from core.sandbox.vocabulary import Color

Pen = ImageDraw.ImageDraw


def far_shore(scene: Scene, canvas: Picture, horizon: float) -> None:
    """Wooded banks where the water ends, in the colours of the season."""
    rng, unit, haze = scene.rng, min(canvas.size), sky_colors(scene)[-1]
    for depth in range(2):
        line = ridge(rng, canvas.size[0], horizon - unit * (0.045 - 0.03 * depth), unit * 0.03, 0.4)
        color = mix(haze, ambient(scene, rng.choice(LEAVES[scene.season])), 0.5 + 0.4 * depth)
        land(canvas, line, color, shade(color, -0.2))
        pen = ImageDraw.Draw(canvas)
        for x, y in line[:: 3 - depth]:
            leaf = mix(haze, ambient(scene, rng.choice(LEAVES[scene.season])), 0.5 + 0.45 * depth)
            for _ in range(3):
                at = x + rng.uniform(-0.012, 0.012) * unit, y - rng.uniform(-0.004, 0.02) * unit
                pen.ellipse(_around(at, unit * rng.uniform(0.006, 0.014)), fill=shade(leaf, rng.uniform(-0.15, 0.12)))


def place_things(scene: Scene, canvas: Picture, horizon: float) -> None:
    """Put all that was named where it belongs."""
    rng, (width, height), unit = scene.rng, canvas.size, min(canvas.size)
    rng.random()
    ground = horizon + (height - horizon) * 0.5
    pen = ImageDraw.Draw(canvas)
    left = rng.choice((True, False))
    if scene.has("lighthouse"):
        _lighthouse(scene, canvas, (width * (0.82 if left else 0.18), horizon + unit * 0.1), unit * 0.34)
    if scene.has("house"):
        wet = scene.has("sea", "lake")
        foot = (width * (0.68 if left else 0.3), horizon - unit * 0.004 if wet else ground)
        _house(scene, canvas, foot, unit * (0.1 if wet else 0.17))
    if scene.has("boat"):
        _boat(scene, pen, (width * (0.36 if left else 0.62), ground), unit * 0.2)
    if scene.has("balloon"):
        for place, size in ((0.3, 0.13), (0.66, 0.08), (0.5, 0.05)):
            at = (width * place, horizon * rng.uniform(0.3, 0.6))
            _balloon(scene, pen, at, unit * size, rng)
    if scene.has("bird") or (scene.has("sea") and scene.hour != "night" and rng.random() < 0.7):
        _birds(scene, pen, (width * rng.uniform(0.3, 0.65), horizon * 0.5), unit)
    if scene.has("fish"):
        _fish(scene, pen, (width * (0.4 if left else 0.6), ground + unit * 0.08), unit * 0.16)
    if scene.has("gear"):
        brass = ambient(scene, scene.colors.get("gear", (150, 120, 80)))
        gear(pen, (width * 0.3, height * 0.74), unit * 0.17, brass, teeth=14, angle=0.1)
        gear(pen, (width * 0.512, height * 0.83), unit * 0.1, ambient(scene, (110, 116, 128)), teeth=9, angle=0.2)
    if scene.has("heart"):
        heart(pen, (width * 0.5, horizon * 0.5), unit * 0.1, scene.colors.get("heart", (226, 70, 86)))
    if scene.has("cat"):
        _cat(scene, canvas, (width * (0.3 if left else 0.7), height * 0.93), unit * 0.36)


def gear(pen: Pen, center: Point, radius: float, color: Color, *, teeth: int, angle: float) -> None:
    """A toothed wheel with a hole."""
    points = []
    for step in range(teeth * 4):
        reach = radius * (1.0 if step % 4 < 2 else 0.82)
        points.append(polar(center, reach, angle + math.tau * (step + 0.5) / (teeth * 4)))
    pen.polygon(points, fill=color)
    for share, tone in ((0.68, 0.12), (0.56, -0.06), (0.26, -0.5)):
        pen.ellipse(_around(center, radius * share), fill=shade(color, tone))


def _house(scene: Scene, canvas: Picture, foot: Point, size: float) -> None:
    (x, y), pen = foot, ImageDraw.Draw(canvas)
    wall = ambient(scene, scene.colors.get("house", (232, 214, 188)))
    roof = ambient(scene, (150, 70, 56) if scene.season != "winter" else (236, 240, 246))
    half, top = size * 0.55, y - size * 0.55
    pen.rectangle((x - half, top, x + half, y), fill=wall)
    pen.rectangle((x + half * 0.35, top, x + half, y), fill=shade(wall, -0.16))
    pen.rectangle((x + half * 0.4, top - size * 0.5, x + half * 0.6, top - size * 0.1), fill=shade(roof, -0.3))
    pen.polygon([(x - half * 1.18, top), (x - half * 0.2, top - size * 0.5), (x + half * 1.18, top)], fill=roof)
    pen.polygon(
        [(x + half * 0.35, top), (x - half * 0.2, top - size * 0.5), (x + half * 1.18, top)], fill=shade(roof, -0.2)
    )
    window = (255, 218, 130) if scene.hour != "day" else shade(ambient(scene, (110, 150, 180)), 0.1)
    for place in (-0.62, -0.08):
        left = x + half * place
        pen.rectangle((left - size * 0.07, y - size * 0.42, left + size * 0.07, y - size * 0.24), fill=window)
    pen.rectangle((x + half * 0.58, y - size * 0.34, x + half * 0.8, y), fill=shade(wall, -0.55))
    if scene.hour in {"night", "sunset"}:
        canvas.paste((255, 206, 120), (0, 0), _faint(glow(canvas.size, (x - half * 0.3, y - size * 0.3), size), 0.3))


def _boat(scene: Scene, pen: Pen, foot: Point, size: float) -> None:
    (x, y), hull = foot, ambient(scene, (92, 54, 40))
    sail = ambient(scene, scene.colors.get("boat", (248, 240, 224)), 0.3)
    pen.polygon(
        [
            (x - size * 0.5, y - size * 0.14),
            (x + size * 0.52, y - size * 0.16),
            (x + size * 0.36, y),
            (x - size * 0.36, y),
        ],
        fill=hull,
    )
    pen.line((x, y - size * 1.12, x, y - size * 0.12), fill=shade(hull, -0.2), width=max(2, int(size / 40)))
    pen.polygon(
        [(x + size * 0.03, y - size * 1.1), (x + size * 0.03, y - size * 0.24), (x + size * 0.5, y - size * 0.24)],
        fill=sail,
    )
    pen.polygon(
        [(x - size * 0.03, y - size * 0.96), (x - size * 0.03, y - size * 0.24), (x - size * 0.38, y - size * 0.24)],
        fill=shade(sail, -0.14),
    )
    for step in range(9):
        wide, level = size * (0.42 - 0.035 * step), y + size * (0.04 + 0.075 * step)
        shift = size * 0.04 * math.sin(step * 2.4)
        tone = mix(sail, ambient(scene, (26, 78, 112)), 0.5 + 0.05 * step)
        pen.ellipse((x - wide + shift, level, x + wide + shift, level + size * 0.02), fill=tone)


def _lighthouse(scene: Scene, canvas: Picture, foot: Point, size: float) -> None:
    (x, y), (width, height) = foot, canvas.size
    rock, side = ambient(scene, (74, 72, 74)), 1 if x > width / 2 else -1
    pen, top = ImageDraw.Draw(canvas), y - size
    if scene.hour != "day":
        beam = Image.new("L", canvas.size)
        lamp = (x, top - size * 0.03)
        ImageDraw.Draw(beam).polygon(
            [lamp, (x - side * width, lamp[1] - height * 0.16), (x - side * width, lamp[1] + height * 0.02)], fill=70
        )
        canvas.paste((255, 240, 190), (0, 0), beam)
    line = ridge(scene.rng, int(size), 0, size * 0.03, 0.6)
    shore = [
        (x + side * (size * 1.1 - 1.6 * px), y - size * 0.02 + py + (size * 0.32 * (1 - px / size)) ** 2 / size * 3)
        for px, py in line
    ]
    pen.polygon(
        [*shore, (x + side * -size * 0.6, y + size * 0.12), (x + side * size * 1.1, y + size * 0.16)], fill=rock
    )
    wall, stripe = ambient(scene, (244, 240, 232)), ambient(scene, scene.colors.get("lighthouse", (196, 56, 52)))
    for step in range(5):
        low, high = y - size * 0.19 * step, y - size * 0.19 * (step + 1)
        a, b = size * (0.11 - 0.011 * step), size * (0.11 - 0.011 * (step + 1))
        pen.polygon([(x - a, low), (x + a, low), (x + b, high), (x - b, high)], fill=stripe if step % 2 else wall)
        pen.polygon(
            [(x + a * 0.3, low), (x + a, low), (x + b, high), (x + b * 0.3, high)],
            fill=shade(stripe if step % 2 else wall, -0.2),
        )
    pen.rectangle((x - size * 0.08, top + size * 0.02, x + size * 0.08, top + size * 0.05), fill=rock)
    pen.rectangle((x - size * 0.045, top - size * 0.07, x + size * 0.045, top + size * 0.02), fill=(255, 236, 170))
    pen.polygon(
        [(x - size * 0.065, top - size * 0.07), (x, top - size * 0.15), (x + size * 0.065, top - size * 0.07)],
        fill=stripe,
    )


def _balloon(scene: Scene, pen: Pen, center: Point, size: float, rng: random.Random) -> None:
    x, y = center
    first = scene.colors.get("balloon") or rng.choice(((214, 66, 58), (240, 170, 60), (60, 140, 170), (130, 80, 160)))
    tones = (ambient(scene, first, 0.3), ambient(scene, (250, 238, 214), 0.3))
    for step, wide in enumerate((1.0, 0.72, 0.4, 0.14)):
        pen.ellipse((x - size * wide, y - size, x + size * wide, y + size), fill=shade(tones[step % 2], -0.05 * step))
    pen.polygon(
        [
            (x - size * 0.8, y + size * 0.6),
            (x + size * 0.8, y + size * 0.6),
            (x + size * 0.17, y + size * 1.42),
            (x - size * 0.17, y + size * 1.42),
        ],
        fill=tones[0],
    )
    pen.rectangle((x - size * 0.16, y + size * 1.6, x + size * 0.16, y + size * 1.82), fill=(96, 64, 44))
    for at in (-0.15, 0.15):
        pen.line((x + size * at, y + size * 1.42, x + size * at, y + size * 1.6), fill=(70, 50, 40), width=1)


def _birds(scene: Scene, pen: Pen, center: Point, unit: int) -> None:
    rng, color = scene.rng, scene.colors.get("bird") or shade(ambient(scene, (50, 54, 66)), -0.2)
    for _ in range(7):
        x, y = center[0] + rng.gauss(0, 0.11) * unit, center[1] + rng.gauss(0, 0.05) * unit
        wide, lift = unit * rng.uniform(0.012, 0.026), rng.uniform(0.3, 0.55)
        for side in (-1, 1):
            points = [
                (x + side * wide * t, y - wide * lift * math.sin(math.pi * t) + wide * 0.2 * t * t)
                for t in (0, 0.25, 0.5, 0.75, 1)
            ]
            pen.line(points, fill=color, width=max(2, unit // 420), joint="curve")


def _fish(scene: Scene, pen: Pen, center: Point, size: float) -> None:
    (x, y), color = center, ambient(scene, scene.colors.get("fish", (240, 130, 60)), 0.2)
    pen.polygon(
        [
            (x + size * 0.42, y),
            (x + size * 0.8, y - size * 0.28),
            (x + size * 0.7, y),
            (x + size * 0.8, y + size * 0.28),
        ],
        fill=shade(color, -0.15),
    )
    pen.ellipse((x - size * 0.55, y - size * 0.28, x + size * 0.55, y + size * 0.28), fill=color)
    pen.chord((x - size * 0.55, y - size * 0.28, x + size * 0.55, y + size * 0.28), 20, 160, fill=shade(color, 0.25))
    pen.ellipse(_around((x - size * 0.34, y - size * 0.05), size * 0.05), fill=(20, 20, 30))


def heart(pen: Pen, center: Point, size: float, color: Color) -> None:
    """A heart that is twice `size` wide."""
    points = []
    for step in range(80):
        t = math.tau * step / 80
        x = 16 * math.sin(t) ** 3
        y = 13 * math.cos(t) - 5 * math.cos(2 * t) - 2 * math.cos(3 * t) - math.cos(4 * t)
        points.append((center[0] + size * x / 16, center[1] - size * y / 16))
    pen.polygon(points, fill=color)


def _cat(scene: Scene, canvas: Picture, foot: Point, size: float) -> None:
    """A sitting cat from behind, as a silhouette with a rim of light."""
    (x, y), fur = foot, ambient(scene, scene.colors.get("cat", (38, 34, 40)), 0.2)
    for shift, color in ((-size * 0.012, mix(fur, light_of(scene), 0.6)), (0.0, fur)):
        pen, at = ImageDraw.Draw(canvas), x + shift
        pen.ellipse((at - size * 0.25, y - size * 0.56, at + size * 0.25, y), fill=color)
        pen.ellipse((at - size * 0.17, y - size * 0.78, at + size * 0.17, y - size * 0.3), fill=color)
        pen.ellipse((at - size * 0.18, y - size * 0.98, at + size * 0.18, y - size * 0.66), fill=color)
        for side in (-1, 1):
            ear = [
                (at + side * size * 0.175, y - size * 0.84),
                (at + side * size * 0.16, y - size * 1.08),
                (at + side * size * 0.03, y - size * 0.95),
            ]
            pen.polygon(ear, fill=color)
        tail = [
            (at + size * (0.2 + 0.26 * math.sin(t * 2.2)), y - size * (0.04 + 0.3 * t * t))
            for t in (0, 0.2, 0.4, 0.6, 0.8, 1)
        ]
        pen.line(tail, fill=color, width=max(3, int(size * 0.075)), joint="curve")
        pen.ellipse(_around(tail[-1], size * 0.037), fill=color)


def _faint(mask: Picture, strength: float) -> Picture:
    return mask.point([int(each * strength) for each in range(256)])


def _around(center: Point, radius: float) -> tuple[float, float, float, float]:
    return center[0] - radius, center[1] - radius, center[0] + radius, center[1] + radius

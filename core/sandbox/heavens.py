"""The upper half of the sandbox's landscapes: sky, sun or moon, stars, clouds, and what falls out of them."""

from __future__ import annotations

import math

from PIL import Image, ImageDraw

from core.sandbox.brushes import Picture, Point, glow, gradient, laid, lit, mix, noise, shade, softened
from core.sandbox.scenes import Scene
from core.sandbox.vocabulary import Color

# From the top to the horizon.
_SKIES: dict[str, tuple[tuple[Color, ...], ...]] = {
    "dawn": (
        ((72, 92, 148), (150, 140, 180), (236, 170, 160), (252, 214, 170)),
        ((94, 124, 170), (176, 178, 200), (244, 200, 176), (255, 232, 200)),
    ),
    "day": (
        ((58, 122, 190), (112, 172, 220), (178, 214, 236), (232, 240, 240)),
        ((86, 150, 204), (146, 196, 226), (206, 228, 234), (248, 240, 222)),
    ),
    "sunset": (
        ((44, 42, 94), (130, 66, 120), (232, 110, 88), (255, 190, 104)),
        ((60, 62, 120), (166, 84, 112), (240, 138, 84), (255, 214, 138)),
    ),
    "night": (
        ((8, 12, 34), (16, 28, 66), (34, 54, 100), (74, 92, 134)),
        ((14, 10, 38), (34, 24, 74), (66, 48, 108), (110, 92, 140)),
    ),
}
_LIGHTS: dict[str, Color] = {
    "dawn": (255, 226, 180), "day": (255, 250, 226), "sunset": (255, 206, 124), "night": (236, 240, 250),
}  # fmt: skip


def sky_colors(scene: Scene) -> tuple[Color, ...]:
    """The four colours of the sky, from the top to the horizon."""
    stops = scene.rng.choice(_SKIES[scene.hour])
    if scene.has("rain", "storm", "fog"):
        grey = (96, 106, 120) if scene.hour != "night" else (26, 32, 46)
        stops = tuple(mix(mix(stop, grey, 0.72), (226, 230, 232), 0.08 * place) for place, stop in enumerate(stops))
    elif scene.season == "winter" and scene.hour != "night":
        stops = tuple(mix(stop, (214, 226, 238), 0.3) for stop in stops)
    wanted = scene.colors.get("sky")
    for place, color in enumerate((wanted,) if wanted else scene.palette[:2]):
        share = 0.75 if wanted else 0.5
        stops = tuple(
            mix(stop, shade(color, 0.16 * step - 0.1), share * (step / 3 if place else 1 - step / 5))
            for step, stop in enumerate(stops)
        )
    return stops


def light_of(scene: Scene) -> Color:
    """The colour of sun or moon."""
    body = "moon" if scene.hour == "night" or (scene.has("moon") and not scene.has("sun")) else "sun"
    wanted = scene.colors.get(body)
    return mix(_LIGHTS[scene.hour], wanted, 0.85) if wanted else _LIGHTS[scene.hour]


def sun_place(scene: Scene, size: tuple[int, int], horizon: float) -> Point:
    """Where sun or moon stands."""
    rng = scene.rng
    across = rng.choice((rng.uniform(0.22, 0.42), rng.uniform(0.58, 0.78)))
    height = {"dawn": (0.5, 0.75), "day": (0.22, 0.4), "sunset": (0.62, 0.85), "night": (0.22, 0.45)}[scene.hour]
    return size[0] * across, horizon * rng.uniform(*height)


def paint_sky(scene: Scene, size: tuple[int, int], horizon: float) -> Picture:
    """The whole sky, down to the picture's foot."""
    stops = sky_colors(scene)
    canvas = Image.new("RGB", size, stops[-1])
    canvas.paste(gradient((size[0], int(horizon) + 2), stops), (0, 0))
    if scene.hour == "night" and not scene.has("rain", "storm", "fog"):
        canvas = _stars(scene, canvas, horizon)
    if not scene.has("rain", "storm"):
        canvas = _body(scene, canvas, horizon)
    _clouds(scene, canvas, horizon, stops)
    if scene.has("rainbow"):
        canvas = _rainbow(scene, canvas, horizon)
    if scene.has("storm"):
        canvas = _lightning(scene, canvas, horizon)
    return canvas


def paint_weather(scene: Scene, canvas: Picture) -> Picture:
    """What falls before everything: rain, snow, fog."""
    rng, (width, height) = scene.rng, canvas.size
    unit = min(canvas.size)
    if scene.has("rain", "storm"):
        mask = Image.new("L", canvas.size)
        pen = ImageDraw.Draw(mask)
        for _ in range(420):
            x, y, long = rng.uniform(-0.1, 1.1) * width, rng.uniform(-0.1, 1) * height, rng.uniform(0.02, 0.06) * unit
            pen.line((x, y, x - long * 0.28, y + long), fill=rng.randrange(50, 150), width=max(1, unit // 700))
        laid(canvas, mask, (222, 230, 240), 0.75)
    if scene.has("snow"):
        for count, radius, blur in ((260, 0.0022, 0.001), (90, 0.0042, 0.002), (26, 0.009, 0.006)):
            mask = Image.new("L", canvas.size)
            pen = ImageDraw.Draw(mask)
            for _ in range(count):
                x, y, r = rng.random() * width, rng.random() * height, radius * unit * rng.uniform(0.7, 1.3)
                pen.ellipse((x - r, y - r, x + r, y + r), fill=rng.randrange(150, 235))
            laid(canvas, softened(mask, blur * unit), (255, 255, 255), 0.9)
    if scene.has("fog"):
        small = (max(8, width // 4), max(8, height // 4))
        mask = noise(rng, small, (2, 5), 3).point([min(255, max(0, (each - 90) * 2)) for each in range(256)])
        mask = softened(mask, min(small) / 40).resize(canvas.size)
        laid(canvas, mask, mix(sky_colors(scene)[-1], (255, 255, 255), 0.25), 0.62)
    return canvas


def _body(scene: Scene, canvas: Picture, horizon: float) -> Picture:
    """Sun or moon, with its light around it."""
    place, color, unit = sun_place(scene, canvas.size, horizon), light_of(scene), min(canvas.size)
    is_moon = scene.hour == "night" or (scene.has("moon") and not scene.has("sun"))
    radius = unit * (0.055 if is_moon else {"dawn": 0.06, "day": 0.05, "sunset": 0.085}[scene.hour])
    veiled = 0.5 if scene.has("fog") else 1.0
    canvas = lit(canvas, glow(canvas.size, place, radius * 8), color, 0.42 * veiled)
    canvas = lit(canvas, glow(canvas.size, place, radius * 3), color, 0.6 * veiled)
    mask = Image.new("L", canvas.size)
    pen = ImageDraw.Draw(mask)
    pen.ellipse(_around(place, radius), fill=255)
    if is_moon and scene.seed % 3:
        pen.ellipse(_around((place[0] + radius * 0.45, place[1] - radius * 0.2), radius * 0.92), fill=0)
    laid(canvas, softened(mask, unit / 900), shade(color, 0.3), veiled)
    return canvas


def _stars(scene: Scene, canvas: Picture, horizon: float) -> Picture:
    rng, (width, _), unit = scene.rng, canvas.size, min(canvas.size)
    side = max(8, max(width, int(horizon)) // 2)
    band = noise(rng, (side, side), (3, 3), 4).point([min(255, max(0, (each - 128) * 3)) for each in range(256)])
    turned = band.rotate(24, Image.Resampling.BICUBIC).crop((side // 5, side // 5, side * 4 // 5, side * 4 // 5))
    veil = Image.new("L", canvas.size)
    veil.paste(turned.resize((width, int(horizon))), (0, 0))
    canvas = lit(canvas, veil, (120, 130, 190), 0.3)
    pen = ImageDraw.Draw(canvas)
    for _ in range(520 if scene.has("star") else 300):
        x, y, bright = rng.random() * width, rng.random() ** 1.3 * horizon, rng.random() ** 3
        color = mix((120, 136, 180), (255, 252, 240), 0.25 + 0.75 * bright)
        pen.ellipse(_around((x, y), unit * (0.0007 + 0.0016 * bright)), fill=color)
    return canvas


def _clouds(scene: Scene, canvas: Picture, horizon: float, stops: tuple[Color, ...]) -> None:
    rng, (width, _) = scene.rng, canvas.size
    heavy = scene.has("rain", "storm", "cloud", "snow")
    small = (max(8, width // 3), max(8, int(horizon) // 3))
    floor = 96 if heavy else 132 if scene.hour == "night" else 120
    mask = noise(rng, small, (3, 6), 5).point([min(255, max(0, (each - floor) * 4)) for each in range(256)])
    fading = (
        Image.linear_gradient("L")
        .resize(small)
        .point([int(255 * math.sin(math.pi * (0.12 + each / 300))) for each in range(256)])
    )
    mask = Image.composite(mask, Image.new("L", small), fading)
    whole = Image.new("L", canvas.size)
    whole.paste(mask.resize((width, int(horizon)), Image.Resampling.BICUBIC), (0, 0))
    dark = scene.has("storm", "rain")
    color = shade(stops[1], -0.25) if dark else mix(stops[-1], light_of(scene), 0.5)
    if scene.hour == "night":
        color = shade(stops[2], 0.12)
    laid(canvas, whole, color, 0.75 if heavy else 0.5)
    if heavy and not dark:
        return
    lower = Image.new("L", canvas.size)
    lower.paste(whole, (0, int(horizon * 0.018)))
    laid(canvas, lower, shade(stops[2], -0.18), 0.14)


def _rainbow(scene: Scene, canvas: Picture, horizon: float) -> Picture:
    width, unit = canvas.size[0], min(canvas.size)
    center, radius = (width * (0.35 + 0.3 * scene.rng.random()), horizon * 1.12), horizon * 0.86
    arcs = Image.new("RGB", canvas.size)
    pen, thick = ImageDraw.Draw(arcs), max(2, int(unit * 0.013))
    bands = ((226, 74, 70), (240, 150, 60), (246, 220, 90), (90, 186, 100), (70, 140, 220), (130, 90, 190))
    for place, band in enumerate(bands):
        pen.arc(_around(center, radius - place * thick), 180, 360, fill=shade(band, -0.45), width=thick + 1)
    from PIL import ImageChops

    return ImageChops.screen(canvas, softened(arcs, unit / 260))


def _lightning(scene: Scene, canvas: Picture, horizon: float) -> Picture:
    rng, unit = scene.rng, min(canvas.size)
    x, y = canvas.size[0] * rng.uniform(0.25, 0.75), horizon * 0.08
    path = [(x, y)]
    while y < horizon:
        x, y = x + rng.uniform(-0.04, 0.04) * unit, y + rng.uniform(0.02, 0.06) * unit
        path.append((x, y))
    mask = Image.new("L", canvas.size)
    ImageDraw.Draw(mask).line(path, fill=255, width=max(2, unit // 200), joint="curve")
    canvas = lit(
        canvas, softened(mask, unit / 40).point([min(255, each * 6) for each in range(256)]), (190, 200, 255), 0.7
    )
    laid(canvas, mask, (250, 250, 255))
    return canvas


def _around(center: Point, radius: float) -> tuple[float, float, float, float]:
    return center[0] - radius, center[1] - radius, center[0] + radius, center[1] + radius

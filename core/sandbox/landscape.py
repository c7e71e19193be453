"""A landscape of the sandbox, from the sky to the things that stand before it."""

from __future__ import annotations

from core.sandbox import things
from core.sandbox.brushes import Picture
from core.sandbox.grounds import (
    paint_city,
    paint_desert,
    paint_forest,
    paint_hills,
    paint_mountains,
    paint_water,
)  # fmt: skip
from core.sandbox.heavens import paint_sky, paint_weather
from core.sandbox.scenes import Scene


def paint_landscape(scene: Scene, size: tuple[int, int]) -> Picture:
    """The picture of the scene, in pixels of `size`."""
    rng = scene.rng
    wet = scene.has("sea", "lake")
    horizon = size[1] * (rng.uniform(0.54, 0.62) if wet or scene.has("city") else rng.uniform(0.48, 0.58))
    canvas = paint_sky(scene, size, horizon)
    if scene.has("mountain"):
        paint_mountains(scene, canvas, horizon)
    if wet:
        if scene.has("hill", "forest") or (scene.has("lake") and not scene.has("city")):
            things.far_shore(scene, canvas, horizon)
        if scene.has("city"):
            paint_city(scene, canvas, horizon)
        canvas = paint_water(scene, canvas, horizon)
    elif scene.has("city"):
        paint_city(scene, canvas, horizon)
    elif scene.has("desert"):
        paint_desert(scene, canvas, horizon)
    elif scene.has("forest") and not scene.has("house", "flower", "cat"):
        paint_forest(scene, canvas, horizon)
    else:
        paint_hills(scene, canvas, horizon, flowers=scene.has("flower") or scene.season == "spring")
    things.place_things(scene, canvas, horizon)
    return paint_weather(scene, canvas)

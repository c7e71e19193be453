"""The sandbox's pictures: their words matter, and changes by words are real ones."""

from __future__ import annotations

import base64
import io
import random
import time

import httpx
import pytest
from PIL import Image, ImageChops, ImageStat

from core.sandbox import pictures
from core.sandbox.changes import changes_in
from core.sandbox.scenes import scene_of

SMALL = (96, 96)


def opened(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png)).convert("RGB")


def drawn(prompt: str, size: tuple[int, int] = SMALL, number: int = 0, style: int = 0) -> Image.Image:
    return opened(pictures.draw(prompt, size, number, style))


def mean(picture: Image.Image) -> list[float]:
    return ImageStat.Stat(picture).mean


def brightness(picture: Image.Image) -> float:
    return sum(mean(picture)) / 3


def test_the_same_prompt_gives_the_same_picture_and_others_give_others() -> None:
    first = pictures.draw("a calm sea", SMALL)
    assert first == pictures.draw("a calm sea", SMALL)
    others = [("a calm lake", 0, 0), ("a calm sea", 1, 0), ("a calm sea", 0, 1)]
    made = {first, *(pictures.draw(prompt, SMALL, number, style) for prompt, number, style in others)}
    assert len(made) == 4


@pytest.mark.parametrize("size", [(64, 64), (2048, 64), (64, 2048), (333, 101), (500, 700)], ids=str)
def test_any_size_is_kept(size: tuple[int, int]) -> None:
    for prompt in ("a city by the sea at night", "abstract circles"):
        assert drawn(prompt, size).size == size


@pytest.mark.parametrize(
    ("prompt", "names"),
    [
        ("A misty forest at dawn", {"fog", "forest", "dawn"}),
        ("Ein rotes Segelboot auf dem Meer bei Sonnenuntergang", {"boat", "sea", "sunset"}),
        ("une ville sous la neige, la nuit", {"city", "snow", "night"}),
        ("un faro en la tormenta", {"lighthouse", "storm"}),
        ("montagne in autunno", {"mountain", "autumn"}),
        ("um gato no jardim", {"cat", "hill"}),
        ("雪の山", {"snow", "mountain"}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_words_of_many_languages_are_shown(prompt: str, names: set[str]) -> None:
    scene = scene_of(prompt)
    assert names <= scene.things | {scene.hour, scene.season}
    assert not scene.is_abstract


def test_a_colour_goes_to_what_it_is_said_of() -> None:
    scene = scene_of("a red boat on the blue sea, everything else golden")
    assert scene.colors.keys() == {"boat", "sea"}
    assert len(scene.palette) == 1


def test_colours_and_hours_are_seen() -> None:
    red, _, blue = mean(drawn("abstract art in blue"))
    assert blue > red
    red, _, blue = mean(drawn("abstract art in red"))
    assert red > blue
    assert brightness(drawn("mountains at night")) < brightness(drawn("mountains at noon, day")) - 40


def test_any_prompt_gives_a_picture_in_bounded_time() -> None:
    rng = random.Random(11)
    words = "sea lake city forest hill desert mountain house boat lighthouse balloon bird fish cat flower gear heart "
    words += (
        "rain snow fog storm rainbow night dawn sunset winter autumn abstract red black star moon \0 \u202e 日本 😀"
    )
    for _ in range(20):
        prompt = " ".join(rng.choices(words.split(" "), k=rng.randrange(9)))
        side = rng.choice((64, 100))
        assert drawn(prompt, (side, rng.choice((64, 90))), rng.randrange(3), rng.randrange(2))


def test_a_large_picture_is_fast() -> None:
    drawn("warm up")
    began = time.process_time()
    pictures.draw("a lighthouse by the sea at sunset", (1024, 1024))
    assert time.process_time() - began < 3  # about 0.3 on a machine without other work


SAMPLE = pictures.draw("a red house in green hills by day", (160, 120))


def edited(prompt: str, *more: bytes, mask: bytes | None = None) -> Image.Image:
    return opened(pictures.edit([SAMPLE, *more], prompt, None, mask=mask))


@pytest.mark.parametrize("prompt", ["darker", "mach es dunkler", "plus sombre", "más oscuro", "più scuro"])
def test_darker_in_many_languages(prompt: str) -> None:
    assert brightness(edited(prompt)) < brightness(opened(SAMPLE)) * 0.8


def test_changes_are_what_they_are_called() -> None:
    before = opened(SAMPLE)
    assert brightness(edited("make it brighter")) > brightness(before) * 1.05
    warm, cool = mean(edited("warmer")), mean(edited("cooler"))
    assert warm[0] - warm[2] > cool[0] - cool[2] + 20
    grey = edited("black and white").crop((0, 0, 160, 60))
    assert ImageChops.difference(grey, grey.convert("L").convert("RGB")).getbbox() is None
    assert edited("rotate it by 90 degrees").size == (120, 160)
    assert mean(edited("in blue"))[2] > mean(before)[2]
    flat = edited("blur it").convert("L").crop((0, 0, 160, 80))
    assert ImageStat.Stat(flat).var[0] < ImageStat.Stat(before.convert("L").crop((0, 0, 160, 80))).var[0]
    mirrored = edited("mirror").crop((0, 0, 160, 60))
    assert ImageChops.difference(mirrored, before.transpose(Image.Transpose.FLIP_LEFT_RIGHT).crop((0, 0, 160, 60)))
    for style in ("pencil sketch", "mosaic", "pop art", "watercolour", "sepia", "invert", "night", "snow", "frame"):
        assert ImageChops.difference(edited(style), before).getbbox() is not None


def test_the_sky_alone_gets_darker() -> None:
    before, after = opened(SAMPLE), edited("make the sky darker")
    assert brightness(after.crop((0, 0, 160, 40))) < brightness(before.crop((0, 0, 160, 40))) * 0.75
    foot = (0, 90, 100, 110)
    assert abs(brightness(after.crop(foot)) - brightness(before.crop(foot))) < 1


def test_what_turns_and_what_turns_into() -> None:
    assert changes_in("turn it into a pencil sketch").names == ("sketch",)
    assert changes_in("turn it left").names == ("rotate",)
    assert not changes_in("give it a hat")


def test_several_become_one_and_what_is_unknown_is_written_below() -> None:
    both = edited("combine them", SAMPLE)
    assert both.size[0] > 1.5 * both.size[1]
    with_words = edited("give it a hat")
    assert ImageChops.difference(with_words, opened(SAMPLE)).crop((0, 0, 160, 40)).getbbox() is None
    assert ImageChops.difference(with_words, opened(SAMPLE)).getbbox() is not None


def test_a_mask_keeps_what_it_covers() -> None:
    mask = Image.new("RGBA", (160, 120), (0, 0, 0, 255))
    mask.paste((0, 0, 0, 0), (0, 0, 80, 120))
    out = io.BytesIO()
    mask.save(out, "PNG")
    changed = ImageChops.difference(edited("invert", mask=out.getvalue()), opened(SAMPLE))
    assert changed.crop((0, 0, 78, 100)).getbbox() is not None
    assert changed.crop((82, 0, 160, 100)).getbbox() is None


def test_it_knows_its_own_pictures_by_what_they_say() -> None:
    assert pictures.said_of(pictures.draw("Grüße, 海", SMALL)) == "Grüße, 海"
    out = io.BytesIO()
    opened(SAMPLE).save(out, "PNG")
    assert pictures.said_of(out.getvalue()) == pictures.said_of(b"nothing") == ""


def test_directives_are_not_drawn(client: httpx.Client) -> None:
    def data(prompt: str) -> bytes:
        body = {"model": "scripted-image", "prompt": prompt, "size": "64x64"}
        return base64.b64decode(client.post("/images/generations", json=body).json()["data"][0]["b64_json"])

    assert data("a pond [[speech-fault:500]][[image-delay:0.01]]") == data("a pond")

"""Pictures of a chat are measured, and the sandbox says that it sees nothing."""

from __future__ import annotations

import base64
import io
import random
from typing import Any

import httpx
import pytest
from PIL import Image

from core.sandbox.captions import caption, color_name
from core.sandbox.pictures import draw


def saved(picture: Image.Image, kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    picture.save(out, kind)
    return out.getvalue()


@pytest.mark.parametrize("name", ["red", "green", "blue", "yellow", "orange", "purple", "white", "black", "gray"])
def test_plain_colours_have_their_names(name: str) -> None:
    told = caption(saved(Image.new("RGB", (40, 30), name)))
    assert f"mostly {name.replace('gray', 'grey')} (100%)" in told
    assert told.startswith("a PNG of 40 × 30 pixels (landscape)")
    assert "hardly any contrast" in told


def test_forms_light_and_halves() -> None:
    picture = Image.new("RGB", (60, 60), "white")
    picture.paste((0, 0, 0), (0, 30, 60, 60))
    told = caption(saved(picture, "JPEG"))
    assert "JPEG of 60 × 60 pixels (square)" in told
    assert "white" in told and "black" in told
    assert "strong contrast, brighter above" in told
    assert "(portrait), mostly black (100%), dark with" in caption(saved(Image.new("L", (10, 20))))
    frames = [Image.new("RGB", (20, 10), color) for color in ("red", "blue")]
    out = io.BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:])
    assert "2 frames" in caption(out.getvalue())


def test_its_own_pictures_say_what_they_are_of_until_they_are_redrawn() -> None:
    own = draw("a lake\nat dawn", (80, 60))
    assert "the sandbox drew it for “a lake at dawn”" in caption(own)
    assert "drew it" not in caption(saved(Image.open(io.BytesIO(own)).convert("RGB")))


def test_junk_is_refused() -> None:
    rng = random.Random(6)
    whole = saved(Image.new("RGB", (40, 40), "red"))
    for _ in range(100):
        junk = bytearray(whole)
        for _ in range(3):
            junk[rng.randrange(len(junk))] = rng.randrange(256)
        try:
            assert isinstance(caption(bytes(junk)), str)
        except ValueError as error:
            assert str(error) == "It can't be read."
    assert color_name((1, 2, 60)) in {"blue", "black", "purple"}


@pytest.mark.parametrize("prompt", ["Describe this picture.", "Beschreib das Bild", "Write the words of a voice-over"])
def test_who_asks_for_a_description_gets_it_alone(client: httpx.Client, prompt: str) -> None:
    assert "You wrote" not in answered(client, prompt)
    assert "You wrote" in answered(client, "What now?")


def answered(client: httpx.Client, prompt: str) -> str:
    address = "data:image/png;base64," + base64.b64encode(saved(Image.new("RGB", (40, 30), "red"))).decode()
    content: list[dict[str, Any]] = [{"type": "image_url", "image_url": {"url": address}}]
    content.append({"type": "text", "text": f"{prompt} [[pace:instant]]"})
    body = {"model": "scripted", "messages": [{"role": "user", "content": content}], "max_tokens": 2_000}
    text = str(client.post("/chat/completions", json=body).json()["choices"][0]["message"]["content"])
    assert text.startswith(
        "I am the sandbox and see nothing, but 1 came: a PNG of 40 × 30 pixels (landscape), mostly red"
    )
    return text

"""The sandbox's films: real WebM, of the length and size that were asked for, beginning with the picture sent."""

from __future__ import annotations

import io
import time
from typing import Any

import httpx
import pytest
from PIL import Image, ImageChops, ImageStat

from core.sandbox.films import FRAMES_A_SECOND, film
from core.sandbox.pictures import draw

av: Any = pytest.importorskip("av")


def frames(webm: bytes) -> tuple[list[Image.Image], float]:
    with av.open(io.BytesIO(webm)) as opened:
        assert opened.format.name == "matroska,webm"
        assert opened.streams.video[0].codec.name == "vp8"
        found = [frame.to_image() for frame in opened.decode(video=0)]
        return found, opened.duration / 1_000_000


def far(one: Image.Image, other: Image.Image) -> float:
    return sum(ImageStat.Stat(ImageChops.difference(one.convert("RGB"), other.convert("RGB"))).mean) / 3


@pytest.mark.parametrize("prompt", ["snow over a forest", "birds by the sea, day", "gears", "rain in a city at night"])
def test_it_is_a_film_and_moves(prompt: str) -> None:
    found, seconds = frames(film(prompt, 2, (160, 90)))
    assert len(found) == 2 * FRAMES_A_SECOND
    assert seconds == pytest.approx(2, abs=0.1)
    assert found[0].size == (160, 90)
    assert far(found[0], found[FRAMES_A_SECOND]) > 0.5
    assert film(prompt, 1, (64, 64)) == film(prompt, 1, (64, 64))


def test_players_can_jump_in_it() -> None:
    with av.open(io.BytesIO(film("a lake", 4, (64, 64)))) as opened:
        opened.seek(3_000_000)
        assert next(opened.decode(video=0)).time == pytest.approx(3, abs=0.1)


def test_it_begins_with_the_picture_that_was_sent(client: httpx.Client) -> None:
    picture = draw("a red house in green hills", (320, 180))
    form = {"model": "scripted-video", "prompt": "make it move [[video-delay:0.01]]", "seconds": "1", "size": "320x180"}
    job = client.post("/videos", data=form, files={"input_reference": ("a.png", picture)}).json()
    found, _ = frames(content(client, job["id"]))
    assert far(found[0], Image.open(io.BytesIO(picture))) < 6
    other, _ = frames(film("make it move", 1, (320, 180)))
    assert far(found[0], other[0]) > 10


def test_no_picture_is_refused(client: httpx.Client) -> None:
    form = {"model": "scripted-video", "prompt": "x"}
    answer = client.post("/videos", data=form, files={"input_reference": ("a.png", b"words")})
    assert (answer.status_code, answer.json()["error"]["message"]) == (400, "The file is no picture.")


@pytest.mark.parametrize(("asked", "made"), [("1280x720", "640x360"), ("720x1280", "360x640"), ("101x99", "101x99")])
def test_sizes_keep_their_form(client: httpx.Client, asked: str, made: str) -> None:
    body: dict[str, Any] = {"model": "scripted-video", "prompt": "x [[video-delay:0.01]]", "seconds": 1, "size": asked}
    job = client.post("/videos", json=body).json()
    assert job["size"] == made
    assert frames(content(client, job["id"]))[0]


def test_a_film_that_is_to_be_empty_is_empty(client: httpx.Client) -> None:
    body = {"model": "scripted-video", "prompt": "x [[video-delay:0.01]] [[video-fault:empty]]", "seconds": 1}
    assert content(client, client.post("/videos", json=body).json()["id"]) == b""


def content(client: httpx.Client, job_id: str) -> bytes:
    while client.get(f"/videos/{job_id}").json()["status"] != "completed":
        time.sleep(0.01)
    return client.get(f"/videos/{job_id}/content").content

"""Videos with OpenAI's client: jobs that go on by themselves."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest
from openai import OpenAI
from starlette.responses import JSONResponse, Response

from core.access.policy import Permission
from core.videos.video import NoVideo
from data.values.actor import Actor, Role, Surface
from tests.v1.conftest import House, running
from tests.v1.test_pictures import JPEG, PNG
from tests.v1.upstream import Seen, Upstream, upstream

MODEL = "sandbox/scripted-video"
FILM = b"\0\0\0\x18ftypmp42" + bytes(100)
SOON = 30.0


class Studio:
    """A provider whose film gets further only when it is let."""

    def __init__(self, box: Upstream, model: str = "") -> None:
        self.box = box
        self.model = model
        self.status = "in_progress"
        box.answers = {"/videos": self.job, "/videos/up1": self.job}
        box.answers["/videos/up1/content"] = lambda _: Response(FILM, media_type="video/mp4")

    def job(self, _: Seen) -> dict[str, Any]:
        told: dict[str, Any] = {"id": "up1", "object": "video", "status": self.status, "progress": 40}
        return told | {"seconds": "4", "size": "720x1280", "error": {"message": "It showed a face."}}


@pytest.fixture
def studio(house: House) -> Iterator[Studio]:
    with upstream() as box:
        label = f"S{box.base_url.split(':')[-1].split('/')[0]}"
        house.services.keys.add_server(house.services.actor(), label, box.base_url, None)
        box.seen.clear()
        yield Studio(box, f"{label.lower()}/sora-2")


def ended(client: OpenAI, video_id: str) -> Any:
    """It, when nothing is made of it any more."""
    return client.videos.poll(video_id, poll_interval_ms=50)


def booked(home: Path) -> list[tuple[Any, ...]]:
    with sqlite3.connect(home / "gearbox.db") as database:
        query = "SELECT id, status, quantity, unit FROM calls WHERE modality = 'video' ORDER BY started_at"
        return database.execute(query).fetchall()


def until_booked(home: Path, video_id: str, status: str) -> None:
    deadline = time.monotonic() + SOON
    while (video_id, status) not in [(f"video_{row[0]}", row[1]) for row in booked(home)]:
        assert time.monotonic() < deadline, booked(home)
        time.sleep(0.02)


def test_a_video_from_begin_to_end(client: OpenAI, home: Path) -> None:
    small: dict[str, Any] = {"seconds": "1", "size": "64x64"}
    video = client.videos.create_and_poll(
        model=MODEL, prompt="gears", input_reference=("a.jpg", JPEG), poll_interval_ms=100, **small
    )
    assert (video.status, video.progress, video.seconds, video.model) == ("completed", 100, "1", MODEL)
    assert video.prompt == "gears"
    assert video.completed_at is not None
    assert video.expires_at == video.completed_at + 3600
    film = client.videos.download_content(video.id)
    assert film.response.headers["content-type"] == "video/webm"
    assert film.content.startswith(b"\x1aE\xdf\xa3")
    assert [row[1] for row in booked(home) if video.id == f"video_{row[0]}"] == ["ok"]
    assert client.videos.delete(video.id).model_dump() == {"id": video.id, "deleted": True, "object": "video.deleted"}
    for gone in (client.videos.retrieve, client.videos.download_content, client.videos.delete):
        with pytest.raises(openai.NotFoundError, match="There is no such video"):
            gone(video.id)


def test_it_is_told_as_far_as_the_provider_is(client: OpenAI, studio: Studio, home: Path) -> None:
    video = client.videos.create(model=studio.model, prompt="gears", input_reference=PNG)
    assert (video.status, video.progress, video.seconds, video.size) == ("in_progress", 40, "4", "720x1280")
    assert studio.box.seen[0].fields == {"model": "sora-2", "prompt": "gears"}
    assert studio.box.seen[0].files == [("input_reference", "reference.png", "image/png", PNG)]
    raw = client.videos.with_raw_response.retrieve(video.id)
    assert raw.headers["openai-poll-after-ms"] == "2000"
    with pytest.raises(openai.NotFoundError, match="still being made") as early:
        client.videos.download_content(video.id)
    assert early.value.code == "video_not_ready"
    studio.status = "completed"
    assert ended(client, video.id).status == "completed"
    assert client.videos.download_content(video.id).content == FILM
    with pytest.raises(openai.BadRequestError, match="only the video itself is kept") as other:
        client.videos.download_content(video.id, variant="thumbnail")
    assert other.value.param == "variant"
    call_id, status, quantity, unit = booked(home)[-1]
    assert (f"video_{call_id}", status, float(quantity), unit) == (video.id, "ok", 4, "second")


def test_what_is_refused_at_once_is_told_at_once(client: OpenAI, studio: Studio) -> None:
    studio.box.answers["/videos"] = lambda _: JSONResponse({"error": {"message": "No such size."}}, 400)
    with pytest.raises(openai.BadRequestError, match="No such size"):
        client.videos.create(model=studio.model, prompt="gears")


def test_what_fails_later_says_why(client: OpenAI, studio: Studio, home: Path) -> None:
    video = client.videos.create(model=studio.model, prompt="gears")
    studio.status = "failed"
    failed = ended(client, video.id)
    assert failed.status == "failed"
    assert failed.error is not None
    assert failed.error.code == "provider_failed"
    assert "It showed a face." in failed.error.message
    with pytest.raises(openai.NotFoundError, match="It showed a face"):
        client.videos.download_content(video.id)
    until_booked(home, video.id, "failed")


def test_deleting_ends_the_making(client: OpenAI, studio: Studio, home: Path) -> None:
    video = client.videos.create(model=studio.model, prompt="gears", seconds="8")
    client.videos.delete(video.id)
    until_booked(home, video.id, "stopped")
    asked = len(studio.box.seen)
    with pytest.raises(openai.NotFoundError):
        client.videos.retrieve(video.id)
    assert len(studio.box.seen) == asked


def test_a_person_makes_only_so_many_at_once(client: OpenAI, studio: Studio, home: Path) -> None:
    begun = [client.videos.create(model=studio.model, prompt="gears") for _ in range(3)]
    with pytest.raises(openai.RateLimitError, match="You have 3 videos in progress") as refused:
        client.videos.create(model=studio.model, prompt="gears")
    assert refused.value.response.headers["retry-after"] == "10"
    for each in begun:
        client.videos.delete(each.id)
        until_booked(home, each.id, "stopped")


def test_hanging_up_before_it_was_taken_ends_it(house: House, studio: Studio, home: Path) -> None:
    let_go, before = threading.Event(), len(booked(home))

    def slow(seen: Seen) -> Any:
        let_go.wait(SOON)
        return studio.job(seen)

    studio.box.answers["/videos"] = slow
    with pytest.raises(openai.APITimeoutError):
        house.client().with_options(timeout=0.5).videos.create(model=studio.model, prompt="gears")
    try:
        deadline = time.monotonic() + SOON
        while len(booked(home)) == before or booked(home)[-1][1] != "stopped":
            assert time.monotonic() < deadline
            time.sleep(0.02)
    finally:
        let_go.set()


def test_another_s_video_looks_like_one_that_never_was(
    house: House, client: OpenAI, studio: Studio, home: Path
) -> None:
    video = client.videos.create(model=studio.model, prompt="gears")
    other = Actor("somebody-else", frozenset({Role.MEMBER}), Surface.CLI)
    refusals = []
    for video_id in (video.id, "video_" + "0" * 32, "0" * 32):
        with pytest.raises(NoVideo) as refused:
            house.services.videos.video(other, video_id)
        refusals.append(refused.value.explain())
    assert len(set(refusals)) == 1
    client.videos.delete(video.id)
    until_booked(home, video.id, "stopped")


@pytest.mark.parametrize(
    ("change", "param", "words"),
    [
        ({"prompt": ""}, "prompt", "Field required"),
        ({"seconds": "0"}, "seconds", "greater than or equal to 1"),
        ({"input_reference": b"words"}, "input_reference", "is no PNG"),
        ({"model": "auto"}, None, "chooses among the models that chat"),
    ],
    ids=["no prompt", "no length", "no picture", "auto"],
)
def test_what_can_t_be_made(client: OpenAI, change: dict[str, Any], param: str | None, words: str) -> None:
    asked: dict[str, Any] = {"model": MODEL, "prompt": "gears"} | change
    with pytest.raises(openai.BadRequestError, match=words) as refused:
        client.videos.create(**asked)
    assert refused.value.param == param


def test_pictures_are_not_fetched(house: House) -> None:
    form = {"model": MODEL, "prompt": "gears", "input_reference[image_url]": "https://example.org/a.png"}
    headers = {"Authorization": f"Bearer {house.token}"}
    files = [(name, (None, value)) for name, value in form.items()]
    answer = httpx.post(f"{house.origin}/v1/videos", headers=headers, files=files, trust_env=False)
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "input_reference")
    assert "Send the picture as a file" in answer.json()["error"]["message"]


def test_a_restart_ends_jobs_and_says_so(tmp_path: Path) -> None:
    with upstream() as box:
        studio = Studio(box)
        with running(tmp_path) as house:
            house.services.keys.add_server(house.services.actor(), "Studio", box.base_url, None)
            client = house.client()
            made = client.videos.create(model="studio/sora-2", prompt="one", seconds="4")
            studio.status = "completed"
            assert ended(client, made.id).status == "completed"
            studio.status = "failed"
            failed = client.videos.create(model="studio/sora-2", prompt="two")
            assert ended(client, failed.id).status == "failed"
            studio.status = "in_progress"
            lost = client.videos.create(model="studio/sora-2", prompt="three")
        assert [row[1] for row in booked(tmp_path)] == ["ok", "failed", "stopped"]
        with running(tmp_path) as house:
            client = house.client()
            for video_id, code, words in (
                (made.id, "video_gone", "films are kept for an hour, in memory"),
                (lost.id, "video_interrupted", "Gearbox was stopped while this video was being made"),
                (failed.id, "provider_failed", "could not be made"),
            ):
                told = client.videos.retrieve(video_id)
                assert (told.status, told.model) == ("failed", "studio/sora-2")
                assert told.error is not None
                assert told.error.code == code
                assert words in told.error.message
                with pytest.raises(openai.NotFoundError, match="There is no video"):
                    client.videos.download_content(video_id)
        with sqlite3.connect(tmp_path / "gearbox.db") as database:
            database.execute("UPDATE calls SET started_at = '2020' || substr(started_at, 5)")
        with running(tmp_path) as house, pytest.raises(openai.NotFoundError, match="There is no such video"):
            house.client().videos.retrieve(made.id)


def test_a_token_that_may_not_chat_opens_nothing(house: House) -> None:
    _, token = house.services.tokens.create(house.services.actor(), "keys only", [Permission.MANAGE_OWN_KEYS])
    with httpx.Client(base_url=house.origin, headers={"Authorization": f"Bearer {token}"}, trust_env=False) as plain:
        for method, path in (("GET", ""), ("GET", "/content"), ("DELETE", "")):
            assert plain.request(method, f"/v1/videos/video_{'0' * 32}{path}").status_code == 403

"""The sandbox's other operations over HTTP: real files, and a plain refusal of what can't be."""

from __future__ import annotations

import base64
import json
import random
import struct
import time
from typing import Any

import httpx
import pytest

from core.sandbox.asked import MAX_UPLOAD_BYTES
from core.sandbox.film_operations import FILM_JOB_SECONDS
from core.sandbox.operations import MAX_INPUTS

WEBM = b"\x1aE\xdf\xa3"
JOB = {"at": 0.0, "s": 1, "w": 160, "h": 90, "p": "gears", "t": 1, "f": "", "i": ""}


def embed(client: httpx.Client, **more: Any) -> httpx.Response:
    return client.post("/embeddings", json={"model": "scripted-embedding", **more})


def job_id(job: Any) -> str:
    return "video_" + base64.urlsafe_b64encode(json.dumps(job).encode()).decode().rstrip("=")


def test_vectors_as_numbers_and_as_base64_are_the_same(client: httpx.Client) -> None:
    plain = embed(client, input="gears").json()["data"][0]["embedding"]
    packed = embed(client, input=["gears"], encoding_format="base64").json()["data"][0]["embedding"]
    assert struct.unpack("<64f", base64.b64decode(packed)) == pytest.approx(plain)
    assert embed(client, input=[5, 6]).json()["usage"] == {"prompt_tokens": 2, "total_tokens": 2}


def test_a_job_goes_on_until_it_is_done(client: httpx.Client) -> None:
    job = client.post(
        "/videos", json={"model": "scripted-video", "prompt": "gears", "seconds": 1, "size": "160x90"}
    ).json()
    assert job["status"] in {"queued", "in_progress"}
    assert client.get(f"/videos/{job['id']}/content").status_code == 404
    time.sleep(FILM_JOB_SECONDS)
    assert client.get(f"/videos/{job['id']}").json()["status"] == "completed"
    film = client.get(f"/videos/{job['id']}/content")
    assert film.headers["content-type"] == "video/webm"
    assert film.content.startswith(WEBM)


def test_only_jobs_that_can_be_are_jobs(client: httpx.Client) -> None:
    assert client.get(f"/videos/{job_id(JOB)}").json()["status"] == "completed"
    wrong: list[Any] = [{**JOB, name: value} for name, value in [
        ("at", 1e308), ("at", -1), ("at", "x"), ("s", 1000), ("w", 5000), ("h", 0), ("h", 1.5), ("p", None),
    ]]  # fmt: skip
    rng = random.Random(3)
    ids = [job_id(job) for job in (*wrong, [], None, {}, 5)] + ["x", "video_", "video_%00"]
    ids += ["video_" + base64.urlsafe_b64encode(rng.randbytes(rng.randrange(60))).decode() for _ in range(200)]
    for each in ids:
        assert client.get(f"/videos/{each}").status_code == 404, each


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/embeddings", {"model": "scripted-embedding", "input": []}),
        ("/embeddings", {"model": "scripted-embedding", "input": [""] * (MAX_INPUTS + 1)}),
        ("/embeddings", {"model": "scripted-embedding", "input": {"a": 1}}),
        ("/embeddings", {"model": "scripted-embedding", "input": "x", "dimensions": True}),
        ("/images/generations", {"model": "scripted-image", "prompt": "x", "size": "9999x9999"}),
        ("/images/generations", {"model": "scripted-image", "prompt": "x", "n": 11}),
        ("/images/generations", {"model": "scripted-image", "prompt": " "}),
        ("/audio/speech", {"model": "scripted-speech", "input": "x", "speed": 0}),
        ("/audio/speech", {"model": "scripted-speech"}),
        ("/rerank", {"model": "scripted-rerank", "query": "x", "documents": [1]}),
        ("/rerank", {"model": "scripted-rerank", "query": "x", "documents": ["a"], "top_n": 2}),
        ("/videos", {"model": "scripted-video", "prompt": "x", "seconds": 100}),
    ],
    ids=str,
)
def test_what_can_not_be_is_refused(client: httpx.Client, path: str, body: dict[str, Any]) -> None:
    answer = client.post(path, json=body)
    assert answer.status_code == 400
    assert answer.json()["error"]["type"] == "invalid_request_error"


def test_uploads_that_can_not_be_are_refused(client: httpx.Client) -> None:
    model = {"model": "scripted-transcription"}
    assert client.post("/audio/transcriptions", data=model, files={"other": b"x"}).status_code == 400
    assert client.post("/audio/transcriptions", data={**model, "file": "text"}).status_code == 400
    large = client.post("/audio/transcriptions", data=model, files={"file": bytes(MAX_UPLOAD_BYTES)})
    assert large.status_code == 413
    assert client.post("/images/edits", content=iter([b"x"])).status_code == 411
    edit = client.post("/images/edits", data={"model": "scripted-image", "prompt": "x"}, files={"image": b"no picture"})
    assert (edit.status_code, edit.json()["error"]["message"]) == (400, "The file is no picture.")


def test_any_sound_is_answered(client: httpx.Client) -> None:
    rng = random.Random(4)
    for _ in range(50):
        sound = rng.choice([b"RIFF", b"", b"RIFF\0\0\0\0WAVEfmt ", b"RIFF\0\0\0\0WAVELIST\xff\xff\xff\xff"])
        sound += rng.randbytes(rng.randrange(80))
        files = {"file": ("a.wav", sound)}
        answer = client.post("/audio/transcriptions", data={"model": "scripted-transcription"}, files=files)
        assert answer.status_code == 200
        assert isinstance(answer.json()["text"], str)

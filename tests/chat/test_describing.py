"""A picture for a model that can't see: described by one that does, once, within limits, and never in anybody's way."""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Mount
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.chat.attachments import Attachment
from core.chat.bridge import NO_FILES
from core.chat.describers import Describer, may_have
from core.chat.describing import Describing, Task
from core.chat.live import LiveTurn
from core.preferences import Describe
from core.providers.catalog import Catalogue
from core.sandbox import sandbox_app
from data.values.events import BeingReadied
from data.values.media import Blob, StoredBlob
from data.values.messages import MessageStatus
from data.values.models import Endpoint, EndpointKind, Wire
from data.values.parts import AudioPart, ImagePart, NoticePart
from data.values.registry import Category, Modality, ModelCard
from tests.chat.house import SOON, ChatHouse, ended, now
from tests.chat.sounds_made import wav
from tests.gateway.server import serve
from tests.people import ALICE, BOB

OK = "[[pace:instant]][[say:ok]]"
SEEING, BLIND = "sandbox/scripted", "sandbox/scripted-no-tools"
ASKS = "Describe this picture for somebody"


class Seer:
    """A sandbox that describes pictures: as `mode` says, at once, never, or with an error. `asked` are its requests."""

    def __init__(self) -> None:
        self.mode = "at once"
        self.asked: list[dict[str, object]] = []
        self.described = 0

    def __call__(self, app: ASGIApp) -> ASGIApp:
        async def serving(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http" or not scope["path"].endswith("/chat/completions"):
                await app(scope, receive, send)
                return
            body = b""
            while True:
                message = await receive()
                body += message.get("body", b"")
                if not message.get("more_body"):
                    break
            self.asked.append(json.loads(body))
            if ASKS in body.decode() and b'"image_url"' in body:  # the sandbox repeats what it was asked
                self.described += 1
                if self.mode == "never":
                    await asyncio.sleep(SOON)
                if self.mode == "error":
                    await JSONResponse({"error": {"message": "no"}}, 400)(scope, receive, send)
                    return
            rest = iter([{"type": "http.request", "body": body, "more_body": False}])

            async def again() -> Message:
                return next(rest, None) or await receive()

            await app(scope, again, send)

        return serving

    @property
    def last(self) -> str:
        messages = self.asked[-1]["messages"]
        assert isinstance(messages, list)
        return str(messages[-1]["content"])


@contextmanager
def _house(tmp_path: Path, catalogue: Catalogue, seer: Seer, *, within: float | None = SOON) -> Iterator[ChatHouse]:
    with serve(seer(Starlette(routes=[Mount("/v1", sandbox_app())]))) as origin:
        house = ChatHouse(tmp_path, f"{origin}/v1", catalogue, describes_within=within)
        try:
            yield house
        finally:
            house.close()


def _picture(color: str = "teal") -> Attachment:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), color).save(out, "PNG")
    return Attachment("cat.png", out.getvalue())


def _send(house: ChatHouse, model_id: str, *files: Attachment, chat: str | None = None, prompt: str = OK) -> LiveTurn:
    choice = house.chat.choice(ALICE, house.preferences.load(ALICE), picked=model_id, history=[])
    assert choice is not None and choice.model.id == model_id
    return house.chat.send(ALICE, chat, prompt, choice, files=files)


def _notices(house: ChatHouse, turn: LiveTurn) -> list[str]:
    return [part.text for part in house.messages(turn)[-1].parts if isinstance(part, NoticePart)]


def test_a_picture_is_described_once_and_a_model_that_sees_gets_the_original(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    seer = Seer()
    with _house(tmp_path, catalogue, seer) as house:
        turn = ended(_send(house, BLIND, _picture()))
        chat = turn.begun.conversation_id
        assert seer.described == 1
        assert (
            "“cat.png”: 40 × 30 pixels, PNG. You can't see it. It shows: I am the sandbox and see nothing" in seer.last
        )
        reads, wrote = _notices(house, turn)
        assert reads == f"{BLIND} can't see “cat.png”, but reads what {SEEING} wrote of it."
        assert wrote.startswith(f"{SEEING} described “cat.png”: I am the sandbox and see nothing, but 1 came")
        calls = house.rows(
            "SELECT user_id, provider || '/' || model, conversation_id, status FROM calls ORDER BY model"
        )
        assert calls == [(ALICE.user_id, SEEING, chat, "ok"), (ALICE.user_id, BLIND, chat, "ok")]
        ended(_send(house, BLIND, chat=chat))
        assert seer.described == 1
        assert _notices(house, turn) == [reads]
        ended(_send(house, SEEING, chat=chat))
        assert seer.described == 1
        assert "image_url" in str(seer.asked[-1]) and _notices(house, turn) == []
    with _house(tmp_path, catalogue, seer) as house:  # another process, another chat
        ended(_send(house, BLIND, _picture()))
        assert seer.described == 1
        assert house.rows("SELECT count(*) FROM blob_descriptions") == [(1,)]
        house.chat.delete(ALICE, chat)
        assert house.rows("SELECT count(*) FROM blob_descriptions") == [(0,)]


def test_nobody_waits_for_a_description_for_a_model_that_sees(tmp_path: Path, catalogue: Catalogue) -> None:
    seer = Seer()
    seer.mode = "never"
    with _house(tmp_path, catalogue, seer) as house:
        house.preferences.save(ALICE, fallbacks=(BLIND,))  # though who might take over does not
        turn = ended(_send(house, SEEING, _picture()))
        assert house.messages(turn)[-1].status is MessageStatus.COMPLETE
        assert seer.described == 0


@pytest.mark.parametrize("mode", ["error", "never"])
def test_without_a_description_the_answer_comes_with_what_is_known(
    tmp_path: Path, catalogue: Catalogue, mode: str
) -> None:
    seer = Seer()
    seer.mode = mode
    with _house(tmp_path, catalogue, seer, within=SOON if mode == "error" else 0.5) as house:
        turn = ended(_send(house, BLIND, _picture()))
        assert house.messages(turn)[-1].status is MessageStatus.COMPLETE
        assert "40 × 30 pixels, PNG. You can't see it.]" in seer.last
        assert _notices(house, turn) == [f"{BLIND} was not shown “cat.png”, only told of it in words."]
        assert (
            sorted(house.calls()) == ["failed" if mode == "error" else "stopped", "ok"][:: 1 if mode == "error" else -1]
        )
        before = seer.described
        ended(_send(house, BLIND, chat=turn.begun.conversation_id))  # and no prompt waits for it again
        assert seer.described == before


def test_it_can_be_turned_off(tmp_path: Path, catalogue: Catalogue) -> None:
    seer = Seer()
    with _house(tmp_path, catalogue, seer) as house:
        house.preferences.save(ALICE, describe="off")
        ended(_send(house, BLIND, _picture()))
        assert seer.described == 0


def test_the_prompt_is_there_while_it_is_described_and_stop_ends_the_answer(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    seer = Seer()
    seer.mode = "never"
    with _house(tmp_path, catalogue, seer) as house:
        turn = _send(house, BLIND, _picture())
        lines: list[str] = []
        for batch in turn.follow(patience=0.05):
            lines += [event.line for event in batch if isinstance(event, BeingReadied)]
            if lines and seer.described:
                break
        assert lines == [f"{SEEING} puts “cat.png” into words for a model that can't take it as it is."]
        prompt = house.messages(turn)[0]
        assert isinstance(prompt.parts[0], ImagePart)
        turn.stop()
        ended(turn)
        assert house.messages(turn)[-1].status is MessageStatus.STOPPED
        assert "intent" not in house.calls()
        costs = house.rows("SELECT status, input_tokens FROM calls WHERE model = 'scripted-no-tools'")
        assert costs == [("failed", None)]  # it was never asked


def test_who_takes_over_at_once_leaves_no_call_open(tmp_path: Path, catalogue: Catalogue) -> None:
    seer = Seer()
    with _house(tmp_path, catalogue, seer) as house, serve(_broken) as origin:
        house.keys.add_server(ALICE, label="down", base_url=f"{origin}/v1", key=None)
        house.preferences.save(ALICE, fallbacks=(BLIND,), describe="any")
        for _ in range(6):  # until nothing is sent there any more
            turn = ended(_send(house, "down/one", _picture()))
            assert house.messages(turn)[-1].status is MessageStatus.COMPLETE
        assert "intent" not in house.calls()


async def _broken(scope: Scope, receive: Receive, send: Send) -> None:
    await JSONResponse({"error": {"message": "down"}}, 503)(scope, receive, send)


def test_a_sound_is_written_down(tmp_path: Path, catalogue: Catalogue) -> None:
    listener = ModelCard(
        "sandbox",
        "scripted-transcription",
        "Sandbox",
        "sandbox",
        Category.LISTEN,
        frozenset({Modality.AUDIO}),
        frozenset({Modality.TEXT}),
    )
    with _house(tmp_path, catalogue, Seer()) as house:
        chat = ended(_send(house, SEEING)).begun.conversation_id
        content = wav(1.0)
        blob = Blob(hashlib.sha256(content).hexdigest(), "audio/wav", len(content))
        house.store.blobs.keep(ALICE.user_id, chat, [StoredBlob(blob, content)]).result(10)
        endpoint, model = house.connections.resolve(ALICE, listener.id)
        describing = Describing(house.store, house.describers, house.attempts, clock=now)
        task = Task(AudioPart(blob, "talk.wav"), Describer(endpoint, model))
        made = house.loop.submit(describing.describe(ALICE, chat, [task], NO_FILES)).result(SOON)
        assert made[blob.digest].by == listener.id
        assert house.store.blobs.description(ALICE.user_id, blob.digest) == made[blob.digest]
        assert house.store.blobs.description(BOB.user_id, blob.digest) is None
        assert ("transcription", "ok") in house.rows("SELECT modality, status FROM calls")


def test_the_cheapest_that_sees_describes_and_only_where_the_picture_may_go(house: ChatHouse) -> None:
    house.keys.add(ALICE, "openai", "sk-of-alice-for-tests-0123456789")
    house.keys.add(ALICE, "anthropic", "sk-ant-of-alice-for-tests-0123456789")
    found = {each.provider: each for each in house.connections.endpoints(ALICE)}
    finder, claude = house.describers, found["anthropic"]
    near = finder.of_pictures(ALICE, claude, Describe.NEAR)
    anyone = finder.of_pictures(ALICE, claude, Describe.ANY)
    assert near is not None and near.endpoint == claude
    assert anyone is not None and anyone.cost is not None and near.cost is not None and anyone.cost <= near.cost
    for each in (near, anyone):
        assert each.model.vision and each.model.price is not None
        same = [model for model in house.connections.models(ALICE) if model.provider == each.model.provider]
        dearer = [model.price.input for model in same if model.vision and model.price]
        assert each.model.price.input <= sorted(dearer)[len(dearer) // 2]
    assert finder.of_pictures(ALICE, claude, Describe.OFF) is None
    assert finder.of_pictures(BOB, claude, Describe.ANY) is None


@pytest.mark.parametrize(
    ("kind", "asked", "scope", "may"),
    [
        ("provider", "other", Describe.NEAR, False),
        ("provider", "other", Describe.ANY, True),
        ("provider", "same", Describe.NEAR, True),
        ("local", "other", Describe.NEAR, True),
        ("custom", "other", Describe.NEAR, False),
        ("sandbox", "other", Describe.ANY, False),
    ],
)
def test_where_a_picture_may_go(kind: str, asked: str, scope: Describe, may: bool) -> None:
    describer = Endpoint("e1", "p1", "One", EndpointKind(kind), Wire.OPENAI)
    other = Endpoint("e2", "p2", "Two", EndpointKind.PROVIDER, Wire.OPENAI)
    assert may_have(describer, describer if asked == "same" else other, scope) is may

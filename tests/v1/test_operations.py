"""What OpenAI's client asks beside chat."""

from __future__ import annotations

import re
import time
from typing import Any

import httpx
import openai
import pytest
from openai import OpenAI
from starlette.responses import JSONResponse, Response

from core.api.v1.transcriptions import MAX_AUDIO_BYTES
from tests.connections.listing_server import serving
from tests.v1.conftest import House
from tests.v1.upstream import upstream


def test_embeddings_as_numbers_and_in_base64(client: OpenAI) -> None:
    texts = ["one", "two"]
    packed = client.embeddings.create(model="sandbox/scripted-embedding", input=texts)
    plain = client.embeddings.create(model="sandbox/scripted-embedding", input=texts, encoding_format="float")
    assert [each.index for each in packed.data] == [0, 1]
    assert packed.data[0].embedding == pytest.approx(plain.data[0].embedding, abs=1e-6)
    assert packed.data[0].embedding != packed.data[1].embedding
    assert packed.usage.total_tokens > 0


def test_speech(client: OpenAI) -> None:
    sound = client.audio.speech.create(
        model="sandbox/scripted-speech", voice="alloy", input="Hello", response_format="wav", stream_format="audio"
    )
    assert sound.content[:4] == b"RIFF"


def test_what_is_not_streamed_says_so_by_its_field(client: OpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        client.images.generate(model="sandbox/scripted-image", prompt="a gear", extra_body={"stream": True})
    assert refused.value.param == "stream"
    with pytest.raises(openai.BadRequestError) as refused:
        client.audio.speech.create(
            model="sandbox/scripted-speech", voice="alloy", input="Hello", stream_format="sse", response_format="wav"
        )
    assert refused.value.param == "stream_format"


@pytest.mark.parametrize("given", [["a", [1]], ["a", 1], "", [], 7], ids=["lists", "numbers", "empty", "none", "one"])
def test_inputs_of_several_kinds_are_told_in_one_sentence(client: OpenAI, given: Any) -> None:
    words = "input: must be one text, or a list of texts, or token ids, or a list of lists of token ids, and not mixed"
    with pytest.raises(openai.BadRequestError) as refused:
        client.embeddings.create(model="sandbox/scripted-embedding", input=given)
    assert refused.value.param == "input"
    assert refused.value.body is not None
    assert refused.value.body["message"] == f"The request can't be used: {words}. Correct that and ask again."


def test_a_voice_of_one_s_own(house: House, client: OpenAI) -> None:
    with upstream(audio_speech=lambda _: Response(b"RIFF\0\0\0\0WAVE", media_type="audio/wav")) as box:
        house.services.keys.add_server(house.services.actor(), "Speaker", box.base_url, None)
        voices: list[Any] = ["nova", {"id": "voice_1234"}]
        for voice in voices:
            assert client.audio.speech.create(model="speaker/tts", voice=voice, input="Hello").content[:4] == b"RIFF"
        assert [seen.fields["voice"] for seen in box.seen] == voices
    with pytest.raises(openai.BadRequestError, match="must be the name of a voice") as refused:
        client.audio.speech.create(model="speaker/tts", voice={"name": "nova"}, input="Hello")
    assert refused.value.param == "voice"


def test_a_model_that_is_not_there(client: OpenAI) -> None:
    with pytest.raises(openai.NotFoundError):
        client.embeddings.create(model="sandbox/never", input="one")


def test_the_choice_of_another_model_than_a_chats_is_not_left_to_gearbox(client: OpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match="chooses among the models that chat"):
        client.embeddings.create(model="auto", input="one")
    with pytest.raises(openai.BadRequestError, match="Name the model"):
        client.images.generate(model="auto", prompt="a gear")
    with pytest.raises(openai.BadRequestError):
        client.audio.speech.create(model="auto", voice="alloy", input="Hello")


@pytest.fixture(scope="module")
def spoken(house: House) -> bytes:
    sound: bytes = (
        house.client()
        .audio.speech.create(
            model="sandbox/scripted-speech", voice="alloy", input="One two three.", response_format="wav"
        )
        .content
    )
    return sound


LISTENER = "sandbox/scripted-transcription"


def test_a_transcript(client: OpenAI, spoken: bytes) -> None:
    heard = client.audio.transcriptions.create(
        model=LISTENER, file=("said.wav", spoken), language="en", prompt="Counting"
    )
    assert heard.text
    plain = client.audio.transcriptions.create(model=LISTENER, file=("said.wav", spoken), response_format="text")
    assert plain == f"{heard.text}\n"


def test_a_transcript_with_times(client: OpenAI, spoken: bytes) -> None:
    verbose = client.audio.transcriptions.create(
        model=LISTENER,
        file=("said.wav", spoken, "audio/wav"),
        response_format="verbose_json",
        timestamp_granularities=["segment"],
    )
    assert verbose.duration > 0
    assert verbose.segments is not None
    assert verbose.segments[0].text.strip()
    srt = client.audio.transcriptions.create(model=LISTENER, file=("said.wav", spoken), response_format="srt")
    assert re.match(r"1\n00:00:00,000 --> 00:00:\d\d,\d{3}\n\S", srt)
    vtt = client.audio.transcriptions.create(model=LISTENER, file=("said.wav", spoken), response_format="vtt")
    assert re.match(r"WEBVTT\n\n00:00:00\.000 --> 00:00:\d\d\.\d{3}\n\S", vtt)


def test_usage_of_a_transcript(house: House, client: OpenAI, spoken: bytes) -> None:
    heard = client.audio.transcriptions.create(model=LISTENER, file=("said.wav", spoken), prompt="For its usage")
    assert heard.usage is not None
    assert heard.usage.type == "duration"
    assert heard.usage.seconds > 0
    tokens = {"type": "tokens", "input_tokens": 14, "output_tokens": 5, "total_tokens": 19}
    told: dict[str, Any] = {"text": "Hi.", "usage": tokens | {"input_token_details": {"audio_tokens": 10}}}
    with upstream(audio_transcriptions=lambda _: JSONResponse(told)) as box:
        house.services.keys.add_server(house.services.actor(), "Listener", box.base_url, None)
        counted = client.audio.transcriptions.create(model="listener/gpt-4o-transcribe", file=("a.wav", spoken))
        told = {"text": "Hi."}
        guessed = client.audio.transcriptions.create(model="listener/whisper", file=("a.wav", spoken))
    assert counted.usage is not None
    assert counted.usage.model_dump() == tokens | {"input_token_details": {"audio_tokens": 10, "text_tokens": 4}}
    assert guessed.usage is not None
    assert guessed.usage.model_dump() == {"type": "duration", "seconds": heard.usage.seconds, "estimated": True}


def test_what_can_t_be_transcribed(client: OpenAI, house: House, spoken: bytes) -> None:
    with pytest.raises(openai.NotFoundError):
        client.audio.transcriptions.create(model="sandbox/never", file=("said.wav", spoken))
    with pytest.raises(openai.BadRequestError, match="empty"):
        client.audio.transcriptions.create(model=LISTENER, file=("said.wav", b""))
    with pytest.raises(openai.BadRequestError) as words:
        client.audio.transcriptions.create(
            model=LISTENER, file=("said.wav", spoken), response_format="verbose_json", timestamp_granularities=["word"]
        )
    assert words.value.param == "timestamp_granularities.0"
    with pytest.raises(openai.APIStatusError) as large:
        client.audio.transcriptions.create(model=LISTENER, file=("said.wav", b"x" * (MAX_AUDIO_BYTES + 1)))
    assert (large.value.status_code, large.value.param) == (413, "file")
    with httpx.Client(headers={"Authorization": f"Bearer {house.token}"}, trust_env=False) as plain:
        address = f"{house.origin}/v1/audio/transcriptions"
        for options in (
            {"json": {"model": LISTENER}},
            {"data": {"model": LISTENER, "file": "words"}},
            {"files": {"file": ("a.wav", spoken)}},
            {"files": [("file", ("a.wav", spoken)), ("file", ("b.wav", spoken))], "data": {"model": LISTENER}},
            {"content": b"no parts", "headers": {"Content-Type": "multipart/form-data; boundary=x"}},
            {"content": b"no parts", "headers": {"Content-Type": "multipart/form-data"}},
        ):
            answer = plain.post(address, **options)
            assert answer.status_code == 400, answer.text
            assert set(answer.json()["error"]) == {"message", "type", "param", "code"}


def test_every_model_that_can_be_called_is_listed_with_what_it_is_for(house: House, client: OpenAI) -> None:
    names = "chatty", "nomic-embed-text", "whisper-large-v3", "tts-1", "gpt-image-1", "bge-reranker"
    with serving(*names) as server:
        house.services.keys.add_server(house.services.actor(), "Box", server.base_url, None)
        listed, deadline = dict[str, str](), time.monotonic() + 60
        while "box/chatty" not in listed and time.monotonic() < deadline:  # it is asked for its list in the background
            house.services.connections.look_again(house.services.actor())
            listed = {model.id: model.model_dump()["category"] for model in client.models.list()}
    assert {name: category for name, category in listed.items() if not name.startswith("sandbox/")} == {
        "auto": "chat",
        "box/chatty": "chat",
        "box/nomic-embed-text": "search",
        "box/whisper-large-v3": "listen",
        "box/tts-1": "speak",
        "box/gpt-image-1": "pictures",
        "box/bge-reranker": "search",
    }
    assert {name: category for name, category in listed.items() if name.startswith("sandbox/")} == {
        "sandbox/scripted": "chat",
        "sandbox/scripted-embedding": "search",
        "sandbox/scripted-image": "pictures",
        "sandbox/scripted-image-2": "pictures",
        "sandbox/scripted-rerank": "search",
        "sandbox/scripted-speech": "speak",
        "sandbox/scripted-speech-2": "speak",
        "sandbox/scripted-transcription": "listen",
        "sandbox/scripted-video": "video",
    }
    assert client.models.retrieve("sandbox/scripted-speech").model_dump()["category"] == "speak"

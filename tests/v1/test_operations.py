"""What OpenAI's client asks beside chat."""

from __future__ import annotations

import base64

import openai
import pytest
from openai import OpenAI


def test_embeddings_as_numbers_and_in_base64(client: OpenAI) -> None:
    texts = ["one", "two"]
    packed = client.embeddings.create(model="sandbox/scripted-embedding", input=texts)
    plain = client.embeddings.create(model="sandbox/scripted-embedding", input=texts, encoding_format="float")
    assert [each.index for each in packed.data] == [0, 1]
    assert packed.data[0].embedding == pytest.approx(plain.data[0].embedding, abs=1e-6)
    assert packed.data[0].embedding != packed.data[1].embedding
    assert packed.usage.total_tokens > 0


def test_pictures(client: OpenAI) -> None:
    drawn = client.images.generate(model="sandbox/scripted-image", prompt="a gear", n=2)
    assert drawn.data is not None
    assert [base64.b64decode(each.b64_json or "")[:4] for each in drawn.data] == [b"\x89PNG"] * 2


def test_speech(client: OpenAI) -> None:
    sound = client.audio.speech.create(
        model="sandbox/scripted-speech", voice="alloy", input="Hello", response_format="wav"
    )
    assert sound.content[:4] == b"RIFF"


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

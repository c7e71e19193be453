"""Pictures with OpenAI's client: made, and made of others."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from typing import Any

import httpx
import openai
import pytest
from openai import OpenAI
from PIL import Image
from starlette.responses import JSONResponse

from core.api.v1.pictures import MAX_PICTURES
from core.api.v1.sent_pictures import MAX_PICTURE_BYTES
from tests.v1.conftest import House
from tests.v1.upstream import Upstream, upstream

MODEL = "sandbox/scripted-image"


def picture(kind: str = "PNG", size: tuple[int, int] = (96, 64), color: str = "red") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, color).save(out, kind)
    return out.getvalue()


PNG, JPEG, WEBP = picture("PNG"), picture("JPEG"), picture("WEBP")
DRAWN = {"created": 1, "data": [{"b64_json": base64.b64encode(PNG).decode(), "revised_prompt": "A gear."}]}
COUNTED: dict[str, Any] = {
    "usage": {
        "input_tokens": 60,
        "output_tokens": 272,
        "total_tokens": 332,
        "input_tokens_details": {"text_tokens": 12, "image_tokens": 48},
    }
}


@pytest.fixture(scope="module")
def box(house: House) -> Iterator[Upstream]:
    with upstream(images_generations=DRAWN, images_edits=DRAWN) as box:
        house.services.keys.add_server(house.services.actor(), "Pictures", box.base_url, None)
        yield box


def opened(drawn: Any) -> list[Image.Image]:
    return [Image.open(io.BytesIO(base64.b64decode(each.b64_json))) for each in drawn.data]


def test_pictures(client: OpenAI) -> None:
    drawn = client.images.generate(
        model=MODEL,
        prompt="a gear",
        n=2,
        style="vivid",
        moderation="low",
        output_compression=50,
        stream=False,
    )
    assert [each.format for each in opened(drawn)] == ["PNG"] * 2


def test_a_picture_is_edited(client: OpenAI) -> None:
    edited = client.images.edit(model=MODEL, image=("a.png", PNG), prompt="turn it", n=2, size="128x64")
    assert [(each.format, each.size) for each in opened(edited)] == [("PNG", (128, 64))] * 2
    assert edited.created > 0


@pytest.mark.parametrize("given", [JPEG, WEBP], ids=["jpeg", "webp"])
def test_other_kinds_are_told_by_their_bytes(client: OpenAI, given: bytes) -> None:
    """A bare file has no name and no kind that could say it."""
    assert opened(client.images.edit(model=MODEL, image=io.BytesIO(given), prompt="turn it"))


def test_all_that_is_asked_goes_on_unchanged(client: OpenAI, box: Upstream) -> None:
    edited = client.images.edit(
        model="pictures/gpt-image-1", image=[("a.png", PNG), ("b.jpg", JPEG)], mask=("m.png", PNG), prompt="turn it",
        n=1, size="1024x1024", quality="high", background="transparent", input_fidelity="high", output_format="webp",
        output_compression=40, response_format="b64_json", stream=False, user="me",
    )  # fmt: skip
    assert box.last.path == "/images/edits"
    assert box.last.fields == {
        "model": "gpt-image-1", "prompt": "turn it", "n": "1", "size": "1024x1024", "quality": "high",
        "background": "transparent", "input_fidelity": "high", "output_format": "webp", "output_compression": "40",
    }  # fmt: skip
    assert box.last.files == [
        ("image[]", "image0.png", "image/png", PNG),
        ("image[]", "image1.jpg", "image/jpeg", JPEG),
        ("mask", "mask.png", "image/png", PNG),
    ]
    assert edited.data is not None
    assert (base64.b64decode(edited.data[0].b64_json or ""), edited.data[0].revised_prompt) == (PNG, "A gear.")
    assert edited.usage is None


def test_usage_is_the_provider_s(client: OpenAI, box: Upstream) -> None:
    box.answers |= {"/images/edits": DRAWN | COUNTED, "/images/generations": DRAWN | COUNTED}
    edited = client.images.edit(model="pictures/gpt-image-1", image=PNG, prompt="turn it")
    drawn = client.images.generate(model="pictures/gpt-image-1", prompt="a gear")
    for usage in (edited.usage, drawn.usage):
        assert usage is not None
        assert (usage.input_tokens, usage.output_tokens, usage.total_tokens) == (60, 272, 332)
        assert (usage.input_tokens_details.image_tokens, usage.input_tokens_details.text_tokens) == (48, 12)


def test_pictures_come_as_image_again_and_again_too(house: House, box: Upstream) -> None:
    with httpx.Client(headers={"Authorization": f"Bearer {house.token}"}, trust_env=False) as plain:
        answer = plain.post(
            f"{house.origin}/v1/images/edits",
            data={"model": "pictures/gpt-image-1", "prompt": "join them"},
            files=[("image", ("a.png", PNG)), ("image", ("b.webp", WEBP))],
        )
    assert answer.status_code == 200, answer.text
    assert [(name, data) for name, _, _, data in box.last.files] == [("image[]", PNG), ("image[]", WEBP)]


REFUSED: dict[str, tuple[dict[str, Any], str | None, str]] = {
    "no picture": ({"image": b"GIF89a" + bytes(64)}, "image", "is no PNG, JPEG or WebP"),
    "an empty one": ({"image": b""}, "image", "is empty"),
    "a cut one": ({"image": PNG[:-20]}, "image", "damaged or cut off"),
    "a changed one": ({"image": PNG[:45] + b"\0\0\0" + PNG[48:]}, "image", "damaged or cut off"),
    "the second one": ({"image": [PNG, b"words"]}, "image.1", "is no PNG"),
    "too many": ({"image": [PNG] * (MAX_PICTURES + 1)}, "image", "at most 16"),
    "a mask of another size": ({"mask": picture(size=(8, 8))}, "mask", "The mask has 8x8 pixels, the picture 96x64"),
    "a mask that is no PNG": ({"mask": JPEG}, "mask", "is no PNG"),
    "no prompt": ({"prompt": ""}, "prompt", "Field required"),
    "no model": ({"model": ""}, "model", "Field required"),
    "an address wanted": ({"response_format": "url"}, "response_format", "never as addresses"),
    "a stream wanted": ({"stream": True}, "stream", "not streamed"),
    "too many wanted": ({"n": 11}, "n", "less than or equal to 10"),
    "a choice left": ({"model": "auto"}, None, "chooses among the models that chat"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_can_t_be_edited_is_told_by_its_field(client: OpenAI, name: str) -> None:
    change, param, words = REFUSED[name]
    asked: dict[str, Any] = {"model": MODEL, "image": PNG, "prompt": "turn it"} | change
    with pytest.raises(openai.BadRequestError, match=words) as refused:
        client.images.edit(**asked)
    assert refused.value.param == param


def test_pictures_that_are_too_large(client: OpenAI) -> None:
    large = PNG + bytes(MAX_PICTURE_BYTES)
    with pytest.raises(openai.APIStatusError, match="larger than 25 MiB") as one:
        client.images.edit(model=MODEL, image=large, prompt="turn it")
    assert (one.value.status_code, one.value.param) == (413, "image")
    with pytest.raises(openai.APIStatusError, match="larger than 51 MiB") as all_of_them:
        client.images.edit(model=MODEL, image=[large] * 3, prompt="turn it")
    assert all_of_them.value.status_code == 413


def test_a_form_without_a_file(house: House) -> None:
    with httpx.Client(headers={"Authorization": f"Bearer {house.token}"}, trust_env=False) as plain:
        address = f"{house.origin}/v1/images/edits"
        fields = {"model": MODEL, "prompt": "turn it"}
        for options, param in (
            ({"files": {"mask": ("m.png", PNG)}, "data": fields}, "image"),
            ({"files": {"mask": ("m.png", PNG)}, "data": {**fields, "image": "words"}}, "image"),
            ({"json": {**fields, "image": "https://example.org/a.png"}}, None),
        ):
            answer = plain.post(address, **options)
            assert (answer.status_code, answer.json()["error"]["param"]) == (400, param), answer.text


def test_a_provider_s_refusal_is_passed_on(client: OpenAI, box: Upstream) -> None:
    error = {"error": {"message": "Invalid size '7x7'.", "type": "invalid_request_error", "param": "size"}}
    box.answers["/images/edits"] = lambda _: JSONResponse(error, 400)
    with pytest.raises(openai.BadRequestError, match="Invalid size '7x7'"):
        client.images.edit(model="pictures/gpt-image-1", image=PNG, prompt="turn it", size="7x7")


def test_addresses_of_pictures_are_refused_in_plain_words(client: OpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match="never as addresses: send b64_json, or leave it out"):
        client.images.generate(model=MODEL, prompt="a gear", response_format="url")

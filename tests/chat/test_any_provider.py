"""Any history, of every part in every order, becomes a request that Anthropic and Gemini take, for any model there.

One file, as each process that runs one of these imports litellm first.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from starlette.responses import JSONResponse

from core.chat.bridge import Abilities, render
from core.errors import ProviderError
from core.providers.litellm_transport import LitellmTransport
from data.values.messages import Author, Utterance
from data.values.parts import ImagePart, Part, TextPart, ToolCallPart, ToolResultPart
from data.values.tool_calls import ToolState
from tests.chat.histories import ABILITIES, CONTEXTS, EXCHANGES, FILES, HISTORIES, PARTS, WORDS, History, picture
from tests.chat.provider_shapes import CLAUDE, GEMINI, GEMINI_3, anthropic_shape, gemini_shape, on_the_wire, request_for
from tests.chat.read_back import in_anthropic, in_gemini, in_openai, in_parts
from tests.chat.strict_anthropic import check_anthropic
from tests.chat.strict_gemini import check_gemini
from tests.chat.test_any_history import goes_anywhere_and_back
from tests.gateway.calls import KEY
from tests.gateway.server import serve
from tests.gateway.test_direct_transport import Recorder

_few = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
_campaign = settings(_few, max_examples=5_000)


def goes_to_all(said: History, prompt: tuple[Part, ...], system: str, tokens: int | None, to: Abilities) -> None:
    history = [Utterance(seq, author, parts) for seq, (author, parts) in enumerate(said, 1)]

    def rendered_for(abilities: Abilities) -> Any:
        return render(
            history, prompt, system_prompt=system, context_tokens=tokens, abilities=abilities, files=FILES
        ).messages

    check_anthropic(anthropic_shape(rendered_for(replace(to, sounds=False)), tools=to.tools))  # none of them hears
    rendered = rendered_for(to)
    model = GEMINI_3 if len(said) % 2 else GEMINI  # they differ in the ids of calls alone
    check_gemini(gemini_shape(rendered, model, tools=to.tools), takes_ids=model == GEMINI_3)


@_few
@given(HISTORIES, PARTS, WORDS, CONTEXTS, ABILITIES)
def test_any_history_goes_to_anthropic_and_to_gemini(
    said: History, prompt: tuple[Part, ...], system: str, tokens: int | None, to: Abilities
) -> None:
    goes_to_all(said, prompt, system, tokens, to)


@pytest.mark.campaign
@_campaign
@given(HISTORIES, PARTS, WORDS, CONTEXTS, ABILITIES)
def test_any_history_goes_to_any_model_of_any_provider_and_back_campaign(
    said: History, prompt: tuple[Part, ...], system: str, tokens: int | None, to: Abilities
) -> None:
    goes_anywhere_and_back(said, prompt, system, tokens, to)
    goes_to_all(said, prompt, system, tokens, to)


@_few
@given(EXCHANGES)
def test_what_a_shape_can_hold_is_read_out_of_it_again(exchanges: list[tuple[tuple[Part, ...], ...]]) -> None:
    said = [
        (author, parts)
        for pair in exchanges
        for author, parts in zip((Author.USER, Author.ASSISTANT), pair, strict=True)
    ]
    asked: tuple[Part, ...] = (TextPart("And?"),)
    history = [Utterance(seq, author, parts) for seq, (author, parts) in enumerate(said, 1)]
    rendered: Any = render(history, asked, abilities=Abilities(pictures=True, tools=True), files=FILES).messages
    expected = in_parts([*said, (Author.USER, asked)])
    assert in_openai(rendered) == expected
    assert in_anthropic(anthropic_shape(rendered, tools=True)) == expected
    assert in_gemini(gemini_shape(rendered, GEMINI, tools=True)) == expected
    assert in_gemini(gemini_shape(rendered, GEMINI_3, tools=True)) == expected


_ADD = ToolCallPart("c1", "add", '{"a": "1"}', ToolState.DONE)
_ANSWER: tuple[Part, ...] = (
    TextPart("I add."),
    _ADD,
    ToolCallPart("c2", "add", '{"a":"1"}', ToolState.DONE),
    ToolResultPart("c1", (TextPart("data:image/png;base64,iVBOR"),)),
    ToolResultPart("c2", (TextPart('{"sum": 1e999}'),)),
    TextPart("Done."),
)
_PROMPT = (ImagePart(picture("PNG")[0], "a.png", 3, 2),)


def _rendered() -> Any:
    history = [Utterance(1, Author.USER, (TextPart("Add."),)), Utterance(2, Author.ASSISTANT, _ANSWER)]
    everything = Abilities(pictures=True, tools=True)
    return render(history, _PROMPT, system_prompt="Be short.", abilities=everything, files=FILES).messages


@pytest.mark.parametrize("model", [CLAUDE, GEMINI, GEMINI_3])
async def test_the_shape_is_the_body_that_is_sent(model: str) -> None:
    transport = LitellmTransport()
    recorder = Recorder(JSONResponse({"error": {"message": "no", "code": 400}}, 400))
    try:
        with serve(recorder) as origin:
            request = request_for(model, _rendered(), tools=True, base_url=origin)
            with pytest.raises(ProviderError):
                async with contextlib.aclosing(transport.stream(request, KEY)) as deltas:
                    async for _ in deltas:
                        pass
    finally:
        await transport.aclose()
    shape = await asyncio.to_thread(_shape, model)
    [body] = recorder.bodies
    said = {"messages", "system", "contents", "system_instruction", "tools"}
    assert {name: value for name, value in body.items() if name in said} == {
        name: value for name, value in shape.items() if name in said
    }


@pytest.mark.parametrize("model", [CLAUDE, GEMINI, GEMINI_3])
def test_a_result_is_text_and_each_of_two_equal_calls_has_its_own(model: str) -> None:
    shape = _shape(model)
    if model == CLAUDE:
        check_anthropic(shape)
    else:
        check_gemini(shape, takes_ids=model == GEMINI_3)
    sent = str(shape)
    assert sent.count("data:image/png;base64,iVBOR") == 1
    assert "1e999" in sent


def _shape(model: str) -> dict[str, Any]:
    return anthropic_shape(_rendered(), tools=True) if model == CLAUDE else gemini_shape(_rendered(), model, tools=True)


def test_what_can_t_be_written_is_refused_here_as_on_the_wire() -> None:
    for trap in (float("inf"), float("nan"), "\ud83d"):
        with pytest.raises(ValueError):
            on_the_wire({"contents": [trap]})

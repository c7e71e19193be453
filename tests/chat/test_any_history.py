"""Any history, of every part in every order, becomes a request that a strict server takes, for any model.

The long run of it is in `test_any_provider.py`, with the shapes of other providers.
"""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings

from core.chat.bridge import Abilities, RenderedHistory, render
from core.chat.bridge.rendering import room_for
from data.values.messages import Author, Utterance
from data.values.parts import ImagePart, Part, TextPart, ToolCallPart
from data.values.wire import parts_from_wire, parts_to_wire
from tests.chat.histories import ABILITIES, CONTEXTS, FILES, GONE, HISTORIES, PARTS, WORDS, History
from tests.chat.strict_openai import check

_few = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
_EVERYTHING = Abilities(pictures=True, sounds=True, tools=True)


def _rendered(said: History, prompt: tuple[Part, ...], system: str, tokens: int | None, to: Abilities) -> Any:
    history = [Utterance(seq, author, parts) for seq, (author, parts) in enumerate(said, 1)]
    return render(history, prompt, system_prompt=system, context_tokens=tokens, abilities=to, files=FILES)


def goes_anywhere_and_back(
    said: History, prompt: tuple[Part, ...], system: str, tokens: int | None, to: Abilities
) -> None:
    """What any model is sent is sound, and a model that takes everything is sent the originals after it."""
    before: RenderedHistory = _rendered(said, prompt, system, None, _EVERYTHING)
    there = _rendered(said, prompt, system, tokens, to)
    check(there.messages, pictures=to.pictures, tools=to.tools, sounds=to.sounds)
    check(before.messages, pictures=True, tools=True, sounds=True)
    # Back at a model that takes everything, from what is stored: the same request as if there had been no switch.
    stored = [(author, parts_from_wire(parts_to_wire(parts))) for author, parts in said]
    back = _rendered(stored, parts_from_wire(parts_to_wire(prompt)), system, None, _EVERYTHING)
    assert back.messages == before.messages
    if not before.is_cut:
        _holds_the_originals(said, prompt, before)


def _holds_the_originals(said: History, prompt: tuple[Part, ...], back: RenderedHistory) -> None:
    """Every picture that there is, and every text and call, is in the request of a model that takes all."""
    sent = str(back.messages)
    parts = [part for _, each in [*said, (Author.USER, prompt)] for part in each]
    there = (part.blob for part in parts if isinstance(part, ImagePart) and part.blob is not GONE)
    shown = {blob.digest for blob in there if blob.media_type != "image/gif"}  # which not every provider takes
    addresses = {
        part["image_url"]["url"]
        for message in back.messages
        if isinstance(message["content"], list)
        for part in message["content"]
        if part["type"] == "image_url"
    }
    # Pictures of an answer go on to the next message if they have room beside what was typed there; else it is told.
    without_room = sent.count("It comes with the next message.") - sent.count("of the answer before:]")
    assert len(addresses) >= len(shown) - without_room
    assert not without_room or back.losses.pictures
    for author, each in said:
        calls = sum(isinstance(part, ToolCallPart) for part in each) if author is Author.ASSISTANT else 0
        assert calls <= sent.count("'type': 'function'")


@_few
@given(HISTORIES, PARTS, WORDS, CONTEXTS, ABILITIES)
def test_any_history_goes_to_any_model_and_back(
    said: History, prompt: tuple[Part, ...], system: str, tokens: int | None, to: Abilities
) -> None:
    goes_anywhere_and_back(said, prompt, system, tokens, to)


@_few
@given(HISTORIES, CONTEXTS, ABILITIES)
def test_what_is_sent_beside_the_prompt_fits_the_room(said: History, tokens: int | None, to: Abilities) -> None:
    prompt: tuple[Part, ...] = (TextPart("And?"),)
    rendered: RenderedHistory = _rendered(said, prompt, "", tokens, to)
    alone = len(str(_rendered([], prompt, "", tokens, to).messages))
    contents = [message["content"] for message in rendered.messages if message["content"] is not None]
    texts = sum(
        len(each) if isinstance(each, str) else sum(len(part.get("text", "")) for part in each) for each in contents
    )
    joints = 15 * 2 * (len(said) + 1)  # stand-ins, and what joins two texts
    assert texts <= max(room_for(tokens), alone) + joints


@_few
@given(HISTORIES, PARTS, CONTEXTS, ABILITIES)
def test_only_the_oldest_messages_are_left_out_each_as_a_whole(
    said: History, prompt: tuple[Part, ...], tokens: int | None, to: Abilities
) -> None:
    rendered: RenderedHistory = _rendered(said, prompt, "", tokens, to)
    rest: RenderedHistory = _rendered(said[rendered.left_out :], prompt, "", tokens, to)
    assert 0 <= rendered.left_out <= len(said)
    assert not rest.is_cut
    assert [message["role"] for message in rest.messages] == [message["role"] for message in rendered.messages]
    check(rendered.messages, pictures=to.pictures, sounds=to.sounds, tools=to.tools)  # no call is cut from its result

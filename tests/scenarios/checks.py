"""What must hold of every reply in parts, whatever became of them."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal

from PIL import Image

from core.chat.composing.material import heard
from data.values.calls import CHAT as CHATS
from data.values.events import TurnEnded
from data.values.media import Blob
from data.values.messages import Author, Message, MessageStatus
from data.values.money import total
from data.values.parts import (
    AudioPart,
    ChartPart,
    ErrorPart,
    ImagePart,
    NoticePart,
    Part,
    StepPart,
    TextPart,
    VideoPart,
    every,
    text_of,
)
from data.values.plans import Action, StepState
from tests.scenarios.stage import SOON, Stage, Told

_GIVES: dict[Action, type[Part]] = {
    Action.WRITE: TextPart,
    Action.CHART: ChartPart,
    Action.DRAW: ImagePart,
    Action.EDIT: ImagePart,
    Action.SPEAK: AudioPart,
    Action.FILM: VideoPart,
}
_ASKED = {Action.DRAW: "draw", Action.EDIT: "edit", Action.SPEAK: "speak", Action.FILM: "film"}


def check(stage: Stage, told: Told, before: Sequence[Message] = (), *, prompt: str | None = None) -> Told:
    """That a turn is one cohesive message, in order, with all that it says is there and rightly paid; returns it.

    Args:
        before: the conversation before it, which must be as it was.
        prompt: what was said; None where a part of a reply was made again.
    """
    messages = stage.messages(told.conversation_id)
    if prompt is None:
        assert [each.id for each in messages] == [each.id for each in before], "no message came or went"
        others = [each for each in messages if each.id != told.reply.id]
        assert others == [each for each in before if each.id != told.reply.id], "all others are as they were"
    else:
        assert messages[: len(before)] == list(before), "what stood there is as it was"
        asked, reply = messages[len(before) :]
        assert (asked.author, reply.author) == (Author.USER, Author.ASSISTANT), "one question, one answer"
        assert text_of(asked.parts) == prompt
    _check_message(told)
    for part in told.steps:
        _check_step(stage, told, part)
    _check_books(stage, told)
    return told


def check_warehouse(stage: Stage) -> None:
    """That every call that has ended is in the warehouse, once, with the cost that it was booked with."""
    writer = stage.services.reports.usage._writer
    assert writer.flush(SOON), writer.status()
    with writer.reader() as con:
        kept = con.sql("SELECT event_id, cost_amount FROM model_calls").fetchall()
    booked = stage.rows("SELECT id, cost_amount FROM calls WHERE status != 'intent'")
    assert stage.rows("SELECT id FROM calls WHERE status = 'intent'") == [], "every call has ended"
    assert Counter(event for event, _ in kept) == Counter(call for call, _ in booked)
    paid = {call: None if amount is None else Decimal(str(amount)) for call, amount in booked}
    assert {event: amount and Decimal(amount).normalize() for event, amount in kept} == {
        call: amount and amount.normalize() for call, amount in paid.items()
    }


def _check_message(told: Told) -> None:
    reply, steps = told.reply, told.steps
    assert reply.status is not MessageStatus.STREAMING
    assert steps, "it was made in parts"
    ids = [part.step.id for part in steps]
    assert len(set(ids)) == len(ids), ids
    places = [at for at, part in enumerate(reply.parts) if isinstance(part, StepPart)]
    assert places == list(range(places[0], places[0] + len(places))), "the steps stand together"
    beside = [part for part in reply.parts if not isinstance(part, StepPart)]
    assert all(isinstance(part, NoticePart | ErrorPart) for part in beside), beside
    (last,) = list(told.turn.follow())[-1][-1:]
    assert isinstance(last, TurnEnded)
    assert (last.parts, last.details) == (reply.parts, reply.details), "viewers saw what is kept"
    is_stopped = reply.status in {MessageStatus.STOPPED, MessageStatus.INTERRUPTED}
    if any(part.state is StepState.DONE for part in steps) and not is_stopped:
        assert reply.status is MessageStatus.COMPLETE
    elif not is_stopped:
        assert reply.status is MessageStatus.FAILED


def _check_step(stage: Stage, told: Told, part: StepPart) -> None:
    step = part.step
    assert part.state.is_final, f"{step.id} is {part.state}"
    done = {each.step.id: each for each in told.steps}
    if part.state is not StepState.DONE:
        is_refused = told.reply.status is MessageStatus.STOPPED and part.state is StepState.SKIPPED
        said_once = is_refused and any(isinstance(each, NoticePart) for each in told.reply.parts)
        assert part.problem is not None or part.state is StepState.STOPPED or said_once, "it says why"
        if part.problem is not None:
            assert part.problem.message.strip()
        return
    assert part.problem is None
    assert step.instruction.strip() or step.action is Action.SPEAK
    given = [each for each in every(part.parts) if isinstance(each, _GIVES[step.action])]
    assert given, f"{step.id} gave {part.parts}"
    assert all(done[used].state is StepState.DONE for used in step.uses)
    for each in given:
        _check_given(stage, told, each)
    text = "\n\n".join(text_of(done[used].parts) for used in step.uses).strip()
    text = "\n\n".join([text, *(each.text for each in step.earlier)]).strip()
    if step.action is Action.SPEAK:
        said = " ".join(each.transcript for each in given if isinstance(each, AudioPart))
        assert said.split() == heard(text or step.instruction).split(), "it speaks what is written"
    if step.action in {Action.DRAW, Action.FILM} and text:
        what = [asked.words for asked in told.asked if asked.what == _ASKED[step.action]]
        if what:  # not where it was made before, and the rest anew
            assert any(text[:60] in words for words in what), f"{text[:60]!r} is not in {what}"


def _check_given(stage: Stage, told: Told, given: Part) -> None:
    match given:
        case TextPart(text):
            assert text.strip()
        case ChartPart(_, figure):
            assert figure["data"]
        case ImagePart(blob, _, width, height):
            with Image.open(io.BytesIO(_content(stage, told, blob))) as picture:
                assert picture.size == (width, height)
        case AudioPart(blob, _, seconds):
            assert _content(stage, told, blob)[:4] == b"RIFF"
            assert seconds
        case VideoPart(blob):
            assert _content(stage, told, blob)


def _content(stage: Stage, told: Told, blob: Blob) -> bytes:
    content = stage.services.chat.file(stage.actor, told.conversation_id, blob)
    assert content is not None
    assert len(content) == blob.size
    return content


def _check_books(stage: Stage, told: Told) -> None:
    """Each request that came to a server is a call of this turn, each is booked once, and the reply says their sum."""
    calls = stage.calls(told.turn)
    new = [call for call in calls if call.id not in told.calls_before]
    assert all(call.status != "intent" for call in calls), calls
    went_out = [call for call in new if not call.was_kept]
    stopped = sum(call.status == "stopped" for call in went_out)  # some of them before anything was sent
    assert len(went_out) - stopped <= len(told.asked) <= len(went_out), (went_out, [each.what for each in told.asked])
    chats = sum(call.modality == CHATS for call in went_out)
    assert chats - stopped <= sum(each.what == "chat" for each in told.asked) <= chats
    paid = [call for call in calls if call.status != "failed" or call.cost is not None]
    details = told.reply.details
    if not calls:
        assert details is None
        return
    assert details is not None
    if not paid:
        assert details.cost.amount is None
        return
    assert {call.model for call in paid} <= set(details.models)
    amounts = [call.cost for call in paid if call.cost is not None]
    if len(amounts) < len(paid):
        return  # of a voice that was stopped nobody knows how long it would have been
    assert details.cost.amount == sum(amounts)
    if not told.calls_before:
        costs = [part.cost for part in told.steps if part.cost.amount is not None]
        assert total(costs).amount == details.cost.amount, "the parts' costs add up to the reply's"

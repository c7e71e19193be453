"""Any plan, whichever steps fail and wherever it is stopped, ends in one sound message, with nothing paid twice."""

from __future__ import annotations

import asyncio
import io
import re
from collections.abc import AsyncGenerator, Iterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from core.chat.turn import TurnRunner
from core.errors import ProviderError
from core.providers.attempts import Attempts
from core.providers.catalog import Catalogue
from core.providers.gateway import Gateway
from core.providers.request import Answer, ModelRequest
from core.sandbox.sounds import speak
from data.values.calls import ErrorKind
from data.values.events import Delta, StreamEnd, TextDelta
from data.values.messages import MessageStatus
from data.values.models import Wire
from data.values.operations import Media, OperationKind, OperationRequest
from data.values.parts import StepPart, every
from data.values.plans import Action, Step, StepState
from data.values.registry import Prices
from data.values.results import Film, Output, Pictures, Sound
from data.values.wire import parts_from_wire, parts_to_wire
from tests.chat.house import SOON
from tests.composing.kitchen import MAKERS, Kitchen

_FATE = re.compile(r"\(fate (\w+)\)")
_PRICES = Prices("1", None, image=Decimal("0.01"), input_character=Decimal("0.001"), output_second=Decimal("0.02"))


def _png() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 8), "teal").save(out, "PNG")
    return out.getvalue()


_GIVEN: dict[OperationKind, Output] = {
    OperationKind.IMAGE: Pictures((Media(_png(), "image/png"),)),
    OperationKind.IMAGE_EDIT: Pictures((Media(_png(), "image/png"),)),
    OperationKind.SPEECH: Sound(Media(speak("Hm"), "audio/wav")),
    OperationKind.VIDEO: Film(Media(b"\0\0\0\x18ftypmp42" + bytes(16), "video/mp4")),
}


class FatefulTransport:
    """Stands in for a provider: what becomes of a call stands in what it is asked."""

    async def stream(self, request: ModelRequest, key: str | None) -> AsyncGenerator[Delta, None]:
        await _meets(str(request.messages[-1]["content"]).split("[Gearbox")[0])
        yield TextDelta("Some words")
        yield StreamEnd("stop")

    async def perform(self, request: OperationRequest, key: str | None) -> Answer:
        wanted: Any = request.wanted
        told = str(getattr(wanted, "instructions", None) or getattr(wanted, "prompt", None) or wanted.text)
        await _meets(told.split("It belongs", maxsplit=1)[0])
        return Answer(_GIVEN[request.kind])

    async def aclose(self) -> None:
        """Nothing is open."""


async def _meets(told: str) -> None:
    match _fate(told):
        case "late":
            await asyncio.sleep(0.01)
        case "fails":
            raise ProviderError(ErrorKind.AUTH, "The key is refused.", "Enter another one.")


def _fate(told: str) -> str:
    found = _FATE.search(told)
    return found.group(1) if found else "works"


async def _no_key(*_: object) -> None:
    return None


@st.composite
def plans(draw: st.DrawFn) -> tuple[Step, ...]:
    count = draw(st.integers(1, 6))
    made: list[Step] = []
    for number in range(count):
        action = draw(st.sampled_from([Action.WRITE, Action.DRAW, Action.SPEAK, Action.FILM, Action.EDIT]))
        fate = draw(st.sampled_from(["works", "works", "late", "fails"]))
        uses = draw(st.lists(st.sampled_from([each.id for each in made]), max_size=3, unique=True)) if made else []
        model = MAKERS.get(action, ("",))[0]
        made.append(Step(f"s{number}", action, f"Make {number} (fate {fate})", tuple(uses), model=model))
    return tuple(draw(st.permutations(made)))


@pytest.fixture(scope="module")
def kitchen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kitchen]:
    built = Kitchen(tmp_path_factory.mktemp("any"), "http://127.0.0.1:1/v1", Catalogue())
    parts = built.house
    gateway = Gateway({Wire.OPENAI: FatefulTransport()}, open_key=_no_key, prices_of=lambda _endpoint, _model: _PRICES)
    parts.attempts = Attempts(gateway, parts.attempts.precautions)
    parts.turns = TurnRunner(parts.store, parts.attempts, parts.loop, on_booked=lambda: None)
    yield built
    built.close()


def check(kitchen: Kitchen, steps: tuple[Step, ...], stopped_after: int | None) -> None:
    turn = kitchen.start("Go", steps)
    if stopped_after is not None:
        turn.wait_for_more(stopped_after, timeout=SOON if stopped_after < 3 else 0.05)
        turn.stop()
    assert turn.wait_ended(SOON), "it took too long"
    reply = kitchen.reply(turn)
    parts = [part for part in reply.parts if isinstance(part, StepPart)]
    assert [part.step for part in parts] == list(steps), "a step is lost, or stands elsewhere"
    assert all(part.state.is_final for part in parts)
    assert parts_from_wire(parts_to_wire(reply.parts)) == reply.parts
    by_id = {part.step.id: part for part in parts}
    for part in parts:
        if part.state is StepState.DONE:
            assert part.parts and all(by_id[used].state is StepState.DONE for used in part.step.uses)
        elif part.state is StepState.SKIPPED:
            assert any(by_id[used].state is not StepState.DONE for used in part.step.uses) and part.problem
        elif part.state is StepState.FAILED:
            assert part.problem and part.problem.message
        else:
            assert stopped_after is not None
    if stopped_after is None:
        assert reply.status is (
            MessageStatus.COMPLETE if any(part.state is StepState.DONE for part in parts) else MessageStatus.FAILED
        )
    else:
        assert reply.status in {MessageStatus.COMPLETE, MessageStatus.FAILED, MessageStatus.STOPPED}
    for blob in [part.blob for part in every(reply.parts) if hasattr(part, "blob")]:
        assert kitchen.house.store.blobs.content("alice", reply.conversation_id, blob.digest)
    booked = kitchen.house.rows("SELECT status, cost_amount FROM calls WHERE turn_id = ?", turn.begun.turn_id)
    assert len(booked) <= len(steps) and all(status != "intent" for status, _ in booked)
    paid = sum((Decimal(str(amount)) for _, amount in booked if amount is not None), Decimal())
    told = sum((part.cost.amount for part in parts if part.cost.amount is not None), Decimal())
    assert paid == told, "the parts say something else than the books"
    events = kitchen.house.rows("SELECT count(*) FROM outbox WHERE payload LIKE ?", f"%{turn.begun.turn_id}%")
    assert events == [(len(booked),)]


_quickly = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)


@settings(_quickly, max_examples=40)
@given(steps=plans(), stopped_after=st.none() | st.none() | st.integers(1, 12))
def test_any_plan_ends_in_a_sound_message(kitchen: Kitchen, steps: tuple[Step, ...], stopped_after: int | None) -> None:
    check(kitchen, steps, stopped_after)


@pytest.mark.campaign
@settings(_quickly, max_examples=400)
@given(steps=plans(), stopped_after=st.none() | st.none() | st.integers(1, 12))
def test_hundreds_of_plans_do(kitchen: Kitchen, steps: tuple[Step, ...], stopped_after: int | None) -> None:
    check(kitchen, steps, stopped_after)

"""Long mixes at random: whatever follows whatever, fails or is stopped, each reply is one message, and paid once."""

from __future__ import annotations

import random
import time
from collections import Counter

import pytest

from data.values.parts import AudioPart, ImagePart, StepPart, every
from data.values.plans import StepState
from tests.scenarios.checks import check
from tests.scenarios.drawn import CHANGE, PAINT, PAINT_IT, READ_IT, SAY, Drawing
from tests.scenarios.languages import LANGUAGES
from tests.scenarios.stage import CHAT, NOTHING, OTHER_CHAT, PLAYING, Stage, Told

SECONDS = 50
FAULTS = ("500", "401", "refused", "empty")


class Mix:
    """Some conversations, and what happens in them."""

    def __init__(self, stage: Stage, rng: random.Random) -> None:
        self.stage = stage
        self.rng = rng
        self.drawing = Drawing(rng)
        self.last: dict[str, Told] = {}
        self.seen: Counter[str] = Counter()

    def step(self) -> None:
        """One prompt in a new conversation or in one that there is, or one part of a reply made again."""
        told = self.rng.choice(list(self.last.values())) if self.last and self.rng.random() < 0.6 else None
        if told is not None and self.rng.random() < 0.3:
            return self._again(told)
        prompt = self._fresh() if told is None else self._next(told)
        conversation_id = None if told is None else told.conversation_id
        before = self.stage.messages(conversation_id) if conversation_id else []
        orders = NOTHING
        if self.rng.random() < 0.3:
            orders = {self.rng.choice(["chat", "draw", "edit", "speak"]): f"[[fault:{self.rng.choice(FAULTS)}]]"}
        stops = not orders and self.rng.random() < 0.15
        if stops:
            orders = {self.rng.choice(["chat", "draw", "speak"]): "[[delay:0.5]]"}
        seen = len(self.stage.asked)
        model = self.rng.choice([CHAT, CHAT, OTHER_CHAT, PLAYING])
        turn = self.stage.send(prompt, conversation_id, model=model, orders=orders)
        if stops:
            time.sleep(self.rng.random() * 0.4)
            turn.stop()
        told = self.stage.told(turn, seen)
        if not told.steps:  # in words: a prompt whose picture was never drawn means nothing
            assert told.reply.status.value in {"complete", "failed", "stopped"}
            self.seen["words"] += 1
            return None
        check(self.stage, told, before, prompt=prompt)
        self.seen.update(told.states)
        self.last[told.conversation_id] = told
        return None

    def _again(self, told: Told) -> None:
        before = self.stage.messages(told.conversation_id)
        part: StepPart = self.rng.choice(told.steps)
        made = check(self.stage, self.stage.again(told, part.step.id), before)
        others = [(old, new) for old, new in zip(told.steps, made.steps, strict=True) if old.step.id != part.step.id]
        assert all(new == old for old, new in others if old.state is StepState.DONE), "what was there is as it was"
        self.seen["again"] += 1
        self.last[told.conversation_id] = made

    def _fresh(self) -> str:
        kind = self.rng.randrange(5)
        if kind == 0:
            return self.drawing.chain_in(self.rng.choice(list(LANGUAGES)))
        if kind == 1:
            return self.drawing.one(PAINT).format(self.drawing.subject())
        if kind == 2:
            return self.drawing.one(SAY).format(self.drawing.words())
        if kind == 3:
            return self.drawing.joined(self.drawing.writing(self.drawing.subject())[0], self.drawing.one(PAINT_IT))
        return self.drawing.chain()[0]

    def _next(self, told: Told) -> str:
        held = {type(part) for part in every(told.reply.parts)}
        wishes = [self._fresh()]
        if ImagePart in held:
            wishes.append(self.drawing.one(CHANGE))
        if AudioPart in held:
            wishes.append(f"now say it aloud in {self.rng.choice(['Spanish', 'German', 'Italian'])}")
        wishes.append(self.drawing.one((*PAINT_IT, *READ_IT)))
        return self.rng.choice(wishes)


def mixed(stage: Stage, rng: random.Random, steps: int) -> Counter[str]:
    """So many steps, fewer on a slow machine; what became of the parts."""
    mix, end = Mix(stage, rng), time.monotonic() + SECONDS
    for done in range(steps):
        if time.monotonic() > end:
            print(f"a slow machine: {done} of {steps} steps")  # noqa: T201
            break
        mix.step()
    return mix.seen


def test_a_mix_at_random(stage: Stage, rng: random.Random) -> None:
    assert mixed(stage, rng, 12)["done"]


@pytest.mark.campaign
def test_long_mixes_at_random(stage: Stage, rng: random.Random) -> None:
    seen = mixed(stage, rng, 150)
    print(seen)  # noqa: T201
    assert all(seen[state] for state in ("done", "failed", "again"))

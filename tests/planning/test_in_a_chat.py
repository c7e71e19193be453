"""A whole conversation over the sandbox's HTTP: each prompt means something of before, and its plan is made."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from core.chat.planning.makers import Maker, Makers
from core.chat.planning.planner import Planner, Request
from core.providers.catalog import Catalogue
from data.values.actor import Actor
from data.values.messages import Utterance
from data.values.parts import AudioPart, ImagePart, Part, StepPart, TextPart, every
from data.values.plans import Action, Analysis, StepState
from tests.chat.recorded_sandbox import recorded_sandbox
from tests.composing.kitchen import MAKERS, Kitchen
from tests.people import ALICE
from tests.planning.house import outputs


class SandboxMakers(Makers):
    """The sandbox makes everything."""

    def __init__(self) -> None:
        """Without a registry."""

    def for_action(self, actor: Actor, action: Action, beside: str = "") -> Sequence[Maker]:
        return [Maker(each, "sandbox") for each in MAKERS[action]]


@pytest.fixture(scope="module")
def kitchen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kitchen]:
    with recorded_sandbox() as sandbox:
        built = Kitchen(tmp_path_factory.mktemp("planned"), sandbox.base_url, Catalogue())
        yield built
        built.close()


class Talk:
    """One conversation, planned as it goes."""

    def __init__(self, kitchen: Kitchen) -> None:
        self.kitchen = kitchen
        self.id: str | None = None
        self.said: tuple[str, ...] = ()

    def say(self, prompt: str, wanted: str) -> list[StepPart]:
        """Send a prompt; the steps of its reply."""
        plan = Planner(SandboxMakers()).plan(
            ALICE,
            Request(
                (TextPart(prompt),), self.history(), Analysis(outputs(wanted)), self.kitchen.house.choice().model
            ),
        )  # fmt: skip
        assert plan is not None
        self.said = plan.said
        turn, reply = self.kitchen.make(prompt, *plan.steps, conversation_id=self.id)
        self.id = turn.begun.conversation_id
        steps = [part for part in reply.parts if isinstance(part, StepPart)]
        assert [part.state for part in steps] == [StepState.DONE] * len(plan.steps)
        return steps

    def history(self) -> list[Utterance]:
        if self.id is None:
            return []
        shown = self.kitchen.house.chat.window(ALICE, self.id)
        return [Utterance(each.seq, each.author, each.parts) for each in shown]


def names(parts: Sequence[Part], kind: type[ImagePart]) -> list[str]:
    return [part.name for part in every(parts) if isinstance(part, kind)]


def heard(steps: Sequence[StepPart]) -> str:
    return " ".join(part.transcript for part in every(steps) if isinstance(part, AudioPart))


def test_each_prompt_means_the_right_thing_of_before(kitchen: Kitchen) -> None:
    talk = Talk(kitchen)
    write, draw, speak = talk.say("Write a haiku about the fog, paint it and read it aloud", "text image speech")
    (haiku,) = [part.text for part in write.parts if isinstance(part, TextPart)]
    assert heard([speak]).split()[:5] == haiku.split()[:5]
    (first,) = names(draw.parts, ImagePart)

    (edit,) = talk.say("make the sky darker", "image")
    assert [each.name for each in edit.step.earlier] == [first]
    (darker,) = names(edit.parts, ImagePart)

    (again,) = talk.say("noch dunkler bitte", "image")
    assert [each.name for each in again.step.earlier] == [darker]
    assert talk.said == ()

    (both,) = talk.say("combine the first and the last picture", "image")
    assert [each.name for each in both.step.earlier] == [first, *names(again.parts, ImagePart)]

    (spoken,) = talk.say("read the haiku aloud", "speech")
    assert [each.text for each in spoken.step.earlier] == [haiku]
    assert heard([spoken]) == heard([speak])

    translated, read = talk.say("dilo en español", "speech")
    assert [each.text for each in translated.step.earlier] == [heard([spoken])]
    assert read.step.uses == (translated.step.id,)

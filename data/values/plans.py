"""What a prompt asks for, and the steps that give it: prompt analysis, and plans of one reply in several parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from data.values.tasks import Task


class Output(StrEnum):
    """A kind of content that a person wants in a reply."""

    TEXT = "text"
    IMAGE = "image"
    SPEECH = "speech"
    CHART = "chart"
    VIDEO = "video"


class Input(StrEnum):
    """A kind of content that comes with a prompt, or stands earlier in the conversation."""

    TEXT = "text"
    IMAGE = "image"
    AUDIO = "audio"
    VIDEO = "video"
    DOCUMENT = "document"
    TABLE = "table"
    CHART = "chart"


@dataclass(frozen=True, slots=True)
class Analysis:
    """What a prompt asks for.

    Args:
        outputs: the kinds of content that are wanted; never empty.
        probabilities: calibrated, of each kind being wanted.
        task: what is to be done, in the one vocabulary.
        inputs: what comes with it.
        is_sure: whether what was decided is clear enough to act on without asking anybody.
        tasks: how likely each task is that fits the outputs, the likeliest first; they come to 1.
    """

    outputs: frozenset[Output]
    probabilities: Mapping[Output, float] = field(default_factory=dict)
    task: Task = Task.OTHER
    inputs: frozenset[Input] = frozenset()
    is_sure: bool = True
    tasks: Mapping[Task, float] = field(default_factory=dict)


class Action(StrEnum):
    """How a step gives what it gives. What is stored is keyed by these names: add, never rename."""

    WRITE = "write"  # a chat model writes it
    CHART = "chart"  # a chat model says what to draw, and it is drawn here
    DRAW = "draw"  # an image model makes a new picture
    EDIT = "edit"  # an image model changes pictures that there are
    SPEAK = "speak"  # a speech model reads a text aloud
    FILM = "film"  # a video model makes a film

    @property
    def output(self) -> Output:
        """What it gives."""
        return _OUTPUTS[self]


_OUTPUTS = {
    Action.WRITE: Output.TEXT,
    Action.CHART: Output.CHART,
    Action.DRAW: Output.IMAGE,
    Action.EDIT: Output.IMAGE,
    Action.SPEAK: Output.SPEECH,
    Action.FILM: Output.VIDEO,
}


@dataclass(frozen=True, slots=True)
class Earlier:
    """Something of the conversation that a step takes.

    Args:
        kind: what it is.
        name: what people call it: a file's name, a chart's title, the first words of a text.
        digest: of its bytes, where it is a picture, a sound, a film or a file.
        seq: of the message it stands in; None for what came with the prompt itself.
        text: itself, where it is text: an answer, a transcript; the data of a table or chart as CSV.
    """

    kind: Input
    name: str
    digest: str = ""
    seq: int | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One part of a reply, as it is planned.

    Args:
        id: its own within the reply.
        action: how it is made.
        instruction: what is to be made, for its model and for people to read; for SPEAK how to speak, where that is
            said, or the text itself where there is neither `uses` nor `earlier`.
        uses: ids of the steps of this reply whose results it takes; it begins when they are done.
        earlier: what it takes of the conversation.
        model: id of who makes it; empty leaves it to the model that the conversation is had with.
        cost: US dollars that it is going to take; None where nobody knows.
        seconds: how long it is going to take; None where nobody knows.
    """

    id: str
    action: Action
    instruction: str
    uses: tuple[str, ...] = ()
    earlier: tuple[Earlier, ...] = ()
    model: str = ""
    cost: Decimal | None = None
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Brief:
    """What the parts of one reply have in common, so that they fit each other. Empty where nothing was said.

    Args:
        request: the prompt.
        subject: what it is about, in its words.
        style: how it shall look or sound, in its words.
        language: of the reply, as a person would call it ("Spanish").
    """

    request: str
    subject: str = ""
    style: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """The steps of one reply, in the order in which it is read. `said` is what the reply has to say of the plan."""

    steps: tuple[Step, ...]
    brief: Brief
    said: tuple[str, ...] = ()

    @property
    def cost(self) -> Decimal | None:
        """US dollars of all steps; None when that of one is not known."""
        costs = [step.cost for step in self.steps]
        known = [cost for cost in costs if cost is not None]
        return sum(known, Decimal()) if len(known) == len(costs) else None

    @property
    def seconds(self) -> float | None:
        """How long it takes, with what is independent at the same time; None when that of one step is not known."""
        ends: dict[str, float] = {}
        for step in in_order(self.steps):
            if step.seconds is None:
                return None
            ends[step.id] = max((ends[used] for used in step.uses), default=0.0) + step.seconds
        return max(ends.values(), default=0.0)


def in_order(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """The steps, each behind those that it uses.

    Raises:
        ValueError: one uses itself, by whatever way, or one that is not there; or two have the same id.
    """
    left = {step.id: step for step in steps}
    if len(left) < len(steps):
        raise ValueError("two steps have the same id")
    found: dict[str, Step] = {}
    while left:
        ready = [step for step in left.values() if all(used in found for used in step.uses)]
        if not ready:
            raise ValueError(f"steps wait for each other, or for what is not there: {', '.join(left)}")
        for step in ready:
            found[step.id] = left.pop(step.id)
    return tuple(found.values())


class StepState(StrEnum):
    """Where a step stands. What is stored is keyed by these names."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"  # what it needs is not there, so it was not begun
    STOPPED = "stopped"

    @property
    def is_final(self) -> bool:
        """Whether it is over."""
        return self not in {StepState.WAITING, StepState.RUNNING}

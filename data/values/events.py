"""Typed events: what a transport yields, and what a turn tells its viewers."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from data.values.calls import ErrorKind, TokenUsage
from data.values.messages import CutAttempt, MessageStatus, ReplyDetails
from data.values.parts import Part, StepPart, ToolCallPart, ToolResultPart
from data.values.plans import Plan
from data.values.questions import Question
from data.values.routing import Decision
from data.values.sources import Source
from data.values.tool_calls import Effect


@dataclass(frozen=True, slots=True)
class TextDelta:
    """A piece of visible text."""

    text: str


@dataclass(frozen=True, slots=True)
class ReasoningDelta:
    """A piece of the model's reasoning."""

    text: str


@dataclass(frozen=True, slots=True)
class ToolCallDelta:
    """A piece of a tool call that the model makes.

    `index` tells parallel calls apart. `id` and `name` come with a call's first piece and are empty afterwards;
    `arguments` is the next piece of its JSON text.
    """

    index: int
    id: str = ""
    name: str = ""
    arguments: str = ""


@dataclass(frozen=True, slots=True)
class SourceDelta:
    """A page that the answer names; again for other words of it. None comes before the first words."""

    source: Source


@dataclass(frozen=True, slots=True)
class UsageReport:
    """The provider's own token counts."""

    usage: TokenUsage


@dataclass(frozen=True, slots=True)
class StreamEnd:
    """The provider finished its stream. `reason` is its finish reason ("stop", "length", ...)."""

    reason: str


Delta = TextDelta | ReasoningDelta | ToolCallDelta | SourceDelta | UsageReport | StreamEnd


@dataclass(frozen=True, slots=True)
class AnotherTry:
    """A call failed or could not be made, and another is about to be made, `wait` seconds from now.

    `failed_provider` and `failed_model` did not answer, for the reason `why` of the kind `kind`; `provider` and `model`
    are asked next, perhaps the same again. With `anew` the failed call had begun to answer: its text stands until
    `TookOver` comes, and for good if that never comes.
    """

    failed_provider: str
    failed_model: str
    kind: ErrorKind
    why: str
    provider: str
    model: str
    wait: float = 0.0
    anew: bool = False

    @property
    def is_fallback(self) -> bool:
        """Whether another model is asked than the one that failed."""
        return (self.failed_provider, self.failed_model) != (self.provider, self.model)


@dataclass(frozen=True, slots=True)
class TookOver:
    """What came before belongs to an answer that was cut; the deltas from here on are a whole new one."""

    provider: str
    model: str


@dataclass(frozen=True, slots=True)
class LeftOut:
    """The call that is now made goes without parts of what was asked: its model refuses them.

    `features` are their names ("vision", "tools", ...). It comes before the call's deltas, and holds for these alone.
    """

    features: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ToolsPrompted:
    """The model that is asked now takes no tools: it is told of them in words, and its calls are read from its text."""


AttemptEvent = AnotherTry | TookOver | LeftOut | ToolsPrompted


@dataclass(frozen=True, slots=True)
class TurnStarted:
    """A turn has its model and is on its way."""

    turn_id: str
    message_id: str
    provider: str
    model: str


@dataclass(frozen=True, slots=True)
class BeingReadied:
    """What is done before the model is asked; empty when that is over. Not kept."""

    line: str


@dataclass(frozen=True, slots=True)
class TurnEnded:
    """A turn is over and stored; `parts` is the whole reply, `cut` what it took the place of."""

    status: MessageStatus
    parts: tuple[Part, ...]
    details: ReplyDetails | None
    cut: CutAttempt | None = None


@dataclass(frozen=True, slots=True)
class ToolCallChanged:
    """A call of the answering model has come to another state: `call` is all of it as it is now."""

    call: ToolCallPart


@dataclass(frozen=True, slots=True)
class ApprovalAsked:
    """A call waits for the person's word, for what its tool does: `effect`.

    `again`: it would have run, had nothing come in since that others wrote.
    """

    call_id: str
    effect: Effect
    again: bool


@dataclass(frozen=True, slots=True)
class ToolProgress:
    """What a running tool says of how far it is; not kept."""

    call_id: str
    line: str


@dataclass(frozen=True, slots=True)
class ToolAsks:
    """A running tool waits for what the person says to a question; `key` is the question's. Not kept."""

    call_id: str
    key: str
    question: Question


@dataclass(frozen=True, slots=True)
class ToolAnswered:
    """Nothing waits any more for an answer to this question."""

    call_id: str
    key: str


@dataclass(frozen=True, slots=True)
class ToolEnded:
    """A call has its result, whether or not it did what was asked."""

    result: ToolResultPart


@dataclass(frozen=True, slots=True)
class RoundBegun:
    """The model is asked again, told what its tools gave. What follows comes after what there is.

    `step` of `steps` is what it may do now; `spent` and `budget` are US dollars, of what the answer's calls cost so far
    and may cost, None where there is no limit.
    """

    step: int
    steps: int
    spent: Decimal
    budget: Decimal | None


@dataclass(frozen=True, slots=True)
class StepChanged:
    """A part of a planned reply has come to another state: `part` is all of it as it is now."""

    part: StepPart


@dataclass(frozen=True, slots=True)
class InStep:
    """What happens while a part of a planned reply is written."""

    step_id: str
    event: TurnEvent


@dataclass(frozen=True, slots=True)
class StepProgress:
    """How far a step is; not kept."""

    step_id: str
    line: str


@dataclass(frozen=True, slots=True)
class PlanAsked:
    """The plan waits for the person's word. `key` is the question's."""

    key: str
    plan: Plan


@dataclass(frozen=True, slots=True)
class PlanAnswered:
    """It waits no longer."""

    key: str


@dataclass(frozen=True, slots=True)
class ModelAsked:
    """The model that Gearbox chose is costly and waits for the person's word. `key` is the question's."""

    key: str
    decision: Decision


@dataclass(frozen=True, slots=True)
class ModelAnswered:
    """It waits no longer; `model_id` is the one that answers, None: nobody was asked."""

    key: str
    model_id: str | None


PlanEvent = StepChanged | InStep | StepProgress | PlanAsked | PlanAnswered
ToolEvent = (
    ToolCallDelta | ToolCallChanged | ApprovalAsked | ToolProgress | ToolAsks | ToolAnswered | ToolEnded | RoundBegun
)
TurnEvent = (
    TurnStarted
    | BeingReadied
    | TextDelta
    | ReasoningDelta
    | SourceDelta
    | ToolEvent
    | PlanEvent
    | ModelAsked
    | ModelAnswered
    | AnotherTry
    | TookOver
    | TurnEnded
)

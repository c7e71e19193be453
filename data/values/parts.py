"""Message parts: what a message is made of.

Parts are values without identity; equal content is equal. Their wire form lives beside them in
`data.values.wire`, so that a part can change shape without old rows becoming unreadable.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from data.values.calls import ErrorKind
from data.values.media import Blob, Cell
from data.values.money import UNPRICED, Cost
from data.values.plans import Step, StepState
from data.values.sources import Source
from data.values.tool_calls import ToolState


@dataclass(frozen=True, slots=True)
class TextPart:
    """Markdown text."""

    text: str


@dataclass(frozen=True, slots=True)
class ReasoningPart:
    """What a model thought aloud before it answered; shown folded, never sent to another model."""

    text: str


@dataclass(frozen=True, slots=True)
class TextFilePart:
    """A text file that a person attached, as text; `size` is the length of the file itself, in bytes."""

    name: str
    text: str
    size: int


@dataclass(frozen=True, slots=True)
class ImagePart:
    """A picture. `width` and `height` are pixels; `caption` says in words what is seen on it, empty when nobody did."""

    blob: Blob
    name: str
    width: int
    height: int
    caption: str = ""


@dataclass(frozen=True, slots=True)
class AudioPart:
    """A sound. `seconds` is how long it lasts, None when unknown; `transcript` what is said in it or empty."""

    blob: Blob
    name: str
    seconds: float | None = None
    transcript: str = ""


@dataclass(frozen=True, slots=True)
class VideoPart:
    """A film. `seconds` is how long it lasts, None when unknown; `caption` what is to be seen in it or empty."""

    blob: Blob
    name: str
    seconds: float | None = None
    caption: str = ""


@dataclass(frozen=True, slots=True)
class FilePart:
    """A document as it came; its text is extracted when a model is to read it."""

    blob: Blob
    name: str


@dataclass(frozen=True, slots=True)
class TablePart:
    """Rows of a table; `total_rows` is how many there were before all but the first were left out."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    total_rows: int


@dataclass(frozen=True, slots=True)
class ChartPart:
    """A chart: `figure` is Plotly's JSON for it (`data` and `layout`), without addresses or scripts."""

    title: str
    figure: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ToolCallPart:
    """A call of a tool that the answering model made. `arguments` is JSON text as far as it came.

    `id` pairs it with its result within the message; `title` is the tool's name for people.
    """

    id: str
    name: str
    arguments: str
    state: ToolState
    title: str = ""


@dataclass(frozen=True, slots=True)
class ToolResultPart:
    """What a tool call gave: parts for the model and for people.

    `failed` when it gave none, the text then says why. `is_untrusted` when others than the team wrote what is in it: a
    page, a file. `seconds` is how long it ran.
    """

    call_id: str
    parts: tuple[Part, ...]
    failed: bool = False
    is_untrusted: bool = False
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class StepPart:
    """One part of a planned reply: the step, how it stands, and what it gave.

    Args:
        model: id of who made it, once somebody was asked.
        cost: what its calls cost.
        seconds: how long it took.
        problem: why there is nothing, or not all of it.
    """

    step: Step
    state: StepState
    parts: tuple[Part, ...] = ()
    model: str = ""
    cost: Cost = UNPRICED
    seconds: float | None = None
    problem: ErrorPart | None = None


@dataclass(frozen=True, slots=True)
class SourcesPart:
    """The pages that an answer names, for people to follow; never sent to a model."""

    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class NoticePart:
    """Something Gearbox itself says inside a message, for example that older turns were left out."""

    text: str


@dataclass(frozen=True, slots=True)
class ErrorPart:
    """Why a reply is missing or cut short: what happened and what to do."""

    kind: ErrorKind
    message: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class UnknownPart:
    """A part written by a newer release; kept verbatim so that nothing is lost on a rollback."""

    raw: Mapping[str, Any]


Part = (
    TextPart
    | TextFilePart
    | ReasoningPart
    | ImagePart
    | AudioPart
    | VideoPart
    | FilePart
    | TablePart
    | ChartPart
    | ToolCallPart
    | ToolResultPart
    | StepPart
    | SourcesPart
    | NoticePart
    | ErrorPart
    | UnknownPart
)


def pictures_in(parts: tuple[Part, ...]) -> list[ImagePart]:
    """The pictures of a message, those that its tools gave included."""
    return [part for part in every(parts) if isinstance(part, ImagePart)]


def every(parts: Iterable[Part]) -> Iterator[Part]:
    """The parts, and in the place of steps and tools' results what these gave."""
    for part in parts:
        if isinstance(part, ToolResultPart | StepPart):
            yield from every(part.parts)
        else:
            yield part


def unfolded(parts: Iterable[Part]) -> tuple[Part, ...]:
    """The parts of a message as if one model had made all of it: in the place of each step what it gave."""
    found: list[Part] = []
    for part in parts:
        if isinstance(part, StepPart):
            found += part.parts
            if part.problem is not None:
                found.append(part.problem)
        else:
            found.append(part)
    return tuple(found)


def text_of(parts: tuple[Part, ...]) -> str:
    """The plain text of a message: its text parts, one blank line between them. What was attached is not in it."""
    return "\n\n".join(part.text for part in unfolded(parts) if isinstance(part, TextPart))

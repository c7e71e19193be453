"""An answer as it is saved: what of it, in which order, and how it was made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from core.chat.title import title_from
from core.errors import GearboxError
from data.values.messages import Message
from data.values.money import Cost, CostBasis
from data.values.parts import (
    AudioPart,
    ChartPart,
    ErrorPart,
    FilePart,
    ImagePart,
    NoticePart,
    Part,
    SourcesPart,
    StepPart,
    TablePart,
    TextFilePart,
    TextPart,
    ToolCallPart,
    ToolResultPart,
    UnknownPart,
    VideoPart,
    text_of,
    unfolded,
)

Media = ImagePart | AudioPart | VideoPart | FilePart
Numbers = TablePart | ChartPart
Words = TextPart | TextFilePart | SourcesPart | NoticePart | ErrorPart
Content = Words | Media | Numbers

MOST_BYTES = 64 * 2**20
"""Of an answer's files together; an answer with tools may hold 60 MiB."""

_MOST_CHARS = 120

GONE = "is not there any more."


@dataclass(frozen=True, slots=True)
class Reply:
    """What is saved: an answer, and what it answered.

    Args:
        title: of its conversation.
        asked: the prompt, as it was typed.
    """

    title: str
    asked: str
    message: Message
    saved_at: datetime

    @property
    def contents(self) -> tuple[Content, ...]:
        """See `contents_of`."""
        return tuple(contents_of(self.message.parts))

    @property
    def when(self) -> str:
        """Where it is from and when it was saved."""
        return f"Saved from Gearbox on {self.saved_at:%Y-%m-%d %H:%M} UTC."


@dataclass(frozen=True, slots=True)
class Made:
    """A line on how an answer was made."""

    what: str
    who: str
    cost: str
    took: str


def contents_of(parts: tuple[Part, ...]) -> Iterator[Content]:
    """What people read of a message, in order: no thoughts, and of tools and steps what they gave."""
    for part in unfolded(parts):
        if isinstance(part, ToolResultPart):
            # The words of a tool are for the model, and others' (a page's, a file's).
            yield from (given for given in part.parts if isinstance(given, Media | Numbers))
        elif isinstance(part, UnknownPart):
            yield NoticePart("A newer version of Gearbox wrote something here that this one can't show.")
        elif isinstance(part, Content):
            yield part


def name_of(message: Message) -> str:
    """What a saved answer is called: by its first words, or by the first thing in it."""
    if text := text_of(message.parts):
        return title_from(text)
    found = (part.name for part in contents_of(message.parts) if isinstance(part, Media | TextFilePart))
    return next(found, "Reply")


def check_size(message: Message) -> None:
    """Hold an answer against what goes into one file.

    Raises:
        GearboxError: its files are too much together; what is the same counts once.
    """
    sizes = {part.blob.digest: part.blob.size for part in contents_of(message.parts) if isinstance(part, Media)}
    if (size := sum(sizes.values())) > MOST_BYTES:
        raise GearboxError(
            f"The files of this answer have {size / 2**20:,.0f} MB together; at most {MOST_BYTES // 2**20} MB are "
            "saved in one.",
            "Download them one by one, with the buttons below them.",
        )


def made(message: Message) -> list[Made]:
    """Who made each part, for how much and how long; the last line is the answer's own."""
    seconds = {part.call_id: part.seconds for part in message.parts if isinstance(part, ToolResultPart)}
    lines: list[Made] = []
    for part in message.parts:
        if isinstance(part, StepPart):
            said = " ".join(part.step.instruction.partition("\n")[0].split())
            what = part.step.action.value.capitalize() + (f": {said}" if said else "")
            what = what if len(what) <= _MOST_CHARS else f"{what[:_MOST_CHARS]}…"
            lines.append(Made(what, part.model, _money(part.cost) if part.model else "", _took(part.seconds)))
        elif isinstance(part, ToolCallPart):
            lines.append(Made(f"Tool: {part.title or part.name}", "", "", _took(seconds.get(part.id))))
    if (details := message.details) is not None:
        tokens = f" ({details.usage.input + details.usage.output:,} tokens)" if details.usage else ""
        took = None if details.latency_ms is None else details.latency_ms / 1000
        lines.append(Made(f"Answer{tokens}", f"{details.provider}/{details.model}", _money(details.cost), _took(took)))
    return lines


def _money(cost: Cost) -> str:
    if cost.amount is None:
        return "not priced"
    about = "about " if cost.basis is CostBasis.ESTIMATED else ""
    return f"{about}{cost.amount.normalize():f} {cost.currency}"


def _took(seconds: float | None) -> str:
    return "" if seconds is None else f"{seconds:.1f} s"

"""The one protocol of Gearbox's tools: what a model is told of one, and what running it takes and gives.

A tool may be a function of ours, or one of a server that was added; whoever runs it can't tell.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from core.errors import GearboxError
from data.values.actor import Actor
from data.values.media import Blob
from data.values.parts import Part, TextPart
from data.values.questions import Question, Said
from data.values.registry import Modality
from data.values.tool_calls import BUILTIN, Effect, ToolRule

Ask = Callable[[Question], Coroutine[Any, Any, Said]]
Input = TypeVar("Input", bound=BaseModel)

Keep = Callable[[bytes, str], Blob]
"""Puts bytes beside the messages; see `ToolContext.keep`."""

DEFAULT_TIMEOUT = 30.0
"""Seconds that a call may take, unless its tool says otherwise."""


@dataclass(frozen=True, slots=True)
class Attached:
    """A file of the conversation that a tool may read: what a person attached, or a tool gave.

    `read` gives its bytes, `text` what stands in a document as far as it was read when it came. Both block.
    """

    name: str
    media_type: str
    read: Callable[[], bytes]
    text: Callable[[], str | None] = lambda: None


@dataclass(frozen=True, slots=True)
class ToolContext:
    """Who calls, and from where.

    Args:
        actor: the person for whom it runs: it may do what they may, and no more.
        conversation_id: None where no conversation calls, for example when a person tries a tool out.
        attached: the files of the conversation, the oldest first.
        progress: takes a line that is shown while the tool runs; call it on the loop that runs the tool.
        keep: puts bytes beside the messages, given their media type, for parts that hold a `Blob`; blocks, and raises
            GearboxError for what can't be kept. None where nothing can be: a tool then says in words what it would
            have given.
        ask: puts a question to the person and waits for what they say; await it on the loop that runs the tool. None
            where nobody is there to answer.
    """

    actor: Actor
    conversation_id: str | None = None
    attached: tuple[Attached, ...] = ()
    progress: Callable[[str], None] = field(default=lambda _line: None)
    keep: Keep | None = None
    ask: Ask | None = None


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What a call gave.

    `parts` are for the model and for people: texts, tables, pictures. `failed` when the tool can't do what it was
    asked: the text says why and what would work. `is_untrusted` when others wrote what is in it: a page, a file.
    """

    parts: tuple[Part, ...]
    failed: bool = False
    is_untrusted: bool = False


@dataclass(frozen=True, slots=True)
class Tool:
    """Something that a model can ask Gearbox to do.

    Args:
        name: what models call it, of `[a-zA-Z0-9_-]`, at most 64.
        title: what people call it.
        description: tells a model when to call it and what comes back.
        schema: the JSON schema of its arguments, an object's.
        effect: what it does beside answering; decides whether somebody has to approve.
        run: does it, with arguments that fit the schema. Raises GearboxError with words that a model can act on;
            is cancelled when its time is up or the person stops the answer.
        timeout: seconds.
        gives: kinds of content that it may return.
        cost: what a call costs in a few words for people ("as the model that is asked"); empty when nothing.
        rule: whether the person it is offered to has to be asked; None: its effect decides.
        origin: BUILTIN, or the id of the server that brings it.
    """

    name: str
    title: str
    description: str
    schema: Mapping[str, Any]
    effect: Effect
    run: Callable[[Mapping[str, Any], ToolContext], Coroutine[Any, Any, ToolResult]]
    timeout: float = DEFAULT_TIMEOUT
    gives: frozenset[Modality] = frozenset({Modality.TEXT})
    cost: str = ""
    rule: ToolRule | None = None
    origin: str = BUILTIN


class ToolInput(BaseModel):
    """Arguments of a tool. A name that it does not know is refused: left out, the tool would do something else."""

    model_config = ConfigDict(extra="forbid")


def takes(
    model: type[Input], run: Callable[[Input, ToolContext], Coroutine[Any, Any, ToolResult]]
) -> Callable[[Mapping[str, Any], ToolContext], Coroutine[Any, Any, ToolResult]]:
    """`run` as a tool has it, for one whose arguments are a pydantic model; `model.model_json_schema()` is its schema.

    What the schema can't say (two fields that must fit each other) is refused in the model's own words.
    """

    async def with_arguments(arguments: Mapping[str, Any], context: ToolContext) -> ToolResult:
        try:
            read = model.model_validate(arguments)
        except ValidationError as error:
            wrong = (f"{'.'.join(map(str, each['loc'])) or 'the arguments'}: {each['msg']}" for each in error.errors())
            raise GearboxError("; ".join(wrong)) from None
        return await run(read, context)

    return with_arguments


def gives(output: BaseModel, *parts: Part, is_untrusted: bool = False) -> ToolResult:
    """A result with a typed output, which the model reads as JSON, and further parts."""
    return ToolResult((TextPart(output.model_dump_json(exclude_none=True)), *parts), is_untrusted=is_untrusted)

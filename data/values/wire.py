"""The stored JSON form of message parts, versioned.

A document is `{"v": 1, "parts": [{"type": "text", "text": "..."}, ...]}`. Unknown part types are
kept verbatim; a document of a newer version is read part by part in the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from decimal import Decimal
from typing import Any, TypedDict

from data.values.calls import ErrorKind
from data.values.media import Blob
from data.values.money import Cost, CostBasis
from data.values.parts import (
    AudioPart,
    ChartPart,
    ErrorPart,
    FilePart,
    ImagePart,
    NoticePart,
    Part,
    ReasoningPart,
    SourcesPart,
    StepPart,
    TablePart,
    TextFilePart,
    TextPart,
    ToolCallPart,
    ToolResultPart,
    UnknownPart,
    VideoPart,
)
from data.values.plans import Action, Earlier, Input, Step, StepState
from data.values.sources import source
from data.values.tool_calls import ToolState

PARTS_VERSION = 1


class PartsDocument(TypedDict):
    """The stored form of a message's parts."""

    v: int
    parts: list[dict[str, Any]]


def parts_to_wire(parts: tuple[Part, ...]) -> PartsDocument:
    """Encode parts for storage."""
    return {"v": PARTS_VERSION, "parts": [_encode(part) for part in parts]}


def parts_from_wire(document: Mapping[str, Any]) -> tuple[Part, ...]:
    """Decode stored parts; never raises for a part it does not know."""
    return tuple(_decode(raw) for raw in document.get("parts", ()))


def _encode(part: Part) -> dict[str, Any]:
    if isinstance(part, UnknownPart):
        return dict(part.raw)
    name, encode = _ENCODERS[type(part)]
    return {"type": name, **encode(part)}


def _decode(raw: Mapping[str, Any]) -> Part:
    try:
        return _DECODERS[raw["type"]](raw)
    except (ArithmeticError, AttributeError, KeyError, TypeError, ValueError):
        return UnknownPart(dict(raw))


def _flat(part: Any) -> dict[str, Any]:
    """The fields of a part whose values are JSON as they are."""
    return {each.name: getattr(part, each.name) for each in fields(part)}


def _with_blob(part: Any) -> dict[str, Any]:
    return {**_flat(part), "blob": _flat(part.blob)}


def _blob(raw: Mapping[str, Any]) -> Blob:
    held = raw["blob"]
    return Blob(str(held["digest"]), str(held["media_type"]), int(held["size"]))


def _sources(raw: Mapping[str, Any]) -> SourcesPart:
    named = (source(each["url"], each.get("title")) for each in raw["sources"])
    return SourcesPart(tuple(each for each in named if each is not None))


def _audio(raw: Mapping[str, Any]) -> AudioPart:
    return AudioPart(_blob(raw), str(raw["name"]), _seconds(raw), str(raw.get("transcript", "")))


def _video(raw: Mapping[str, Any]) -> VideoPart:
    return VideoPart(_blob(raw), str(raw["name"]), _seconds(raw), str(raw.get("caption", "")))


def _table(raw: Mapping[str, Any]) -> TablePart:
    columns = tuple(str(each) for each in raw["columns"])
    return TablePart(str(raw["title"]), columns, tuple(tuple(row) for row in raw["rows"]), int(raw["total_rows"]))


def _tool_call(raw: Mapping[str, Any]) -> ToolCallPart:
    state = ToolState(raw["state"])
    return ToolCallPart(str(raw["id"]), str(raw["name"]), str(raw["arguments"]), state, str(raw.get("title", "")))


def _tool_result(raw: Mapping[str, Any]) -> ToolResultPart:
    parts = tuple(_decode(each) for each in raw["parts"])
    flags = bool(raw.get("failed")), bool(raw.get("is_untrusted"))
    return ToolResultPart(str(raw["call_id"]), parts, *flags, _seconds(raw))


def _from_step(part: StepPart) -> dict[str, Any]:
    problem = None if part.problem is None else _encode(part.problem)
    cost = {**_flat(part.cost), "amount": _exact(part.cost.amount), "basis": part.cost.basis.value}
    step = {
        **_flat(part.step),
        "action": part.step.action.value,
        "uses": list(part.step.uses),
        "earlier": [{**_flat(each), "kind": each.kind.value} for each in part.step.earlier],
        "cost": _exact(part.step.cost),
    }
    made = [_encode(each) for each in part.parts]
    return {**_flat(part), "step": step, "state": part.state.value, "parts": made, "cost": cost, "problem": problem}


def _step(raw: Mapping[str, Any]) -> StepPart:
    planned, cost, problem = raw["step"], raw["cost"], raw.get("problem")
    earlier = tuple(
        Earlier(Input(each["kind"]), str(each["name"]), str(each["digest"]), each["seq"], str(each["text"]))
        for each in planned["earlier"]
    )
    uses = tuple(str(each) for each in planned["uses"])
    made_by, guess, seconds = str(planned["model"]), _decimal(planned["cost"]), _seconds(planned)
    step = Step(
        str(planned["id"]),
        Action(planned["action"]),
        str(planned["instruction"]),
        uses,
        earlier,
        made_by,
        guess,
        seconds,
    )
    paid = Cost(_decimal(cost["amount"]), CostBasis(cost["basis"]), str(cost["currency"]), str(cost["price_version"]))
    parts = tuple(_decode(each) for each in raw["parts"])
    why = _decode(problem) if problem else None
    return StepPart(
        step,
        StepState(raw["state"]),
        parts,
        str(raw["model"]),
        paid,
        _seconds(raw),
        why if isinstance(why, ErrorPart) else None,
    )


def _exact(amount: Decimal | None) -> str | None:
    return None if amount is None else str(amount)


def _decimal(amount: str | None) -> Decimal | None:
    return None if amount is None else Decimal(amount)


def _seconds(raw: Mapping[str, Any]) -> float | None:
    seconds = raw.get("seconds")
    return None if seconds is None else float(seconds)


_ENCODERS: Mapping[type, tuple[str, Callable[[Any], dict[str, Any]]]] = {
    TextPart: ("text", _flat),
    TextFilePart: ("text_file", _flat),
    ReasoningPart: ("reasoning", _flat),
    ImagePart: ("image", _with_blob),
    AudioPart: ("audio", _with_blob),
    VideoPart: ("video", _with_blob),
    FilePart: ("file", _with_blob),
    TablePart: (
        "table",
        lambda part: {**_flat(part), "columns": list(part.columns), "rows": [list(row) for row in part.rows]},
    ),
    ChartPart: ("chart", lambda part: {"title": part.title, "figure": dict(part.figure)}),
    ToolCallPart: ("tool_call", lambda part: {**_flat(part), "state": part.state.value}),
    ToolResultPart: ("tool_result", lambda part: {**_flat(part), "parts": [_encode(each) for each in part.parts]}),
    StepPart: ("step", _from_step),
    SourcesPart: (
        "sources",
        lambda part: {"sources": [{"url": each.url, "title": each.title} for each in part.sources]},
    ),
    NoticePart: ("notice", _flat),
    ErrorPart: ("error", lambda part: {**_flat(part), "kind": part.kind.value}),
}

_DECODERS: Mapping[str, Callable[[Mapping[str, Any]], Part]] = {
    "text": lambda raw: TextPart(str(raw["text"])),
    "text_file": lambda raw: TextFilePart(str(raw["name"]), str(raw["text"]), int(raw["size"])),
    "reasoning": lambda raw: ReasoningPart(str(raw["text"])),
    "image": lambda raw: ImagePart(
        _blob(raw), str(raw["name"]), int(raw["width"]), int(raw["height"]), str(raw.get("caption", ""))
    ),
    "audio": _audio,
    "video": _video,
    "file": lambda raw: FilePart(_blob(raw), str(raw["name"])),
    "table": _table,
    "chart": lambda raw: ChartPart(str(raw["title"]), dict(raw["figure"])),
    "tool_call": _tool_call,
    "tool_result": _tool_result,
    "step": _step,
    "sources": _sources,
    "notice": lambda raw: NoticePart(str(raw["text"])),
    "error": lambda raw: ErrorPart(ErrorKind(raw["kind"]), str(raw["message"]), str(raw.get("remedy", ""))),
}

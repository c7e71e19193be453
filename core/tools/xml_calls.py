"""Calls in elements: Qwen3-coder's and Claude's parameters, GLM's keys and values, plain XML."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from typing import Any

from core.tools.broken_json import NotJsonError, read_json
from core.tools.tool_names import ARGUMENTS, NAMES, Tools, known, unwrapped
from core.tools.values import ReadCall, ToolSpec

FUNCTION = re.compile(r"<function(?:=|\s+name=)[\"']?([^>\"'\s({]+)[\"']?\s*(?:>|(?=[({]))")
INVOKE = re.compile(r"<(?:\w+:)?invoke\s+name=[\"']?([^>\"']+?)[\"']?\s*>")
GLM_NAME = re.compile(r"\s*([\w.\-]+)\s*(?=<arg_key>|$)")
_PARAMETER = re.compile(r"<(?:\w+:)?param(?:eter)?(?:=|\s+name=)[\"']?([^>\"'\s]+)[\"']?[^>]*>")
_PARAMETER_END = re.compile(
    r"\n?</(?:\w+:)?param(?:eter)?>|\n?(?=<(?:\w+:)?param(?:eter)?[=\s])|\n?(?=</(?:\w+:)?(?:function|invoke)>)"
)
_GLM_KEY = re.compile(r"<arg_key>(.*?)</arg_key>\s*(?:<arg_value>)?", re.DOTALL)
_GLM_END = re.compile(r"</arg_value>|\n?(?=<arg_key>)")
_ELEMENT = re.compile(r"\s*<([A-Za-z_][\w.\-]*)\s*>")


def by_parameters(body: str, opener: re.Pattern[str], closer: str, tools: Tools) -> Iterator[ReadCall]:
    """Each parameter an element, its text as it is; or an element for each; or one JSON object for all."""
    starts = list(opener.finditer(body))
    for place, start in enumerate(starts):
        last = starts[place + 1].start() if place + 1 < len(starts) else len(body)
        inner = body[start.end() : last]
        name = known(start.group(1).strip(), tools)
        if _PARAMETER.search(inner):
            yield ReadCall(name, _parameters(inner, _PARAMETER, _PARAMETER_END, tools.get(name)))
            continue
        text = inner.partition(f"</{closer}>")[0].strip().removeprefix("(").removesuffix(")")
        if text.startswith("{"):
            yield ReadCall(name, unwrapped(name, object_in(text), tools))
        else:
            yield ReadCall(name, {key: typed(value, key, tools.get(name)) for key, value in _children(text)})


def glm(body: str) -> list[ReadCall]:
    """A name, then keys and values by turns."""
    named = GLM_NAME.match(body)
    return [] if named is None else [ReadCall(named.group(1), _parameters(body, _GLM_KEY, _GLM_END, None))]


def elements(body: str, tools: Tools) -> list[ReadCall]:
    """Plain XML: the tool's own element with one for each argument, or elements for its name and its arguments."""
    first = _ELEMENT.match(body)
    if first is None:
        return []
    inner, closed, _ = body[first.end() :].partition(f"</{first.group(1)}>")
    if first.group(1) in tools:
        return _own_element(inner, tools[first.group(1)], is_closed=bool(closed))
    held = dict(_children(body))
    if len(held) == 1 and first.group(1) not in NAMES:
        held = dict(_children(inner))
    name = next((held[each].strip() for each in NAMES if each in held), "")
    if not name:
        return []
    given = next((held[each] for each in ARGUMENTS if each in held), "")
    tool = tools.get(known(name, tools))
    if given.lstrip().startswith("{"):
        return [ReadCall(known(name, tools), object_in(given))]
    return [ReadCall(known(name, tools), {key: typed(value, key, tool) for key, value in _children(given)})]


def _own_element(inner: str, tool: ToolSpec, *, is_closed: bool) -> list[ReadCall]:
    if inner.lstrip().startswith("{"):
        return [ReadCall(tool.name, object_in(inner))]
    given = {key: typed(value, key, tool) for key, value in _children(inner)}
    # An element of HTML may have a tool's name.
    is_call = given or (is_closed and not inner.strip() and not tool.schema.get("properties"))
    return [ReadCall(tool.name, given)] if is_call else []


def object_in(text: str) -> Any:
    """JSON as far as it can be read; else the text, for which the schema will have words."""
    try:
        return read_json(text)[0]
    except NotJsonError:
        return text


def typed(text: str, name: str, tool: ToolSpec | None) -> Any:
    """A parameter's text as what its schema wants; a text where that wants one, or says nothing and it is no JSON."""
    properties = tool.schema.get("properties") if tool else None
    schema = properties.get(name) if isinstance(properties, Mapping) else None
    kind = schema.get("type") if isinstance(schema, Mapping) else None
    if kind == "string":
        return html.unescape(text) if "&" in text and ("&lt;" in text or "&amp;" in text or "&quot;" in text) else text
    stripped = text.strip()
    try:
        value, end = read_json(stripped)
    except NotJsonError:
        return text
    return value if end == len(stripped) and not (isinstance(value, str) and stripped[:1] not in "\"'") else text


def _parameters(text: str, key: re.Pattern[str], end: re.Pattern[str], tool: ToolSpec | None) -> dict[str, Any]:
    made: dict[str, Any] = {}
    at = 0
    while found := key.search(text, at):
        ended = end.search(text, found.end())
        at = ended.start() if ended else len(text)
        value = text[found.end() : at]
        made[found.group(1).strip()] = typed(value.removeprefix("\n"), found.group(1).strip(), tool)
        at = max(at, ended.end() if ended else at)
    return made


def _children(text: str) -> Iterator[tuple[str, str]]:
    at = 0
    while found := _ELEMENT.match(text, at):
        close = f"</{found.group(1)}>"
        end = text.find(close, found.end())
        yield found.group(1), text[found.end() : end if end >= 0 else len(text)]
        if end < 0:
            return
        at = end + len(close)

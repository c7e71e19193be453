"""What stands between the marks of a tool call, read: JSON, XML of several kinds, Python, names with arguments.

The forms are those of the chat templates of Hermes and Qwen, Qwen3-coder, Llama 3 and 4, Mistral, DeepSeek, Kimi, GLM,
MiniMax, Gemma and Gemini, gpt-oss, and Claude before it had tools of its own. Who writes one between another one's
marks is read, too.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from typing import Any

from core.tools.broken_json import NotJsonError, read_json
from core.tools.python_calls import PYTHON, python_calls
from core.tools.tool_names import ARGUMENTS, BESIDE, NAMES, Tools, known, properties_of, unwrapped
from core.tools.values import ReadCall
from core.tools.xml_calls import FUNCTION, GLM_NAME, INVOKE, by_parameters, elements, glm, object_in

_WRAPPERS = ("tool_calls", "function_call", "tool_call", "tool_uses", "calls")
_TOKEN_CALL = re.compile(r"<\|tool_call_begin\|>")
_TOKEN = re.compile(r"<\|[\w\s]{1,40}\|>")
_NAME = re.compile(r"\s*(?:call:|:)?(?:(?:functions?|default_api)[.:])?([\w.\-]+)(?::\d+)?:?\s*")
_SEPARATOR = re.compile(r"[\s;,]*(?:</?tool_calls?>|</?function_calls?>|\[TOOL_CALLS\]|<\|python_tag\|>)?[\s;,]*")
_OPENED_TWICE = re.compile(r"\s*<(?:tool_calls|function_calls?)>")
_FENCED = re.compile(r"\s*```\w*\s*\n?(.*?)\s*(?:```\s*)?$", re.DOTALL)
_FENCE = re.compile(r"```\w*\s*")
_BRANDS = re.compile(r"(?<=[</])\|DSML\||\]<\]minimax\[>\[")
_QUOTED = re.compile(r"(<\|\"\|>|<escape>)(.*?)\1", re.DOTALL)


def calls_in(body: str, tools: Tools, *, is_marked: bool = True) -> tuple[list[ReadCall], str]:
    """The calls at the beginning of `body`, whatever form they have, and what comes after them.

    No calls: nothing in `body` could be read as one; the rest is then all of it. `is_marked`: see `calls_of`.
    """
    if "|DSML|" in body or "]minimax[" in body:
        body = _BRANDS.sub("", body)
    if '<|"|>' in body or "<escape>" in body:  # Gemma's quotes
        body = _QUOTED.sub(lambda found: json.dumps(found.group(2)), body)
    body = _OPENED_TWICE.sub("", body, 1) if _OPENED_TWICE.match(body) else body
    found = _calls(body, tools, is_marked=is_marked)
    if not found[0] and (inner := _FENCED.match(body)):
        found = _calls(inner.group(1), tools, is_marked=is_marked)
    if not found[0] and "&quot;" in body:
        found = _calls(html.unescape(body), tools, is_marked=is_marked)
    return found


def called(name: str, body: str, tools: Tools) -> tuple[list[ReadCall], str]:
    """The call of a tool that was named before its arguments, and what comes after it."""
    text = body.strip().removeprefix("[")
    name = known(name, tools)
    try:
        value, end = read_json(text) if text else ({}, 0)
    except NotJsonError:
        value, end = text, len(text)
    return [ReadCall(name, unwrapped(name, value, tools))], text[end:]


def calls_of(value: Any, tools: Tools, *, is_marked: bool = True) -> list[ReadCall]:  # noqa: PLR0911 one for each form
    """The calls that a JSON value stands for.

    Args:
        is_marked: nothing but a call can stand there. Else what has no arguments, or a schema for some, is none.
    """
    if isinstance(value, list):
        return [call for each in value for call in calls_of(each, tools, is_marked=is_marked)]
    if not isinstance(value, dict):
        return []
    for wrapper in _WRAPPERS:
        held = value.get(wrapper)
        if isinstance(held, list | dict) and (made := calls_of(held, tools, is_marked=is_marked)):
            return made
    if isinstance(inner := value.get("function"), dict) and (made := calls_of(inner, tools, is_marked=is_marked)):
        return made
    if len(value) == 1 and (only := next(iter(value))) in tools and isinstance(value[only], dict):
        return [ReadCall(only, value[only])]
    for key in NAMES:
        if isinstance(name := value.get(key), str) and name:
            name = known(name, tools)
            given = next((each for each in ARGUMENTS if each in value), None)
            if given is None:
                arguments: Any = {each: held for each, held in value.items() if each not in {key, *_BESIDE}}
                lacks = not arguments and name in tools and tools[name].schema.get("required")
                if not is_marked and (lacks or not set(arguments) <= set(properties_of(name, tools))):
                    return []
            else:
                arguments = value[given]
            if not is_marked and _is_schema(arguments, name, tools):
                return []
            return [ReadCall(name, arguments)]
    return []


_BESIDE = BESIDE - {*NAMES, *ARGUMENTS}


def _is_schema(arguments: Any, name: str, tools: Tools) -> bool:
    """Whether it says which arguments there are."""
    return (
        isinstance(arguments, dict)
        and isinstance(arguments.get("properties"), dict)
        and "properties" not in properties_of(name, tools)
    )


def _calls(body: str, tools: Tools, *, is_marked: bool) -> tuple[list[ReadCall], str]:  # noqa: PLR0911 one for each form
    stripped = body.lstrip()
    start = stripped[:1]
    if start in {"{", "["} and (found := _jsons(body, tools, is_marked=is_marked))[0]:
        return found
    if start == "<" and stripped.startswith("<tool_call>"):
        return [
            call for each in body.split("<tool_call>") for call in calls_in(each.partition("</tool_call>")[0], tools)[0]
        ], ""
    if _TOKEN_CALL.search(body):
        return list(_by_tokens(body, tools)), ""
    for pattern, closer in ((FUNCTION, "function"), (INVOKE, "invoke")):
        if pattern.search(body):
            return list(by_parameters(body, pattern, closer, tools)), ""
    if "<arg_key>" in body or (GLM_NAME.fullmatch(body) and body.strip() in tools):
        return glm(body), ""
    if PYTHON.match(body) and (made := python_calls(body, tools)):
        return made, ""
    if start == "<" and (made := elements(body, tools)):
        return made, ""
    return _named_json(body, tools)


def _jsons(body: str, tools: Tools, *, is_marked: bool) -> tuple[list[ReadCall], str]:
    """JSON values one after the other, blanks, commas or semicolons between them."""
    made: list[ReadCall] = []
    at = 0
    while body[at : at + 1] in {"{", "["} or not at:
        try:
            value, end = read_json(body, at)
        except NotJsonError:
            break
        found = calls_of(value, tools, is_marked=is_marked)
        if not found:
            break
        made += found
        at = end
        separated = _SEPARATOR.match(body, at)
        if separated and body[separated.end() : separated.end() + 1] in {"{", "["}:
            at = separated.end()
    return made, body[at:]


def _by_tokens(body: str, tools: Tools) -> Iterator[ReadCall]:
    """DeepSeek's and Kimi's: a name, perhaps its kind before it, then arguments, perhaps in a fence."""
    for piece in _TOKEN_CALL.split(body)[1:]:
        written = piece.partition("<|tool_call_end|>")[0]
        if written.lstrip().startswith("function<|tool_sep|>"):
            written = written.partition("<|tool_sep|>")[2]
        if (brace := written.find("{")) < 0:
            name, arguments = _TOKEN.split(written)[0], {}
        else:
            name = written[:brace].split("<|")[0].split("```")[0]
            arguments = object_in(written[brace:])
        if name.strip():
            named = known(name.strip(), tools)
            yield ReadCall(named, unwrapped(named, arguments, tools))
        elif isinstance(arguments, dict):
            yield from calls_of(arguments, tools)


def _named_json(body: str, tools: Tools) -> tuple[list[ReadCall], str]:
    """Mistral's later form and the like: `name{...}` or `name[ARGS]{...}`, several one after the other."""
    made: list[ReadCall] = []
    at = end = 0
    while named := _NAME.match(body, at):
        after = named.end()
        if body.startswith("[CALL_ID]", after):
            after = body.find("[", after + 9) if "[" in body[after + 9 :] else after
        if body.startswith("[ARGS]", after):
            after += 6
        while body[after : after + 1] in {" ", "\n"}:
            after += 1
        if fence := _FENCE.match(body, after):
            after = fence.end()
        if body[after : after + 1] not in {"{", "("}:
            break
        try:
            value, end = read_json(_braced(body, after), after)
        except NotJsonError:
            break
        if body[after] == "(" and not value and body[after : after + 2] != "()":  # code, and none of its arguments read
            break
        made.append(ReadCall(known(named.group(1), tools), value))
        at = _SEPARATOR.match(body, end).end()  # type: ignore[union-attr]
    return made, body[end:] if made else body


def _braced(body: str, at: int) -> str:
    """`(city: "Rome")` with braces, of the same length."""
    if body[at] == "{" or (close := body.rfind(")")) < at:
        return body
    return f"{body[:at]}{{{body[at + 1 : close]}}}{body[close + 1 :]}"

"""What stands between the marks of a tool call, read: JSON, XML of several kinds, Python, names with arguments.

The forms are those of the chat templates of Hermes and Qwen, Qwen3-coder, Llama 3 and 4, Mistral, DeepSeek, Kimi, GLM,
Gemma and Gemini, and Claude before it had tools of its own. Who writes one between another one's marks is read, too.
"""

from __future__ import annotations

import ast
import html
import re
from collections.abc import Iterator, Mapping
from typing import Any

from core.tools.broken_json import NotJsonError, read_json
from core.tools.values import ReadCall, ToolSpec

_NAMES = ("name", "tool_name", "tool", "function_name", "function", "action", "recipient_name")
_ARGUMENTS = ("arguments", "parameters", "args", "params", "input", "tool_input", "action_input", "kwargs")
_WRAPPERS = ("tool_calls", "function_call", "tool_call", "tool_uses", "calls")
_FUNCTION = re.compile(r"<function(?:=|\s+name=)[\"']?([^>\"'\s]+)[\"']?\s*>")
_INVOKE = re.compile(r"<(?:\w+:)?invoke\s+name=[\"']?([^>\"']+?)[\"']?\s*>")
_PARAMETER = re.compile(r"<(?:\w+:)?parameter(?:=|\s+name=)[\"']?([^>\"'\s]+)[\"']?[^>]*>")
_PARAMETER_END = re.compile(
    r"\n?</(?:\w+:)?parameter>|(?=<(?:\w+:)?parameter[=\s])|\n?(?=</(?:\w+:)?(?:function|invoke)>)"
)
_GLM_NAME = re.compile(r"\s*([\w.\-]+)\s*(?=<arg_key>|$)")
_GLM_KEY = re.compile(r"<arg_key>(.*?)</arg_key>\s*<arg_value>", re.DOTALL)
_GLM_END = re.compile(r"</arg_value>|(?=<arg_key>)")
_ELEMENT = re.compile(r"\s*<([A-Za-z_][\w.\-]*)\s*>")
_TOKEN_CALL = re.compile(r"<\|tool_call_begin\|>")
_TOKEN = re.compile(r"<\|[\w\s]{1,40}\|>")
_NAME = re.compile(r"\s*(?:functions?[.:])?([\w.\-]+)(?::\d+)?\s*")
_SEPARATOR = re.compile(r"[\s;,]*(?:</?tool_calls?>|\[TOOL_CALLS\]|<\|python_tag\|>)?[\s;,]*")
_PYTHON = re.compile(r"\s*\[?\s*(?:print\s*\(\s*)?([A-Za-z_][\w.]*)\s*\(")

Tools = Mapping[str, ToolSpec]


def calls_in(body: str, tools: Tools) -> tuple[list[ReadCall], str]:  # noqa: PLR0911 one for each form
    """The calls at the beginning of `body`, whatever form they have, and what comes after them.

    No calls: nothing in `body` could be read as one; the rest is then all of it.
    """
    start = body.lstrip()[:1]
    if start in {"{", "["} and start and (found := _jsons(body, tools))[0]:
        return found
    if start == "<" and body.lstrip().startswith("<tool_call>"):
        return [
            call for each in body.split("<tool_call>") for call in calls_in(each.partition("</tool_call>")[0], tools)[0]
        ], ""
    if _TOKEN_CALL.search(body):
        return list(_by_tokens(body, tools)), ""
    for pattern, closer in ((_FUNCTION, "</function>"), (_INVOKE, "invoke>")):
        if pattern.search(body):
            return list(_by_parameters(body, pattern, closer, tools)), ""
    if "<arg_key>" in body or (_GLM_NAME.fullmatch(body) and body.strip() in tools):
        return _glm(body), ""
    if _PYTHON.match(body) and (made := _python(body, tools)):
        return made, ""
    if start == "<" and (made := _elements(body, tools)):
        return made, ""
    return _named_json(body, tools)


def calls_of(value: Any, tools: Tools) -> list[ReadCall]:  # noqa: PLR0911 one for each form
    """The calls that a JSON value stands for."""
    if isinstance(value, list):
        return [call for each in value for call in calls_of(each, tools)]
    if not isinstance(value, dict):
        return []
    for wrapper in _WRAPPERS:
        if isinstance(held := value.get(wrapper), list | dict) and (made := calls_of(held, tools)):
            return made
    if isinstance(inner := value.get("function"), dict) and (made := calls_of(inner, tools)):
        return made
    if len(value) == 1 and (only := next(iter(value))) in tools and isinstance(value[only], dict):
        return [ReadCall(only, value[only])]
    for key in _NAMES:
        if isinstance(name := value.get(key), str) and name:
            arguments = next((value[each] for each in _ARGUMENTS if each in value), None)
            if arguments is None:
                arguments = {each: held for each, held in value.items() if each not in {key, "type", "id"}}
            return [ReadCall(_known(name, tools), arguments)]
    return []


def _known(name: str, tools: Tools) -> str:
    """The tool that a name stands for, less what some templates put around it."""
    if name in tools:
        return name
    found = _NAME.fullmatch(name)
    bare = found.group(1) if found else name.strip()
    return bare if bare in tools or "." not in bare or bare.rpartition(".")[2] not in tools else bare.rpartition(".")[2]


def _jsons(body: str, tools: Tools) -> tuple[list[ReadCall], str]:
    """JSON values one after the other, blanks, commas or semicolons between them."""
    made: list[ReadCall] = []
    at = 0
    while body[at : at + 1] in {"{", "["} or not at:
        try:
            value, end = read_json(body, at)
        except NotJsonError:
            break
        found = calls_of(value, tools)
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
            arguments = _object(written[brace:])
        if name.strip():
            yield ReadCall(_known(name.strip(), tools), arguments)
        elif isinstance(arguments, dict):
            yield from calls_of(arguments, tools)


def _object(text: str) -> Any:
    """JSON as far as it can be read; else the text, for which the schema will have words."""
    try:
        return read_json(text)[0]
    except NotJsonError:
        return text


def _by_parameters(body: str, opener: re.Pattern[str], closer: str, tools: Tools) -> Iterator[ReadCall]:
    """Qwen3-coder's and Claude's: each parameter an element, its text as it is; or one JSON object for all."""
    starts = list(opener.finditer(body))
    for place, start in enumerate(starts):
        last = starts[place + 1].start() if place + 1 < len(starts) else len(body)
        inner = body[start.end() : last]
        name = _known(start.group(1).strip(), tools)
        if _PARAMETER.search(inner):
            yield ReadCall(name, _parameters(inner, _PARAMETER, _PARAMETER_END, tools.get(name)))
        else:
            text = inner.partition(closer)[0].strip().removesuffix("</")
            yield ReadCall(name, _object(text) if text.startswith("{") else {})


def _parameters(text: str, key: re.Pattern[str], end: re.Pattern[str], tool: ToolSpec | None) -> dict[str, Any]:
    made: dict[str, Any] = {}
    at = 0
    while found := key.search(text, at):
        ended = end.search(text, found.end())
        at = ended.start() if ended else len(text)
        value = text[found.end() : at]
        made[found.group(1).strip()] = _typed(value.removeprefix("\n"), found.group(1).strip(), tool)
        at = max(at, ended.end() if ended else at)
    return made


def _typed(text: str, name: str, tool: ToolSpec | None) -> Any:
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


def _glm(body: str) -> list[ReadCall]:
    named = _GLM_NAME.match(body)
    if named is None:
        return []
    return [ReadCall(named.group(1), _parameters(body, _GLM_KEY, _GLM_END, None))]


def _elements(body: str, tools: Tools) -> list[ReadCall]:
    """Plain XML: the tool's own element with one for each argument, or elements for its name and its arguments."""
    first = _ELEMENT.match(body)
    if first is None:
        return []
    inner = body[first.end() :].partition(f"</{first.group(1)}>")[0]
    if first.group(1) in tools:
        if inner.lstrip().startswith("{"):
            return [ReadCall(first.group(1), _object(inner))]
        own = tools[first.group(1)]
        return [ReadCall(own.name, {key: _typed(value, key, own) for key, value in _children(inner)})]
    held = dict(_children(body))
    if len(held) == 1 and first.group(1) not in _NAMES:
        held = dict(_children(inner))
    name = next((held[each].strip() for each in _NAMES if each in held), "")
    if not name:
        return []
    given = next((held[each] for each in _ARGUMENTS if each in held), "")
    tool = tools.get(_known(name, tools))
    if given.lstrip().startswith("{"):
        return [ReadCall(_known(name, tools), _object(given))]
    return [ReadCall(_known(name, tools), {key: _typed(value, key, tool) for key, value in _children(given)})]


def _children(text: str) -> Iterator[tuple[str, str]]:
    at = 0
    while found := _ELEMENT.match(text, at):
        close = f"</{found.group(1)}>"
        end = text.find(close, found.end())
        yield found.group(1), text[found.end() : end if end >= 0 else len(text)]
        if end < 0:
            return
        at = end + len(close)


def _named_json(body: str, tools: Tools) -> tuple[list[ReadCall], str]:
    """Mistral's later form and the like: `name{...}` or `name[ARGS]{...}`, several one after the other."""
    made: list[ReadCall] = []
    at = 0
    while named := _NAME.match(body, at):
        after = named.end()
        if body.startswith("[CALL_ID]", after):
            after = body.find("[", after + 9) if "[" in body[after + 9 :] else after
        if body.startswith("[ARGS]", after):
            after += 6
        while body[after : after + 1] in {" ", "\n"}:
            after += 1
        if body[after : after + 1] != "{":
            break
        try:
            value, at = read_json(body, after)
        except NotJsonError:
            break
        made.append(ReadCall(_known(named.group(1), tools), value))
        at = _SEPARATOR.match(body, at).end()  # type: ignore[union-attr]
    return made, body[at:]


def _python(body: str, tools: Tools) -> list[ReadCall]:
    """Calls in Python's words: only literals are read, nothing is run."""
    text = body.strip().strip("`").strip()
    tree = _tree(text)
    if tree is None:
        return []
    made: list[ReadCall] = []
    for node in _call_nodes(tree):
        name = ast.unparse(node.func)
        if isinstance(node.func, ast.Attribute) and node.func.attr in {"call", "run"}:
            name = ast.unparse(node.func.value)
        name = _known(name, tools)
        arguments = {each.arg: _literal(each.value) for each in node.keywords if each.arg}
        positional = list((tools[name].schema.get("properties") or {}) if name in tools else ())
        arguments |= {key: _literal(value) for key, value in zip(positional, node.args, strict=False)}
        made.append(ReadCall(name, arguments))
    return made


def _tree(text: str) -> ast.Module | None:
    for each in (text, f"{text})", f"{text}]", f"{text})]", f'{text}")', f'{text}")]', text.replace("\n", "\\n")):
        try:
            return ast.parse(each)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
    return None


def _call_nodes(tree: ast.Module) -> Iterator[ast.Call]:
    for statement in tree.body:
        value = getattr(statement, "value", None)
        for node in value.elts if isinstance(value, ast.List | ast.Tuple) else [value]:
            if isinstance(node, ast.Call):
                if isinstance(node.func, ast.Name) and node.func.id == "print":
                    yield from (each for each in node.args if isinstance(each, ast.Call))
                else:
                    yield node


_JSON_NAMES: Mapping[str, Any] = {"true": True, "false": False, "null": None}


def _literal(node: ast.expr) -> Any:
    if isinstance(node, ast.Name):
        return _JSON_NAMES.get(node.id, node.id)
    if isinstance(node, ast.Dict):
        return {str(_literal(key)): _literal(value) for key, value in zip(node.keys, node.values, strict=True) if key}
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        return [_literal(each) for each in node.elts]
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, RecursionError, MemoryError):
        return ast.unparse(node)

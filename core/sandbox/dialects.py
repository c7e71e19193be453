"""Tool calls as models without native ones write them: the sandbox speaks each dialect on request."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

_DIRECTIVE = re.compile(r"\[\[dialect:(.*?)\]\]")
_TOLD = re.compile(r'^\{"name":.*"parameters":.*\}$', re.MULTILINE)
_RESULT = re.compile(r"^\[Result (\w+) of [^\n]*\]\n(.*?)\n\[End of result \1\]", re.DOTALL | re.MULTILINE)


def dialect_in(text: str) -> str:
    """The dialect that a prompt asks for; empty where it asks for none."""
    found = _DIRECTIVE.search(text)
    return found.group(1).strip() if found and found.group(1).strip() in DIALECTS else ""


def told_tools(messages: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The schemas of the tools that a system message tells of, by name."""
    said = "\n".join(str(message.get("content")) for message in messages if message.get("role") == "system")
    return {tool["name"]: tool["parameters"] for tool in map(json.loads, _TOLD.findall(said))}


def told_result(text: str) -> str | None:
    """What tools gave back, as one text, where a prompt is their results."""
    found = _RESULT.findall(text)
    return "; ".join(result for _, result in found) if found else None


def spoken(dialect: str, calls: Sequence[tuple[str, str]]) -> str:
    """Calls, names with arguments as JSON, as text."""
    return DIALECTS[dialect or "hermes"]([(name, _object(arguments)) for name, arguments in calls])


def _object(arguments: str) -> dict[str, Any]:
    try:
        read = json.loads(arguments)
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}


Calls = Sequence[tuple[str, dict[str, Any]]]


def _hermes(calls: Calls) -> str:
    return "\n".join(
        f"<tool_call>\n{json.dumps({'name': name, 'arguments': given})}\n</tool_call>" for name, given in calls
    )


def _unclosed(calls: Calls) -> str:
    return _hermes(calls).removesuffix("}}\n</tool_call>")


def _qwen(calls: Calls) -> str:
    return "\n".join(
        f"<tool_call>\n<function={name}>\n"
        + "".join(f"<parameter={key}>\n{_plain(value)}\n</parameter>\n" for key, value in given.items())
        + "</function>\n</tool_call>"
        for name, given in calls
    )


def _llama(calls: Calls) -> str:
    return "<|python_tag|>" + _bare(calls)


def _bare(calls: Calls) -> str:
    return "; ".join(json.dumps({"name": name, "parameters": given}) for name, given in calls)


def _pythonic(calls: Calls) -> str:
    return "[" + _python(calls) + "]"


def _mistral(calls: Calls) -> str:
    return "[TOOL_CALLS]" + json.dumps([{"name": name, "arguments": given} for name, given in calls])


def _mistral_args(calls: Calls) -> str:
    return "".join(f"[TOOL_CALLS]{name}[ARGS]{json.dumps(given)}" for name, given in calls)


def _deepseek(calls: Calls) -> str:
    text = "".join(
        f"<|tool_call_begin|>{name}<|tool_sep|>{json.dumps(given)}<|tool_call_end|>" for name, given in calls
    )
    bar, block = "\N{FULLWIDTH VERTICAL LINE}", "\N{LOWER ONE EIGHTH BLOCK}"
    wide = {f"<|{token}|>": f"<{bar}{token.replace('_', block)}{bar}>" for token in _DEEPSEEK_TOKENS}
    text = f"<|tool_calls_begin|>{text}<|tool_calls_end|>"
    for token, written in wide.items():
        text = text.replace(token, written)
    return text


_DEEPSEEK_TOKENS = ("tool_calls_begin", "tool_calls_end", "tool_call_begin", "tool_call_end", "tool_sep")


def _kimi(calls: Calls) -> str:
    text = "".join(
        f"<|tool_call_begin|>functions.{name}:{place}<|tool_call_argument_begin|>{json.dumps(given)}<|tool_call_end|>"
        for place, (name, given) in enumerate(calls)
    )
    return f"<|tool_calls_section_begin|>{text}<|tool_calls_section_end|>"


def _gemma(calls: Calls) -> str:
    return f"```tool_code\n{_python(calls)}\n```"


def _fenced(calls: Calls) -> str:
    return "Let me look.\n\n" + "\n".join(
        f"```json\n{json.dumps({'name': name, 'arguments': given}, indent=2)}\n```" for name, given in calls
    )


def _claude(calls: Calls) -> str:
    return "<function_calls>\n" + "".join(
        f'<invoke name="{name}">\n'
        + "".join(f'<parameter name="{key}">{_plain(value)}</parameter>\n' for key, value in given.items())
        + "</invoke>\n"
        for name, given in calls
    ) + "</function_calls>"  # fmt: skip


def _glm(calls: Calls) -> str:
    return "\n".join(
        f"<tool_call>{name}\n"
        + "".join(f"<arg_key>{key}</arg_key>\n<arg_value>{_plain(value)}</arg_value>\n" for key, value in given.items())
        + "</tool_call>"
        for name, given in calls
    )


def _wrong(calls: Calls) -> str:
    return _hermes([(name, {}) for name, _ in calls])


def _python(calls: Calls) -> str:
    return ", ".join(
        f"{name}({', '.join(f'{key}={value!r}' for key, value in given.items())})" for name, given in calls
    )


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


DIALECTS: Mapping[str, Callable[[Calls], str]] = {
    "hermes": _hermes,
    "unclosed": _unclosed,
    "qwen": _qwen,
    "llama": _llama,
    "bare": _bare,
    "pythonic": _pythonic,
    "mistral": _mistral,
    "mistral-args": _mistral_args,
    "deepseek": _deepseek,
    "kimi": _kimi,
    "gemma": _gemma,
    "fenced": _fenced,
    "claude": _claude,
    "glm": _glm,
    "wrong": _wrong,
}
"""By the name that `[[dialect:NAME]]` asks for them with."""

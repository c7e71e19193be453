"""The page's words for what tools do and how they did."""

from __future__ import annotations

from collections.abc import Mapping

from core.tools.record import Standing
from data.values.tool_calls import Effect, ToolRule

EFFECTS: Mapping[Effect, tuple[str, str]] = {
    Effect.NONE: ("works here", "It works on what it is given and tells nobody."),
    Effect.READS: ("reads", "It reads and changes nothing."),
    Effect.GOES_OUT: ("goes out", "It tells another server what it is given."),
    Effect.CHANGES: ("changes things", "Something may be different afterwards."),
}
"""A badge, and a sentence."""


RULES: Mapping[ToolRule, str] = {
    ToolRule.ALLOW: "In the chat models call it by themselves.",
    ToolRule.ASK: "In the chat you are asked before it runs.",
    ToolRule.NEVER: "An admin has taken it from people of your role.",
}


def badge(effect: Effect) -> str:
    """The effect as Markdown."""
    colour = "orange" if effect in {Effect.GOES_OUT, Effect.CHANGES} else "gray"
    return f":{colour}-badge[{EFFECTS[effect][0]}]"


def standing(how: Standing | None) -> str:
    """How the last calls went, in a line; empty before the first."""
    if how is None:
        return ""
    calls = f"{how.calls} {'call' if how.calls == 1 else 'calls'}"
    speed = f"half within {_seconds(how.median)}, 95% within {_seconds(how.p95)}"
    failed = f", {how.failed} failed" if how.failed else ""
    return f"{calls}: {speed}{failed}"


def visible(text: str) -> str:
    """The text with what can't be seen written out: a description may try to tell a model what people do not read."""
    return "".join(each if each.isprintable() or each == "\n" else f"\\u{{{ord(each):x}}}" for each in text)


def shortened(text: str, most: int = 160) -> str:
    """The first words, on one line, without backticks, which mark code for models."""
    line = " ".join(visible(text).replace("`", "").split())
    return line if len(line) <= most else f"{line[: most - 1].rsplit(' ', 1)[0]}…"


def _seconds(seconds: float) -> str:
    if seconds < 1:
        return f"{max(1, round(seconds * 1000))} ms"
    return f"{seconds:.1f} s"

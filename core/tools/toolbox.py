"""What the models of an answer may call."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.tools.tool import Attached, Tool
from data.values.actor import Actor

log = logging.getLogger(__name__)

DEFAULT_STEPS = 10
"""How often the models of one answer may call tools before they have to answer in words."""

_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")  # what OpenAI, Anthropic and Gemini all take


@dataclass(frozen=True, slots=True)
class ToolUse:
    """What the models of one answer may call, by the names that they are told, and how often they may be told more.

    `attached` are the files that the tools may read.
    """

    tools: Mapping[str, Tool]
    steps: int = DEFAULT_STEPS
    attached: tuple[Attached, ...] = ()

    @property
    def titles(self) -> dict[str, str]:
        """What people call them."""
        return {name: tool.title for name, tool in self.tools.items()}

    @property
    def options(self) -> dict[str, Any]:
        """The fields of OpenAI's request body that tell a model of them."""
        told = [
            {"name": name, "description": tool.description, "parameters": tool.schema}
            for name, tool in self.tools.items()
        ]
        return {"tools": [{"type": "function", "function": each} for each in told]}


class Toolbox:
    """What models may call for a person. Thread-safe when `tools` is.

    Args:
        tools: those that a person has, always in the same order: providers cache a prompt's beginning. May block.
        steps: see `ToolUse`.
    """

    def __init__(
        self, tools: Callable[[Actor], Sequence[Tool]] = lambda _actor: (), *, steps: int = DEFAULT_STEPS
    ) -> None:
        self._tools = tools
        self._steps = steps

    def use(self, actor: Actor, attached: tuple[Attached, ...] = ()) -> ToolUse | None:
        """What the models of an answer for a person may call; None when there is nothing."""
        found: dict[str, Tool] = {}
        for tool in self._tools(actor):
            if tool.effect.needs_approval:  # nobody is asked in the chat
                continue
            if _NAME.fullmatch(tool.name) and tool.name not in found:
                found[tool.name] = tool
            else:
                log.warning("a tool is left out, for its name is taken or models can't call it: %.80s", tool.name)
        return ToolUse(found, self._steps, attached) if found else None

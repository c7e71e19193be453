"""What the models of an answer may call."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from core.tools.consent import usual_rule
from core.tools.tool import Attached, Tool
from data.values.actor import Actor
from data.values.tool_calls import ToolRule

log = logging.getLogger(__name__)

DEFAULT_STEPS = 10
"""How often the models of one answer may call tools before they have to answer in words."""

DEFAULT_PATIENCE = 600.0
"""Seconds that a call waits for the person to allow it."""

_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")  # what OpenAI, Anthropic and Gemini all take


@dataclass(frozen=True, slots=True)
class ToolUse:
    """What the models of one answer may call, by the names that they are told, and how often they may be told more.

    `attached` are the files that the tools may read. `untrusted` is what others wrote of what was said before; see
    `others_words`.
    `patience` is how many seconds a call waits for the person. `budget` is US dollars: once the calls of the answer's
    models cost as much, it has to be written without further tools; None: no limit.
    """

    tools: Mapping[str, Tool]
    steps: int = DEFAULT_STEPS
    attached: tuple[Attached, ...] = ()
    untrusted: frozenset[str] = frozenset()
    patience: float = DEFAULT_PATIENCE
    budget: Decimal | None = None

    @property
    def titles(self) -> dict[str, str]:
        """What people call them."""
        return {name: tool.title for name, tool in self.tools.items()}

    def rule(self, name: str) -> ToolRule:
        """What holds for the person."""
        tool = self.tools[name]
        return tool.rule or usual_rule(tool.effect)

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
        patience: see `ToolUse`.
        budget: see `ToolUse`.
    """

    def __init__(
        self,
        tools: Callable[[Actor], Sequence[Tool]] = lambda _actor: (),
        *,
        steps: int = DEFAULT_STEPS,
        patience: float = DEFAULT_PATIENCE,
        budget: Decimal | None = None,
    ) -> None:
        self._tools = tools
        self._steps = steps
        self._patience = patience
        self._budget = budget

    def use(
        self, actor: Actor, attached: tuple[Attached, ...] = (), untrusted: frozenset[str] = frozenset()
    ) -> ToolUse | None:
        """What the models of an answer for a person may call; None when there is nothing."""
        found: dict[str, Tool] = {}
        for tool in self._tools(actor):
            if tool.rule is ToolRule.NEVER:
                continue
            if _NAME.fullmatch(tool.name) and tool.name not in found:
                found[tool.name] = tool
            else:
                log.warning("a tool is left out, for its name is taken or models can't call it: %.80s", tool.name)
        if not found:
            return None
        return ToolUse(found, self._steps, attached, untrusted, self._patience, self._budget)

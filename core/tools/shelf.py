"""The tools that a person has, for the chat and the Tools page: measured, and without those that are turned off."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

from core.access.access import Access
from core.access.policy import Permission
from core.errors import GearboxError, NotFound
from core.loop import BackgroundLoop
from core.telemetry.traces import UNTRACED, Traces
from core.tools.checked import checked
from core.tools.consent import rule_for
from core.tools.mcp.troubles import ServerGone
from core.tools.record import CallRecord, Standing
from core.tools.tool import Tool, ToolContext, ToolResult
from core.tools.values import ReadCall, ToolSpec
from data.values.actor import Actor, Role
from data.values.audit import Action, AuditEvent, AuditOutcome
from data.values.tool_calls import ToolRule

if TYPE_CHECKING:
    from data.store import Store

OWN = "Gearbox"
"""Whose the tools are that Gearbox brings along."""


class Source(Protocol):
    """Where tools come from."""

    def by_origin(self, actor: Actor) -> Mapping[str, Sequence[Tool]]:
        """Those that the person may use, by whose they are, always in the same order. Blocking."""
        ...


class OwnTools:
    """What Gearbox brings along: everybody has it who has what is behind it.

    Args:
        has: says of a person and a tool's name whether they do.
    """

    def __init__(self, *tools: Tool, has: Callable[[Actor, str], bool] = lambda _actor, _name: True) -> None:
        self._tools = tools
        self._has = has

    def by_origin(self, actor: Actor) -> Mapping[str, Sequence[Tool]]:
        """See `Source.by_origin`."""
        return {OWN: [tool for tool in self._tools if self._has(actor, tool.name)]}


@dataclass(frozen=True, slots=True)
class ToolCard:
    """A tool as the page shows it.

    `origin` is whose it is; `standing` is None before its first call; `rule` is what holds for the person, and `said`
    what admins said, by role. `is_allowed` is whether it is not kept for others.
    """

    tool: Tool
    origin: str
    is_on: bool
    standing: Standing | None
    rule: ToolRule
    said: Mapping[Role, ToolRule]
    is_allowed: bool = True

    @property
    def is_usable(self) -> bool:
        """Whether the person has it."""
        return self.is_on and self.is_allowed and self.rule is not ToolRule.NEVER

    @property
    def asks_first(self) -> bool:
        """Whether somebody has to agree before it runs."""
        return self.tool.effect.needs_approval


class ToolShelf:
    """Thread-safe, blocking.

    Args:
        sources: of two tools of one name the first is there.
        loop: where tools run that a person tries out.
        clock: monotonic seconds.
        traces: each call is a span there.
    """

    def __init__(
        self,
        access: Access,
        store: Store,
        sources: Sequence[Source],
        record: CallRecord,
        *,
        loop: BackgroundLoop,
        clock: Callable[[], float] = time.perf_counter,
        traces: Traces = UNTRACED,
    ) -> None:
        self._access = access
        self._store = store
        self._sources = sources
        self._record = record
        self._loop = loop
        self._clock = clock
        self._traces = traces

    def tools(self, actor: Actor) -> Sequence[Tool]:
        """What models may call for the person. Raises AccessRefused."""
        return [replace(card.tool, rule=card.rule) for card in self.cards(actor) if card.is_usable]

    def cards(self, actor: Actor) -> list[ToolCard]:
        """What there is for the person, also what an admin turned off or keeps for others. Raises AccessRefused."""
        self._access.require(actor, Permission.CHAT)
        allowed = self._access.allowing.tools(actor)
        off = self._store.tool_servers.off()
        rules = self._store.tool_approvals.rules()
        found: dict[str, ToolCard] = {}
        groups = (group for source in self._sources for group in source.by_origin(actor).items())
        for origin, tools in groups:
            for tool in tools:
                said = rules.get(tool.name, {})
                rule = rule_for(actor.roles, said, tool.effect)
                of_it = self._record.of(tool.name)
                is_on, is_allowed = tool.name not in off, allowed.allows(tool.name)
                card = ToolCard(self._measured(tool), origin, is_on, of_it, rule, said, is_allowed)
                found.setdefault(tool.name, card)
        return list(found.values())

    def try_out(
        self, actor: Actor, name: str, arguments: Mapping[str, Any], context: ToolContext, *, agreed: bool
    ) -> Future[ToolResult]:
        """Run a tool for the person, who sees what comes of it; cancelling the future stops it.

        Args:
            context: must be the actor's.
            agreed: the person was asked, for a tool that goes out or changes something.

        Raises:
            NotFound: the person has no such tool, or it is off; a NotAllowed where it is kept for others.
            GearboxError: the arguments do not fit, or nobody agreed; the future raises what the tool does.
        """
        card = next((each for each in self.cards(actor) if each.tool.name == name), None)
        if card is not None:
            self._access.allowing.require_tool(actor, name)
        if card is None or not card.is_usable:
            raise NotFound("There is no such tool.", "Reload the page.")
        if card.asks_first and not agreed:
            raise GearboxError("This tool does more than answer, so you have to agree first.")
        specs = {name: ToolSpec(name, card.tool.description, card.tool.schema)}
        call = checked(ReadCall(name, dict(arguments)), specs)
        if isinstance(call, str):
            raise GearboxError(call)
        return self._loop.submit(self._tried(card.tool, call.arguments, replace(context, actor=actor)))

    def turn(self, actor: Actor, name: str, *, on: bool) -> None:
        """Let nobody use a tool, or everybody who has it. Raises AccessRefused."""
        self._access.require(actor, Permission.MANAGE_TOOLS)
        told = AuditEvent.by(actor, Action.TOOL_CHANGE, AuditOutcome.DONE, target=f"tool:{name}", on=on)
        if on:
            self._store.tool_servers.turn_on(name, told)
        else:
            self._store.tool_servers.turn_off(name, told)

    def rule(self, actor: Actor, name: str, role: Role, rule: ToolRule | None) -> None:
        """Say of a tool whether models may call it for people of a role, and who has to be asked.

        Args:
            rule: None for what the tool's effect says.

        Raises:
            AccessRefused: the actor does not manage tools.
        """
        self._access.require(actor, Permission.MANAGE_TOOLS)
        words = "usual" if rule is None else rule.value
        told = AuditEvent.by(
            actor, Action.TOOL_CHANGE, AuditOutcome.DONE, target=f"tool:{name}", role=role.value, rule=words
        )
        self._store.tool_approvals.set_rule(name, role, rule, told)

    async def _tried(self, tool: Tool, arguments: Mapping[str, Any], context: ToolContext) -> ToolResult:
        outcome = AuditOutcome.STOPPED
        try:
            async with asyncio.timeout(tool.timeout):
                result = await tool.run(arguments, context)
            outcome = AuditOutcome.FAILED if result.failed else AuditOutcome.DONE
            return result
        except TimeoutError:
            outcome = AuditOutcome.FAILED
            raise GearboxError(f"{tool.title} took longer than {tool.timeout:g} seconds and was stopped.") from None
        except GearboxError:
            outcome = AuditOutcome.FAILED
            raise
        finally:
            told = AuditEvent.by(context.actor, Action.TOOL_TRY, outcome, target=f"tool:{tool.name}")
            await asyncio.shield(asyncio.to_thread(self._store.audit.record, told))

    async def _still_allowed(self, name: str, actor: Actor) -> None:
        """Since it was offered, an answer may have gone on for minutes. Raises NotAllowed."""
        if self._access.allowing.at_hand():
            self._access.allowing.require_tool(actor, name)
        else:
            await asyncio.to_thread(self._access.allowing.require_tool, actor, name)

    def _measured(self, tool: Tool) -> Tool:
        async def run(arguments: Mapping[str, Any], context: ToolContext) -> ToolResult:
            await self._still_allowed(tool.name, context.actor)
            began, error = self._clock(), "It did not end."
            try:
                with self._traces.tool(tool.name):
                    result = await tool.run(arguments, context)
                error = "It said that it failed." if result.failed else ""
                return result
            except asyncio.CancelledError:
                error = "It was stopped, or took too long."
                raise
            except Exception as failure:
                # Others read this: a server's own words, or a tool's, may hold what the caller had asked.
                error = str(failure) if isinstance(failure, ServerGone) else "It failed, or refused what it was asked."
                raise
            finally:
                self._record.add(tool.name, self._clock() - began, error)

        return replace(tool, run=run)

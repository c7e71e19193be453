"""Calls of tools that need somebody's agreement: the person is asked on the page, and the answer waits for them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from core.chat.answer_turn import AnswerTurn
from core.errors import GearboxError
from core.tools.consent import Standing, standing
from core.tools.tool import Tool
from core.tools.toolbox import ToolUse
from data.values.actor import Actor
from data.values.audit import Action, AuditEvent, AuditOutcome
from data.values.events import ApprovalAsked, ToolCallChanged
from data.values.parts import ToolCallPart
from data.values.tool_calls import Approval, Consent, ToolRule, ToolState

if TYPE_CHECKING:
    from data.store import Store

_NOT_NOW = "The person did not allow this call, so it was not run. Don't make it again; answer without it, or ask them."
_NEVER = "The person does not want this tool in this conversation, so it was not run. Answer without it."
_NOT_ANSWERED = (
    "It was not run: the person was asked whether it may, and said nothing for {minutes:g} minutes. Answer without it."
)
_NOT_RECORDED = "It was not run, for what is done with such tools has to be recorded, and that failed. {why}"

_OUTCOMES = {True: AuditOutcome.DONE, False: AuditOutcome.REFUSED}


@dataclass(frozen=True, slots=True)
class _Call:
    part: ToolCallPart
    tool: Tool
    untrusted: frozenset[str]


class Approvals:
    """One turn's. Belongs to its event loop.

    Every call of a tool that goes out or changes things is in the audit log before it runs, with whose word let it;
    so is every one that somebody denied. Arguments are not: they may hold anything.

    Args:
        patience: seconds that a call waits for the person; then it counts as denied.
    """

    def __init__(self, store: Store, turn: AnswerTurn, use: ToolUse, actor: Actor, *, patience: float) -> None:
        self._store = store
        self._turn = turn
        self._use = use
        self._actor = actor
        self._patience = patience
        self._waiting: dict[str, str] = {}
        self._denied: set[tuple[str, str]] = set()

    async def refusal(self, part: ToolCallPart, untrusted: frozenset[str]) -> str | None:
        """Why a call may not run, in words for the model; None when it may. Waits for the person where they are asked.

        Args:
            part: with arguments that fit the tool.
            untrusted: what others wrote of what the model had read when it made the call.
        """
        call = _Call(part, self._use.tools[part.name], untrusted)
        effect, rule = call.tool.effect, self._use.rule(part.name)
        if rule is ToolRule.ALLOW and not effect.needs_approval:  # as with most calls
            return None
        try:
            consent = (await asyncio.to_thread(self._consents)).get(part.name)
            stands = standing(effect, rule, consent, untrusted)
            if stands is Standing.DENIED:
                await self._note(call, AuditOutcome.REFUSED, by="never")
                return _NEVER
            if stands is Standing.RUNS:
                await self._note(call, AuditOutcome.DONE, by="admin" if consent is None else "always")
                return None
            return await self._asked(call, again=stands is Standing.ASKS_AGAIN)
        except GearboxError as error:
            return _NOT_RECORDED.format(why=error.explain())

    async def _asked(self, call: _Call, *, again: bool) -> str | None:
        part = call.part
        if (part.name, part.arguments) in self._denied:
            return _NOT_NOW
        approval = await self._word(call, again=again)
        if approval is None:
            await self._note(call, AuditOutcome.REFUSED, by="nobody")
            return _NOT_ANSWERED.format(minutes=self._patience / 60)
        if approval.is_kept:
            await self._keep(call, approval)
        else:
            await self._note(call, _OUTCOMES[approval.allows], by=approval.value)
        if approval.allows:
            return None
        self._denied.add((part.name, part.arguments))
        return _NEVER if approval is Approval.NEVER else _NOT_NOW

    async def _word(self, call: _Call, *, again: bool) -> Approval | None:
        """What the person says to it; None when they say nothing for too long."""
        part = call.part
        with self._turn.questions.asking(part.id) as said:
            self._waiting[part.id] = part.name
            self._turn.append(ToolCallChanged(replace(part, state=ToolState.WAITING)))
            self._turn.append(ApprovalAsked(part.id, call.tool.effect, again))
            try:
                async with asyncio.timeout(self._patience):
                    approval = Approval(await said)
            except TimeoutError:
                return None
            finally:
                del self._waiting[part.id]
        if approval.is_kept:  # it was said of the tool, so also of its other calls that wait
            for other in [call_id for call_id, name in self._waiting.items() if name == part.name]:
                self._turn.questions.answer(other, approval)
        return approval

    async def _keep(self, call: _Call, approval: Approval) -> None:
        given = Consent(call.tool.name, approval, call.untrusted)
        told = self._event(call, _OUTCOMES[approval.allows], by=approval.value)
        await asyncio.to_thread(
            self._store.tool_approvals.consent, self._actor.user_id, self._conversation_id, given, told
        )

    async def _note(self, call: _Call, outcome: AuditOutcome, *, by: str) -> None:
        await asyncio.to_thread(self._store.audit.record, self._event(call, outcome, by=by))

    def _event(self, call: _Call, outcome: AuditOutcome, *, by: str) -> AuditEvent:
        return AuditEvent.by(
            self._actor,
            Action.TOOL_APPROVE,
            outcome,
            target=f"tool:{call.tool.name}",
            by=by,
            conversation=self._conversation_id,
            untrusted=bool(call.untrusted),
        )

    def _consents(self) -> Mapping[str, Consent]:
        return self._store.tool_approvals.consents(self._actor.user_id, self._conversation_id)

    @property
    def _conversation_id(self) -> str:
        return self._turn.begun.conversation_id

"""The books of a turn: its calls together with its messages, in the store's transactions."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from core.chat import notices
from core.chat.agreeing import NOT_AGREED, agreed_plan
from core.chat.endings import NOT_DONE, UNSAVED
from core.chat.live import LiveTurn
from core.chat.plan import TurnPlan
from core.chat.saver import Saver
from core.errors import GearboxError
from core.providers.keys import error_kind
from core.tools.toolbox import ToolUse
from data.values.audit import Receipt
from data.values.calls import CallIntent, CallOutcome, CallStatus, ChosenBy
from data.values.events import (
    AnotherTry,
    AttemptEvent,
    Delta,
    LeftOut,
    ReasoningDelta,
    RoundBegun,
    SourceDelta,
    TextDelta,
    TookOver,
    ToolCallDelta,
    TurnEnded,
    TurnStarted,
)
from data.values.messages import CutAttempt, MessageStatus, ReplyDetails, of_all_rounds
from data.values.money import dollars
from data.values.open_calls import closed
from data.values.parts import ErrorPart, NoticePart, Part, ToolCallPart

if TYPE_CHECKING:
    from data.store import Store

log = logging.getLogger(__name__)

_MESSAGE_STATUS = {
    CallStatus.OK: MessageStatus.COMPLETE,
    CallStatus.STOPPED: MessageStatus.STOPPED,
    CallStatus.FAILED: MessageStatus.FAILED,
}
_NO_CALL = CallOutcome(CallStatus.FAILED, latency_ms=0.0)


class TurnBooking:
    """Books one turn, and tells its viewers. See `core.providers.attempts.AttemptsBooking`.

    Args:
        on_begun: told once the prompt is committed.
        on_booked: told after each usage event.
        is_closing: whether a stop is the end of this process rather than a person's wish.
    """

    def __init__(
        self,
        store: Store,
        plan: TurnPlan,
        *,
        stop: Callable[[], None],
        on_begun: Callable[[LiveTurn], None],
        on_booked: Callable[[], None],
        is_closing: Callable[[], bool],
    ) -> None:
        self._store = store
        self._plan = plan
        self._stop = stop
        self._on_begun = on_begun
        self._on_booked = on_booked
        self._is_closing = is_closing
        self.turn: LiveTurn | None = None
        self._saver: Saver | None = None
        self._tries: list[AnotherTry] = []
        self._call = plan.candidates[0].intent
        self._writer: CallIntent | None = None
        self._cut: tuple[CallIntent, tuple[Part, ...]] | None = None
        self._left_out: tuple[str, ...] = ()
        self._without: dict[str, tuple[str, ...]] = {}
        self._calls: dict[str, CallIntent] = {}
        self._outcomes: dict[str, CallOutcome] = {}
        self._said: tuple[NoticePart, ...] = ()
        self._ahead: tuple[CallIntent, Receipt] | None = None

    async def ready(self) -> TurnPlan | None:
        """The plan to go by; None where the person agreed to none.

        Where making it ready takes a while the prompt is stored first, with the first call; before that where the
        person is asked.
        """
        if self._plan.asks is not None:
            plan = await agreed_plan(await self._begin(None), self._plan)
            if plan is None:
                self._said = (NOT_AGREED,)
                await self._end(MessageStatus.STOPPED, None)
                return None
            self._plan, self._call = plan, plan.candidates[0].intent
        if self._plan.readied is not None:
            self._ahead = (first := self._plan.candidates[0].intent), await self.intend(first)
            assert self.turn is not None, "it has just begun"
            self._plan = await self._plan.readied(self._plan, self.turn)
        return self._plan

    async def intend(self, intent: CallIntent) -> Receipt:
        """Commit a call's intent; that of the first in one transaction with prompt, empty reply and lease."""
        self._without[intent.id], self._left_out = self._left_out, ()
        if self._ahead is not None:
            (ahead, receipt), self._ahead = self._ahead, None
            if ahead.id == intent.id:
                return receipt
            self._outcomes[ahead.id] = _NO_CALL  # another model is asked first
            await asyncio.wrap_future(self._store.calls.conclude(ahead.id, _NO_CALL, ahead.actor))
        if self.turn is not None:
            begun = self.turn.begun
            self._call = replace(intent, turn_id=begun.turn_id, conversation_id=begun.conversation_id)
            self._calls[intent.id] = self._call
            writes = self._writer is None
            work = self._store.turns.call_again(begun.turn_id, self._call, writes=writes)
            receipt = await asyncio.wrap_future(work)
            if writes:
                self.turn.append(TurnStarted(begun.turn_id, begun.reply.id, intent.provider, intent.model))
            return receipt
        self._call = self._calls[intent.id] = intent
        begun = (await self._begin(intent)).begun
        assert begun.receipt is not None, "its call was booked with it"
        return begun.receipt

    async def _begin(self, call: CallIntent | None) -> LiveTurn:
        begun = await asyncio.wrap_future(self._store.turns.begin(replace(self._plan.begin, call=call)))
        titles = self._plan.tools.titles if self._plan.tools else {}
        self.turn = turn = LiveTurn(
            begun, self._plan.begin.user_id, self._stop, titles, decision=self._plan.begin.decision
        )
        for tried in self._tries:
            turn.append(tried)
        if call is not None:
            turn.append(TurnStarted(begun.turn_id, begun.reply.id, call.provider, call.model))
        self._on_begun(turn)
        self._saver = Saver(self._store, begun.turn_id, self._parts)
        return turn

    async def take(self, item: Delta | AttemptEvent) -> None:
        """Pass on to the viewers what comes from the models, and what happens on the way."""
        match item:
            case TextDelta() | ReasoningDelta():
                self._writer = self._writer or self._call
            case ToolCallDelta() if self._plan.tools is not None:
                self._writer = self._writer or self._call
            case SourceDelta():
                pass
            case AnotherTry():
                self._tries.append(item)
            case TookOver():
                await self._set_aside()
            case LeftOut(features):
                self._left_out = features
                return
            case _:
                return
        if self.turn is not None:
            self.turn.append(item)

    async def carry_on(self, intent: CallIntent, outcome: CallOutcome, then: AnotherTry) -> None:
        """Commit the outcome of a call that is not the turn's last, with its usage event."""
        self._outcomes[intent.id] = outcome
        await asyncio.wrap_future(self._store.calls.conclude(intent.id, outcome, intent.actor))
        self._on_booked()

    async def conclude(self, intent: CallIntent, outcome: CallOutcome, error: GearboxError | None) -> None:
        """Commit the reply, the call's outcome and its usage event in one transaction.

        Without tools that is the turn's end, and viewers are told; with them its rounds say when it has ended.
        """
        self._outcomes[intent.id] = outcome
        if self._plan.tools is None:
            await self._end(_MESSAGE_STATUS[outcome.status], error)
            return
        assert self.turn is not None, "what has not begun can't end"
        work = self._store.turns.save_round(
            self.turn.begun.turn_id, self._parts(), call_id=intent.id, outcome=outcome, actor=intent.actor
        )
        await asyncio.wrap_future(work)
        self._on_booked()

    def next_round(self, step: int, use: ToolUse) -> None:
        """The model is about to be asked again, told what its tools gave: for the step of this number."""
        assert self.turn is not None, "what has not begun has no rounds"
        self.turn.append(RoundBegun(min(step, use.steps), use.steps, self.spent, use.budget))
        self._writer = None

    @property
    def answer(self) -> LiveTurn | None:
        """The answer; None until it has begun."""
        return self.turn

    @property
    def spent(self) -> Decimal:
        """US dollars that the calls so far cost, as far as prices are known."""
        return dollars(outcome.cost for outcome in self._outcomes.values())

    async def complete(self, *said: NoticePart) -> None:
        """End a turn whose last round is booked; `said` is put below the answer."""
        self._said = said
        await self._end(MessageStatus.COMPLETE, None)

    async def end_between(self, error: GearboxError | None) -> None:
        """End a turn that no call is running for: it was stopped, or the next call could not be made."""
        await self._end(MessageStatus.STOPPED if error is None else MessageStatus.FAILED, error)

    def unsaved(self) -> TurnEnded:
        """The end for the viewers of a turn whose end could not be stored."""
        return self._ended(MessageStatus.FAILED, (*self._parts(), UNSAVED))

    async def _set_aside(self) -> None:
        assert self.turn is not None and self._writer is not None, "only what has begun can be cut"
        cut = next(tried for tried in reversed(self._tries) if tried.anew)
        aside = (*self._notices(), *self.turn.round(), ErrorPart(cut.kind, cut.why))
        work = self._store.turns.set_aside(
            self.turn.begun.turn_id, aside, of_call=self._writer.id, by_call=self._call.id
        )
        await asyncio.wrap_future(work)
        self._cut = self._writer, aside
        self._writer = self._call

    async def _end(self, status: MessageStatus, error: GearboxError | None) -> None:
        turn = self.turn
        assert turn is not None, "what has not begun can't end"
        if self._saver is not None:
            await self._saver.stop()
        if status is MessageStatus.STOPPED and self._is_closing():
            status = MessageStatus.INTERRUPTED
        parts = closed(self._parts(), NOT_DONE.get(status, "It was not run."))
        if status is MessageStatus.COMPLETE and not turn.round():
            parts = (*parts, NoticePart("The model ended its answer without a word."))
        parts = (*parts, *self._said)
        if error is not None:
            parts = (*parts, ErrorPart(error_kind(error), str(error), error.remedy))
        work = self._store.turns.finish(
            turn.begun.turn_id,
            status=status,
            parts=parts,
            call_id=self._call.id if self._calls else None,
            outcome=self._outcomes.get(self._call.id, _NO_CALL),
            actor=self._call.actor,
            answered_by=(self._writer or self._call).id if self._calls else None,
        )
        await asyncio.wrap_future(work)
        if self._plan.tools is None:  # else each call was booked as it ended
            self._on_booked()
        turn.append(self._ended(status, parts))

    def _ended(self, status: MessageStatus, parts: tuple[Part, ...]) -> TurnEnded:
        cut = None if self._cut is None else CutAttempt(self._cut[1], self._details(self._cut[0]))
        return TurnEnded(status, parts, self._details_of_all(parts), cut)

    def _details_of_all(self, parts: tuple[Part, ...]) -> ReplyDetails | None:
        """What the reply took; see `data.store.conversations.Conversations.window`, which says the same later."""
        if not self._calls:  # the person was asked, and nobody else
            return None
        last = self._writer or self._call
        if not any(isinstance(part, ToolCallPart) for part in parts):
            return self._details(last)
        ended = (call for call in self._calls.values() if call.id in self._outcomes)
        rounds = [call for call in ended if call is last or self._outcomes[call.id].status is not CallStatus.FAILED]
        return of_all_rounds([self._details(call) for call in rounds] or [self._details(last)])

    def _details(self, call: CallIntent) -> ReplyDetails:
        known = self._outcomes.get(call.id, _NO_CALL)
        return ReplyDetails(
            call.provider,
            call.model,
            known.usage,
            known.cost,
            known.ttft_ms,
            known.latency_ms,
            by_fallback=call.chosen_by is ChosenBy.FALLBACK,
            choice=self._plan.choice or (self.turn.begun.choice if self.turn is not None else None),
        )

    def _parts(self) -> tuple[Part, ...]:
        """The reply so far."""
        return (*self._notices(), *(self.turn.parts() if self.turn is not None else ()))

    def _notices(self) -> tuple[NoticePart, ...]:
        writer = self._writer
        answered_by = f"{writer.provider}/{writer.model}" if writer else None
        said = notices.kept(self._tries, answered_by, anew=self._cut is not None)
        of_model = self._plan.notices.get(answered_by or f"{self._call.provider}/{self._call.model}", ())
        asked = writer or self._call
        without = notices.went_without(f"{asked.provider}/{asked.model}", self._without.get(asked.id, ()))
        return (*of_model, *said, *without)

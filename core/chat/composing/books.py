"""The books of a planned reply: calls of several steps at once, and one message."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from core.chat.composing.composition import Composition
from core.chat.composing.step_turn import StepBooking, StepTurn
from core.chat.endings import NOT_DONE, UNSAVED
from core.chat.live import LiveTurn
from core.chat.plan import TurnPlan
from core.chat.saver import Saver
from core.errors import GearboxError
from core.providers.commits import to_the_end
from core.providers.keys import error_kind
from data.values.audit import Receipt
from data.values.calls import CHAT, CallIntent, CallOutcome, CallStatus
from data.values.events import StepChanged, TurnEnded, TurnStarted
from data.values.messages import MessageStatus, ReplyDetails, of_all_steps
from data.values.open_calls import closed
from data.values.parts import ErrorPart, NoticePart, Part, StepPart
from data.values.plans import StepState

if TYPE_CHECKING:
    from data.store import Store

log = logging.getLogger(__name__)


class ReplyBooks:
    """Books one planned reply, and tells its viewers. On an event loop. See `TurnBooking` for the arguments."""

    def __init__(
        self,
        store: Store,
        plan: TurnPlan,
        composition: Composition,
        *,
        stop: Callable[[], None],
        on_begun: Callable[[LiveTurn], None],
        on_booked: Callable[[], None],
        is_closing: Callable[[], bool],
    ) -> None:
        self._store = store
        self._begin = plan.begin
        self._composition = composition
        self._stop = stop
        self._on_begun = on_begun
        self._on_booked = on_booked
        self._is_closing = is_closing
        self._saver: Saver | None = None
        self._calls: dict[str, CallIntent] = {}
        self._outcomes: dict[str, CallOutcome] = {}
        self._around = (*composition.around, *map(NoticePart, composition.plan.said))
        self.turn: LiveTurn | None = None

    async def begin(self) -> LiveTurn:
        """Commit the prompt with an empty reply, or open the one that is written on; every step is shown then."""
        made = self._composition
        asking = made.asking
        if made.message_id is None:
            work = self._store.turns.begin(self._begin)
        else:
            assert self._begin.conversation_id is not None, "a reply that is written on stands in one"
            work = self._store.turns.reopen(self._begin.user_id, self._begin.conversation_id, made.message_id)
        begun = await asyncio.wrap_future(work)
        titles = asking.tools.titles if asking.tools else {}
        told = self._begin.decision
        self.turn = turn = LiveTurn(begun, self._begin.user_id, self._stop, titles, is_planned=True, decision=told)
        model = made.choices[0].model
        turn.append(TurnStarted(begun.turn_id, begun.reply.id, model.provider, model.name))
        for step in made.plan.steps:
            turn.append(StepChanged(made.made.get(step.id) or StepPart(step, StepState.WAITING)))
        self._on_begun(turn)
        self._saver = Saver(self._store, begun.turn_id, self._parts)
        return turn

    def of_step(self, turn: LiveTurn, step_id: str) -> StepBooking:
        """Where the calls of a step are booked."""
        asking = self._composition.asking
        titles = asking.tools.titles if asking.tools else {}
        return StepBooking(StepTurn(turn, step_id, titles), self._intend, self._conclude)

    async def end(self, status: MessageStatus, *said: NoticePart) -> None:
        """End the turn; all its calls are concluded. Who stops it now comes too late."""
        await to_the_end(self._end(status, said, None))

    async def end_between(self, error: GearboxError | None) -> None:
        """End a turn that was stopped, or that failed as a whole."""
        await self._end(MessageStatus.STOPPED if error is None else MessageStatus.FAILED, (), error)

    def unsaved(self) -> TurnEnded:
        """The end for the viewers of a turn whose end could not be stored."""
        return TurnEnded(MessageStatus.FAILED, (*closed(self._parts(), "It was not saved."), UNSAVED), self._details())

    async def _intend(self, intent: CallIntent) -> Receipt:
        begun = self._turn.begun
        call = replace(intent, turn_id=begun.turn_id, conversation_id=begun.conversation_id)
        self._calls[call.id] = call
        return await asyncio.wrap_future(self._store.turns.call_again(begun.turn_id, call, writes=False))

    async def _conclude(self, intent: CallIntent, outcome: CallOutcome) -> None:
        self._outcomes[intent.id] = outcome
        turn_id = self._turn.begun.turn_id
        work = self._store.turns.save_round(
            turn_id, self._parts(), call_id=intent.id, outcome=outcome, actor=intent.actor
        )
        await asyncio.wrap_future(work)
        self._on_booked()

    async def _end(self, status: MessageStatus, said: tuple[NoticePart, ...], error: GearboxError | None) -> None:
        turn = self._turn
        if self._saver is not None:
            await self._saver.stop()
        if status is MessageStatus.STOPPED and self._is_closing():
            status = MessageStatus.INTERRUPTED
        parts = (*closed(self._parts(), NOT_DONE.get(status, "It was not made.")), *said)
        if error is not None:
            parts = (*parts, ErrorPart(error_kind(error), str(error), error.remedy))
        work = self._store.turns.finish(
            turn.begun.turn_id,
            status=status,
            parts=parts,
            call_id=None,
            outcome=CallOutcome(CallStatus.FAILED, latency_ms=0.0),
            answered_by=self._shown_call,
        )
        await asyncio.wrap_future(work)
        turn.append(TurnEnded(status, parts, await asyncio.to_thread(self._stored_details, turn)))

    def _stored_details(self, turn: LiveTurn) -> ReplyDetails | None:
        """With the calls of before, where only a part was made again. Blocks."""
        begun = turn.begun
        try:
            reply = self._store.conversations.message(turn.owner_id, begun.conversation_id, begun.reply.id)
        except GearboxError:  # it was deleted meanwhile, or can't be read
            return self._details()
        return reply.details

    @property
    def _shown_call(self) -> str | None:
        """The call that the reply is shown as: of the words, where there are any."""
        done = [call for call in self._calls.values() if call.id in self._outcomes]
        chats = [call for call in done if call.modality == CHAT]
        return next((call.id for call in (*reversed(chats), *reversed(done))), None)

    def _details(self) -> ReplyDetails | None:
        done = [(call, self._outcomes[call.id]) for call in self._calls.values() if call.id in self._outcomes]
        calls = [
            (
                ReplyDetails(call.provider, call.model, each.usage, each.cost, each.ttft_ms, each.latency_ms),
                call.modality == CHAT,
            )
            for call, each in done
            if each.status is not CallStatus.FAILED
        ]
        return of_all_steps(calls)

    def _parts(self) -> tuple[Part, ...]:
        return (*self._around, *(self.turn.parts() if self.turn is not None else ()))

    @property
    def _turn(self) -> LiveTurn:
        assert self.turn is not None, "what has not begun has no books"
        return self.turn

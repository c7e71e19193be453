"""Turns: one prompt, one answer, run on the background loop and stored as it goes.

A page starts a turn and may leave; the turn runs on, and any page can attach to it again. At most
`CHECKPOINT_SECONDS` of text is lost when the process is killed: the next one finds the turn's lease dead and marks
the answer interrupted (`sweep`).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass

from core.chat.live import LiveTurn
from core.errors import GearboxError, TurnActive
from core.loop import BackgroundLoop
from core.providers.gateway import Gateway
from core.providers.keys import error_kind
from core.providers.request import ModelRequest
from data.store import Store
from data.store.turns import BeginTurn
from data.values.audit import Receipt
from data.values.calls import CallIntent, CallOutcome, CallStatus, ErrorKind
from data.values.events import ReasoningDelta, TextDelta, TurnEnded, TurnStarted
from data.values.messages import MessageStatus, ReplyDetails
from data.values.parts import ErrorPart, NoticePart, Part

log = logging.getLogger(__name__)

CHECKPOINT_SECONDS = 0.4
"""How often a running answer is saved. With the commit itself it keeps the loss under a second."""

RENEW_SECONDS = 3.0
"""How often a silent turn renews its lease (which lasts 10 s)."""

SWEEP_SECONDS = 5.0
"""How often turns of dead processes are looked for."""

_MESSAGE_STATUS = {
    CallStatus.OK: MessageStatus.COMPLETE,
    CallStatus.STOPPED: MessageStatus.STOPPED,
    CallStatus.FAILED: MessageStatus.FAILED,
}


@dataclass(frozen=True, slots=True)
class TurnPlan:
    """Everything a turn needs before it begins: what to ask, and what to store with it."""

    begin: BeginTurn
    request: ModelRequest
    notices: tuple[NoticePart, ...] = ()


class TurnRunner:
    """Starts turns, knows the live ones, and takes over from dead processes."""

    def __init__(
        self,
        store: Store,
        gateway: Gateway,
        loop: BackgroundLoop,
        *,
        on_booked: Callable[[], None],
    ) -> None:
        self._store = store
        self._gateway = gateway
        self._loop = loop
        self._on_booked = on_booked
        self._live: dict[str, LiveTurn] = {}
        self._lock = threading.Lock()
        self._closing = False
        self._sweeper: Future[None] | None = None

    def start(self, plan: TurnPlan, *, patience: float = 30.0) -> LiveTurn:
        """Begin a turn and return once its prompt is committed; blocks for about one commit.

        Raises:
            TurnActive: the conversation already has an answer in progress.
            GearboxError: the store refused the turn; nothing was stored and nothing sent.
        """
        begun: Future[LiveTurn] = Future()
        task = self._loop.submit(self._run(plan, begun))
        try:
            return begun.result(patience)
        except TimeoutError:
            task.cancel()
            raise TurnActive("The database did not answer in time.", "Try again in a moment.") from None

    def live(self, conversation_id: str) -> LiveTurn | None:
        """The turn that this process is running for a conversation, if any."""
        with self._lock:
            turn = self._live.get(conversation_id)
        return None if turn is None or turn.ended else turn

    def watch_for_dead(self) -> None:
        """Take over turns of dead processes now, and keep looking in the background."""
        self._store.turns.sweep()
        self._on_booked()
        self._sweeper = self._loop.submit(self._sweep_forever())

    def interrupt(self) -> list[LiveTurn]:
        """Begin to end every live turn as interrupted; returns them, at once. May be called from a signal handler."""
        self._closing = True
        live = list(self._live.values())  # without the lock: the interrupted thread may hold it
        for turn in live:
            turn.stop()
        return live

    def close(self) -> None:
        """End every live turn as interrupted, keeping its text. The background loop must still be running."""
        if self._sweeper is not None:
            self._sweeper.cancel()
        for turn in self.interrupt():
            turn.wait_ended(timeout=5.0)

    async def _sweep_forever(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            try:
                if await asyncio.to_thread(self._store.turns.sweep):
                    self._on_booked()
            except GearboxError as error:
                log.warning("looking for interrupted turns failed: %s", error)

    async def _run(self, plan: TurnPlan, begun: Future[LiveTurn]) -> None:
        task = asyncio.current_task()
        assert task is not None
        booking = _TurnBooking(self, plan, begun, asyncio.get_running_loop(), task)
        try:
            async with contextlib.aclosing(self._gateway.stream(plan.request, plan.begin.call, booking)) as deltas:
                async for delta in deltas:
                    if isinstance(delta, TextDelta | ReasoningDelta):
                        booking.turn.append(delta)
        except GearboxError as error:
            # After the end was stored the error is part of the answer; before the turn began it is the page's to show.
            if not begun.done():
                begun.set_exception(error)
            elif not booking.turn.ended:
                log.exception("a turn could not be stored")
        except asyncio.CancelledError:
            if not begun.done():
                raise
        except BaseException as error:
            if not begun.done():
                begun.set_exception(error)
            raise
        finally:
            self._forget(booking)

    def _remember(self, turn: LiveTurn) -> None:
        with self._lock:
            self._live[turn.begun.conversation_id] = turn

    def _forget(self, booking: _TurnBooking) -> None:
        if not booking.begun.done() or booking.begun.exception() is not None:
            return
        turn = booking.turn
        with self._lock:
            if self._live.get(turn.begun.conversation_id) is turn:
                del self._live[turn.begun.conversation_id]
        if not turn.ended:  # the end could not be stored; viewers must not wait for ever
            failure = ErrorPart(
                ErrorKind.INTERNAL,
                "This answer could not be saved.",
                "The database did not take it. Copy the text if you need it, then run `python -m core doctor`.",
            )
            turn.append(booking.ended(MessageStatus.FAILED, (*turn.parts(), failure), None))


class _TurnBooking:
    """Books a turn's one call together with its messages, in the store's transactions."""

    def __init__(
        self,
        runner: TurnRunner,
        plan: TurnPlan,
        begun: Future[LiveTurn],
        loop: asyncio.AbstractEventLoop,
        task: asyncio.Task[None],
    ) -> None:
        self._runner = runner
        self._plan = plan
        self.begun = begun
        self._loop = loop
        self._task = task
        self._saver: asyncio.Task[None] | None = None

    @property
    def turn(self) -> LiveTurn:
        return self.begun.result(0)

    async def intend(self, intent: CallIntent) -> Receipt:
        """Commit prompt, empty reply, lease and call intent in one transaction."""
        stored = await asyncio.wrap_future(self._runner._store.turns.begin(self._plan.begin))
        turn = LiveTurn(stored, intent.actor.user_id, stop=self._stop)
        self._runner._remember(turn)
        turn.append(TurnStarted(stored.turn_id, stored.reply.id, intent.provider, intent.model))
        self.begun.set_result(turn)
        self._saver = asyncio.create_task(self._save_as_it_goes(turn))
        return stored.receipt

    async def conclude(self, intent: CallIntent, outcome: CallOutcome, error: GearboxError | None) -> None:
        """Commit the final reply, the call's outcome and its usage event in one transaction; then tell viewers."""
        turn = self.turn
        if self._saver is not None:
            self._saver.cancel()
            await asyncio.gather(self._saver, return_exceptions=True)
        status = _MESSAGE_STATUS[outcome.status]
        if status is MessageStatus.STOPPED and self._runner._closing:
            status = MessageStatus.INTERRUPTED
        parts: tuple[Part, ...] = (*self._plan.notices, *turn.parts())
        if status is MessageStatus.COMPLETE and not turn.parts():
            parts = (*parts, NoticePart("The model ended its answer without a word."))
        if error is not None:
            parts = (*parts, ErrorPart(error_kind(error), str(error), error.remedy))
        await asyncio.wrap_future(
            self._runner._store.turns.finish(
                turn.begun.turn_id,
                status=status,
                parts=parts,
                call_id=intent.id,
                outcome=outcome,
                actor=intent.actor,
            )
        )
        self._runner._on_booked()
        turn.append(self.ended(status, parts, outcome))

    def ended(self, status: MessageStatus, parts: tuple[Part, ...], outcome: CallOutcome | None) -> TurnEnded:
        """The last event of the turn."""
        call = self._plan.begin.call
        nothing = CallOutcome(CallStatus.FAILED, latency_ms=0.0)
        known = outcome or nothing
        details = ReplyDetails(call.provider, call.model, known.usage, known.cost, known.ttft_ms, known.latency_ms)
        return TurnEnded(status, parts, details)

    def _stop(self) -> None:
        self._loop.call_soon_threadsafe(self._task.cancel)

    async def _save_as_it_goes(self, turn: LiveTurn) -> None:
        saved: tuple[Part, ...] = ()
        quiet = 0.0
        while True:
            await asyncio.sleep(CHECKPOINT_SECONDS)
            quiet += CHECKPOINT_SECONDS
            parts = (*self._plan.notices, *turn.parts())
            if parts == saved and quiet < RENEW_SECONDS:
                continue
            try:
                await asyncio.wrap_future(self._runner._store.turns.checkpoint(turn.begun.turn_id, parts))
            except GearboxError as error:
                log.warning("saving a running answer failed: %s", error)
            saved, quiet = parts, 0.0

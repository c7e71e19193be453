"""Turns: one prompt, one answer, run on the background loop and stored as it goes.

A page starts a turn and may leave; the turn runs on, and any page can attach to it again. Of its text at most what came
since it was saved last is lost when the process is killed (`core.chat.saver`): the next one finds the turn's lease dead
and marks the answer interrupted (`sweep`).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import Future
from functools import partial
from typing import Any, NamedTuple, TypeVar

from core.chat.answer_files import AnswerFiles
from core.chat.booking import TurnBooking
from core.chat.composing.books import ReplyBooks
from core.chat.composing.composer import Composer
from core.chat.live import LiveTurn
from core.chat.plan import TurnPlan
from core.chat.tool_rounds import ToolRounds
from core.errors import GearboxError, TurnActive
from core.loop import BackgroundLoop
from core.providers.attempts import Attempts
from core.providers.commits import to_the_end
from core.telemetry.traces import UNTRACED, Traces
from data.store import Store

T = TypeVar("T")

log = logging.getLogger(__name__)

SWEEP_SECONDS = 5.0
"""How often turns of dead processes are looked for."""


class TurnRunner:
    """Starts turns, knows the live ones, and takes over from dead processes.

    Args:
        on_booked: told that there is something for the warehouse.
        traces: each turn is a span there.
    """

    def __init__(
        self,
        store: Store,
        attempts: Attempts,
        loop: BackgroundLoop,
        *,
        on_booked: Callable[[], None],
        traces: Traces = UNTRACED,
    ) -> None:
        self._store = store
        self._attempts = attempts
        self._loop = loop
        self._on_booked = on_booked
        self._traces = traces
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

    def wait_for(self, work: Coroutine[Any, Any, T]) -> T:
        """Run something short on the loop of the turns, for its result; blocks. It has a time limit of its own."""
        return self._loop.submit(work).result()

    def live(self, conversation_id: str) -> LiveTurn | None:
        """The turn that this process is running for a conversation, if any."""
        with self._lock:
            turn = self._live.get(conversation_id)
        return None if turn is None or turn.ended else turn

    def waiting(self, user_id: str) -> frozenset[str]:
        """The person's conversations whose turns, of this process, wait for their word."""
        with self._lock:
            live = list(self._live.items())
        return frozenset(
            conversation_id
            for conversation_id, turn in live
            if turn.owner_id == user_id and turn.questions.are_open and not turn.ended
        )

    def end_waiting(self, user_id: str, conversation_id: str) -> None:
        """End a person's answer that waits for their word, for they said something else; blocks. Others run on."""
        turn = self.live(conversation_id)
        if turn is not None and turn.owner_id == user_id and turn.questions.are_open:
            turn.stop()
            turn.wait_ended(timeout=5.0)

    def watch_for_dead(self) -> None:
        """Take over turns of dead processes now, and keep looking in the background."""
        self._sweep()
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

    def _sweep(self) -> list[str]:
        with self._lock:
            alive = frozenset(turn.begun.turn_id for turn in self._live.values() if not turn.ended)
        return self._store.turns.sweep(alive)

    async def _sweep_forever(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            try:
                if await asyncio.to_thread(self._sweep):
                    self._on_booked()
            except GearboxError as error:
                log.warning("looking for interrupted turns failed: %s", error)

    async def _run(self, plan: TurnPlan, begun: Future[LiveTurn]) -> None:
        task = asyncio.current_task()
        assert task is not None
        loop = asyncio.get_running_loop()

        def on_begun(turn: LiveTurn) -> None:
            with self._lock:
                self._live[turn.begun.conversation_id] = turn
            begun.set_result(turn)

        def stop() -> None:
            loop.call_soon_threadsafe(task.cancel)

        told = _Told(stop, on_begun, self._on_booked, lambda: self._closing)
        booking: TurnBooking | ReplyBooks
        if plan.composition is None:
            booking = TurnBooking(self._store, plan, **told._asdict())
            answering = self._answer(booking)
        else:
            booking = ReplyBooks(self._store, plan, plan.composition, **told._asdict())
            composer = Composer(self._attempts, self._store, plan.composition, booking, new=plan.begin.blobs)
            answering = composer.run()
        try:
            with self._traces.turn() as span:
                await self._to_its_end(booking, answering)
                if booking.turn is not None:
                    span(booking.turn.begun.conversation_id)
        except asyncio.CancelledError:
            if not begun.done():
                raise
        except BaseException as error:
            if not begun.done():
                begun.set_exception(error)
                if isinstance(error, GearboxError):  # it is the page's to show
                    return
            raise
        finally:
            self._forget(booking)

    async def _answer(self, booking: TurnBooking) -> None:
        """One model answers, with tools or without."""
        plan = await booking.ready()
        if plan is None:
            return
        if plan.tools is not None:
            files = partial(AnswerFiles, self._store)
            rounds = ToolRounds(self._attempts, plan.candidates, plan.tools, booking, files=files, store=self._store)
            with self._attempts.answer(plan.candidates[0].intent.actor):
                await rounds.run()
            return
        async with contextlib.aclosing(self._attempts.stream(plan.candidates, booking)) as items:
            async for item in items:
                await booking.take(item)

    async def _to_its_end(self, booking: TurnBooking | ReplyBooks, answering: Awaitable[None]) -> None:
        """Run the turn to its end. What went wrong after it began is part of the answer."""
        problem: GearboxError | None = None
        try:
            await answering
            return
        except GearboxError as error:
            if booking.turn is None:
                raise
            problem = error
        except asyncio.CancelledError:
            if booking.turn is None:
                raise
        if booking.turn.ended:
            return
        try:
            await to_the_end(booking.end_between(problem))
        except GearboxError:
            log.exception("a turn could not be stored")

    def _forget(self, booking: TurnBooking | ReplyBooks) -> None:
        turn = booking.turn
        if turn is None:
            return
        with self._lock:
            if self._live.get(turn.begun.conversation_id) is turn:
                del self._live[turn.begun.conversation_id]
        if not turn.ended:  # the end could not be stored; viewers must not wait for ever
            turn.append(booking.unsaved())


class _Told(NamedTuple):
    """What both kinds of books are told; see `TurnBooking`."""

    stop: Callable[[], None]
    on_begun: Callable[[LiveTurn], None]
    on_booked: Callable[[], None]
    is_closing: Callable[[], bool]

"""A turn while it runs: a log of typed events that any number of viewers follow.

The turn's task appends on the background loop; a viewer (a page's thread) reads from any position and waits for
more. A viewer that comes late, for example after a reload, starts at 0 and sees the whole turn.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping

from core.chat.questions import Questions
from core.chat.written import Written
from data.store.turns import BegunTurn
from data.values.events import ReasoningDelta, TextDelta, TurnEnded, TurnEvent, TurnStarted
from data.values.parts import Part, ToolCallPart
from data.values.routing import Decision

REPAINT_SECONDS = 0.05
"""Viewers get events in batches at about 20 Hz: faster repaints cost CPU and look no smoother."""


class LiveTurn:
    """One running turn. Thread-safe.

    Args:
        titles: what people call the tools that its model may call, by name.
        is_planned: whether it is made in several parts.
        decision: how its model was chosen; None where that was not decided for this prompt.
    """

    def __init__(
        self,
        begun: BegunTurn,
        owner_id: str,
        stop: Callable[[], None],
        titles: Mapping[str, str] | None = None,
        *,
        is_planned: bool = False,
        decision: Decision | None = None,
    ) -> None:
        self.begun = begun
        self.owner_id = owner_id
        self.is_planned = is_planned
        self.decision = decision
        self._stop = stop
        self._events: list[TurnEvent] = []
        self.titles = titles or {}
        self.questions = Questions()
        self._written = Written(self.titles)
        self._changed = threading.Condition()
        self._ended = False

    @property
    def seen(self) -> int:
        """How many events there have been: another number means that something happened."""
        return len(self._events)

    @property
    def ended(self) -> bool:
        """True once the turn is over and stored."""
        return self._ended

    @property
    def model_id(self) -> str | None:
        """Of the model that was asked first."""
        started = next((event for event in self._events if isinstance(event, TurnStarted)), None)
        return f"{started.provider}/{started.model}" if started else None

    def append(self, event: TurnEvent) -> None:
        """Add an event and wake the viewers. Called by the turn's task and its tools; after the end nothing comes."""
        with self._changed:
            if self._ended:
                return
            self._written.take(event)
            self._ended = isinstance(event, TurnEnded)
            self._events.append(event)
            self._changed.notify_all()

    def parts(self) -> tuple[Part, ...]:
        """The reply so far as message parts."""
        with self._changed:
            return self._written.parts()

    def round(self) -> tuple[Part, ...]:
        """Those since the model was asked last."""
        with self._changed:
            return self._written.round()

    def calls(self) -> tuple[ToolCallPart, ...]:
        """The calls of tools that the model made since it was asked last."""
        with self._changed:
            return self._written.calls()

    def stop(self) -> None:
        """Ask the turn to end now; what has arrived is kept. Does nothing once it has ended."""
        self._stop()

    def follow(self, *, patience: float = 1.0) -> Iterator[list[TurnEvent]]:
        """Yield all events from the first on, in batches, until the turn has ended.

        Yields an empty batch after `patience` seconds of silence, so that the viewer can notice that its
        reader has gone. The first batch comes at once; later ones at most every `REPAINT_SECONDS`.
        """
        seen = 0
        while True:
            with self._changed:
                if len(self._events) == seen:
                    self._changed.wait(timeout=patience)
                batch = self._events[seen:]
            seen += len(batch)
            yield batch
            if batch and isinstance(batch[-1], TurnEnded):
                return
            if any(isinstance(event, TextDelta | ReasoningDelta) for event in batch):
                time.sleep(REPAINT_SECONDS)  # after the first words, never before them

    def since(self, seen: int) -> list[TurnEvent]:
        """The events after the first `seen` ones, at once."""
        with self._changed:
            return self._events[seen:]

    def wait_for_more(self, seen: int, timeout: float) -> bool:
        """Block until there have been more than `seen` events, or `timeout` seconds passed; says which."""
        with self._changed:
            return self._changed.wait_for(lambda: len(self._events) > seen, timeout=timeout)

    def wait_ended(self, timeout: float) -> bool:
        """Block until the turn is over and stored, or `timeout` seconds passed; says which."""
        with self._changed:
            return self._changed.wait_for(lambda: self._ended, timeout=timeout)

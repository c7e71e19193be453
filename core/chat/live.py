"""A turn while it runs: a log of typed events that any number of viewers follow.

The turn's task appends on the background loop; a viewer (a page's thread) reads from any position and waits for
more. A viewer that comes late, for example after a reload, starts at 0 and sees the whole turn.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

from data.store.turns import BegunTurn
from data.values.events import ReasoningDelta, SourceDelta, TextDelta, TookOver, TurnEnded, TurnEvent
from data.values.parts import Part, ReasoningPart, SourcesPart, TextPart
from data.values.sources import Source, for_reading

REPAINT_SECONDS = 0.05
"""Viewers get events in batches at about 20 Hz: faster repaints cost CPU and look no smoother."""


class LiveTurn:
    """One running turn. Thread-safe."""

    def __init__(self, begun: BegunTurn, owner_id: str, stop: Callable[[], None]) -> None:
        self.begun = begun
        self.owner_id = owner_id
        self._stop = stop
        self._events: list[TurnEvent] = []
        self._text: list[str] = []
        self._reasoning: list[str] = []
        self._sources: list[Source] = []
        self._changed = threading.Condition()
        self._ended = False

    @property
    def ended(self) -> bool:
        """True once the turn is over and stored."""
        return self._ended

    def append(self, event: TurnEvent) -> None:
        """Add an event and wake the viewers. Called by the turn's task only."""
        with self._changed:
            match event:
                case TextDelta(text):
                    self._text.append(text)
                case ReasoningDelta(text):
                    self._reasoning.append(text)
                case SourceDelta(source):
                    self._sources.append(source)
                case TookOver():
                    self._text.clear()
                    self._reasoning.clear()
                    self._sources.clear()
                case TurnEnded():
                    self._ended = True
            self._events.append(event)
            self._changed.notify_all()

    def parts(self) -> tuple[Part, ...]:
        """The reply so far as message parts."""
        with self._changed:
            reasoning, text = "".join(self._reasoning), "".join(self._text)
            sources = for_reading(self._sources)
        parts: list[Part] = []
        if reasoning:
            parts.append(ReasoningPart(reasoning))
        if text:
            parts.append(TextPart(text))
        if sources:
            parts.append(SourcesPart(sources))
        return tuple(parts)

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

    def wait_ended(self, timeout: float) -> bool:
        """Block until the turn is over and stored, or `timeout` seconds passed; says which."""
        with self._changed:
            return self._changed.wait_for(lambda: self._ended, timeout=timeout)

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime

from core.chat.live import REPAINT_SECONDS, LiveTurn
from data.store.turns import BegunTurn
from data.values.audit import Receipt
from data.values.events import ReasoningDelta, TextDelta, TurnEnded, TurnEvent, TurnStarted
from data.values.messages import Author, Message, MessageStatus, ReplyDetails
from data.values.money import UNPRICED
from data.values.parts import ReasoningPart, TextPart

NOW = datetime(2026, 3, 1, tzinfo=UTC)
STARTED = TurnStarted("t1", "m2", "sandbox", "scripted")
DETAILS = ReplyDetails("sandbox", "scripted", None, UNPRICED, None, None)
ENDED = TurnEnded(MessageStatus.COMPLETE, (TextPart("one two"),), DETAILS)


class Stopping:
    def __init__(self) -> None:
        self.count = 0

    def __call__(self) -> None:
        self.count += 1


def live_turn(stop: Stopping | None = None) -> LiveTurn:
    said = Message("m1", "c1", 1, Author.USER, (TextPart("hi"),), MessageStatus.COMPLETE, NOW, "t1")
    reply = Message("m2", "c1", 2, Author.ASSISTANT, (), MessageStatus.STREAMING, NOW, "t1")
    return LiveTurn(BegunTurn("t1", "c1", said, reply, Receipt("call-1", "")), "alice", stop or Stopping())


class Viewer:
    """Follows a turn in a thread, as a page does."""

    def __init__(self, turn: LiveTurn, patience: float = 5.0) -> None:
        self.batches: list[list[TurnEvent]] = []
        self._turn = turn
        self._patience = patience
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        for batch in self._turn.follow(patience=self._patience):
            self.batches.append(batch)

    def seen(self) -> list[TurnEvent]:
        self._thread.join(10)
        assert not self._thread.is_alive(), "the viewer still waits"
        return [event for batch in self.batches for event in batch]


def test_a_late_viewer_sees_the_whole_turn_from_its_start() -> None:
    turn = live_turn()
    events: list[TurnEvent] = [STARTED, TextDelta("one "), TextDelta("two"), ENDED]
    for event in events:
        turn.append(event)
    assert list(turn.follow()) == [events]
    assert list(turn.follow()) == [events], "a second look sees the same"


def test_several_viewers_see_the_same_whenever_they_came() -> None:
    turn = live_turn()
    viewers = [Viewer(turn) for _ in range(3)]
    events: list[TurnEvent] = [STARTED, *(TextDelta(f"{number} ") for number in range(200)), ENDED]
    for number, event in enumerate(events):
        turn.append(event)
        if number == 100:
            viewers += [Viewer(turn) for _ in range(3)]
    assert all(viewer.seen() == events for viewer in viewers)


def test_the_first_words_wait_for_nothing_but_themselves() -> None:
    turn = live_turn()
    turn.append(STARTED)
    batches = turn.follow()
    assert next(batches) == [STARTED]
    turn.append(TextDelta("one"))
    began = time.monotonic()
    assert next(batches) == [TextDelta("one")]
    assert time.monotonic() - began < REPAINT_SECONDS


def test_what_comes_between_two_repaints_is_one_batch() -> None:
    turn = live_turn()
    turn.append(TextDelta("first"))
    batches = turn.follow()
    assert next(batches) == [TextDelta("first")]
    for number in range(50):
        turn.append(TextDelta(str(number)))
    began = time.monotonic()
    assert len(next(batches)) == 50
    assert time.monotonic() - began >= REPAINT_SECONDS * 0.9


def test_silence_gives_an_empty_batch_so_that_the_viewer_can_leave() -> None:
    turn = live_turn()
    began = time.monotonic()
    assert next(turn.follow(patience=0.1)) == []
    assert 0.09 <= time.monotonic() - began < 2.0


def test_news_ends_the_wait_at_once() -> None:
    turn = live_turn()
    batches = turn.follow(patience=30.0)
    threading.Timer(0.1, turn.append, [STARTED]).start()
    began = time.monotonic()
    assert next(batches) == [STARTED]
    assert time.monotonic() - began < 5.0


def test_following_stops_with_the_end() -> None:
    turn = live_turn()
    turn.append(STARTED)
    viewer = Viewer(turn)
    assert not turn.ended
    turn.append(ENDED)
    assert viewer.seen() == [STARTED, ENDED]
    assert turn.ended


def test_waiting_for_the_end_says_whether_it_came() -> None:
    turn = live_turn()
    assert not turn.wait_ended(timeout=0.05)
    threading.Timer(0.1, turn.append, [ENDED]).start()
    assert turn.wait_ended(timeout=5.0)
    assert turn.wait_ended(timeout=0.0)


def test_the_reply_so_far_is_thoughts_then_text() -> None:
    turn = live_turn()
    assert turn.parts() == ()
    for event in (STARTED, ReasoningDelta("Let me "), ReasoningDelta("see."), TextDelta("one "), TextDelta("two")):
        turn.append(event)
    assert turn.parts() == (ReasoningPart("Let me see."), TextPart("one two"))


def test_stop_asks_the_turn_and_does_not_end_it_itself() -> None:
    stopping = Stopping()
    turn = live_turn(stopping)
    turn.stop()
    assert stopping.count == 1
    assert not turn.ended

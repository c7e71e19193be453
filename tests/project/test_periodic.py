"""The one thread that everything in the background runs on."""

from __future__ import annotations

import logging
import threading
import time
from datetime import timedelta

import pytest

from core.errors import StoreError
from core.periodic import Periodic

SOON, NEVER = timedelta(milliseconds=5), timedelta(hours=1)


def test_it_steps_again_and_again_on_a_thread_of_its_name_until_it_is_left() -> None:
    seen: list[str] = []
    enough = threading.Event()

    def step() -> None:
        seen.append(threading.current_thread().name)
        if len(seen) == 3:
            enough.set()

    with Periodic("gearbox-test", step, SOON):
        assert enough.wait(30)
    done = len(seen)
    time.sleep(0.05)
    assert len(seen) == done and set(seen) == {"gearbox-test"}
    assert "gearbox-test" not in {each.name for each in threading.enumerate()}


def test_whoever_wakes_it_has_a_step_at_once_also_during_one() -> None:
    begun, go_on, again = threading.Event(), threading.Event(), threading.Event()

    def step() -> None:
        if begun.is_set():
            again.set()
        begun.set()
        go_on.wait(30)

    with Periodic("gearbox-test", step, NEVER) as periodic:
        periodic.wake()
        assert begun.wait(30)
        periodic.wake()
        go_on.set()
        assert again.wait(30)


def test_a_fault_ends_nothing_and_each_kind_is_said_once_until_it_is_over(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "core.periodic")
    away, bug = StoreError("The database is away.", "Look at it."), ZeroDivisionError()
    steps, over = iter([away, away, bug, away, bug, None, None, away]), threading.Event()

    def step() -> None:
        error = next(steps, over)
        if error is over:
            over.set()
        elif error is not None:
            assert isinstance(error, Exception)
            raise error

    with Periodic("gearbox-test", step, SOON):
        assert over.wait(30)
    said = [record.getMessage() for record in caplog.records]
    trouble = "gearbox-test met trouble, and goes on: The database is away. Look at it."
    assert said[:4] == [
        trouble, "gearbox-test met an unexpected error, and goes on.", "gearbox-test works again.", trouble
    ]  # fmt: skip
    assert caplog.records[1].exc_info is not None and caplog.records[0].exc_info is None


def test_the_first_step_waits_and_a_step_that_hangs_keeps_no_end_waiting_for_long() -> None:
    hangs, begun = threading.Event(), threading.Event()

    def step() -> None:
        begun.set()
        hangs.wait(30)

    Periodic("gearbox-test", step, NEVER).close()  # it never began
    periodic = Periodic("gearbox-test", step, NEVER)
    periodic.start()
    assert not begun.wait(0.05)
    periodic.wake()
    assert begun.wait(30)
    began = time.monotonic()
    periodic.close(0.05)
    assert time.monotonic() - began < 5
    hangs.set()

from __future__ import annotations

import asyncio
import time

import pytest

from core.providers.deadline import Deadline


def soon(seconds: float) -> float:
    return asyncio.get_running_loop().time() + seconds


async def test_it_strikes_once_the_time_is_over_and_not_before() -> None:
    deadline = Deadline(soon(0.1))
    began = time.monotonic()
    with pytest.raises(TimeoutError):
        await deadline.wait(asyncio.sleep(5))
    assert 0.09 < time.monotonic() - began < 0.5
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0
    await asyncio.sleep(0)


async def test_it_can_be_moved_on_and_back() -> None:
    deadline = Deadline(soon(0.3))
    for _ in range(5):
        deadline.move(soon(0.3))
        assert await deadline.wait(asyncio.sleep(0.1, "done")) == "done"
    deadline.move(soon(60))
    await deadline.wait(asyncio.sleep(0))
    deadline.move(soon(0.05))
    began = time.monotonic()
    with pytest.raises(TimeoutError):
        await deadline.wait(asyncio.sleep(5))
    assert time.monotonic() - began < 0.5


async def test_it_leaves_a_task_alone_that_does_not_wait() -> None:
    deadline = Deadline(soon(0.01))
    await deadline.wait(asyncio.sleep(0))
    await asyncio.sleep(0.05)
    deadline.move(soon(0.2))
    assert await deadline.wait(asyncio.sleep(0.01, "done")) == "done"
    deadline.close()


async def test_a_cancellation_from_outside_stays_one() -> None:
    async def work() -> None:
        await Deadline(soon(0.05)).wait(asyncio.sleep(5))

    task = asyncio.ensure_future(work())
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_cancellation_at_the_same_moment_goes_first() -> None:
    loop = asyncio.get_running_loop()

    async def work() -> None:
        until = soon(0.05)
        loop.call_at(until, task.cancel)
        await Deadline(until).wait(asyncio.sleep(5))

    task = asyncio.ensure_future(work())
    with pytest.raises(asyncio.CancelledError):
        await task

"""What stays in memory is not gone through after every run of a page; what comes later is."""

from __future__ import annotations

import gc
import weakref

from core.heap import set_aside


class _Round:
    def __init__(self) -> None:
        self.itself = self


def test_what_is_there_is_set_aside_and_later_garbage_goes() -> None:
    kept = _Round()
    assert any(each is kept for each in gc.get_objects())
    set_aside()
    try:
        assert not any(each is kept for each in gc.get_objects())
        later = weakref.ref(_Round())
        gc.collect()
        assert later() is None
    finally:
        gc.unfreeze()

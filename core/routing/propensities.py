"""How likely the policy was to choose as it did: worked out a moment after sending, beside who waits for an answer."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from core.errors import GearboxError
from core.routing.policy import propensity_of

if TYPE_CHECKING:
    import numpy as np

    from data.store.routing import Routing as Kept

log = logging.getLogger(__name__)

LATER_S = 2.0
"""After a prompt was sent; by then its turn is committed."""

_AT_ONCE = 50


class Propensities:
    """One thread that sleeps until something was sent. What a process before left undone is done as well.

    Args:
        kept: where decisions are.
        later: seconds that it waits.
    """

    def __init__(self, kept: Kept, *, later: float = LATER_S) -> None:
        self._kept = kept
        self._later = later
        self._wanted = threading.Event()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="propensities", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """A decision was made that will be kept soon, if it is not yet."""
        self._wanted.set()

    def close(self) -> None:
        """End the thread; what is open is done by the next process."""
        self._closing.set()
        self._wanted.set()
        self._thread.join(timeout=5.0)

    def _run(self) -> None:
        import numpy as np

        rng = np.random.default_rng()
        while True:
            self._wanted.wait()
            if self._closing.wait(self._later):
                return
            self._wanted.clear()
            try:
                self._work(rng)
            except GearboxError as error:
                log.warning("how likely choices of models were could not be kept: %s", error)

    def _work(self, rng: np.random.Generator) -> None:
        while found := self._kept.without_propensity(_AT_ONCE):
            known = [(each.id, propensity_of(each, rng)) for each in found]
            for decision_id, chance in known:
                if chance:
                    self._kept.set_propensity(decision_id, chance)
            if self._closing.is_set() or len(found) < _AT_ONCE or not any(chance for _, chance in known):
                return

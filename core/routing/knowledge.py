"""What was learned, at hand: read again when it has changed, and waited for only where nothing is known yet."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from core.errors import GearboxError
from data.values.counting import Learned

if TYPE_CHECKING:
    from data.learning.routing.posterior import Posterior
    from data.store.routing import Routing as Kept

log = logging.getLogger(__name__)

ASKED_AGAIN_S = 1.0
"""After which it is asked whether something has changed: one row is read."""

DECAYED_AGAIN_S = 3600.0
"""After which it is made anew without a change: what was seen long ago counts ever less."""

_AT_ONCE_S = 0.005
"""What took no longer than this the last time is made anew while a prompt waits; else beside it."""

_PRIORS_AT_ONCE = 6
"""Models whose priors are looked up while a prompt waits: that takes a millisecond each, once."""

PATIENCE_S = 1.0
"""How long a prompt waits for those of more, once: after a server with many models was added, or after a start."""


@dataclass(frozen=True, slots=True)
class Known:
    """A state of what was learned.

    Args:
        posterior: what follows from it.
        models: ids of the models whose priors are in it.
        relatives: of these, the ones that nothing is published of but of their relatives, if at all.
    """

    learned: Learned
    posterior: Posterior
    models: frozenset[str]
    relatives: frozenset[str]
    made_at: float

    @property
    def snapshot(self) -> str:
        """Its id, as decisions have it."""
        return str(self.learned.version)


class Knowledge:
    """Thread-safe.

    Args:
        kept: where it is kept.
        elapsed: seconds of a clock that never goes back.
        patience: seconds that are waited for what is not known at all.
    """

    def __init__(
        self,
        kept: Kept,
        *,
        clock: Callable[[], datetime],
        elapsed: Callable[[], float] = time.monotonic,
        patience: float = PATIENCE_S,
    ) -> None:
        self._kept = kept
        self._clock = clock
        self._elapsed = elapsed
        self._patience = patience
        self._known: Known | None = None
        self._asked_at = 0.0
        self._took = 0.0
        self._making = threading.Lock()
        self._beside: dict[frozenset[str], threading.Event] = {}  # which end when it is made, or could not be
        self._lock = threading.Lock()

    def load(self, models: Iterable[str] = ()) -> None:
        """Make it ready, with the priors of these models: a few tenths of a second for all that are listed."""
        with self._making:
            self._make(frozenset(models))

    def now(self, models: Sequence[str]) -> Known | None:
        """What is known of models; None where that, the first time or for many new ones, takes longer than `patience`.

        A second after something was learned at the latest it is in what is given, unless there is so much of it that it
        is made anew beside; then soon after.
        """
        known = self._known
        new = frozenset(models) - (known.models if known else frozenset())
        stale = known is None or bool(new) or self._elapsed() - self._asked_at >= ASKED_AGAIN_S
        if known is not None and not stale:
            return known
        if len(new) <= _PRIORS_AT_ONCE and self._took <= _AT_ONCE_S and self._making.acquire(blocking=False):
            try:
                return self._make(new)
            finally:
                self._making.release()
        if known is not None and len(new) <= _PRIORS_AT_ONCE:
            if not self._making.locked():
                self._make_beside(new)
            return known
        self._make_beside(new).wait(self._patience)
        known = self._known
        return known if known is not None and new <= known.models else None

    def _make_beside(self, new: frozenset[str]) -> threading.Event:
        """Make it in a thread of its own, unless one is at it. Returns what is set when that has ended."""
        with self._lock:
            if new in self._beside:
                return self._beside[new]
            ended = self._beside[new] = threading.Event()
        threading.Thread(target=self._quietly, args=(new, ended), name="routing-knowledge", daemon=True).start()
        return ended

    def _quietly(self, new: frozenset[str], ended: threading.Event) -> None:
        try:
            self.load(new)
        except GearboxError as error:  # what was known before stands
            log.warning("what was learned of models could not be read: %s", error)
        finally:
            with self._lock:
                self._beside.pop(new, None)
            ended.set()

    def _make(self, new: frozenset[str]) -> Known:
        from data.learning.routing.posterior import Posterior
        from data.learning.routing.priors import MEASURED, prior_of

        known, now = self._known, self._elapsed()
        learned = self._kept.tallies(known.learned if known else None)
        self._asked_at = now
        models = new | (known.models if known else frozenset())
        fresh = known is not None and learned.version == known.learned.version and models == known.models
        if known is not None and fresh and now - known.made_at < DECAYED_AGAIN_S:
            return known
        expected = prior_of(models)
        own = {model for (model, _), each in expected.items() if each.weight >= MEASURED}
        posterior = Posterior.of(learned.tallies, expected, self._clock(), models=sorted(models))
        self._known = Known(learned, posterior, models, models - own, now)
        self._took = self._elapsed() - now
        return self._known

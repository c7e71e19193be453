"""Background warm-up: what would make the first message slow is done before it comes."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence

log = logging.getLogger(__name__)

WarmUpStep = tuple[str, Callable[[], object]]
"""A part's name in `/readyz`, and what makes it ready."""


class WarmUp:
    """Runs steps one after another in a daemon thread and knows where each stands.

    A step that fails is reported and skipped: it only made something fast, it did not make it possible.
    """

    def __init__(self, steps: Sequence[WarmUpStep]) -> None:
        self._steps = list(steps)
        self._states = {name: "warming" for name, _ in self._steps}
        self._thread = threading.Thread(target=self._run, name="gearbox-warm-up", daemon=True)

    @classmethod
    def started(cls, steps: Sequence[WarmUpStep]) -> WarmUp:
        """One that has begun."""
        warming = cls(steps)
        warming.start()
        return warming

    def start(self) -> None:
        """Begin in the background."""
        self._thread.start()

    def states(self) -> Mapping[str, str]:
        """Each step's state: "warming", "ready" or "skipped: reason"."""
        return dict(self._states)

    def _run(self) -> None:
        for name, step in self._steps:
            began = time.monotonic()
            try:
                step()
            except Exception as error:  # noqa: BLE001  # whatever a step raises, the app works without it
                log.warning("warming up %s failed: %s", name, type(error).__name__)
                self._states[name] = f"skipped: {type(error).__name__}"
            else:
                self._states[name] = "ready"
                log.info("%s warm after %.1f s", name, time.monotonic() - began)

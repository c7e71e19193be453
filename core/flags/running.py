"""What has to be done beside the flags: looking for changes of other processes, and writing down what was seen."""

from __future__ import annotations

import time
from collections.abc import Callable

from core.flags.flags import Flags
from core.flags.snapshot import FlagSnapshot

WRITTEN_S = 3.0
"""How long one waits in memory: what a process that is killed had not written is seen again on the next evaluation."""
USES_S = 300.0
"""How often it is noted which flags were evaluated."""


class FlagUpkeep:
    """One step of it each time; not thread-safe. What waits at the end is written by `finish`."""

    def __init__(self, snapshot: FlagSnapshot, flags: Flags, elapsed: Callable[[], float] = time.monotonic) -> None:
        self._snapshot = snapshot
        self._flags = flags
        self._elapsed = elapsed
        self._written = self._noted = elapsed()

    def step(self) -> None:
        """Look, and write what has waited for long enough. Raises StoreError: then the last flags count."""
        self._snapshot.look()
        now = self._elapsed()
        if now - self._written >= WRITTEN_S:
            self._written = now
            notes = now - self._noted >= USES_S
            self._noted = now if notes else self._noted
            self._write(uses=notes)

    def finish(self) -> None:
        """Write what waits."""
        self._write(uses=True)

    def _write(self, *, uses: bool) -> None:
        exposures = self._flags.exposures
        if exposures is None:  # nothing was asked for yet
            return
        exposures.write()
        if uses:
            exposures.note_uses()

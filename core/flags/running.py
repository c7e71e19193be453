"""What runs beside the flags: looking for changes of other processes, and writing down what was seen."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from core.flags.flags import Flags
from core.flags.snapshot import REFRESHED_S, FlagSnapshot

log = logging.getLogger(__name__)

WRITTEN_S = 3.0
"""How long one waits in memory: what a process that is killed had not written is seen again on the next evaluation."""
USES_S = 300.0
"""How often it is noted which flags were evaluated."""


class FlagThread:
    """One thread for all of it; what waits at the end is written before it ends."""

    def __init__(self, snapshot: FlagSnapshot, flags: Flags, elapsed: Callable[[], float] = time.monotonic) -> None:
        self._snapshot = snapshot
        self._flags = flags
        self._elapsed = elapsed
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="gearbox-flags", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def close(self) -> None:
        """End, and write what waits."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()
        self._write(uses=True)

    def _run(self) -> None:
        written = noted = self._elapsed()
        while not self._stopping.wait(REFRESHED_S):
            now = self._elapsed()
            try:
                self._snapshot.look()
                if now - written >= WRITTEN_S:
                    written = now
                    self._write(uses=now - noted >= USES_S)
                    noted = now if now - noted >= USES_S else noted
            except Exception:  # whatever it is: without this thread no kill is seen any more
                log.exception("looking after the feature flags failed; it goes on")

    def _write(self, *, uses: bool) -> None:
        exposures = self._flags.exposures
        if exposures is None:  # nothing was asked for yet
            return
        exposures.write()
        if uses:
            exposures.note_uses()

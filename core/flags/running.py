"""What runs beside the flags: looking for changes of other processes, and writing down what was seen."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from core.flags.exposures import USES_S, WRITTEN_S
from core.flags.flags import Flags
from core.flags.snapshot import REFRESHED_S, FlagSnapshot


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
            self._snapshot.look()
            now = self._elapsed()
            if now - written >= WRITTEN_S:
                self._write(uses=now - noted >= USES_S)
                noted = now if now - noted >= USES_S else noted
                written = now

    def _write(self, *, uses: bool) -> None:
        exposures = self._flags.exposures
        if exposures is None:  # nothing was asked for yet
            return
        exposures.write()
        if uses:
            exposures.note_uses()

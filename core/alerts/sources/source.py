"""What a source is, and what it may look at."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import Protocol

from core.audit.trail import Trail
from data.store import Store
from data.values.alerts import Observation
from data.warehouse.writer import WarehouseWriter


class DiskUsage(Protocol):
    """Bytes, as `shutil.disk_usage` gives them."""

    @property
    def total(self) -> int:
        """Of the whole disk."""

    @property
    def free(self) -> int:
        """That may still be written."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What sources read. All of it blocks.

    Args:
        home: the folder of run-time files.
        disk: how full the disk of a folder is.
    """

    store: Store
    writer: WarehouseWriter
    trail: Trail
    home: Path
    zone: tzinfo
    clock: Callable[[], datetime]
    disk: Callable[[Path], DiskUsage] = shutil.disk_usage


Look = Callable[[Parts], Mapping[str, Sequence[Observation]]]


@dataclass(frozen=True, slots=True)
class Source:
    """A function from the parts to what is seen, by rule; a subject that is left out is well.

    Args:
        rules: the keys that the function answers for.
        every: how often it is asked.
    """

    rules: tuple[str, ...]
    look: Look
    every: timedelta

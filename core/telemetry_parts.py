"""Parts of the composition that measure the others; `core.services` puts them together."""

from __future__ import annotations

import tomllib
from pathlib import Path

from core.access.access import Access
from core.audit.trail import Trail
from core.clock import utc_now
from core.config import Settings
from core.providers.directory import RESERVED
from core.providers.precautions import Precautions
from core.telemetry.instruments import Instruments
from core.telemetry.readings import Readings, Sources
from core.telemetry.service import Metrics
from data.store import Store
from data.warehouse.writer import WarehouseWriter

_PROJECT = Path(__file__).resolve().parent.parent / "pyproject.toml"


def make_instruments() -> Instruments:
    """Where things are counted."""
    return Instruments(str(tomllib.loads(_PROJECT.read_text("utf-8"))["project"]["version"]), RESERVED)


def make_metrics(
    settings: Settings,
    access: Access,
    store: Store,
    instruments: Instruments,
    *,
    writer: WarehouseWriter,
    trail: Trail,
    precautions: Precautions,
) -> Metrics:
    """What `/metrics` answers; audit events are counted from now on."""
    store.audit.on_written(instruments.audited)
    sources = Sources(
        standing=store.standing,
        warehouse=writer.status,
        audit=trail.status,
        circuits=precautions.circuits.states,
        home=settings.home,
        clock=utc_now,
    )
    return Metrics(access, instruments, Readings(sources))

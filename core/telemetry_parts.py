"""Parts of the composition that measure the others; `core.services` puts them together."""

from __future__ import annotations

import os
import socket
import tomllib
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from core.clock import utc_now
from core.config import Settings
from core.providers.directory import RESERVED
from core.providers.precautions import Precautions
from core.telemetry.instruments import Instruments
from core.telemetry.otlp import traces_to
from core.telemetry.readings import Readings, Sources
from core.telemetry.service import Metrics
from core.telemetry.telemetry import Telemetry

if TYPE_CHECKING:
    from core.ground import Ground

_PROJECT = Path(__file__).resolve().parent.parent / "pyproject.toml"


def release() -> str:
    """The version that runs."""
    return str(tomllib.loads(_PROJECT.read_text("utf-8"))["project"]["version"])


def make_telemetry(settings: Settings, stack: ExitStack) -> Telemetry:
    """Where things are counted and told to. Raises ConfigError as `traces_to`."""
    version = release()
    instance = f"{socket.gethostname()}-{os.getpid()}"
    return Telemetry(Instruments(version, RESERVED), traces_to(settings.otlp_endpoint, version, instance, stack))


def make_metrics(settings: Settings, ground: Ground, precautions: Precautions) -> Metrics:
    """What `/metrics` answers; audit events are counted from now on."""
    ground.store.audit.on_written(ground.telemetry.instruments.audited)
    sources = Sources(
        standing=ground.store.standing,
        warehouse=ground.writer.status,
        audit=ground.trail.status,
        circuits=precautions.circuits.states,
        maintenance=ground.board.maintenance,
        home=settings.home,
        clock=utc_now,
    )
    return Metrics(ground.access, ground.telemetry, Readings(sources))

"""The services of this process: `app.py` starts and stops them, pages and routes ask for `current()`."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack

from core.config import Settings
from core.errors import ConfigError
from core.flags.capabilities import Capability
from core.services import Services, build
from core.telemetry.telemetry import Telemetry
from core.warm_up import WarmUpStep

_lock = threading.Lock()
_running: tuple[Services, ExitStack] | None = None


def start(settings: Settings, *, own_address: Callable[[], str], warm_up: Sequence[WarmUpStep] = ()) -> Services:
    """Build this process's services. See `build`."""
    global _running  # noqa: PLW0603  # the one piece of process-wide state: pages have no other way to their services
    with _lock, ExitStack() as stack:
        services = build(settings, stack, own_address=own_address, warm_up=warm_up)
        _running = services, stack.pop_all()
        return services


def stop() -> None:
    """Stop what `start` started: live turns are kept as interrupted, the warehouse is drained."""
    global _running  # noqa: PLW0603
    with _lock:
        if _running is not None:
            _, stack = _running
            _running = None
            stack.close()


def interrupt() -> None:
    """Begin to end all answers and videos in progress, answers as interrupted. May be called from a signal handler."""
    if _running is not None:
        _running[0].interrupt()
        _running[0].videos.interrupt()


def current() -> Services:
    """The running services."""
    if _running is None:
        raise ConfigError("Gearbox is not running here.", "Start it with: streamlit run app.py")
    return _running[0]


def require_sandbox() -> None:
    """Go on where the sandbox is on for the owner, who alone is here where it is served. Raises SwitchedOff."""
    services = current()
    services.flags.require(services.actor(), Capability.SANDBOX)


def readiness() -> Mapping[str, str]:
    """The state of each part; see `core.api.health`."""
    return {"services": "warming"} if _running is None else _running[0].readiness()


def telemetry() -> Telemetry | None:
    """Where requests are counted and told to; None while nothing runs yet."""
    return None if _running is None else _running[0].metrics.telemetry

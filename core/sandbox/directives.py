"""What a prompt orders of the sandbox itself, between double brackets: paces, failures, delays, words.

They are documented in `docs/sandbox.md`.
"""

from __future__ import annotations

import hashlib
import math
import re
import threading
from collections.abc import Collection
from dataclasses import dataclass, replace
from enum import StrEnum

MAX_DELAY_SECONDS = 30.0
MAX_TIMES = 9
_REMEMBERED = 1_000
_DIRECTIVE = re.compile(
    r"\[\[((?:[a-z0-9-]+-)?(?:fault|fault-once|delay)|pace|words|say|think|sources|dialect|call|next):(.*?)\]\]",
    re.DOTALL,
)
_ONCE = "fault-once"


class Fault(StrEnum):
    """A way to fail on request."""

    RATE_LIMIT = "429"
    SERVER = "500"
    KEY = "401"
    REFUSED = "refused"
    STALL = "stall"
    CUT = "cut"
    MALFORMED = "malformed"
    EMPTY = "empty"
    JOB = "job"


class Scope(StrEnum):
    """What a failure or a delay can be ordered for alone."""

    TEXT = "text"
    CHART = "chart"
    IMAGE = "image"
    EDIT = "edit"
    SPEECH = "speech"
    VIDEO = "video"


@dataclass(frozen=True, slots=True)
class Orders:
    """What one request is ordered to do.

    Args:
        fault: how it fails.
        times: it fails this many times for the same prompt, and then goes well; None: always.
        delay: seconds before it answers.
    """

    fault: Fault | None = None
    times: int | None = None
    delay: float = 0.0


def directives_in(text: str) -> dict[str, str]:
    """All directives by name; of several of one name the last."""
    return dict(_DIRECTIVE.findall(text))


def without_directives(text: str) -> str:
    """A prompt without what is said to the sandbox itself."""
    return _DIRECTIVE.sub("", text).strip()


def orders_in(text: str, scopes: Collection[str]) -> Orders:
    """What `text` orders of a request that is all of `scopes`: a `Scope`, the name of its model.

    What is said of a scope wins over what is said of everything.
    """
    said = directives_in(text)
    found = Orders()
    for prefix in ("", *(f"{scope}-" for scope in scopes)):
        if (fault := fault_named(said.get(f"{prefix}fault"))) is not None:
            found = replace(found, fault=fault, times=None)
        kind, _, times = said.get(f"{prefix}{_ONCE}", "").strip().partition(" ")
        if (fault := fault_named(kind)) is not None:
            found = replace(found, fault=fault, times=_times(times))
        if (delay := _seconds(said.get(f"{prefix}delay", ""))) is not None:
            found = replace(found, delay=delay)
    return found


def fault_named(value: str | None) -> Fault | None:
    """The fault of that name."""
    word = (value or "").strip()
    return Fault(word) if word in {member.value for member in Fault} else None


class Failures:
    """Counts how often prompts have failed that shall fail only so often. Of the newest thousand; of any thread."""

    def __init__(self) -> None:
        self._counts: dict[bytes, int] = {}
        self._lock = threading.Lock()

    def next(self, orders: Orders, *key: str) -> Fault | None:
        """The fault that is due now for what `key` names."""
        if orders.fault is None or orders.times is None:
            return orders.fault
        digest = hashlib.sha256("\0".join(key).encode("utf-8", "replace")).digest()
        with self._lock:
            made = self._counts.pop(digest, 0)
            self._counts[digest] = made + 1
            while len(self._counts) > _REMEMBERED:
                del self._counts[next(iter(self._counts))]
        return orders.fault if made < orders.times else None


def _times(words: str) -> int:
    return min(max(int(words[:2]), 1), MAX_TIMES) if words.strip().isdecimal() else 1


def _seconds(words: str) -> float | None:
    try:
        seconds = float(words)
    except ValueError:
        return None
    return min(seconds, MAX_DELAY_SECONDS) if math.isfinite(seconds) and seconds >= 0 else None

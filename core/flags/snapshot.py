"""All flags in memory, read again in the background: an evaluation never waits for the database."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING

from data.values.flags import Attribute, Flag

if TYPE_CHECKING:
    from data.store import Store

REFRESHED = timedelta(seconds=1)
"""How often it is looked whether another process changed a flag; what this one changes counts at once."""
_DOMAINS_EVERY = 30
"""Every how many looks the domains of people's addresses are read, where a rule asks for one."""


class FlagSnapshot:
    """The flags as they were within the last second or two. Thread-safe; reading it takes no lock.

    While the database can't be read the last ones count: a flag that was killed stays killed.

    Args:
        declared: flags that are there without having been kept.
    """

    def __init__(self, store: Store, declared: Mapping[str, Flag]) -> None:
        self._store = store
        self._declared = declared
        self._lock = threading.Lock()
        self._mark: tuple[int, int] | None = None
        self._looks = 0
        self._failing = False
        self.flags: Mapping[str, Flag] = MappingProxyType(dict(declared))
        self.domains: Mapping[str, str] = {}
        self.on_change: Callable[[Sequence[str]], None] = lambda _keys: None
        """Told the keys of flags that have changed, on whatever thread found that out."""
        self.on_stale: Callable[[bool], None] = lambda _stale: None
        """Told True when the flags can't be read any more, and False when they can again; likewise."""
        self.refresh()

    def refresh(self) -> None:
        """Look whether anything has changed, and read it if so. Raises StoreError."""
        with self._lock:
            mark = self._store.flags.mark()
            changed: list[str] = []
            if mark != self._mark:
                now = {**self._declared, **self._with_words(self._store.flags.all())}
                changed = [key for key, flag in now.items() if self.flags.get(key) != flag]
                self.flags, self._mark = MappingProxyType(now), mark
            if changed or self._looks % _DOMAINS_EVERY == 0:
                self.domains = self._domains()
            self._looks += 1
        if changed:
            self.on_change(changed)

    def look(self) -> None:
        """The same, for the background: that the flags can't be read, or can again, is told once. Raises StoreError."""
        try:
            self.refresh()
        except Exception:  # whatever it is: the last ones count, and no kill is seen until it is mended
            self._stale(True)
            raise
        self._stale(False)

    def _stale(self, is_stale: bool) -> None:
        if is_stale is not self._failing:
            self._failing = is_stale
            self.on_stale(is_stale)

    def _with_words(self, kept: Mapping[str, Flag]) -> dict[str, Flag]:
        """What was kept without a description has the declared one."""
        return {
            key: replace(flag, description=self._declared[key].description)
            if not flag.description and key in self._declared
            else flag
            for key, flag in kept.items()
        }

    def _domains(self) -> Mapping[str, str]:
        """The domain of each person's address, where a rule asks for one; else nobody's."""
        asked = {
            condition.attribute for flag in self.flags.values() for rule in flag.rules for condition in rule.conditions
        }
        if Attribute.EMAIL_DOMAIN not in asked:
            return {}
        return {person.id: domain_of(person.email) for person in self._store.users.all()}


def domain_of(email: str | None) -> str:
    """The domain of an address, in small letters; empty where there is none."""
    return (email or "").rpartition("@")[2].casefold() if "@" in (email or "") else ""

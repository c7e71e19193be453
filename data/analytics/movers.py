"""What moved a sum most between two periods. Pure."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Generic, TypeVar

_Key = TypeVar("_Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Mover(Generic[_Key]):
    """One part of a sum. What all parts changed by adds up to what the sum changed by, exactly."""

    key: _Key
    now: Decimal
    before: Decimal

    @property
    def change(self) -> Decimal:
        """How much more it is; negative where it is less."""
        return self.now - self.before

    @property
    def ratio(self) -> float | None:
        """The change as a share of what it was before; None of a part that is new."""
        return float(self.change / self.before) if self.before else None


def movers(
    now: Mapping[_Key, Decimal | int], before: Mapping[_Key, Decimal | int], *, most: int | None = None
) -> tuple[Mover[_Key], ...]:
    """The parts that changed, those that changed the sum most first; of as large a change the larger part first.

    Args:
        now, before: the parts of each sum; one that is missing is nothing.
        most: so many at most; None for all.
    """
    parts = dict.fromkeys([*now, *before])
    every = [Mover(key, Decimal(now.get(key, 0)), Decimal(before.get(key, 0))) for key in parts]
    changed = [each for each in every if each.change]
    changed.sort(key=lambda each: (-abs(each.change), -max(each.now, each.before)))
    return tuple(changed[:most])

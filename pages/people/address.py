"""What the page's address says: the weeks, the team, and what active people are counted by. It is what gets shared.

An address may come from anybody and from any release: one that says something that can't be read shows the default
view, and that is told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from core.adoption import Question
from data.analytics.people_values import Rhythm, Stretch
from pages.figures.place import Unreadable

_LONGEST = 200
_Term = TypeVar("_Term", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Address:
    """A view of the page. `team` is an id; an empty one filters nothing."""

    stretch: Stretch = Stretch.HALF
    team: str = ""
    by: Rhythm = Rhythm.WEEK

    @property
    def question(self) -> Question:
        """What the view is made of."""
        return Question(self.stretch, self.team or None, self.by)


def read(params: Mapping[str, Sequence[str]]) -> Address:
    """The address of these parameters, each with all its values. Names that are not the page's are passed over.

    Raises:
        Unreadable: one of its own has a value that can't be.
    """

    def one(name: str) -> str:
        value = (params.get(name) or ("",))[0]
        if len(value) > _LONGEST or not value.isprintable():
            raise Unreadable(name)
        return value

    default = Address()
    return Address(
        _read(Stretch, one("period")) or default.stretch, one("team"), _read(Rhythm, one("by")) or default.by
    )


def written(address: Address) -> dict[str, str]:
    """The parameters that `read` makes this address of; what is as always is not there."""
    default = Address()
    params = {
        "period": "" if address.stretch is default.stretch else address.stretch.value,
        "team": address.team,
        "by": "" if address.by is default.by else address.by.value,
    }
    return {name: value for name, value in params.items() if value}


def _read(kind: type[_Term], text: str) -> _Term | None:
    try:
        return kind(text) if text else None
    except ValueError as error:
        raise Unreadable(text) from error

"""What the page's address says: what is picked, which saved question is open, and how its result is shown.

An address may come from anybody and from any release: one that says something that can't be read shows the empty page,
and that is told. Half of what somebody meant would pass for all of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar
from urllib.parse import parse_qs, urlencode

from data.analytics.period import Period
from data.analytics.picking import TOPICS, Picked, Subject
from pages.figures.place import Unreadable

_LONGEST = 200
_MOST = 20
_ALL = "all"
_Term = TypeVar("_Term", bound=StrEnum)


class Tab(StrEnum):
    """How questions are asked."""

    PICK = "pick"
    SQL = "sql"


class Shape(StrEnum):
    """How a result is shown."""

    TABLE = "table"
    LINE = "line"
    BAR = "bar"


@dataclass(frozen=True, slots=True)
class Address:
    """A view of the page.

    Args:
        tab: which one is open.
        picked: the question; None: nothing is picked yet.
        query: id of the saved question that is open; empty: none.
        shape: as what the result is shown; None: as what fits.
    """

    tab: Tab = Tab.PICK
    picked: Picked | None = None
    query: str = ""
    shape: Shape | None = None


def read(params: Mapping[str, Sequence[str]]) -> Address:
    """The address of these parameters, each with all its values. Names that are not the page's are passed over.

    Raises:
        Unreadable: one of its own has a value that can't be.
    """

    def one(name: str) -> str:
        return next(iter(many(name)), "")

    def many(name: str) -> Sequence[str]:
        values = params.get(name) or ()
        if len(values) > _MOST * _MOST or any(len(each) > _LONGEST or not each.isprintable() for each in values):
            raise Unreadable(name)
        return values

    tab = _read(Tab, one("tab")) or Tab.PICK
    shape = _read(Shape, one("as"))
    query = one("q")
    if query and not (query.isascii() and query.isalnum()):
        raise Unreadable("q")
    if not one("about"):
        return Address(tab, None, query, shape)
    subject = _read(Subject, one("about")) or Subject.CALLS
    topic = TOPICS[subject]
    picked = Picked(
        subject,
        _known(many("count"), topic.measures),
        _known(many("by"), topic.dimensions),
        _filters(many("only"), topic.dimensions),
        None if one("period") == _ALL else _read(Period, one("period")) or Period.MONTH,
    )
    return Address(tab, picked, query, shape)


def written(address: Address) -> dict[str, str | list[str]]:
    """The parameters that `read` makes this address of; what is as always is not there."""
    params: dict[str, str | list[str]] = {
        "tab": "" if address.tab is Tab.PICK else address.tab.value,
        "q": address.query,
        "as": address.shape.value if address.shape else "",
    }
    if address.picked is not None:
        params |= _picked(address.picked)
    return {name: value for name, value in params.items() if value}


def as_text(picked: Picked) -> str:
    """A picked question as it is kept."""
    return urlencode({name: value for name, value in _picked(picked).items() if value}, doseq=True)


def from_text(text: str) -> Picked:
    """What was kept. Raises Unreadable."""
    picked = read(parse_qs(text)).picked
    if picked is None:
        raise Unreadable(text)
    return picked


def _picked(picked: Picked) -> dict[str, str | list[str]]:
    return {
        "about": picked.subject.value,
        "count": list(picked.measures),
        "by": list(picked.dimensions),
        "only": [f"{name}:{value}" for name, values in picked.filters for value in values],
        "period": _ALL if picked.period is None else "" if picked.period is Period.MONTH else picked.period.value,
    }


def _known(names: Sequence[str], there: Mapping[str, object]) -> tuple[str, ...]:
    if len(names) > _MOST or len(set(names)) != len(names):
        raise Unreadable("too many")
    for name in names:
        if name not in there:
            raise Unreadable(name)
    return tuple(names)


def _filters(written_: Sequence[str], there: Mapping[str, object]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    found: dict[str, list[str]] = {}
    for each in written_:
        name, colon, value = each.partition(":")
        if not colon or name not in there:
            raise Unreadable(each)
        if value not in found.setdefault(name, []):
            found[name].append(value)
    return tuple((name, tuple(values)) for name, values in found.items())


def _read(kind: type[_Term], text: str) -> _Term | None:
    try:
        return kind(text) if text else None
    except ValueError as error:
        raise Unreadable(text) from error

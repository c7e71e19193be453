"""Which groups may be told apart, so that no number is about one or two people.

A group of fewer than three people (or whatever `least` says) has no row of its own. Neither may it be found by taking
the rows that are shown from the sum that is shown, so what is left over has to be of three people, too: the smallest
group that could be shown is left out with it where it is not. One's own alone may be seen by oneself.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from data.analytics.quality_sql import PEOPLE_AT_LEAST
from data.values.sample import is_sample

_Key = TypeVar("_Key", bound=Hashable)


def enough(people: int, others: int, least: int = PEOPLE_AT_LEAST) -> bool:
    """Whether a number may be shown that so many people are behind, `others` of whom are not the one who looks."""
    return people >= least or (people > 0 and others == 0)


def is_enough(people: Collection[str], viewer: str, least: int = PEOPLE_AT_LEAST) -> bool:
    """`enough`, of people by their ids.

    Those of sample data count only where there are no real ones: they hide nobody.
    """
    behind = {each for each in people if not is_sample(each)} or set(people)
    return enough(len(behind), len(behind - {viewer}), least)


def apart(groups: Mapping[_Key, Collection[str]], viewer: str, least: int = PEOPLE_AT_LEAST) -> frozenset[_Key]:
    """The groups that may have a row of their own; the others may be added up in one.

    Args:
        groups: ids of the people behind each; of groups of as many people the last one is left out first.
        viewer: who looks.
        least: people of a group, and of what is left over.
    """
    shown = {key for key, people in groups.items() if is_enough(set(people), viewer, least)}
    left = {person for key, people in groups.items() if key not in shown for person in people}
    for key in sorted((key for key in reversed(list(groups)) if key in shown), key=lambda key: len(set(groups[key]))):
        if not left or is_enough(left, viewer, least):
            break
        shown.remove(key)
        left.update(groups[key])
    return frozenset(shown)


def folded(
    rows: Iterable[Mapping[str, Any]], viewer: str, *, key: Sequence[str], beside: Sequence[str] = ()
) -> list[dict[str, Any]]:
    """The rows of groups that may be told apart, and those of the others added up, where they are enough together.

    Args:
        rows: additive, each with the ids of its `people`, who are not in the outcome.
        viewer: who looks.
        key: the columns that say which group it is; None in the rows of the others.
        beside: columns by which the others are kept apart too, such as a currency.

    Returns:
        The rows with `rest`: of how many groups it is the sum; 0 for a group of its own.
    """
    rows = list(rows)
    groups: dict[tuple[Any, ...], set[str]] = {}
    for row in rows:
        groups.setdefault(tuple(row[name] for name in key), set()).update(row["people"])
    shown = apart(groups, viewer)
    hidden = groups.keys() - shown
    tells = is_enough({person for each in hidden for person in groups[each]}, viewer)
    sums: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in rows:
        own = tuple(row[name] for name in key) in shown
        if not own and not tells:
            continue
        named = {name: row[name] if own else None for name in key} | {name: row[name] for name in beside}
        group = sums.setdefault((own, *named.values()), {**named, "rest": 0 if own else len(hidden)})
        for name, value in row.items():
            if name not in named and name != "people":
                group[name] = _plus(group.get(name), value)
    return sorted(sums.values(), key=lambda row: row["rest"] > 0)


def _plus(one: Any, other: Any) -> Any:
    """The sum; None stands for nothing known."""
    return other if one is None else one if other is None else one + other

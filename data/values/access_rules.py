"""Which models and tools people may use: rules of everybody, of teams and of persons, and what they come to together.

- Everybody's rule bounds all others: nothing goes beyond it.
- Of a person's teams, those that have a rule add up; those that have none say nothing.
- A person's own rule takes the place of their teams'.
- Where no rule says anything, everything may be used.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import lru_cache

EVERYTHING = "*"
"""The pattern that matches every name."""


class Thing(StrEnum):
    """What a rule is about. Stored: add members, never rename one."""

    MODELS = "models"  # by id, `provider/name`
    TOOLS = "tools"  # by the name that models call them by; a server's are `server__tool`


class RuleOwner(StrEnum):
    """Whom a rule is for. Stored: add members, never rename one."""

    ORGANISATION = "organisation"
    TEAM = "team"
    USER = "user"


@dataclass(frozen=True, slots=True)
class Lists:
    """What one owner's rules say. None: there is no rule. Empty: none may be used.

    An entry is a name, or a pattern in which `*` stands for any characters. Letters' case makes no difference.
    """

    models: tuple[str, ...] | None = None
    tools: tuple[str, ...] | None = None

    def of(self, thing: Thing) -> tuple[str, ...] | None:
        """One of the two."""
        return self.models if thing is Thing.MODELS else self.tools


NO_RULES = Lists()


@dataclass(frozen=True, slots=True)
class OwnRules:
    """One owner's rules as they are kept. `owner_id` is empty for everybody's."""

    owner: RuleOwner
    owner_id: str
    lists: Lists
    set_by: str
    set_at: datetime


@dataclass(frozen=True, slots=True)
class Layer:
    """Rules that add up, and have to allow a name before it may be used; `owner_ids` are several of teams."""

    owner: RuleOwner
    owner_ids: tuple[str, ...]
    patterns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Allowed:
    """What somebody may use: what every layer allows. Without layers that is everything."""

    layers: tuple[Layer, ...] = ()

    def allows(self, name: str) -> bool:
        """Whether they may use it."""
        return all(any(matches(pattern, name) for pattern in layer.patterns) for layer in self.layers)

    def covers(self, other: Allowed) -> bool:
        """Whether whatever `other` allows is allowed here too, of names that are known and of all others.

        True is certain. False may be said of lists that come to the same in a roundabout way.
        """
        return all(any(_within(theirs, layer) for theirs in other.layers) or _is_open(layer) for layer in self.layers)


ALL_ALLOWED = Allowed()


@dataclass(frozen=True, slots=True)
class Rules:
    """All rules of one moment."""

    of: Mapping[tuple[RuleOwner, str], Lists] = field(default_factory=dict)

    @classmethod
    def of_all(cls, kept: Iterable[OwnRules]) -> Rules:
        """Those of every owner."""
        return cls({(each.owner, each.owner_id): each.lists for each in kept})

    def allowed(self, thing: Thing, user_id: str, team_ids: Sequence[str]) -> Allowed:
        """What a person of these teams may use."""
        everybodys = self._layer(thing, RuleOwner.ORGANISATION, [""])
        own = self._layer(thing, RuleOwner.USER, [user_id]) or self._layer(thing, RuleOwner.TEAM, team_ids)
        return Allowed(tuple(layer for layer in (everybodys, own) if layer is not None))

    def with_(self, owner: RuleOwner, owner_id: str, lists: Lists) -> Rules:
        """The same with other rules of one owner."""
        return Rules({**self.of, (owner, owner_id): lists})

    def _layer(self, thing: Thing, owner: RuleOwner, owner_ids: Sequence[str]) -> Layer | None:
        said = {each: lists.of(thing) for each in owner_ids if (lists := self.of.get((owner, each)))}
        found = {each: patterns for each, patterns in said.items() if patterns is not None}
        if not found:
            return None
        together = dict.fromkeys(each for patterns in found.values() for each in patterns)
        return Layer(owner, tuple(found), tuple(together))


def matches(pattern: str, name: str) -> bool:
    """Whether a name is one that the pattern stands for. Takes time in proportion to both, whatever they are."""
    return _fits(_pieces(pattern), name.casefold())


def unmatched(patterns: Iterable[str], names: Collection[str]) -> tuple[str, ...]:
    """Those that stand for none of the names: perhaps misspelt, perhaps of something that is still to come."""
    folded = [name.casefold() for name in names]
    together = "\n".join(folded)  # most of what matches nothing has a piece that no name has

    def fits_any(pieces: tuple[str, ...]) -> bool:
        return all(piece in together for piece in pieces) and any(_fits(pieces, name) for name in folded)

    return tuple(pattern for pattern in patterns if not fits_any(_pieces(pattern)))


@lru_cache(maxsize=4096)
def _pieces(pattern: str) -> tuple[str, ...]:
    """What stands between stars; several stars in a row are one. A single piece is a name."""
    first, *others = pattern.casefold().split("*")
    return (first, *filter(None, others[:-1]), *others[-1:])


def _fits(pieces: tuple[str, ...], name: str) -> bool:
    if len(pieces) == 1:
        return pieces[0] == name
    first, *between, last = pieces
    if len(name) < len(first) + len(last) or not name.startswith(first) or not name.endswith(last):
        return False
    at, end = len(first), len(name) - len(last)
    for part in between:
        found = name.find(part, at, end)
        if found < 0:
            return False
        at = found + len(part)
    return True


def _within(narrow: Layer, wide: Layer) -> bool:
    # A pattern that another one matches like a name is a part of it: only a star can match a star.
    said = frozenset(wide.patterns)
    return all(
        pattern in said or any(matches(other, pattern) for other in wide.patterns) for pattern in narrow.patterns
    )


def _is_open(layer: Layer) -> bool:
    return EVERYTHING in layer.patterns

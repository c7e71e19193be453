"""Which models and tools people may use: who says so, what it comes to for somebody, and what a change would take away.

How rules go together is in `data.values.access_rules`; calls ask `core.access.allowing`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from core.access.access import Access
from core.access.policy import Permission
from core.errors import GearboxError, NotFound
from data.values.access_rules import NO_RULES, Allowed, Lists, OwnRules, RuleOwner, Rules, Thing, unmatched
from data.values.audit import Action, AuditEvent, AuditOutcome

if TYPE_CHECKING:
    from data.store import Store
    from data.values.actor import Actor
    from data.values.people import Person

MOST_ENTRIES = 500
LONGEST_ENTRY = 300
_TOLD = 2_000
"""Characters of a list in the audit log."""


@dataclass(frozen=True, slots=True)
class Around:
    """What there is for rules to name.

    `known` are the names of all models or tools that an actor knows of, `offered` the ids of the chat models behind the
    connections that a person has. Both are empty where that is not known, as in a command.
    """

    known: Callable[[Actor, Thing], Collection[str]]
    offered: Callable[[Person], Sequence[str]]


NOTHING_AROUND = Around(lambda _actor, _thing: (), lambda _person: ())


@dataclass(frozen=True, slots=True)
class Usable:
    """What a person may use of one thing, by which rules, and of what is here now: the names, of how many."""

    allowed: Allowed
    now: tuple[str, ...]
    of: int


@dataclass(frozen=True, slots=True)
class Effect:
    """What a change would come to.

    `losing` is how many people could use less than before. `unmatched` are entries that stand for nothing here now.
    """

    losing: int
    unmatched: tuple[str, ...]


class AccessRules:
    """For actors who manage people. Thread-safe, blocking."""

    def __init__(self, access: Access, store: Store, around: Around = NOTHING_AROUND) -> None:
        self._access = access
        self._store = store
        self._around = around

    def all(self, actor: Actor) -> Sequence[OwnRules]:
        """Every rule: everybody's, then teams', then persons'. Raises AccessRefused."""
        self._access.require(actor, Permission.MANAGE_PEOPLE)
        return self._store.access_rules.all()

    def of(self, actor: Actor, owner: RuleOwner, owner_id: str = "") -> Lists:
        """One owner's rules. Raises AccessRefused."""
        return Rules.of_all(self.all(actor)).of.get((owner, owner_id), NO_RULES)

    def known(self, actor: Actor, thing: Thing) -> Sequence[str]:
        """The names that entries can be made of here, in order. Raises AccessRefused."""
        self._access.require(actor, Permission.MANAGE_PEOPLE)
        return sorted(self._around.known(actor, thing))

    def usable(self, actor: Actor, person_id: str) -> Mapping[Thing, Usable]:
        """What a person may use now. Of tools all that there are here are counted, whoever's servers bring them.

        Raises:
            AccessRefused: the actor may not.
            NotFound: there is no such person.
        """
        rules, person = Rules.of_all(self.all(actor)), self._person(person_id)
        found = {}
        for thing in Thing:
            there = self._around.offered(person) if thing is Thing.MODELS else sorted(self._around.known(actor, thing))
            allowed = rules.allowed(thing, person.id, person.team_ids)
            found[thing] = Usable(allowed, tuple(name for name in there if allowed.allows(name)), len(there))
        return found

    def preview(self, actor: Actor, owner: RuleOwner, owner_id: str, lists: Lists) -> Effect:
        """What `set` would come to. Raises AccessRefused, and GearboxError where an entry won't do."""
        before, lists = Rules.of_all(self.all(actor)), checked(lists)
        after = before.with_(owner, owner_id, lists)
        active = [person for person in self._store.users.all() if person.is_active]
        hints: list[str] = []
        for thing in Thing:
            known = self._around.known(actor, thing) if lists.of(thing) else ()
            hints += unmatched(lists.of(thing) or (), known) if known else ()
        return Effect(_losing(active, before, after), tuple(hints))

    def set(self, actor: Actor, owner: RuleOwner, owner_id: str, lists: Lists, *, seen: Lists | None = None) -> Lists:
        """Give an owner exactly these rules; every process goes by them within two seconds.

        Args:
            seen: the rules that were looked at; None: whatever they are.

        Returns:
            what held before, for whoever wants to take it back.

        Raises:
            AccessRefused: the actor may not.
            NotFound: there is no such team or person.
            Conflict: somebody else changed what was seen.
            GearboxError: an entry won't do.
        """
        self._access.require(actor, Permission.MANAGE_PEOPLE)
        lists = checked(lists)

        def told(before: Lists) -> AuditEvent:
            target = f"access:{owner.value}" + (f":{owner_id}" if owner_id else "")
            said = {}
            for thing in (thing for thing in Thing if before.of(thing) != lists.of(thing)):
                said[f"{thing.value}_before"] = _told(before.of(thing))
                said[f"{thing.value}_after"] = _told(lists.of(thing))
            return AuditEvent.by(actor, Action.ACCESS_CHANGE, AuditOutcome.DONE, target=target, **said)

        return self._store.access_rules.save(owner, owner_id, lists, by=actor.user_id, told=told, seen=seen)

    def _person(self, person_id: str) -> Person:
        person = self._store.users.find(person_id)
        if person is None or person.forgotten_at is not None:
            raise NotFound("There is no such person.", "Reload the page.")
        return person


def checked(lists: Lists) -> Lists:
    """The same, each entry once and without blanks around it. Raises GearboxError for what won't do."""
    models, tools = _entries(lists.models), _entries(lists.tools)
    for each in models or ():
        if "/" not in each and "*" not in each:
            raise GearboxError("A model is named with its provider, as the Models page does.", "For example: openai/*.")
    return Lists(models, tools)


def _entries(entries: Sequence[str] | None) -> tuple[str, ...] | None:
    if entries is None:
        return None
    found = tuple(dict.fromkeys(each.strip() for each in entries))
    if len(found) > MOST_ENTRIES:
        raise GearboxError(f"A rule has at most {MOST_ENTRIES} entries.", "Use patterns: openai/* stands for many.")
    for each in found:
        if not 1 <= len(each) <= LONGEST_ENTRY or not each.isprintable() or " " in each:
            raise GearboxError(
                f"An entry is a name or a pattern of 1 to {LONGEST_ENTRY} printable characters without blanks.",
                "For example: openai/gpt-4o, anthropic/claude-*, or github__* for all tools of a server.",
            )
    return found


def _losing(people: Iterable[Person], before: Rules, after: Rules) -> int:
    """How many could use less; people of the same teams share rules, which are compared once."""

    @cache
    def covers(wide: Allowed, narrow: Allowed) -> bool:
        return wide.covers(narrow)

    def loses(person: Person) -> bool:
        who = person.id, person.team_ids
        return not all(covers(after.allowed(thing, *who), before.allowed(thing, *who)) for thing in Thing)

    return sum(map(loses, people))


def _told(patterns: Sequence[str] | None) -> str:
    words = "no rule" if patterns is None else " ".join(patterns) or "none"
    return words if len(words) <= _TOLD else f"{words[:_TOLD]}… ({len(patterns or ())} entries)"

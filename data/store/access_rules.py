"""Which models and tools everybody, teams and persons may use, as admins said."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import ColumnElement, Connection, delete, select

from data.store.columns import upsert
from data.store.database import Database
from data.store.tables import access_rules as table
from data.store.tables import teams, users
from data.values.access_rules import NO_RULES, Lists, OwnRules, RuleOwner, Thing
from data.values.audit import AuditEvent
from data.values.errors import Conflict, NotFound


class AccessRules:
    """Blocking."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.changes = 0
        """Grows after each change that this process makes: whoever remembers what they read can tell by it."""

    def all(self) -> list[OwnRules]:
        """Everybody's, then teams', then persons'. What a later release wrote of other things is left out."""
        with self._database.read() as connection:
            return _found(connection, table.c.owner_kind.in_([owner.value for owner in RuleOwner]))

    def save(
        self,
        owner: RuleOwner,
        owner_id: str,
        lists: Lists,
        *,
        by: str,
        told: Callable[[Lists], AuditEvent],
        seen: Lists | None = None,
    ) -> Lists:
        """Keep one owner's rules in the place of those they had.

        Args:
            by: id of the person who says so.
            told: makes the event of the audit log from what held before; not asked where nothing changes.
            seen: what has to hold before; None: whatever does.

        Returns:
            what held before.

        Raises:
            NotFound: there is no such team or person.
            Conflict: something else than `seen` holds.
        """

        def work(connection: Connection) -> Lists:
            _require(connection, owner, owner_id)
            before = next((each.lists for each in _found(connection, _of(owner, owner_id))), NO_RULES)
            if seen is not None and seen != before:
                raise Conflict("Somebody else changed this meanwhile.", "Here is what holds now; change that.")
            for thing in Thing:
                if (patterns := lists.of(thing)) == before.of(thing):
                    continue
                key = {"owner_kind": owner.value, "owner_id": owner_id, "thing": thing.value}
                if patterns is None:
                    connection.execute(delete(table).where(_of(owner, owner_id), table.c.thing == thing.value))
                else:
                    said = {"patterns": list(patterns), "set_by": by, "set_at": self._database.clock()}
                    upsert(connection, table, {**key, **said}, key=key)
            if before != lists:
                self._database.audit(told(before))
            return before

        try:
            return self._database.write(work)
        finally:  # also of one that failed: perhaps it is there all the same
            self.changes += 1


def forget_rules(connection: Connection, owner: RuleOwner, owner_id: str) -> None:
    """Delete the rules of somebody who goes, in the caller's transaction."""
    connection.execute(delete(table).where(_of(owner, owner_id)))


def _found(connection: Connection, which: ColumnElement[bool]) -> list[OwnRules]:
    query = select(table).where(which, table.c.thing.in_([thing.value for thing in Thing]))
    said: dict[tuple[RuleOwner, str], OwnRules] = {}
    for row in connection.execute(query.order_by(table.c.owner_id, table.c.set_at)):
        key = RuleOwner(row.owner_kind), row.owner_id
        others = {thing.value: said[key].lists.of(thing) for thing in Thing} if key in said else {}
        lists = Lists(**{**others, row.thing: tuple(row.patterns)})
        said[key] = OwnRules(*key, lists, row.set_by, row.set_at)  # the latest change of the two stands for both
    places = {owner: place for place, owner in enumerate(RuleOwner)}
    return sorted(said.values(), key=lambda each: places[each.owner])


def _require(connection: Connection, owner: RuleOwner, owner_id: str) -> None:
    if owner is RuleOwner.ORGANISATION:
        if owner_id:
            raise NotFound("There is one organisation.")
    elif owner is RuleOwner.TEAM:
        if connection.execute(select(teams.c.id).where(teams.c.id == owner_id)).first() is None:
            raise NotFound("There is no such team.", "Reload the page.")
    else:
        here = (users.c.id == owner_id) & users.c.forgotten_at.is_(None)
        if connection.execute(select(users.c.id).where(here)).first() is None:
            raise NotFound("There is no such person.", "Reload the page.")


def _of(owner: RuleOwner, owner_id: str) -> ColumnElement[bool]:
    return (table.c.owner_kind == owner.value) & (table.c.owner_id == owner_id)

"""Teams: people who share keys."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from data.store.access_rules import forget_rules
from data.store.budgets import forget_budget
from data.store.columns import insert_new
from data.store.database import Database
from data.store.holding import join_held_team
from data.store.tables import team_members, teams, users
from data.values.access_rules import RuleOwner
from data.values.audit import AuditEvent
from data.values.budgets import BudgetOwner
from data.values.errors import Conflict, NotFound
from data.values.people import Team


class Teams:
    """Blocking. Events are recorded with the change they tell of, or neither happens."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[Team]:
        """Every team by name, with its members."""
        members = select(team_members).order_by(team_members.c.joined_at, team_members.c.user_id)
        with self._database.read() as connection:
            rows = connection.execute(select(teams).order_by(teams.c.name, teams.c.id)).all()
            found: dict[str, tuple[str, ...]] = {}
            for row in connection.execute(members):
                found[row.team_id] = (*found.get(row.team_id, ()), row.user_id)
        return [Team(row.id, row.name, row.created_at, found.get(row.id, ())) for row in rows]

    def add(self, team: Team, event: AuditEvent) -> None:
        """Make a team without members. Raises Conflict when there is one of this name."""

        def work(connection: Connection) -> None:
            row = {"id": team.id, "name": team.name, "created_at": team.created_at}
            try:
                connection.execute(insert(teams).values(row))
            except IntegrityError:
                raise _taken(team.name) from None
            self._database.audit(event)

        self._database.write(work)

    def rename(self, team_id: str, name: str, event: AuditEvent) -> None:
        """Give a team another name. Raises NotFound, or Conflict when there is one of this name."""

        def work(connection: Connection) -> None:
            try:
                changed = connection.execute(update(teams).where(teams.c.id == team_id).values(name=name)).rowcount
            except IntegrityError:
                raise _taken(name) from None
            if not changed:
                raise missing_team()
            self._database.audit(event)

        self._database.write(work)

    def remove(self, team_id: str, event: AuditEvent) -> None:
        """Delete a team; its people are not touched. Raises NotFound."""

        def work(connection: Connection) -> None:
            if not connection.execute(delete(teams).where(teams.c.id == team_id)).rowcount:
                raise missing_team()
            forget_budget(connection, BudgetOwner.TEAM, team_id)
            forget_rules(connection, RuleOwner.TEAM, team_id)
            self._database.audit(event)

        self._database.write(work)

    def join(self, team_id: str, user_id: str, at: datetime, event: AuditEvent) -> bool:
        """Put a person into a team; False, and nothing done, when they are in it. Raises NotFound."""

        def work(connection: Connection) -> bool:
            if connection.execute(select(teams.c.id).where(teams.c.id == team_id).with_for_update()).first() is None:
                raise missing_team()
            here = users.c.id == user_id
            if connection.execute(select(users.c.id).where(here, users.c.forgotten_at.is_(None))).first() is None:
                raise NotFound("There is no such person.")
            row = {"team_id": team_id, "user_id": user_id, "joined_at": at}
            if not insert_new(connection, team_members, row, key=["team_id", "user_id"]):
                return False
            join_held_team(connection, team_id, user_id, at)
            self._database.audit(event)
            return True

        return self._database.write(work)

    def leave(self, team_id: str, user_id: str, event: AuditEvent) -> bool:
        """Take a person out of a team; False, and nothing done, when they are not in it."""
        member = (team_members.c.team_id == team_id) & (team_members.c.user_id == user_id)

        def work(connection: Connection) -> bool:
            gone = connection.execute(delete(team_members).where(member)).rowcount == 1
            if gone:
                self._database.audit(event)
            return gone

        return self._database.write(work)


def missing_team() -> NotFound:
    """There is none of this id."""
    return NotFound("There is no such team.")


def _taken(name: str) -> Conflict:
    return Conflict(f"There is a team called {name} already.", "Choose another name.")


_FIRST_TEAM = (
    select(team_members.c.team_id)
    .where(team_members.c.user_id == bindparam("member"))
    .order_by(team_members.c.joined_at, team_members.c.team_id)
    .limit(1)
)


def first_team(connection: Connection, user_id: str) -> str | None:
    """Of the teams that a person is in the one joined first: what they do is counted there. None without one."""
    found: str | None = connection.execute(_FIRST_TEAM, {"member": user_id}).scalar()
    return found

"""How models were chosen, what people showed of the answers, and what that adds up to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, distinct, exists, func, select, update

from data.store.database import Database
from data.store.outbox import ROUTING_PROPENSITY, post
from data.store.routing_counting import reset
from data.store.routing_decisions import IN_FORCE, decision_of, keep_decision, overrule, task_of
from data.store.routing_feedback import keep_feedback, of_turns
from data.store.routing_rebuild import Difference, differences, rebuild
from data.store.routing_tallies import learned, version_of
from data.store.tables import conversations, routing_feedback, team_members, turns
from data.store.tables import routing_decisions as table
from data.values.audit import AuditEvent
from data.values.counting import Counting, Learned, Used
from data.values.errors import StoreError
from data.values.routing import Chooser, Decision, Feedback

_AT_ONCE = 500  # drivers limit the parameters of one statement


class Routing:
    """Blocking. A turn's decision is kept as the turn begins, see `Turns.begin`; a program's call's by `keep`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of_turn(self, user_id: str, turn_id: str) -> Decision | None:
        """The decision in force in a turn; None where there is none, or it is not the person's."""
        return self._one(select(table).where(table.c.turn_id == turn_id, table.c.user_id == user_id, IN_FORCE))

    def decision(self, user_id: str, decision_id: str) -> Decision | None:
        """A decision by its id; None where there is none, or it is not the person's."""
        return self._one(select(table).where(table.c.id == decision_id, table.c.user_id == user_id))

    def keep(self, decision: Decision, call_id: str) -> Decision:
        """Keep the decision of a program's call, which belongs to no turn; returns it as it was kept."""
        return self._database.write(lambda connection: keep_decision(connection, decision, call_id))

    def overrule(self, decision: Decision, turn_id: str) -> Decision:
        """Put another decision in the place of the one in force in a turn, which has not answered yet.

        Returns it as it was kept: with an id of its own, what it overrules, and the task of that.

        Raises:
            NotFound: the turn has none, or it is not the person's.
        """
        return self._database.write(lambda connection: overrule(connection, decision, turn_id))

    def set_propensity(self, decision_id: str, value: float) -> None:
        """Say how likely the policy was to choose as it did; only the first time, and only of the policy's choices."""
        if not 0 < value <= 1:
            raise ValueError("what was chosen has a probability above 0, and not above 1")

        def work(connection: Connection) -> None:
            wanting = (table.c.propensity.is_(None)) & (table.c.chooser == Chooser.POLICY.value)
            said = update(table).where(table.c.id == decision_id, wanting).values(propensity=value)
            if connection.execute(said).rowcount:
                told = {"event_id": decision_id, "propensity": value}
                post(connection, ROUTING_PROPENSITY, told, self._database.clock())

        self._database.write(work)

    def without_propensity(self, limit: int, *, since: datetime | None = None) -> list[Decision]:
        """The policy's choices of which that was not said yet, the newest first."""
        wanting = (table.c.propensity.is_(None)) & (table.c.chooser == Chooser.POLICY.value)
        query = select(table).where(wanting).order_by(table.c.decided_at.desc(), table.c.id).limit(limit)
        if since is not None:
            query = query.where(table.c.decided_at >= since)
        with self._database.read() as connection:
            return [decision_of(row) for row in connection.execute(query)]

    def used(self, user_ids: Sequence[str], since: datetime, *, limit: int = 5000) -> list[Used]:
        """Which models these people used since then, the newest first.

        Not what was asked only to be compared: such a side was picked to be looked at, and is none of their picks.
        """
        compared = exists().where(
            turns.c.id == table.c.turn_id,
            conversations.c.id == turns.c.conversation_id,
            conversations.c.hidden_in.is_not(None),
        )
        names = ("user_id", "task", "fingerprint", "chosen", "chooser", "decided_at")
        columns = [table.c[name] for name in names]
        found: list[Used] = []
        with self._database.read() as connection:
            for start in range(0, len(user_ids), _AT_ONCE):
                theirs = table.c.user_id.in_(user_ids[start : start + _AT_ONCE])
                query = select(*columns).where(theirs, table.c.decided_at >= since, IN_FORCE, ~compared)
                rows = connection.execute(query.order_by(table.c.decided_at.desc()).limit(limit))
                found += [_used(row) for row in rows]
        return sorted(found, key=lambda each: each.at, reverse=True)[:limit]

    def add_feedback(self, feedback: Feedback) -> bool:
        """Keep what a person showed of an answer, and count it; False where it is there already.

        Of a kind (thumbs; comparisons; any other signal by itself) the last one on an answer of a model counts: exactly
        what the one before had added is taken back.

        Raises:
            NotFound: the turn is not the person's, or the decision not the turn's.
        """
        database = self._database
        return database.write(
            lambda connection: keep_feedback(connection, database.counting, feedback, database.clock())
        )

    def feedback_of(self, user_id: str, turn_ids: Sequence[str]) -> list[Feedback]:
        """What a person showed of the answers of these turns, as far as it counts (a thumb that was taken back is
        the last of its kind), the oldest first."""
        found: list[Feedback] = []
        with self._database.read() as connection:
            for start in range(0, len(turn_ids), _AT_ONCE):
                found += of_turns(connection, user_id, turn_ids[start : start + _AT_ONCE])
        return found

    def judges(self) -> dict[str, int]:
        """How many members of each team have shown something of answers, by the team's id. Reads an index."""
        shown = routing_feedback.c.user_id
        query = (
            select(team_members.c.team_id, func.count(distinct(shown)).label("judges"))
            .join_from(team_members, routing_feedback, team_members.c.user_id == shown)
            .group_by(team_members.c.team_id)
        )
        with self._database.read() as connection:
            return {row.team_id: row.judges for row in connection.execute(query)}

    def version(self) -> int:
        """The number of the last change of the tallies. One row is read."""
        with self._database.read() as connection:
            return version_of(connection)

    def tallies(self, known: Learned | None = None) -> Learned:
        """All tallies. Given what is `known`, only those that have changed are read, and `known` itself is given back
        where none has."""
        with self._database.moment() as connection:
            return learned(connection, known)

    def forget(self, user_id: str, event: AuditEvent) -> None:
        """Begin anew with a person, with the event that tells of it: what they showed so far is no longer theirs alone.

        Decisions and feedback stay, and so does what they add to everybody's and to their teams' experience.
        """

        def work(connection: Connection) -> None:
            reset(connection, user_id, self._database.clock())
            self._database.audit(event)

        self._database.write(work)

    def differences(self) -> list[Difference]:
        """Where the tallies are not what all calls and all feedback come to; none, unless they are counted otherwise
        by this release.

        Raises:
            StoreError: the store was opened without anything that counts.
        """
        counting = self._counting()
        with self._database.moment() as connection:
            return differences(connection, counting)

    def rebuild(self, event: AuditEvent) -> int:
        """Count all calls and all feedback anew, with the event that tells of it; returns how many tallies there are.

        Raises:
            StoreError: the store was opened without anything that counts.
        """
        return rebuild(self._database, self._counting(), event)

    def _counting(self) -> Counting:
        if self._database.counting is None:
            raise StoreError("This store was opened without what counts events.")
        return self._database.counting

    def _one(self, query: Select[Any]) -> Decision | None:
        with self._database.read() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else decision_of(row)


def _used(row: Row[Any]) -> Used:
    chooser = Chooser(row.chooser)
    return Used(row.user_id, task_of(row.task), row.fingerprint, row.chosen, chooser, row.decided_at)

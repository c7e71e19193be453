"""The tallies, counted anew from the books: what they must be, bit for bit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select, update

from data.store.database import Database
from data.store.routing_counting import ended_calls, finished, since_reset
from data.store.routing_decisions import decision_of
from data.store.routing_feedback import counted_feedback, feedback_of
from data.store.routing_tallies import as_json, learned, replace_all, version_of
from data.store.tables import routing_decisions, routing_feedback, routing_resets
from data.values.audit import AuditEvent
from data.values.counting import Counting
from data.values.routing import Decision, Tallies, Tally, TallyKey

_CHUNK = 500
_TRIES = 3
"""How often it is counted beside the others, who go on writing; after that they wait."""

_ZEROS = list(astuple(Tally()))


@dataclass(frozen=True, slots=True)
class Difference:
    """A tally that is not what the books come to."""

    key: TallyKey
    kept: Tally
    counted: Tally


@dataclass(frozen=True, slots=True)
class _Counted:
    """What all events come to. `adds`: of the feedback that adds something else by now than when it came, by its id."""

    version: int
    tallies: Tallies
    adds: Mapping[str, Tallies]


def differences(connection: Connection, counting: Counting) -> list[Difference]:
    """Where kept and counted differ; the connection sees one moment."""
    kept, counted = learned(connection, None).tallies, _count(connection, counting).tallies
    nothing = Tally()
    either = sorted({*kept, *counted}, key=astuple)
    pairs = (Difference(key, kept.get(key, nothing), counted.get(key, nothing)) for key in either)
    return [pair for pair in pairs if pair.kept != pair.counted]


def rebuild(database: Database, counting: Counting, event: AuditEvent) -> int:
    """Put what is counted in the place of what is kept; returns how many tallies that are."""
    for _ in range(_TRIES):
        with database.moment() as connection:
            counted = _count(connection, counting)

        def work(connection: Connection, counted: _Counted = counted) -> bool:
            if version_of(connection) != counted.version:  # somebody counted an event meanwhile
                return False
            _keep(connection, counted)
            database.audit(event)
            return True

        if database.write(work):
            return len(counted.tallies)

    def all_at_once(connection: Connection) -> int:
        counted = _count(connection, counting)
        _keep(connection, counted)
        database.audit(event)
        return len(counted.tallies)

    return database.write(all_at_once)


def _keep(connection: Connection, counted: _Counted) -> None:
    replace_all(connection, counted.tallies)
    for feedback_id, adds in counted.adds.items():
        row = update(routing_feedback).where(routing_feedback.c.id == feedback_id)
        connection.execute(row.values(adds=as_json(adds)))


def _count(connection: Connection, counting: Counting) -> _Counted:
    version = version_of(connection)
    latest = select(routing_resets.c.user_id, func.max(routing_resets.c.at).label("at")).group_by("user_id")
    resets: dict[str, datetime] = {row.user_id: row.at for row in connection.execute(latest)}
    sums: dict[TallyKey, list[int]] = {}

    def add(adds: Tallies, user_id: str, at: datetime) -> None:
        for key, tally in since_reset(adds, at, resets.get(user_id)).items():
            before = sums.get(key, _ZEROS)
            sums[key] = [one + other for one, other in zip(before, astuple(tally), strict=True)]

    for row in connection.execute(ended_calls().execution_options(yield_per=_CHUNK)):
        call = finished(row, row.tasks, row.team_ids)
        add(counting.call(call), call.user_id, call.at)
    changed: dict[str, Tallies] = {}
    for rows in connection.execute(counted_feedback().execution_options(yield_per=_CHUNK)).partitions():
        decisions = _decisions(connection, {row.decision_id for row in rows if row.decision_id})
        for row in rows:
            adds = counting.feedback(feedback_of(row), decisions.get(row.decision_id))
            add(adds, row.user_id, row.at)
            if as_json(adds) != row.adds:
                changed[row.id] = adds
    tallies = {key: Tally(*each) for key, each in sums.items() if any(each)}
    return _Counted(version, tallies, changed)


def _decisions(connection: Connection, ids: Iterable[str]) -> dict[str, Decision]:
    query = select(routing_decisions).where(routing_decisions.c.id.in_(list(ids)))
    return {row.id: decision_of(row) for row in connection.execute(query)}

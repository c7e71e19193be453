"""What of the warehouse a role may ask: the events with pseudonyms, the teams, and for some who the people are."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from core.usage import FRESHEN_S
from data.query import Feed
from data.store import Store
from data.values.sample import sample_team_name
from data.warehouse.exports import Exports, Handed
from data.warehouse.parquet import names_stream
from data.warehouse.views import FACTS, PEOPLE, TEAMS, View, create_view, facts
from data.warehouse.writer import WarehouseWriter

FRESH = timedelta(minutes=1)
"""How old what is asked may be: a feed is copied, and answers everybody of a role until then."""


@dataclass(frozen=True, slots=True)
class Fed:
    """A feed, the moment that it is of (UTC), and of each table how many events are in it, and how many made-up ones.

    Days before `since` are not in it, as they are being made ready; None: all are. When `Exports.removed` is no longer
    `removed`, one of its files is gone.
    """

    feed: Feed
    at: datetime
    counts: Mapping[str, tuple[int, int]]
    removed: int
    since: date | None


def views_for(sees_people: bool) -> tuple[View, ...]:
    """What can be asked, as the schema browser shows it."""
    return (*facts(), TEAMS, *((PEOPLE,) if sees_people else ()))


class Feeding:
    """Makes feeds, one for each role. Thread-safe, blocking."""

    def __init__(self, exports: Exports, writer: WarehouseWriter, store: Store, clock: Callable[[], datetime]) -> None:
        self._exports = exports
        self._writer = writer
        self._store = store
        self._clock = clock
        self._lock = threading.Lock()  # one is made at a time: two analysts of a role wait for the same
        self._made: dict[bool, Fed] = {}

    def feed(self, *, sees_people: bool) -> Fed:
        """What somebody of a role may ask.

        Raises:
            WarehouseError: the warehouse can't be read, or has too much of today.
        """
        with self._lock:
            now = self._clock()
            made = self._made.get(sees_people)
            is_whole = made is not None and made.removed == self._exports.removed
            if made is not None and is_whole and timedelta() <= now - made.at < FRESH:
                return made
            self._made.clear()  # rows of today are large, and those of another role are as old
            removed = self._exports.removed
            self._writer.flush(FRESHEN_S)
            with self._writer.reader() as cursor:
                handed = self._exports.hand_over(cursor)
            self._made[sees_people] = Fed(
                self._of(handed, sees_people), handed.at, handed.counts, removed, handed.since
            )
            return self._made[sees_people]

    def _of(self, handed: Handed, sees_people: bool) -> Feed:
        teams = {team.id: team.name for team in self._store.teams.all()}
        teams |= {each: name for each in handed.team_ids if (name := sample_team_name(each))}
        rows = [*handed.rows.items(), ("teams", names_stream(("team_id", "name"), sorted(teams.items())))]
        statements = [create_view(table, handed.paths[table]) for table in FACTS]
        statements.append("CREATE VIEW teams AS FROM kept.teams")
        if sees_people:
            rows.append(("people", self._people(teams)))
            statements.append("CREATE VIEW people AS FROM kept.people")
        seal = hashlib.sha256(f"{handed.version} {sees_people}".encode())
        for _, data in rows[len(handed.rows) :]:
            seal.update(data)
        paths = tuple(path for table in FACTS for path in handed.paths[table])
        folder = str(handed.folder.resolve()) if paths else None
        return Feed(folder, paths, tuple(rows), tuple(statements), seal.hexdigest())

    def _people(self, teams: dict[str, str]) -> bytes:
        known = (person for person in self._store.users.all() if person.forgotten_at is None)
        return names_stream(
            ("person", "name", "team"),
            (
                (
                    self._exports.pseudonym(person.id),
                    person.display_name,
                    teams.get(person.team_ids[0]) if person.team_ids else None,
                )
                for person in known
            ),
        )

"""Parquet files of closed days, for every process but the one that has the warehouse file.

`<folder>/<table>/<day>.parquet`, with a pseudonym in the place of each person's id. A manifest beside them says what
each was made of, so that a file is written anew when its day has changed: by an event that came late, by what is known
only later, by retention, or because somebody was forgotten.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

from data.values.errors import WarehouseError
from data.values.sample import SAMPLE_PREFIX
from data.warehouse.manifest import Made, Manifest
from data.warehouse.parquet import arrow_stream, remove, tidy, write_file
from data.warehouse.schema import naive_utc
from data.warehouse.views import FACTS, kept_columns, kept_from

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_QUARTER = 900
_LATER = {"routing_decisions": "propensity"}  # columns that are filled in when their row is old
_PEOPLE = "sum(hash(user_id, team_id))"
_SAMPLES = f"count(*) FILTER (starts_with(user_id, '{SAMPLE_PREFIX}'))"
_Days = dict[date, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Handed:
    """All events of one moment: files, and the rows of days that have no current one.

    Args:
        folder: where the files are.
        paths: of each table, below the folder.
        rows: of each table, as an Arrow stream (IPC).
        team_ids: that occur in them.
        events: how many there are.
        samples: how many of them are of made-up people.
        at: when.
        version: the same for the same events.
    """

    folder: Path
    paths: Mapping[str, tuple[str, ...]]
    rows: Mapping[str, bytes]
    team_ids: frozenset[str]
    events: int
    samples: int
    at: datetime
    version: str


class Exports:
    """The files of one warehouse. Thread-safe, blocking.

    A cursor is lent for each call, within a transaction: what is noted of a file is what is in it, and what is handed
    over is of one moment.

    Args:
        folder: is made with the first file.
        key: pseudonyms are made with it; another one makes others.
        zone: whose days the files are of.
        clock: the time in UTC.
        most_unsealed: rows that are handed over beside the files at most: they are copied, and held in memory.
    """

    def __init__(
        self,
        folder: Path,
        key: str,
        zone: tzinfo,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        *,
        most_unsealed: int = 3_000_000,
    ) -> None:
        self.folder = folder
        self._key = key
        self._zone = zone
        self._clock = clock
        self._most_unsealed = most_unsealed
        self.removed = 0
        """How often a file went: whoever was handed it has to ask again."""
        self._sealing = threading.Lock()
        self._lock = threading.Lock()  # guards the manifest
        self._manifest: Manifest | None = None
        self._erasures: int | None = None  # none: the people in the files were not compared yet

    def pseudonym(self, user_id: str) -> str:
        """What a person is called in the files."""
        seal = hashlib.sha256((self._key + user_id).encode()).hexdigest()[:12]
        return f"{SAMPLE_PREFIX if user_id.startswith(SAMPLE_PREFIX) else 'p-'}{seal}"

    def seal(
        self, cursor: DuckDBPyConnection, stop: Callable[[], bool] = lambda: False, *, most: int | None = None
    ) -> int:
        """Write the files of closed days that are missing or not current; how many.

        Ends early when `stop` says so, or `most` are written.

        Raises:
            WarehouseError: they can't be written.
        """
        with self._sealing:
            try:
                try:
                    return self._seal(cursor, stop, most)
                finally:
                    self._save()
            except OSError as error:
                raise WarehouseError(
                    f"The exports of the usage warehouse can't be written ({error.strerror}).",
                    "Make room on the disk of the home folder, or see who may write there.",
                ) from error

    def hand_over(self, cursor: DuckDBPyConnection) -> Handed:
        """Everything there is at this moment.

        Raises:
            WarehouseError: too many days have no file yet.
        """
        manifest = self._known()
        paths: dict[str, tuple[str, ...]] = {}
        rows: dict[str, bytes] = {}
        teams: set[str] = set()
        events = samples = 0
        seal = hashlib.sha256()
        at = self._clock()
        for table in FACTS:
            found = self._days(cursor, table)
            current = sorted(day for day, made in manifest.files(table).items() if made.same(found.get(day)))
            rest = sorted(found.keys() - set(current))
            self._require_few(manifest, sum(found[day][0] for day in rest))
            paths[table] = tuple(f"{table}/{day}.parquet" for day in current)
            sent = arrow_stream(cursor, self._union(table, rest))
            files = [manifest.files(table)[day] for day in current]
            rows[table] = sent.data
            teams |= sent.team_ids.union(*(each.teams for each in files))
            events += sum(number for number, _ in found.values())
            samples += sent.samples + sum(each.samples for each in files)
            seal.update(repr((table, current, [(day, found[day]) for day in (*current, *rest)])).encode())
        seal.update(str(self._erasures).encode())
        return Handed(self.folder, paths, rows, frozenset(teams), events, samples, at, seal.hexdigest())

    def _seal(self, cursor: DuckDBPyConnection, stop: Callable[[], bool], most: int | None) -> int:
        manifest = self._known()
        (erasures,) = cursor.execute("SELECT count(*) FROM erasures").fetchall()[0]
        is_thorough = erasures != self._erasures
        today = self._clock().astimezone(self._zone).date()
        written = 0
        for table in FACTS:
            tidy(self.folder / table)
            found = self._days(cursor, table)
            people = self._people(cursor, table) if is_thorough else {}
            for day, made in manifest.files(table).items():
                is_other = is_thorough and made.people != people.get(day)
                if day not in found or day >= today or is_other:
                    self._note(table, day, None)  # before the file: one that is not known is made anew
                    self.removed += 1
                    remove(self.folder / table / f"{day}.parquet")
            current = self._known().files(table)
            for day in sorted(day for day, what in found.items() if day < today):
                if day in current and current[day].same(found[day]):
                    continue
                if stop() or written == most:
                    return written
                self._note(table, day, self._write(cursor, table, day))
                written += 1
        self._erasures = erasures
        return written

    def _write(self, cursor: DuckDBPyConnection, table: str, day: date) -> Made:
        (counted,) = cursor.execute(
            f"SELECT count(*), {_later(table)}, coalesce({_PEOPLE}, 0), list(DISTINCT team_id), {_SAMPLES} "  # noqa: S608
            f"FROM {_source(table)} WHERE {self._is_of(day)}"
        ).fetchall()
        write_file(cursor, f"{self._select(table, day)} ORDER BY ts", self.folder / table / f"{day}.parquet")
        rows, later, people, teams, samples = counted
        return Made(rows, later, str(people), tuple(sorted(team for team in teams or () if team)), samples)

    def _note(self, table: str, day: date, made: Made | None) -> None:
        with self._lock:
            assert self._manifest is not None
            self._manifest = self._manifest.with_file(table, day, made)

    def _save(self) -> None:
        """What is noted only after its file is there; a file that is not noted is written anew."""
        with self._lock:
            if self._manifest is not None and (self._manifest.count or self.folder.is_dir()):
                self._manifest.save(self.folder)

    def _known(self) -> Manifest:
        """The manifest; one of other columns, days or pseudonyms is of files that are no use."""
        with self._lock:
            if self._manifest is None:
                shape = [
                    (table, [(each.name, each.sql_type) for each in kept_columns(table)], kept_from(table))
                    for table in FACTS
                ]
                of = hashlib.sha256(repr((shape, str(self._zone), self._key)).encode()).hexdigest()
                self._manifest = Manifest.load(self.folder, of)
            return self._manifest

    def _days(self, cursor: DuckDBPyConnection, table: str) -> _Days:
        """Of each day that has rows how many, and in how many of them is what comes later.

        Counted by quarters of an hour: the offset of every time zone is a whole number of them.
        """
        quarters = cursor.execute(
            f"SELECT epoch_us(ts) // {_QUARTER * 1_000_000} AS quarter, count(*), {_later(table)} "  # noqa: S608
            f"FROM {table} GROUP BY quarter"
        ).fetchall()
        found: _Days = {}
        for quarter, rows, later in quarters:
            day = self._day_of(quarter)
            was = found.get(day, (0, 0))
            found[day] = was[0] + rows, was[1] + later
        return found

    def _people(self, cursor: DuckDBPyConnection, table: str) -> dict[date, str]:
        sums: dict[date, int] = {}
        for quarter, people in cursor.execute(
            f"SELECT epoch_us(ts) // {_QUARTER * 1_000_000} AS quarter, {_PEOPLE} "  # noqa: S608
            f"FROM {_source(table)} GROUP BY quarter"
        ).fetchall():
            day = self._day_of(quarter)
            sums[day] = sums.get(day, 0) + people
        return {day: str(each) for day, each in sums.items()}

    def _day_of(self, quarter: int) -> date:
        return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=quarter * _QUARTER)).astimezone(self._zone).date()

    def _is_of(self, day: date) -> str:
        first, after = (
            naive_utc(datetime.combine(each, time(), self._zone)) for each in (day, day + timedelta(days=1))
        )
        return f"ts >= TIMESTAMP '{first}' AND ts < TIMESTAMP '{after}'"

    def _select(self, table: str, day: date) -> str:
        key = self._key.replace("'", "''")
        prefix = f"CASE WHEN starts_with(user_id, '{SAMPLE_PREFIX}') THEN '{SAMPLE_PREFIX}' ELSE 'p-' END"
        made = kept_from(table) | {
            "day": f"DATE '{day}'",
            "person": f"{prefix} || left(sha256('{key}' || user_id), 12)",
        }
        names = ", ".join(
            f"{made[each.name]} AS {each.name}" if each.name in made else each.name for each in kept_columns(table)
        )
        return f"SELECT {names} FROM {table} WHERE {self._is_of(day)}"  # noqa: S608  # names of ours

    def _union(self, table: str, days: Sequence[date]) -> str:
        if not days:
            return f"{self._select(table, date(2000, 1, 1))} LIMIT 0"
        return " UNION ALL ".join(self._select(table, day) for day in days)

    def _require_few(self, manifest: Manifest, rows: int) -> None:
        if rows > self._most_unsealed:
            raise WarehouseError(
                f"The days before today are being made ready: {manifest.count:,} files are there, more to come.",
                "Try again in a minute.",
            )


def _later(table: str) -> str:
    return f"count({_LATER[table]})" if table in _LATER else "0"


def _source(table: str) -> str:
    """The table, with a team where it has none of its own."""
    has_team = any(column.name == "team_id" for column in kept_columns(table))
    return table if has_team else f"(SELECT *, NULL::VARCHAR AS team_id FROM {table})"  # noqa: S608

"""Parquet files of closed days, for every process but the one that has the warehouse file.

`<folder>/<table>/<day>.parquet`, with a pseudonym in the place of each person's id. A manifest beside them says what
each was made of, so that a file is written anew when its day has changed: by an event that came late, by what is known
only later, by retention, or because somebody was forgotten.
"""

from __future__ import annotations

import hashlib
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

from data.values.errors import WarehouseError
from data.values.sample import SAMPLE_PREFIX
from data.warehouse.erasing import receipts
from data.warehouse.export_rows import Days, days_of_table, made_of, people_of_table, rows_of, rows_of_days
from data.warehouse.manifest import Made, Manifest
from data.warehouse.parquet import arrow_stream, copy_file, remove, tidy, write_days
from data.warehouse.receipts_file import save_receipts
from data.warehouse.rollups import runs
from data.warehouse.views import FACTS, kept_columns, kept_from

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@dataclass(frozen=True, slots=True)
class Handed:
    """All events of one moment, or those of the last days: files, and the rows of days that have no current one.

    Args:
        folder: where the files are.
        paths: of each table, below the folder.
        rows: of each table, as an Arrow stream (IPC).
        team_ids: that occur in them.
        counts: of each table how many events there are, and how many of them are of made-up people.
        at: when.
        version: the same for the same events.
        since: the first day that is in it, while those before are being made ready; None: all are.
    """

    folder: Path
    paths: Mapping[str, tuple[str, ...]]
    rows: Mapping[str, bytes]
    team_ids: frozenset[str]
    counts: Mapping[str, tuple[int, int]]
    at: datetime
    version: str
    since: date | None


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
        most_at_first: the same where that is not enough for all days: a first answer should not take long.
        block: rows that are read at once to be written, as a file a day.
    """

    def __init__(
        self,
        folder: Path,
        key: str,
        zone: tzinfo,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        *,
        most_unsealed: int = 3_000_000,
        most_at_first: int = 500_000,
        block: int = 250_000,
    ) -> None:
        self.folder = folder
        self._key = key
        self.zone = zone
        self._clock = clock
        self._most_unsealed = most_unsealed
        self._most_at_first = most_at_first
        self._block = block
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
        """Write the files of closed days that are missing or not current, the newest first; how many.

        Ends early when `stop` says so, or at the end of the rows that were read when `most` were written.

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
                raise _unwritable(error) from error

    def copy_to(self, folder: Path) -> int:
        """Copy the files to another folder, as they are: what they were made of may be a while ago; how many are new.

        Raises:
            WarehouseError: they can't be written.
        """
        manifest = Manifest.load(self.folder, self._of())
        there = Manifest.load(folder, self._of())
        copied = 0
        try:
            for table in FACTS:
                for day, made in manifest.files(table).items():
                    if there.files(table).get(day) != made:
                        copy_file(self.folder / table / f"{day}.parquet", folder / table / f"{day}.parquet")
                        copied += 1
                for day in there.files(table).keys() - manifest.files(table).keys():
                    remove(folder / table / f"{day}.parquet")
            if copied or folder.is_dir():
                manifest.save(folder)
        except OSError as error:
            raise _unwritable(error) from error
        return copied

    def hand_over(self, cursor: DuckDBPyConnection) -> Handed:
        """Everything there is at this moment; while files are missing for too much of it, the days that there are.

        Raises:
            WarehouseError: not even of today.
        """
        manifest, at = self._known(), self._clock()
        found = {table: days_of_table(cursor, table, self.zone) for table in FACTS}
        ready = {
            table: {day for day, made in manifest.files(table).items() if made.same(days.get(day))}
            for table, days in found.items()
        }
        since = self._since(found, ready)
        paths: dict[str, tuple[str, ...]] = {}
        rows: dict[str, bytes] = {}
        teams: set[str] = set()
        counts: dict[str, tuple[int, int]] = {}
        seal = hashlib.sha256()
        for table, days in found.items():
            told = [day for day in sorted(days) if since is None or day >= since]
            current = [day for day in told if day in ready[table]]
            rest = [day for day in told if day not in ready[table]]
            paths[table] = tuple(f"{table}/{day}.parquet" for day in current)
            sent = arrow_stream(cursor, rows_of_days(table, rest, self.zone, self._key))
            files = [manifest.files(table)[day] for day in current]
            rows[table] = sent.data
            teams |= sent.team_ids.union(*(each.teams for each in files))
            samples = sent.samples + sum(each.samples for each in files)
            counts[table] = sum(days[day][0] for day in told), samples
            seal.update(repr((table, current, [(day, days[day]) for day in (*current, *rest)])).encode())
        seal.update(str(self._erasures).encode())
        return Handed(self.folder, paths, rows, frozenset(teams), counts, at, seal.hexdigest(), since)

    def _since(self, found: Mapping[str, Days], ready: Mapping[str, set[date]]) -> date | None:
        """The first day that can be handed over; None: all can be."""
        unsealed: Counter[date] = Counter()
        for table, days in found.items():
            for day, (rows, _) in days.items():
                unsealed[day] += 0 if day in ready[table] else rows
        if unsealed.total() <= self._most_unsealed:
            return None
        taken, since = 0, None
        for day in sorted(unsealed, reverse=True):
            taken += unsealed[day]
            if taken > (self._most_unsealed if since is None else self._most_at_first):
                break
            since = day
        if since is None:
            raise WarehouseError("The newest day has more events than can be asked for.", "Try again tomorrow.")
        return since

    def _seal(self, cursor: DuckDBPyConnection, stop: Callable[[], bool], most: int | None) -> int:
        self._known()
        (erasures,) = cursor.execute("SELECT count(*) FROM erasures").fetchall()[0]
        today = self._clock().astimezone(self.zone).date()
        missing: dict[str, Days] = {}
        for table in FACTS:
            tidy(self.folder / table)
            found = days_of_table(cursor, table, self.zone)
            self._let_go(cursor, table, found, today, is_thorough=erasures != self._erasures)
            current = self._known().files(table)
            missing[table] = {
                day: what
                for day, what in found.items()
                if day < today and not (day in current and current[day].same(what))
            }
        if erasures != self._erasures and (erasures or self.folder.is_dir()):
            save_receipts(self.folder, receipts(cursor))
        self._erasures = erasures  # what is written from here on is of the same moment
        written = 0
        for days in _blocks(missing, self._block):
            for table in FACTS:
                for day, made in self._write(cursor, table, [day for day in days if day in missing[table]]):
                    self._note(table, day, made)
                    written += 1
                    if stop():
                        return written
            if most is not None and written >= most:
                return written
        return written

    def _let_go(self, cursor: DuckDBPyConnection, table: str, found: Days, today: date, *, is_thorough: bool) -> None:
        """Remove the files of days that are gone or not over; with `is_thorough`, of those that others' rows are of."""
        people = people_of_table(cursor, table, self.zone) if is_thorough else {}
        for day, made in self._known().files(table).items():
            if day not in found or day >= today or (is_thorough and made.people != people.get(day)):
                self._note(table, day, None)  # before the file: one that is not known is made anew
                self.removed += 1
                remove(self.folder / table / f"{day}.parquet")

    def _write(self, cursor: DuckDBPyConnection, table: str, days: Sequence[date]) -> Iterator[tuple[date, Made]]:
        for run in runs(days, self.zone):
            made = made_of(cursor, table, run)
            query = f"{rows_of(table, run, self._key)} ORDER BY day, ts"
            for day in write_days(cursor, query, self.folder / table):
                yield day, made[day]

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
                self._manifest = Manifest.load(self.folder, self._of())
            return self._manifest

    def _of(self) -> str:
        shape = [
            (table, [(each.name, each.sql_type) for each in kept_columns(table)], kept_from(table)) for table in FACTS
        ]
        return hashlib.sha256(repr((shape, str(self.zone), self._key)).encode()).hexdigest()


def _unwritable(error: OSError) -> WarehouseError:
    return WarehouseError(
        f"The exports of the usage warehouse can't be written ({error.strerror}).",
        "Make room on the disk of the home folder, or see who may write there.",
    )


def _blocks(missing: Mapping[str, Days], most: int) -> Iterator[list[date]]:
    """The days that are missing in any table, the newest first, as many at once as are worth a statement."""
    sizes: Counter[date] = Counter()
    for days in missing.values():
        sizes.update({day: rows for day, (rows, _) in days.items()})
    block: list[date] = []
    for day in sorted(sizes, reverse=True):
        if block and sum(sizes[each] for each in block) + sizes[day] > most:
            yield block
            block = []
        block.append(day)
    if block:
        yield block

"""What the exported files were made of: a small JSON file beside them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from data.warehouse.parquet import replace_text

NAME = "manifest.json"


@dataclass(frozen=True, slots=True)
class Made:
    """One file.

    Args:
        rows: in it.
        later: rows in which what comes later had come.
        people: a checksum of whose rows they are, and of which teams.
        teams: ids of the teams in it.
        samples: rows of made-up people.
    """

    rows: int
    later: int
    people: str
    teams: tuple[str, ...]
    samples: int

    def same(self, counted: tuple[int, int] | None) -> bool:
        """Whether the day has as many rows as it was made of."""
        return counted == (self.rows, self.later)


@dataclass(frozen=True, slots=True)
class Manifest:
    """Of all files; `of` says which columns, days and pseudonyms they have."""

    of: str
    made: Mapping[str, Mapping[date, Made]] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """How many files there are."""
        return sum(map(len, self.made.values()))

    def files(self, table: str) -> Mapping[date, Made]:
        """Those of a table."""
        return self.made.get(table, {})

    def with_file(self, table: str, day: date, made: Made | None) -> Manifest:
        """The same with another file, or without one."""
        files = {each: what for each, what in self.files(table).items() if each != day}
        if made is not None:
            files[day] = made
        return replace(self, made={**self.made, table: files})

    @classmethod
    def load(cls, folder: Path, of: str) -> Manifest:
        """What is written there; an empty one where that is of other files, or can't be read: they are made anew."""
        try:
            written: dict[str, Any] = json.loads((folder / NAME).read_text("utf-8"))
            if written["of"] != of:
                return cls(of)
            return cls(of, {table: _files(files, folder / table) for table, files in written["tables"].items()})
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return cls(of)

    def save(self, folder: Path) -> None:
        """Write it."""
        tables = {
            table: {
                str(day): [each.rows, each.later, each.people, list(each.teams), each.samples]
                for day, each in files.items()
            }
            for table, files in self.made.items()
        }
        replace_text(folder / NAME, json.dumps({"of": self.of, "tables": tables}, separators=(",", ":")))


def _files(written: Mapping[str, Any], folder: Path) -> dict[date, Made]:
    return {
        date.fromisoformat(day): Made(int(rows), int(later), str(people), tuple(map(str, teams)), int(samples))
        for day, (rows, later, people, teams, samples) in written.items()
        if (folder / f"{day}.parquet").is_file()
    }

"""Exported files: whole, with pseudonyms, and written anew when their day has changed."""

from __future__ import annotations

import json
import stat
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import polars as pl
import pytest

from data.values.errors import WarehouseError
from data.warehouse.exports import Exports, Handed
from data.warehouse.file import open_warehouse
from data.warehouse.sealing import SealThread
from data.warehouse.views import FACTS, kept_columns
from tests.explore.conftest import KEY, Place
from tests.warehouse.books import NOW, Clock
from tests.warehouse.traffic import Traffic, busy


@pytest.fixture
def con(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_warehouse(tmp_path / "w.duckdb", NOW) as opened:
        yield opened


@pytest.fixture
def made(con: duckdb.DuckDBPyConnection) -> Traffic:
    made = busy(NOW, people=5, days=8, a_day=15)
    made.call("sample-1-user-2", NOW - timedelta(days=3))
    made.write(con)
    return made


def seal(exports: Exports, con: duckdb.DuckDBPyConnection) -> int:
    with con.cursor() as cursor:
        cursor.begin()
        return exports.seal(cursor)


def hand_over(exports: Exports, con: duckdb.DuckDBPyConnection) -> Handed:
    with con.cursor() as cursor:
        cursor.begin()
        return exports.hand_over(cursor)


def events(handed: Handed) -> int:
    return sum(rows for rows, _ in handed.counts.values())


def files(folder: Path) -> dict[str, tuple[int, float]]:
    return {
        str(each.relative_to(folder)): (each.stat().st_ino, each.stat().st_mtime) for each in folder.rglob("*.parquet")
    }


def days_of(made: Traffic, zone: ZoneInfo | None = None) -> Counter[str]:
    return Counter(str(call["ts"].astimezone(zone or UTC).date()) for call in made.calls)


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kathmandu", "America/New_York"])
def test_each_closed_day_is_a_file_with_its_rows(
    con: duckdb.DuckDBPyConnection, made: Traffic, tmp_path: Path, zone: str
) -> None:
    local = ZoneInfo(zone)
    exports = Exports(tmp_path / "exports", KEY, local, Clock())
    assert seal(exports, con) > 0
    today = str(NOW.astimezone(local).date())
    expected = days_of(made, local)
    assert today in expected
    found = {each.stem: each for each in (tmp_path / "exports/model_calls").glob("*.parquet")}
    assert set(found) == set(expected) - {today}, "today is not closed"
    for day, path in found.items():
        frame = pl.read_parquet(path)
        assert frame.height == expected[day]
        assert frame["day"].unique().to_list() == [datetime.fromisoformat(day).date()]
        assert frame.columns == [column.name for column in kept_columns("model_calls")]
    assert seal(exports, con) == 0, "nothing has changed"
    assert seal(Exports(tmp_path / "exports", KEY, local, Clock()), con) == 0, "nor for the next process"


def test_people_have_pseudonyms_and_made_up_ones_show(
    con: duckdb.DuckDBPyConnection, made: Traffic, tmp_path: Path
) -> None:
    exports = Exports(tmp_path / "exports", KEY, UTC, Clock())
    seal(exports, con)
    people = set(pl.read_parquet(tmp_path / "exports/model_calls/*.parquet")["person"])
    users = {call["user_id"] for call in made.calls if call["ts"].date() < NOW.date()}
    assert people == {exports.pseudonym(user) for user in users}
    assert len(people) == len(users)
    assert not people & users
    assert sum(person.startswith("sample-") for person in people) == 1
    assert all(len(person) == 14 for person in people if not person.startswith("sample-"))
    for path in (tmp_path / "exports").rglob("*.parquet"):
        assert not any(user.encode() in path.read_bytes() for user in users), "no id is in the file itself"
    other = Exports(tmp_path / "others", "another deployment", UTC, Clock())
    assert not {other.pseudonym(user) for user in users} & people


def test_only_the_day_of_a_late_event_is_written_anew(
    con: duckdb.DuckDBPyConnection, made: Traffic, tmp_path: Path
) -> None:
    folder = tmp_path / "exports"
    exports = Exports(folder, KEY, UTC, Clock())
    seal(exports, con)
    before = files(folder)
    late = Traffic()
    late.call("late", NOW - timedelta(days=4))
    late.write(con)
    handed = hand_over(exports, con)
    day = str((NOW - timedelta(days=4)).date())
    assert f"model_calls/{day}.parquet" not in handed.paths["model_calls"], "it comes as rows until it is written"
    assert seal(exports, con) == 1
    after = files(folder)
    assert {path for path in after if after[path] != before.get(path)} == {f"model_calls/{day}.parquet"}
    assert exports.pseudonym("late") in set(pl.read_parquet(folder / f"model_calls/{day}.parquet")["person"])
    assert hand_over(exports, con).version != handed.version


def test_what_is_filled_in_later_writes_its_day_anew(tmp_path: Path, con: duckdb.DuckDBPyConnection) -> None:
    made = Traffic()
    for ago in (1, 2):
        made.call("ann", NOW - timedelta(days=ago))
        made.books.choice("ann", NOW - timedelta(days=ago), "openai/gpt-4o", propensity=None)
    made.write(con)
    exports = Exports(tmp_path / "exports", KEY, UTC, Clock())
    seal(exports, con)
    day = (NOW - timedelta(days=1)).date()
    con.execute("UPDATE routing_decisions SET propensity = 0.25 WHERE ts::DATE = ?", [day])
    assert seal(exports, con) == 1
    assert 0.25 in set(pl.read_parquet(tmp_path / f"exports/routing_decisions/{day}.parquet")["propensity"])


def test_a_forgotten_person_goes_from_the_files(con: duckdb.DuckDBPyConnection, made: Traffic, tmp_path: Path) -> None:
    exports = Exports(tmp_path / "exports", KEY, UTC, Clock())
    seal(exports, con)
    who = made.calls[0]["user_id"]
    con.execute("UPDATE model_calls SET user_id = 'nobody' WHERE user_id = ?", [who])
    con.execute("INSERT INTO erasures VALUES ('e-1', ?, 'forgotten', 'p', 's', '{}')", [NOW.replace(tzinfo=None)])
    assert seal(exports, con) > 0
    people = set(pl.read_parquet(tmp_path / "exports/model_calls/*.parquet")["person"])
    assert exports.pseudonym(who) not in people
    assert exports.pseudonym("nobody") in people
    assert seal(exports, con) == 0


def test_days_that_are_gone_lose_their_files(con: duckdb.DuckDBPyConnection, made: Traffic, tmp_path: Path) -> None:
    exports = Exports(tmp_path / "exports", KEY, UTC, Clock())
    seal(exports, con)
    con.execute("DELETE FROM model_calls WHERE ts < ?", [NOW.replace(tzinfo=None) - timedelta(days=3)])
    seal(exports, con)
    kept = {each.stem for each in (tmp_path / "exports/model_calls").glob("*.parquet")}
    assert kept
    assert min(kept) >= str((NOW - timedelta(days=3)).date())


def test_files_of_others_are_written_anew(con: duckdb.DuckDBPyConnection, made: Traffic, tmp_path: Path) -> None:
    folder = tmp_path / "exports"
    count = seal(Exports(folder, KEY, UTC, Clock()), con)
    assert seal(Exports(folder, KEY, ZoneInfo("Europe/Zurich"), Clock()), con) > 0, "days of another zone"
    assert seal(Exports(folder, KEY, UTC, Clock()), con) == count
    next(folder.rglob("*.parquet")).unlink()
    assert seal(Exports(folder, KEY, UTC, Clock()), con) == 1, "a file that somebody deleted"
    (folder / "manifest.json").write_text("{")
    (folder / "model_calls" / ".draft-left").write_text("half")
    assert seal(Exports(folder, KEY, UTC, Clock()), con) == count, "a manifest that can't be read"
    assert not list(folder.rglob(".draft-*"))
    assert set(json.loads((folder / "manifest.json").read_text())["tables"]) <= set(FACTS)


def test_nobody_else_can_read_them(con: duckdb.DuckDBPyConnection, made: Traffic, tmp_path: Path) -> None:
    folder = tmp_path / "exports"
    seal(Exports(folder, KEY, UTC, Clock()), con)
    for each in (folder, *folder.rglob("*")):
        others = stat.S_IMODE(each.stat().st_mode) & 0o027
        assert not others, f"{each} can be read by others, or written by the group"


def test_while_too_much_has_no_file_the_newest_days_are_handed_over(
    con: duckdb.DuckDBPyConnection, made: Traffic, tmp_path: Path
) -> None:
    exports = Exports(tmp_path / "exports", KEY, UTC, Clock(), most_unsealed=40, most_at_first=40, block=1)
    first = hand_over(exports, con)
    assert first.since is not None and first.since < NOW.date(), "today, and what fits beside it"
    of_days = days_of(made)
    told = sum(rows for day, rows in of_days.items() if day >= str(first.since))
    assert first.counts["model_calls"][0] == told < len(made.calls)
    with con.cursor() as cursor:
        cursor.begin()
        assert exports.seal(cursor, most=1) >= 1
    newest = {each.stem for each in (tmp_path / "exports").rglob("*.parquet")}
    assert newest == {max(day for day in of_days if day < str(NOW.date()))}, "the newest first, in each table"
    seal(exports, con)
    whole = hand_over(exports, con)
    assert whole.since is None and whole.version != first.version
    assert events(whole) == len(made.calls) + len(made.books.feedback)
    with pytest.raises(WarehouseError, match="newest day"):
        hand_over(Exports(tmp_path / "none", KEY, UTC, Clock(), most_unsealed=1), con)


def test_the_thread_seals_and_ends(small: Place) -> None:
    thread = SealThread(small.exports, small.writer, first=0.0, every=0.05)
    thread.start()
    for _ in range(200):
        if files(small.exports.folder):
            break
        thread._stopping.wait(0.05)
    thread.close()
    assert not thread._thread.is_alive()
    assert files(small.exports.folder)

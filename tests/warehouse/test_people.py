"""How people take Gearbox up: a small story told by hand, and crowds against what Polars makes of the same rows."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import polars as pl
import pytest
from pydantic import BaseModel

from data.analytics.parts_of import Part, Told
from data.analytics.people import people_facts
from data.analytics.people_values import (
    Feature,
    PeopleFacts,
    Rhythm,
    Step,
    Stretch,
    Weeks,
    weeks_of,
)
from data.warehouse.activity import SignIn, ToolCall
from data.warehouse.file import open_warehouse
from data.warehouse.frames import frame_schema
from data.warehouse.rollups import keep_zone, refresh
from data.warehouse.schema import naive_utc
from tests.warehouse.books import NOW
from tests.warehouse.crowd import Frames, crowd, kept
from tests.warehouse.traffic import Traffic

BERLIN, LOS_ANGELES = ZoneInfo("Europe/Berlin"), ZoneInfo("America/Los_Angeles")
MONDAY = datetime(2026, 10, 26, 9, tzinfo=UTC)
"""NOW is a Monday, four weeks later."""


def facts(
    con: duckdb.DuckDBPyConnection,
    stretch: Stretch = Stretch.QUARTER,
    team: str | None = None,
    *,
    by: Rhythm = Rhythm.WEEK,
    viewer: str = "analyst",
    zone: tzinfo = UTC,
) -> PeopleFacts:
    return people_facts(con, weeks_of(stretch, NOW, zone), team, by=by, viewer=viewer)


def rows(con: duckdb.DuckDBPyConnection, table: str, made: Iterable[dict[str, Any]]) -> None:
    kinds: dict[str, type[BaseModel]] = {"tool_calls": ToolCall, "sign_ins": SignIn}
    frame = pl.DataFrame(list(made), schema=frame_schema(kinds[table]))
    with con.cursor() as cursor:
        cursor.register("frame", frame)
        cursor.execute(f"INSERT INTO {table} BY NAME SELECT * FROM frame").fetchall()


def signed_in(person: str, at: datetime, team: str | None = None) -> dict[str, Any]:
    return {"event_id": f"in-{person}-{at}", "ts": naive_utc(at), "user_id": person, "team_id": team, "mode": "oidc"}


def tool_call(person: str, at: datetime, status: str = "done", team: str | None = None) -> dict[str, Any]:
    return {
        "event_id": f"tool-{person}-{at}", "ts": naive_utc(at), "user_id": person, "team_id": team, "surface": "chat",
        "conversation_id": "c", "turn_id": "t", "tool": "web_search", "origin": "builtin", "effect": "goes_out",
        "status": status, "latency_ms": 1.0,
    }  # fmt: skip


def summed(con: duckdb.DuckDBPyConnection, zone: tzinfo = UTC) -> None:
    keep_zone(con, zone)
    refresh(con, zone, NOW)


@pytest.fixture
def story(warehouse_path: Path) -> duckdb.DuckDBPyConnection:
    """Thirty people sign in in the first week. Twenty-four of them chat, p0 to p23, eighteen in the second week as well
    and nobody in the third; twelve have a tool called, six of them have a picture, too. p0 to p5 have the API. Six who
    are new, n0 to n5, begin in the third week; one who never came back, b0, chatted half a year before."""
    con, made = open_warehouse(warehouse_path, NOW), Traffic()
    week = timedelta(weeks=1)
    rows(con, "sign_ins", [signed_in(f"p{number}", MONDAY) for number in range(30)])
    for number in range(24):
        made.call(f"p{number}", MONDAY + timedelta(hours=number))
    for number in range(18):
        made.call(f"p{number}", MONDAY + week, chosen_by="person")
    rows(con, "tool_calls", [tool_call(f"p{number}", MONDAY + week) for number in range(12)])
    rows(con, "tool_calls", [tool_call("p20", MONDAY, status="failed"), tool_call("p21", MONDAY, status="denied")])
    for number in range(6):
        made.call(f"p{number}", MONDAY, modality="image_edit")
        made.call(f"p{number}", MONDAY, surface="api", modality="embedding")
        made.call(f"n{number}", MONDAY + 2 * week, chosen_by="default")
    made.call("p12", MONDAY, modality="image", status="failed")
    made.call("b0", MONDAY - 20 * week)
    for number in range(8):
        made.shown(made.calls[number], "thumb_down")
    made.write(con)
    summed(con)
    return con


def test_how_far_people_get(story: duckdb.DuckDBPyConnection) -> None:
    found = facts(story)
    assert (found.people, found.samples, found.is_empty) == (36, 0, False)
    assert [(each.step, each.part.people, each.part.of) for each in found.funnel] == [
        (Step.CAME, 36, 36),
        (Step.CHATTED, 30, 36),
        (Step.AGAIN, 18, 30),
        (Step.TOOLS, 12, 18),
        (Step.SEVERAL, 6, 12),
    ]
    assert all(each.part.told is Told.EXACT for each in found.funnel)


def test_what_people_use(story: duckdb.DuckDBPyConnection) -> None:
    used = {each.feature: each.part for each in facts(story).uses}
    assert {feature: (part.told, part.people) for feature, part in used.items()} == {
        Feature.CHAT: (Told.ABOUT, 30),
        Feature.API: (Told.ABOUT, 5),
        Feature.TOOLS: (Told.ABOUT, 10),
        Feature.PICTURES: (Told.ABOUT, 5),
        Feature.SPEECH: (Told.EXACT, 0),
        Feature.TRANSCRIPTS: (Told.EXACT, 0),
        Feature.FILMS: (Told.EXACT, 0),
        Feature.AUTO: (Told.ABOUT, 25),
        Feature.PICKED: (Told.ABOUT, 20),
        Feature.THUMBS: (Told.ABOUT, 10),
        Feature.COMPARED: (Told.EXACT, 0),
    }


def test_who_comes_back(story: duckdb.DuckDBPyConnection) -> None:
    found = facts(story)
    first, third = found.cohorts
    assert (first.week, first.people) == (date(2026, 10, 26), 24)
    assert [part.people for part in first.back] == [18, 0, 0], "the week that goes on is not there"
    assert (third.week, third.people, [part.people for part in third.back]) == (date(2026, 11, 9), 6, [0])
    assert found.left_out == 0, "who began before these weeks is in no row of theirs"
    long = facts(story, Stretch.HALF)
    assert ([each.people for each in long.cohorts], long.left_out) == ([24], 2), "six go, or one would be found"
    short = facts(story, Stretch.MONTH)
    assert [each.week for each in short.cohorts] == [date(2026, 11, 9)]


def test_active_people(story: duckdb.DuckDBPyConnection) -> None:
    found = facts(story)
    assert found.active is not None
    month = found.active.month
    # The first Monday's 24 hours begin at nine: 15 of the 24 first chats are of this day, 9 of the next one.
    assert (month.people, month.a_day) == (30, (15 + 9 + 18 + 6) / 28)
    assert (found.active.week.people, found.active.week.a_day) == (0, 0)
    weeks = {each.start: each.people for each in found.buckets}
    assert len(weeks) == 13 and list(weeks)[-5:] == [date(2026, 10, 26) + timedelta(weeks=each) for each in range(5)]
    assert list(weeks.values())[-5:] == [24, 18, 6, 0, 0]
    months = facts(story, by=Rhythm.MONTH).buckets
    assert [(each.start, each.people) for each in months] == [
        (date(2026, 8, 1), 0), (date(2026, 9, 1), 0), (date(2026, 10, 1), 24), (date(2026, 11, 1), 24),
    ]  # fmt: skip


def test_few_people_are_a_gap_and_too_few_are_nothing(warehouse_path: Path) -> None:
    con, made = open_warehouse(warehouse_path, NOW), Traffic()
    for number in range(4):
        made.call(f"p{number}", MONDAY)
        made.call("analyst", MONDAY + timedelta(weeks=1))
    made.write(con)
    summed(con)
    alone = facts(con, viewer="p0")
    assert alone.people == 5 and [each.people for each in alone.buckets[-5:]] == [None, None, 0, 0, 0]
    assert (alone.cohorts, alone.left_out) == ((), 2)
    own = facts(con)
    assert [each.people for each in own.buckets[-5:]] == [None, 1, 0, 0, 0], "one's own week is one's own"
    assert (own.cohorts, own.left_out) == ((), 2), "beside one's own the four others could be counted"
    con.execute("DELETE FROM model_calls WHERE user_id = 'p3'")
    con.execute("DELETE FROM people_daily WHERE user_id = 'p3'")
    few = facts(con)
    assert (few.people, few.active, few.funnel, few.uses, few.buckets, few.cohorts) == (None, None, (), (), (), ())
    assert not few.is_empty


def test_a_team_is_told_apart_only_with_what_is_left(warehouse_path: Path) -> None:
    """Large, middle and few together are all: without few, it could be found by taking the others from all."""
    con, made = open_warehouse(warehouse_path, NOW), Traffic()
    for team, people in (("large", 9), ("middle", 6), ("few", 3)):
        for number in range(people):
            made.call(f"{team}-{number}", MONDAY, team_id=team)
    made.write(con)
    summed(con)
    assert facts(con).teams == ("large",), "middle hides few"
    assert facts(con, team="large").people == 9
    for team in ("middle", "few"):
        hidden = facts(con, team=team)
        assert hidden.people is None and not hidden.is_empty and not hidden.uses
    assert facts(con, team="nobody").is_empty


def test_made_up_people_hide_nobody(warehouse_path: Path) -> None:
    con, made = open_warehouse(warehouse_path, NOW), Traffic()
    for number in range(40):
        made.call(f"sample-{number}", MONDAY)
    made.write(con)
    summed(con)
    found = facts(con)
    assert (found.people, found.samples) == (40, 40)
    few = Traffic()
    for number in range(4):
        few.call(f"real-{number}", MONDAY)
    few.write(con)
    con.execute("INSERT INTO dirty_days VALUES ('2026-10-26')")
    found = facts(con)
    assert found.people is None and not found.cohorts
    more = Traffic()
    more.call("real-4", MONDAY)
    more.write(con)
    found = facts(con)
    assert (found.people, found.samples) == (45, 40)
    assert [(each.people) for each in found.cohorts] == [45]


class Polars:
    """The same numbers out of the rows, by other means: sets of people."""

    def __init__(self, frames: Frames, weeks: Weeks, zone: tzinfo, team: str | None) -> None:
        self.weeks = weeks
        self.every = self._local(frames["model_calls"], zone, team)
        self.calls = self._within(self.every)
        self.tools = self._within(self._local(frames["tool_calls"], zone, team))
        self.sign_ins = self._within(self._local(frames["sign_ins"], zone, team))
        self.feedback = self._within(self._local(frames["routing_feedback"], zone, None))

    def _local(self, frame: pl.DataFrame, zone: tzinfo, team: str | None) -> pl.DataFrame:
        local = pl.col("ts").dt.replace_time_zone("UTC").dt.convert_time_zone(str(zone))
        frame = frame.with_columns(day=local.dt.date()).with_columns(
            week=pl.col("day") - pl.duration(days=pl.col("day").dt.weekday() - 1)
        )
        return frame if team is None else frame.filter(pl.col("team_id") == team)

    def _within(self, frame: pl.DataFrame) -> pl.DataFrame:
        return frame.filter(pl.col("day").is_between(self.weeks.first, self.weeks.today))

    def who(self, *filters: pl.Expr | bool, of: pl.DataFrame | None = None) -> set[str]:
        return set((self.calls if of is None else of).filter(*filters)["user_id"])

    def steps(self) -> dict[Step, set[str]]:
        chats = self.calls.filter(pl.col("surface") == "chat")
        again = set(chats.group_by("user_id").agg(pl.col("week").n_unique()).filter(pl.col("week") > 1)["user_id"])
        kinds = self.calls.filter(
            pl.col("status").is_in(["ok", "stopped"]),
            pl.col("modality").is_in(["text", "image", "image_edit", "speech", "transcription", "video"]),
        ).with_columns(pl.col("modality").replace("image_edit", "image"))
        several = kinds.group_by("user_id").agg(pl.col("modality").n_unique()).filter(pl.col("modality") > 1)
        steps = [
            self.who() | self.who(of=self.sign_ins),
            self.who(of=chats),
            again,
            self.who(pl.col("status") == "done", of=self.tools),
            set(several["user_id"]),
        ]
        reached, found = steps[0], {}
        for step, people in zip(Step, steps, strict=True):
            reached &= people
            found[step] = set(reached)
        return found

    def uses(self) -> dict[Feature, set[str]]:
        well, in_chat = pl.col("status").is_in(["ok", "stopped"]), pl.col("surface") == "chat"
        came = self.steps()[Step.CAME]
        signal = pl.col("signal")
        return {
            Feature.CHAT: self.who(in_chat),
            Feature.API: self.who(pl.col("surface") == "api"),
            Feature.TOOLS: self.who(pl.col("status") == "done", of=self.tools),
            Feature.PICTURES: self.who(well, pl.col("modality").is_in(["image", "image_edit"])),
            Feature.SPEECH: self.who(well, pl.col("modality") == "speech"),
            Feature.TRANSCRIPTS: self.who(well, pl.col("modality") == "transcription"),
            Feature.FILMS: self.who(well, pl.col("modality") == "video"),
            Feature.AUTO: self.who(in_chat, pl.col("chosen_by") == "auto"),
            Feature.PICKED: self.who(in_chat, pl.col("chosen_by") == "person"),
            Feature.THUMBS: came & self.who(signal.is_in(["thumb_up", "thumb_down"]), of=self.feedback),
            Feature.COMPARED: came & self.who(signal.is_in(["won", "lost", "tied"]), of=self.feedback),
        }

    def cohorts(self) -> dict[date, list[set[str]]]:
        """Of each week who began in it, and who of them chatted in each week after it."""
        chats = self.every.filter(pl.col("surface") == "chat", pl.col("day") <= self.weeks.today)
        by_week = {week: set(frame["user_id"]) for (week,), frame in chats.group_by("week")}
        seen: set[str] = set()
        found = {}
        for week in sorted(by_week):
            begun, seen = by_week[week] - seen, seen | by_week[week]
            if begun and self.weeks.first <= week < self.weeks.monday:
                later = [week + timedelta(weeks=number) for number in range(1, (self.weeks.monday - week).days // 7)]
                found[week] = [begun, *(begun & by_week.get(each, set()) for each in later)]
        return found

    def active(self, first: date, last: date) -> tuple[int, int]:
        frame = self.every.filter(pl.col("day").is_between(first, last))
        return frame["user_id"].n_unique(), frame.select("day", "user_id").n_unique()


def assert_fits(part: Part, people: set[str], of: int, *, nearest: bool = False) -> None:
    """What is told is true, and exact where that tells of no small group."""
    number = len(people)
    assert part.least <= number <= part.most and part.of == of
    is_plain = number in {0, of} or (of >= 10 and 5 <= number <= of - 5)
    assert (part.people is None) is not is_plain
    if is_plain and not (nearest and number not in {0, of}):
        assert part.people == number


@pytest.mark.parametrize(
    ("people", "zone", "stretch", "seed"),
    [
        (150, BERLIN, Stretch.QUARTER, 1),
        (150, LOS_ANGELES, Stretch.MONTH, 2),
        (40, BERLIN, Stretch.HALF, 3),
        (12, BERLIN, Stretch.QUARTER, 4),
    ],
    ids=["many", "far west", "some", "few"],
)
def test_a_crowd_is_what_polars_makes_of_it(
    warehouse_path: Path, people: int, zone: ZoneInfo, stretch: Stretch, seed: int
) -> None:
    frames = crowd(NOW, people=people, seed=seed)
    con = kept(warehouse_path, frames, zone, NOW)
    teams = facts(con, stretch, zone=zone).teams
    assert teams or people < 20
    for team in (None, *teams[:2]):
        found = facts(con, stretch, team, zone=zone)
        expected = Polars(frames, found.weeks, zone, team)
        steps = expected.steps()
        assert found.people == len(steps[Step.CAME])
        above = found.people
        for reached in found.funnel:
            assert_fits(reached.part, steps[reached.step], above)
            above = above if reached.part.people is None else reached.part.people
        for feature, who in expected.uses().items():
            (part,) = (each.part for each in found.uses if each.feature is feature)
            assert_fits(part, who, found.people, nearest=True)
        everyone = expected.cohorts()
        cohorts = {week: sets for week, sets in everyone.items() if len(sets[0]) >= 5}
        if cohorts and 0 < sum(len(sets[0]) for week, sets in everyone.items() if week not in cohorts) < 5:
            del cohorts[min(cohorts, key=lambda week: (len(cohorts[week][0]), week))]
        assert [each.week for each in found.cohorts] == sorted(cohorts)
        assert found.left_out == len(everyone) - len(cohorts)
        for cohort in found.cohorts:
            begun, *later = cohorts[cohort.week]
            assert cohort.people == len(begun)
            for part, who in zip(cohort.back, later, strict=True):
                assert_fits(part, who, cohort.people)
        assert found.active is not None
        today = found.weeks.today
        for window, first, last in (
            (found.active.week, 7, 1), (found.active.week_before, 14, 8),
            (found.active.month, 28, 1), (found.active.month_before, 56, 29),
        ):  # fmt: skip
            number, days = expected.active(today - timedelta(days=first), today - timedelta(days=last))
            if number >= 5:
                assert window.people == number
                assert window.a_day == pytest.approx(days / (first - last + 1))
            else:
                assert window.people in {None, 0}


@pytest.mark.parametrize("by", list(Rhythm))
def test_active_people_over_time_are_what_polars_counts(warehouse_path: Path, by: Rhythm) -> None:
    frames = crowd(NOW, people=30, seed=6, a_day=0.4)
    con = kept(warehouse_path, frames, BERLIN, NOW)
    found = facts(con, Stretch.QUARTER, by=by, zone=BERLIN)
    expected = Polars(frames, found.weeks, BERLIN, None)
    start = {Rhythm.DAY: pl.col("day"), Rhythm.WEEK: pl.col("week"), Rhythm.MONTH: pl.col("day").dt.month_start()}[by]
    counted = dict(expected.every.group_by(start.alias("start")).agg(pl.col("user_id").n_unique()).iter_rows())
    told = [each.people for each in found.buckets]
    assert told == [None if 0 < (number := counted.get(each.start, 0)) < 5 else number for each in found.buckets]
    assert any(told) and (None in told or by is Rhythm.MONTH)


def test_a_day_that_came_late_is_counted_before_it_is_summed(warehouse_path: Path) -> None:
    """From rollups, from rows, and from both, the numbers are the same."""
    frames = crowd(NOW, people=30, seed=7)
    con = kept(warehouse_path, frames, BERLIN, NOW)
    before = facts(con, zone=BERLIN)
    days = [f"2026-{month}-{day:02d}" for month in (10, 11) for day in random.Random(1).sample(range(1, 23), 12)]
    con.execute("INSERT INTO dirty_days SELECT unnest($days::DATE[])", {"days": days})
    after = facts(con, zone=BERLIN)
    for name in ("people", "active", "buckets", "funnel", "uses", "cohorts", "teams", "left_out"):
        assert getattr(before, name) == getattr(after, name)

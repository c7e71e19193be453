"""The made-up company: who works there, when they ask, and what happens in the period."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import numpy as np

from data.sample.models import NEW, SHARES, TASKS, Floats, Ints, Mask
from data.values.sample import SAMPLE_PREFIX, sample_team_id
from data.values.tasks import Task

_WEEKDAYS = np.array([1.0, 1.06, 1.08, 1.0, 0.86, 0.16, 0.13])
_WORKDAY = np.array([1, 1, 1, 1, 1, 2, 12, 45, 85, 100, 92, 60, 72, 96, 98, 84, 60, 34, 18, 12, 9, 6, 3, 2.0])
_WEEKEND = np.array([1, 1, 1, 1, 1, 1, 3, 8, 14, 20, 24, 22, 20, 22, 24, 22, 20, 20, 22, 24, 20, 12, 6, 3.0])
_WAVES = (0.25, 0.6)  # when people are let in, as parts of the period
_OF_WAVES = (0.7, 0.3)
_NEVER = 10  # one in so many people only signs in
OUTAGE_HOURS = (12, 17)
"""From and until, UTC, on the day of the outage."""

# What the people of a job ask for, in parts.
_JOBS: tuple[dict[Task, float], ...] = (
    {Task.CODE: 12, Task.QUESTION: 4, Task.ANALYSIS: 2, Task.CHAT: 2, Task.MATH: 1, Task.OTHER: 1},
    {Task.WRITING: 7, Task.REWRITE: 6, Task.SUMMARIZE: 4, Task.TRANSLATE: 4, Task.IMAGE: 2, Task.SPEECH: 1},
    {Task.ANALYSIS: 7, Task.CHART: 3, Task.SUMMARIZE: 4, Task.EXTRACT: 4, Task.MATH: 3, Task.QUESTION: 3},
    {Task.QUESTION: 7, Task.CHAT: 5, Task.REWRITE: 4, Task.TRANSLATE: 3, Task.EXTRACT: 2, Task.SUMMARIZE: 2},
)
JOBS = np.array([[job.get(task, 0.0) for task in TASKS] for job in _JOBS])
JOBS /= JOBS.sum(axis=1, keepdims=True)


@dataclass(frozen=True)
class Company:
    """People, by their places from 0, and the days on which something happens, by their places in the period.

    Args:
        first_day: of the period, UTC.
        days: how many there are.
        tag: what every id of this data has in it.
        busy: how much each person asks; 1 is usual.
        joined: the day of each person's first prompt, below 0 where that was before the period.
        job: of each person.
        favourite: the chatting model that each person picks.
        outage, price_change, new_model: days.
        here: whether each person works with it, by week of the period: some are away for a week, some stop.
        tools: how likely each person's prompt is to lead to a call of a tool; 0 for those who never have one.
        programs: how likely each person's prompt is to come from a program of theirs; 0 for those without any.
        curious: who tries pictures and speech, more and more, whatever their job.
    """

    first_day: date
    days: int
    tag: str
    busy: Floats
    joined: Floats
    job: Ints
    favourite: Ints
    outage: int
    price_change: int
    new_model: int
    here: Mask
    tools: Floats
    programs: Floats
    curious: Mask

    @property
    def never(self) -> Mask:
        """Who signs in but never asks anything."""
        nobody: Mask = self.busy == 0
        return nobody

    @property
    def person_ids(self) -> list[str]:
        """Of everybody."""
        return [f"{SAMPLE_PREFIX}{self.tag}-{place + 1:04d}" for place in range(len(self.busy))]

    @property
    def team_ids(self) -> list[str]:
        """The team of everybody: people of a job work together."""
        return [sample_team_id(self.tag, job) for job in self.job]

    def midnight(self, day: int) -> datetime:
        """When a day begins, UTC."""
        return datetime.combine(self.first_day + timedelta(days=day), time(), UTC)

    def progress(self, day: int) -> float:
        """How much of the period is over, from 0 to 1."""
        return day / max(1, self.days - 1)

    def rates(self, day: int, a_day: float) -> Floats:
        """How many prompts each person is expected to send; `a_day` is a usual workday's in the middle of the period.

        More from week to week, and more people from week to week; little at weekends.
        """
        there = (self.joined <= day) & self.here[:, day // 7]
        weekday = (self.first_day + timedelta(days=day)).weekday()
        growing = 0.7 + 0.6 * self.progress(day)
        rates: Floats = np.where(there, self.busy, 0.0) * (a_day * _WEEKDAYS[weekday] * growing)
        return rates

    def hours(self, day: int) -> Floats:
        """How likely each hour is."""
        is_workday = (self.first_day + timedelta(days=day)).weekday() < 5
        hours: Floats = _WORKDAY if is_workday else _WEEKEND
        shares: Floats = hours / hours.sum()
        return shares


def found(rng: np.random.Generator, now: datetime, days: int, people: int) -> Company:
    """A company whose period ends with the day of `now`."""
    first = now.astimezone(UTC).date() - timedelta(days=days - 1)
    tag = f"{int(rng.integers(2**32)):08x}"
    busy = rng.lognormal(-0.2, 0.65, people)
    joined = np.where(rng.random(people) < 0.3, -1.0, _joined(rng, first, days, people))
    joined[: max(1, people // 3)] = -1.0  # never a period that begins with nobody
    job = rng.integers(len(_JOBS), size=people)
    favourite = rng.choice(NEW, p=SHARES[:NEW] / SHARES[:NEW].sum(), size=people)  # the new one is the last
    busy[people - people // _NEVER :] = 0.0
    with_tools, with_programs = rng.random(people) < 0.7, rng.random(people) < 0.35
    with_programs[0] = True  # never a company without any
    return Company(
        first_day=first,
        days=days,
        tag=tag,
        busy=busy,
        joined=joined,
        job=job,
        favourite=favourite,
        outage=_workday(first, round(days * 0.72), days),
        price_change=max(0, round(days * 0.6) - 1),
        new_model=days // 2,
        here=_here(rng, joined, days),
        tools=np.where(with_tools, rng.uniform(0.1, 0.5, people), 0.0),
        programs=np.where(with_programs, rng.uniform(0.1, 0.4, people), 0.0),
        curious=rng.random(people) < 0.4,
    )


def _joined(rng: np.random.Generator, first: date, days: int, people: int) -> Floats:
    """The day of each person's first prompt: they are let in in a few waves, and begin within the week."""
    starts = np.array([round(days * share) for share in _WAVES])
    mondays = np.maximum(starts - np.array([(first.weekday() + int(start)) % 7 for start in starts]), 0)
    days_in = rng.choice(mondays, size=people, p=_OF_WAVES) + rng.choice(5, p=(0.4, 0.25, 0.15, 0.1, 0.1), size=people)
    joined: Floats = np.minimum(days_in, days - 1).astype(float)
    return joined


def _here(rng: np.random.Generator, joined: Floats, days: int) -> Mask:
    """By person and week: most people most weeks; of those who come new, a fourth stop after some weeks."""
    people, weeks = len(joined), -(-days // 7)
    week, first = np.arange(weeks), np.maximum(joined, 0)[:, None] // 7
    usual = rng.beta(6.0, 1.3, people)[:, None]
    stops = (joined >= 0) & (rng.random(people) < 0.25)
    weeks_there = np.where(stops, 1 + np.floor(rng.exponential(2.5, people)), weeks)[:, None]
    here: Mask = ((rng.random((people, weeks)) < usual) | (week == first)) & (week < first + weeks_there)
    return here


def _workday(first: date, day: int, days: int) -> int:
    """The first workday from a day on, within the period where it has one."""
    later = [*range(min(day, days - 1), days), *range(days)]
    return next((each for each in later if (first + timedelta(days=each)).weekday() < 5), 0)

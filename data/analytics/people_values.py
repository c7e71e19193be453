"""What is told of how people take Gearbox up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum
from typing import Any

from data.analytics.parts_of import Part

DAYS_OF_MONTH = 28
"""Four weeks, so that every weekday is in it as often."""


class Stretch(StrEnum):
    """How far back to look: whole weeks, the one that goes on included."""

    MONTH = "4w"
    QUARTER = "13w"
    HALF = "26w"
    YEAR = "52w"

    @property
    def weeks(self) -> int:
        """How many."""
        return int(self.value[:-1])


class Rhythm(StrEnum):
    """What active people are counted by."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class Step(StrEnum):
    """How far people came; each is only of those who came to the one before."""

    CAME = "came"  # signed in, or made a call
    CHATTED = "chatted"
    AGAIN = "again"  # in at least two weeks
    TOOLS = "tools"  # a tool was run for them
    SEVERAL = "several"  # kinds of content, such as text and pictures


class Feature(StrEnum):
    """Something that people may use or not."""

    CHAT = "chat"
    API = "api"
    TOOLS = "tools"
    PICTURES = "pictures"
    SPEECH = "speech"
    TRANSCRIPTS = "transcripts"
    FILMS = "films"
    AUTO = "auto"  # Gearbox chose the model
    PICKED = "picked"  # they did
    THUMBS = "thumbs"
    COMPARED = "compared"


@dataclass(frozen=True, slots=True)
class Weeks:
    """Whole weeks of a zone, from a Monday on; `today` is in the last of them."""

    first: date
    today: date
    zone: tzinfo

    @property
    def monday(self) -> date:
        """Of the week that goes on."""
        return self.today - timedelta(days=self.today.weekday())


def weeks_of(stretch: Stretch, now: datetime, zone: tzinfo) -> Weeks:
    """The weeks of a stretch that ends with the day of `now` in the zone."""
    today = now.astimezone(zone).date()
    first = today - timedelta(days=today.weekday(), weeks=stretch.weeks - 1)
    return Weeks(first, today, zone)


@dataclass(frozen=True, slots=True)
class Window:
    """Active people of some days that are over.

    Args:
        people: different ones; None where they are too few to say.
        a_day: how many there were on a day on average; None likewise.
    """

    people: int | None
    a_day: float | None


@dataclass(frozen=True, slots=True)
class Active:
    """The last 7 and the last 28 days that are over, and as many before each."""

    week: Window
    week_before: Window
    month: Window
    month_before: Window


@dataclass(frozen=True, slots=True)
class Bucket:
    """A day, a week or a month; `people` is None where they are too few to say."""

    start: date
    people: int | None


@dataclass(frozen=True, slots=True)
class Reached:
    """How many came to a step."""

    step: Step
    part: Part


@dataclass(frozen=True, slots=True)
class Use:
    """How many used something."""

    feature: Feature
    part: Part


@dataclass(frozen=True, slots=True)
class Cohort:
    """Who chatted for the first time in the week that begins on `week`.

    `back` are those of them who chatted one week later, two weeks later, and so on, as far as those weeks are over.
    """

    week: date
    people: int
    back: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class PeopleFacts:
    """Everything the page is made of.

    Args:
        teams: ids of those that may be told apart.
        is_empty: nobody came who fits. Where somebody did and `people` is None, they are too few to say anything.
        people: who came in these weeks.
        samples: how many of them are made up.
        left_out: weeks in which too few people began to be a cohort.
        ran: each query by its part's name, with the parameters it ran with.
    """

    weeks: Weeks
    teams: tuple[str, ...]
    is_empty: bool
    people: int | None
    samples: int
    active: Active | None
    buckets: tuple[Bucket, ...]
    funnel: tuple[Reached, ...]
    uses: tuple[Use, ...]
    cohorts: tuple[Cohort, ...]
    left_out: int
    ran: Mapping[str, tuple[str, Mapping[str, Any]]]

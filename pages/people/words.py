"""What the People page says: numbers of people, exact or as near as they may be told."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from data.analytics.parts_of import PEOPLE_AT_LEAST, Part, Told
from data.analytics.people_values import Bucket, Cohort, Feature, Reached, Rhythm, Step, Use
from pages.usage_words import NONE, count

STEPS = {
    Step.CAME: "Signed in",
    Step.CHATTED: "Chatted",
    Step.AGAIN: "In a second week",
    Step.TOOLS: "Had tools called",
    Step.SEVERAL: "Several kinds of content",
}
FEATURES = {
    Feature.CHAT: "The chat",
    Feature.API: "The API",
    Feature.TOOLS: "Tools",
    Feature.PICTURES: "Pictures",
    Feature.SPEECH: "Speech",
    Feature.TRANSCRIPTS: "Transcripts",
    Feature.FILMS: "Films",
    Feature.AUTO: "Auto chose a model",
    Feature.PICKED: "They picked a model",
    Feature.THUMBS: "Thumbs given",
    Feature.COMPARED: "Models compared",
}
HIDDEN = f"fewer than {PEOPLE_AT_LEAST}"


def people(part: Part) -> str:
    """25 / ≈ 25 / 36–39 / some."""
    if part.told is Told.SOME:
        return "some"
    if part.told is Told.ABOUT and part.people is not None:
        return f"≈ {count(part.people)}"
    return count(part.least) if part.least == part.most else f"{count(part.least)}–{count(part.most)}"


def share(part: Part, of: int | None = None) -> str:
    """63% / ≈ 63% / 90–98% / some; of the whole, or of another one that it is a part of, too."""
    of = part.of if of is None else of
    if not of:
        return NONE
    if part.told is Told.SOME:
        return "some"
    if part.told is Told.ABOUT and part.people is not None:
        return f"≈ {_percent(part.people, of)}%"
    low, high = _percent(part.least, of), _percent(part.most, of)
    return f"{low}%" if low == high else f"{low}–{high}%"


def _percent(part: int, of: int) -> int:
    """Whole; all or nothing only where it is."""
    rounded = (200 * part + of) // (2 * of)
    return rounded if part in {0, of} else min(max(rounded, 1), 99)


def day(moment: date) -> str:
    """24 Aug 2026."""
    return f"{moment.day} {moment:%b %Y}"


def bucket_name(start: date, by: Rhythm) -> str:
    """What a bucket is called."""
    if by is Rhythm.MONTH:
        return f"{start:%B %Y}"
    return f"{'Week of ' if by is Rhythm.WEEK else f'{start:%a} '}{day(start)}"


def bucket_rows(buckets: Iterable[Bucket], by: Rhythm) -> list[dict[str, object]]:
    """Active people over time."""
    return [
        {by.value.capitalize(): each.start.isoformat(), "People": HIDDEN if each.people is None else each.people}
        for each in buckets
    ]


def step_rows(funnel: Iterable[Reached], everybody: int) -> list[dict[str, object]]:
    """How far people came."""
    return [{"Step": STEPS[each.step], **_range(each.part), "Of all": share(each.part, everybody)} for each in funnel]


def use_rows(uses: Iterable[Use]) -> list[dict[str, object]]:
    """What people used."""
    return [{"What": FEATURES[each.feature], **_range(each.part), "Of all": share(each.part)} for each in uses]


def _range(part: Part) -> dict[str, object]:
    return {"People": people(part), "At least": part.least, "At most": part.most}


def cohort_rows(cohorts: Iterable[Cohort]) -> list[dict[str, object]]:
    """Who came back, by the week in which they began."""
    cohorts = list(cohorts)
    longest = max((len(each.back) for each in cohorts), default=0)
    return [
        {
            "Began in the week of": each.week.isoformat(),
            "People": each.people,
            **{
                f"Week {number + 1}": share(each.back[number]) if number < len(each.back) else None
                for number in range(longest)
            },
        }
        for each in cohorts
    ]

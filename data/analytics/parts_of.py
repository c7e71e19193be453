"""How many of a group did something, told so that it is never about fewer than five people.

Not only those who did it are a group: those who did not are one, too, and are found by taking the one number from the
other. So a number near nobody or near everybody is told as that alone. Of fewer than twice five people every number is
near one or the other, and all that is told is that some did. The answers are the same for every number that they stand
for, so none of them tells which.

Numbers that stand beside each other without being parts of one another can still be nested (who had tools called, and
who had so and came back), and then their difference is a group as well. Such lists are told in fives: the difference of
two numbers is then never known to be of fewer.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

PEOPLE_AT_LEAST = 5
"""In any group that something is told of: people themselves are what these numbers are about."""

_STEP = 5


class Told(StrEnum):
    """How exactly a number is told."""

    EXACT = "exact"
    FEW = "few"  # one to four
    MOST = "most"  # all but one to four
    ABOUT = "about"  # to the nearest five
    SOME = "some"  # neither nobody nor everybody


@dataclass(frozen=True, slots=True)
class Count:
    """People; `real` of them are not made up."""

    people: int
    real: int

    @property
    def behind(self) -> int:
        """How many count for the rule where all are of one kind; see `part_of`."""
        return self.real or self.people


@dataclass(frozen=True, slots=True)
class Part:
    """So many `of` a group.

    It lies from `least` to `most`. `people` is None where no number is told, and the nearest five where it is ABOUT.
    """

    told: Told
    people: int | None
    of: int
    least: int
    most: int

    @property
    def share(self) -> float:
        """From 0 to 1; where it is not told exactly, the middle of what it may be."""
        return (self.least + self.most) / 2 / self.of if self.of else 0.0


def part_of(part: Count, whole: Count, *, is_own: bool = False) -> Part:
    """What may be told of a part of a group that is large enough itself.

    Made-up people hide nobody: real ones alone are counted for the rule where there are any in the group.

    Args:
        part: those who did it; all of them are in `whole`.
        whole: the group.
        is_own: the group is the one who looks and nobody else, who may know it all.
    """
    every, some = (whole.real, part.real) if whole.real else (whole.people, part.people)
    exact = Part(Told.EXACT, part.people, whole.people, part.people, part.people)
    if is_own or some in {0, every}:
        return exact
    # What made-up people did is no secret; the range is that of the real ones beside them.
    made_up = part.people - some
    if every < 2 * PEOPLE_AT_LEAST:
        return Part(Told.SOME, None, whole.people, made_up + 1, made_up + every - 1)
    if some < PEOPLE_AT_LEAST:
        return Part(Told.FEW, None, whole.people, made_up + 1, made_up + PEOPLE_AT_LEAST - 1)
    if every - some < PEOPLE_AT_LEAST:
        return Part(Told.MOST, None, whole.people, made_up + every - PEOPLE_AT_LEAST + 1, made_up + every - 1)
    return exact


def about(part: Count, whole: Count, *, is_own: bool = False) -> Part:
    """The same in fives, for numbers of overlapping groups beside each other."""
    told = part_of(part, whole, is_own=is_own)
    if told.told is not Told.EXACT or is_own or part in {Count(0, 0), whole}:
        return told
    nearest = _STEP * ((part.people + _STEP // 2) // _STEP)
    least, most = max(nearest - _STEP // 2, PEOPLE_AT_LEAST), min(nearest + _STEP // 2, told.of - PEOPLE_AT_LEAST)
    return Part(Told.ABOUT, nearest, told.of, least, most)

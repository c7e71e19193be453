"""What is told of a part of a group never says anything of fewer than five people of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable
from itertools import combinations_with_replacement

import pytest

from data.analytics.parts_of import PEOPLE_AT_LEAST, Count, Part, Told, about, part_of

SMALL = set(range(1, PEOPLE_AT_LEAST))


def answers(tell: Callable[[Count, Count], Part], of: int) -> dict[Hashable, set[int]]:
    """The numbers that each answer may stand for."""
    found: dict[Hashable, set[int]] = defaultdict(set)
    for number in range(of + 1):
        found[tell(Count(number, number), Count(of, of))].add(number)
    return found


@pytest.mark.parametrize("tell", [part_of, about])
@pytest.mark.parametrize("of", [*range(5, 60), 997])
def test_no_answer_tells_which_small_number_it_is(tell: Callable[[Count, Count], Part], of: int) -> None:
    for answer, numbers in answers(tell, of).items():
        left = {of - number for number in numbers}
        for group in (numbers, left):
            assert not group & SMALL or len(group) >= min(4, of - 1), (answer, numbers)
        assert isinstance(answer, Part)
        assert answer.least <= min(numbers) and max(numbers) <= answer.most, "the range is true"


@pytest.mark.parametrize("of", [*range(10, 48)])
def test_of_two_rounded_numbers_the_difference_is_never_a_small_one(of: int) -> None:
    """Of groups within one another: those who had tools called, and those of them who came back."""
    found: dict[tuple[Part, Part], set[int]] = defaultdict(set)
    for more in range(of + 1):
        for less in range(more + 1):
            told = about(Count(more, more), Count(of, of)), about(Count(less, less), Count(of, of))
            found[told].add(more - less)
    for told, differences in found.items():
        assert len(differences) > 1 or not differences & SMALL, told


@pytest.mark.parametrize("of", [5, 7, 9, 10, 11, 14, 18])
def test_no_step_of_a_funnel_tells_how_few_went_no_further(of: int) -> None:
    """Each step is told beside the last one that is told exactly; all funnels that look alike are laid side by side."""
    alike: dict[tuple[Part, ...], list[tuple[int, ...]]] = defaultdict(list)
    for steps in combinations_with_replacement(range(of, -1, -1), 3):
        above, told = of, []
        for step in steps:
            told.append(part_of(Count(step, step), Count(above, above)))
            above = step if told[-1].people is not None else above
        alike[tuple(told)].append((of, *steps))
    for funnels in alike.values():
        for one in range(4):
            for other in range(one + 1, 4):
                lost = {funnel[one] - funnel[other] for funnel in funnels}
                assert len(lost) > 1 or not lost & SMALL, funnels


def test_nobody_and_everybody_are_told_and_large_parts_too() -> None:
    whole = Count(40, 40)
    told = {number: part_of(Count(number, number), whole) for number in (0, 3, 5, 20, 35, 37, 40)}
    assert [part.told for part in told.values()] == [
        Told.EXACT, Told.FEW, Told.EXACT, Told.EXACT, Told.EXACT, Told.MOST, Told.EXACT,
    ]  # fmt: skip
    assert (told[3].least, told[3].most, told[37].least, told[37].most) == (1, 4, 36, 39)
    assert [about(Count(number, number), whole).people for number in (5, 7, 8, 12, 13, 33)] == [5, 5, 10, 10, 15, 35]
    assert part_of(Count(3, 3), Count(9, 9)).told is part_of(Count(8, 8), Count(9, 9)).told is Told.SOME


def test_made_up_people_hide_nobody() -> None:
    """Anybody can make the same ones again and take them out: what is told of the real ones is as without them."""
    for real in range(21):
        alone = part_of(Count(real, real), Count(20, 20))
        among = part_of(Count(real + 30, real), Count(70, 20))
        assert among.told is alone.told
        assert (among.least - 30, among.most - 30) == (alone.least, alone.most)
    assert part_of(Count(3, 0), Count(40, 0)).told is Told.FEW, "alone they show what the rule does"


def test_who_looks_may_know_all_of_themselves() -> None:
    assert part_of(Count(3, 1), Count(40, 1), is_own=True).told is Told.EXACT

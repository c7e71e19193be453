"""Who won against whom: every comparison once, ties as halves, intervals that are wide for few."""

import pytest

from data.learning.routing.wins import Comparison, duels, ranked
from data.values.routing import Signal


def told(winner: str, *losers: str, user: str = "u") -> list[Comparison]:
    return [
        Comparison(user, winner, Signal.WON, losers),
        *(Comparison(user, loser, Signal.LOST, (winner,)) for loser in losers),
    ]


def tied(*models: str, user: str = "u") -> list[Comparison]:
    return [
        Comparison(user, model, Signal.TIED, tuple(other for other in models if other != model)) for model in models
    ]


def test_every_comparison_counts_once_on_both_sides() -> None:
    found = {
        (duel.model_id, duel.against): duel
        for duel in duels(told("a/x", "a/y", user="ann") + told("a/x", "a/y", "a/z") + tied("a/x", "a/y"))
    }
    one, other = found["a/x", "a/y"], found["a/y", "a/x"]
    assert (one.wins, one.ties, one.n, one.people) == (2, 1, 3, 2)
    assert (other.wins, other.ties, other.n) == (0, 1, 3)
    assert one.share == pytest.approx(5 / 6)
    assert one.share + other.share == pytest.approx(1)
    assert (found["a/x", "a/z"].n, ("a/y", "a/z") in found) == (1, False), "both lost: nothing is known between them"


def test_intervals_hold_the_share_and_narrow_with_more() -> None:
    few, many = duels(told("a/x", "a/y")), duels([each for _ in range(50) for each in told("a/x", "a/y")])
    for one in (few[0], many[0]):
        assert 0 <= one.low <= one.share <= one.high <= 1
    assert few[0].low < 0.3
    assert many[0].low > 0.9


def test_the_order_is_by_the_share_that_is_won() -> None:
    found = duels([*told("a/x", "a/y"), *told("a/y", "a/z"), *told("a/x", "a/z"), *tied("a/y", "a/z")])
    assert ranked(found) == ["a/x", "a/y", "a/z"]


def test_a_model_is_not_compared_with_itself() -> None:
    assert duels([Comparison("u", "a/x", Signal.TIED, ("a/x",))]) == []
    assert duels([]) == []

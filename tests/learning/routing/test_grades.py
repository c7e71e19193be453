"""Letters: the thresholds that are written down, and none while too little is known."""

from datetime import UTC, datetime, timedelta

import pytest

from data.learning.routing.grades import OBSERVATIONS_AT_LEAST, THRESHOLDS, grade, grades, letter
from data.learning.routing.posterior import Posterior
from data.learning.routing.statistics import Evidence, increments, merged
from data.values.routing import Grade
from data.values.tasks import Task

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def posterior(*seen: tuple[str, float, int]) -> Posterior:
    """Of models that answered `number` times, `share` of them well."""
    events = [
        Evidence(model, {Task.CODE: 1.0}, NOW - timedelta(hours=1), f"u{i % 7}", quality=float(i < share * number))
        for model, share, number in seen
        for i in range(number)
    ]
    return Posterior.of(merged(increments(each) for each in events), {}, NOW)


def test_the_thresholds() -> None:
    assert [letter(least) for least in THRESHOLDS.values()] == list(THRESHOLDS)
    assert letter(0.8999) is Grade.A_MINUS
    assert letter(0.4999) is Grade.F
    assert set(THRESHOLDS) == set(Grade)


@pytest.mark.parametrize(
    ("low", "high", "given"),
    [
        (0.80, 0.92, True),
        (0.86, 0.99, True),
        (0.74, 0.86, False),
        (0.70, 0.92, False),
        (0.0, 0.58, True),
        (0.0, 1.0, False),
    ],
)
def test_no_grade_while_the_interval_touches_more_than_two_letters(low: float, high: float, *, given: bool) -> None:
    assert (grade((low + high) / 2, low, high, 100.0) is not None) is given


def test_no_grade_from_published_figures_alone() -> None:
    assert grade(0.95, 0.92, 0.97, OBSERVATIONS_AT_LEAST - 0.1) is None


def test_much_experience_makes_a_grade_and_little_none() -> None:
    well, badly, hardly = grades(posterior(("a/well", 0.95, 400), ("a/badly", 0.2, 200), ("a/hardly", 1.0, 6)),
                                 ["a/well", "a/badly", "a/hardly"], [Task.CODE])  # fmt: skip
    assert well.grade in (Grade.A, Grade.A_MINUS)
    assert badly.grade is Grade.F
    assert hardly.grade is None
    assert well.low < well.quality < well.high
    assert well.n == pytest.approx(400, rel=0.05)
    assert hardly.high - hardly.low > well.high - well.low


def test_a_model_nobody_tried_has_an_interval_and_no_grade() -> None:
    (found,) = grades(posterior(("a/well", 0.9, 100)), ["a/new"], [Task.MATH])
    assert found.grade is None
    assert (found.n, found.drift) == (0.0, None)

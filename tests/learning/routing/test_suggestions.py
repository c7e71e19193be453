"""What is mostly used for prompts like this: whose choices count, what they weigh, and when nothing is said."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from data.learning.features import features
from data.learning.fingerprint import fingerprint
from data.learning.masking import masked
from data.learning.routing.suggestions import AT_LEAST, Habit, Suggestion, suggest
from data.values.counting import Used
from data.values.routing import Chooser
from data.values.tasks import Task

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def print_of(prompt: str) -> str:
    return fingerprint(features(masked(prompt), frozenset()))


def uses(
    model: str,
    times: int,
    *,
    user: str = "ann",
    task: Task = Task.CODE,
    prompt: str = "",
    chooser: Chooser = Chooser.PERSON,
    days: float = 1,
) -> list[Used]:
    made = print_of(prompt) if prompt else ""
    return [Used(user, task, made, model, chooser, NOW - timedelta(days=days, minutes=i)) for i in range(times)]


def asked(
    some: Sequence[Used], prompt: str = "", teams: Mapping[str, Sequence[str]] | None = None, **more: Sequence[str]
) -> Suggestion:
    made = print_of(prompt) if prompt else ""
    return suggest(some, user_id="ann", teams=teams or {}, task=Task.CODE, fingerprint=made, now=NOW, **more)


def test_the_most_used_one_of_the_task_is_named_with_its_numbers() -> None:
    some = uses("a/x", 12) + uses("a/y", 3) + uses("a/y", 40, task=Task.MATH) + uses("a/y", 40, user="bob")
    assert asked(some) == Suggestion(Habit("a/x", 12, 15, 1, alike=False), {})


def test_below_five_nothing_is_said() -> None:
    assert asked(uses("a/x", AT_LEAST - 1)).own is None
    assert asked(uses("a/x", AT_LEAST)).own is not None


def test_prompts_alike_go_before_the_task() -> None:
    sql = "Write a SQL query that lists the ten best customers of last year"
    some = uses("a/sql", 6, prompt=sql, task=Task.ANALYSIS) + uses(
        "a/other", 30, prompt="Explain this Rust lifetime error"
    )
    found = asked(some, "Write a SQL query that lists the five best customers of this year").own
    assert found == Habit("a/sql", 6, 6, 1, alike=True)
    assert asked(some, "Sing of the sea").own == Habit("a/other", 30, 30, 1, alike=False)


def test_later_ones_weigh_more_and_the_name_is_given_only_where_mostly_is_true() -> None:
    assert asked(uses("a/old", 8, days=200) + uses("a/new", 9)).own == Habit("a/new", 9, 17, 1, alike=False)
    assert asked(uses("a/old", 20, days=200) + uses("a/new", 8)).own is None


def test_what_gearbox_chose_is_nobody_s_use() -> None:
    by_auto = uses("a/auto", 9, chooser=Chooser.POLICY) + uses("a/auto", 9, chooser=Chooser.FIXED)
    assert asked(by_auto).own is None
    assert asked(by_auto + uses("a/x", 6) + uses("a/y", 2, chooser=Chooser.PIN)).own == Habit(
        "a/x", 6, 8, 1, alike=False
    )


def test_half_is_not_mostly() -> None:
    some = uses("a/x", 10) + uses("a/y", 5) + uses("a/z", 5)
    assert asked(some).own is None
    assert asked(some[:-1]).own == Habit("a/x", 10, 19, 1, alike=False)


def test_a_team_is_spoken_of_only_where_three_people_are_behind_it() -> None:
    team = {"red": ["ann", "bob", "cem"]}
    two = uses("a/x", 20, user="ann") + uses("a/x", 20, user="bob")
    assert asked(two, teams=team).teams == {}
    three = two + uses("a/x", 1, user="cem")
    assert asked(three, teams=team).teams == {"red": Habit("a/x", 41, 41, 3, alike=False)}
    outsider = two + uses("a/x", 20, user="eve")
    assert asked(outsider, teams=team).teams == {}, "others than the team's people don't make up the number"


def test_only_models_that_can_answer_are_named() -> None:
    some = uses("a/gone", 20) + uses("a/x", 6)
    assert asked(some, models=["a/x"]).own == Habit("a/x", 6, 6, 1, alike=False)

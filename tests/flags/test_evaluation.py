"""What somebody sees of a flag: pure, the same everywhere."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.values.flag_evaluation import Arm, FlagContext, Why, evaluate, places_of
from data.values.flags import (
    PARTS,
    Attribute,
    Condition,
    Flag,
    FlagKind,
    FlagState,
    Prerequisite,
    Rollout,
    Rule,
    Step,
    Unit,
    Weight,
    from_json,
    to_json,
)

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
ON_OFF: dict[str, Any] = {"on": True, "off": False}
PEOPLE = [f"person-{number}" for number in range(100_000)]


def flag(*rules: Rule, **said: Any) -> Flag:
    return Flag(said.pop("key", "x"), FlagKind.BOOLEAN, ON_OFF, said.pop("default", "off"), "off", rules=rules, **said)


def rollout(percent: float, *steps: Step) -> Rule:
    return Rule("roll", rollout=Rollout(round(percent * PARTS / 100), (Weight("on"),), "off", steps))


def when(attribute: Attribute, *values: str, negated: bool = False, variant: str = "on") -> Rule:
    return Rule(f"{attribute}-{'-'.join(values)}", (Condition(attribute, values, negated),), variant)


def seen(flags: Flag | dict[str, Flag], key: str = "x", now: datetime = NOW, **who: Any) -> tuple[str, Why]:
    known = flags if isinstance(flags, dict) else {flags.key: flags}
    found = evaluate(known, key, FlagContext(**who), now)
    return found.variant, found.reason


def test_the_first_rule_whose_conditions_all_hold_counts() -> None:
    both = Rule("both", (Condition(Attribute.ROLE, ("admin",)), Condition(Attribute.TEAM, ("red", "blue"))), "on")
    divided = flag(both, when(Attribute.USER, "ann"), when(Attribute.EMAIL_DOMAIN, "example.org"))
    admin = frozenset({"admin", "member"})
    assert seen(divided, roles=admin, team_ids=("green", "blue")) == ("on", Why.TARGETING_MATCH)
    assert seen(divided, roles=admin, team_ids=("green",)) == ("off", Why.DEFAULT)
    assert seen(divided, user_id="ann") == ("on", Why.TARGETING_MATCH)
    assert seen(divided, user_id="bob", email_domain="example.org") == ("on", Why.TARGETING_MATCH)
    assert seen(divided) == ("off", Why.DEFAULT)
    elsewhere = flag(when(Attribute.ENVIRONMENT, "production", negated=True))
    assert seen(elsewhere, environment="staging") == ("on", Why.TARGETING_MATCH)
    assert seen(elsewhere, environment="production") == ("off", Why.DEFAULT)
    earlier = flag(when(Attribute.USER, "ann", variant="off"), when(Attribute.USER, "ann", "bob"))
    assert (seen(earlier, user_id="ann")[0], seen(earlier, user_id="bob")[0]) == ("off", "on")


def test_what_is_not_on_is_off_whatever_its_rules_say() -> None:
    for state in (FlagState.OFF, FlagState.KILLED):
        assert seen(flag(when(Attribute.USER, "ann"), state=state), user_id="ann") == ("off", Why.DISABLED)
    assert seen(flag(default="on")) == ("on", Why.STATIC)
    with pytest.raises(KeyError):
        seen(flag(state=FlagState.REMOVED))


def test_a_prerequisite_has_to_come_to_its_variant_for_the_same_person() -> None:
    first = flag(when(Attribute.USER, "ann"), key="first")
    second = flag(default="on", prerequisites=(Prerequisite("first", "on"),))
    flags = {"first": first, "x": second}
    assert seen(flags, user_id="ann") == ("on", Why.STATIC)
    assert seen(flags, user_id="bob") == ("off", Why.DISABLED)
    assert evaluate({"x": second}, "x", FlagContext(), NOW).unmet == "first"


def test_a_schedule_takes_its_steps() -> None:
    steps = tuple(Step(NOW + timedelta(days=day), PARTS * share // 100) for day, share in ((1, 25), (2, 100)))
    divided = rollout(5, *steps).rollout
    assert divided is not None
    shares = [divided.share_at(NOW + timedelta(days=day)) * 100 // PARTS for day in (-1, 0, 1, 1.5, 2, 9)]
    assert shares == [5, 5, 25, 25, 100, 100]
    assert seen(flag(rollout(0, *steps)), user_id="ann", now=NOW + timedelta(days=3)) == ("on", Why.SPLIT)


@pytest.mark.parametrize("percent", [1, 5, 25, 50, 75, 99])
def test_as_many_are_treated_as_the_share_says(percent: int) -> None:
    """Chi-square with one degree of freedom over 100,000 people: above 10.8 by chance once in a thousand."""
    treated = sum(places_of("", f"flag-{percent}", person)[0] < percent * PARTS // 100 for person in PEOPLE)
    expected = len(PEOPLE) * percent / 100
    square = (treated - expected) ** 2 * (1 / expected + 1 / (len(PEOPLE) - expected))
    assert square < 10.8


def test_raising_the_share_only_adds_people_and_changes_nothing_for_those_who_are_in() -> None:
    variants: dict[str, Any] = {"a": "A", "b": "B", "off": "-"}

    def treated(share: int) -> dict[str, str]:
        rule = Rule("r", rollout=Rollout(share, (Weight("a", 1), Weight("b", 3)), "off"))
        flags = {"x": Flag("x", FlagKind.STRING, variants, "off", "off", rules=(rule,))}
        found = {person: evaluate(flags, "x", FlagContext(person), NOW) for person in PEOPLE[:4000]}
        return {person: each.variant for person, each in found.items() if each.arm is Arm.TREATED}

    before: dict[str, str] = {}
    for percent in (0, 1, 5, 25, 60, 100):
        now = treated(percent * PARTS // 100)
        assert before.items() <= now.items()
        before = now
    counted = Counter(before.values())
    assert len(before) == 4000
    assert 2800 < counted["b"] < 3200


def test_another_process_says_the_same() -> None:
    code = (
        "from data.values.flag_evaluation import places_of\n"
        "print([places_of('salt', 'x', f'person-{number}')[0] for number in range(50)])"
    )
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert json.loads(other.stdout) == [places_of("salt", "x", person)[0] for person in PEOPLE[:50]]
    # And every release: whoever changes these numbers moves everybody into other groups.
    assert [places_of("salt", "x", person)[0] for person in PEOPLE[:4]] == [62830, 39243, 6457, 19526]


def test_units() -> None:
    by_team = flag(rollout(100), unit=Unit.TEAM)
    assert evaluate({"x": by_team}, "x", FlagContext("ann", team_ids=("red", "blue")), NOW).unit_id == "red"
    lost = evaluate({"x": by_team}, "x", FlagContext("ann"), NOW)
    assert (lost.variant, lost.arm, lost.lacks_unit, lost.rule) == ("off", None, True, "roll")
    assert (
        evaluate({"x": flag(rollout(100), unit=Unit.TEAM, default="on")}, "x", FlagContext("ann"), NOW).variant == "off"
    )
    by_chat = flag(rollout(50), unit=Unit.CONVERSATION)
    arms = {evaluate({"x": by_chat}, "x", FlagContext("ann", conversation_id=f"c{n}"), NOW).arm for n in range(40)}
    assert arms == {Arm.TREATED, Arm.CONTROL}


_words = st.text(min_size=1, max_size=8)
_json = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | _words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_words, inner, max_size=3),
    max_leaves=6,
)
_moments = st.datetimes(datetime(2026, 1, 1), datetime(2036, 1, 1), timezones=st.just(UTC))
_rollouts = st.builds(
    Rollout,
    st.integers(0, PARTS),
    st.lists(st.builds(Weight, _words, st.integers(1, PARTS)), min_size=1, max_size=3).map(tuple),
    _words,
    st.lists(st.builds(Step, _moments, st.integers(0, PARTS)), max_size=3).map(tuple),
)
_conditions = st.builds(Condition, st.sampled_from(Attribute), st.lists(_words, max_size=3).map(tuple), st.booleans())
_rules = st.builds(
    Rule, _words, st.lists(_conditions, max_size=2).map(tuple), st.none() | _words, st.none() | _rollouts
)
_flags = st.builds(
    Flag,
    key=_words,
    kind=st.sampled_from(FlagKind),
    variants=st.dictionaries(_words, _json, max_size=4),
    default=_words,
    off=_words,
    state=st.sampled_from(FlagState),
    unit=st.sampled_from(Unit),
    salt=_words,
    rules=st.lists(_rules, max_size=3).map(tuple),
    prerequisites=st.lists(st.builds(Prerequisite, _words, _words), max_size=2).map(tuple),
    description=_words,
    owner=_words,
    created_at=st.none() | _moments,
    expires_on=st.none() | st.dates(date(2026, 1, 1)),
    version=st.integers(0, 1000),
)


@settings(max_examples=60, deadline=None)
@given(_flags)
def test_a_flag_survives_json(flag: Flag) -> None:
    kept = json.loads(json.dumps(to_json(flag)))
    assert from_json(kept) == flag
    assert from_json({**kept, "of a newer release": 1}) == flag


@pytest.mark.parametrize("wrong", [None, {}, {"key": "x"}, {**to_json(flag()), "kind": "colour"}])
def test_what_is_no_flag_is_refused(wrong: object) -> None:
    with pytest.raises(ValueError):  # whatever pydantic says
        from_json(wrong)

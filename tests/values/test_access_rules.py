"""Rules of access: how patterns match, how rules go together, and when one takes nothing away."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.values.access_rules import Allowed, Layer, Lists, RuleOwner, Rules, Thing, matches, unmatched

ORGANISATION, TEAM, USER = RuleOwner
MODELS, TOOLS = Thing

# Few letters, so that patterns meet names, and parts of patterns each other.
names = st.text("ab/", max_size=8)
patterns = st.text("ab/*", max_size=6)
some = st.lists(patterns, max_size=4).map(tuple)
said = st.none() | some
layers = st.lists(st.builds(Layer, st.sampled_from(RuleOwner), st.just(("x",)), some), max_size=2)
alloweds = layers.map(lambda found: Allowed(tuple(found)))
rules = st.builds(
    lambda everybodys, red, blue, own: Rules(
        {
            (ORGANISATION, ""): Lists(models=everybodys),
            (TEAM, "red"): Lists(models=red),
            (TEAM, "blue"): Lists(models=blue),
            (USER, "ann"): Lists(models=own),
        }
    ),
    said, said, said, said,
)  # fmt: skip


@given(patterns, names)
def test_a_star_stands_for_any_characters_and_nothing_else_is_special(pattern: str, name: str) -> None:
    expected = re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), name, re.DOTALL)
    assert matches(pattern, name) is (expected is not None)


@pytest.mark.parametrize(
    ("pattern", "name", "fits"),
    [
        ("openai/gpt-4o", "openai/gpt-4o", True),
        ("openai/gpt-4o", "openai/gpt-4o-mini", False),
        ("OpenAI/*", "openai/GPT-4o", True),
        ("anthropic/claude-*", "anthropic/claude-sonnet-4-5", True),
        ("anthropic/claude-*", "openrouter/anthropic/claude-sonnet", False),
        ("github__*", "github__create_issue", True),
        ("a.c", "abc", False),
        ("[ab]", "a", False),
    ],
)
def test_names_and_patterns(pattern: str, name: str, fits: bool) -> None:
    assert matches(pattern, name) is fits


def test_a_pattern_of_many_stars_is_no_trap() -> None:
    assert not matches("*a" * 150 + "b", "a" * 20_000)


@given(alloweds, alloweds, names)
def test_what_covers_allows_whatever_the_other_allows(wide: Allowed, narrow: Allowed, name: str) -> None:
    if wide.covers(narrow) and narrow.allows(name):
        assert wide.allows(name)


@given(alloweds)
def test_everything_covers_itself_and_no_rule_covers_all(allowed: Allowed) -> None:
    assert allowed.covers(allowed)
    assert Allowed().covers(allowed)
    assert Allowed((Layer(ORGANISATION, ("",), ("*",)),)).covers(allowed)


@given(rules, names, st.sampled_from(["ann", "bob"]), st.sets(st.sampled_from(["red", "blue", "gone"])))
def test_how_rules_go_together(rules: Rules, name: str, person: str, teams: set[str]) -> None:
    def allows(owner: RuleOwner, owner_id: str) -> bool | None:
        entries = rules.of.get((owner, owner_id), Lists()).models
        return None if entries is None else any(matches(each, name) for each in entries)

    everybodys, own = allows(ORGANISATION, ""), allows(USER, person)
    of_teams = [found for team in teams if (found := allows(TEAM, team)) is not None]
    if own is None and of_teams:
        own = any(of_teams)
    allowed = rules.allowed(MODELS, person, sorted(teams))
    assert allowed.allows(name) is (everybodys is not False and own is not False)
    assert rules.allowed(TOOLS, person, sorted(teams)) == Allowed()


@given(rules, st.sets(st.sampled_from(["red", "blue"])))
def test_nothing_goes_beyond_everybodys_rule(rules: Rules, teams: set[str]) -> None:
    bound = Rules({(ORGANISATION, ""): rules.of[ORGANISATION, ""]}).allowed(MODELS, "", ())
    assert bound.covers(rules.allowed(MODELS, "ann", sorted(teams)))


def test_an_empty_list_allows_none_and_a_team_may_add_to_it() -> None:
    of = {(TEAM, "red"): Lists(models=()), (TEAM, "blue"): Lists(models=("openai/*",))}
    assert not Rules(of).allowed(MODELS, "ann", ("red",)).allows("openai/gpt-4o")
    both = Rules(of).allowed(MODELS, "ann", ("red", "blue"))
    assert both.allows("openai/gpt-4o") and not both.allows("mistral/large")
    assert both.layers == (Layer(TEAM, ("red", "blue"), ("openai/*",)),)


def test_entries_that_stand_for_nothing_are_named() -> None:
    assert unmatched(["openai/*", "openay/*", "calculator"], ["openai/gpt-4o"]) == ("openay/*", "calculator")

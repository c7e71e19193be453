"""Decisions in words that a colleague understands."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from core.routing.words import cost_in_words, explained, standing
from data.values.routing import Arm, Chooser, Decision, Level, Unfit
from data.values.tasks import Task

SONNET = Arm("anthropic/sonnet", 0.87, 0.83, 0.91, 150, Decimal("0.0123"), 6.2, 0.8, seen_by=Level.TEAM, seen=143.2)
OTHER = Arm("openai/gpt-5", 0.8, 0.7, 0.9, 0, None, None, 0.7)
LABELS = {"anthropic/sonnet": "Sonnet", "openai/gpt-5": "GPT-5", "local/blind": "Blind"}
DECISION = Decision(
    "d", "ann", Task.CODE, "anthropic/sonnet", Chooser.POLICY, datetime(2026, 11, 29, tzinfo=UTC),
    tasks={Task.CODE: 0.87}, arms=(SONNET, OTHER), unfit=(Unfit("local/blind", "it is not known to see pictures"),),
)  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "arm", "line"),
    [
        ({}, {}, "Sonnet for code: your team rates it A- (n=143), about $0.01"),
        ({}, {"seen_by": Level.USER, "seen": 12}, "Sonnet for code: you rate it A- (n=12), about $0.01"),
        ({}, {"seen_by": Level.ALL}, "Sonnet for code: people here rate it A- (n=143), about $0.01"),
        ({}, {"low": 0.4}, "Sonnet for code: your team's experience so far speaks for it (n=143), about $0.01"),
        (
            {},
            {"seen_by": Level.USER, "seen": 2.4},
            "Sonnet for code: your experience so far speaks for it (n=2), about $0.01",
        ),
        (
            {},
            {"seen_by": Level.USER, "seen": 3, "quality": 0.4, "low": 0.2},
            "Sonnet for code: no other is expected to do better, "
            "though your experience so far speaks against it (n=3), about $0.01",
        ),
        ({}, {"seen_by": Level.ALL, "seen": 2}, "Sonnet for code: nothing is known of it yet, about $0.01"),
        ({}, {"seen": 0, "cost": None}, "Sonnet for code: nothing is known of it yet, cost not known"),
        ({"task": Task.OTHER}, {}, "Sonnet: your team rates it A- (n=143), about $0.01"),
        (
            {"explored": True},
            {},
            "Sonnet for code: a try, to learn whether it does better (your team rates it A- (n=143)), about $0.01",
        ),
        ({"chooser": Chooser.PERSON}, {}, "Sonnet for code: you picked it, about $0.01"),
        ({"chooser": Chooser.PIN}, {}, "Sonnet for code: you pinned it to this task, about $0.01"),
        ({"chooser": Chooser.FIXED}, {}, "Sonnet for code: the usual model, about $0.01"),
    ],
)
def test_the_line_says_who_found_it_how_good(changes: dict[str, object], arm: dict[str, object], line: str) -> None:
    decision = replace(DECISION, arms=(replace(SONNET, **arm), OTHER), **changes)  # type: ignore[arg-type]
    assert explained(decision, LABELS).line == line


def test_why_is_told_in_sentences() -> None:
    told = explained(DECISION, LABELS)
    assert told.why == (
        "Of 2 models that can answer this it is expected to do best, cost and time counted in.",
        "The prompt reads like code (87% sure).",
        "Of 100 such answers of it about 87 are expected to be good (83 to 91).",
        "This answer costs about $0.01, and takes about 6 s.",
    )
    theirs = explained(replace(DECISION, arms=(replace(SONNET, rated=(0.8, 0.6, 0.95)), OTHER)), LABELS)
    assert "Of 100 such answers of it about 80 are expected to be good (60 to 95)." in theirs.why
    quick = explained(replace(DECISION, arms=(replace(SONNET, seconds=0.3), OTHER)), LABELS)
    assert "This answer costs about $0.01, and takes under a second." in quick.why
    assert told.others == ("GPT-5: published figures speak for it, cost not known",)
    assert told.unfit == ("Blind: it is not known to see pictures",)
    tried = explained(replace(DECISION, chosen="openai/gpt-5", explored=True), LABELS)
    assert "Expected to do best was Sonnet." in tried.why
    pinned = replace(DECISION, unfit=(Unfit("local/blind", "you pinned it, but it is not known to see pictures"),))
    assert "Blind: you pinned it, but it is not known to see pictures." in explained(pinned, LABELS).why


def test_of_a_model_that_nobody_tried_no_odds_are_told() -> None:
    """What others did moves what is expected of all at a task; that is no experience with this one."""
    untried = replace(SONNET, seen=0.0, seen_by=Level.ALL, quality=0.02, rated=(0.02, 0.0, 0.2))
    told = explained(replace(DECISION, arms=(untried, OTHER)), LABELS)
    assert not [each for each in told.why if "Of 100" in each]


def test_that_it_does_best_is_not_said_beside_what_speaks_against_it() -> None:
    poor = replace(SONNET, seen_by=Level.USER, seen=3, quality=0.4, low=0.2)
    told = explained(replace(DECISION, arms=(poor, OTHER)), LABELS)
    assert told.why[0] == (
        "Of 2 models that can answer this no other is expected to do better, cost and time counted in."
    )
    alone = explained(replace(DECISION, arms=(poor,)), LABELS)
    assert "the only one that can answer, though your experience so far speaks against it" in alone.line
    tried = explained(replace(DECISION, arms=(OTHER, poor), explored=True), LABELS)
    assert "a try" in tried.line
    assert "expected" not in tried.line


def test_grades_are_said_where_there_are_some() -> None:
    assert standing(SONNET) == "your team rates it A- (n=143)"
    assert standing(OTHER) == standing(None) == "no grade yet"


def test_what_a_pick_is_for_is_told() -> None:
    picked = replace(DECISION, chooser=Chooser.PERSON)
    assert explained(picked, LABELS).why[0].endswith("it stays with this conversation.")
    instead = explained(replace(picked, overrules="auto-chose-another"), LABELS)
    assert instead.why[0] == "You picked this model yourself, for this prompt."


@pytest.mark.parametrize(
    "decision", [replace(DECISION, chooser=each, explored=x) for each in Chooser for x in (False, True)]
)
def test_no_word_of_the_trade_is_in_it(decision: Decision) -> None:
    told = explained(decision, LABELS)
    said = " ".join((told.line, *told.why, *told.others, *told.unfit)).lower()
    assert not {"posterior", "arm ", "bandit", "thompson", "propensity", "prior", "explor"} & {
        word for word in ("posterior", "arm ", "bandit", "thompson", "propensity", "prior", "explor") if word in said
    }


@pytest.mark.parametrize(
    ("cost", "words"),
    [(None, "cost not known"), ("0.0004", "under $0.001"), ("0.0042", "about $0.004"), ("0.128", "about $0.13")],
)
def test_money_is_never_zero_where_it_is_not_known(cost: str | None, words: str) -> None:
    assert cost_in_words(None if cost is None else Decimal(cost)) == words

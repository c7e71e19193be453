"""What a person corrected holds for prompts that are alike, and for no others."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from data.learning.analysis import PromptAnalyzer
from data.learning.corrections import corrected
from data.learning.fingerprint import fingerprint, likeness
from data.values.corrections import Correction
from data.values.plans import Output

ANALYZER = PromptAnalyzer()
AT = datetime(2026, 5, 1, tzinfo=UTC)
TEXT, IMAGE = frozenset({Output.TEXT}), frozenset({Output.IMAGE})


def correction(prompt: str, outputs: frozenset[Output], minutes: int = 0) -> Correction:
    return Correction(ANALYZER.fingerprint(prompt), outputs, AT + timedelta(minutes=minutes))


def test_fingerprints_are_short_and_the_same_every_time() -> None:
    made = ANALYZER.fingerprint("Paint an owl on the moon")
    assert made == ANALYZER.fingerprint("Paint an owl on the moon")
    assert len(made) == 2 + 128
    assert fingerprint({1: 0.5}) == fingerprint({1: 0.7}) != fingerprint({2: 0.5})


def test_likeness_follows_the_words() -> None:
    one = ANALYZER.fingerprint("The weekly mood of the team, please")
    near = ANALYZER.fingerprint("the weekly mood of the team")
    far = ANALYZER.fingerprint("How do I boil an egg without it breaking?")
    assert likeness(one, one) == 1
    assert likeness(one, near) > 0.5 > likeness(one, far)
    assert likeness(one, "0:" + one[2:]) == 0, "what another release made is like nothing"
    assert likeness(one, "1:ab") == 0


def test_a_correction_turns_the_same_prompt_and_one_like_it() -> None:
    prompt = "mood of the team, the usual way"
    chart = frozenset({Output.CHART})
    assert ANALYZER.analyze(prompt).outputs != chart
    made = [correction(prompt, chart)]
    for each in (prompt, "the mood of the team the usual way please"):
        assert ANALYZER.analyze(each, corrections=made).outputs == chart
    assert ANALYZER.analyze("Why is the sea salty?", corrections=made) == ANALYZER.analyze("Why is the sea salty?")


def test_a_picture_that_was_not_wanted_is_none_the_next_time() -> None:
    prompt = "a castle in the clouds"
    assert Output.IMAGE in ANALYZER.analyze(prompt).outputs
    assert ANALYZER.analyze(prompt, corrections=[correction(prompt, TEXT)]).outputs == TEXT


def test_the_newer_of_two_is_heard() -> None:
    prompt = "a castle in the clouds"
    made = [correction(prompt, TEXT, minutes=0), correction("A castle in the clouds.", IMAGE, minutes=1)]
    chances = dict.fromkeys(Output, 0.5)
    assert corrected(chances, made[1].fingerprint, made)[Output.IMAGE] > 0.5


def test_nothing_near_changes_nothing() -> None:
    chances = {Output.TEXT: 0.4, Output.IMAGE: 0.6}
    assert corrected(chances, ANALYZER.fingerprint("x"), []) == chances

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.chat.title import TITLE_CHARS, title_from


@pytest.mark.parametrize(
    ("prompt", "title"),
    [
        ("Plan the offsite", "Plan the offsite"),
        ("\n\n  Plan the offsite  \nin spring", "Plan the offsite"),
        ("# Release notes\nfor 1.2", "Release notes"),
        ("```\nprint(1)\n```", "print(1)"),
        ("---\n***\nwhat is this", "what is this"),
        ("> quoted", "quoted"),
        ("", "New conversation"),
        (" \n\t\n", "New conversation"),
        ("?!", "New conversation"),
        ("日本語の質問です", "日本語の質問です"),
    ],
)
def test_the_title_is_the_first_line_that_says_something(prompt: str, title: str) -> None:
    assert title_from(prompt) == title


def test_a_long_line_is_cut_between_words() -> None:
    title = title_from("Please compare the three proposals that we received from vendors last week")
    assert title == "Please compare the three proposals that we…"


def test_no_punctuation_is_left_before_the_dots() -> None:
    assert title_from("a" * 40 + " bbbb, " + "c" * 40) == "a" * 40 + " bbbb…"


@pytest.mark.parametrize("letter", ["x", "語"])
def test_one_endless_word_is_cut_within(letter: str) -> None:
    assert title_from(letter * 200) == letter * TITLE_CHARS + "…"


def test_a_line_that_just_fits_is_not_cut() -> None:
    exact = "a" * 23 + " " + "b" * 24
    assert len(exact) == TITLE_CHARS
    assert title_from(exact) == exact


def test_markup_leaves_no_gaps() -> None:
    assert title_from("What does **bold** `code` mean") == "What does bold code mean"


@given(st.one_of(st.text(), st.text(st.sampled_from("ab *`#\n\r\t.,語"), max_size=200)))
def test_any_prompt_gives_a_short_clean_line(prompt: str) -> None:
    title = title_from(prompt)
    assert 0 < len(title) <= TITLE_CHARS + 1
    assert title == title.strip()
    assert len(title.splitlines()) == 1
    assert not set(title) & set("`*_#>[]")
    assert any(character.isalnum() for character in title)

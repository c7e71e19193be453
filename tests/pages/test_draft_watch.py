"""What a browser tells of a draft: anything may come, and little is believed."""

from __future__ import annotations

import pytest

from pages.draft_watch import Draft, _read


def test_words_and_the_names_of_files_are_heard() -> None:
    assert _read({"text": "Sort a list", "files": ["a.png", "b.csv"]}) == Draft("Sort a list", ("a.png", "b.csv"))


@pytest.mark.parametrize(
    "told",
    [None, "text", {}, {"text": 1, "files": []}, {"text": "a", "files": "b"}, {"text": "a" * 100_001, "files": []}],
    ids=["nothing", "words", "empty", "number", "files", "long"],
)
def test_what_is_no_draft_is_not_heard(told: object) -> None:
    assert _read(told) is None


def test_names_are_cut_and_counted() -> None:
    heard = _read({"text": "", "files": ["x" * 5_000] * 500})
    assert heard is not None
    assert (len(heard.files), len(heard.files[0])) == (100, 300)


@pytest.mark.parametrize(
    ("draft", "is_empty"),
    [(Draft(""), True), (Draft(" \n"), True), (Draft("a"), False), (Draft("", ("a.png",)), False)],
    ids=["nothing", "blank", "words", "a-file"],
)
def test_a_draft_without_anything_to_send_is_empty(draft: Draft, is_empty: bool) -> None:
    assert draft.is_empty is is_empty

"""A streamed answer is cut into sealed blocks while it comes; no cut may change what it looks like."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages.sealed_blocks import seal_at


@dataclass(frozen=True)
class Block:
    """A piece of Markdown; one that is `whole` may not be cut anywhere inside."""

    text: str
    whole: bool


PARAGRAPHS = (
    Block("Some words that say\nsomething in two lines.", False),
    Block("# A heading", False),
    Block("One line, **bold** and `code`.", False),
    Block("---", False),
    Block("-5 degrees, 3.5 volts, 1.x and |x| are no markers.", False),
)
FENCES = (
    Block("```python\nprint(1)\n\n\nprint(2)\n```", True),
    Block("~~~\na\n\nb\n~~~", True),
    Block("```\n- no list\n\n# no heading\n\n| no | table |\n```", True),
    Block("  ```\n  indented\n\n  fence\n  ```", True),
)
LISTS = (
    Block("- one\n- two", True),
    Block("- loose\n\n- items\n\n  with a second paragraph\n\n- end", True),
    Block("* stars\n\n* too", True),
    Block("+ plus\n\n+ too", True),
    Block("1. one\n\n2. two\n\n10. ten", True),
    Block("1) one\n\n2) two", True),
    Block("1. code inside:\n\n    ```\n    a\n\n    b\n    ```\n\n2. after it", True),
    Block("- outer\n\n  - inner\n\n  - inner\n\n- outer", True),
)
TABLES = (
    Block("| a | b |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |", True),
    Block("> quoted\n\n> more", True),
)
# Two lists in a row are one list in Markdown, and a list before a table or a quotation is told apart by its text:
# something plain stands between any two blocks.
EVERYTHING = (*PARAGRAPHS, *FENCES, *LISTS, *TABLES)
_documents = st.lists(st.sampled_from(EVERYTHING), max_size=6).map(
    lambda blocks: [piece for block in blocks for piece in (block, PARAGRAPHS[0])]
)


def joined(blocks: Sequence[Block]) -> str:
    return "\n\n".join(block.text for block in blocks)


def insides(blocks: Sequence[Block]) -> Iterator[tuple[int, int, Block]]:
    """First and last position inside each block that may not be cut."""
    start = 0
    for block in blocks:
        end = start + len(block.text)
        if block.whole:
            yield start + 1, end - 1, block
        start = end + 2


def assert_nothing_is_cut(blocks: Sequence[Block], at: int) -> None:
    for first, last, block in insides(blocks):
        assert not first <= at <= last, f"cut inside {block.text!r}: {joined(blocks)[:at]!r}"


@given(_documents)
def test_no_fence_list_or_table_is_ever_cut(blocks: list[Block]) -> None:
    assert_nothing_is_cut(blocks, seal_at(joined(blocks)))


@given(_documents, st.data())
def test_no_moment_of_the_stream_cuts_what_is_still_coming(blocks: list[Block], data: st.DataObject) -> None:
    text = joined(blocks)
    arrived = data.draw(st.integers(0, len(text)))
    assert_nothing_is_cut(blocks, seal_at(text[:arrived]))


@pytest.mark.parametrize("block", EVERYTHING, ids=lambda block: block.text.splitlines()[0])
def test_at_no_moment_is_this_block_cut(block: Block) -> None:
    blocks = [PARAGRAPHS[0], block, PARAGRAPHS[0]]
    text = joined(blocks)
    for arrived in range(len(text) + 1):
        assert_nothing_is_cut(blocks, seal_at(text[:arrived]))


@pytest.mark.parametrize(
    "fence",
    [
        "````markdown\n```\ncode\n\nmore\n```\n````",
        "```\n~~~\n\nno end of it\n```",
        "~~~~\n~~~\n\nno end of it\n~~~~",
    ],
    ids=["four around three", "tildes inside backticks", "four tildes around three"],
)
def test_a_fence_that_shows_a_fence_is_not_cut(fence: str) -> None:
    blocks = [PARAGRAPHS[0], Block(fence, True), PARAGRAPHS[0]]
    text = joined(blocks)
    for arrived in range(len(text) + 1):
        assert_nothing_is_cut(blocks, seal_at(text[:arrived]))


@given(st.text(st.sampled_from("a`~-|\n 1."), max_size=80))
def test_a_cut_loses_nothing_and_leaves_both_sides_something(text: str) -> None:
    at = seal_at(text)
    assert 0 <= at < max(len(text), 1)
    assert text[:at] + text[at:] == text
    assert at == 0 or (text[:at].endswith("\n") and not text[at].isspace())


def test_paragraphs_are_sealed_as_far_as_they_can_be() -> None:
    text = "one\n\ntwo\n\nthree"
    assert text[: seal_at(text)] == "one\n\ntwo\n\n"


@pytest.mark.parametrize("block", [*FENCES, *LISTS, *TABLES], ids=lambda block: block.text.splitlines()[0])
def test_a_finished_block_is_sealed_once_something_plain_follows(block: Block) -> None:
    text = f"{block.text}\n\nAnd then"
    assert text[: seal_at(text)] == f"{block.text}\n\n"


@pytest.mark.parametrize("text", ["", "one line", "one\ntwo", "```\na\n\nb", "- a\n\n- b", "one\n\n"])
def test_nothing_is_sealed_without_a_safe_boundary(text: str) -> None:
    assert seal_at(text) == 0

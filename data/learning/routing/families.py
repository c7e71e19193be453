"""Which row of a published table a model's name means: its own, its family's, or the one nearest in size.

Providers write one model's name in many ways: `claude-3-5-sonnet-20241022`, `anthropic/claude-3.5-sonnet` and
`us.anthropic.claude-3-5-sonnet-20241022-v2:0` are the same. What follows the last slash is read as words, with
generations as numbers and the count of parameters apart.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

_SIZE = re.compile(r"(?<![a-z0-9.])(?:(\d+)x)?(\d+(?:\.\d+)?)b(?![a-z0-9])")
_JOINED = re.compile(r"([a-z]{2,})v?(\d)")  # llama3, qwen2.5
_POINT = re.compile(r"\bv?(\d)p(\d)")  # llama-v3p1, of paths where a point may not stand
_WORD = re.compile(r"[a-z0-9]+")
_GENERATION = re.compile(r"[1-9]\d?")  # the 7 of gpt-5.7, where a row is of gpt-5; dates are longer
_SAYS_NOTHING = re.compile(
    r"\d+|v\d+|[a-z]\d+b|us|eu|apac|global|anthropic|amazon|meta|google|mistralai|cohere|openai|open|models?|instruct|"
    r"it|hf|chat|turbo|preview|latest|exp|experimental|thinking|reasoning|high|medium|low|fast|fp8|awq|gguf|q\d|k|m|"
    r"versatile|instant|large|generate|standard|hd|text|generation|alpha|beta"
)


@dataclass(frozen=True, slots=True)
class Known:
    """A name that a row goes by: its words, billions of parameters, and whether it is a family's."""

    label: str
    words: tuple[str, ...]
    billions: float | None
    is_family: bool


@dataclass(frozen=True, slots=True)
class Found:
    """The row that a name means.

    Args:
        is_itself: the row is of this very model, not of a relative (a family's, another size's, a fine-tune's base).
        doublings: how often the row's count of parameters has to be doubled for the model's; 0 where either is unknown.
    """

    label: str
    is_itself: bool
    doublings: float = 0.0


def known(label: str, names: str) -> list[Known]:
    """The names of a row, as its table has them: parted by blanks, `~` before a family's."""
    read = ((name.startswith("~"), *_read(name.removeprefix("~"))) for name in names.split())
    return [Known(label, words, billions, is_family) for is_family, words, billions in read]


def find(name: str, among: Iterable[Known]) -> Found | None:
    """The row whose words all stand in the name, in their order; the most words win, then the nearest size."""
    words, billions = _read(name.rsplit("/", 1)[-1])
    fits = [each for each in among if _in_order(each.words, words)]
    if not fits:
        return None

    def rank(each: Known) -> tuple[float, ...]:
        far = _doublings(each.billions, billions)
        # With a size in the name the rows with one are the comparable ones; without, those without.
        return (-len(each.words), (each.billions is None) != (billions is None), abs(far), each.is_family)

    best = min(fits, key=rank)
    doublings = _doublings(best.billions, billions)
    is_itself = not best.is_family and best.billions == billions and not _is_another(best.words, words)
    return Found(best.label, is_itself, doublings)


def _read(name: str) -> tuple[tuple[str, ...], float | None]:
    text = _POINT.sub(r"\1-\2", name.lower())
    size = _SIZE.search(text)
    billions = float(size[2]) * int(size[1] or 1) if size else None
    if size:
        text = text[: size.start()] + " " + text[size.end() :]
    return tuple(_WORD.findall(_JOINED.sub(r"\1 \2", text))), billions


def _in_order(wanted: tuple[str, ...], words: tuple[str, ...]) -> bool:
    rest = iter(words)
    return bool(wanted) and all(word in rest for word in wanted)


def _is_another(row: tuple[str, ...], words: tuple[str, ...]) -> bool:
    """The name says more than the row's: another generation, a fine-tune, a kind."""
    for before, word in zip(("", *words), words, strict=False):
        if word in row:
            continue
        if before in row and _GENERATION.fullmatch(word):
            return True
        if not _SAYS_NOTHING.fullmatch(word):
            return True
    return False


def _doublings(known_billions: float | None, billions: float | None) -> float:
    return math.log2(billions / known_billions) if known_billions and billions else 0.0

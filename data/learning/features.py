"""What the analysis knows of a prompt, as numbers: hashed words, characters and operations.

A feature is a string; its place is its CRC-32, so that there is no vocabulary to keep, and its sign is always plus.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from zlib import crc32

from data.learning.lexicon import BREAK, WORD, lexicon
from data.learning.masking import Masked
from data.learning.operations import kept, operations
from data.values.plans import Input, Output

PLACES = 1 << 15
"""Of the hashed space."""

_SHORT = 14
"""Words, up to which a prompt may be about what stands before it."""

_EARLIER = {
    Output.TEXT: Input.TEXT,
    Output.IMAGE: Input.IMAGE,
    Output.SPEECH: Input.AUDIO,
    Output.CHART: Input.CHART,
    Output.VIDEO: Input.VIDEO,
}
_SAYS_LITTLE = frozenset((BREAK, ",", "SELF"))
_WORDS_WEIGHT, _CHARS_WEIGHT, _DONE_WEIGHT, _ABOUT_WEIGHT = 1.0, 0.7, 1.4, 0.7


def features(masked: Masked, inputs: frozenset[Input], earlier: Sequence[frozenset[Output]] = ()) -> dict[int, float]:
    """Weights by place, each block of length one, so that long prompts and short ones weigh the same."""
    words = WORD.findall(masked.text)
    classes = lexicon().classes(masked.text)
    about = _about(masked, inputs, earlier)
    found: dict[int, float] = {}
    _add(found, Counter(_of_words(words)), _WORDS_WEIGHT)
    _add(found, Counter(_of_chars(masked.text)), _CHARS_WEIGHT)
    _add(found, Counter(_of_operations(classes)), _DONE_WEIGHT)
    _add(found, Counter(_of_form(masked, words, classes)), _ABOUT_WEIGHT)
    if about:
        crossed = (f"{kind}^{feature}" for kind in about for feature in _crossed(words, classes))
        _add(found, Counter(crossed), _WORDS_WEIGHT)
    return found


def _about(masked: Masked, inputs: frozenset[Input], earlier: Sequence[frozenset[Output]]) -> list[str]:
    here = sorted(kind.value for kind in (inputs | masked.mentioned))
    if not here and earlier:
        return sorted(f"then{_EARLIER[output].value}" for output in earlier[-1])
    return here


def _of_words(words: Sequence[str]) -> Iterator[str]:
    kept = [word for word in words if word not in ",，、"]
    yield f"first:{kept[0] if kept else ''}"
    yield f"first:{' '.join(kept[:2])}"
    for place, word in enumerate(kept):
        yield f"w:{word}"
        if place:
            yield f"w:{kept[place - 1]} {word}"


def _of_chars(text: str) -> Iterator[str]:
    for word in text.split():
        if len(word) == len(word.encode()):
            padded = f" {word} "
            for start in range(max(1, len(padded) - 3)):
                yield f"c:{padded[start : start + 4]}"
        else:  # scripts without spaces: a word is one or two of their signs
            padded = f" {word} "
            for size in (1, 2, 3):
                for start in range(max(1, len(padded) - size + 1)):
                    yield f"c:{padded[start : start + size]}"


def _of_operations(classes: Sequence[str]) -> Iterator[str]:
    done = operations(classes)
    kinds = {each.split(":")[-1] for each in done}
    for kind in kinds:
        yield f"op:{kind}"
    for place, name in enumerate(done):
        yield f"do:{name}"
        if place:
            yield f"do:{done[place - 1]}>{name}"
        for before in set(done[max(0, place - 6) : place]):
            yield f"do:{before}>>{name}"
    left = kept(done)
    yield f"keeps:{left}"
    for kind in left:
        yield f"keep:{kind}"
    if done:
        yield f"begin:{done[0]}"
        yield f"end:{done[-1]}"
    else:
        yield "do:nothing"
    named = [name for name in classes if name not in _SAYS_LITTLE]
    for place, name in enumerate(named):
        yield f"is:{name}"
        if place:
            yield f"is:{named[place - 1]} {name}"
    if named:
        yield f"isfirst:{' '.join(named[:2])}"


def _of_form(masked: Masked, words: Sequence[str], classes: Sequence[str]) -> Iterator[str]:
    yield f"length:{int(math.log2(len(words) + 1) * 1.5)}"
    yield f"chars:{int(math.log2(masked.length + 1))}"
    yield "lines" if masked.lines > 2 else "one line"
    if "?" in masked.text or "？" in masked.text:
        yield "asks"
    if masked.text[-1:] in ".!。":
        yield "ends"
    if not classes:
        yield "no class"
    if any(char.isdigit() for char in masked.text):
        yield "digits"
    if any(mark in masked.text for mark in "{}=<>\\^"):
        yield "formal"
    if masked.has_source:
        yield "source"
    if words and words[0] in {"a", "an", "the", "ein", "eine", "un", "une", "una", "o", "um", "uma"}:
        yield "article first"
        yield f"article first:{int(math.log2(len(words) + 1) * 1.5)}"
    for kind in masked.mentioned:
        yield f"names:{kind.value}"


def _crossed(words: Sequence[str], classes: Sequence[str]) -> Iterator[str]:
    yield "any"
    yield "short" if len(words) <= _SHORT else "long"
    for name in operations(classes) or ("nothing",):
        yield f"do:{name}"
    if len(words) <= _SHORT:
        for word in words:
            yield f"w:{word}"
        for name in classes:
            yield f"is:{name}"
    if any(mark in words for mark in "?？"):
        yield "asks"


def _add(found: dict[int, float], counts: Counter[str], weight: float) -> None:
    values = {name: 1 + math.log(count) for name, count in counts.items()}
    norm = math.sqrt(sum(value * value for value in values.values())) or 1.0
    for name, value in values.items():
        place = crc32(name.encode()) & (PLACES - 1)
        found[place] = found.get(place, 0.0) + weight * value / norm

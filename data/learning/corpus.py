"""The example prompts that the analysis is trained on, written out of the templates in `corpus/`.

A template has slots in braces: `{a|b|c}` is one of these, `{thing}` one of the values of that name in `slots.tsv`.
`chains.tsv` has the steps of longer requests, and what is wanted of a request follows from its steps: what is only
made to be used by a later step is not a part of the reply.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files

from data.values.plans import Input, Output
from data.values.tasks import Task

FILES = ("everyday.tsv", "wanted.tsv", "several.tsv", "languages.tsv")
OF_WORDS = ("tasks.tsv",)
"""Written last, so that the others come out as they did without them."""

OUTPUTS = {"t": Output.TEXT, "i": Output.IMAGE, "s": Output.SPEECH, "c": Output.CHART, "v": Output.VIDEO}
_INPUTS = {
    "t": Input.TEXT, "i": Input.IMAGE, "s": Input.AUDIO, "v": Input.VIDEO, "c": Input.CHART,
    "d": Input.DOCUMENT, "b": Input.TABLE,
}  # fmt: skip

_NAMED = {"A": "the audio file {aud}", "I": "the image {img}", "V": "the video {vid}", "T": "the text {doc}"}
_INNERMOST = re.compile(r"\{([^{}]*)\}")
_NESTED = "thing|metric|dim|img|doc|vid|aud|tab|charttype|zahl|dato|cosa|chose|chiffre|soggetto|assunto|benda"
_WORDS = re.compile(rf"\b({_NESTED})(s?)\b")
_WORDS_FAMILY, _CHAINS_FAMILY = 10_000, 100_000
_MOST, _CHAINS = 12, 2_400
"""Prompts of one template, and longer requests."""


@dataclass(frozen=True, slots=True)
class Example:
    """One prompt and what it wants. `family` is its template's number: what is alike stays on one side of a split."""

    prompt: str
    outputs: frozenset[Output]
    task: Task
    language: str
    inputs: frozenset[Input]
    earlier: tuple[frozenset[Output], ...]
    family: int

    @property
    def tells_tasks_alone(self) -> bool:
        """Whether it is only there to tell tasks of words apart: it says nothing of pictures, so much text as it is."""
        return _WORDS_FAMILY <= self.family < _CHAINS_FAMILY


def examples(seed: int = 7) -> list[Example]:
    """All of them, the same ones in the same order for a seed; no prompt twice in the same place."""
    slots = _slots()
    rng = random.Random(seed)  # noqa: S311 - it writes examples
    made: dict[tuple[str, frozenset[Input], tuple[frozenset[Output], ...]], Example] = {}
    for each in [*_written(FILES, rng, slots), *_chains(rng, slots), *_written(OF_WORDS, rng, slots)]:
        made.setdefault((each.prompt.lower(), each.inputs, each.earlier), each)
    return list(made.values())


def _written(names: Sequence[str], rng: random.Random, slots: dict[str, list[str]]) -> Iterator[Example]:
    family = 0 if names == FILES else _WORDS_FAMILY
    for name in names:
        for line in _lines(name):
            family += 1
            wanted, task, language, before, template = line.split("\t")
            inputs, earlier = _before(before)
            outputs = frozenset(OUTPUTS[letter] for letter in wanted)
            seen: set[str] = set()
            for _ in range(_MOST * 2):
                prompt = _filled(template, rng, slots, language)
                if prompt not in seen and len(seen) < _MOST:
                    seen.add(prompt)
                    yield Example(prompt, outputs, Task(task), language, inputs, earlier, family)


def _chains(rng: random.Random, slots: dict[str, list[str]]) -> Iterator[Example]:
    steps = [line.split("\t") for line in _lines("chains.tsv")]
    starts = [(row[2], row[4].split("|")) for row in _outer(steps) if row[0] == "start"]
    doing = [(row[0], row[1], row[2], row[3], row[4].split("|")) for row in _outer(steps) if row[0] != "start"]
    for _ in range(_CHAINS):
        has, wordings = rng.choice(starts)
        said, done = [], []
        current, used = ("T" if has == "U" else has), set()
        for _ in range(rng.choice((1, 2, 2, 3, 3, 4, 5))):
            able = [step for step in doing if current in step[1] and step[0] not in used]
            if not able:
                break
            step = rng.choice(able)
            used.add(step[0])
            done.append(step)
            said.append(_filled(_restored(rng.choice(step[4])), rng, slots, "en"))
            current = step[2]
        start = _filled(_restored(rng.choice(wordings)), rng, slots, "en")
        if rng.random() < 0.25 and (named := _NAMED.get(has)):  # begins with the first step, and says there of what
            what = _filled(named, rng, slots, "en")
            start, said[0] = "", re.sub(r"\b(it|its|the (?:audio|text|image|picture|video))\b", what, said[0], count=1)
        outputs = _kept([(step[2], step[3]) for step in done])
        kinds = {"T": "t", "A": "s", "I": "i", "V": "v"}
        wanted = frozenset(OUTPUTS[kinds[kind]] for kind in outputs)
        yield Example(
            _joined(start, said, rng), wanted, _task_of(wanted, done[-1][0]), "en", frozenset(), (),
            _CHAINS_FAMILY + hash_of("".join(step[0] for step in done)),
        )  # fmt: skip


def _kept(done: list[tuple[str, str]]) -> set[str]:
    """What of the steps' results is a part of the reply."""
    kept: set[str] = set()
    for place, (gives, counts) in enumerate(done):
        is_last = place == len(done) - 1
        if counts == "open" and not is_last:
            continue
        if gives == "V" or counts == "absorb":  # a film takes up what was made for it
            kept.clear()
        kept.add(gives)
    return kept or {done[-1][0]}


def _task_of(wanted: frozenset[Output], last: str) -> Task:
    media = {Output.IMAGE: Task.IMAGE, Output.SPEECH: Task.SPEECH, Output.VIDEO: Task.VIDEO, Output.CHART: Task.CHART}
    for output in (Output.VIDEO, Output.IMAGE, Output.SPEECH):
        if output in wanted:
            return media[output]
    texts = {"summarize": Task.SUMMARIZE, "translate": Task.TRANSLATE, "rewrite": Task.REWRITE, "ocr": Task.EXTRACT,
             "transcribe": Task.EXTRACT, "detect": Task.EXTRACT, "topics": Task.EXTRACT}  # fmt: skip
    return texts.get(last, Task.QUESTION)


def _joined(start: str, said: list[str], rng: random.Random) -> str:
    return _sentences(start, said, rng).removeprefix(". ").removeprefix(" and ").strip()


def _sentences(start: str, said: list[str], rng: random.Random) -> str:
    ask = rng.choice(
        ("Please ", "I want to ", "I'd like to ", "Can you ", "I need you to ", "First, ", "", "Could you please ")
    )
    style = rng.randrange(4)
    if style == 0 or len(said) == 1:
        rest = f"{', '.join(said[:-1])} and {said[-1]}" if len(said) > 1 else said[0]
        return f"{start}. {ask}{rest}."
    if style == 1:
        then = rng.choice(("Then, ", "After that, ", "Next, ", "Then I want to ", "Also, "))
        last = rng.choice(("Finally, ", "Lastly, ", "In the end, ", "Finally, I'd like to "))
        middle = "".join(f" {then}{each}." for each in said[1:-1])
        return f"{start}. {ask}{said[0]}.{middle} {last}{said[-1]}."
    if style == 2:
        return f"{start} and I want to {', then '.join(said)}."
    return f"{start}. {ask}{', '.join(said[:-1])}, and finally {said[-1]}."


def hash_of(text: str) -> int:
    """A number of a text that is the same in every process."""
    from zlib import crc32

    return crc32(text.encode())


def _before(text: str) -> tuple[frozenset[Input], tuple[frozenset[Output], ...]]:
    if text.startswith("in="):
        return frozenset(_INPUTS[letter] for letter in text[3:]), ()
    if text.startswith("then="):
        return frozenset(), (frozenset(OUTPUTS[letter] for letter in text[5:]),)
    return frozenset(), ()


def _filled(template: str, rng: random.Random, slots: dict[str, list[str]], language: str) -> str:
    def chosen(match: re.Match[str]) -> str:
        inner = match[1]
        one = rng.choice(inner.split("|")) if "|" in inner else inner
        if one in slots:
            return rng.choice(slots[one])
        return _WORDS.sub(lambda word: rng.choice(slots[word[1]]) + word[2], one)

    text = template.replace("\\n", "\n")
    while _INNERMOST.search(text):
        text = _INNERMOST.sub(chosen, text)
    text = re.sub(r"[ ]+", " ", text).strip()
    if language == "en":
        text = re.sub(r"\b([Aa]) (?=[aeiou])", r"\1n ", text)
    return _spelled(text, rng)


def _spelled(text: str, rng: random.Random) -> str:
    """As people type: with and without a capital and a full stop."""
    if rng.random() < 0.35:
        text = text[:1].upper() + text[1:]
    if text[-1:].isalpha() and " " in text and rng.random() < 0.25:
        text += "."
    return text


def _outer(rows: list[list[str]]) -> list[list[str]]:
    """The bars inside of braces are hidden, so that those between wordings can be split at."""
    return [[*row[:4], _INNERMOST.sub(lambda match: match[0].replace("|", "\0"), row[4])] for row in rows]


def _restored(text: str) -> str:
    return text.replace("\0", "|")


def _slots() -> dict[str, list[str]]:
    return {name: values.split("|") for name, values in (line.split("\t") for line in _lines("slots.tsv"))}


def _lines(name: str) -> list[str]:
    text = files("data.learning").joinpath("corpus", name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]

"""Which task a prompt is: prompts that were written before the examples, and are not among them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from data.learning.analysis import PromptAnalyzer
from data.learning.corpus import examples
from data.values.plans import Output
from data.values.tasks import Task

ANALYZER = PromptAnalyzer()
PROMPTS = [
    (Task(task), prompt.replace("\\n", "\n"))
    for task, prompt in (
        line.split("\t")
        for line in (Path(__file__).parent / "task_prompts.tsv").read_text(encoding="utf-8").splitlines()
        if not line.startswith("#")
    )
]


def test_most_tasks_are_told_right() -> None:
    right = Counter(task for task, prompt in PROMPTS if ANALYZER.analyze(prompt).task is task)
    every = Counter(task for task, _ in PROMPTS)
    assert right.total() / every.total() >= 0.85, right
    assert right[Task.MATH] >= 11 and right[Task.CODE] >= 12, right
    assert not [task for task in every if right[task] * 2 < every[task]], right


def test_they_are_no_examples() -> None:
    assert not {prompt.lower() for _, prompt in PROMPTS} & {each.prompt.lower() for each in examples()}


@pytest.mark.parametrize(
    "prompt",
    [
        "My grandson is 9 and bites his nails. What can we do?",
        "explain to me as if I were 6 years old what a parliament is",
        "can you suggest 4 crime novels that are not from Sweden",
        "Could a heron win a fight with an otter?",
        "How do I get candle wax out of a tablecloth?",
        "A 40-year-old woman has had a headache for 3 days. Which causes are likely?",
    ],
)
def test_a_number_makes_no_mathematics_and_how_to_no_code(prompt: str) -> None:
    assert ANALYZER.analyze(prompt).task is Task.QUESTION


@pytest.mark.parametrize(
    ("prompt", "task"),
    [
        ("Prove that sqrt(2) is irrational", Task.MATH),
        ("Why does my Rust borrow checker complain about this loop?", Task.CODE),
        ("write a regex that matches ISO dates", Task.CODE),
        ("Why is my SQL join returning duplicate rows?", Task.CODE),
        ('"""\nWrite a function to find the longest run of ones.\nassert longest([1, 1, 0]) == 2\n"""', Task.CODE),
        ('def median(xs):\n    """\n    the middle one\n    >>> median([3, 1, 2])\n    2\n    """', Task.CODE),
        ("/* Is it a leap year? */\nconst leap = (year) => {", Task.CODE),
        ("Nina has 14 pens and loses 3. She buys twice as many as are left. How many has she?", Task.MATH),
    ],
)
def test_proofs_are_mathematics_and_what_a_compiler_says_is_code(prompt: str, task: Task) -> None:
    found = ANALYZER.analyze(prompt)
    assert found.task is task
    assert found.outputs == {Output.TEXT}

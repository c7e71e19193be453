"""What a prompt asks for, found here in a few milliseconds: the trained model, and rules for what is said outright."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

from data.learning.corrections import corrected
from data.learning.features import features
from data.learning.fingerprint import fingerprint
from data.learning.linear import Linear, packaged
from data.learning.masking import Masked, masked
from data.learning.rules import decided
from data.values.corrections import Correction
from data.values.plans import Analysis, Input, Output
from data.values.tasks import Task

THRESHOLD = 0.5
UNSURE = (0.3, 0.7)
"""Between these it is not known whether something is wanted."""

TASK = "task:"
"""In front of the names of the columns that say the task."""

_REMEMBERED = 64
"""Prompts whose features are kept, at most 1,000 characters of each: some 2 MB."""

_MEDIA_TASKS = {
    Output.IMAGE: Task.IMAGE,
    Output.SPEECH: Task.SPEECH,
    Output.VIDEO: Task.VIDEO,
    Output.CHART: Task.CHART,
}


class PromptAnalyzer:
    """Reads prompts. Loads its parameters with the first one; safe in any thread.

    Args:
        model: the parameters; those that come with Gearbox unless others are given.
    """

    def __init__(self, model: Linear | None = None) -> None:
        self._model = model
        # Read more than once: while it is typed, for who answers, and for what the reply is to hold.
        self._readings = lru_cache(maxsize=_REMEMBERED)(self._read)

    def analyze(
        self,
        prompt: str,
        inputs: frozenset[Input] = frozenset(),
        earlier: Sequence[frozenset[Output]] = (),
        corrections: Sequence[Correction] = (),
    ) -> Analysis:
        """What it asks for. No model is called.

        Args:
            inputs: the kinds of what is attached; what is only named by its file's name is found here.
            earlier: what the last replies of the conversation held, the newest last.
            corrections: what the person wanted of other prompts.
        """
        read = masked(prompt)
        if not read.text:
            return Analysis(frozenset({Output.TEXT}), {}, Task.OTHER, inputs, tasks={Task.OTHER: 1.0})
        found, chances = self._readings(read, inputs, tuple(earlier))
        outputs = decided(
            read, {output: chances[output.value] for output in Output}, has_things=bool(inputs or earlier)
        )
        if corrections:
            outputs = corrected(outputs, fingerprint(found), corrections)
        wanted = frozenset(output for output, chance in outputs.items() if chance >= THRESHOLD)
        is_sure = bool(wanted) and not any(UNSURE[0] < chance < UNSURE[1] for chance in outputs.values())
        if not wanted:
            likeliest = max(outputs, key=lambda output: outputs[output])
            wanted = frozenset({likeliest if outputs[likeliest] > UNSURE[0] else Output.TEXT})
        tasks = _tasks(chances, wanted)
        return Analysis(wanted, outputs, next(iter(tasks)), inputs | read.mentioned, is_sure, tasks)

    def _read(
        self, read: Masked, inputs: frozenset[Input], earlier: tuple[frozenset[Output], ...]
    ) -> tuple[Mapping[int, float], Mapping[str, float]]:
        """The features, and the chances of what they say.

        A reply of several kinds is taken for the one of them that the prompt speaks to most clearly ("make the sky
        darker" to its picture); for its text, where it speaks to none.
        """
        model = self._model or packaged()
        last = sorted(earlier[-1], key=lambda output: output is not Output.TEXT) if earlier else []
        before = [(frozenset({output}),) for output in last] if len(last) > 1 else [earlier]
        readings = [(each, model.probabilities(each)) for each in (features(read, inputs, one) for one in before)]
        clearest = max(readings, key=lambda reading: max(reading[1][output.value] for output in _MEDIA_TASKS))
        clear = max(clearest[1][output.value] for output in _MEDIA_TASKS)
        return clearest if clear >= max(THRESHOLD, readings[0][1][Output.TEXT.value]) else readings[0]

    def fingerprint(
        self, prompt: str, inputs: frozenset[Input] = frozenset(), earlier: Sequence[frozenset[Output]] = ()
    ) -> str:
        """Of a prompt, as its corrections and habits are kept by: the same features as `analyze` sees."""
        read = masked(prompt)
        return fingerprint(self._readings(read, inputs, tuple(earlier))[0])


def _tasks(chances: Mapping[str, float], wanted: frozenset[Output]) -> dict[Task, float]:
    """How likely each is that fits what is wanted: no picture is a summary, and no text is a picture."""
    media = {_MEDIA_TASKS[output] for output in wanted if output in _MEDIA_TASKS}
    words = {task for task in Task if task not in _MEDIA_TASKS.values()} if Output.TEXT in wanted else set()
    found = {task: chances.get(TASK + task.value, 0.0) for task in sorted(media | words)}
    whole = sum(found.values()) or 1.0
    return {task: found[task] / whole for task in sorted(found, key=lambda each: -found[each])}

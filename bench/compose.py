"""Replies in several parts: `uv run python -m bench.compose [--runs N] [--prompts N]`.

First a reply of four parts, of which two need the text and one needs nothing, over a sandbox in a process of its own
that is late by set delays: how long it takes, against the critical path. That is the longest chain of what the same
calls take, each made alone and straight to the sandbox in the same run. Then what the analysis of prompts adds to the
first token of a prompt that wants text only: the same prompts in turn with replies in parts switched on and off.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import httpx

from bench.app_process import AppProcess
from core.chat.live import LiveTurn
from core.chat.selection import Choice
from core.config import Settings
from core.services import Services, build
from data.values.actor import Actor
from data.values.events import TextDelta
from data.values.messages import MessageStatus
from data.values.parts import AudioPart, StepPart
from data.values.plans import Action, StepState

_DELAYS = {Action.WRITE: 2.0, Action.DRAW: 4.0, Action.SPEAK: 1.5}
"""Seconds that the sandbox is late, about as long as hosted models take at their best."""

_PROMPT = (
    "Write a haiku about the harbour [[text-delay:{write}]] [[pace:instant]], paint it [[image-delay:{draw}]], "
    "read it aloud slowly [[speech-delay:{speak}]] and draw a picture of a fox [[image-delay:{draw}]]"
)
_SUBJECTS = ("harbour", "market", "railway", "orchard", "library", "workshop", "lighthouse", "bakery")
_TEXT_PROMPTS = (
    "Explain how a {} keeps its books, in three sentences. [[text-delay:{}]]",
    "What should I know before I visit a {}? [[text-delay:{}]]",
    "Fix the grammar: me and him was at the {} yesterday. [[text-delay:{}]]",
    "Ist ein {} im Winter geöffnet? [[text-delay:{}]]",
)
_LATE = (0.0, 0.3)
"""Seconds to the first token at the provider: at once, as nobody's is, and as a fast hosted model's."""

_PATIENCE = 60.0


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--prompts", type=int, default=40, help="with each setting, for each delay")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, AppProcess(Path(folder) / "sandbox") as app, ExitStack() as stack:
        app.wait_warm()
        settings = Settings(home=Path(folder) / "home", kek_source="file", local_discovery=False)
        services = build(settings, stack, own_address=lambda: app.url)
        _wait_warm(services)
        actor = services.actor()
        choice = services.chat.choice(actor, services.preferences.load(actor), picked=None, history=[])
        assert choice is not None, "the sandbox is on"
        _compose(services, actor, choice, options.runs, f"{app.url}/sandbox/v1")
        for late in _LATE:
            _first_tokens(services, actor, choice, options.prompts, late)


def _wait_warm(services: Services) -> None:
    until = time.monotonic() + _PATIENCE
    while "warming" in set(services.readiness().values()) and time.monotonic() < until:
        time.sleep(0.1)


def _compose(services: Services, actor: Actor, choice: Choice, runs: int, sandbox: str) -> None:
    prompt = _PROMPT.format(**{action.value: delay for action, delay in _DELAYS.items()})
    walls, paths = [], []
    for run in range(runs + 1):
        began = time.perf_counter()
        turn = services.chat.send(actor, None, prompt.replace("harbour", _SUBJECTS[run % len(_SUBJECTS)]), choice)
        assert turn.wait_ended(_PATIENCE), "it did not end"
        wall = time.perf_counter() - began
        reply = services.chat.window(actor, turn.begun.conversation_id, limit=1)[0]
        parts = [part for part in reply.parts if isinstance(part, StepPart)]
        assert reply.status is MessageStatus.COMPLETE and {part.state for part in parts} == {StepState.DONE}, parts
        if run:  # the first one warms up
            walls.append(wall)
            paths.append(_critical(parts, {part.step.id: _alone(part, sandbox) for part in parts}))
    print(f"a reply in {len(parts)} parts, median of {runs} runs: {', '.join(_shape(part) for part in parts)}")
    ratios = [wall / path for wall, path in zip(walls, paths, strict=True)]
    print(
        f"  {statistics.median(walls):.2f} s; critical path {statistics.median(paths):.2f} s; "
        f"ratio {statistics.median(ratios):.3f} (aim: at most 1.15; {min(ratios):.3f} to {max(ratios):.3f})"
    )
    after_another = sum(_DELAYS[part.step.action] for part in parts)
    print(f"  one after another the delays alone are {after_another:.2f} s")


def _critical(parts: list[StepPart], alone: dict[str, float]) -> float:
    ends: dict[str, float] = {}
    for part in parts:
        ends[part.step.id] = max((ends[used] for used in part.step.uses), default=0.0) + alone[part.step.id]
    return max(ends.values())


def _alone(part: StepPart, sandbox: str) -> float:
    """Seconds of the same call without Gearbox."""
    asked, model = part.step.instruction, part.model.partition("/")[2]
    if part.step.action is Action.WRITE:
        body: dict[str, object] = {"model": model, "messages": [{"role": "user", "content": asked}], "stream": True}
        path = "chat/completions"
    elif part.step.action is Action.DRAW:
        path, body = "images/generations", {"model": model, "prompt": asked}
    else:
        spoken = "".join(each.transcript for each in part.parts if isinstance(each, AudioPart))
        path, body = "audio/speech", {"model": model, "input": spoken, "voice": "alloy", "instructions": asked}
    began = time.perf_counter()
    httpx.post(f"{sandbox}/{path}", json=body, timeout=_PATIENCE).raise_for_status()
    return time.perf_counter() - began


def _shape(part: StepPart) -> str:
    return f"{part.step.action}{f' after {len(part.step.uses)}' if part.step.uses else ''}"


def _first_tokens(services: Services, actor: Actor, choice: Choice, count: int, late: float) -> None:
    firsts: dict[bool, list[float]] = {True: [], False: []}
    for number in range(count + 3):
        prompt = _TEXT_PROMPTS[number % len(_TEXT_PROMPTS)].format(_SUBJECTS[number % len(_SUBJECTS)], late)
        for composes in (True, False) if number % 2 else (False, True):
            services.preferences.save(actor, composes=composes)
            began = time.perf_counter()
            turn = services.chat.send(actor, None, prompt, choice)
            first = _first_word(turn) - began
            assert not turn.is_planned, prompt
            turn.stop()
            turn.wait_ended(_PATIENCE)
            if number >= 3:
                firsts[composes].append(first * 1000)
    on, off = statistics.median(firsts[True]), statistics.median(firsts[False])
    print(
        f"first token of a text-only prompt, provider late by {late * 1000:.0f} ms, median of {count}: "
        f"{on:.1f} ms with the analysis, {off:.1f} ms without; ratio {on / off:.3f} (aim: at most 1.02)"
    )


def _first_word(turn: LiveTurn) -> float:
    for batch in turn.follow():
        if any(isinstance(event, TextDelta) for event in batch):
            return time.perf_counter()
    raise AssertionError("the answer ended without a word")


if __name__ == "__main__":
    main()

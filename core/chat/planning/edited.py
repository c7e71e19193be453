"""A plan as somebody changed it before it runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from core.chat.planning.estimating import estimated
from core.chat.planning.instructions import MOST_INSTRUCTION
from core.chat.planning.makers import Maker
from core.chat.planning.things import MOST_TEXT
from core.errors import GearboxError
from data.values.models import Model
from data.values.plans import Action, Plan, Step, in_order

_OWN = {Action.WRITE, Action.CHART}
"""What the model of the conversation makes, where no other one is named."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What is to be different, by the ids of steps.

    Args:
        removed: steps that are not made.
        instructions: what others are told instead.
        models: ids of who makes them instead; empty for the model of the conversation.
    """

    removed: frozenset[str] = frozenset()
    instructions: Mapping[str, str] = field(default_factory=dict)
    models: Mapping[str, str] = field(default_factory=dict)


def edited(plan: Plan, changes: Changes, able: Callable[[Action], Sequence[Maker]], chat_model: Model) -> Plan:
    """The plan with these changes. What uses a removed step goes with it.

    Args:
        able: who can do an action for this person; see `Makers.for_action`.

    Raises:
        GearboxError: a step is not there, has nothing to do, is to be made by a model that can't; or nothing is left.
    """
    known = {step.id for step in plan.steps}
    for asked in (*changes.removed, *changes.instructions, *changes.models):
        if asked not in known:
            raise GearboxError("The plan has no such step.", "Look at the plan again: it may be another one by now.")
    kept = _left(plan.steps, changes.removed)
    if not kept:
        raise GearboxError("Nothing is left of the plan.", "Keep a step, or stop the reply.")
    told = [_told(step, changes.instructions[step.id]) if step.id in changes.instructions else step for step in kept]
    made = [_made(step, told, changes, able, chat_model) for step in told]
    in_order(tuple(made))
    return Plan(tuple(made), plan.brief, plan.said)


def _left(steps: Sequence[Step], removed: frozenset[str]) -> list[Step]:
    gone = set(removed)
    for step in in_order(tuple(steps)):
        if gone & set(step.uses):
            gone.add(step.id)
    return [step for step in steps if step.id not in gone]


def _told(step: Step, instruction: str) -> Step:
    words = instruction.strip()
    reads = step.action is Action.SPEAK and bool(step.uses or step.earlier)
    if not words and not reads:
        raise GearboxError("A step has no instruction.", "Say what it is to make, or remove the step.")
    most = MOST_TEXT if step.action is Action.SPEAK and not reads else MOST_INSTRUCTION
    if len(words) > most:
        raise GearboxError(
            f"An instruction has {len(words):,} characters, and at most {most:,} are taken.", "Shorten it."
        )
    return replace(step, instruction=words)


def _made(
    step: Step, steps: Sequence[Step], changes: Changes, able: Callable[[Action], Sequence[Maker]], chat_model: Model
) -> Step:
    asked = changes.models.get(step.id, step.model)
    if step.id not in {*changes.instructions, *changes.models}:
        return step
    if not asked and step.action in _OWN:
        return estimated(step, steps, None, chat_model)
    maker = next((each for each in able(step.action) if each.model_id == asked), None)
    if maker is None:
        raise GearboxError(
            f"{asked or 'No model'} can't make a step that is to {step.action}.",
            "Choose another model: the Models page says what each can do.",
        )
    return estimated(step, steps, maker, chat_model)

"""Decides which prompts are answered in several parts, and how."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from core.chat import notices
from core.chat.composing.composition import Composition, Operation, Resolve
from core.chat.composing.orders import with_orders, without_orders
from core.chat.planning.makers import SANDBOX
from core.chat.planning.planner import Request
from core.chat.planning.things import kind_of_file
from core.chat.preparing import Prepared
from core.chat.understanding import Asked
from core.preferences import Preferences
from data.values.actor import Actor
from data.values.messages import Author, Utterance
from data.values.parts import (
    AudioPart,
    ChartPart,
    FilePart,
    ImagePart,
    NoticePart,
    Part,
    StepPart,
    TablePart,
    TextFilePart,
    TextPart,
    VideoPart,
    every,
    text_of,
)
from data.values.plans import Action, Analysis, Brief, Input, Output, Plan, StepState

Understand = Callable[[Actor, str, frozenset[Input], Sequence[frozenset[Output]]], Analysis]
"""What a prompt asks for, given what comes with it and what the last replies held, the newest last. Blocks briefly."""

Ask = Callable[[Actor, str | None, str, Analysis], Asked | None]
"""What another model says of a prompt in a conversation that is in doubt; None where none is asked, or says nothing."""

Planning = Callable[[Actor, Request], Plan | None]
"""The steps of a reply; None where it has none. Blocks briefly. See `Planner.plan`."""

LOOKED_BACK = 4
"""Replies whose kinds of content say what words like "darker" may mean."""

_BY_CHAT_MODEL = frozenset({Action.WRITE, Action.CHART})
_JUST_WORDS = frozenset({Output.TEXT})
_GIVES: Mapping[type, Output] = {
    TextPart: Output.TEXT,
    ImagePart: Output.IMAGE,
    AudioPart: Output.SPEECH,
    VideoPart: Output.VIDEO,
    ChartPart: Output.CHART,
    TablePart: Output.TEXT,
}


class Compositions:
    """Makes plans of prompts, once the person, the models and the conversation are known.

    Args:
        understand, plan, ask: see their types.
        operation, resolve: see `Composition`.
        patience: seconds that a plan waits for the person's word.
        is_on: for whom replies have several parts at all.
    """

    def __init__(
        self,
        understand: Understand,
        plan: Planning,
        operation: Operation,
        resolve: Resolve,
        *,
        patience: float,
        ask: Ask = lambda *_: None,
        is_on: Callable[[Actor], bool] = lambda _actor: True,
    ) -> None:
        self._understand = understand
        self._ask = ask
        self._plan = plan
        self._operation = operation
        self._resolve = resolve
        self._patience = patience
        self._is_on = is_on

    def of(self, prepared: Prepared, *, waits: bool = False) -> tuple[Composition | None, tuple[NoticePart, ...]]:
        """How a prompt is answered in several parts, and what has to be said beside the answer.

        None where one model answers it in words, as most.

        Args:
            waits: the chat model is a costly one that nobody has agreed to yet: a plan that asks it for words waits.
        """
        asking = prepared.asking
        if not (asking.preferences.composes and self._is_on(asking.actor)):
            return None, ()
        held = outputs_before(asking.history)
        chat_model = prepared.choices[0].model
        plays = chat_model.provider == SANDBOX
        said = without_orders(asking.prompt) if plays else asking.prompt
        analysis = self._understand(asking.actor, text_of(said), inputs_of(said), held)
        asked = None if analysis.is_sure else self._ask(asking.actor, asking.conversation_id, text_of(said), analysis)
        told: tuple[NoticePart, ...] = ()
        if asked is not None:
            analysis = asked.analysis
            told = (notices.asked_what_is_wanted(asked.model_id, analysis.outputs if asked.is_said else ()),)
        if analysis.outputs == _JUST_WORDS:
            return None, told
        plan = self._plan(asking.actor, Request(said, asking.history, analysis, chat_model))
        if plan is None:
            return None, told
        composition = self.planned(prepared, with_orders(plan, asking.prompt) if plays else plan)
        if waits and any(step.action in _BY_CHAT_MODEL for step in plan.steps):
            composition = replace(composition, patience=self._patience)
        return replace(composition, around=told), ()

    def planned(self, prepared: Prepared, plan: Plan) -> Composition:
        """A reply by this plan; it waits for the person's yes where it is costly."""
        patience = self._patience if _is_costly(plan, prepared.asking.preferences) else None
        return self._composed(prepared, plan, patience)

    def again(
        self,
        prepared: Prepared,
        message_id: str,
        parts: Sequence[Part],
        step_id: str,
        *,
        model: str | None,
    ) -> Composition:
        """How one step of a reply is made again, and with it what was left out for want of it; the rest stays.

        Args:
            parts: of the reply.
            model: id of who makes it now; None: the same.

        Raises:
            KeyError: the reply has no such step.
        """
        planned = {part.step.id: part for part in parts if isinstance(part, StepPart)}
        asked_again = {planned[step_id].step.id}
        for part in planned.values():  # in reading order, which may not be the order of making
            if part.state is not StepState.DONE and _leads_to(part, planned, step_id):
                asked_again.add(part.step.id)
        steps = tuple(
            replace(part.step, model=model) if part.step.id == step_id and model else part.step
            for part in planned.values()
        )
        plan = Plan(steps, Brief(text_of(prepared.asking.prompt)))
        return replace(
            self._composed(prepared, plan, None),
            made={each: part for each, part in planned.items() if each not in asked_again},
            message_id=message_id,
            around=tuple(part for part in parts if not isinstance(part, StepPart)),
        )

    def _composed(self, prepared: Prepared, plan: Plan, patience: float | None) -> Composition:
        return Composition(plan, prepared.asking, prepared.choices, self._operation, self._resolve, patience)


def inputs_of(prompt: Iterable[Part]) -> frozenset[Input]:
    """The kinds of what is attached to a prompt."""
    found = set()
    for part in prompt:
        match part:
            case ImagePart():
                found.add(Input.IMAGE)
            case AudioPart():
                found.add(Input.AUDIO)
            case VideoPart():
                found.add(Input.VIDEO)
            case TextFilePart(name):
                found.add(kind_of_file(name, "text/plain"))
            case FilePart(blob, name):
                found.add(kind_of_file(name, blob.media_type))
            case _:
                pass
    return frozenset(found)


def outputs_of(reply: Iterable[Part]) -> frozenset[Output]:
    """The kinds of what a reply holds."""
    return frozenset(_GIVES[type(part)] for part in every(reply) if type(part) in _GIVES)


def outputs_before(history: Sequence[Utterance]) -> list[frozenset[Output]]:
    """The kinds of what the last replies hold, the newest last."""
    return [outputs_of(each.parts) for each in _last_replies(history)]


def _last_replies(history: Sequence[Utterance]) -> list[Utterance]:
    return [each for each in history if each.author is Author.ASSISTANT][-LOOKED_BACK:]


def _is_costly(plan: Plan, preferences: Preferences) -> bool:
    """Whether the person wants to see the plan first. A cost that nobody knows counts as what is known of it."""
    if preferences.plan_from is None:
        return False
    known = sum((step.cost for step in plan.steps if step.cost is not None), Decimal())
    return known >= preferences.plan_from


def _leads_to(part: StepPart, planned: Mapping[str, StepPart], step_id: str) -> bool:
    """Whether a step uses another one, by whatever way."""
    return any(
        used == step_id or (used in planned and _leads_to(planned[used], planned, step_id)) for used in part.step.uses
    )

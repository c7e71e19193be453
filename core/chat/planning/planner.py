"""From a prompt and what is known of it to the plan of a reply in several parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.chat.planning import instructions as told
from core.chat.planning.brief import brief_of
from core.chat.planning.clauses import clauses_of
from core.chat.planning.draft import MOST_OF_A_KIND, MOST_STEPS, Draft
from core.chat.planning.estimating import estimated
from core.chat.planning.makers import Maker, Makers
from core.chat.planning.rules import compose
from core.chat.planning.things import things_of
from data.values.actor import Actor
from data.values.messages import Utterance
from data.values.models import Model
from data.values.parts import Part, TextPart
from data.values.plans import Action, Analysis, Output, Plan, Step

_NEEDS = {
    Output.TEXT: (),
    Output.IMAGE: (Action.DRAW, Action.EDIT),
    Output.SPEECH: (Action.SPEAK,),
    Output.CHART: (),
    Output.VIDEO: (Action.FILM, Action.DRAW, Action.SPEAK),
}
_DOES = {
    Action.DRAW: "draws pictures",
    Action.EDIT: "changes pictures",
    Action.SPEAK: "speaks",
    Action.FILM: "makes films",
}


@dataclass(frozen=True, slots=True)
class Request:
    """What there is to plan.

    Args:
        prompt: the parts of the prompt: what was typed, and what came with it.
        history: the conversation before it, the oldest message first.
        analysis: what the prompt asks for.
        chat_model: the model that the conversation is had with; it writes.
    """

    prompt: tuple[Part, ...]
    history: Sequence[Utterance]
    analysis: Analysis
    chat_model: Model

    @property
    def text(self) -> str:
        """What was typed."""
        return "\n\n".join(part.text for part in self.prompt if isinstance(part, TextPart))


class Planner:
    """Plans. Blocking for some milliseconds; asks nobody.

    Args:
        makers: know which models a person can use for what.
    """

    def __init__(self, makers: Makers) -> None:
        self._makers = makers

    def plan(self, actor: Actor, request: Request) -> Plan | None:
        """The plan of the reply; None where it is one text, as of any prompt."""
        outputs = request.analysis.outputs
        if outputs <= {Output.TEXT} or not request.text.strip():
            return None
        able = self._able(actor, request)
        clauses = clauses_of(request.text, outputs)
        attached = [part for part in request.prompt if not isinstance(part, TextPart)]
        draft = Draft(
            brief_of(request.text, clauses),
            things_of(request.history, attached),
            frozenset({Action.WRITE, Action.CHART, *able}),
            outputs,
            alone=len(clauses) == 1,
        )
        for clause in clauses:
            compose(draft, clause)
        steps, left_out = _bounded(draft.steps)
        said = [*draft.said, *left_out, *(self._missing(actor, action) for action in draft.wanting)]
        if not steps:
            steps = [_prose(request)]
        if not said and all(step.action is Action.WRITE for step in steps):
            return None
        made = [estimated(step, steps, able.get(step.action), request.chat_model, request.history) for step in steps]
        return Plan(tuple(made), draft.brief, tuple(dict.fromkeys(said)))

    def _able(self, actor: Actor, request: Request) -> dict[Action, Maker]:
        """Who makes each kind of step that may be needed."""
        wanted = [action for output in request.analysis.outputs for action in _NEEDS[output]]
        found = {
            action: self._makers.for_action(actor, action, request.chat_model.provider)
            for action in dict.fromkeys(wanted)
        }
        return {action: makers[0] for action, makers in found.items() if makers}

    def _missing(self, actor: Actor, action: Action) -> str:
        does = _DOES[action]
        if self._makers.switched_off(actor, action):
            return f"Nothing {does} here, so this part is missing: that is switched off. Ask an admin for it."
        return (
            f"No model that you can use {does}, so this part is missing. Connect a provider that has one: the Models "
            "page finds those."
        )


def _prose(request: Request) -> Step:
    """What is left where nobody can make what was asked for."""
    return Step(f"{Action.WRITE}-1", Action.WRITE, told.to_answer(request.text.strip() or "Answer."))


def _bounded(steps: Sequence[Step]) -> tuple[list[Step], list[str]]:
    """As many as one reply has, and what to say of the others; what uses one that was left out goes with it."""
    kept: list[Step] = []
    for step in steps:
        alike = sum(each.action is step.action for each in kept)
        known = {each.id for each in kept}
        if len(kept) < MOST_STEPS and alike < MOST_OF_A_KIND and known.issuperset(step.uses):
            kept.append(step)
    left = len(steps) - len(kept)
    parts = "1 part was" if left == 1 else f"{left} parts were"
    said = (
        [f"One reply has at most {MOST_STEPS} parts, and {MOST_OF_A_KIND} of a kind: {parts} left out."] if left else []
    )
    return [replace(step) for step in kept], said

"""Steps as they are put together, clause by clause: what each is told, what it uses, what it takes of before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from core.chat.planning import small_words as small
from core.chat.planning.clauses import Clause
from core.chat.planning.pointing import Pointing, pointing
from core.chat.planning.references import NOTHING, Resolved, meant
from core.chat.planning.things import Thing
from core.chat.planning.words import tokens
from data.values.plans import Action, Brief, Earlier, Input, Output, Step

MOST_STEPS = 8
MOST_OF_A_KIND = 4

_KINDS = {
    Action.WRITE: Input.TEXT,
    Action.DRAW: Input.IMAGE,
    Action.EDIT: Input.IMAGE,
    Action.CHART: Input.CHART,
    Action.SPEAK: Input.AUDIO,
    Action.FILM: Input.VIDEO,
}
_OWN = {
    Output.TEXT: Input.TEXT,
    Output.IMAGE: Input.IMAGE,
    Output.SPEECH: Input.AUDIO,
    Output.CHART: Input.CHART,
    Output.VIDEO: Input.VIDEO,
}


@dataclass(slots=True)
class Draft:
    """The steps so far, with all that the next one needs to know.

    Args:
        things: of the conversation and of this prompt.
        able: the actions that somebody can do.
        outputs: the kinds that are wanted.
        alone: whether the prompt asks for one thing only.
        clauses: of each step, the words that it was made of.
        wanting: actions that were wanted and that nobody can do.
    """

    brief: Brief
    things: Sequence[Thing]
    able: frozenset[Action]
    outputs: frozenset[Output]
    alone: bool = False
    steps: list[Step] = field(default_factory=list)
    clauses: dict[str, Clause] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    wanting: dict[Action, None] = field(default_factory=dict)

    def add(
        self,
        action: Action,
        instruction: str,
        clause: Clause,
        *,
        uses: Iterable[str] = (),
        earlier: Iterable[Earlier] = (),
    ) -> str:
        """One more step; its id."""
        number = 1 + sum(step.action is action for step in self.steps)
        step = Step(f"{action}-{number}", action, instruction, tuple(dict.fromkeys(uses)), tuple(earlier))
        self.steps.append(step)
        self.clauses[step.id] = clause
        return step.id

    def of(self, *actions: Action) -> list[Step]:
        """The steps so far with one of these actions."""
        return [step for step in self.steps if step.action in actions]

    def can(self, action: Action) -> bool:
        """Whether somebody can do it; if not, the reply will say so."""
        if action not in self.able:
            self.wanting[action] = None
            return False
        return True

    def how(self, clause: Clause) -> Pointing:
        """How its words point; those that were not found may be anybody's."""
        return pointing(tokens(clause.words)) if clause.is_sure else Pointing(idle=True)

    def meant(self, clause: Clause, *, also_attached: bool) -> Resolved:
        """What a clause means of the conversation; what it is doubtful about, the reply says."""
        things = [thing for thing in self.things if also_attached or thing.back > 0]
        found = meant(clause.words, clause.output, things)
        if found is not NOTHING and found.doubtful:
            self.said.append(found.said)
        return found

    def meant_here(self, clause: Clause, *actions: Action) -> list[Step]:
        """The steps of this reply, of these actions, that a clause is about; none when it has its own subject."""
        how = self.how(clause)
        known = self.of(*actions)
        if not known:
            return []
        named = [step for step in known if _KINDS[step.action] in how.kinds]
        if how.several is not None or how.plural:
            return named or known
        worded = [step for step in known if how.definite & self.words_of(step)]
        if how.definite & small.SCENES:
            worded = worded or [step for step in known if step.action is Action.WRITE]
        if named and worded:
            return [step for step in worded if step in named][-1:] or worded[-1:]
        if worded or named:
            return (worded or named)[-1:]
        if how.kinds - {_OWN[clause.output]} and not how.pronoun:
            return []  # it names something of another kind
        return known[-1:] if how.pronoun or how.idle or how.theirs else []

    def words_of(self, step: Step) -> frozenset[str]:
        """The words with a meaning that a step was made of, and the words for what it gives."""
        words = tokens(self.clauses[step.id].words)
        return frozenset(token.folded for token in words)

    @property
    def attached(self) -> list[Thing]:
        """What came with the prompt."""
        return [thing for thing in self.things if thing.back == 0]

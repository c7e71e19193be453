"""The decision itself: what can answer, what was learned of it, and what the person said."""

from __future__ import annotations

import logging
import secrets
import uuid
from collections import OrderedDict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from threading import Lock
from typing import TYPE_CHECKING

from core.errors import GearboxError
from core.routing.asked import Asked
from core.routing.eligible import Fit, eligible
from core.routing.knowledge import Knowledge
from core.routing.policy import GREEDY, POLICY, Asker, drawn, weighed, within
from core.routing.situations import Situations
from core.routing.words import PINNED
from data.values.actor import Actor
from data.values.plans import Analysis
from data.values.routing import Arm, Chooser, Decision, Unfit

if TYPE_CHECKING:
    import numpy as np

log = logging.getLogger(__name__)

FIXED = "fixed-1"
"""Name and version of the fixed default."""

TEAM_AT_LEAST = 3
"""People in a team before anything is said of it: else it would be said of one of them."""

_TOO_DEAR = "it costs too much to be tried: another one is expected to do better"
_MOST_UNFIT = 60
_MOST_DRAFTS = 10_000


@dataclass(frozen=True, slots=True)
class Weighed:
    """The models that could answer, the best first, those that could not, and the state of what was learned."""

    arms: tuple[Arm, ...] = ()
    unfit: tuple[Unfit, ...] = ()
    snapshot: str = ""


class Deciding:
    """Makes decisions. Thread-safe; blocks for a few milliseconds.

    Args:
        judges: how many people of a team have shown something of answers. Of fewer than `TEAM_AT_LEAST` the team's
            experience is not told: who is one of them could work out the others'.
        on_sent: told when a prompt is about to be sent.
    """

    def __init__(
        self,
        situations: Situations,
        knowledge: Knowledge,
        *,
        judges: Callable[[str], int],
        clock: Callable[[], datetime],
        on_sent: Callable[[], None] = lambda: None,
    ) -> None:
        self._situations = situations
        self._knowledge = knowledge
        self._judges = judges
        self._clock = clock
        self._on_sent = on_sent
        self._drafts: OrderedDict[tuple[str, str | None, int], int] = OrderedDict()
        self._lock = Lock()

    def weigh(
        self, actor: Actor, asked: Asked, analysis: Analysis, *, tools: bool, meant: Fit | None = None
    ) -> Weighed | None:
        """What speaks for which model; None while what was learned is being made ready.

        Args:
            tools: whether models are told of tools.
            meant: the one that answers whatever is found here; it is weighed with the others.
        """
        preferences = asked.preferences
        pin = preferences.pins.get(analysis.task)
        models, situation = self._situations.of(actor, frozenset(preferences.excluded) - {pin}, pin)
        ids = [model.id for _, model in models]
        known = self._knowledge.now(ids)
        if known is None:
            return None
        fits, unfit = eligible(models, asked.matter, asked.past, situation, task=analysis.task, tools=tools)
        if meant is not None and all(fit.model.id != meant.model.id for fit in fits):
            fits = [*fits, meant]
        large = tuple(team for team in actor.team_ids if self._judges(team) >= TEAM_AT_LEAST)
        asker = Asker(actor.user_id, actor.team_ids, large, preferences.weights)
        keep = {pin or "", meant.model.id if meant else ""}
        arms = weighed(fits, known, analysis.tasks or {analysis.task: 1.0}, asker, keep=keep) if fits else ()
        return Weighed(arms, _shortened(unfit, pin, [*ids, *situation.kept]), known.snapshot)

    def decide(self, actor: Actor, asked: Asked, analysis: Analysis, weighed: Weighed) -> Decision:
        """The person's pin, or the policy's choice, among at least one model."""
        preferences = asked.preferences
        pin = preferences.pins.get(analysis.task)
        if pin is not None and any(arm.model_id == pin for arm in weighed.arms):
            return self.decision(actor, asked, analysis, weighed, pin, Chooser.PIN)
        arms, dear = within(weighed.arms, preferences.auto_ask_from)
        chosen, explored = drawn(arms, self._rng(actor, asked), explores=preferences.explores)
        left = tuple(Unfit(arm.model_id, _TOO_DEAR) for arm in dear)
        seen = replace(weighed, arms=arms, unfit=(*left, *weighed.unfit))
        made = self.decision(actor, asked, analysis, seen, chosen.model_id, Chooser.POLICY)
        return replace(made, explored=explored, policy=POLICY if preferences.explores else GREEDY)

    def decision(  # noqa: PLR0917
        self, actor: Actor, asked: Asked, analysis: Analysis, weighed: Weighed, chosen: str, by: Chooser
    ) -> Decision:
        """The record of a choice that was made elsewhere: by the person, or as the fixed default."""
        return Decision(
            id=uuid.uuid4().hex,
            user_id=actor.user_id,
            task=analysis.task,
            chosen=chosen,
            chooser=by,
            decided_at=self._clock(),
            tasks=dict(analysis.tasks),
            arms=weighed.arms,
            unfit=weighed.unfit,
            team_ids=actor.team_ids,
            weights=asked.preferences.weights,
            policy=FIXED if by is Chooser.FIXED else "",
            snapshot=weighed.snapshot,
            overrules=asked.wished.overrules if by is Chooser.PERSON else None,
        )

    def overruling(self, overruled: Decision, fit: Fit) -> Decision:
        """The person's word that another model answers, perhaps one that was no candidate."""
        arms = with_arm(Weighed(overruled.arms), fit).arms
        return replace(
            overruled, id=uuid.uuid4().hex, chosen=fit.model.id, chooser=Chooser.PERSON, decided_at=self._clock(),
            arms=arms, policy="", explored=False, overrules=overruled.overrules or overruled.id, propensity=None,
        )  # fmt: skip

    def sent(self, actor: Actor, asked: Asked) -> None:
        """The draft is over: what is drawn for the next one is drawn anew."""
        with self._lock:
            self._drafts.pop(_draft(actor, asked), None)
        self._on_sent()

    def _rng(self, actor: Actor, asked: Asked) -> np.random.Generator:
        """Chance for one draft: the same while it is being written, so that the model changes with what is written."""
        import numpy as np

        with self._lock:
            seed = self._drafts.setdefault(_draft(actor, asked), secrets.randbits(64))
            self._drafts.move_to_end(_draft(actor, asked))
            while len(self._drafts) > _MOST_DRAFTS:
                self._drafts.popitem(last=False)
        return np.random.default_rng(seed)


def affordable(weighed: Weighed, limit: Decimal | None) -> Weighed:
    """Without the models that people are asked about first, where nobody can be.

    Raises:
        GearboxError: that leaves none.
    """
    if limit is None:
        return weighed
    dear = [arm for arm in weighed.arms if arm.cost is not None and arm.cost >= limit]
    if dear and len(dear) == len(weighed.arms):
        raise GearboxError(
            f"Each model that could answer would cost ${limit:f} or more, which nobody has agreed to.",
            "Name the model in the request, or change from which cost on you are asked, in the settings.",
        )
    left = tuple(Unfit(arm.model_id, "it costs so much that somebody would have to agree first") for arm in dear)
    return replace(weighed, arms=tuple(arm for arm in weighed.arms if arm not in dear), unfit=(*left, *weighed.unfit))


def with_arm(weighed: Weighed, fit: Fit) -> Weighed:
    """With one more model, where it is not among them: nothing is known of it but what it costs."""
    if any(arm.model_id == fit.model.id for arm in weighed.arms):
        return weighed
    return replace(
        weighed, arms=(*weighed.arms, Arm(fit.model.id, quality=0.5, low=0.0, high=1.0, n=0.0, cost=fit.cost))
    )


def stands(decision: Decision | None) -> bool:
    """Whether it may be sent as it was shown: not the fixed default's of a moment when nothing could be weighed."""
    return decision is not None and (decision.chooser is not Chooser.FIXED or bool(decision.snapshot))


def _draft(actor: Actor, asked: Asked) -> tuple[str, str | None, int]:
    return actor.user_id, asked.conversation_id, asked.seq


def _shortened(unfit: Sequence[Unfit], pin: str | None, known: Collection[str]) -> tuple[Unfit, ...]:
    """The pinned model first, with what is to be said of that; an aggregator has hundreds of others."""
    if pin is None:
        return tuple(unfit[:_MOST_UNFIT])
    gone = [] if pin in known else [Unfit(pin, "it can't be used any more")]
    pinned = [replace(each, why=f"{PINNED}{each.why}") for each in (*unfit, *gone) if each.model_id == pin]
    return (*pinned, *[each for each in unfit if each.model_id != pin][:_MOST_UNFIT])

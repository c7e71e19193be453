"""What a decision is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.chat.selection import Choice
from core.preferences import Preferences
from core.routing.matter import Matter, Past
from data.values.calls import ChosenBy
from data.values.messages import Message, ReplyDetails
from data.values.routing import Chooser

AUTO = "auto"
"""Picked in the place of a model: Gearbox is to choose, whatever was picked before, and whatever the default is."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a person said of models.

    Args:
        picked: the model that they want.
        last: the model that answered last in the conversation, or the last one that they had picked for all of it.
        last_is_own: they had; what they took for one prompt alone is not that.
        overrules: id of the decision that they did not want.
        leaves_it: they said that Gearbox is to choose.
    """

    picked: str | None = None
    last: str | None = None
    last_is_own: bool = False
    overrules: str | None = None
    leaves_it: bool = False

    def own(self, preferences: Preferences) -> str | None:
        """The model that they want: picked now, or for the last answer, or as their default; None leaves it open."""
        if self.leaves_it:
            return None
        return self.picked or (self.last if self.last_is_own else None) or preferences.default_model

    def default(self, preferences: Preferences) -> str | None:
        """Their default model, where it counts."""
        return None if self.leaves_it else preferences.default_model

    def is_own(self, model_id: str, preferences: Preferences) -> bool:
        """Whether they want this one."""
        return self.own(preferences) == model_id


@dataclass(frozen=True, slots=True)
class Asked:
    """A prompt, what was said before it, and what the person said of models.

    Args:
        conversation_id: None begins a new one.
        seq: number of its last message.
    """

    matter: Matter
    past: Past
    conversation_id: str | None
    seq: int
    wished: Wishes
    preferences: Preferences

    @property
    def same(self) -> str:
        """The same for the same prompt with the same files at the same place."""
        return f"{self.conversation_id}:{self.seq}:{self.matter.same}"


def wishes(picked: str | None, history: Sequence[Message], *, overrules: str | None = None) -> Wishes:
    """What follows from a conversation's messages, as far as they are known, beside the pick: a model or AUTO."""
    answers = [each.details for each in reversed(history) if each.details is not None and each.details.chats]
    lasting = next((at for at, each in enumerate(answers) if each.choice is None or not each.choice.is_once), None)
    is_own = lasting is not None and _was_picked(answers[lasting])
    # A pick for one prompt, and a fallback that stood in, were for that answer: who was chosen is asked again.
    since = [] if lasting is None else answers[lasting:]
    last = next((f"{each.provider}/{each.model}" for each in since if not each.by_fallback), None)
    if picked == AUTO:
        return Wishes(last=last, overrules=overrules, leaves_it=True)
    return Wishes(picked, last, is_own, overrules)


def wishes_of(choice: Choice) -> Wishes:
    """What the person wished when the page showed a choice."""
    decision, model_id = choice.decision, choice.model.id
    own = choice.chosen_by is ChosenBy.PERSON if decision is None else decision.chooser is Chooser.PERSON
    return Wishes(
        picked=model_id if own else None,
        last=model_id,
        overrules=decision.overrules if decision else choice.overrules,
        leaves_it=choice.chosen_by is ChosenBy.AUTO if decision is None else not own,
    )


def _was_picked(answer: ReplyDetails) -> bool:
    return answer.choice is not None and answer.choice.chooser is Chooser.PERSON

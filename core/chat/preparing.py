"""What an answer is made of before anybody is asked: what was said before, the files, the tools, and who may answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.chat.asking import Asking
from core.chat.bridge import room_for
from core.chat.history import before_last_prompt, newest, others_words_in
from core.chat.kept_files import attached_to, files_of
from core.chat.selection import Choice, fallbacks
from core.preferences import Preferences
from core.providers.connections import Connections
from core.tools.toolbox import Toolbox
from data.values.actor import Actor
from data.values.media import StoredBlob
from data.values.messages import Utterance
from data.values.models import Endpoint, Model
from data.values.parts import Part
from data.values.tasks import Task

if TYPE_CHECKING:
    from data.store import Store


@dataclass(frozen=True, slots=True)
class Prepared:
    """A prompt with all that belongs to it. `choices` are the models that may answer, in order, at least one."""

    asking: Asking
    choices: tuple[Choice, ...]


class Preparing:
    """Looks together what an answer needs. Blocks.

    Args:
        fallbacks: ids of the models that answer when the chosen one does not, for who has set none.
        toolbox: the tools that models may call.
        takes_no_tools: whether a model is known to take none; it is then told of them in words.
    """

    def __init__(
        self,
        store: Store,
        connections: Connections,
        toolbox: Toolbox,
        *,
        fallbacks: tuple[str, ...] = (),
        takes_no_tools: Callable[[Endpoint, Model], bool] = lambda _endpoint, _model: False,
    ) -> None:
        self._store = store
        self._connections = connections
        self._toolbox = toolbox
        self._fallbacks = fallbacks
        self._takes_no_tools = takes_no_tools

    def prepare(
        self,
        actor: Actor,
        conversation_id: str | None,
        chosen: Choice,
        preferences: Preferences,
        *,
        said: tuple[Part, ...] | None,
        new: Sequence[StoredBlob] = (),
        before_seq: int | None = None,
    ) -> Prepared:
        """Everything for the answer to `said`, or to the last prompt (before the message `before_seq`) when it is None.

        Raises:
            NotFound: the conversation is not this person's, or there is no prompt to answer.
        """
        history: list[Utterance] = []
        is_whole = True
        if conversation_id is not None:
            room = room_for(chosen.model.context_tokens)
            history, is_whole = newest(self._store, actor.user_id, conversation_id, room, before_seq=before_seq)
        history, asked = before_last_prompt(history) if said is None else (history, said)
        files = files_of(self._store, actor.user_id, conversation_id, new)
        said_before = (message.parts for message in history)
        attached = attached_to((*said_before, asked), self._store, actor.user_id, conversation_id, new)
        untrusted = others_words_in(history, asked, is_whole=is_whole)
        tools = self._toolbox.use(actor, attached, untrusted) if preferences.tools else None
        asking = Asking(
            actor,
            conversation_id,
            history,
            asked,
            preferences,
            is_whole,
            files,
            chosen.instead_of,
            tools,
            self._takes_no_tools,
            chosen.decision.task if chosen.decision else Task.CHAT,
        )
        others = fallbacks(self._connections, actor, preferences.fallbacks or self._fallbacks, chosen=chosen)
        return Prepared(asking, (chosen, *others))

"""What a turn asks of each model that may answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from core.chat import notices
from core.chat.bridge import Files, abilities_of, render
from core.chat.selection import Choice, PassedOver
from core.preferences import Preferences
from core.providers.candidates import Candidate, intent_for
from core.providers.request import ModelRequest
from core.tools.toolbox import ToolUse
from data.values.actor import Actor
from data.values.messages import Utterance
from data.values.models import Endpoint, Model
from data.values.parts import AudioPart, ImagePart, NoticePart, Part
from data.values.tasks import Task


@dataclass(frozen=True, slots=True)
class Asked:
    """The call that puts a prompt to a model, and what has to be said beside the answer.

    `wordless` are the pictures and sounds that it can't take and of which nobody wrote anything, the oldest first.
    """

    candidate: Candidate
    notices: tuple[NoticePart, ...]
    wordless: tuple[ImagePart | AudioPart, ...] = ()


@dataclass(frozen=True, slots=True)
class Asking:
    """A prompt with what was said before it; `is_whole` when that reaches back to the conversation's beginning.

    `instead_of` is the model that was meant to answer and can't be used. `tools` is what it may call, and
    `takes_no_tools` says of a model whether it is known to take none: it is then told of them in words.
    `task` is what is asked for.
    """

    actor: Actor
    conversation_id: str | None
    history: Sequence[Utterance]
    prompt: tuple[Part, ...]
    preferences: Preferences
    is_whole: bool
    files: Files
    instead_of: PassedOver | None = None
    tools: ToolUse | None = None
    takes_no_tools: Callable[[Endpoint, Model], bool] = lambda _endpoint, _model: False
    task: Task = Task.CHAT

    def of(self, choice: Choice, now: datetime) -> Asked:
        """What is asked of one model."""
        endpoint, model = choice.endpoint, choice.model
        rendered = render(
            self.history,
            self.prompt,
            system_prompt=self.preferences.system_prompt if self.preferences.advanced else "",
            context_tokens=model.context_tokens,
            abilities=abilities_of(model, carries_tools=self.tools is not None),
            files=self.files,
        )
        intent = intent_for(self.actor, endpoint, model, now, choice.chosen_by, conversation_id=self.conversation_id)
        intent = replace(intent, task=self.task)
        request = ModelRequest(endpoint, model, rendered.messages, self.preferences.sampling)
        if self.tools is not None:
            prompts_tools = self.takes_no_tools(endpoint, model)
            request = replace(request, options=self.tools.options, prompts_tools=prompts_tools)
        stands_in = () if self.instead_of is None else (notices.stands_in(model.id, self.instead_of),)
        is_cut = rendered.is_cut or not self.is_whole
        cut = (notices.left_out(model.id, rendered.left_out, or_more=not self.is_whole),) if is_cut else ()
        files = (notices.sent_in_part(model.id, rendered.cut_files),) if rendered.cut_files else ()
        degraded = notices.degraded(model.id, rendered.losses)
        # What a model that sees is not shown did not fit, and fits no better in words of another's.
        wordless = (part for part in rendered.losses.wordless if not (model.vision and isinstance(part, ImagePart)))
        return Asked(Candidate(request, intent), (*stands_in, *cut, *files, *degraded), tuple(wordless))

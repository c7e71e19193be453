"""The rounds of a turn: a model is asked, the tools that it calls are run, and it is asked again, until it answers."""

from __future__ import annotations

import asyncio
import contextlib
import json
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import replace
from datetime import timedelta
from functools import cached_property, partial
from typing import TYPE_CHECKING

from core.chat.answer_files import AnswerFiles
from core.chat.answer_turn import AnswerTurn, RoundsBooking
from core.chat.approvals import Approvals
from core.chat.asking_person import ask_person
from core.chat.bridge import room_for
from core.chat.bridge.tool_traffic import of_reply
from core.clock import utc_now
from core.providers.attempts import Attempts, Candidate
from core.providers.request import ChatMessage, text_in
from core.providers.tool_answer import from_the_one_asked
from core.tools.checked import SoundCall, loaded
from core.tools.consent import others_words
from core.tools.running import Refused, ToolRunner, refused
from core.tools.tool import Attached, ToolContext
from core.tools.toolbox import ToolUse
from data.values.events import (
    AnotherTry,
    AttemptEvent,
    Delta,
    StreamEnd,
    TookOver,
    ToolCallChanged,
    ToolCallDelta,
    ToolEnded,
    ToolProgress,
)
from data.values.parts import NoticePart, ToolCallPart, ToolResultPart
from data.values.tool_calls import EndedToolCall, ToolState

if TYPE_CHECKING:
    from data.store import Store

SAME_CALLS = 2
"""How often the same call is run in one answer: what it gave is not going to change."""

_AGAIN = "This call was made twice before, with the same arguments, and was not run again. Answer with what you have."
_OVER = "It was not run: no more tools can be called in this answer."
_LEAST_CHARS = 500
"""Characters of a result that a model is told however little room there is."""


class ToolRounds:
    """One answer's. For one task.

    Args:
        attempts: asks the models; the answer is counted by the caller, see `Attempts.answer`.
        candidates: who is asked what, with the tools.
        booking: where everything is committed, and viewers told.
        files: where tools keep what is no text, given the person's id and the conversation's.
        store: where it is looked up and recorded which calls the person allows.
    """

    def __init__(
        self,
        attempts: Attempts,
        candidates: Sequence[Candidate],
        tools: ToolUse,
        booking: RoundsBooking,
        *,
        files: Callable[[str, str], AnswerFiles],
        store: Store,
    ) -> None:
        self._store = store
        self._attempts = attempts
        self._actor = candidates[0].intent.actor
        self._use = tools
        self._booking = booking
        self._files_of = files
        self._files: AnswerFiles | None = None
        self._candidates: Sequence[Candidate] = candidates
        self._runner: ToolRunner | None = None
        self._made: Counter[str] = Counter()
        self._ids: set[str] = set()
        self._end = StreamEnd("unknown")
        self._goes_in_circles = False
        self._booked: list[Future[None]] = []

    async def run(self) -> None:
        """Run the turn to its end.

        Raises:
            GearboxError: a model could not be asked, or failed; what there is then is the caller's to store.
        """
        said: tuple[NoticePart, ...] = ()
        for step in range(1, self._use.steps + 2):
            calls = await self._ask()
            if not calls:
                break
            if said:  # it was told to answer in words
                self._refuse(calls)
                await self._all_booked()
                break
            await self._steps(calls)
            said = self._enough(step)
            self._candidates = [self._told(each, in_words=bool(said)) for each in self._candidates]
            self._booking.next_round(step + 1, self._use)
        await self._booking.complete(*said)

    async def _ask(self) -> tuple[ToolCallPart, ...]:
        """Put the question to the model, again with each round; the calls that it makes."""
        ids: dict[int, str] = {}
        async with contextlib.aclosing(self._attempts.stream(self._candidates, self._booking, counts=False)) as items:
            async for item in items:
                await self._booking.take(self._noted(item, ids))
        self._ids.update(ids.values())
        return self._turn.calls()

    def _noted(self, item: Delta | AttemptEvent, ids: dict[int, str]) -> Delta | AttemptEvent:
        if isinstance(item, ToolCallDelta):
            if item.index not in ids:  # providers' own ids, unless they are taken: Gemini's carry its thoughts
                taken = not item.id or item.id in self._ids or item.id in ids.values()
                ids[item.index] = f"call_{uuid.uuid4().hex[:24]}" if taken else item.id
            return replace(item, id=ids[item.index])
        if isinstance(item, AnotherTry):
            self._candidates = from_the_one_asked(self._candidates, item)
        elif isinstance(item, TookOver):
            ids.clear()
        elif isinstance(item, StreamEnd):
            self._end = item
        return item

    async def _steps(self, calls: Sequence[ToolCallPart]) -> None:
        untrusted = self._use.untrusted | others_words(self._turn.parts())
        async with asyncio.TaskGroup() as group:
            for call in calls:
                group.create_task(self._step(call, untrusted))
        await self._all_booked()

    async def _step(self, call: ToolCallPart, untrusted: frozenset[str]) -> None:
        """Bring one call to its end. `untrusted` is what others wrote of what the model knew when it made it."""
        await loaded()
        runner = self._runner = self._runner or ToolRunner(self._use.tools, self._context())
        sound = runner.read(call, is_cut=self._end.reason == "length")
        if isinstance(sound, SoundCall):
            call = replace(call, arguments=sound.json())
            sound = self._unless_again(sound)
        if isinstance(sound, Refused):
            self._ended(call, ToolState.FAILED, refused(call.id, sound.why))
            return
        turn = self._turn
        if (why := await self._approvals.refusal(call, untrusted)) is not None:
            self._ended(call, ToolState.DENIED, refused(call.id, why))
            return
        call = replace(call, state=ToolState.RUNNING)
        turn.append(ToolCallChanged(call))
        result = await runner.run(
            call.id,
            sound,
            lambda line: turn.append(ToolProgress(call.id, line)),
            self._given(),
            partial(ask_person, turn, call.id),
        )
        self._ended(call, ToolState.FAILED if result.failed else ToolState.DONE, result)

    def _unless_again(self, call: SoundCall) -> SoundCall | Refused:
        made = f"{call.name} {json.dumps(call.arguments, sort_keys=True)}"
        self._made[made] += 1
        if self._made[made] <= SAME_CALLS:
            return call
        self._goes_in_circles = True
        return Refused(_AGAIN)

    def _refuse(self, calls: Sequence[ToolCallPart]) -> None:
        for call in calls:
            self._ended(call, ToolState.FAILED, refused(call.id, _OVER))

    def _ended(self, call: ToolCallPart, state: ToolState, result: ToolResultPart) -> None:
        self._turn.append(ToolCallChanged(replace(call, state=state)))
        self._turn.append(ToolEnded(result))
        tool = self._use.tools.get(call.name)
        if tool is None:  # a name that the model made up may be anybody's words: it goes into no book
            return
        begun = self._turn.begun
        ended = EndedToolCall(
            id=uuid.uuid4().hex,
            actor=self._actor,
            conversation_id=begun.conversation_id,
            turn_id=begun.turn_id,
            tool=call.name,
            origin=tool.origin,
            effect=tool.effect,
            state=state,
            started_at=utc_now() - timedelta(seconds=result.seconds or 0.0),
            seconds=result.seconds,
        )
        self._booked.append(self._store.activity.tool_ended(ended))

    async def _all_booked(self) -> None:
        booked, self._booked = self._booked, []
        await asyncio.gather(*map(asyncio.wrap_future, booked))

    def _enough(self, step: int) -> tuple[NoticePart, ...]:
        """Why the model has to answer in words now; empty while it need not."""
        if self._goes_in_circles:
            return (NoticePart("The model made the same call again and again, so it was asked to answer without."),)
        if step >= self._use.steps:
            return (NoticePart(f"The answer took {step} steps, as many as it may; then the model had to answer."),)
        budget, spent = self._use.budget, self._booking.spent
        if budget is not None and spent >= budget:
            why = f"The calls of this answer cost ${spent:.2f} of the ${budget:.2f} that tools may lead to"
            return (NoticePart(f"{why}; then the model had to answer."),)
        return ()

    def _told(self, candidate: Candidate, *, in_words: bool) -> Candidate:
        """What a model is asked next: the same, with what it said and what its calls gave."""
        request = candidate.request
        left = room_for(request.model.context_tokens) - sum(len(text_in(each)) for each in request.messages)
        said = of_reply(self._turn.round())
        share = max(_LEAST_CHARS, left // 2 // len(self._turn.calls()))  # half for them, the rest for what follows
        messages = (*request.messages, *(_fitting(each, share) for each in said))
        options = {**request.options, "tool_choice": "none"} if in_words else request.options
        intent = replace(candidate.intent, id=uuid.uuid4().hex, started_at=utc_now())
        return Candidate(replace(request, messages=messages, options=options), intent)

    @cached_property
    def _approvals(self) -> Approvals:
        return Approvals(self._store, self._turn, self._use, self._actor, patience=self._use.patience)

    def _context(self) -> ToolContext:
        actor, conversation_id = self._actor, self._turn.begun.conversation_id
        self._files = self._files_of(actor.user_id, conversation_id)
        return ToolContext(actor, conversation_id, self._use.attached, keep=self._files.keep)

    def _given(self) -> tuple[Attached, ...]:
        """The files that this answer's tools gave so far."""
        return self._files.attached(self._turn.parts()) if self._files else ()

    @property
    def _turn(self) -> AnswerTurn:
        assert self._booking.answer is not None, "no model has been asked yet"
        return self._booking.answer


def _fitting(message: ChatMessage, share: int) -> ChatMessage:
    """A result within its share of what the model reads; what people see of it stays whole."""
    content = message["content"]
    if message["role"] != "tool" or not isinstance(content, str) or len(content) <= share:
        return message
    cut = f"{content[:share]}\n[cut: the first {share:,} of {len(content):,} characters]"
    return {**message, "content": cut}

"""Runs the steps of a plan, those that don't wait for each other at the same time, and makes one reply of them."""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from core.chat.answer_files import AnswerFiles
from core.chat.composing.books import ReplyBooks
from core.chat.composing.composition import Composition
from core.chat.composing.material import material_of
from core.chat.composing.media import MediaSteps
from core.chat.composing.step_turn import StepBooking
from core.chat.composing.writing import WordSteps
from core.chat.kept_files import files_of
from core.chat.live import LiveTurn
from core.errors import GearboxError
from core.providers.attempts import Attempts
from core.providers.keys import error_kind
from data.values.calls import ErrorKind
from data.values.events import PlanAnswered, PlanAsked, StepChanged, StepProgress
from data.values.media import StoredBlob
from data.values.messages import MessageStatus
from data.values.parts import ErrorPart, NoticePart, Part, StepPart
from data.values.plans import Action, Plan, Step, StepState

if TYPE_CHECKING:
    from data.store import Store

log = logging.getLogger(__name__)

STEP_SECONDS = {Action.FILM: 1_800.0}
"""How long a step may take; a film is made while others wait for it."""

_STEP_SECONDS = 600.0
_WORDS = frozenset({Action.WRITE, Action.CHART})

_NOT_AGREED = NoticePart("Nothing was made: the plan was not agreed to.")

_NAMES = {
    Action.WRITE: "the text",
    Action.CHART: "the chart",
    Action.DRAW: "the picture",
    Action.EDIT: "the changed picture",
    Action.SPEAK: "the sound",
    Action.FILM: "the film",
}


class Composer:
    """One reply's. For one task.

    Args:
        books: where everything is committed, and viewers told.
        new: what is attached to the prompt, and may not be stored yet.
    """

    def __init__(
        self,
        attempts: Attempts,
        store: Store,
        composition: Composition,
        books: ReplyBooks,
        *,
        new: tuple[StoredBlob, ...] = (),
    ) -> None:
        self._attempts = attempts
        self._store = store
        self._composition = composition
        self._books = books
        self._new = new
        self._ended: dict[str, asyncio.Future[StepPart]] = {}

    async def run(self) -> None:
        """Make the reply, to its end.

        Raises:
            GearboxError: the person has too many answers in progress, or the store refused; a step that fails is part
                of the reply.
        """
        with self._attempts.answer(self._composition.asking.actor):
            turn = await self._books.begin()
            plan = await self._agreed(turn)
            if plan is None:
                self._skip_all(turn)
                await self._books.end(MessageStatus.STOPPED, _NOT_AGREED)
                return
            made = await self._make(turn, plan)
        status = MessageStatus.COMPLETE
        if not any(part.state is StepState.DONE for part in made.values()):
            status = MessageStatus.FAILED
        await self._books.end(status)

    async def _agreed(self, turn: LiveTurn) -> Plan | None:
        """The plan as the person wants it, where they are asked; None where they don't, or say nothing for too long."""
        plan, patience = self._composition.plan, self._composition.patience
        if patience is None:
            return plan
        key = f"plan-{uuid.uuid4().hex}"
        with turn.questions.asking(key) as said:
            turn.append(PlanAsked(key, plan))
            try:
                async with asyncio.timeout(patience):
                    answer = await said
            except TimeoutError:
                answer = None
            except asyncio.CancelledError:  # stopped, or the person said something else: nothing of it was begun
                self._skip_all(turn)
                raise
            finally:
                turn.append(PlanAnswered(key))
        if not isinstance(answer, Plan):
            return None
        kept = {step.id for step in answer.steps}
        for step in plan.steps:
            if step.id not in kept:
                turn.append(StepChanged(StepPart(step, StepState.SKIPPED, problem=_left_out())))
        for step in answer.steps:
            turn.append(StepChanged(StepPart(step, StepState.WAITING)))
        return answer

    def _skip_all(self, turn: LiveTurn) -> None:
        for step in self._composition.plan.steps:
            turn.append(StepChanged(StepPart(step, StepState.SKIPPED)))

    async def _make(self, turn: LiveTurn, plan: Plan) -> Mapping[str, StepPart]:
        loop = asyncio.get_running_loop()
        made = self._composition.made
        self._ended = {step.id: loop.create_future() for step in plan.steps}
        makers = self._makers(turn, plan)
        async with asyncio.TaskGroup() as group:
            for step in plan.steps:
                if step.id in made:
                    self._ended[step.id].set_result(made[step.id])
                else:
                    group.create_task(self._step(turn, step, makers))
        return {step_id: ended.result() for step_id, ended in self._ended.items()}

    def _makers(self, turn: LiveTurn, plan: Plan) -> tuple[WordSteps, MediaSteps]:
        composition, conversation_id = self._composition, turn.begun.conversation_id
        actor = composition.asking.actor
        files = files_of(self._store, actor.user_id, conversation_id, self._new)
        asking = replace(composition.asking, conversation_id=conversation_id, files=files)
        others = {step.action for step in plan.steps} - {Action.WRITE}
        words = WordSteps(self._attempts, self._store, asking, composition.choices, composition.resolve, others)
        keep = AnswerFiles(self._store, actor.user_id, conversation_id).keep
        media = MediaSteps(self._attempts, self._store, composition.operation, actor, conversation_id, keep)
        return words, media

    async def _step(self, turn: LiveTurn, step: Step, makers: tuple[WordSteps, MediaSteps]) -> None:
        """Bring one step to its end, whatever comes; told to viewers, and to the steps that wait for it."""
        used = [await asyncio.shield(self._ended[each]) for each in step.uses]
        missing = [each.step for each in used if each.state is not StepState.DONE]
        if missing:
            self._end(turn, StepPart(step, StepState.SKIPPED, problem=_needs(missing)))
            return
        began = time.monotonic()
        booking = self._books.of_step(turn, step.id)
        turn.append(StepChanged(StepPart(step, StepState.RUNNING, model=step.model)))

        def ended(state: StepState, parts: tuple[Part, ...], problem: ErrorPart | None = None) -> StepPart:
            took = round(time.monotonic() - began, 3)
            return StepPart(step, state, parts, booking.model or step.model, booking.cost, took, problem)

        done = {part.step.id: part for part in used}
        try:
            async with asyncio.timeout(STEP_SECONDS.get(step.action, _STEP_SECONDS)):
                parts = await self._made(turn, step, done, booking, makers)
        except TimeoutError:
            late = ErrorPart(ErrorKind.TIMEOUT, "It took too long, so it was given up.", "Try it again.")
            self._end(turn, ended(StepState.FAILED, booking.turn.parts(), late))
        except GearboxError as error:
            why = ErrorPart(error_kind(error), str(error), error.remedy)
            self._end(turn, ended(StepState.FAILED, booking.turn.parts(), why))
        except asyncio.CancelledError:
            turn.append(StepChanged(ended(StepState.STOPPED, booking.turn.parts())))
            raise
        except Exception:
            log.exception("a step of a reply could not be made")
            why = ErrorPart(ErrorKind.INTERNAL, "Gearbox failed to make this part.", "Try it again.")
            self._end(turn, ended(StepState.FAILED, booking.turn.parts(), why))
        else:
            self._end(turn, ended(StepState.DONE, parts))

    async def _made(
        self,
        turn: LiveTurn,
        step: Step,
        done: Mapping[str, StepPart],
        booking: StepBooking,
        makers: tuple[WordSteps, MediaSteps],
    ) -> tuple[Part, ...]:
        words, media = makers
        material = material_of(step, done)
        if step.action in _WORDS:
            return await words.make(step, material, booking)
        return await media.make(step, material, booking, partial(_say, turn, step.id))

    def _end(self, turn: LiveTurn, part: StepPart) -> None:
        turn.append(StepChanged(part))
        self._ended[part.step.id].set_result(part)


def _say(turn: LiveTurn, step_id: str, line: str) -> None:
    turn.append(StepProgress(step_id, line))


def _needs(missing: list[Step]) -> ErrorPart:
    names = " and ".join(dict.fromkeys(_NAMES[step.action] for step in missing))
    return ErrorPart(ErrorKind.INTERNAL, f"It needs {names}, which could not be made.", "Try that part again first.")


def _left_out() -> ErrorPart:
    return ErrorPart(ErrorKind.INTERNAL, "You left this part out.", "")

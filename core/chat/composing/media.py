"""Steps that other models than chat models make: pictures, sounds and films."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from core.chat.composing.composition import Operation
from core.chat.composing.material import (
    Material,
    drawn_from,
    heard,
    is_longer,
    pictures_of,
    spoken_pieces,
)
from core.chat.composing.orders import words_of
from core.chat.composing.step_turn import StepBooking
from core.errors import GearboxError
from core.providers.attempts import Attempts
from core.tools.kept import kept_film, kept_picture, kept_sound
from core.tools.tool import Keep
from data.values.actor import Actor
from data.values.operations import (
    FilmProgress,
    ImageEditRequest,
    ImageRequest,
    Media,
    SpeechRequest,
    VideoRequest,
    Wanted,
)
from data.values.parts import NoticePart, Part
from data.values.plans import Action, Step
from data.values.results import Film, OperationResult, Pictures, Sound

if TYPE_CHECKING:
    from data.store import Store

VOICE = "alloy"
"""OpenAI's, which most servers of its wire format know."""

MOST_PICTURES = 10
"""Pictures that one edit takes; gpt-image takes 16, Gemini and most others fewer."""


@dataclass(frozen=True, slots=True)
class MediaSteps:
    """Makes the steps of one reply that are no words. On an event loop.

    Args:
        operation: what is to be done by a model, and how it is booked.
        keep: where what they give is kept.
    """

    attempts: Attempts
    store: Store
    operation: Operation
    actor: Actor
    conversation_id: str
    keep: Keep

    async def make(
        self, step: Step, material: Material, booking: StepBooking, say: Callable[[str], None]
    ) -> tuple[Part, ...]:
        """What a step gives; `say` hears how far it is.

        Raises:
            GearboxError: it can't be made, or what came can't be kept.
        """
        match step.action:
            case Action.DRAW:
                return await self._pictures(step, ImageRequest(drawn_from(step, material)), booking)
            case Action.EDIT:
                images = await self._given(material)
                return await self._pictures(step, ImageEditRequest(step.instruction, images[:MOST_PICTURES]), booking)
            case Action.SPEAK:
                return await self._sounds(step, material, booking, say)
            case Action.FILM:
                return await self._film(step, material, booking, say)
            case _:
                raise AssertionError(f"{step.action} is made in words")

    async def _pictures(
        self, step: Step, wanted: ImageRequest | ImageEditRequest, booking: StepBooking
    ) -> tuple[Part, ...]:
        made = (await self._perform(step, wanted, booking)).output
        assert isinstance(made, Pictures)
        caption = words_of(step.instruction)
        parts = [await asyncio.to_thread(kept_picture, each.data, self.keep, caption) for each in made.images]
        if not parts:
            raise GearboxError(f"{step.model} drew nothing.", "Try it again, or with another model.")
        return tuple(parts)

    async def _sounds(
        self, step: Step, material: Material, booking: StepBooking, say: Callable[[str], None]
    ) -> tuple[Part, ...]:
        text = material.text or step.instruction
        manner = step.instruction if material.text else None
        pieces = spoken_pieces(text)
        if not pieces:
            raise GearboxError("There is no text that could be read aloud.", "Say what is to be spoken.")
        parts: list[Part] = []
        for number, piece in enumerate(pieces, 1):
            if len(pieces) > 1:
                say(f"{number} of {len(pieces)}")
            wanted = SpeechRequest(piece, VOICE, instructions=manner)
            made = (await self._perform(step, wanted, booking)).output
            assert isinstance(made, Sound)
            parts.append(await asyncio.to_thread(kept_sound, made.audio.data, self.keep, piece))
        if is_longer(text, pieces):
            left = len(heard(text)) - sum(map(len, pieces))
            parts.append(NoticePart(f"The last {left:,} characters are not read aloud: the text is too long."))
        return tuple(parts)

    async def _film(
        self, step: Step, material: Material, booking: StepBooking, say: Callable[[str], None]
    ) -> tuple[Part, ...]:
        image = (await self._given(material))[0] if material.pictures else None
        wanted = VideoRequest(drawn_from(step, material), image=image)

        def told(progress: FilmProgress) -> None:
            say(f"{progress.percent}%")

        made = (await self._perform(step, wanted, booking, told)).output
        assert isinstance(made, Film)
        film, caption = made.video, words_of(step.instruction)
        return (await asyncio.to_thread(kept_film, film.data, film.media_type, self.keep, caption),)

    async def _given(self, material: Material) -> tuple[Media, ...]:
        return await asyncio.to_thread(pictures_of, material, self.store, self.actor.user_id, self.conversation_id)

    async def _perform(
        self,
        step: Step,
        wanted: Wanted,
        booking: StepBooking,
        told: Callable[[FilmProgress], None] | None = None,
    ) -> OperationResult:
        request, intent = await asyncio.to_thread(self.operation, self.actor, step.model, wanted)
        if told is not None:
            request = replace(request, told=told)
        return await self.attempts.perform(request, intent, booking, counts=False)
